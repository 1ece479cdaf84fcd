//! The feed: all events in one order, by position.
//!
//! Positions are dense and visible in order, so a reader asks for `position > $1` and nothing more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use cqrs_es::persist::SerializedEvent;
use domain::RecordedEvent;
use serde_json::value::RawValue;
use sqlx::postgres::PgListener;
use sqlx::types::Json;
use tokio::sync::watch;

use crate::codec::Codec;
use crate::db::{Db, PostgresDb, Tx, signed, unsigned};
use crate::error::StoreError;
use crate::sql::Sql;
use crate::{on_reader, on_tx};

/// The channel on which PostgreSQL tells of a new head, once per group.
pub(crate) const CHANNEL: &str = "hatchery_head";

const SELECT_AFTER: &str = "SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version, \
     payload, metadata FROM events WHERE position > $1 ORDER BY position LIMIT $2";

const SELECT_STREAM: &str = "SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version, \
     payload, metadata FROM events WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence";

const SELECT_HEAD: &str = "SELECT position FROM head WHERE id = 1";

/// One row of the log, its JSON as text.
#[derive(sqlx::FromRow)]
pub(crate) struct EventRow {
    pub(crate) position: i64,
    pub(crate) aggregate_type: String,
    pub(crate) aggregate_id: String,
    pub(crate) sequence: i64,
    pub(crate) event_type: String,
    pub(crate) event_version: String,
    pub(crate) payload: Json<Box<RawValue>>,
    pub(crate) metadata: Json<Box<RawValue>>,
}

impl EventRow {
    /// The event as upcasters take it.
    pub(crate) fn into_tree(self) -> serde_json::Result<SerializedEvent> {
        Ok(SerializedEvent::new(
            self.aggregate_id,
            usize::try_from(self.sequence).unwrap_or_default(),
            self.aggregate_type,
            self.event_type,
            self.event_version,
            serde_json::from_str(self.payload.0.get())?,
            serde_json::from_str(self.metadata.0.get())?,
        ))
    }
}

/// A reader of the log. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed {
    db: Db,
    codec: Codec,
    head: watch::Receiver<u64>,
    followed: Arc<AtomicBool>,
}

impl Feed {
    pub(crate) fn new(db: Db, codec: Codec, head: watch::Receiver<u64>) -> Self {
        // Nobody else writes to a SQLite file; on PostgreSQL other nodes have to be listened to.
        let followed = Arc::new(AtomicBool::new(matches!(db, Db::Sqlite(_))));
        Self { db, codec, head, followed }
    }

    /// Whether this node is told of every append, to be set by [`follow_head`].
    pub(crate) fn followed(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.followed)
    }

    /// The position of the last event, as far as this node knows without asking: what it appended itself, and what
    /// other nodes have told it of. `None` where it is not told.
    #[must_use]
    pub fn known_head(&self) -> Option<u64> {
        self.followed.load(Ordering::Relaxed).then(|| *self.head.borrow())
    }

    /// A reader of a database that no store of this process writes to.
    #[must_use]
    pub fn bare(db: Db, codec: Codec) -> Self {
        Self::new(db, codec, watch::channel(0).1)
    }

    /// Up to `limit` events after a position, in order.
    pub async fn after(&self, position: u64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let after = signed(position);
        let rows: Vec<EventRow> = on_reader!(&self.db, pool =>
            sqlx::query_as(SELECT_AFTER).bind(after).bind(i64::from(limit)).fetch_all(pool).await)?;
        rows.into_iter().map(|row| self.codec.decode_row(row)).collect()
    }

    /// Like [`Feed::after`], but an event that cannot be read ends the list instead of failing it.
    pub(crate) async fn readable_after(
        &self,
        position: u64,
        limit: u32,
    ) -> Result<(Vec<RecordedEvent>, Option<StoreError>), StoreError> {
        let after = signed(position);
        let rows: Vec<EventRow> = on_reader!(&self.db, pool =>
            sqlx::query_as(SELECT_AFTER).bind(after).bind(i64::from(limit)).fetch_all(pool).await)?;
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            match self.codec.decode_row(row) {
                Ok(event) => events.push(event),
                Err(error) => return Ok((events, Some(error))),
            }
        }
        Ok((events, None))
    }

    /// All events of one stream after a version, in order.
    pub async fn stream(&self, stream: &domain::StreamId, after: u64) -> Result<Vec<RecordedEvent>, StoreError> {
        let kind: &'static str = stream.kind().into();
        let rows: Vec<EventRow> = on_reader!(&self.db, pool =>
            sqlx::query_as(SELECT_STREAM)
                .bind(kind)
                .bind(stream.id())
                .bind(signed(after))
                .fetch_all(pool)
                .await)?;
        rows.into_iter().map(|row| self.codec.decode_row(row)).collect()
    }

    /// The events up to a position, in order, of the streams of one kind whose id is among `ids`.
    pub async fn of_streams(
        &self,
        kind: domain::StreamKind,
        ids: &[String],
        up_to: u64,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut sql = Sql::new(
            "SELECT position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata \
             FROM events WHERE aggregate_type = ",
        );
        sql.bind(kind.to_string()).push(" AND position <= ").bind(signed(up_to));
        sql.push(" AND ").is_in("aggregate_id", ids.iter().cloned()).push(" ORDER BY position");
        let rows: Vec<EventRow> = sql.rows(&self.db).await?;
        rows.into_iter().map(|row| self.codec.decode_row(row)).collect()
    }

    /// The position of the last event recorded at or before an instant; 0 if there is none.
    pub async fn position_at(&self, instant: DateTime<Utc>) -> Result<u64, StoreError> {
        // Positions and instants rise together but for clock jumps, so the search narrows by halves and then
        // looks at what is left; the log is never scanned.
        let (mut low, mut high) = (0, self.head().await?);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let recorded = self.after(middle - 1, 1).await?.first().map(|e| e.meta.recorded_at);
            if recorded.is_some_and(|at| at <= instant) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Ok(low)
    }

    /// The position of the last event, as committed.
    pub async fn head(&self) -> Result<u64, StoreError> {
        let (position,): (i64,) = on_reader!(&self.db, pool => sqlx::query_as(SELECT_HEAD).fetch_one(pool).await)?;
        Ok(unsigned(position))
    }

    /// Waits until the log is known to have moved beyond `position`, or `bound` has passed.
    pub async fn moved_beyond(&self, position: u64, bound: Duration) {
        let mut head = self.head.clone();
        // An error means that the store is closing; the caller looks again and finds out.
        let _ = tokio::time::timeout(bound, head.wait_for(|head| *head > position)).await;
    }
}

/// Up to `limit` events after a position, inside a transaction.
pub(crate) async fn after_in(
    tx: &mut Tx,
    codec: &Codec,
    position: u64,
    limit: i64,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let after = signed(position);
    let rows: Vec<EventRow> =
        on_tx!(tx, conn => sqlx::query_as(SELECT_AFTER).bind(after).bind(limit).fetch_all(conn).await)?;
    rows.into_iter().map(|row| codec.decode_row(row)).collect()
}

/// All events of one stream after a version, inside a transaction.
pub(crate) async fn stream_in(
    tx: &mut Tx,
    codec: &Codec,
    stream: &domain::StreamId,
    after: u64,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let kind: &'static str = stream.kind().into();
    let rows: Vec<EventRow> = on_tx!(tx, conn =>
        sqlx::query_as(SELECT_STREAM)
            .bind(kind)
            .bind(stream.id())
            .bind(signed(after))
            .fetch_all(conn)
            .await)?;
    rows.into_iter().map(|row| codec.decode_row(row)).collect()
}

/// Keeps `head` true: woken by PostgreSQL's notifications where there are any, by polling besides.
///
/// Ends only with the process; a lost connection is made again.
pub(crate) async fn follow_head(db: Db, head: Arc<watch::Sender<u64>>, followed: Arc<AtomicBool>, poll: Duration) {
    let is_sqlite = matches!(db, Db::Sqlite(_));
    let mut listener: Option<PgListener> = None;
    loop {
        if let (Db::Postgres(PostgresDb { pool, .. }), None) = (&db, &listener) {
            listener = listen(pool).await.ok();
        }
        let newest: Result<(i64,), _> = on_reader!(&db, pool => sqlx::query_as(SELECT_HEAD).fetch_one(pool).await);
        match newest {
            Ok((position,)) => raise(&head, unsigned(position)),
            Err(error) => {
                tracing::warn!(%error, "the head cannot be read; trying again");
                listener = None;
            }
        }
        // Only after the look: what was appended before the listening began is known now, too.
        followed.store(is_sqlite || listener.is_some(), Ordering::Relaxed);
        match &mut listener {
            Some(pg) => {
                if !listened(pg, &head, poll).await {
                    tracing::warn!("lost the notifications; polling");
                    listener = None;
                    followed.store(false, Ordering::Relaxed);
                }
            }
            None => tokio::time::sleep(poll).await,
        }
    }
}

/// Raises the head as notifications say, without asking, until none has come for a while; false if they were lost.
async fn listened(listener: &mut PgListener, head: &watch::Sender<u64>, quiet: Duration) -> bool {
    while let Ok(told) = tokio::time::timeout(quiet, listener.try_recv()).await {
        // `None` is a connection that was lost: something may have been missed.
        let Ok(Some(told)) = told else { return false };
        raise(head, told.payload().parse().unwrap_or_default());
    }
    true
}

async fn listen(pool: &sqlx::PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// The head only rises.
pub(crate) fn raise(head: &watch::Sender<u64>, position: u64) {
    head.send_if_modified(|known| {
        let higher = position > *known;
        if higher {
            *known = position;
        }
        higher
    });
}
