//! Events as they are stored: every text byte for byte, so that nothing is lost by reading it.

use crate::db::Db;
use crate::error::StoreError;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Stored {
    pub(crate) position: i64,
    pub(crate) aggregate_type: Vec<u8>,
    pub(crate) aggregate_id: Vec<u8>,
    pub(crate) sequence: i64,
    pub(crate) event_type: Vec<u8>,
    pub(crate) event_version: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) metadata: Vec<u8>,
}

/// A text in SQLite may hold any bytes.
const SQLITE: &str = "SELECT position, CAST(aggregate_type AS BLOB) AS aggregate_type, \
     CAST(aggregate_id AS BLOB) AS aggregate_id, sequence, CAST(event_type AS BLOB) AS event_type, \
     CAST(event_version AS BLOB) AS event_version, CAST(payload AS BLOB) AS payload, \
     CAST(metadata AS BLOB) AS metadata FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3";

/// The type `json` keeps the text that it was given.
const POSTGRES: &str = "SELECT position, convert_to(aggregate_type, 'UTF8') AS aggregate_type, \
     convert_to(aggregate_id, 'UTF8') AS aggregate_id, sequence, convert_to(event_type, 'UTF8') AS event_type, \
     convert_to(event_version, 'UTF8') AS event_version, convert_to(payload::text, 'UTF8') AS payload, \
     convert_to(metadata::text, 'UTF8') AS metadata \
     FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3";

/// Up to `limit` events after a position and up to another, in order.
pub(crate) async fn page(db: &Db, after: i64, up_to: i64, limit: u32) -> Result<Vec<Stored>, StoreError> {
    let limit = i64::from(limit);
    Ok(match db {
        Db::Sqlite(db) => sqlx::query_as(SQLITE).bind(after).bind(up_to).bind(limit).fetch_all(&db.reader).await?,
        Db::Postgres(db) => sqlx::query_as(POSTGRES).bind(after).bind(up_to).bind(limit).fetch_all(&db.pool).await?,
    })
}
