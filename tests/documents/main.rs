//! The pages of docs/ that make claims about tests, held against the tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod lifecycle;
mod requirements;
mod sources;
mod store;
