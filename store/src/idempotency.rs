//! Answers kept with their idempotency keys, so that a retry gets the identical one (R2).

use crate::db::Db;
use crate::error::StoreError;
use crate::{on_reader, on_writer};

/// Keeps the answer that was given for a key. The first answer stays.
pub async fn keep_answer(db: &Db, key: &str, answer: &str) -> Result<(), StoreError> {
    on_writer!(db, pool => sqlx::query("UPDATE idempotency SET answer = $1 WHERE key = $2 AND answer IS NULL")
        .bind(answer).bind(key).execute(pool).await.map(|_| ()))?;
    Ok(())
}

/// A key that was committed: the fingerprint of its payload, and the answer if one was kept.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Known {
    /// Fingerprint of the payload.
    pub fingerprint: String,
    /// The answer as given.
    pub answer: Option<String>,
}

/// What is known of a key.
pub async fn find(db: &Db, key: &str) -> Result<Option<Known>, StoreError> {
    Ok(on_reader!(db, pool => sqlx::query_as("SELECT fingerprint, answer FROM idempotency WHERE key = $1")
        .bind(key).fetch_optional(pool).await)?)
}
