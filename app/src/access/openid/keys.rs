//! The public keys of a provider, and which of them a token is to be tried with.

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, Header};
use serde::Deserialize;
use serde_json::Value;

/// Keys as a provider publishes them.
#[derive(Debug, Deserialize)]
pub(super) struct Published {
    keys: Vec<Value>,
}

/// The keys of a provider that can be used.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<Jwk>);

impl From<Published> for Keys {
    /// One that is not understood does not take the others away.
    fn from(published: Published) -> Self {
        Self(published.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
    }
}

impl Keys {
    /// The key that a token says it is signed with; where it says nothing, the only one that it can be.
    pub(super) fn find(&self, header: &Header) -> Option<DecodingKey> {
        let mut all = self.0.iter().filter(|key| fits(key, header));
        let key = if header.kid.is_some() {
            all.find(|key| key.common.key_id == header.kid)?
        } else {
            let only = all.next()?;
            if all.next().is_some() {
                return None;
            }
            only
        };
        DecodingKey::from_jwk(key).ok()
    }
}

/// Whether a key is for signatures of that kind.
fn fits(key: &Jwk, header: &Header) -> bool {
    let family = match &key.algorithm {
        AlgorithmParameters::RSA(_) => AlgorithmFamily::Rsa,
        AlgorithmParameters::EllipticCurve(_) => AlgorithmFamily::Ec,
        AlgorithmParameters::OctetKeyPair(_) => AlgorithmFamily::Ed,
        // Whatever is symmetric or new is no public key that we could try.
        AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_) | _ => return false,
    };
    let signs = key.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
    let same = key.common.key_algorithm.is_none_or(|algorithm| algorithm == KeyAlgorithm::from(header.alg));
    family == header.alg.family() && signs && same
}
