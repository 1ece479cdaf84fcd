//! SQL for read models: one text with `$n` placeholders for both databases, wide statements for batches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;

use crate::db::{Db, Tx};
use crate::error::StoreError;
use crate::projection::{Changes, ColumnKind, TableDef, Touch, Value};
use crate::{on_reader, on_tx};

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

/// Statements of one read-model table, for the database that `tx` is of.
#[derive(Debug, Clone)]
pub(crate) struct TableSql {
    def: TableDef,
    /// The table to write: the model's own, or the one that is being rebuilt beside it.
    table: String,
}

impl TableSql {
    pub(crate) fn live(def: TableDef) -> Self {
        Self { def, table: def.name.to_owned() }
    }

    pub(crate) fn beside(def: TableDef) -> Self {
        Self { def, table: format!("{}__next", def.name) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.table
    }

    /// Makes the table and its indexes; index names carry the generation, for they outlive a rename.
    pub(crate) async fn create(&self, tx: &mut Tx, generation: i64) -> Result<(), StoreError> {
        let (int, end) = match tx {
            Tx::Sqlite(_) => ("INTEGER", " STRICT"),
            Tx::Postgres(_) => ("bigint", ""),
        };
        let mut ddl = format!("CREATE TABLE {} (key TEXT PRIMARY KEY", self.table);
        for column in self.def.columns {
            let kind = if column.kind == ColumnKind::Int { int } else { "TEXT" };
            let _ = write!(ddl, ", {} {kind}", column.name);
        }
        let _ = write!(ddl, ", body TEXT NOT NULL){end};");
        for (number, index) in self.def.indexes.iter().enumerate() {
            let _ = write!(
                ddl,
                " CREATE INDEX {}_ix{number}_g{generation} ON {} ({});",
                self.def.name,
                self.table,
                index.join(", ")
            );
        }
        tx.run(&ddl).await
    }

    pub(crate) async fn drop(&self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.run(&format!("DROP TABLE IF EXISTS {}", self.table)).await
    }

    /// Key and body of all rows that the touches name.
    pub(crate) async fn load(
        &self,
        tx: &mut Tx,
        touches: &BTreeSet<Touch>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut by_column: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for touch in touches {
            match touch {
                Touch::Key(key) => by_column.entry("key").or_default().push(key),
                Touch::Matching(column, value) => by_column.entry(column).or_default().push(value),
            }
        }
        let mut selects = Vec::new();
        let mut binds = Vec::new();
        for (column, values) in by_column {
            binds.push(json!(values).to_string());
            let n = binds.len();
            let list = match tx {
                Tx::Sqlite(_) => format!("(SELECT value FROM json_each(${n}))"),
                Tx::Postgres(_) => format!("(SELECT jsonb_array_elements_text(${n}::jsonb))"),
            };
            selects.push(format!("SELECT key, body FROM {} WHERE {column} IN {list}", self.table));
        }
        if selects.is_empty() {
            return Ok(Vec::new());
        }
        let sql = selects.join(" UNION ");
        Ok(on_tx!(tx, conn => {
            let mut query = sqlx::query_as(&sql);
            for bind in &binds {
                query = query.bind(bind.as_str());
            }
            query.fetch_all(conn).await
        })?)
    }

    /// Writes and deletes in at most one statement each.
    pub(crate) async fn write(&self, tx: &mut Tx, changes: &Changes) -> Result<(), StoreError> {
        if !changes.written.is_empty() {
            let rows: Vec<serde_json::Value> = changes
                .written
                .iter()
                .map(|row| {
                    let mut object = serde_json::Map::new();
                    object.insert("key".to_owned(), json!(row.key));
                    for (column, value) in self.def.columns.iter().zip(&row.columns) {
                        object.insert(column.name.to_owned(), without_nul(value));
                    }
                    object.insert("body".to_owned(), json!(row.body));
                    serde_json::Value::Object(object)
                })
                .collect();
            let sql = self.upsert(matches!(tx, Tx::Sqlite(_)));
            let rows = serde_json::Value::Array(rows).to_string();
            on_tx!(tx, conn => sqlx::query(&sql).bind(rows).execute(conn).await.map(|_| ()))?;
        }
        if !changes.deleted.is_empty() {
            let list = if matches!(tx, Tx::Sqlite(_)) {
                "SELECT value FROM json_each($1)"
            } else {
                "SELECT jsonb_array_elements_text($1::jsonb)"
            };
            let sql = format!("DELETE FROM {} WHERE key IN ({list})", self.table);
            let keys = json!(changes.deleted).to_string();
            on_tx!(tx, conn => sqlx::query(&sql).bind(keys).execute(conn).await.map(|_| ()))?;
        }
        Ok(())
    }

    fn upsert(&self, sqlite: bool) -> String {
        let names: Vec<&str> =
            std::iter::once("key").chain(self.def.columns.iter().map(|c| c.name)).chain(["body"]).collect();
        let source =
            if sqlite {
                let fields: Vec<String> = names.iter().map(|n| format!("json_extract(value, '$.{n}')")).collect();
                // WHERE true: without it SQLite reads ON CONFLICT as a join condition.
                format!("SELECT {} FROM json_each($1) WHERE true", fields.join(", "))
            } else {
                let typed: Vec<String> =
                    std::iter::once("key text".to_owned())
                        .chain(self.def.columns.iter().map(|c| {
                            format!("{} {}", c.name, if c.kind == ColumnKind::Int { "bigint" } else { "text" })
                        }))
                        .chain(["body text".to_owned()])
                        .collect();
                format!("SELECT {} FROM jsonb_to_recordset($1::jsonb) AS x({})", names.join(", "), typed.join(", "))
            };
        let sets: Vec<String> = names.iter().skip(1).map(|n| format!("{n} = excluded.{n}")).collect();
        format!(
            "INSERT INTO {} ({}) {source} ON CONFLICT (key) DO UPDATE SET {}",
            self.table,
            names.join(", "),
            sets.join(", ")
        )
    }
}

/// A column's value as JSON. PostgreSQL has no text with U+0000; the body keeps it, escaped.
fn without_nul(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) if text.contains('\0') => json!(text.replace('\0', "\u{fffd}")),
        Value::Null | Value::Int(_) | Value::Text(_) => json!(value),
    }
}
