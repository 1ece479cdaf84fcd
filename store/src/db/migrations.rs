//! Bringing the tables up to date: by their owner. A server that owns nothing only looks whether they are.

use sqlx::PgPool;
use sqlx::migrate::Migrator;

use super::Db;
use crate::error::StoreError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Whether this role may make and change the tables: they are its own, or there are none and it may make some.
const MAY: &str = "SELECT COALESCE((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class \
     WHERE oid = to_regclass('public.events')), has_schema_privilege('public', 'CREATE'))";
const APPLIED: &str = "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version";

impl Db {
    /// Brings the tables of the event store up to date, if they are this role's; waits a bounded time for locks.
    ///
    /// # Errors
    /// If they are not this role's and not up to date, or were made by a later version of the program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(db) => SQLITE.run(&db.writer).await?,
            Self::Postgres(db) => {
                let (may,): (bool,) = sqlx::query_as(MAY).fetch_one(&db.pool).await?;
                if may {
                    POSTGRES.run(&db.pool).await?;
                } else {
                    up_to_date(&db.pool).await?;
                }
            }
        }
        Ok(())
    }

    /// Lets a role of the server do what a server does. Only the owner of the tables can.
    ///
    /// # Errors
    /// If there is no such role, or this is not the owner.
    pub async fn grant(&self, server: &str) -> Result<(), StoreError> {
        let Self::Postgres(db) = self else {
            return Err(StoreError::Setup("SQLite has no roles".to_owned()));
        };
        sqlx::query("SELECT hatchery_grant($1::name)").bind(server).execute(&db.pool).await?;
        Ok(())
    }
}

async fn up_to_date(pool: &PgPool) -> Result<(), StoreError> {
    let outdated = || {
        StoreError::Setup(
            "the tables are not those of this version: run `hatchery migrate` as the role that owns them".to_owned(),
        )
    };
    let there: Option<(String,)> =
        sqlx::query_as("SELECT relname::text FROM pg_class WHERE oid = to_regclass('public._sqlx_migrations')")
            .fetch_optional(pool)
            .await?;
    there.ok_or_else(outdated)?;
    let applied: Vec<(i64, Vec<u8>)> = sqlx::query_as(APPLIED).fetch_all(pool).await?;
    let known = POSTGRES.iter().map(|migration| (migration.version, migration.checksum.to_vec()));
    if known.eq(applied) { Ok(()) } else { Err(outdated()) }
}
