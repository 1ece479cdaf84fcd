//! Keys of the provider, and tokens signed with them: as they should be, and as they should not.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

/// Made for these tests, and used nowhere else.
const RSA: &[u8] = include_bytes!("rsa-2048-for-tests.pk8");

/// A key with the name that it is published by.
pub(crate) struct Signing {
    pub(crate) kid: Option<String>,
    algorithm: &'static str,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    /// A shared secret, e.g. the text of a public key.
    Shared(Vec<u8>),
    Nothing,
}

impl Signing {
    pub(crate) fn rsa(algorithm: &'static str) -> Self {
        Self { kid: Some("rsa-1".to_owned()), algorithm, key: Key::Rsa(RsaKeyPair::from_pkcs8(RSA).unwrap()) }
    }

    /// A new key on an elliptic curve.
    pub(crate) fn elliptic(algorithm: &'static str, kid: &str) -> Self {
        let curve = match algorithm {
            "ES256" => &ECDSA_P256_SHA256_FIXED_SIGNING,
            _ => &ECDSA_P384_SHA384_FIXED_SIGNING,
        };
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(curve, pair.as_ref(), &random).unwrap();
        Self { kid: Some(kid.to_owned()), algorithm, key: Key::Ec(pair) }
    }

    pub(crate) fn edwards(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let pair = Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
        Self { kid: Some(kid.to_owned()), algorithm: "EdDSA", key: Key::Ed(pair) }
    }

    /// By a shared secret.
    pub(crate) fn shared(secret: &[u8]) -> Self {
        Self { kid: Some("rsa-1".to_owned()), algorithm: "HS256", key: Key::Shared(secret.to_owned()) }
    }

    /// Not at all.
    pub(crate) fn none() -> Self {
        Self { kid: Some("rsa-1".to_owned()), algorithm: "none", key: Key::Nothing }
    }

    /// Says that it was another key.
    pub(crate) fn named(self, kid: Option<&str>) -> Self {
        Self { kid: kid.map(str::to_owned), ..self }
    }

    /// Says that it was another algorithm.
    pub(crate) fn called(self, algorithm: &'static str) -> Self {
        Self { algorithm, ..self }
    }

    /// The public key as a provider publishes it.
    pub(crate) fn published(&self) -> Value {
        let kid = self.kid.as_deref();
        match &self.key {
            Key::Rsa(pair) => {
                let (n, e) = modulus_and_exponent(pair);
                json!({ "kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": e })
            }
            Key::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if x.len() == 32 { "P-256" } else { "P-384" };
                let alg = if x.len() == 32 { "ES256" } else { "ES384" };
                json!({ "kty": "EC", "alg": alg, "kid": kid, "crv": curve, "x": URL.encode(x), "y": URL.encode(y) })
            }
            Key::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": URL.encode(pair.public_key().as_ref()) })
            }
            Key::Shared(_) | Key::Nothing => panic!("it has no public key"),
        }
    }

    /// The public key as text, as somebody takes it who takes it for a shared secret.
    pub(crate) fn public_text(&self) -> Vec<u8> {
        self.published()["n"].as_str().unwrap().as_bytes().to_owned()
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        let header = match &self.kid {
            Some(kid) => json!({ "alg": self.algorithm, "typ": "JWT", "kid": kid }),
            None => json!({ "alg": self.algorithm, "typ": "JWT" }),
        };
        let message = format!("{}.{}", URL.encode(header.to_string()), URL.encode(claims.to_string()));
        let bytes = message.as_bytes();
        let signature = match &self.key {
            Key::Rsa(pair) => {
                let by: &dyn ring::signature::RsaEncoding = match self.algorithm {
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(by, &SystemRandom::new(), bytes, &mut signature).unwrap();
                signature
            }
            Key::Ec(pair) => pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_owned(),
            Key::Ed(pair) => pair.sign(bytes).as_ref().to_owned(),
            Key::Shared(secret) => hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), bytes).as_ref().to_owned(),
            Key::Nothing => Vec::new(),
        };
        format!("{message}.{}", URL.encode(signature))
    }
}

/// Both parts of the public key.
fn modulus_and_exponent(pair: &RsaKeyPair) -> (String, String) {
    let key = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
    (URL.encode(key.n), URL.encode(key.e))
}
