//! Tokens of forms (S6): an HMAC over the sign-in, keyed by a secret of the browser. Another site knows neither.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Bytes of a browser's secret.
const BYTES: usize = 32;

/// A new secret for a browser.
pub(crate) fn new_key() -> String {
    let mut bytes = [0; BYTES];
    if let Err(cause) = getrandom::fill(&mut bytes) {
        // Without randomness there is no token that anybody could hold, and no form is taken.
        tracing::error!(%cause, "the system gives no randomness");
        return String::new();
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a text can be a browser's secret.
pub(crate) fn is_key(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == BYTES)
}

fn mac(key: &str, sign_in: Option<&str>) -> Option<Hmac<Sha256>> {
    if !is_key(key) {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(b"form\n");
    mac.update(sign_in.unwrap_or_default().as_bytes());
    Some(mac)
}

/// The token of a browser in a sign-in; empty, which nobody holds, where there is no secret.
pub(crate) fn of(key: &str, sign_in: Option<&str>) -> String {
    mac(key, sign_in).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// Whether a token is that of a browser in a sign-in; takes the same time wherever it differs.
pub(crate) fn is(key: &str, sign_in: Option<&str>, given: &str) -> bool {
    let (Some(mac), Ok(given)) = (mac(key, sign_in), URL_SAFE_NO_PAD.decode(given)) else { return false };
    mac.verify_slice(&given).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s6_a_token_is_of_one_browser_in_one_sign_in() {
        let (key, other) = (new_key(), new_key());
        let token = of(&key, Some("secret"));
        assert!(is(&key, Some("secret"), &token));
        assert!(!is(&other, Some("secret"), &token));
        assert!(!is(&key, Some("another"), &token));
        assert!(!is(&key, None, &token));
        assert!(!is(&key, Some("secret"), ""));
    }

    #[test]
    fn without_a_secret_there_is_no_token_to_hold() {
        assert_eq!(of("", None), "");
        assert!(!is("", None, ""));
        assert!(!is("short", None, &of("short", None)));
    }
}
