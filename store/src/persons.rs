//! Data of people (个人信息), kept beside the events so that it can be corrected and erased.
//!
//! Written in the transaction of the command that names the person; events hold the reference only. What it was
//! before it was corrected is kept nowhere.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use domain::{StreamId, StreamKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::idempotency::{self, Held};
use crate::on_tx;
use crate::sql::Sql;

/// A person's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The reference that events hold.
    pub person_id: PersonId,
    /// Name.
    pub name: Option<String>,
    /// Phone or mobile.
    pub phone: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// When it was recorded, or last put right.
    pub recorded_at: DateTime<Utc>,
}

/// What is on record of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// All that is known.
    Known(Person),
    /// It was erased.
    Erased,
}

/// Who does something with a person's data, when, why, and by which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The account, as an actor is written.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// The id of the request.
    pub request_id: String,
}

/// What becomes of a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change {
    /// It stays as it is.
    #[default]
    Keep,
    /// It is known no more.
    Remove,
    /// It is this from now on.
    Set(String),
}

impl Change {
    /// Whether it changes, as a number, and to what.
    fn bound(&self) -> (i64, Option<&str>) {
        match self {
            Self::Keep => (0, None),
            Self::Remove => (1, None),
            Self::Set(text) => (1, Some(text)),
        }
    }
}

/// What is to be put right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Correction {
    /// The name; none leaves it as it is.
    pub name: Option<String>,
    /// The phone.
    pub phone: Change,
    /// The mail address.
    pub email: Change,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    person_id: String,
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    erased_on: Option<String>,
    recorded_at: String,
}

impl PersonRow {
    fn into_record(self) -> Option<(PersonId, Record)> {
        let person_id: PersonId = self.person_id.parse().ok()?;
        let Self { name, phone, email, erased_on, recorded_at, .. } = self;
        let recorded_at = recorded_at.parse().unwrap_or_default();
        let known = Record::Known(Person { person_id, name, phone, email, recorded_at });
        Some((person_id, if erased_on.is_some() { Record::Erased } else { known }))
    }
}

const COLUMNS: &str = "SELECT person_id, name, phone, email, erased_on, recorded_at FROM persons WHERE ";

/// What is on record of a person, if anything ever was.
pub async fn get(db: &Db, person_id: PersonId) -> Result<Option<Record>, StoreError> {
    Ok(list(db, [person_id]).await?.remove(&person_id))
}

/// What is on record of these people, in one statement.
pub async fn list(
    db: &Db,
    ids: impl IntoIterator<Item = PersonId> + Send,
) -> Result<HashMap<PersonId, Record>, StoreError> {
    let mut ids = ids.into_iter().map(|id| id.to_string()).peekable();
    if ids.peek().is_none() {
        return Ok(HashMap::new());
    }
    let rows: Vec<PersonRow> = Sql::new(COLUMNS).is_in("person_id", ids).rows(db).await?;
    Ok(rows.into_iter().filter_map(PersonRow::into_record).collect())
}

/// All who are on record under exactly this name.
pub async fn named(db: &Db, name: &str) -> Result<Vec<Person>, StoreError> {
    let mut sql = Sql::new(COLUMNS);
    sql.push("name = ").bind(name).push(" AND erased_on IS NULL ORDER BY person_id");
    let rows: Vec<PersonRow> = sql.rows(db).await?;
    let records = rows.into_iter().filter_map(PersonRow::into_record);
    Ok(records
        .filter_map(|(_, record)| match record {
            Record::Known(person) => Some(person),
            Record::Erased => None,
        })
        .collect())
}

/// The streams of these kinds whose events refer to these people. Reads all of their events.
pub async fn streams_naming(
    db: &Db,
    ids: &[PersonId],
    kinds: &[StreamKind],
) -> Result<Vec<(PersonId, StreamId)>, StoreError> {
    let mut sql = Sql::new(
        "SELECT DISTINCT persons.person_id, events.aggregate_type, events.aggregate_id FROM events JOIN persons \
         ON CAST(events.payload AS text) LIKE '%' || persons.person_id || '%' WHERE ",
    );
    sql.is_in("persons.person_id", ids.iter().map(ToString::to_string)).push(" AND ");
    sql.is_in("events.aggregate_type", kinds.iter().map(ToString::to_string));
    let rows: Vec<(String, String, String)> = sql.rows(db).await?;
    let read = |(person, kind, id): (String, String, String)| {
        Some((person.parse().ok()?, StreamId::stored(kind.parse().ok()?, id)))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Writes down that somebody is shown a person's data in full, and answers the data: both or nothing.
pub async fn disclose(db: &Db, person_id: PersonId, act: &Act) -> Result<Option<Record>, StoreError> {
    let mut tx = db.begin().await?;
    let found = get_in(&mut tx, person_id).await?;
    if let Some(Record::Known(_)) = found {
        write_down(
            &mut tx,
            "INSERT INTO disclosures (disclosure_id, person_id, disclosed_to, disclosed_at, reason, request_id) ",
            person_id,
            act,
        )
        .await?;
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(found)
}

/// Puts a person's data right, in place; answers what is then on record.
pub async fn correct(
    db: &Db,
    person_id: PersonId,
    correction: &Correction,
    act: &Act,
    key: Option<&Held>,
) -> Result<Option<Record>, StoreError> {
    let mut tx = db.begin().await?;
    let set = "UPDATE persons SET name = COALESCE($1, name), \
               phone = CASE WHEN $2 = 1 THEN $3 ELSE phone END, \
               email = CASE WHEN $4 = 1 THEN $5 ELSE email END, recorded_at = $6 \
               WHERE person_id = $7 AND erased_on IS NULL";
    let ((sets_phone, phone), (sets_email, email)) = (correction.phone.bound(), correction.email.bound());
    let written = on_tx!(&mut tx, conn => sqlx::query(set)
        .bind(correction.name.as_deref())
        .bind(sets_phone)
        .bind(phone)
        .bind(sets_email)
        .bind(email)
        .bind(act.at.to_rfc3339())
        .bind(person_id.to_string())
        .execute(conn).await.map(|done| done.rows_affected()))?;
    if written > 0 {
        write_down(
            &mut tx,
            "INSERT INTO corrections (correction_id, person_id, corrected_by, corrected_at, reason, request_id) ",
            person_id,
            act,
        )
        .await?;
        if let Some(key) = key {
            idempotency::hold(&mut tx, key, act.at, &[person_id]).await?;
        }
    }
    let found = get_in(&mut tx, person_id).await?;
    tx.commit().await?;
    Ok(found)
}

async fn get_in(tx: &mut Tx, person_id: PersonId) -> Result<Option<Record>, StoreError> {
    let sql = format!("{COLUMNS} person_id = $1");
    let row: Option<PersonRow> =
        on_tx!(tx, conn => sqlx::query_as(&sql).bind(person_id.to_string()).fetch_optional(conn).await)?;
    Ok(row.and_then(PersonRow::into_record).map(|(_, record)| record))
}

async fn write_down(tx: &mut Tx, insert: &str, person_id: PersonId, act: &Act) -> Result<(), StoreError> {
    let sql = format!("{insert} VALUES ($1, $2, $3, $4, $5, $6)");
    on_tx!(tx, conn => sqlx::query(&sql)
        .bind(Uuid::now_v7().to_string())
        .bind(person_id.to_string())
        .bind(&act.by)
        .bind(act.at.to_rfc3339())
        .bind(&act.reason)
        .bind(&act.request_id)
        .execute(conn).await.map(|_| ()))?;
    Ok(())
}
