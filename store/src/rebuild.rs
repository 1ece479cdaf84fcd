//! Rebuilding read models (E5): new tables are filled beside the live ones, from the beginning of the log, and swapped
//! in under the head row. However many models are rebuilt, the log is read once.

use std::sync::{Arc, PoisonError};

use domain::RecordedEvent;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use crate::append;
use crate::append::ride::fold_rows;
use crate::codec::Codec;
use crate::db::{Claims, Db, PostgresDb, Tx, signed};
use crate::error::StoreError;
use crate::feed::{self, Feed};
use crate::folding::Folding;
use crate::projection::{AnyModel, TableDef};
use crate::projector::{BATCH, checkpoint_in, delete_checkpoint, set_checkpoint};
use crate::table::TableSql;

/// Rows of each model that are kept in memory from batch to batch, and as many that were used before them.
const ROWS: usize = 512;
/// Transactions in which PostgreSQL writes at the same time.
const WRITERS: usize = 3;

/// Rebuilds models beside the live ones and swaps them in together. The old ones serve meanwhile; stopping half way
/// leaves them untouched. Answers the position that the new ones stand at.
///
/// # Errors
/// If a rebuild of one of the models is under way, or an event cannot be read. A model that cannot take an event is
/// left as it was and named, the others are swapped in all the same.
pub(crate) async fn rebuild(db: &Db, codec: &Codec, feed: &Feed, models: &[&dyn AnyModel]) -> Result<u64, StoreError> {
    let names = models.iter().map(|model| model.table().name).collect();
    let exclusive = Exclusive::take(db, names).await?;
    let outcome = rebuild_alone(db, codec, feed, models).await;
    exclusive.release().await;
    outcome
}

/// A model whose new table is being filled.
struct Rebuilding {
    def: TableDef,
    live: TableSql,
    beside: TableSql,
    generation: i64,
    rows: Box<dyn Folding>,
    /// Why it is left as it was.
    failed: Option<String>,
}

impl Rebuilding {
    async fn begin(tx: &mut Tx, model: &dyn AnyModel) -> Result<Self, StoreError> {
        let def = model.table();
        let (live, beside) = (TableSql::live(def), TableSql::beside(def));
        let generation = checkpoint_in(tx, def.name).await?.map_or(1, |row| row.generation + 1);
        beside.drop(tx).await?;
        beside.create(tx, generation).await?;
        set_checkpoint(tx, beside.name(), def, generation, Some(0)).await?;
        Ok(Self { def, live, beside, generation, rows: model.folding(ROWS), failed: None })
    }

    async fn fold(&mut self, tx: &mut Tx, events: &[RecordedEvent]) -> Result<(), StoreError> {
        if self.failed.is_none()
            && let Err(reason) = fold_rows(tx, self.rows.as_mut(), &self.beside, events).await?
        {
            self.failed = Some(reason);
        }
        Ok(())
    }

    /// Puts the new table in the place of the live one. The head row is held, and no projector folds the model.
    async fn swap(&self, tx: &mut Tx) -> Result<(), StoreError> {
        delete_checkpoint(tx, self.beside.name()).await?;
        if self.failed.is_some() {
            return self.beside.drop(tx).await;
        }
        self.live.drop(tx).await?;
        self.beside.rename(tx, &self.live).await?;
        set_checkpoint(tx, self.def.name, self.def, self.generation, None).await
    }
}

async fn rebuild_alone(db: &Db, codec: &Codec, feed: &Feed, models: &[&dyn AnyModel]) -> Result<u64, StoreError> {
    let mut tx = db.begin().await?;
    let mut all = Vec::with_capacity(models.len());
    for model in models {
        all.push(Rebuilding::begin(&mut tx, *model).await?);
    }
    tx.commit().await?;

    let mut events = feed.after(0, BATCH).await?;
    let (mut position, mut more) = (0, true);
    // The first batch that is not full is the last one: little is left then to do under the head row.
    while more && !events.is_empty() {
        more = events.len() == BATCH as usize;
        position = events.last().map_or(position, |e| e.position);
        // The next events are read while the database writes what these make.
        let (folded, next) = futures::future::join(fold(db, &mut all, &events), feed.after(position, BATCH)).await;
        folded?;
        events = next?;
    }

    let mut tx = db.begin().await?;
    for model in &all {
        wait_for_model(&mut tx, model.live.name()).await?;
    }
    let head = append::take_head(&mut tx).await?.position;
    let known = events.last().map_or(position, |e| e.position);
    events.extend(feed::after_in(&mut tx, codec, known, signed(head.saturating_sub(known))).await?);
    for model in &mut all {
        model.fold(&mut tx, &events).await?;
        model.swap(&mut tx).await?;
    }
    append::raise_epoch(&mut tx).await?;
    tx.commit().await?;
    let failed: Vec<String> = all
        .iter()
        .filter_map(|model| Some(format!("{} cannot be rebuilt: {}", model.def.name, model.failed.as_ref()?)))
        .collect();
    if failed.is_empty() { Ok(head) } else { Err(StoreError::Setup(failed.join("; "))) }
}

/// Folds a batch into the new tables: on SQLite in one transaction, on PostgreSQL in a few, so that some models are
/// folded while others are written.
async fn fold(db: &Db, models: &mut [Rebuilding], events: &[RecordedEvent]) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(_) => fold_in_turn(db, models, events).await,
        Db::Postgres(_) => {
            let share = models.len().div_ceil(WRITERS).max(1);
            let shares: Vec<_> = models.chunks_mut(share).map(|models| fold_in_turn(db, models, events)).collect();
            futures::future::try_join_all(shares).await.map(|_| ())
        }
    }
}

async fn fold_in_turn(db: &Db, models: &mut [Rebuilding], events: &[RecordedEvent]) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(_) = tx {
        // What a crash loses here is built again.
        tx.run("SET LOCAL synchronous_commit = off").await?;
    }
    for model in &mut *models {
        model.fold(&mut tx, events).await?;
    }
    tx.commit().await?;
    models.iter_mut().filter(|model| model.failed.is_none()).for_each(|model| model.rows.confirm());
    Ok(())
}

/// Waits until no projector folds the model. A table swapped under one would be given the same events twice.
async fn wait_for_model(tx: &mut Tx, model: &str) -> Result<(), StoreError> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("hatchery:{model}"))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Keeps other rebuilders of the same models out for as long as it lives, in this process or another.
#[derive(Debug)]
enum Exclusive {
    Sqlite { claims: Claims, models: Vec<&'static str> },
    Postgres(PoolConnection<Postgres>),
}

impl Exclusive {
    async fn take(db: &Db, models: Vec<&'static str>) -> Result<Self, StoreError> {
        let taken = |model: &str| StoreError::Setup(format!("{model} is being rebuilt already"));
        match db {
            Db::Sqlite(db) => {
                let mut claimed = db.claims.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(model) = models.iter().find(|model| claimed.contains(**model)) {
                    return Err(taken(model));
                }
                claimed.extend(models.iter().map(|model| (*model).to_owned()));
                Ok(Self::Sqlite { claims: Arc::clone(&db.claims), models })
            }
            Db::Postgres(PostgresDb { pool, .. }) => {
                let mut connection = pool.acquire().await?;
                // The locks belong to the session. A rebuild that is stopped half way, even here, gives them back
                // with the connection, which is therefore closed and never returned to the pool.
                connection.close_on_drop();
                let mut exclusive = Self::Postgres(connection);
                for model in models {
                    if !exclusive.claim(model).await? {
                        exclusive.release().await;
                        return Err(taken(model));
                    }
                }
                Ok(exclusive)
            }
        }
    }

    /// Takes the lock of one model, if it is free.
    async fn claim(&mut self, model: &str) -> Result<bool, StoreError> {
        let Self::Postgres(connection) = self else { return Ok(true) };
        let (free,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock(hashtextextended($1, 0))")
            .bind(format!("hatchery:rebuild:{model}"))
            .fetch_one(&mut **connection)
            .await?;
        Ok(free)
    }

    /// Gives the locks back before the next one asks: dropping it does so only some time later.
    async fn release(mut self) {
        if let Self::Postgres(connection) = &mut self
            && let Err(error) = sqlx::query("SELECT pg_advisory_unlock_all()").execute(&mut **connection).await
        {
            tracing::warn!(%error, "the lock of a rebuild goes with its connection");
        }
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        if let Self::Sqlite { claims, models } = self {
            let mut claimed = claims.lock().unwrap_or_else(PoisonError::into_inner);
            claimed.retain(|model| !models.contains(&model.as_str()));
        }
    }
}
