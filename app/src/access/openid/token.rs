//! What an identity token must be, before anybody is taken for the one that it names.

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Header, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

/// Seconds that the clocks of provider and server may differ by.
const LEEWAY: u64 = 60;
/// The longest name that is taken (`OpenID` Connect Core §2).
const LONGEST: usize = 255;

/// Why an identity token is not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Fault {
    /// It cannot be read, or lacks what it must have.
    Malformed,
    /// It is not signed, or by a shared secret.
    Algorithm,
    /// It is signed by a key that the provider does not publish.
    UnknownKey,
    /// The signature is not that of the key.
    Signature,
    /// Another provider made it.
    Issuer,
    /// It was made for another installation.
    Audience,
    /// It has ended, or is not yet to be used.
    Expired,
    /// It was made for another try.
    Nonce,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    /// Who made it.
    pub(super) issuer: &'a str,
    /// For whom.
    pub(super) client_id: &'a str,
    /// For which try.
    pub(super) nonce: &'a str,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    azp: Option<String>,
    nonce: Option<String>,
}

/// The header of a token, which nothing vouches for yet. Only what a public key verifies goes on.
pub(super) fn header(token: &str) -> Result<Header, Fault> {
    // `none`, and whatever else the library has no name for, is no value of the field.
    let unnamed = |error: &Error| matches!(error.kind(), ErrorKind::Json(error) if error.is_data());
    let header =
        decode_header(token).map_err(|error| if unnamed(&error) { Fault::Algorithm } else { Fault::Malformed })?;
    if header.alg.family() == AlgorithmFamily::Hmac { Err(Fault::Algorithm) } else { Ok(header) }
}

/// The subject of a token that is all that it must be.
pub(super) fn verified(
    token: &str,
    header: &Header,
    key: &DecodingKey,
    expected: &Expected<'_>,
) -> Result<String, Fault> {
    let claims = decode::<Claims>(token, key, &validation(header.alg, expected)).map_err(|error| fault(&error))?.claims;
    // The library takes a list of issuers for one that holds the right one.
    if claims.iss != expected.issuer {
        return Err(Fault::Issuer);
    }
    let several = claims.aud.as_array().is_some_and(|all| all.len() > 1);
    if claims.azp.as_deref().map_or(several, |azp| azp != expected.client_id) {
        return Err(Fault::Audience);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Fault::Nonce);
    }
    if claims.sub.trim().is_empty() || claims.sub.len() > LONGEST {
        return Err(Fault::Malformed);
    }
    Ok(claims.sub)
}

fn validation(algorithm: Algorithm, expected: &Expected<'_>) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_audience(&[expected.client_id]);
    validation.set_issuer(&[expected.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the library's list grows, and the rest is not told apart")]
fn fault(error: &Error) -> Fault {
    match error.kind() {
        ErrorKind::InvalidSignature => Fault::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm | ErrorKind::InvalidAlgorithmName => {
            Fault::Algorithm
        }
        ErrorKind::ExpiredSignature | ErrorKind::ImmatureSignature => Fault::Expired,
        ErrorKind::InvalidIssuer => Fault::Issuer,
        ErrorKind::InvalidAudience => Fault::Audience,
        _ => Fault::Malformed,
    }
}
