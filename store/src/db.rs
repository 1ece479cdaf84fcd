//! The database: SQLite or PostgreSQL, one SQL text for both wherever it can be.

mod migrations;
mod reading;
mod walled;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

use crate::error::StoreError;

/// Where the database is: `sqlite:path/to/file.db` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub enum DbUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server; direct or session-pooled connections only.
    Postgres(String),
}

impl FromStr for DbUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err("sqlite: needs a path, e.g. sqlite:hatchery.db".to_owned());
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err("a database URL begins with sqlite: or postgres://".to_owned())
    }
}

/// Without the password: it is never written anywhere.
impl fmt::Display for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let place = url.rsplit_once('@').map_or_else(|| url.split_once("://").map_or("", |p| p.1), |p| p.1);
                // A password may stand among the parameters, too.
                write!(f, "postgres://{}", place.split_once('?').map_or(place, |(place, _)| place))
            }
        }
    }
}

impl fmt::Debug for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file, one process.
    Sqlite(SqliteDb),
    /// A server.
    Postgres(PostgresDb),
}

/// SQLite: one writer, several readers, and the lock that keeps other processes out.
#[derive(Debug, Clone)]
pub struct SqliteDb {
    /// The one connection that writes.
    pub writer: SqlitePool,
    /// Connections that read.
    pub reader: SqlitePool,
    /// The read models that are being rebuilt.
    pub(crate) claims: Claims,
    /// Given back with the last handle at the latest.
    pub(crate) lock: Option<Arc<File>>,
}

/// PostgreSQL: connections for everything, and one for the appender alone.
#[derive(Debug, Clone)]
pub struct PostgresDb {
    /// Connections that read and write.
    pub pool: PgPool,
    narrow: walled::Narrow,
    /// The connection that whole groups are appended on, one statement each.
    pub(crate) appender: Own,
}

/// A connection that one task has for itself: made when it is needed, tried after a rest, and never used again after
/// an error, whatever state it is in. A pool would try it before and after each use, which is two round trips more.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    options: Arc<PgConnectOptions>,
    kept: Arc<tokio::sync::Mutex<Option<(PgConnection, Instant)>>>,
}

impl Own {
    /// Takes the connection; whoever drops it instead of giving it back closes it.
    pub(crate) async fn take(&self) -> Result<PgConnection, StoreError> {
        let kept = self.kept.lock().await.take();
        tokio::time::timeout(WAIT, async {
            if let Some((mut connection, since)) = kept
                && (since.elapsed() < REST || connection.ping().await.is_ok())
            {
                return Ok(connection);
            }
            Ok(self.options.connect().await?)
        })
        .await
        .map_err(|_| StoreError::Database(sqlx::Error::PoolTimedOut))?
    }

    /// Gives the connection back, sound.
    pub(crate) async fn give_back(&self, connection: PgConnection) {
        *self.kept.lock().await = Some((connection, Instant::now()));
    }

    async fn close(&self) {
        if let Some((connection, _)) = self.kept.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a connection was gone before it was closed");
        }
    }
}

/// Names that somebody in this process works on.
pub(crate) type Claims = Arc<Mutex<BTreeSet<String>>>;

/// A transaction on either database.
#[derive(Debug)]
pub enum Tx {
    /// Begun IMMEDIATE.
    Sqlite(Transaction<'static, Sqlite>),
    /// READ COMMITTED.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same expression on the reading pool of either database, or on a connection that sees what the reader may.
#[macro_export]
macro_rules! on_reader {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite($crate::db::SqliteDb { reader: $pool, .. }) => $body,
            $crate::db::Db::Postgres(db) => match db.narrowed().await {
                Ok(None) => {
                    let $pool = &db.pool;
                    $body
                }
                Ok(Some(mut narrowed)) => {
                    let $pool = &mut *narrowed;
                    $body
                }
                Err(error) => Err(error),
            },
        }
    };
}

/// Runs the same expression on the writing pool of either database.
#[macro_export]
macro_rules! on_writer {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite($crate::db::SqliteDb { writer: $pool, .. }) => $body,
            $crate::db::Db::Postgres($crate::db::PostgresDb { pool: $pool, .. }) => $body,
        }
    };
}

/// Runs the same expression on the connection of a transaction of either database.
#[macro_export]
macro_rules! on_tx {
    ($tx:expr, $conn:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::db::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

/// How long a connection, a lock or a statement may be waited for.
const WAIT: Duration = Duration::from_secs(5);
/// After this long without use a connection may have gone unnoticed. What was sent on one that had is of unknown
/// outcome; what was not sent is not.
const REST: Duration = Duration::from_millis(50);
const POSTGRES_CONNECTIONS: u32 = 16;
const SQLITE_READERS: u32 = 4;
/// After so many pages of 4 KiB the write-ahead log is brought into the file: 32 MiB.
const SQLITE_WAL_PAGES: &str = "8192";
/// Pages that a connection keeps in memory, in KiB, as SQLite writes it.
const SQLITE_CACHE: &str = "-8192";
/// A transaction that will write takes the file at once, rather than find it taken when it does.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// A position or version as the databases keep it.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A position or version as the code counts it.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl Db {
    /// Opens the database; a SQLite file is made where there is none.
    ///
    /// # Errors
    /// If it cannot be reached, if another process holds the SQLite file, or if it would not keep what it
    /// acknowledges (`synchronous` off).
    pub async fn open(url: &DbUrl) -> Result<Self, StoreError> {
        match url {
            DbUrl::Sqlite(path) => Self::open_sqlite(path).await,
            DbUrl::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let lock = lock_file(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            // The pages that every append changes are copied into the file once for many of them.
            .pragma("wal_autocheckpoint", SQLITE_WAL_PAGES)
            .pragma("cache_size", SQLITE_CACHE);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_with(options.read_only(true))
            .await?;
        let (mode,): (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&writer).await?;
        let (synchronous,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&writer).await?;
        if mode != "wal" || synchronous < 2 {
            return Err(StoreError::Setup(format!(
                "SQLite must run in WAL with synchronous=FULL; found {mode} and {synchronous}"
            )));
        }
        Ok(Self::Sqlite(SqliteDb { writer, reader, claims: Claims::default(), lock: Some(Arc::new(lock)) }))
    }

    /// An empty database in memory, gone with its last handle.
    pub async fn scratch() -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(SqliteConnectOptions::new().in_memory(true))
            .await?;
        Ok(Self::Sqlite(SqliteDb { writer: pool.clone(), reader: pool, claims: Claims::default(), lock: None }))
    }

    async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("hatchery").options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "60s"),
            walled::SCHEMAS,
        ]);
        let narrow = walled::Narrow::new(options.clone());
        let options = options.options([walled::ALL]);
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(WAIT)
            .connect_with(options.clone())
            .await?;
        let (synchronous,): (String,) = sqlx::query_as("SHOW synchronous_commit").fetch_one(&pool).await?;
        if synchronous == "off" {
            return Err(StoreError::Setup("PostgreSQL must run with synchronous_commit on".to_owned()));
        }
        // The same few statements over and over: planned once each.
        let options = options.options([("plan_cache_mode", "force_generic_plan")]);
        let appender = Own { options: Arc::new(options), kept: Arc::default() };
        Ok(Self::Postgres(PostgresDb { pool, narrow, appender }))
    }

    /// Begins a transaction that will write.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(db) => Tx::Sqlite(db.begin().await?),
            Self::Postgres(db) => Tx::Postgres(db.pool.begin().await?),
        })
    }

    /// Closes all connections, waiting for those in use, and lets go of the SQLite file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(db) => {
                db.reader.close().await;
                db.writer.close().await;
                if let Some(Err(error)) = db.lock.as_ref().map(|lock| lock.unlock()) {
                    tracing::warn!(%error, "the lock of the database file goes with the process");
                }
            }
            Self::Postgres(db) => {
                db.appender.close().await;
                db.narrow.close().await;
                db.pool.close().await;
            }
        }
    }
}

impl SqliteDb {
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        match self.writer.begin_with(BEGIN).await {
            // The one before could not be ended in order, as when the disk was full: SQLite rolled it back by itself,
            // or does so now.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                self.writer.begin_with(BEGIN).await
            }
            begun => begun,
        }
    }
}

impl Tx {
    /// Commits. An error here leaves the outcome unknown.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Rolls back.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// Runs a statement without parameters.
    pub async fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        // Not `raw_sql(…).execute(…)`: its future is not `Send` for every lifetime.
        on_tx!(self, conn => sqlx::Executor::execute(conn, sql).await.map(|_| ()))?;
        Ok(())
    }
}

/// Takes the lock beside a SQLite file that keeps a second process out.
fn lock_file(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(|e| StoreError::Setup(format!("cannot open {}: {e}", Path::new(&name).display())))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::Setup(format!(
            "{} is in use by another process; SQLite is for one process, use PostgreSQL for several",
            path.display()
        )),
        TryLockError::Error(error) => StoreError::Setup(format!("cannot lock {}: {error}", Path::new(&name).display())),
    })?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_either_database_and_never_shows_the_password() {
        assert_eq!("sqlite:a/b.db".parse(), Ok(DbUrl::Sqlite(PathBuf::from("a/b.db"))));
        let url: DbUrl = "postgres://me:secret@host:5432/pool".parse().unwrap();
        assert_eq!(format!("{url} {url:?}"), "postgres://host:5432/pool postgres://host:5432/pool");
        let url: DbUrl = "postgres://host/pool?user=me&password=secret".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://host/pool");
        assert!("mysql://x".parse::<DbUrl>().is_err());
        assert!("sqlite:".parse::<DbUrl>().is_err());
    }
}
