//! A database of which a process only reads, whoever else is at work on it.

use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::{Claims, Db, DbUrl, Own, PostgresDb, SqliteDb, WAIT, walled};
use crate::error::StoreError;

impl Db {
    /// Opens a database to read it, also while a server is at work on it; its tables stay as they are.
    pub async fn open_to_read(url: &DbUrl) -> Result<Self, StoreError> {
        match url {
            DbUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(WAIT);
                let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(WAIT).connect_with(options);
                let reader = pool.await?;
                Ok(Self::Sqlite(SqliteDb { writer: reader.clone(), reader, claims: Claims::default(), lock: None }))
            }
            DbUrl::Postgres(url) => {
                let options = PgConnectOptions::from_str(url)?.application_name("hatchery").options([
                    ("statement_timeout", "30s"),
                    ("default_transaction_read_only", "on"),
                    walled::SCHEMAS,
                ]);
                let narrow = walled::Narrow::new(options.clone());
                let options = options.options([walled::ALL]);
                let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(WAIT);
                let pool = pool.connect_with(options.clone()).await?;
                let appender = Own { options: Arc::new(options), kept: Arc::default() };
                Ok(Self::Postgres(PostgresDb { pool, narrow, appender }))
            }
        }
    }
}
