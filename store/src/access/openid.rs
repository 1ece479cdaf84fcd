//! Accounts that sign in at an `OpenID` provider: whom the provider means, and which tries were used.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::accounts::{self, Account};
use super::{parsed, run, text};
use crate::db::Db;
use crate::error::StoreError;
use crate::{on_reader, on_tx};

/// Whom an `OpenID` provider knows: a name that it never gives to anybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIdName {
    /// The provider.
    pub issuer: String,
    /// Its name for somebody; no login, no mail address.
    pub subject: String,
}

/// Links an account with a name, in place of any that it had, or takes that away; the account's sign-ins end.
/// False if the name is another account's.
pub async fn link(db: &Db, account_id: Uuid, name: Option<&OpenIdName>) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let id = account_id.to_string();
    let (issuer, subject) = (name.map(|name| &*name.issuer), name.map(|name| &*name.subject));
    let sql = "UPDATE accounts SET issuer = $1, subject = $2 WHERE account_id = $3 AND NOT EXISTS \
               (SELECT 1 FROM accounts o WHERE o.issuer = $1 AND o.subject = $2 AND o.account_id <> $3)";
    let linked = match run(&mut tx, sql, &[issuer, subject, Some(&id)]).await {
        Ok(rows) => rows > 0,
        // Linked with another account at the same moment.
        Err(StoreError::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
            tx.rollback().await?;
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if linked {
        run(&mut tx, "DELETE FROM sign_ins WHERE account_id = $1", &[Some(&id)]).await?;
    }
    tx.commit().await?;
    Ok(linked)
}

/// The account that is linked with a name; disabled or not.
pub async fn find(db: &Db, name: &OpenIdName) -> Result<Option<Account>, StoreError> {
    let row: Option<(String,)> = on_reader!(db, pool =>
        sqlx::query_as("SELECT account_id FROM accounts WHERE issuer = $1 AND subject = $2")
            .bind(&name.issuer).bind(&name.subject).fetch_optional(pool).await)?;
    match row {
        Some((account_id,)) => accounts::get(db, parsed(&account_id)?).await,
        None => Ok(None),
    }
}

/// Uses a try up; false if it was used before. Those that have ended are forgotten.
pub async fn use_up(db: &Db, hash: &str, ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    run(&mut tx, "DELETE FROM openid_used WHERE ends_at <= $1", &[Some(&text(now))]).await?;
    let used = on_tx!(&mut tx, conn => sqlx::query(
        "INSERT INTO openid_used (hash, ends_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING")
        .bind(hash).bind(text(ends_at)).execute(conn).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok(used > 0)
}
