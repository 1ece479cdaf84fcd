//! The event store on SQLite and on PostgreSQL: one suite, run on each.
//!
//! The commands are those of the domain; the read models are small ones made for these tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

extern crate hatchery_store as store;

#[macro_use]
mod harness;
mod models;
mod proxy;

mod access;
mod checkpoints;
mod cqrs;
mod erasing;
mod feed;
mod followers;
mod groups;
mod idempotency;
mod import;
mod nodes;
mod outage;
mod persons_and_documents;
mod random_history;
mod rebuilding;
mod setup;
mod tampering;
mod trail;
mod upcasting;
mod walled;
