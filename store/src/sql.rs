//! SQL for questions: one text with `$n` placeholders for both databases.

use std::fmt::Write as _;

use crate::db::Db;
use crate::error::StoreError;
use crate::on_reader;
use crate::projection::Value;

/// A statement under construction: text, and the values bound to it, numbered as they are added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    text: String,
    binds: Vec<Value>,
}

/// Binds all values of a [`Sql`] to a query of either database.
macro_rules! bind_all {
    ($query:expr, $binds:expr) => {{
        let mut query = $query;
        for value in $binds {
            query = match value {
                Value::Null => query.bind(None::<String>),
                Value::Int(number) => query.bind(*number),
                Value::Text(text) => query.bind(text.as_str()),
            };
        }
        query
    }};
}

impl Sql {
    /// A statement that begins with `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), binds: Vec::new() }
    }

    /// Adds text; never anything that came from outside.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and the value bound to it.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.binds.push(value.into());
        let _ = write!(self.text, "${}", self.binds.len());
        self
    }

    /// Adds `column IN (…)`; false where there are no values.
    pub fn is_in(&mut self, column: &str, values: impl IntoIterator<Item = String>) -> &mut Self {
        let mut any = false;
        for value in values {
            if any {
                self.push(", ");
            } else {
                self.push(column).push(" IN (");
                any = true;
            }
            self.bind(value);
        }
        self.push(if any { ")" } else { "1 = 0" })
    }

    /// Adds a select of the position that these read models all show, as text: read in the statement that asks them,
    /// it is true of what that answers.
    pub fn select_position<'m>(&mut self, models: impl IntoIterator<Item = &'m str>) -> &mut Self {
        self.push(
            "SELECT CAST(min(COALESCE(checkpoints.position, head.position)) AS TEXT) FROM checkpoints, head WHERE ",
        );
        self.is_in("model", models.into_iter().map(str::to_owned))
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Runs the statement for one text column.
    pub async fn texts(&self, db: &Db) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = on_reader!(db, pool =>
            bind_all!(sqlx::query_as(&self.text), &self.binds).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(|(text,)| text).collect())
    }

    /// Runs the statement for rows of any shape.
    pub(crate) async fn rows<R>(&self, db: &Db) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
            + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
            + Send
            + Unpin,
    {
        Ok(on_reader!(db, pool => bind_all!(sqlx::query_as(&self.text), &self.binds).fetch_all(pool).await)?)
    }

    /// Runs the statement for two text columns, e.g. key and body.
    pub async fn pairs(&self, db: &Db) -> Result<Vec<(String, String)>, StoreError> {
        Ok(on_reader!(db, pool => bind_all!(sqlx::query_as(&self.text), &self.binds).fetch_all(pool).await)?)
    }

    /// Runs the statement for two text columns and one that may be null.
    pub async fn triples(&self, db: &Db) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
        self.rows(db).await
    }

    /// Runs the statement for one integer.
    pub async fn int(&self, db: &Db) -> Result<Option<i64>, StoreError> {
        let row: Option<(i64,)> = on_reader!(db, pool =>
            bind_all!(sqlx::query_as(&self.text), &self.binds).fetch_optional(pool).await)?;
        Ok(row.map(|(number,)| number))
    }

    /// Runs the statement for a text and an integer.
    pub async fn counts(&self, db: &Db) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(on_reader!(db, pool => bind_all!(sqlx::query_as(&self.text), &self.binds).fetch_all(pool).await)?)
    }
}
