//! Tokens: what other programs sign in with.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::accounts::{self, Account};
use super::{GrantRow, parsed, parsed_opt, run, text};
use crate::db::Db;
use crate::error::StoreError;
use crate::on_reader;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub token_id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// What it is for.
    pub title: String,
    /// Whether it may only read.
    pub reads_only: bool,
    /// The only grant of the account that it may use; all of them if none is named.
    pub grant: Option<GrantRow>,
    /// The only district that it may touch.
    pub district: Option<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    token_id: String,
    account_id: String,
    title: String,
    permits: String,
    role: Option<String>,
    program: Option<String>,
    unit: Option<String>,
    district: Option<String>,
    issued_at: String,
    ends_at: String,
    revoked_at: Option<String>,
}

impl Row {
    fn read(self) -> Result<Token, StoreError> {
        let grant = match (self.role, self.program, self.unit) {
            (Some(role), Some(program), Some(unit)) => Some(GrantRow { role, program, unit }),
            (..) => None,
        };
        Ok(Token {
            token_id: parsed(&self.token_id)?,
            account_id: parsed(&self.account_id)?,
            title: self.title,
            reads_only: self.permits == "read",
            grant,
            district: self.district,
            issued_at: parsed(&self.issued_at)?,
            ends_at: parsed(&self.ends_at)?,
            revoked_at: parsed_opt(self.revoked_at.as_deref())?,
        })
    }
}

const SELECT: &str = "SELECT token_id, account_id, title, permits, role, program, unit, district, issued_at, ends_at, \
                      revoked_at FROM tokens";

/// Keeps a token; `hash` is that of its secret.
pub async fn issue(db: &Db, token: &Token, hash: &str) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    let sql = "INSERT INTO tokens (token_id, hash, account_id, title, permits, role, program, unit, district, issued_at, \
               ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let grant = token.grant.as_ref();
    let texts = [
        Some(&*token.token_id.to_string()),
        Some(hash),
        Some(&*token.account_id.to_string()),
        Some(&*token.title),
        Some(if token.reads_only { "read" } else { "all" }),
        grant.map(|grant| &*grant.role),
        grant.map(|grant| &*grant.program),
        grant.map(|grant| &*grant.unit),
        token.district.as_deref(),
        Some(&*text(token.issued_at)),
        Some(&*text(token.ends_at)),
    ];
    run(&mut tx, sql, &texts).await?;
    tx.commit().await
}

/// The token of a secret, with its account; in force or not.
pub async fn find(db: &Db, hash: &str) -> Result<Option<(Token, Account)>, StoreError> {
    let sql = format!("{SELECT} WHERE hash = $1");
    let row: Option<Row> = on_reader!(db, pool => sqlx::query_as(&sql).bind(hash).fetch_optional(pool).await)?;
    let Some(token) = row.map(Row::read).transpose()? else { return Ok(None) };
    Ok(accounts::get(db, token.account_id).await?.map(|account| (token, account)))
}

/// The tokens of an account, the latest first.
pub async fn of(db: &Db, account_id: Uuid) -> Result<Vec<Token>, StoreError> {
    let sql = format!("{SELECT} WHERE account_id = $1 ORDER BY issued_at DESC, token_id");
    let rows: Vec<Row> =
        on_reader!(db, pool => sqlx::query_as(&sql).bind(account_id.to_string()).fetch_all(pool).await)?;
    rows.into_iter().map(Row::read).collect()
}

/// Revokes a token of an account; false if it has none of that id.
pub async fn revoke(db: &Db, account_id: Uuid, token_id: Uuid, at: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut tx = db.begin().await?;
    let sql = "UPDATE tokens SET revoked_at = coalesce(revoked_at, $1) WHERE account_id = $2 AND token_id = $3";
    let at = text(at);
    let revoked = run(&mut tx, sql, &[Some(&at), Some(&account_id.to_string()), Some(&token_id.to_string())]).await?;
    tx.commit().await?;
    Ok(revoked > 0)
}
