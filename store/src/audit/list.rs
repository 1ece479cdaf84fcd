//! Asking the trail.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Decided, Entry, Kind, Outcome, Target, Who};
use crate::db::{Db, unsigned};
use crate::error::StoreError;
use crate::sql::Sql;

/// Which entries are wanted. Several values of one filter mean *or*, none means *any*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The accounts of persons.
    pub persons: Vec<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// What was tried.
    pub kinds: Vec<Kind>,
    /// What became of it.
    pub outcomes: Vec<Outcome>,
    /// Codes of problem documents.
    pub codes: Vec<String>,
    /// Requests.
    pub request_ids: Vec<String>,
    /// What entries concern: one of each list.
    pub targets: Vec<Vec<Target>>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
}

/// Which way the list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The earliest first.
    Ascending,
    /// The latest first.
    Descending,
}

/// The place of an entry in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Its id.
    pub audit_id: String,
}

impl Place {
    /// Where an entry stands.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { at: entry.at.timestamp_micros(), audit_id: entry.audit_id.to_string() }
    }
}

/// Up to `limit` entries behind a place, by time.
pub async fn list(
    db: &Db,
    filter: &Filter,
    order: Order,
    after: Option<&Place>,
    limit: u32,
) -> Result<Vec<Entry>, StoreError> {
    let mut sql = Sql::new(
        "SELECT audit_id, at, kind, outcome, code, status, role, unit, person, request_id, operation, targets, \
         decision_id, first_position, last_position, detail FROM audit WHERE 1 = 1",
    );
    filter.narrow(&mut sql);
    let (than, way) = match order {
        Order::Ascending => (">", "ASC"),
        Order::Descending => ("<", "DESC"),
    };
    if let Some(Place { at, audit_id }) = after {
        sql.push(" AND (at, audit_id) ").push(than).push(" (").bind(*at).push(", ").bind(audit_id.as_str()).push(")");
    }
    sql.push(&format!(" ORDER BY at {way}, audit_id {way} LIMIT {limit}"));
    sql.rows::<Row>(db).await?.into_iter().map(Row::entry).collect()
}

/// How many entries there are.
pub async fn count(db: &Db, filter: &Filter) -> Result<u64, StoreError> {
    let mut sql = Sql::new("SELECT count(*) FROM audit WHERE 1 = 1");
    filter.narrow(&mut sql);
    Ok(unsigned(sql.int(db).await?.unwrap_or_default()))
}

impl Filter {
    fn narrow(&self, sql: &mut Sql) {
        any_of(sql, "person", &self.persons);
        any_of(sql, "role", &self.roles);
        any_of(sql, "kind", &self.kinds);
        any_of(sql, "outcome", &self.outcomes);
        any_of(sql, "code", &self.codes);
        any_of(sql, "request_id", &self.request_ids);
        for one_of in &self.targets {
            sql.push(" AND audit_id IN (SELECT audit_id FROM audit_targets WHERE ");
            sql.is_in("target", one_of.iter().map(ToString::to_string)).push(")");
        }
        if let Some(from) = self.from {
            sql.push(" AND at >= ").bind(from.timestamp_micros());
        }
        if let Some(to) = self.to {
            sql.push(" AND at < ").bind(to.timestamp_micros());
        }
    }
}

fn any_of(sql: &mut Sql, column: &str, values: &[impl Display]) {
    if !values.is_empty() {
        sql.push(" AND ").is_in(column, values.iter().map(ToString::to_string));
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    audit_id: String,
    at: i64,
    kind: String,
    outcome: String,
    code: Option<String>,
    status: Option<i64>,
    role: Option<String>,
    unit: Option<String>,
    person: Option<String>,
    request_id: Option<String>,
    operation: Option<String>,
    targets: String,
    decision_id: Option<String>,
    first_position: Option<i64>,
    last_position: Option<i64>,
    detail: String,
}

impl Row {
    fn entry(self) -> Result<Entry, StoreError> {
        let unreadable = |what: &str| StoreError::Setup(format!("entry {}: unknown {what}", self.audit_id));
        let targets: Vec<String> = serde_json::from_str(&self.targets)?;
        let decided = match (self.decision_id, self.first_position, self.last_position) {
            (Some(decision_id), Some(first), Some(last)) => {
                Some(Decided { decision_id, first_position: unsigned(first), last_position: unsigned(last) })
            }
            _ => None,
        };
        Ok(Entry {
            audit_id: self.audit_id.parse().map_err(|_| unreadable("id"))?,
            at: DateTime::from_timestamp_micros(self.at).ok_or_else(|| unreadable("instant"))?,
            kind: self.kind.parse().map_err(|_| unreadable("kind"))?,
            outcome: self.outcome.parse().map_err(|_| unreadable("outcome"))?,
            code: self.code,
            status: self.status.and_then(|status| u16::try_from(status).ok()),
            who: Who { role: self.role, unit: self.unit, person: self.person },
            request_id: self.request_id,
            operation: self.operation,
            // Reading it cannot fail.
            targets: targets.iter().filter_map(|target| target.parse::<Target>().ok()).collect(),
            decided,
            detail: serde_json::from_str(&self.detail)?,
        })
    }
}
