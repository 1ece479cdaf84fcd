//! Sign-ins: who is signed in, where, until when.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::accounts::{self, Account};
use super::{parsed, run, text};
use crate::db::Db;
use crate::error::StoreError;
use crate::{on_reader, on_writer};

/// How a sign-in was begun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, strum::Display, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Way {
    /// By the account's password.
    #[default]
    Password,
    /// At the `OpenID` provider.
    Openid,
}

/// One sign-in of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Its id, for lists; it opens nothing.
    pub sign_in_id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub used_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub ends_at: DateTime<Utc>,
    /// From where.
    pub address: Option<String>,
    /// With which program.
    pub agent: Option<String>,
    /// How it was begun.
    pub way: Way,
}

#[derive(sqlx::FromRow)]
struct Row {
    sign_in_id: String,
    account_id: String,
    begun_at: String,
    used_at: String,
    ends_at: String,
    address: Option<String>,
    agent: Option<String>,
    way: String,
}

impl Row {
    fn read(self) -> Result<SignIn, StoreError> {
        Ok(SignIn {
            sign_in_id: parsed(&self.sign_in_id)?,
            account_id: parsed(&self.account_id)?,
            begun_at: parsed(&self.begun_at)?,
            used_at: parsed(&self.used_at)?,
            ends_at: parsed(&self.ends_at)?,
            address: self.address,
            agent: self.agent,
            way: parsed(&self.way)?,
        })
    }
}

const SELECT: &str = "SELECT sign_in_id, account_id, begun_at, used_at, ends_at, address, agent, way FROM sign_ins";

/// Begins a sign-in; `hash` is that of the secret in the cookie. Sign-ins of the account that have ended go.
pub async fn begin(db: &Db, sign_in: &SignIn, hash: &str) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let account = sign_in.account_id.to_string();
    let begun = text(sign_in.begun_at);
    run(&mut tx, "DELETE FROM sign_ins WHERE account_id = $1 AND ends_at <= $2", &[Some(&account), Some(&begun)])
        .await?;
    let sql = "INSERT INTO sign_ins (sign_in_id, hash, account_id, begun_at, used_at, ends_at, address, \
               agent, way) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let texts = [
        Some(&*sign_in.sign_in_id.to_string()),
        Some(hash),
        Some(&account),
        Some(&begun),
        Some(&text(sign_in.used_at)),
        Some(&text(sign_in.ends_at)),
        sign_in.address.as_deref(),
        sign_in.agent.as_deref(),
        Some(sign_in.way.into()),
    ];
    run(&mut tx, sql, &texts).await?;
    tx.commit().await
}

/// The sign-in that a secret opens, with its account; ended or not.
pub async fn find(db: &Db, hash: &str) -> Result<Option<(SignIn, Account)>, StoreError> {
    let sql = format!("{SELECT} WHERE hash = $1");
    let row: Option<Row> = on_reader!(db, pool => sqlx::query_as(&sql).bind(hash).fetch_optional(pool).await)?;
    let Some(sign_in) = row.map(Row::read).transpose()? else { return Ok(None) };
    Ok(accounts::get(db, sign_in.account_id).await?.map(|account| (sign_in, account)))
}

/// The sign-ins of an account, the latest first.
pub async fn of(db: &Db, account_id: Uuid) -> Result<Vec<SignIn>, StoreError> {
    let sql = format!("{SELECT} WHERE account_id = $1 ORDER BY begun_at DESC, sign_in_id");
    let rows: Vec<Row> =
        on_reader!(db, pool => sqlx::query_as(&sql).bind(account_id.to_string()).fetch_all(pool).await)?;
    rows.into_iter().map(Row::read).collect()
}

/// Says that a sign-in was used. No node has to forget anything for it.
pub async fn used(db: &Db, sign_in_id: Uuid, at: DateTime<Utc>) -> Result<(), StoreError> {
    on_writer!(db, pool => sqlx::query("UPDATE sign_ins SET used_at = $1 WHERE sign_in_id = $2")
        .bind(text(at)).bind(sign_in_id.to_string()).execute(pool).await.map(|_| ()))?;
    Ok(())
}

/// Ends one sign-in of an account; false if it has none of that id.
pub async fn end(db: &Db, account_id: Uuid, sign_in_id: Uuid) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let sql = "DELETE FROM sign_ins WHERE account_id = $1 AND sign_in_id = $2";
    let ended = run(&mut tx, sql, &[Some(&account_id.to_string()), Some(&sign_in_id.to_string())]).await?;
    tx.commit().await?;
    Ok(ended > 0)
}
