//! The second wall on PostgreSQL (S2): a connection says what it may see, and sees no row where it says nothing.

use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres};

use super::{Db, PostgresDb, WAIT};
use crate::error::StoreError;

/// The setting that says what a connection may see.
const SCOPE: &str = "hatchery.scope";
/// What the system says of itself.
pub(super) const ALL: (&str, &str) = (SCOPE, "all");
/// Read models have a schema of their own.
pub(super) const SCHEMAS: (&str, &str) = ("search_path", "public,models");
/// Connections for readers that see only some rows.
const NARROW: u32 = 8;

/// Roles that row-level security does not bind, and whoever could undo it.
const UNBOUND: &str = "SELECT rolsuper OR rolbypassrls OR EXISTS ( \
     SELECT 1 FROM pg_class WHERE oid = to_regclass('public.events') AND pg_has_role(relowner, 'USAGE')) \
     FROM pg_roles WHERE rolname = current_user";

/// Connections for readers that see only some rows. None is given out before it was told which.
#[derive(Debug, Clone)]
pub(super) struct Narrow {
    pool: PgPool,
    seen: Option<Arc<str>>,
}

impl Narrow {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        // What tells a connection its scope also finds out whether it is still there.
        let pool = PgPoolOptions::new()
            .max_connections(NARROW)
            .min_connections(0)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Self { pool, seen: None }
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Db {
    /// The database as a reader sees it: on PostgreSQL, rows beyond `seen` are not there, whatever a query asks.
    /// `None` is whoever sees all. Only reading is narrowed.
    #[must_use]
    pub fn seen_by(&self, seen: Option<Arc<str>>) -> Self {
        match self {
            Self::Sqlite(db) => Self::Sqlite(db.clone()),
            Self::Postgres(db) => {
                Self::Postgres(PostgresDb { narrow: Narrow { seen, ..db.narrow.clone() }, ..db.clone() })
            }
        }
    }

    /// Says so in the log if the wall does not bind the role that the server runs as.
    pub(crate) async fn look_at_role(&self) -> Result<(), StoreError> {
        let Self::Postgres(db) = self else { return Ok(()) };
        let (unbound,): (bool,) = sqlx::query_as(UNBOUND).fetch_one(&db.pool).await?;
        if unbound {
            tracing::warn!(
                "the role that this server runs as owns its tables or passes over row-level security: there is no \
                 second wall; see the chapter on PostgreSQL in docs/operations.md"
            );
        }
        Ok(())
    }
}

impl PostgresDb {
    /// A connection that sees what the reader may; none for whoever sees all.
    ///
    /// # Errors
    /// If none can be had.
    pub async fn narrowed(&self) -> Result<Option<PoolConnection<Postgres>>, sqlx::Error> {
        let Some(seen) = &self.narrow.seen else { return Ok(None) };
        let mut connection = self.narrow.pool.acquire().await?;
        if tell(&mut connection, seen).await.is_err() {
            // It was gone, or is in a state that nobody knows.
            connection.close_on_drop();
            drop(connection);
            connection = self.narrow.pool.acquire().await?;
            tell(&mut connection, seen).await?;
        }
        Ok(Some(connection))
    }
}

async fn tell(connection: &mut PgConnection, seen: &str) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT set_config($1, $2, false)").bind(SCOPE).bind(seen).execute(connection).await.map(|_| ())
}
