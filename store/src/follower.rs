//! Followers: tasks that read the log behind the appender and write what it comes to elsewhere.
//!
//! Each has a position of its own, which moves in the transaction that writes what was read up to it: exactly once,
//! one node at a time. They ride along with nothing, so that an append does not wait for them; they look at the log
//! now and then, and take what has gathered.

pub(crate) mod stored;

use std::time::Duration;

use crate::db::{Db, Tx, signed, unsigned};
use crate::error::StoreError;
use crate::feed::Feed;
use crate::{on_reader, on_tx, on_writer};
use stored::Stored;

/// Events of one batch.
pub(crate) const BATCH: u32 = 500;
/// How long a follower that stands at the head waits before it looks again without having been told.
const IDLE: Duration = Duration::from_secs(5);

/// Where a follower stands, and where the log ends: one statement.
const STANDS: &str = "SELECT followers.position, head.position FROM followers, head WHERE name = $1";

/// What a follower makes of the log.
pub(crate) trait Follower: Send + Sync + 'static {
    /// Its name among the followers.
    const NAME: &'static str;
    /// What a part of the log comes to.
    type Rows: Send;

    /// Reads a part of the log that begins after a position; answers how far it got, and what that comes to. `None`
    /// asks for a longer part.
    fn read(
        &self,
        db: &Db,
        after: u64,
        events: &[Stored],
    ) -> impl Future<Output = Result<Option<(u64, Self::Rows)>, StoreError>> + Send;

    /// Writes what a part of the log comes to.
    fn write(&self, tx: &mut Tx, rows: Self::Rows) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// How far a follower has come.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Follows {
    /// Its name: `chain` or `audit`.
    pub name: String,
    /// The last position that it took in.
    #[sqlx(try_from = "i64")]
    pub position: u64,
}

/// How far each follower has come.
pub(crate) async fn positions(db: &Db) -> Result<Vec<Follows>, StoreError> {
    let sql = "SELECT name, position FROM followers ORDER BY name";
    Ok(on_reader!(db, pool => sqlx::query_as(sql).fetch_all(pool).await)?)
}

/// How far one follower has come.
pub(crate) async fn position(db: &Db, name: &str) -> Result<u64, StoreError> {
    Ok(stands(db, name).await?.0)
}

async fn stands(db: &Db, name: &str) -> Result<(u64, u64), StoreError> {
    let stands: Option<(i64, i64)> =
        on_reader!(db, pool => sqlx::query_as(STANDS).bind(name).fetch_optional(pool).await)?;
    let (position, head) = stands.ok_or_else(|| StoreError::Setup(format!("nobody follows as {name}")))?;
    Ok((unsigned(position), unsigned(head)))
}

/// Lets a follower begin at the beginning of the log, unless it has begun before.
pub(crate) async fn begin(db: &Db, name: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO followers (name, position) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING";
    on_writer!(db, pool => sqlx::query(sql).bind(name).execute(pool).await.map(|_| ()))?;
    Ok(())
}

/// Follows the log. Ends only with the process.
pub(crate) async fn run<F: Follower>(db: Db, feed: Feed, follower: F, breath: Duration) {
    loop {
        match catch_up(&db, &follower).await {
            Ok(Some(head)) => feed.moved_beyond(head, IDLE).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(follower = F::NAME, %error, "the log could not be followed; trying again"),
        }
        // What comes meanwhile is taken together: following after every append would cost the append.
        tokio::time::sleep(breath).await;
    }
}

/// Follows the log to where it ends; answers where that was. `None` if it was left to another node that is at it.
pub(crate) async fn catch_up<F: Follower>(db: &Db, follower: &F) -> Result<Option<u64>, StoreError> {
    loop {
        let (position, head) = stands(db, F::NAME).await?;
        if position >= head {
            return Ok(Some(head));
        }
        if !step(db, follower, position, head).await? {
            return Ok(None);
        }
    }
}

/// One batch; false if there is nothing that could be taken now.
async fn step<F: Follower>(db: &Db, follower: &F, position: u64, head: u64) -> Result<bool, StoreError> {
    let mut limit = BATCH;
    let (to, rows) = loop {
        // Up to the head and no further: what stands beyond it was not appended.
        let events = stored::page(db, signed(position), signed(head), limit).await?;
        let all = events.len() < limit as usize;
        match follower.read(db, position, &events).await? {
            Some(read) => break read,
            None if all => return Ok(false),
            None => limit = limit.saturating_mul(2),
        }
    };
    let mut tx = db.begin().await?;
    let now = take(&mut tx, F::NAME).await?;
    if now != Some(position) {
        tx.rollback().await?;
        // Somebody has been faster, and there may be more to do; or is at it now.
        return Ok(now.is_some());
    }
    follower.write(&mut tx, rows).await?;
    on_tx!(&mut tx, conn => sqlx::query("UPDATE followers SET position = $1 WHERE name = $2")
        .bind(signed(to)).bind(F::NAME).execute(conn).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(true)
}

/// Takes a follower's row, unless somebody has it; answers where it stands.
async fn take(tx: &mut Tx, name: &str) -> Result<Option<u64>, StoreError> {
    let sql = match tx {
        Tx::Sqlite(_) => "SELECT position FROM followers WHERE name = $1",
        Tx::Postgres(_) => {
            // What a crash takes away is read from the log again: nobody waits for the disk.
            tx.run("SET LOCAL synchronous_commit = off").await?;
            "SELECT position FROM followers WHERE name = $1 FOR UPDATE SKIP LOCKED"
        }
    };
    let found: Option<(i64,)> = on_tx!(tx, conn => sqlx::query_as(sql).bind(name).fetch_optional(conn).await)?;
    Ok(found.map(|(position,)| unsigned(position)))
}
