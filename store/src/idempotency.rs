//! Answers kept with their idempotency keys, so that a retry gets the identical one (R2).
//!
//! An answer may show people. Whom a key concerns is kept beside it, so that the answer goes when they are erased: it
//! is then answered that it was, to whoever comes again with the key.

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::{on_reader, on_tx, on_writer};

/// What stands in place of a fingerprint once a person whom the key concerns was erased. No request has it: a
/// fingerprint is a hash, and one of personal data can be guessed.
pub(crate) const ERASED: &str = "erased";

/// Keeps the answer that was given for a key, and whom it shows. The first answer stays; one that shows a person who
/// was erased meanwhile is not kept.
pub async fn keep_answer(db: &Db, key: &str, answer: &str, shows: &[PersonId]) -> Result<(), StoreError> {
    const KEEP: &str = "UPDATE idempotency SET answer = $1 WHERE key = $2 AND answer IS NULL AND fingerprint <> $3";
    if shows.is_empty() {
        on_writer!(db, pool => sqlx::query(KEEP).bind(answer).bind(key).bind(ERASED).execute(pool).await.map(|_| ()))?;
        return Ok(());
    }
    let mut tx = db.begin().await?;
    // Who erases one of them now waits for this, and then finds the answer; who has erased one is seen.
    let held = if matches!(tx, Tx::Postgres(_)) { "FOR SHARE" } else { "" };
    let look = format!("SELECT erased_on FROM persons WHERE person_id = $1 {held}");
    for person in shows {
        let row: Option<(Option<String>,)> =
            on_tx!(&mut tx, conn => sqlx::query_as(&look).bind(person.to_string()).fetch_optional(conn).await)?;
        if let Some((Some(_),)) = row {
            forget(&mut tx, key).await?;
            return tx.commit().await;
        }
    }
    let kept = on_tx!(&mut tx, conn => sqlx::query(KEEP).bind(answer).bind(key).bind(ERASED)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    if kept > 0 {
        concerns(&mut tx, key, shows).await?;
    }
    tx.commit().await
}

/// A key that was committed: the fingerprint of its payload, and the answer if one was kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Known {
    /// Fingerprint of the payload.
    pub fingerprint: String,
    /// The answer as given.
    pub answer: Option<String>,
}

impl Known {
    /// Whether a person whom the request or its answer names was erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.fingerprint == ERASED
    }
}

/// What is known of a key.
pub async fn find(db: &Db, key: &str) -> Result<Option<Known>, StoreError> {
    Ok(on_reader!(db, pool => sqlx::query_as("SELECT fingerprint, answer FROM idempotency WHERE key = $1")
        .bind(key).fetch_optional(pool).await)?)
}

/// The key of a request that appends no event, with its fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The key in its scope.
    pub key: String,
    /// Hash of everything that makes the request what it is.
    pub fingerprint: String,
}

/// Commits the key of a request that appends no event with what it does.
pub(crate) async fn hold(tx: &mut Tx, held: &Held, at: DateTime<Utc>, shows: &[PersonId]) -> Result<(), StoreError> {
    let sql = "INSERT INTO idempotency (key, fingerprint, decision_id, first_position, last_position, recorded_at) \
               VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT (key) DO NOTHING";
    on_tx!(&mut *tx, conn => sqlx::query(sql)
        .bind(&held.key)
        .bind(&held.fingerprint)
        .bind(Uuid::now_v7().to_string())
        .bind(at.to_rfc3339())
        .execute(conn).await.map(|_| ()))?;
    concerns(tx, &held.key, shows).await
}

async fn concerns(tx: &mut Tx, key: &str, shows: &[PersonId]) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO idempotency_persons (person_id, key) VALUES ($1, $2) ON CONFLICT (person_id, key) DO NOTHING";
    for person in shows {
        on_tx!(&mut *tx, conn => sqlx::query(sql).bind(person.to_string()).bind(key).execute(conn).await.map(|_| ()))?;
    }
    Ok(())
}

async fn forget(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    let sql = "UPDATE idempotency SET answer = NULL, fingerprint = $1 WHERE key = $2";
    on_tx!(tx, conn => sqlx::query(sql).bind(ERASED).bind(key).execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Takes the answers of all keys that concern a person, and what their requests were. The person's row is held.
pub(crate) async fn forget_all_of(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    let forget = "UPDATE idempotency SET answer = NULL, fingerprint = $1 WHERE key IN \
                  (SELECT key FROM idempotency_persons WHERE person_id = $2)";
    on_tx!(&mut *tx, conn => sqlx::query(forget).bind(ERASED).bind(person.to_string())
        .execute(conn).await.map(|_| ()))?;
    on_tx!(tx, conn => sqlx::query("DELETE FROM idempotency_persons WHERE person_id = $1").bind(person.to_string())
        .execute(conn).await.map(|_| ()))?;
    Ok(())
}
