//! Accounts and what they may act as.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::openid::OpenIdName;
use super::{GrantRow, grants_of, parsed, parsed_opt, run, text};
use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::{on_reader, on_tx};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub account_id: Uuid,
    /// What it signs in with, and what events name as the person.
    pub login: String,
    /// The PHC string of its password, if it has one.
    pub password: Option<String>,
    /// Since when it has this password.
    pub password_at: Option<DateTime<Utc>>,
    /// Whether it can do nothing but choose another password.
    pub must_change: bool,
    /// Whom it is at the `OpenID` provider, if it is linked.
    pub openid: Option<OpenIdName>,
    /// Since when it is disabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What it may act as.
    pub grants: Vec<GrantRow>,
}

/// An account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount<'a> {
    /// Its id.
    pub account_id: Uuid,
    /// What it signs in with.
    pub login: &'a str,
    /// The PHC string of its password, if it has one.
    pub password: Option<&'a str>,
    /// Whether it must choose another one first.
    pub must_change: bool,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
pub(super) struct AccountRow {
    pub(super) account_id: String,
    login: String,
    password: Option<String>,
    password_at: Option<String>,
    must_change: i64,
    issuer: Option<String>,
    subject: Option<String>,
    disabled_at: Option<String>,
    created_at: String,
}

impl AccountRow {
    pub(super) async fn read(self, db: &Db) -> Result<Account, StoreError> {
        let account_id = parsed(&self.account_id)?;
        Ok(Account {
            account_id,
            login: self.login,
            password: self.password,
            password_at: parsed_opt(self.password_at.as_deref())?,
            must_change: self.must_change != 0,
            openid: self.issuer.zip(self.subject).map(|(issuer, subject)| OpenIdName { issuer, subject }),
            disabled_at: parsed_opt(self.disabled_at.as_deref())?,
            created_at: parsed(&self.created_at)?,
            grants: grants_of(db, account_id).await?,
        })
    }
}

const SELECT: &str = "SELECT account_id, login, password, password_at, must_change, issuer, subject, disabled_at, created_at FROM accounts";

/// Whether nobody has an account yet: the first start.
pub async fn none(db: &Db) -> Result<bool, StoreError> {
    let (count,): (i64,) =
        on_reader!(db, pool => sqlx::query_as("SELECT count(*) FROM accounts").fetch_one(pool).await)?;
    Ok(count == 0)
}

/// Makes an account with its grants; false if the login is taken.
pub async fn create(db: &Db, account: &NewAccount<'_>, grants: &[GrantRow]) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let made = on_tx!(&mut tx, conn => sqlx::query(
        "INSERT INTO accounts (account_id, login, password, must_change, created_at, password_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (login) DO NOTHING")
        .bind(account.account_id.to_string())
        .bind(account.login)
        .bind(account.password)
        .bind(i64::from(account.must_change))
        .bind(text(account.at))
        .bind(account.password.map(|_| text(account.at)))
        .execute(conn).await.map(|done| done.rows_affected()))?;
    if made == 0 {
        tx.rollback().await?;
        return Ok(false);
    }
    insert_grants(&mut tx, account.account_id, grants).await?;
    tx.commit().await?;
    Ok(true)
}

async fn insert_grants(tx: &mut Tx, account_id: Uuid, grants: &[GrantRow]) -> Result<(), StoreError> {
    let account_id = account_id.to_string();
    for GrantRow { role, program, unit } in grants {
        let sql = "INSERT INTO grants (account_id, role, program, unit) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        run(tx, sql, &[Some(&account_id), Some(role), Some(program), Some(unit)]).await?;
    }
    Ok(())
}

/// The account of a login.
pub async fn by_login(db: &Db, login: &str) -> Result<Option<Account>, StoreError> {
    one(db, "login", login).await
}

/// The account of an id.
pub async fn get(db: &Db, account_id: Uuid) -> Result<Option<Account>, StoreError> {
    one(db, "account_id", &account_id.to_string()).await
}

async fn one(db: &Db, column: &str, value: &str) -> Result<Option<Account>, StoreError> {
    let sql = format!("{SELECT} WHERE {column} = $1");
    let row: Option<AccountRow> = on_reader!(db, pool => sqlx::query_as(&sql).bind(value).fetch_optional(pool).await)?;
    match row {
        Some(row) => Ok(Some(row.read(db).await?)),
        None => Ok(None),
    }
}

/// Up to `limit` accounts in the order of their logins, after one.
pub async fn list(db: &Db, after: &str, limit: u32) -> Result<Vec<Account>, StoreError> {
    let sql = format!("{SELECT} WHERE login > $1 ORDER BY login LIMIT $2");
    let rows: Vec<AccountRow> =
        on_reader!(db, pool => sqlx::query_as(&sql).bind(after).bind(i64::from(limit)).fetch_all(pool).await)?;
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        accounts.push(row.read(db).await?);
    }
    Ok(accounts)
}

/// Replaces what an account may act as.
pub async fn set_grants(db: &Db, account_id: Uuid, grants: &[GrantRow]) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    run(&mut tx, "DELETE FROM grants WHERE account_id = $1", &[Some(&account_id.to_string())]).await?;
    insert_grants(&mut tx, account_id, grants).await?;
    tx.commit().await
}

/// Gives an account another password, and ends its sign-ins but one.
pub async fn set_password(
    db: &Db,
    account_id: Uuid,
    password: &str,
    at: DateTime<Utc>,
    must_change: bool,
    keep: Option<Uuid>,
) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let sql = if must_change {
        "UPDATE accounts SET password = $1, password_at = $2, must_change = 1 WHERE account_id = $3"
    } else {
        "UPDATE accounts SET password = $1, password_at = $2, must_change = 0 WHERE account_id = $3"
    };
    let id = account_id.to_string();
    run(&mut tx, sql, &[Some(password), Some(&text(at)), Some(&id)]).await?;
    let keep = keep.map(|id| id.to_string()).unwrap_or_default();
    run(&mut tx, "DELETE FROM sign_ins WHERE account_id = $1 AND sign_in_id <> $2", &[Some(&id), Some(&keep)]).await?;
    tx.commit().await
}

/// Disables an account and ends its sign-ins, or enables it again.
pub async fn set_disabled(db: &Db, account_id: Uuid, since: Option<DateTime<Utc>>) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let (id, since) = (account_id.to_string(), since.map(text));
    run(&mut tx, "UPDATE accounts SET disabled_at = $1 WHERE account_id = $2", &[since.as_deref(), Some(&id)]).await?;
    if since.is_some() {
        run(&mut tx, "DELETE FROM sign_ins WHERE account_id = $1", &[Some(&id)]).await?;
    }
    tx.commit().await
}
