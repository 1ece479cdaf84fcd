//! Data of people (个人信息), kept beside the events so that it can be corrected and erased.
//!
//! Written in the transaction of the command that names the person; events hold the reference only.

use chrono::{DateTime, Utc};
use domain::ids::PersonId;
use serde::{Deserialize, Serialize};

use crate::db::Db;
use crate::error::StoreError;
use crate::on_reader;

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
