//! The event store: streams, the grouped append and the ordered feed, on SQLite and PostgreSQL.
//!
//! ```text
//! command ─▶ Store::execute ─▶ appender ─▶ one transaction: head row, events, keys, read models ─▶ answer
//!                                             └─▶ feed by position ─▶ projector, other readers
//! ```
//!
//! The tables and the readers of single streams are those of `postgres-es` and `sqlite-es`; the write path is
//! our own, because theirs appends one stream, never retries and gives no answer.

pub mod access;
mod append;
mod appender;
pub mod audit;
pub mod backup;
pub mod chain;
pub mod codec;
pub mod db;
pub mod documents;
pub mod erasures;
pub mod error;
pub mod es;
pub mod feed;
pub mod folding;
mod follower;
pub mod idempotency;
pub mod import;
pub mod persons;
pub mod projection;
pub mod projector;
mod rebuild;
pub mod sql;
mod streams;
mod table;
pub mod testing;
mod warm;
mod wide;

mod store;

pub use append::{Committed, EventRef, Shown};
pub use appender::{Submission, Work};
pub use db::{Db, DbUrl};
pub use error::{ExecuteError, Outcome, StoreError};
pub use feed::Feed;
pub use folding::Folding;
pub use follower::Follows;
pub use projection::{AnyModel, Column, ColumnKind, Model, Poison, ReadModel, Rows, TableDef, Touch, Value, Wall};
pub use projector::Checkpoint;
pub use store::{Store, StoreConfig};
