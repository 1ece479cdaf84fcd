//! The projector: read models that do not stand at the head are brought there from the feed, batch by batch.
//!
//! Rows and checkpoint change in one transaction; one node at a time. A rebuild fills a second table beside the
//! live one and is swapped in under the head row. The fold is the one that rides along with appends.

use std::sync::Arc;
use std::time::Duration;

use domain::RecordedEvent;

use crate::append::{self, fold_batch};
use crate::codec::Codec;
use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::feed::{self, Feed};
use crate::projection::{AnyModel, TableDef};
use crate::sql::TableSql;
use crate::{on_reader, on_tx};

/// Events of one batch.
const BATCH: u32 = 1_000;

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
struct CheckpointRow {
    model: String,
    definition: String,
    generation: i64,
    position: i64,
    status: String,
    error: Option<String>,
}

const SELECT_ONE: &str =
    "SELECT model, definition, generation, position, status, error FROM checkpoints WHERE model = $1";
const SELECT_ALL: &str =
    "SELECT model, definition, generation, position, status, error FROM checkpoints ORDER BY model";

/// What a table was made from; when it changes, the model is made anew.
fn definition(table: TableDef) -> String {
    format!("{}/{}/{:?}/{:?}", table.name, table.version, table.columns, table.indexes)
}

/// All checkpoints of live tables.
pub(crate) async fn checkpoints(db: &Db) -> Result<Vec<Checkpoint>, StoreError> {
    let rows: Vec<CheckpointRow> = on_reader!(db, pool => sqlx::query_as(SELECT_ALL).fetch_all(pool).await)?;
    Ok(rows
        .into_iter()
        .filter(|row| !row.model.ends_with("__next"))
        .map(|row| Checkpoint {
            model: row.model,
            position: unsigned(row.position),
            error: (row.status == "stopped").then(|| row.error.unwrap_or_default()),
        })
        .collect())
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Makes tables for models that are new or whose definition changed. Under the head row, so that two nodes that
/// start at once do not do it twice.
pub(crate) async fn prepare(db: &Db, models: &[Arc<dyn AnyModel>]) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    append::take_head(&mut tx).await?;
    for model in models {
        let table = model.table();
        let found = checkpoint_in(&mut tx, table.name).await?;
        if found.as_ref().is_some_and(|row| row.definition == definition(table)) {
            continue;
        }
        let generation = found.map_or(1, |row| row.generation + 1);
        let live = TableSql::live(table);
        live.drop(&mut tx).await?;
        live.create(&mut tx, generation).await?;
        set_checkpoint(&mut tx, table.name, table, generation, 0).await?;
    }
    tx.commit().await
}

async fn checkpoint_in(tx: &mut Tx, model: &str) -> Result<Option<CheckpointRow>, StoreError> {
    Ok(on_tx!(tx, conn => sqlx::query_as(SELECT_ONE).bind(model).fetch_optional(conn).await)?)
}

async fn set_checkpoint(
    tx: &mut Tx,
    model: &str,
    table: TableDef,
    generation: i64,
    position: u64,
) -> Result<(), StoreError> {
    on_tx!(tx, conn => sqlx::query(
        "INSERT INTO checkpoints (model, definition, generation, position, status) VALUES ($1, $2, $3, $4, 'live') \
         ON CONFLICT (model) DO UPDATE SET definition = excluded.definition, generation = excluded.generation, \
         position = excluded.position, status = 'live', error = NULL")
        .bind(model).bind(definition(table)).bind(generation).bind(signed(position))
        .execute(conn).await.map(|_| ()))?;
    Ok(())
}

async fn delete_checkpoint(tx: &mut Tx, model: &str) -> Result<(), StoreError> {
    on_tx!(tx, conn => sqlx::query("DELETE FROM checkpoints WHERE model = $1")
        .bind(model).execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Brings read models to the head whenever they are behind. Ends only with the process.
pub(crate) async fn run(db: Db, codec: Codec, feed: Feed, models: Vec<Arc<dyn AnyModel>>, poll: Duration) {
    let mut seen = 0;
    loop {
        let mut complete = true;
        for model in &models {
            match catch_up(&db, &codec, &feed, model.as_ref()).await {
                Ok(done) => complete &= done,
                Err(error) => {
                    complete = false;
                    tracing::warn!(model = model.table().name, %error, "a read model could not be caught up; trying again");
                }
            }
        }
        if complete {
            feed.moved_beyond(seen, poll).await;
        } else {
            tokio::time::sleep(poll.min(Duration::from_millis(200))).await;
        }
        seen = feed.head().await.unwrap_or(seen);
    }
}

/// What one batch came to.
enum Step {
    /// At the head, stopped, or another node is at it.
    Done,
    /// There is more.
    More,
}

/// Catches one model up; answers whether it stands at the head (or is stopped).
pub(crate) async fn catch_up(db: &Db, codec: &Codec, feed: &Feed, model: &dyn AnyModel) -> Result<bool, StoreError> {
    let table = TableSql::live(model.table());
    loop {
        match step(db, codec, feed, model, &table).await? {
            Step::Done => return Ok(true),
            Step::More => {}
        }
    }
}

/// One batch: up to [`BATCH`] events, rows and checkpoint in one transaction.
async fn step(db: &Db, codec: &Codec, feed: &Feed, model: &dyn AnyModel, table: &TableSql) -> Result<Step, StoreError> {
    let row: Option<CheckpointRow> =
        on_reader!(db, pool => sqlx::query_as(SELECT_ONE).bind(table.name()).fetch_optional(pool).await)?;
    let Some(row) = row.filter(|row| row.status == "live") else {
        return Ok(Step::Done);
    };
    let from = unsigned(row.position);
    if feed.head().await? <= from {
        return Ok(Step::Done);
    }
    let read = feed.after(from, BATCH).await;
    let mut tx = db.begin().await?;
    if !lock_model(&mut tx, table.name()).await? {
        tx.rollback().await?;
        return Ok(Step::Done);
    }
    let mut events = match read {
        Ok(events) => events,
        // An event that nobody can read is poison to every model that comes to it.
        Err(error @ (StoreError::Undecodable { .. } | StoreError::Stream(_))) => {
            append::stop(&mut tx, table.name(), &error.to_string()).await?;
            tx.commit().await?;
            return Ok(Step::Done);
        }
        Err(error) => return Err(error),
    };
    let last = events.len() < BATCH as usize;
    if last {
        // Close to the head: hold it, so that the next append finds the model standing there.
        let head = append::take_head(&mut tx).await?;
        let known = events.last().map_or(from, |e| e.position);
        events.extend(feed::after_in(&mut tx, codec, known, signed(head.saturating_sub(known))).await?);
    }
    // Somebody may have been faster between the look and the lock.
    let now = checkpoint_in(&mut tx, table.name()).await?;
    if now.is_none_or(|now| now.position != row.position || now.status != "live") {
        tx.rollback().await?;
        return Ok(Step::More);
    }
    match fold_batch(&mut tx, model, table, &events).await? {
        Ok(()) => {
            let to = events.last().map_or(from, |e| e.position);
            on_tx!(&mut tx, conn => sqlx::query("UPDATE checkpoints SET position = $1 WHERE model = $2")
                .bind(signed(to)).bind(table.name()).execute(conn).await.map(|_| ()))?;
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
    on_tx!(tx, conn => sqlx::query("UPDATE checkpoints SET position = $1 WHERE model = $2")
        .bind(signed(stands)).bind(table.name()).execute(conn).await.map(|_| ()))?;
    append::stop(tx, table.name(), &why).await
}

/// One node at a time folds a model: a lock that ends with the transaction. SQLite has one writer anyway.
async fn lock_model(tx: &mut Tx, model: &str) -> Result<bool, StoreError> {
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

/// Rebuilds one model beside the live one and swaps it in. The old one serves meanwhile; stopping half way
/// leaves it untouched.
///
/// # Errors
/// If another rebuild of the model is under way, or an event cannot be folded.
pub async fn rebuild(db: &Db, codec: &Codec, feed: &Feed, model: &dyn AnyModel) -> Result<u64, StoreError> {
    let def = model.table();
    let live = TableSql::live(def);
    let beside = TableSql::beside(def);
    let _exclusive = Exclusive::take(db, beside.name()).await?;

    let mut tx = db.begin().await?;
    let generation = checkpoint_in(&mut tx, def.name).await?.map_or(1, |row| row.generation + 1);
    beside.drop(&mut tx).await?;
    beside.create(&mut tx, generation).await?;
    set_checkpoint(&mut tx, beside.name(), def, generation, 0).await?;
    tx.commit().await?;

    let mut position = 0;
    loop {
        let mut events = feed.after(position, BATCH).await?;
        let mut tx = db.begin().await?;
        if let Tx::Postgres(_) = tx {
            // What a crash loses here is built again.
            tx.run("SET LOCAL synchronous_commit = off").await?;
        }
        let last = events.len() < BATCH as usize;
        if last {
            if let Tx::Postgres(_) = tx {
                tx.run("SET LOCAL synchronous_commit = on").await?;
            }
            let head = append::take_head(&mut tx).await?;
            let known = events.last().map_or(position, |e| e.position);
            events.extend(feed::after_in(&mut tx, codec, known, signed(head.saturating_sub(known))).await?);
        }
        if let Err(reason) = fold_batch(&mut tx, model, &beside, &events).await? {
            tx.rollback().await?;
            return Err(StoreError::Setup(format!("{} cannot be rebuilt: {reason}", def.name)));
        }
        position = events.last().map_or(position, |e| e.position);
        if !last {
            tx.commit().await?;
            continue;
        }
        live.drop(&mut tx).await?;
        tx.run(&format!("ALTER TABLE {} RENAME TO {}", beside.name(), live.name())).await?;
        delete_checkpoint(&mut tx, beside.name()).await?;
        set_checkpoint(&mut tx, def.name, def, generation, position).await?;
        tx.commit().await?;
        return Ok(position);
    }
}

/// Keeps a second rebuilder out for as long as it lives.
struct Exclusive {
    _connection: Option<sqlx::pool::PoolConnection<sqlx::Postgres>>,
}

impl Exclusive {
    async fn take(db: &Db, what: &str) -> Result<Self, StoreError> {
        let Db::Postgres(pool) = db else {
            // One process, and the one writer: a second rebuild in it would drop the first one's table.
            return Ok(Self { _connection: None });
        };
        let mut connection = pool.acquire().await?;
        let (taken,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
            .bind(format!("hatchery:{what}"))
            .fetch_one(&mut *connection)
            .await?;
        if !taken {
            return Err(StoreError::Setup(format!("{what} is being rebuilt by another process")));
        }
        // The lock belongs to the session: closing the connection, not returning it, gives it back.
        connection.close_on_drop();
        Ok(Self { _connection: Some(connection) })
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
        set_checkpoint(&mut tx, table.name(), model.table(), 1, head).await?;
    }
    tx.commit().await?;
    Ok(db)
}
