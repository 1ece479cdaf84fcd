//! The append: one group of decisions in one transaction, under the head row.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::DecisionId;
use domain::world::BalanceChange;
use domain::{RecordedEvent, StreamId};
use serde_json::json;

use crate::codec::{Codec, Encoded};
use crate::db::Tx;
use crate::error::StoreError;
use crate::feed::CHANNEL;
use crate::on_tx;
use crate::persons::Person;
use crate::projection::{AnyModel, Touch};
use crate::sql::TableSql;

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// A decision that is ready to be written.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    /// Events without positions yet (0).
    pub(crate) events: Vec<RecordedEvent>,
    pub(crate) key: String,
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

/// Takes the head row and answers the position of the last event. Nobody else appends until the transaction ends.
pub(crate) async fn take_head(tx: &mut Tx) -> Result<u64, StoreError> {
    let sql = match tx {
        Tx::Sqlite(_) => "SELECT position FROM head WHERE id = 1",
        Tx::Postgres(_) => "SELECT position FROM head WHERE id = 1 FOR UPDATE",
    };
    let (position,): (i64,) = on_tx!(tx, conn => sqlx::query_as(sql).fetch_one(conn).await)?;
    Ok(u64::try_from(position).unwrap_or_default())
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

/// Writes the group: events with dense positions after `head`, keys, persons, the new head. Fills in the positions.
pub(crate) async fn write(tx: &mut Tx, head: u64, group: &mut [Ready]) -> Result<u64, StoreError> {
    let mut position = head;
    let mut encoded: Vec<Encoded> = Vec::new();
    for ready in group.iter_mut() {
        for event in &mut ready.events {
            position += 1;
            event.position = position;
            encoded.push(Codec::encode(&event.event, &event.meta)?);
        }
    }
    let persons: Vec<&Person> = group.iter().flat_map(|r| &r.persons).collect();
    crate::persons::insert(tx, &persons).await?;
    match tx {
        Tx::Sqlite(_) => write_sqlite(tx, group, &encoded, position).await?,
        Tx::Postgres(_) => write_postgres(tx, group, &encoded, position).await?,
    }
    Ok(position)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn span(ready: &Ready) -> (i64, i64) {
    let at = |event: Option<&RecordedEvent>| event.map_or(0, |e| signed(e.position));
    (at(ready.events.first()), at(ready.events.last()))
}

async fn write_sqlite(tx: &mut Tx, group: &[Ready], encoded: &[Encoded], head: u64) -> Result<(), StoreError> {
    let events: Vec<_> = group
        .iter()
        .flat_map(|r| &r.events)
        .zip(encoded)
        .map(|(event, text)| {
            json!([
                event.stream.kind().to_string(),
                event.stream.id(),
                event.version,
                text.event_type,
                text.payload,
                text.metadata,
                event.position
            ])
        })
        .collect();
    let keys: Vec<_> = group
        .iter()
        .filter_map(|ready| {
            let event = ready.events.first()?;
            let (first, last) = span(ready);
            Some(json!([
                ready.key,
                ready.fingerprint,
                event.meta.decision_id,
                first,
                last,
                event.meta.recorded_at.to_rfc3339()
            ]))
        })
        .collect();
    let sql = format!(
        "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, position) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, '{}', value ->> 4, value ->> 5, value ->> 6 FROM json_each($1)",
        domain::event::EVENT_VERSION
    );
    let events = serde_json::Value::Array(events).to_string();
    on_tx!(tx, conn => sqlx::query(&sql).bind(events).execute(conn).await.map(|_| ()))?;
    let keys = serde_json::Value::Array(keys).to_string();
    on_tx!(tx, conn => sqlx::query(
        "INSERT INTO idempotency (key, fingerprint, decision_id, first_position, last_position, recorded_at) \
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each($1)")
        .bind(keys).execute(conn).await.map(|_| ()))?;
    on_tx!(tx, conn => sqlx::query("UPDATE head SET position = $1 WHERE id = 1")
        .bind(signed(head)).execute(conn).await.map(|_| ()))?;
    Ok(())
}

async fn write_postgres(tx: &mut Tx, group: &[Ready], encoded: &[Encoded], head: u64) -> Result<(), StoreError> {
    let Tx::Postgres(tx) = tx else {
        return Err(StoreError::Setup("not a PostgreSQL transaction".to_owned()));
    };
    let events: Vec<&RecordedEvent> = group.iter().flat_map(|r| &r.events).collect();
    let written: Vec<&Ready> = group.iter().filter(|r| !r.events.is_empty()).collect();
    let (first, last): (Vec<i64>, Vec<i64>) = written.iter().map(|r| span(r)).unzip();
    let sql = format!(
        "WITH written AS ( \
           INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, position) \
           SELECT kind, id, seq, type, '{}', payload::json, metadata::json, pos \
           FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[]) \
             AS e(kind, id, seq, type, payload, metadata, pos)), \
         keyed AS ( \
           INSERT INTO idempotency (key, fingerprint, decision_id, first_position, last_position, recorded_at) \
           SELECT * FROM UNNEST($8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[])), \
         moved AS (UPDATE head SET position = $14 WHERE id = 1) \
         SELECT pg_notify('{CHANNEL}', $15)",
        domain::event::EVENT_VERSION
    );
    sqlx::query(&sql)
        .bind(events.iter().map(|e| e.stream.kind().to_string()).collect::<Vec<_>>())
        .bind(events.iter().map(|e| e.stream.id().to_owned()).collect::<Vec<_>>())
        .bind(events.iter().map(|e| signed(e.version)).collect::<Vec<_>>())
        .bind(encoded.iter().map(|e| e.event_type.to_owned()).collect::<Vec<_>>())
        .bind(encoded.iter().map(|e| e.payload.clone()).collect::<Vec<_>>())
        .bind(encoded.iter().map(|e| e.metadata.clone()).collect::<Vec<_>>())
        .bind(events.iter().map(|e| signed(e.position)).collect::<Vec<_>>())
        .bind(written.iter().map(|r| r.key.clone()).collect::<Vec<_>>())
        .bind(written.iter().map(|r| r.fingerprint.clone()).collect::<Vec<_>>())
        .bind(decision_column(&written, |e| e.meta.decision_id.to_string()))
        .bind(first)
        .bind(last)
        .bind(decision_column(&written, |e| e.meta.recorded_at.to_rfc3339()))
        .bind(signed(head))
        .bind(head.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn decision_column(written: &[&Ready], column: fn(&RecordedEvent) -> String) -> Vec<String> {
    written.iter().filter_map(|r| r.events.first()).map(column).collect()
}

/// Folds the group into every read model that stands at `base`, and moves those checkpoints to `head`.
///
/// A model that cannot take an event is stopped, alone; the others and the log go on. Answers whether every model
/// that is not stopped came along.
pub(crate) async fn ride(
    tx: &mut Tx,
    models: &[Arc<dyn AnyModel>],
    events: &[RecordedEvent],
    base: u64,
    head: u64,
) -> Result<bool, StoreError> {
    let live: Vec<(String, String, i64)> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT model, definition, position FROM checkpoints WHERE status = 'live'")
            .fetch_all(conn).await)?;
    let mut all = true;
    let mut arrived = Vec::new();
    for model in models {
        let table = model.table();
        let Some((_, made, position)) = live.iter().find(|(name, ..)| name == table.name) else {
            continue;
        };
        // Another definition is that of a newer or older program on another node; its projector does the work.
        if *position != signed(base) || *made != table.definition() {
            all = false;
            continue;
        }
        match fold_batch(tx, model.as_ref(), &TableSql::live(table), events).await? {
            Ok(()) => arrived.push(table.name),
            Err(reason) => stop(tx, table.name, &reason).await?,
        }
    }
    move_checkpoints(tx, &arrived, base, head).await?;
    Ok(all)
}

async fn move_checkpoints(tx: &mut Tx, models: &[&str], base: u64, head: u64) -> Result<(), StoreError> {
    if models.is_empty() {
        return Ok(());
    }
    let list = match tx {
        Tx::Sqlite(_) => "SELECT value FROM json_each($3)",
        Tx::Postgres(_) => "SELECT jsonb_array_elements_text($3::jsonb)",
    };
    let sql = format!("UPDATE checkpoints SET position = $1 WHERE position = $2 AND model IN ({list})");
    on_tx!(tx, conn => sqlx::query(&sql).bind(signed(head)).bind(signed(base)).bind(json!(models).to_string())
        .execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Marks a read model as stopped by a poison event; only a rebuild starts it again.
pub(crate) async fn stop(tx: &mut Tx, model: &str, reason: &str) -> Result<(), StoreError> {
    tracing::error!(model, reason, "a read model stopped at a poison event");
    on_tx!(tx, conn => sqlx::query("UPDATE checkpoints SET status = 'stopped', error = $1 WHERE model = $2")
        .bind(reason).bind(model).execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Folds events into one table: loads the rows they touch, folds, writes. `Ok(Err(reason))` is a poison event,
/// with the transaction as it was before.
pub(crate) async fn fold_batch(
    tx: &mut Tx,
    model: &dyn AnyModel,
    table: &TableSql,
    events: &[RecordedEvent],
) -> Result<Result<(), String>, StoreError> {
    let found = guarded(|| {
        let used: Vec<RecordedEvent> = events.iter().filter(|e| !model.touches(e).is_empty()).cloned().collect();
        let touches: BTreeSet<Touch> = used.iter().flat_map(|e| model.touches(e)).collect();
        (used, touches)
    });
    let (used, touches) = match found {
        Ok((used, _)) if used.is_empty() => return Ok(Ok(())),
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    tx.run("SAVEPOINT fold").await?;
    let outcome = async {
        let loaded = table.load(tx, &touches).await?;
        match guarded(|| model.fold(loaded, &used)) {
            Ok(Ok(changes)) => table.write(tx, &changes).await.map(Ok),
            Ok(Err(poison)) => Ok(Err(poison.to_string())),
            Err(reason) => Ok(Err(reason)),
        }
    }
    .await;
    match outcome {
        Ok(Ok(())) => {
            tx.run("RELEASE SAVEPOINT fold").await?;
            Ok(Ok(()))
        }
        Ok(Err(reason)) => {
            tx.run("ROLLBACK TO SAVEPOINT fold").await?;
            Ok(Err(reason))
        }
        Err(error) if blames_the_row(&error) => {
            tx.run("ROLLBACK TO SAVEPOINT fold").await?;
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(error),
    }
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
