//! The table of a read model: how it is made, how its rows are loaded, written and deleted in wide statements.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::json;
use sqlx::{Postgres, Transaction};

use crate::db::{Db, PostgresDb, Tx};
use crate::error::StoreError;
use crate::projection::{Changes, ColumnKind, TableDef, Touch, Value, WalledBy, Written};
use crate::wide::{Bound, Filled, Wide};

/// Which of the two databases a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl From<&Tx> for Dialect {
    fn from(tx: &Tx) -> Self {
        match tx {
            Tx::Sqlite(_) => Self::Sqlite,
            Tx::Postgres(_) => Self::Postgres,
        }
    }
}

impl From<&Db> for Dialect {
    fn from(db: &Db) -> Self {
        match db {
            Db::Sqlite(_) => Self::Sqlite,
            Db::Postgres(_) => Self::Postgres,
        }
    }
}

/// Statements of one read-model table.
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
    ///
    /// The databases collate text each in its own way; by bytes both order alike, and an index serves the order.
    pub(crate) async fn create(&self, tx: &mut Tx, generation: i64) -> Result<(), StoreError> {
        if let Tx::Postgres(tx) = tx {
            return self.create_walled(tx, generation).await;
        }
        let mut ddl = format!("CREATE TABLE {} (key TEXT PRIMARY KEY", self.table);
        for column in self.def.columns {
            let kind = if column.kind == ColumnKind::Int { "INTEGER" } else { "TEXT" };
            let _ = write!(ddl, ", {} {kind}", column.name);
        }
        ddl.push_str(", body TEXT NOT NULL) STRICT;");
        for (number, index) in self.def.indexes.iter().enumerate() {
            let _ = write!(
                ddl,
                " CREATE INDEX {}_ix{number}_g{generation} ON {} ({}) WHERE {} IS NOT NULL;",
                self.def.name,
                self.table,
                index.join(", "),
                index.first().copied().unwrap_or("key"),
            );
        }
        tx.run(&ddl).await
    }

    /// On PostgreSQL the server's role owns nothing: functions of the owner make the table, and its wall.
    async fn create_walled(&self, tx: &mut Transaction<'static, Postgres>, generation: i64) -> Result<(), StoreError> {
        let TableDef { name, columns, indexes, wall, .. } = self.def;
        let kinds: Vec<&str> =
            columns.iter().map(|column| if column.kind == ColumnKind::Int { "int" } else { "text" }).collect();
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let indexes: Vec<String> = indexes.iter().map(|index| index.join(",")).collect();
        let (walled, by) = match wall.by {
            WalledBy::Closed => ("closed", None),
            WalledBy::Scoped => ("scoped", None),
            WalledBy::Files => ("files", None),
            WalledBy::OfFile => ("of_file", None),
            WalledBy::OfCycle => ("of_cycle", None),
            WalledBy::OfOrganization(column) => ("of_organization", Some(column)),
        };
        sqlx::query("SELECT hatchery_make_model($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(name)
            .bind(&self.table)
            .bind(names)
            .bind(kinds)
            .bind(indexes)
            .bind(generation)
            .bind(walled)
            .bind(by)
            .bind(wall.open)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    pub(crate) async fn drop(&self, tx: &mut Tx) -> Result<(), StoreError> {
        match tx {
            Tx::Sqlite(_) => tx.run(&format!("DROP TABLE IF EXISTS {}", self.table)).await,
            Tx::Postgres(tx) => {
                sqlx::query("SELECT hatchery_drop_model($1)").bind(&self.table).execute(&mut **tx).await?;
                Ok(())
            }
        }
    }

    /// Gives the table the name of another, which is gone.
    pub(crate) async fn rename(&self, tx: &mut Tx, to: &Self) -> Result<(), StoreError> {
        match tx {
            Tx::Sqlite(_) => tx.run(&format!("ALTER TABLE {} RENAME TO {}", self.table, to.table)).await,
            Tx::Postgres(tx) => {
                let rename = sqlx::query("SELECT hatchery_rename_model($1, $2)").bind(&self.table).bind(&to.table);
                rename.execute(&mut **tx).await?;
                Ok(())
            }
        }
    }

    /// Key and body of all rows that the touches name.
    pub(crate) async fn load(
        &self,
        tx: &mut Tx,
        touches: &BTreeSet<Touch>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let mut load = Load::new((&*tx).into());
        load.add(self, touches);
        Ok(load.within(tx).await?.into_iter().map(|(_, key, body)| (key, body)).collect())
    }

    /// Writes and deletes in as few statements as the database takes well.
    pub(crate) async fn write(&self, tx: &mut Tx, changes: Changes) -> Result<(), StoreError> {
        let dialect = Dialect::from(&*tx);
        for rows in pieces(dialect, changes.written) {
            let mut wide = Wide::new(dialect);
            self.upsert(&mut wide, "", rows);
            wide.run(tx).await?;
        }
        if !changes.deleted.is_empty() {
            let mut wide = Wide::new(dialect);
            self.delete(&mut wide, "", changes.deleted);
            wide.run(tx).await?;
        }
        Ok(())
    }

    /// Adds a statement that writes these rows. `from` is joined with them, e.g. `moved, `: where it is empty of
    /// rows, nothing is written.
    pub(crate) fn upsert(&self, wide: &mut Wide, from: &str, rows: Vec<Written>) {
        let names = self.def.columns.iter().map(|c| c.name).chain(["body"]);
        let sets: Vec<String> = names.map(|n| format!("{n} = excluded.{n}")).collect();
        let end = format!("ON CONFLICT (key) DO UPDATE SET {}", sets.join(", "));
        wide.insert(&self.table, from, self.columns(rows), &end);
    }

    /// The rows by column: key, the table's columns, body.
    fn columns(&self, rows: Vec<Written>) -> Vec<Filled> {
        let room = rows.len();
        let (mut keys, mut bodies) = (Vec::with_capacity(room), Vec::with_capacity(room));
        let mut columns: Vec<Vec<Value>> = self.def.columns.iter().map(|_| Vec::with_capacity(room)).collect();
        for row in rows {
            keys.push(Some(row.key));
            bodies.push(Some(row.body));
            let values = row.columns.into_iter().chain(std::iter::repeat(Value::Null));
            columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
        let columns = self.def.columns.iter().zip(columns).map(|(column, values)| {
            let values = match column.kind {
                ColumnKind::Int => Bound::Ints(values.iter().map(int).collect()),
                ColumnKind::Text => Bound::Texts(values.into_iter().map(text).collect()),
            };
            Filled::new(column.name, values)
        });
        let (keys, bodies) = (Filled::new("key", Bound::Texts(keys)), Filled::new("body", Bound::Texts(bodies)));
        std::iter::once(keys).chain(columns).chain([bodies]).collect()
    }

    /// Adds a statement that deletes these rows; `using` is as `from` of [`TableSql::upsert`].
    pub(crate) fn delete(&self, wide: &mut Wide, using: &str, keys: Vec<String>) {
        let keys = Bound::texts(keys);
        match wide.dialect() {
            Dialect::Sqlite => {
                wide.push(&format!("DELETE FROM {} WHERE key IN (SELECT value FROM json_each(", self.table));
                wide.bind(keys).push("))");
            }
            Dialect::Postgres => {
                wide.push(&format!("DELETE FROM {}{using} WHERE key = ANY(", self.table));
                wide.bind(keys).push("::text[])");
            }
        }
    }
}

/// Rows to be written by one statement. On SQLite its text depends on their number: a few numbers serve again and
/// again, and any other would be parsed each time.
fn pieces(dialect: Dialect, mut rows: Vec<Written>) -> Vec<Vec<Written>> {
    let mut pieces = Vec::new();
    while !rows.is_empty() {
        let size = match dialect {
            Dialect::Postgres => rows.len(),
            Dialect::Sqlite => [64, 8].into_iter().find(|size| *size <= rows.len()).unwrap_or(1),
        };
        let rest = rows.split_off(size);
        pieces.push(std::mem::replace(&mut rows, rest));
    }
    pieces
}

fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        Value::Text(_) | Value::Null => None,
    }
}

/// A column's text. PostgreSQL has no text with U+0000; the body keeps it, escaped.
fn text(value: Value) -> Option<String> {
    match value {
        Value::Text(text) if text.contains('\0') => Some(text.replace('\0', "\u{fffd}")),
        Value::Text(text) => Some(text),
        Value::Int(_) | Value::Null => None,
    }
}

/// Rows of several tables, to be loaded in one statement.
#[derive(Debug)]
pub(crate) struct Load {
    dialect: Dialect,
    tables: i64,
    selects: Vec<String>,
    bound: Vec<Vec<String>>,
}

/// A row as loaded: the place of its table, key, body.
pub(crate) type Loaded = (i64, String, String);

impl Load {
    pub(crate) const fn new(dialect: Dialect) -> Self {
        Self { dialect, tables: 0, selects: Vec::new(), bound: Vec::new() }
    }

    /// Adds the rows of the next table that the touches name. A row that two touches name comes twice.
    pub(crate) fn add(&mut self, table: &TableSql, touches: &BTreeSet<Touch>) {
        let mut by_column: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut through: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for touch in touches {
            match touch {
                Touch::Key(key) => by_column.entry("key").or_default().push(key.clone()),
                Touch::Matching(column, value) => by_column.entry(column).or_default().push(value.clone()),
                Touch::Through(column, key) => through.entry(column).or_default().push(key.clone()),
                Touch::New(_) => {}
            }
        }
        for (column, values) in by_column {
            let among = self.among(values);
            self.select(table, &format!("{column} {among}"));
        }
        for (column, keys) in through {
            let among = self.among(keys);
            self.select(table, &format!("key IN (SELECT {column} FROM {} WHERE key {among})", table.table));
        }
        self.tables += 1;
    }

    fn among(&mut self, values: Vec<String>) -> String {
        self.bound.push(values);
        let n = self.bound.len();
        match self.dialect {
            Dialect::Sqlite => format!("IN (SELECT value FROM json_each(${n}))"),
            Dialect::Postgres => format!("= ANY(${n}::text[])"),
        }
    }

    fn select(&mut self, table: &TableSql, which: &str) {
        let select = format!("SELECT CAST({} AS bigint), key, body FROM {} WHERE {which}", self.tables, table.table);
        self.selects.push(select);
    }

    fn text(&self) -> Option<String> {
        (!self.selects.is_empty()).then(|| self.selects.join(" UNION ALL "))
    }

    /// Loads from what is committed.
    pub(crate) async fn committed(self, db: &Db) -> Result<Vec<Loaded>, StoreError> {
        let Some(sql) = self.text() else { return Ok(Vec::new()) };
        Ok(match db {
            Db::Sqlite(db) => {
                let mut query = sqlx::query_as(&sql);
                for values in &self.bound {
                    query = query.bind(json!(values).to_string());
                }
                query.fetch_all(&db.reader).await?
            }
            Db::Postgres(PostgresDb { pool, .. }) => {
                let query = self.bound.iter().fold(sqlx::query_as(&sql), sqlx::query::QueryAs::bind);
                query.fetch_all(pool).await?
            }
        })
    }

    /// Loads inside a transaction.
    pub(crate) async fn within(self, tx: &mut Tx) -> Result<Vec<Loaded>, StoreError> {
        let Some(sql) = self.text() else { return Ok(Vec::new()) };
        Ok(match tx {
            Tx::Sqlite(tx) => {
                let mut query = sqlx::query_as(&sql);
                for values in &self.bound {
                    query = query.bind(json!(values).to_string());
                }
                query.fetch_all(&mut **tx).await?
            }
            Tx::Postgres(tx) => {
                let query = self.bound.iter().fold(sqlx::query_as(&sql), sqlx::query::QueryAs::bind);
                query.fetch_all(&mut **tx).await?
            }
        })
    }
}
