//! Writes entries: those that wait on a node together, in one transaction.

use std::collections::BTreeSet;

use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::Entry;
use crate::append::blames_the_row;
use crate::db::{Db, Tx, signed};
use crate::error::{ExecuteError, Outcome, StoreError};
use crate::table::Dialect;
use crate::wide::{Bound, Filled, Wide};

/// The most entries of one transaction.
const GROUP: usize = 256;
/// The most entries that wait.
pub(crate) const QUEUE: usize = 1_024;

/// An entry on its way.
pub(crate) struct Waiting {
    pub(crate) entry: Entry,
    pub(crate) answer: oneshot::Sender<Result<(), ExecuteError>>,
}

/// Serves the queue until every sender is gone.
pub(crate) async fn run(db: Db, mut queue: mpsc::Receiver<Waiting>) {
    let mut group = Vec::new();
    while queue.recv_many(&mut group, GROUP).await > 0 {
        record(&db, std::mem::take(&mut group)).await;
    }
}

async fn record(db: &Db, group: Vec<Waiting>) {
    match insert(db, group.iter().map(|waiting| &waiting.entry)).await {
        Err(error) if group.len() > 1 && blames_the_row(&error) => {
            // Each by itself, so that only the culprit fails.
            for waiting in group {
                let written = insert(db, std::iter::once(&waiting.entry)).await;
                answer(waiting, written.as_ref().err());
            }
        }
        written => group.into_iter().for_each(|waiting| answer(waiting, written.as_ref().err())),
    }
}

fn answer(waiting: Waiting, error: Option<&StoreError>) {
    let answer = match error {
        None => Ok(()),
        Some(error) => {
            tracing::error!(%error, "an entry of the audit trail was not written");
            // Nothing is said to have been done that may not be in the trail.
            Err(if error.is_away() { ExecuteError::Unavailable(Outcome::Unknown) } else { ExecuteError::Internal })
        }
    };
    // Who went away is not answered; the entry stands all the same.
    let _ = waiting.answer.send(answer);
}

async fn insert<'e>(db: &Db, entries: impl Iterator<Item = &'e Entry> + Clone + Send) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    write(&mut tx, entries).await?;
    tx.commit().await
}

/// Writes entries and what they concern.
pub(crate) async fn write<'e>(
    tx: &mut Tx,
    entries: impl Iterator<Item = &'e Entry> + Clone + Send,
) -> Result<(), StoreError> {
    let text = |value: fn(&Entry) -> Option<String>| Bound::Texts(entries.clone().map(value).collect());
    let int = |value: fn(&Entry) -> Option<i64>| Bound::Ints(entries.clone().map(value).collect());
    let columns = vec![
        Filled::new("audit_id", text(|e| Some(e.audit_id.to_string()))),
        Filled::new("at", int(|e| Some(e.at.timestamp_micros()))),
        Filled::new("kind", text(|e| Some(e.kind.to_string()))),
        Filled::new("outcome", text(|e| Some(e.outcome.to_string()))),
        Filled::new("code", text(|e| e.code.clone())),
        Filled::new("status", int(|e| e.status.map(i64::from))),
        Filled::new("role", text(|e| e.who.role.clone())),
        Filled::new("unit", text(|e| e.who.unit.clone())),
        Filled::new("person", text(|e| e.who.person.clone())),
        Filled::new("request_id", text(|e| e.request_id.clone())),
        Filled::new("operation", text(|e| e.operation.clone())),
        Filled::new("targets", text(|e| Some(json!(names(e)).to_string()))),
        Filled::new("decision_id", text(|e| e.decided.as_ref().map(|d| d.decision_id.clone()))),
        Filled::new("first_position", int(|e| e.decided.as_ref().map(|d| signed(d.first_position)))),
        Filled::new("last_position", int(|e| e.decided.as_ref().map(|d| signed(d.last_position)))),
        Filled::new("detail", text(|e| Some(json!(e.detail).to_string()))),
    ];
    let mut wide = Wide::new(Dialect::from(&*tx));
    wide.insert("audit", "", columns, "");
    wide.run(tx).await?;
    let concerned = entries.flat_map(|entry| names(entry).into_iter().map(|name| (name, entry.audit_id.to_string())));
    let (targets, ids): (Vec<String>, Vec<String>) = concerned.unzip();
    if targets.is_empty() {
        return Ok(());
    }
    let columns = vec![Filled::new("target", Bound::texts(targets)), Filled::new("audit_id", Bound::texts(ids))];
    let mut wide = Wide::new(Dialect::from(&*tx));
    wide.insert("audit_targets", "", columns, "");
    wide.run(tx).await
}

/// What an entry concerns, each once.
fn names(entry: &Entry) -> BTreeSet<String> {
    entry.targets.iter().map(ToString::to_string).collect()
}
