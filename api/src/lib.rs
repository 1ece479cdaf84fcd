//! The REST API: resources, problem documents and the `OpenAPI` description.
//!
//! A resource is one file: path, bodies, handlers, `routes()`. It stands on these modules:
//!
//! | what | where |
//! |---|---|
//! | path keys, query, body, headers | [`keys`], [`query`], [`body`], [`headers`] |
//! | lists and cursors | [`page`] |
//! | answers with `ETag`, position, `Location` | [`answer`] |
//! | errors | [`problem`] |
//! | lists as spreadsheets | [`export`] |
//! | what is recorded of refusals | [`audit`] |
//! | shared answers in the document | [`openapi`] |
//! | the whole, with its layers | [`router`] |

pub mod accept;
pub mod access;
pub mod answer;
pub mod audit;
pub mod body;
pub mod cors;
pub mod export;
pub mod headers;
pub mod idempotent;
mod kept;
pub mod keys;
pub mod language;
pub mod layers;
pub mod metrics;
pub mod moment;
pub mod openapi;
pub mod page;
pub mod papers;
pub mod people;
pub mod problem;
pub mod query;
pub mod readiness;
pub mod resources;
pub mod router;
pub mod schema;
pub mod service;
pub mod state;
#[cfg(test)]
mod testing;
