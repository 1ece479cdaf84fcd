//! Data of people (个人信息), kept beside the events so that it can be corrected and erased.
//!
//! Written in the transaction of the command that names the person; events hold the reference only.

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use serde::{Deserialize, Serialize};

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::{on_reader, on_tx};

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
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    name: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    recorded_at: String,
}

/// Adds new records.
pub(crate) async fn insert(tx: &mut Tx, persons: &[&Person]) -> Result<(), StoreError> {
    for person in persons {
        on_tx!(tx, conn => sqlx::query(
            "INSERT INTO persons (person_id, name, phone, email, recorded_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(person.person_id.to_string())
            .bind(person.name.as_deref())
            .bind(person.phone.as_deref())
            .bind(person.email.as_deref())
            .bind(person.recorded_at.to_rfc3339())
            .execute(conn).await.map(|_| ()))?;
    }
    Ok(())
}

/// The record of a person, if there is one.
pub async fn get(db: &Db, person_id: PersonId) -> Result<Option<Person>, StoreError> {
    let row: Option<PersonRow> = on_reader!(db, pool =>
        sqlx::query_as("SELECT name, phone, email, recorded_at FROM persons WHERE person_id = $1")
            .bind(person_id.to_string()).fetch_optional(pool).await)?;
    Ok(row.map(|row| Person {
        person_id,
        name: row.name,
        phone: row.phone,
        email: row.email,
        recorded_at: row.recorded_at.parse().unwrap_or_default(),
    }))
}
