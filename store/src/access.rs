//! Who may sign in, as what, and by which secrets. Accounts are not events: they are changed and ended by an
//! administrator, and what they did stays in the log under their login.
//!
//! Of every secret only a hash is kept.

pub mod accounts;
pub mod openid;
pub mod sign_ins;
pub mod tokens;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::{on_reader, on_tx};

/// What an account may act as, in words that the database keeps.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::FromRow)]
pub struct GrantRow {
    /// A role's name.
    pub role: String,
    /// A program's id, or `all`.
    pub program: String,
    /// The unit that the role is held for.
    pub unit: String,
}

/// The role, program and unit of all grants of an account.
async fn grants_of(db: &Db, account_id: Uuid) -> Result<Vec<GrantRow>, StoreError> {
    Ok(on_reader!(db, pool =>
        sqlx::query_as("SELECT role, program, unit FROM grants WHERE account_id = $1 ORDER BY role, program, unit")
            .bind(account_id.to_string()).fetch_all(pool).await)?)
}

/// An instant as the database keeps it: all of one length, so that they sort as texts.
fn text(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// An id or instant as it was kept.
fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::Setup(format!("an account's row holds `{text}`, which is not what it should be")))
}

fn parsed_opt<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, StoreError> {
    text.map(parsed).transpose()
}

/// Runs a statement with texts for its parameters; answers how many rows it changed.
async fn run(tx: &mut Tx, sql: &str, texts: &[Option<&str>]) -> Result<u64, StoreError> {
    Ok(on_tx!(tx, conn => {
        let mut query = sqlx::query(sql);
        for text in texts {
            query = query.bind(*text);
        }
        query.execute(conn).await.map(|done| done.rows_affected())
    })?)
}
