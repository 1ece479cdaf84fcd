//! Secrets that open something: made by us, shown once, kept as hashes.

use argon2::password_hash::rand_core::{OsRng, RngCore as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A secret of 256 random bits, as text. It has no `Debug`, so that no log shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one; `kind` begins it, so that people and scanners know what they found.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        let mut bytes = [0; 32];
        OsRng.fill_bytes(&mut bytes);
        Self(format!("{kind}_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// One that was presented.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, to be shown to its owner once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it. A fast hash is enough: nobody guesses 256 bits.
    #[must_use]
    pub fn hash(&self) -> String {
        store::documents::sha256(self.0.as_bytes())
    }
}

/// A password for the first sign-in, easy to read out: 20 letters and digits that are not mistaken for one another.
#[must_use]
pub fn one_time_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let mut bytes = [0; 20];
    OsRng.fill_bytes(&mut bytes);
    let mut text = String::with_capacity(24);
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_secrets_are_alike_and_each_has_one_hash() {
        let (one, two) = (Secret::new("hatt"), Secret::new("hatt"));
        assert!(one.reveal().starts_with("hatt_") && one.reveal().len() == 48, "{}", one.reveal());
        assert_ne!(one.hash(), two.hash());
        assert_eq!(Secret::presented(one.reveal()).hash(), one.hash());
        assert_ne!(one_time_password(), one_time_password());
        assert_eq!(one_time_password().len(), 23);
    }
}
