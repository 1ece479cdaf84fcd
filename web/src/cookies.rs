//! The cookies of the pages, beside the API's own of the sign-in.

use axum::http::{HeaderMap, HeaderValue, header};

/// What tokens of forms are made with, for one browser.
pub(crate) const FORM: &str = "__Host-hatchery-form";
/// Which of the account's roles the visitor has chosen.
pub(crate) const OFFICE: &str = "__Host-hatchery-office";
/// The language chosen.
pub(crate) const LANGUAGE: &str = "__Host-hatchery-language";

/// A year: how long a language stays chosen.
pub(crate) const YEAR: u32 = 365 * 24 * 60 * 60;

/// The value of a cookie.
pub(crate) fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// A cookie of this host alone, never shown to scripts, never sent from other sites; until the browser closes where no
/// age is given.
pub(crate) fn set(name: &str, value: &str, seconds: Option<u32>) -> Option<HeaderValue> {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    HeaderValue::try_from(format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{age}")).ok()
}
