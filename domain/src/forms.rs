//! The printed forms and the content of recorded facts.
//!
//! These are value objects: they stand in events as they were handed in, and describe themselves in the
//! OpenAPI document, so each form is written down once.

pub mod annex1;
pub mod annex2;
pub(crate) mod check;
pub mod facts;
pub mod samples;

#[cfg(test)]
mod bounds;
