//! The projector: read models that do not stand at the head are brought there from the feed, batch by batch.
//!
//! Rows and checkpoint change in one transaction; one node at a time. The fold is the one that rides along with
//! appends.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use domain::RecordedEvent;

use crate::append;
use crate::append::ride::{self, fold_batch};
use crate::codec::Codec;
use crate::db::{Db, Tx, signed, unsigned};
use crate::error::StoreError;
use crate::feed::{self, Feed};
use crate::projection::{AnyModel, TableDef};
use crate::table::TableSql;
use crate::{on_reader, on_tx};

/// Events of one batch.
pub(crate) const BATCH: u32 = 1_000;

/// How far a read model has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The model.
    pub model: String,
    /// The last position folded.
    pub position: u64,
    /// Why it stopped, if it did.
    pub error: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(crate) struct CheckpointRow {
    definition: String,
    pub(crate) generation: i64,
    position: Option<i64>,
    status: String,
}

const SELECT_ONE: &str = "SELECT definition, generation, position, status FROM checkpoints WHERE model = $1";

/// Where every model stands; one that rides along stands at the head.
const SELECT_ALL: &str = "SELECT model, COALESCE(checkpoints.position, head.position), \
     CASE status WHEN 'stopped' THEN COALESCE(error, '') END FROM checkpoints, head ORDER BY model";

const SELECT_BEHIND: &str = "SELECT model, definition, checkpoints.position, head.position FROM checkpoints, head \
     WHERE status = 'live'";

/// The least time between two looks at models that all stood at the head.
const BREATH: Duration = Duration::from_millis(20);

/// The checkpoints of the live tables of `models`. One of a model that the program has no more stays where it
/// is and is nobody's concern.
pub(crate) async fn checkpoints(db: &Db, models: &[Arc<dyn AnyModel>]) -> Result<Vec<Checkpoint>, StoreError> {
    let rows: Vec<(String, i64, Option<String>)> =
        on_reader!(db, pool => sqlx::query_as(SELECT_ALL).fetch_all(pool).await)?;
    Ok(rows
        .into_iter()
        .filter(|(name, ..)| models.iter().any(|model| model.table().name == name))
        .map(|(model, position, error)| Checkpoint { model, position: unsigned(position), error })
        .collect())
}

/// Makes tables for models that are new or whose definition changed. Under the head row, so that two nodes that
/// start at once do not do it twice.
pub(crate) async fn prepare(db: &Db, models: &[Arc<dyn AnyModel>]) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    // In an empty log there is nothing to catch up with.
    let begin = if append::take_head(&mut tx).await?.position == 0 { None } else { Some(0) };
    for model in models {
        let table = model.table();
        let found = checkpoint_in(&mut tx, table.name).await?;
        if found.as_ref().is_some_and(|row| row.definition == table.definition()) {
            continue;
        }
        let generation = found.map_or(1, |row| row.generation + 1);
        let live = TableSql::live(table);
        live.drop(&mut tx).await?;
        // What a rebuild left that was stopped half way; its indexes have the names that are needed now.
        let beside = TableSql::beside(table);
        beside.drop(&mut tx).await?;
        delete_checkpoint(&mut tx, beside.name()).await?;
        live.create(&mut tx, generation).await?;
        set_checkpoint(&mut tx, table.name, table, generation, begin).await?;
        append::raise_epoch(&mut tx).await?;
    }
    tx.commit().await
}

pub(crate) async fn checkpoint_in(tx: &mut Tx, model: &str) -> Result<Option<CheckpointRow>, StoreError> {
    Ok(on_tx!(tx, conn => sqlx::query_as(SELECT_ONE).bind(model).fetch_optional(conn).await)?)
}

pub(crate) async fn set_checkpoint(
    tx: &mut Tx,
    model: &str,
    table: TableDef,
    generation: i64,
    position: Option<u64>,
) -> Result<(), StoreError> {
    on_tx!(tx, conn => sqlx::query(
        "INSERT INTO checkpoints (model, definition, generation, position, status) VALUES ($1, $2, $3, $4, 'live') \
         ON CONFLICT (model) DO UPDATE SET definition = excluded.definition, generation = excluded.generation, \
         position = excluded.position, status = 'live', error = NULL")
        .bind(model).bind(table.definition()).bind(generation).bind(position.map(signed))
        .execute(conn).await.map(|_| ()))?;
    Ok(())
}

pub(crate) async fn delete_checkpoint(tx: &mut Tx, model: &str) -> Result<(), StoreError> {
    on_tx!(tx, conn => sqlx::query("DELETE FROM checkpoints WHERE model = $1")
        .bind(model).execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Brings read models to the head whenever they are behind. Ends only with the process.
pub(crate) async fn run(db: Db, codec: Codec, feed: Feed, models: Vec<Arc<dyn AnyModel>>, poll: Duration) {
    let mut seen = 0;
    loop {
        let mut complete = false;
        match behind(&db, &models).await {
            Ok((head, behind)) => {
                seen = head;
                complete = catch_up(&db, &codec, &feed, behind).await;
            }
            Err(error) => tracing::warn!(%error, "the read models cannot be looked at; trying again"),
        }
        if complete {
            feed.moved_beyond(seen, poll).await;
            // Nearly always all of them ride along, and there is nothing to do: looking after every append would cost
            // more than the append.
            tokio::time::sleep(BREATH.min(poll)).await;
        } else {
            tokio::time::sleep(poll.min(Duration::from_millis(200))).await;
        }
    }
}

/// Where the log ends, and the models that this program folds and that do not ride along: one statement.
async fn behind<'m>(db: &Db, models: &'m [Arc<dyn AnyModel>]) -> Result<(u64, Vec<&'m Arc<dyn AnyModel>>), StoreError> {
    let rows: Vec<(String, String, Option<i64>, i64)> =
        on_reader!(db, pool => sqlx::query_as(SELECT_BEHIND).fetch_all(pool).await)?;
    // Without any model there is nothing to wait for.
    let head = rows.first().map_or(0, |(.., head)| unsigned(*head));
    let is_behind = |model: &&Arc<dyn AnyModel>| {
        let table = model.table();
        rows.iter().any(|(name, definition, position, _)| {
            *name == table.name && *definition == table.definition() && position.is_some()
        })
    };
    Ok((head, models.iter().filter(is_behind).collect()))
}

/// What one batch came to.
enum Step {
    /// At the head, stopped, or another node is at it.
    Done,
    /// There is more.
    More,
}

/// Events as read last, from behind a position on: models that are equally far behind share them.
#[derive(Default)]
struct Reading {
    from: u64,
    events: Vec<RecordedEvent>,
    /// Why the one after them cannot be read.
    unreadable: Option<String>,
}

impl Reading {
    /// Reads on from a position, unless that was read last and there was a full batch.
    async fn behind(&mut self, feed: &Feed, from: u64) -> Result<(), StoreError> {
        if self.from != from || self.events.len() < BATCH as usize {
            let (events, unreadable) = feed.readable_after(from, BATCH).await?;
            *self = Self { from, events, unreadable: unreadable.map(|error| error.to_string()) };
        }
        Ok(())
    }
}

/// Catches models up, a batch of each in turn; answers whether all of them stand at the head (or are stopped).
async fn catch_up(db: &Db, codec: &Codec, feed: &Feed, mut behind: Vec<&Arc<dyn AnyModel>>) -> bool {
    let mut complete = true;
    let mut reading = Reading::default();
    while !behind.is_empty() {
        let mut still = Vec::new();
        for model in behind {
            match step(db, codec, feed, &mut reading, model.as_ref()).await {
                Ok(Step::Done) => {}
                Ok(Step::More) => still.push(model),
                Err(error) => {
                    complete = false;
                    let model = model.table().name;
                    tracing::warn!(model, %error, "a read model could not be caught up; trying again");
                }
            }
        }
        behind = still;
    }
    complete
}

/// One batch: up to [`BATCH`] events, rows and checkpoint in one transaction.
async fn step(
    db: &Db,
    codec: &Codec,
    feed: &Feed,
    reading: &mut Reading,
    model: &dyn AnyModel,
) -> Result<Step, StoreError> {
    let table = &TableSql::live(model.table());
    let row: Option<CheckpointRow> =
        on_reader!(db, pool => sqlx::query_as(SELECT_ONE).bind(table.name()).fetch_optional(pool).await)?;
    let row = row.filter(|row| row.status == "live" && row.definition == model.table().definition());
    let Some(position) = row.and_then(|row| row.position) else {
        return Ok(Step::Done);
    };
    let from = unsigned(position);
    reading.behind(feed, from).await?;
    let Reading { events, unreadable, .. } = &*reading;
    let mut events = Cow::Borrowed(events.as_slice());
    let mut tx = db.begin().await?;
    if !try_model(&mut tx, table.name()).await? {
        tx.rollback().await?;
        return Ok(Step::Done);
    }
    let last = events.len() < BATCH as usize && unreadable.is_none();
    if last {
        // Close to the head: hold it, so that the next append finds the model standing there.
        let head = append::take_head(&mut tx).await?.position;
        let known = events.last().map_or(from, |e| e.position);
        let more = feed::after_in(&mut tx, codec, known, signed(head.saturating_sub(known))).await?;
        if !more.is_empty() {
            events.to_mut().extend(more);
        }
    }
    // Somebody may have been faster between the look and the lock.
    let now = checkpoint_in(&mut tx, table.name()).await?;
    if now.is_none_or(|now| now.position != Some(position) || now.status != "live") {
        tx.rollback().await?;
        return Ok(Step::More);
    }
    // An event that nobody can read is poison to every model that comes to it.
    if let (true, Some(error)) = (events.is_empty(), unreadable) {
        ride::stop(&mut tx, table.name(), from, error).await?;
        tx.commit().await?;
        return Ok(Step::Done);
    }
    match fold_batch(&mut tx, model, table, &events).await? {
        Ok(()) => {
            let to = events.last().map_or(from, |e| e.position);
            ride::stand(&mut tx, table.name(), (!last).then_some(to)).await?;
            if last {
                append::raise_epoch(&mut tx).await?;
            }
            tx.commit().await?;
            Ok(if last { Step::Done } else { Step::More })
        }
        Err(reason) => {
            // Fold what is good before it, event by event, so that the model stands right before the poison.
            stop_at_poison(&mut tx, model, table, &events, from, &reason).await?;
            tx.commit().await?;
            Ok(Step::Done)
        }
    }
}

async fn stop_at_poison(
    tx: &mut Tx,
    model: &dyn AnyModel,
    table: &TableSql,
    events: &[RecordedEvent],
    from: u64,
    reason: &str,
) -> Result<(), StoreError> {
    let mut stands = from;
    let mut why = reason.to_owned();
    for event in events {
        match fold_batch(tx, model, table, std::slice::from_ref(event)).await? {
            Ok(()) => stands = event.position,
            Err(reason) => {
                why = reason;
                break;
            }
        }
    }
    ride::stop(tx, table.name(), stands, &why).await
}

/// One node at a time folds a model: a lock that ends with the transaction, taken before the head row. SQLite has
/// one writer anyway.
async fn try_model(tx: &mut Tx, model: &str) -> Result<bool, StoreError> {
    match tx {
        Tx::Sqlite(_) => Ok(true),
        Tx::Postgres(tx) => {
            let (taken,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(format!("hatchery:{model}"))
                .fetch_one(&mut **tx)
                .await?;
            Ok(taken)
        }
    }
}

/// The read models of an arbitrary history, in memory: what `as_of` and `known_at` are answered from.
pub async fn scratch(models: &[Arc<dyn AnyModel>], events: &[RecordedEvent]) -> Result<Db, StoreError> {
    let db = Db::scratch().await?;
    db.migrate().await?;
    let mut tx = db.begin().await?;
    let head = events.last().map_or(0, |e| e.position);
    for model in models {
        let table = TableSql::live(model.table());
        table.create(&mut tx, 1).await?;
        for batch in events.chunks(BATCH as usize) {
            if let Err(reason) = fold_batch(&mut tx, model.as_ref(), &table, batch).await? {
                return Err(StoreError::Setup(format!("{}: {reason}", table.name())));
            }
        }
        set_checkpoint(&mut tx, table.name(), model.table(), 1, Some(head)).await?;
    }
    tx.commit().await?;
    Ok(db)
}
