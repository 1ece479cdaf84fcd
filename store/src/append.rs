//! The append: one group of decisions in one transaction, under the head row.

pub(crate) mod batch;
pub(crate) mod ride;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::ids::DecisionId;
use domain::world::BalanceChange;
use domain::{RecordedEvent, StreamId};
use serde_json::json;

use crate::db::{Tx, signed};
use crate::error::StoreError;
use crate::on_tx;
use crate::persons::Person;
use crate::projection::{AnyRow, Changes, ReadModel, TableDef};

/// One event of a committed decision, as an answer names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EventRef {
    /// Name of the event.
    pub event_type: String,
    /// Its stream, `kind:id`.
    pub stream: String,
    /// The stream's version after it.
    pub version: u64,
    /// Its position.
    pub position: u64,
}

/// What became of an accepted command.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The decision.
    pub decision_id: DecisionId,
    /// Its events.
    pub events: Vec<EventRef>,
    /// The position of its last event.
    pub position: u64,
    /// Class counts before and after, for decisions on classes.
    pub balance: Option<BalanceChange>,
    /// The answer given before, where the same idempotency key had been answered.
    pub replayed: Option<String>,
    /// Whether the key had been used before; then nothing was appended now.
    pub repeated: bool,
    /// Whether every read model shows it already; those that stopped do not count.
    pub visible: bool,
    /// What it and the commands of its group wrote, where every read model shows it.
    pub shown: Shown,
}

/// Rows as they were just written: what a read would answer now.
#[derive(Debug, Clone, Default)]
pub struct Shown(Arc<BTreeMap<(&'static str, String), AnyRow>>);

impl Shown {
    pub(crate) fn of(tables: &[(TableDef, Changes)]) -> Self {
        let rows = tables.iter().flat_map(|(table, changes)| {
            changes.written.iter().map(|written| ((table.name, written.key.clone()), Arc::clone(&written.row)))
        });
        Self(Arc::new(rows.collect()))
    }

    /// The row of this key, if it was written.
    #[must_use]
    pub fn row<M: ReadModel>(&self, key: &str) -> Option<Arc<M::Row>> {
        Arc::clone(self.0.get(&(M::TABLE.name, key.to_owned()))?).downcast().ok()
    }
}

/// A decision that is ready to be written.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    /// Events without positions yet (0).
    pub(crate) events: Vec<RecordedEvent>,
    pub(crate) key: String,
    /// Whether somebody may come again with the key; otherwise it is not kept.
    pub(crate) keyed: bool,
    pub(crate) fingerprint: String,
    pub(crate) persons: Vec<Person>,
}

/// A key that was committed before.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct FoundKey {
    pub(crate) key: String,
    pub(crate) fingerprint: String,
    pub(crate) decision_id: String,
    pub(crate) first_position: i64,
    pub(crate) last_position: i64,
    pub(crate) answer: Option<String>,
}

/// Where the log ends, and how often the set of read models that ride along has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Head {
    #[sqlx(try_from = "i64")]
    pub(crate) position: u64,
    /// Raised, under the head row, by whatever lets a model ride along or leaves one behind: while it stays the
    /// same, the models that stood at the head still do.
    pub(crate) epoch: i64,
}

/// Takes the head row. Nobody else appends until the transaction ends.
pub(crate) async fn take_head(tx: &mut Tx) -> Result<Head, StoreError> {
    let sql = match tx {
        Tx::Sqlite(_) => "SELECT position, epoch FROM head WHERE id = 1",
        Tx::Postgres(_) => "SELECT position, epoch FROM head WHERE id = 1 FOR UPDATE",
    };
    Ok(on_tx!(tx, conn => sqlx::query_as(sql).fetch_one(conn).await)?)
}

/// Tells every node that the set of models that ride along is another now. The head row is held.
pub(crate) async fn raise_epoch(tx: &mut Tx) -> Result<(), StoreError> {
    tx.run("UPDATE head SET epoch = epoch + 1 WHERE id = 1").await
}

/// Those of `keys` that were committed before. Runs after the head row was taken, in a statement of its own:
/// at READ COMMITTED a statement that waited for the row would still see what was there before it waited.
pub(crate) async fn find_keys(tx: &mut Tx, keys: &[&str]) -> Result<Vec<FoundKey>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let list = match tx {
        Tx::Sqlite(_) => "SELECT value FROM json_each($1)",
        Tx::Postgres(_) => "SELECT jsonb_array_elements_text($1::jsonb)",
    };
    let sql = format!(
        "SELECT key, fingerprint, decision_id, first_position, last_position, answer FROM idempotency WHERE key IN ({list})"
    );
    Ok(on_tx!(tx, conn => sqlx::query_as(&sql).bind(json!(keys).to_string()).fetch_all(conn).await)?)
}

/// Those of the decisions, placed in the log when the outcome became unknown, that stand there. Runs like
/// [`find_keys`].
pub(crate) async fn find_decisions<'r>(
    tx: &mut Tx,
    decisions: impl Iterator<Item = &'r Ready> + Send,
) -> Result<Vec<FoundKey>, StoreError> {
    let mut found = Vec::new();
    for ready in decisions {
        let (Some(first), Some(last)) = (ready.events.first(), ready.events.last()) else { continue };
        let known = FoundKey {
            key: ready.key.clone(),
            fingerprint: ready.fingerprint.clone(),
            decision_id: first.meta.decision_id.to_string(),
            first_position: signed(first.position),
            last_position: signed(last.position),
            answer: None,
        };
        let sql = "SELECT metadata ->> 'decision_id' FROM events WHERE position = $1";
        let stands: Option<(String,)> =
            on_tx!(tx, conn => sqlx::query_as(sql).bind(known.first_position).fetch_optional(conn).await)?;
        if stands.is_some_and(|(decision_id,)| decision_id == known.decision_id) {
            found.push(known);
        }
    }
    Ok(found)
}

/// Runs code of a read model or a command. A panic in it is the fault of that one, not of the whole node:
/// the same event would end it again after every restart.
pub(crate) fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        format!("panicked: {}", text.unwrap_or_default())
    })
}

/// Whether the database refused a value or the table that it goes to, which is the fault of who gave it; a lost
/// connection or a full disk is not.
pub(crate) fn blames_the_row(error: &StoreError) -> bool {
    let StoreError::Database(sqlx::Error::Database(error)) = error else {
        return false;
    };
    // SQLSTATE classes 22 (data), 23 (constraint), 42 (no such table or column) and 54 (too long for an index);
    // SQLite result codes 1 (no such table or column), 18 (too big), 19 (constraint) and 20 (mismatch).
    match error.code().as_deref() {
        Some(code) if code.len() == 5 => ["22", "23", "42", "54"].iter().any(|class| code.starts_with(class)),
        Some(code) => code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 1 | 18 | 19 | 20)),
        None => false,
    }
}

/// The events of a decision as an answer names them.
pub(crate) fn event_refs(events: &[RecordedEvent]) -> Vec<EventRef> {
    events
        .iter()
        .map(|e| EventRef {
            event_type: e.event.event_type().to_owned(),
            stream: stream_name(&e.stream),
            version: e.version,
            position: e.position,
        })
        .collect()
}

fn stream_name(stream: &StreamId) -> String {
    stream.to_string()
}
