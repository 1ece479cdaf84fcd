//! Databases for tests: a SQLite file or a PostgreSQL database of its own for each.
//!
//! The PostgreSQL server is the one that `HATCHERY_TEST_POSTGRES` names, e.g. as `tests/run` starts it.

pub mod cluster;

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};
use uuid::Uuid;

use crate::db::{Claims, Db, DbUrl, SqliteDb};
use crate::error::StoreError;

/// A database that one test has for itself.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where it is. On PostgreSQL it is opened as a role that owns nothing, as a server should be.
    pub url: DbUrl,
    /// The same for who may do all, on PostgreSQL.
    administrator: Option<String>,
    folder: Option<PathBuf>,
}

/// The roles of a test server: who owns the tables, and who serves.
const OWNER: &str = "hatchery_owner";
const SERVER: &str = "hatchery_server";
const MAKE_ROLES: &str = "DO $$ BEGIN \
     PERFORM pg_advisory_xact_lock(7); \
     IF to_regrole('hatchery_owner') IS NULL THEN CREATE ROLE hatchery_owner LOGIN; END IF; \
     IF to_regrole('hatchery_server') IS NULL THEN CREATE ROLE hatchery_server LOGIN; END IF; END $$";

impl TestDatabase {
    /// A SQLite file in a folder of its own, removed afterwards.
    pub fn sqlite() -> Result<Self, StoreError> {
        let folder = std::env::temp_dir().join(format!("hatchery-test-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).map_err(|e| StoreError::Setup(e.to_string()))?;
        Ok(Self { url: DbUrl::Sqlite(folder.join("hatchery.db")), administrator: None, folder: Some(folder) })
    }

    /// An empty database on the test server; it goes with the server's cluster.
    ///
    /// # Errors
    /// If `HATCHERY_TEST_POSTGRES` is not set or the server cannot be reached: a test on PostgreSQL is never skipped.
    pub async fn postgres() -> Result<Self, StoreError> {
        Self::on(&test_server()?).await
    }

    /// An empty database on a server, which trusts whoever comes.
    pub async fn on(server: &str) -> Result<Self, StoreError> {
        let database = Self::bare(server).await?;
        let owned = Db::open(&DbUrl::Postgres(as_role(&database.administrator(), OWNER))).await?;
        owned.migrate().await?;
        owned.grant(SERVER).await?;
        owned.close().await;
        Ok(database)
    }

    /// The same without tables, to restore a dump into.
    pub async fn without_tables() -> Result<Self, StoreError> {
        Self::bare(&test_server()?).await
    }

    async fn bare(server: &str) -> Result<Self, StoreError> {
        let name = format!("t{}", Uuid::now_v7().simple());
        let options = PgConnectOptions::from_str(server)?;
        let mut connection = options.connect().await?;
        sqlx::raw_sql(MAKE_ROLES).execute(&mut connection).await?;
        sqlx::raw_sql(&format!("CREATE DATABASE {name} OWNER {OWNER}")).execute(&mut connection).await?;
        connection.close().await?;
        let (base, query) = server.split_once('?').map_or((server, ""), |(b, q)| (b, q));
        let place = base.rsplit_once('/').map_or(base, |(place, _)| place);
        let mut administrator = format!("{place}/{name}");
        if !query.is_empty() {
            administrator = format!("{administrator}?{query}");
        }
        let url = DbUrl::Postgres(as_role(&administrator, SERVER));
        Ok(Self { url, administrator: Some(administrator), folder: None })
    }

    /// The database of a server that the test looks after.
    #[must_use]
    pub const fn at(url: DbUrl) -> Self {
        Self { url, administrator: None, folder: None }
    }

    /// The database beside a server that has it open, for rows that servers read and never keep: a SQLite file without
    /// its lock, a PostgreSQL database as who may do all.
    pub async fn beside(&self) -> Result<Db, StoreError> {
        let DbUrl::Sqlite(path) = &self.url else { return Db::open(&DbUrl::Postgres(self.administrator())).await };
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        Ok(Db::Sqlite(SqliteDb { writer: pool.clone(), reader: pool, claims: Claims::default(), lock: None }))
    }

    /// Changes the database behind everybody's back: all of the statements, or none.
    pub async fn meddle(&self, statements: &[&str]) -> Result<(), StoreError> {
        let db = self.beside().await?;
        let mut tx = db.begin().await?;
        for sql in statements {
            tx.run(sql).await?;
        }
        tx.commit().await?;
        db.close().await;
        Ok(())
    }

    /// The URL as a setting takes it, password included.
    #[must_use]
    pub fn setting(&self) -> String {
        match &self.url {
            DbUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DbUrl::Postgres(url) => url.clone(),
        }
    }

    /// The URL for who may do all: to dump it, to restore into it, to meddle with it.
    #[must_use]
    pub fn administrator(&self) -> String {
        self.administrator.clone().unwrap_or_else(|| self.setting())
    }
}

fn test_server() -> Result<String, StoreError> {
    std::env::var("HATCHERY_TEST_POSTGRES")
        .map_err(|_| StoreError::Setup("HATCHERY_TEST_POSTGRES names no server; tests/run starts one".to_owned()))
}

/// A URL of a server as another role; the server trusts whoever comes.
fn as_role(url: &str, role: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{role}@{place}")
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            // What cannot be removed is left to the system's temporary folder.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
