//! Statements that write many rows at once: one text, and columns of values bound to it.
//!
//! PostgreSQL takes a column as an array, SQLite as a JSON text; the numbered placeholders are the same.

use std::fmt::Write as _;

use serde_json::Value;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, PgConnection, SqliteConnection};

use crate::db::Tx;
use crate::error::StoreError;

/// What is bound to one placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// A column of numbers.
    Ints(Vec<Option<i64>>),
    /// A column of texts.
    Texts(Vec<Option<String>>),
}

impl Bound {
    /// A column of texts without a gap.
    pub(crate) fn texts(values: impl IntoIterator<Item = String>) -> Self {
        Self::Texts(values.into_iter().map(Some).collect())
    }

    /// Columns of the same length side by side, as one JSON text: an array per row.
    pub(crate) fn rows(columns: Vec<Self>) -> Self {
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for column in columns {
            let values: Vec<Value> = match column {
                Self::Int(number) => vec![number.into()],
                Self::Text(text) => vec![text.into()],
                Self::Ints(numbers) => numbers.into_iter().map(Value::from).collect(),
                Self::Texts(texts) => texts.into_iter().map(Value::from).collect(),
            };
            rows.resize_with(rows.len().max(values.len()), Vec::new);
            for (row, value) in rows.iter_mut().zip(values) {
                row.push(value);
            }
        }
        Self::Text(Value::from(rows).to_string())
    }
}

/// A statement, or on SQLite several, under construction.
#[derive(Debug, Default)]
pub(crate) struct Wide {
    text: String,
    bound: Vec<Bound>,
}

impl Wide {
    /// A statement that begins with `text`.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), bound: Vec::new() }
    }

    /// Adds text; never anything that came from outside.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and what is bound to it.
    pub(crate) fn bind(&mut self, bound: Bound) -> &mut Self {
        self.bound.push(bound);
        let _ = write!(self.text, "${}", self.bound.len());
        self
    }

    /// Runs it on PostgreSQL; answers how many rows came back.
    pub(crate) async fn on_postgres(self, connection: &mut PgConnection) -> Result<usize, StoreError> {
        let mut arguments = PgArguments::default();
        for bound in self.bound {
            match bound {
                Bound::Int(number) => arguments.add(number),
                Bound::Text(text) => arguments.add(text),
                Bound::Ints(numbers) => arguments.add(numbers),
                Bound::Texts(texts) => arguments.add(texts),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(sqlx::query_with(&self.text, arguments).fetch_all(connection).await?.len())
    }

    /// Runs it on SQLite: all of its statements in one turn of the connection's thread.
    pub(crate) async fn on_sqlite(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut arguments = SqliteArguments::default();
        for bound in self.bound {
            match bound {
                Bound::Int(number) => arguments.add(number),
                Bound::Text(text) => arguments.add(text),
                Bound::Ints(numbers) => arguments.add(serde_json::to_string(&numbers)?),
                Bound::Texts(texts) => arguments.add(serde_json::to_string(&texts)?),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        sqlx::query_with(&self.text, arguments).execute(connection).await?;
        Ok(())
    }

    /// Runs it in a transaction.
    pub(crate) async fn run(self, tx: &mut Tx) -> Result<(), StoreError> {
        match tx {
            Tx::Sqlite(tx) => self.on_sqlite(tx).await,
            Tx::Postgres(tx) => self.on_postgres(tx).await.map(|_| ()),
        }
    }
}
