//! The event store on SQLite and on PostgreSQL: one suite, run on each.
//!
//! The commands are those of the domain; the read models are small ones made for these tests.

extern crate hatchery_store as store;

#[macro_use]
mod harness;
mod models;

mod checkpoints;
mod feed;
mod groups;
mod nodes;
mod random_history;
mod rebuilding;
