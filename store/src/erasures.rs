//! Erasure of people's data (个人信息保护法第四十七条): for good, in answers that were kept too, and in the file.
//!
//! Events hold references only, so that nothing of the log changes. That somebody was erased is listed, by reference,
//! and the list outlives the database: see [`list`].

pub mod list;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::ids::{ErasureId, PersonId};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::idempotency::{self, Held};
use crate::sql::Sql;
use crate::{on_reader, on_tx};

/// One erased record, as the list names it: nothing that says who it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Erased {
    /// The reference that events hold.
    pub person_id: PersonId,
    /// The act: one may erase several records of the same person.
    pub erasure_id: ErasureId,
    /// When.
    pub erased_at: DateTime<Utc>,
    /// On what ground.
    pub ground: String,
}

/// An act of erasing.
#[derive(Debug, Clone)]
pub struct Erasure<'a> {
    /// Its id.
    pub erasure_id: ErasureId,
    /// The records.
    pub persons: &'a [PersonId],
    /// When.
    pub at: DateTime<Utc>,
    /// On what ground; never a text of somebody's own.
    pub ground: &'a str,
    /// The account of who erases.
    pub by: &'a str,
}

#[derive(sqlx::FromRow)]
struct ErasedRow {
    person_id: String,
    erasure_id: String,
    erased_at: String,
    ground: String,
}

impl ErasedRow {
    fn read(self) -> Result<Erased, StoreError> {
        let broken = |what: &str| StoreError::Setup(format!("an erasure has no readable {what}"));
        Ok(Erased {
            person_id: self.person_id.parse().map_err(|_| broken("person"))?,
            erasure_id: self.erasure_id.parse().map_err(|_| broken("id"))?,
            erased_at: self.erased_at.parse().map_err(|_| broken("time"))?,
            ground: self.ground,
        })
    }
}

const COLUMNS: &str = "SELECT person_id, erasure_id, erased_at, ground FROM erasures ";

/// Erases. A record that was erased before stays as it was.
pub async fn erase(db: &Db, erasure: &Erasure<'_>, key: Option<&Held>) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    // In one order, so that two who erase the same people never wait for each other in a ring.
    for person_id in erasure.persons.iter().copied().collect::<BTreeSet<_>>() {
        let (erasure_id, ground) = (erasure.erasure_id, erasure.ground.to_owned());
        let erased = Erased { person_id, erasure_id, erased_at: erasure.at, ground };
        erase_in(&mut tx, &erased, Some(erasure.by)).await?;
    }
    if let Some(key) = key {
        idempotency::hold(&mut tx, key, erasure.at, &[]).await?;
    }
    tx.commit().await
}

/// Applies a list: erases again whoever is on it and was not erased here. Answers how many that were.
pub async fn apply(db: &Db, erasures: &[Erased]) -> Result<usize, StoreError> {
    let known: BTreeSet<PersonId> = all(db).await?.into_iter().map(|erased| erased.person_id).collect();
    let missing: BTreeSet<&Erased> = erasures.iter().filter(|erased| !known.contains(&erased.person_id)).collect();
    if !missing.is_empty() {
        let mut tx = db.begin().await?;
        for erased in &missing {
            erase_in(&mut tx, erased, None).await?;
        }
        tx.commit().await?;
    }
    scrub(db).await?;
    Ok(missing.len())
}

async fn erase_in(tx: &mut Tx, erased: &Erased, by: Option<&str>) -> Result<(), StoreError> {
    let person = erased.person_id.to_string();
    // First of all: this holds the row, and whoever keeps an answer that shows the person has it or waits for it.
    on_tx!(&mut *tx, conn => sqlx::query("UPDATE persons SET name = NULL, phone = NULL, email = NULL, \
        erased_on = COALESCE(erased_on, $1) WHERE person_id = $2")
        .bind(erased.erased_at.date_naive().to_string())
        .bind(&person)
        .execute(conn).await.map(|_| ()))?;
    // What PostgreSQL leaves in its file is its own to clean up.
    let scrubbed = i64::from(matches!(tx, Tx::Postgres(_)));
    on_tx!(&mut *tx, conn => sqlx::query("INSERT INTO erasures (person_id, erasure_id, erased_at, ground, erased_by, scrubbed) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id) DO NOTHING")
        .bind(&person)
        .bind(erased.erasure_id.to_string())
        .bind(erased.erased_at.to_rfc3339())
        .bind(&erased.ground)
        .bind(by)
        .bind(scrubbed)
        .execute(conn).await.map(|_| ()))?;
    idempotency::forget_all_of(tx, erased.person_id).await
}

/// All that was ever erased, in the order of its acts.
pub async fn all(db: &Db) -> Result<Vec<Erased>, StoreError> {
    let sql = format!("{COLUMNS} ORDER BY erased_at, person_id");
    let rows: Vec<ErasedRow> = on_reader!(db, pool => sqlx::query_as(&sql).fetch_all(pool).await)?;
    rows.into_iter().map(ErasedRow::read).collect()
}

/// The same, on one connection to a file that may be older than erasures.
pub(crate) async fn read(connection: &mut SqliteConnection) -> Result<Vec<Erased>, StoreError> {
    let there: Option<(i64,)> =
        sqlx::query_as("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'erasures'")
            .fetch_optional(&mut *connection)
            .await?;
    if there.is_none() {
        return Ok(Vec::new());
    }
    let rows: Vec<ErasedRow> = sqlx::query_as(COLUMNS).fetch_all(connection).await?;
    rows.into_iter().map(ErasedRow::read).collect()
}

/// All that the act erased which erased this person; empty if nobody did.
pub async fn of(db: &Db, person_id: PersonId) -> Result<Vec<Erased>, StoreError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("WHERE erasure_id IN (SELECT erasure_id FROM erasures WHERE person_id = ").bind(person_id.to_string());
    sql.push(") ORDER BY person_id");
    let rows: Vec<ErasedRow> = sql.rows(db).await?;
    rows.into_iter().map(ErasedRow::read).collect()
}

/// Sees to it that the bytes of what was erased are in no file of SQLite either: neither in pages that are free or
/// half full, nor in the write-ahead log. Does nothing where nothing was erased since.
///
/// The whole file is written anew, and commands wait meanwhile: overwriting what is deleted (`secure_delete`) does not
/// reach copies that were left behind when a page was rearranged.
///
/// # Errors
/// If the file could not be cleaned now; the next erasure, or the next start with a list, does so.
pub async fn scrub(db: &Db) -> Result<(), StoreError> {
    let Db::Sqlite(sqlite) = db else { return Ok(()) };
    let mut connection = sqlite.writer.acquire().await?;
    // Nobody erases while this connection, the only one that writes, is held.
    let (waiting,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM erasures WHERE scrubbed = 0").fetch_one(&mut *connection).await?;
    if waiting == 0 {
        return Ok(());
    }
    sqlx::query("VACUUM").execute(&mut *connection).await?;
    empty_the_log(&mut connection).await?;
    sqlx::query("UPDATE erasures SET scrubbed = 1 WHERE scrubbed = 0").execute(&mut *connection).await?;
    Ok(())
}

async fn empty_the_log(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // Waits for readers as long as for any lock.
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
    if busy != 0 {
        return Err(StoreError::Busy("somebody reads the write-ahead log for long; it was not emptied".to_owned()));
    }
    Ok(())
}
