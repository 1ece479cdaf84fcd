//! All that one group writes: events, keys, persons, rows of read models, the head. A model that rides along
//! stands wherever the head does, so that nothing is written to say so.
//!
//! On PostgreSQL it is one statement, and alone a transaction of its own: one round trip. It moves the head row
//! from where the group was decided on; if another node has moved it meanwhile, that finds no row, all the rest
//! joins with nothing, and nothing is written. A statement that waited for the row looks at it again as it then is
//! (READ COMMITTED), so this holds under concurrent writers. On SQLite the one writing connection is the head row.

use std::collections::BTreeMap;

use domain::RecordedEvent;
use domain::event::EVENT_VERSION;
use domain::ids::PersonId;

use super::{Ready, blames_the_row};
use crate::codec::{Codec, Encoded};
use crate::db::{Db, Tx, signed};
use crate::error::StoreError;
use crate::feed::CHANNEL;
use crate::persons::Person;
use crate::projection::{Changes, TableDef};
use crate::table::{Dialect, TableSql};
use crate::wide::{Bound, Filled, Wide};

/// What all rows are joined with on PostgreSQL: empty unless the head was moved.
const MOVED: &str = "moved, ";

/// What one group writes, all of it or nothing.
#[derive(Debug)]
pub(crate) struct Batch<'g> {
    /// The accepted decisions, their events with positions.
    pub(crate) group: Vec<&'g Ready>,
    /// Where the log must end before.
    pub(crate) base: u64,
    /// Where it ends after.
    pub(crate) head: u64,
    /// What the epoch must be before.
    pub(crate) epoch: i64,
    /// What changes in the tables of the models that ride along.
    pub(crate) rows: Vec<(TableDef, Changes)>,
    /// Models that rode along and that nobody folds here: they stay where the log ended before.
    pub(crate) left_behind: &'g [String],
}

/// Why a batch was not written at once.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// For certain nothing was written.
    Before(StoreError),
    /// The connection was lost, or the commit failed: nobody knows.
    Unknown(StoreError),
}

/// Writes the batch in a transaction of its own; false if the log or the epoch has moved on, and nothing was written.
pub(crate) async fn at_once(db: &Db, batch: Batch<'_>) -> Result<bool, Unwritten> {
    match db {
        Db::Sqlite(_) => {
            let mut tx = db.begin().await.map_err(Unwritten::Before)?;
            let written = within(&mut tx, batch).await.map_err(Unwritten::Before)?;
            if written {
                tx.commit().await.map_err(|error| {
                    if certainly_undone(&error) { Unwritten::Before(error) } else { Unwritten::Unknown(error) }
                })?;
            }
            Ok(written)
        }
        Db::Postgres(db) => {
            let statement = postgres(batch).map_err(Unwritten::Before)?;
            let mut connection = db.appender.take().await.map_err(Unwritten::Before)?;
            match statement.on_postgres(&mut connection).await {
                Ok(rows) => {
                    db.appender.give_back(connection).await;
                    Ok(rows > 0)
                }
                Err(error) if certainly_undone(&error) => Err(Unwritten::Before(error)),
                Err(error) => Err(Unwritten::Unknown(error)),
            }
        }
    }
}

/// Writes the batch in a transaction; false if the log or the epoch has moved on.
pub(crate) async fn within(tx: &mut Tx, batch: Batch<'_>) -> Result<bool, StoreError> {
    match tx {
        Tx::Sqlite(tx) => {
            let moved = sqlx::query(
                "UPDATE head SET position = $1, epoch = epoch + $2 WHERE id = 1 AND position = $3 AND epoch = $4",
            )
            .bind(signed(batch.head))
            .bind(batch.raise())
            .bind(signed(batch.base))
            .bind(batch.epoch)
            .execute(&mut **tx)
            .await?;
            if moved.rows_affected() == 0 {
                return Ok(false);
            }
            sqlite(batch)?.on_sqlite(tx).await?;
            Ok(true)
        }
        Tx::Postgres(tx) => Ok(postgres(batch)?.on_postgres(tx).await? > 0),
    }
}

/// Whether an error says that the statement was rolled back: a value, a constraint, a lock not to be had, a
/// deadlock, a full disk. After others, shutdown among them, it may have been committed.
pub(crate) fn certainly_undone(error: &StoreError) -> bool {
    let StoreError::Database(sqlx::Error::Database(cause)) = error else {
        return matches!(error, StoreError::Encoding(_));
    };
    let code = cause.code();
    let code = code.as_deref().unwrap_or_default();
    // SQLSTATE classes 40, 53 and 55; SQLite's 13: what did not fit was the commit itself.
    let undone = if code.len() == 5 { ["40", "53", "55"].contains(&&code[..2]) } else { code == "13" };
    undone || blames_the_row(error)
}

fn postgres(mut batch: Batch<'_>) -> Result<Wide, StoreError> {
    let tables = std::mem::take(&mut batch.rows);
    let batch = &batch;
    let mut wide = Wide::new(Dialect::Postgres);
    wide.push("WITH moved AS (UPDATE head SET position = ")
        .bind(Bound::Int(Some(signed(batch.head))))
        .push(", epoch = epoch + ")
        .bind(Bound::Int(Some(batch.raise())));
    wide.push(" WHERE id = 1 AND position = ").bind(Bound::Int(Some(signed(batch.base))));
    wide.push(" AND epoch = ").bind(Bound::Int(Some(batch.epoch))).push(" RETURNING position)");
    wide.push(", logged AS (");
    log(&mut wide, batch)?;
    wide.push(")");
    if batch.keyed().next().is_some() {
        wide.push(", keyed AS (");
        keys(&mut wide, batch);
        wide.push(")");
    }
    if batch.persons().next().is_some() {
        wide.push(", known AS (");
        persons(&mut wide, batch);
        wide.push(")");
    }
    if batch.concerned().next().is_some() {
        wide.push(", concerned AS (");
        concerned(&mut wide, batch);
        wide.push(")");
    }
    for (n, (table, changes)) in tables.into_iter().enumerate() {
        let table = TableSql::live(table);
        if !changes.written.is_empty() {
            wide.push(&format!(", w{n} AS ("));
            table.upsert(&mut wide, MOVED, changes.written);
            wide.push(")");
        }
        if !changes.deleted.is_empty() {
            wide.push(&format!(", d{n} AS ("));
            table.delete(&mut wide, " USING moved", changes.deleted);
            wide.push(")");
        }
    }
    if !batch.left_behind.is_empty() {
        // $3 is the old head.
        wide.push(", stay AS (UPDATE checkpoints SET position = $3 FROM moved WHERE model = ANY(");
        wide.bind(left_behind(batch)).push("::text[]))");
    }
    wide.push(&format!(" SELECT pg_notify('{CHANNEL}', position::text) FROM moved"));
    Ok(wide)
}

fn sqlite(mut batch: Batch<'_>) -> Result<Wide, StoreError> {
    let tables = std::mem::take(&mut batch.rows);
    let batch = &batch;
    let mut wide = Wide::new(Dialect::Sqlite);
    log(&mut wide, batch)?;
    wide.push(";");
    if batch.keyed().next().is_some() {
        keys(&mut wide, batch);
        wide.push(";");
    }
    if batch.persons().next().is_some() {
        persons(&mut wide, batch);
        wide.push(";");
    }
    if batch.concerned().next().is_some() {
        concerned(&mut wide, batch);
        wide.push(";");
    }
    for (table, changes) in tables {
        let table = TableSql::live(table);
        if !changes.written.is_empty() {
            table.upsert(&mut wide, "", changes.written);
            wide.push(";");
        }
        if !changes.deleted.is_empty() {
            table.delete(&mut wide, "", changes.deleted);
            wide.push(";");
        }
    }
    if !batch.left_behind.is_empty() {
        wide.push("UPDATE checkpoints SET position = ").bind(Bound::Int(Some(signed(batch.base))));
        wide.push(" WHERE model IN (SELECT value FROM json_each(").bind(left_behind(batch)).push("))");
    }
    Ok(wide)
}

fn log(wide: &mut Wide, batch: &Batch<'_>) -> Result<(), StoreError> {
    let events: Vec<&RecordedEvent> = batch.group.iter().flat_map(|ready| &ready.events).collect();
    let mut payloads = Vec::with_capacity(events.len());
    let mut metadata = Vec::with_capacity(events.len());
    for event in &events {
        let Encoded { payload, metadata: meta, .. } = Codec::encode(&event.event, &event.meta)?;
        payloads.push(payload);
        metadata.push(meta);
    }
    let text = |column: fn(&RecordedEvent) -> String| Bound::texts(events.iter().map(|event| column(event)));
    let int = |column: fn(&RecordedEvent) -> u64| Bound::Ints(events.iter().map(|e| Some(signed(column(e)))).collect());
    let columns = vec![
        Filled::new("aggregate_type", text(|e| e.stream.kind().to_string())),
        Filled::new("aggregate_id", text(|e| e.stream.id().to_owned())),
        Filled::new("sequence", int(|e| e.version)),
        Filled::new("event_type", text(|e| e.event.event_type().to_owned())),
        Filled::new("event_version", text(|_| EVENT_VERSION.to_owned())),
        Filled::json("payload", payloads),
        Filled::json("metadata", metadata),
        Filled::new("position", int(|e| e.position)),
    ];
    wide.insert("events", MOVED, columns, "");
    Ok(())
}

fn keys(wide: &mut Wide, batch: &Batch<'_>) {
    let written: Vec<(&Ready, &RecordedEvent, &RecordedEvent)> =
        batch.keyed().filter_map(|ready| Some((ready, ready.events.first()?, ready.events.last()?))).collect();
    let columns = vec![
        Filled::new("key", Bound::texts(written.iter().map(|(ready, ..)| ready.key.clone()))),
        Filled::new("fingerprint", Bound::texts(written.iter().map(|(ready, ..)| ready.fingerprint.clone()))),
        Filled::new("decision_id", Bound::texts(written.iter().map(|(_, e, _)| e.meta.decision_id.to_string()))),
        Filled::new("first_position", Bound::Ints(written.iter().map(|(_, e, _)| Some(signed(e.position))).collect())),
        Filled::new("last_position", Bound::Ints(written.iter().map(|(.., e)| Some(signed(e.position))).collect())),
        Filled::new("recorded_at", Bound::texts(written.iter().map(|(_, e, _)| e.meta.recorded_at.to_rfc3339()))),
    ];
    wide.insert("idempotency", MOVED, columns, "");
}

/// What is on record of a person is replaced by what is given now, unless it was erased: then it stays so.
const REPLACED: &str = " ON CONFLICT (person_id) DO UPDATE SET name = excluded.name, phone = excluded.phone, \
    email = excluded.email, recorded_at = excluded.recorded_at WHERE persons.erased_on IS NULL";

fn persons(wide: &mut Wide, batch: &Batch<'_>) {
    // The last one of a group counts: PostgreSQL does not write a row twice in one statement.
    let persons: BTreeMap<PersonId, &Person> = batch.persons().map(|person| (person.person_id, person)).collect();
    let columns = vec![
        Filled::new("person_id", Bound::texts(persons.keys().map(ToString::to_string))),
        Filled::new("name", Bound::Texts(persons.values().map(|p| p.name.clone()).collect())),
        Filled::new("phone", Bound::Texts(persons.values().map(|p| p.phone.clone()).collect())),
        Filled::new("email", Bound::Texts(persons.values().map(|p| p.email.clone()).collect())),
        Filled::new("recorded_at", Bound::texts(persons.values().map(|p| p.recorded_at.to_rfc3339()))),
    ];
    wide.insert("persons", MOVED, columns, REPLACED);
}

/// The keys whose requests name people: with them goes what is known of the request.
fn concerned(wide: &mut Wide, batch: &Batch<'_>) {
    let columns = vec![
        Filled::new("person_id", Bound::texts(batch.concerned().map(|(person, _)| person.to_string()))),
        Filled::new("key", Bound::texts(batch.concerned().map(|(_, key)| key.to_owned()))),
    ];
    wide.insert("idempotency_persons", MOVED, columns, " ON CONFLICT (person_id, key) DO NOTHING");
}

fn left_behind(batch: &Batch<'_>) -> Bound {
    Bound::texts(batch.left_behind.iter().cloned())
}

impl<'g> Batch<'g> {
    /// By how much it raises the epoch.
    fn raise(&self) -> i64 {
        i64::from(!self.left_behind.is_empty())
    }

    /// The decisions whose keys are kept.
    fn keyed(&self) -> impl Iterator<Item = &'g Ready> + '_ {
        self.group.iter().copied().filter(|ready| ready.keyed)
    }

    fn persons(&self) -> impl Iterator<Item = &'g Person> + '_ {
        self.group.iter().flat_map(|ready| &ready.persons)
    }

    /// The people whom decisions with a key name.
    fn concerned(&self) -> impl Iterator<Item = (PersonId, &'g str)> + '_ {
        self.keyed().flat_map(|ready| ready.persons.iter().map(|person| (person.person_id, ready.key.as_str())))
    }
}
