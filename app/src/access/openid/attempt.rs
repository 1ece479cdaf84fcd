//! One try to sign in: a secret and the second that it began in, kept by the browser and by nobody else.
//!
//! State, nonce and verifier are hashes of it. Who changes the time in the cookie changes the nonce with it, which then
//! is not the one that the provider has signed.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{SHA256, digest};

use crate::access::secrets::Secret;

/// How long somebody may take to sign in at the provider.
pub const LASTS: TimeDelta = TimeDelta::minutes(10);
/// The longest cookie that is looked at.
const LONGEST: usize = 100;

/// A try.
pub(super) struct Attempt {
    cookie: Secret,
    begun_at: DateTime<Utc>,
}

/// What a try is made of, beside the code.
pub(super) struct Derived {
    /// Binds the callback to the browser.
    pub(super) state: String,
    /// Binds the identity token to the try.
    pub(super) nonce: String,
    /// Binds the code to the try (PKCE).
    pub(super) verifier: String,
}

impl Attempt {
    /// A new one.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        let cookie = format!("{}.{}", Secret::new("hato").reveal(), now.timestamp());
        Self { cookie: Secret::presented(&cookie), begun_at: now }
    }

    /// The one of a cookie, if it is of that form.
    pub(super) fn presented(cookie: &Secret) -> Option<Self> {
        let (secret, begun) = cookie.reveal().split_once('.')?;
        if !secret.starts_with("hato_") || cookie.reveal().len() > LONGEST {
            return None;
        }
        let begun_at = DateTime::from_timestamp(begun.parse().ok()?, 0)?;
        Some(Self { cookie: cookie.clone(), begun_at })
    }

    /// What the browser keeps.
    pub(super) fn into_cookie(self) -> Secret {
        self.cookie
    }

    /// Whether it has not ended, nor is to begin.
    pub(super) fn holds(&self, now: DateTime<Utc>) -> bool {
        // Nodes may differ by some seconds.
        self.begun_at - TimeDelta::minutes(1) <= now && now < self.ends_at()
    }

    /// When it ends.
    pub(super) fn ends_at(&self) -> DateTime<Utc> {
        self.begun_at + LASTS
    }

    /// What it is known by once it was used.
    pub(super) fn hash(&self) -> String {
        self.cookie.hash()
    }

    /// What it is made of.
    pub(super) fn derived(&self) -> Derived {
        let of = |what: &str| encoded(format!("hatchery openid {what} {}", self.cookie.reveal()).as_bytes());
        Derived { state: of("state"), nonce: of("nonce"), verifier: of("verifier") }
    }
}

/// What the provider is told of the verifier beforehand.
pub(super) fn challenge(verifier: &str) -> String {
    encoded(verifier.as_bytes())
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_that_of_rfc_7636() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_cookie_brings_back_the_same_try_and_another_time_another_one() {
        let now = "2026-07-01T04:00:00.7Z".parse().unwrap();
        let attempt = Attempt::new(now);
        let state = attempt.derived().state;
        let cookie = attempt.into_cookie();
        let again = Attempt::presented(&cookie).unwrap();
        assert_eq!(again.derived().state, state);
        assert!((43..=128).contains(&again.derived().verifier.len()), "RFC 7636 §4.1");
        assert!(again.holds(now) && !again.holds(now + LASTS) && !again.holds(now - TimeDelta::minutes(2)));

        let (secret, begun) = cookie.reveal().split_once('.').unwrap();
        let later = format!("{secret}.{}", begun.parse::<i64>().unwrap() + 60);
        let later = Attempt::presented(&Secret::presented(&later)).unwrap();
        assert_ne!(later.derived().nonce, again.derived().nonce);
    }

    #[test]
    fn what_is_no_cookie_of_a_try_is_none() {
        for text in
            ["", "hato_x", "hats_x.1", "hato_x.y", "hato_x.99999999999999999", &format!("hato_{}.1", "x".repeat(100))]
        {
            assert!(Attempt::presented(&Secret::presented(text)).is_none(), "{text}");
        }
    }
}
