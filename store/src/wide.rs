//! Statements that write many rows at once: one text, and columns of values bound to it.
//!
//! PostgreSQL takes a column as an array; SQLite takes rows value by value, and a list as a JSON text.

use std::fmt::Write as _;

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, PgConnection, SqliteConnection};

use crate::db::Tx;
use crate::error::StoreError;
use crate::table::Dialect;

/// What is bound to one placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A number, or null.
    Int(Option<i64>),
    /// A text, or null.
    Text(Option<String>),
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

    /// A column's values one by one; what is no column is one of one value.
    fn each(self) -> Box<dyn Iterator<Item = Self> + Send> {
        match self {
            Self::Ints(values) => Box::new(values.into_iter().map(Self::Int)),
            Self::Texts(values) => Box::new(values.into_iter().map(Self::Text)),
            one @ (Self::Int(_) | Self::Text(_)) => Box::new(std::iter::once(one)),
        }
    }
}

/// A column of rows to be inserted.
#[derive(Debug)]
pub(crate) struct Filled {
    name: &'static str,
    /// Whether the column is JSON on PostgreSQL; SQLite keeps it as text.
    json: bool,
    values: Bound,
}

impl Filled {
    /// A column of numbers or texts.
    pub(crate) const fn new(name: &'static str, values: Bound) -> Self {
        Self { name, json: false, values }
    }

    /// A column of JSON documents.
    pub(crate) fn json(name: &'static str, values: Vec<String>) -> Self {
        Self { name, json: true, values: Bound::texts(values) }
    }

    fn picked(&self) -> String {
        format!("r.{}{}", self.name, if self.json { "::json" } else { "" })
    }
}

/// The longest text that SQLite keeps prepared, in bytes.
const SQLITE_PREPARED: usize = 32 << 10;
/// How many values SQLite takes in one statement, and a few less.
const SQLITE_VALUES: usize = 32_000;

/// A statement, or on SQLite several, under construction.
#[derive(Debug)]
pub(crate) struct Wide {
    dialect: Dialect,
    text: String,
    bound: Vec<Bound>,
}

impl Wide {
    /// An empty one.
    pub(crate) const fn new(dialect: Dialect) -> Self {
        Self { dialect, text: String::new(), bound: Vec::new() }
    }

    /// Which database it is for.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds text; never anything that came from outside.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a placeholder and what is bound to it.
    pub(crate) fn bind(&mut self, bound: Bound) -> &mut Self {
        self.bound.push(bound);
        match self.dialect {
            Dialect::Postgres => _ = write!(self.text, "${}", self.bound.len()),
            // SQLite searches a list of all names for each that is given.
            Dialect::Sqlite => self.text.push('?'),
        }
        self
    }

    /// Adds statements that insert rows, given by column. On PostgreSQL it is one, and `from` is joined with the rows,
    /// e.g. `moved, `: where that is empty, nothing is inserted.
    pub(crate) fn insert(&mut self, into: &str, from: &str, columns: Vec<Filled>, end: &str) {
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let insert = format!("INSERT INTO {into} ({}) ", names.join(", "));
        match self.dialect {
            Dialect::Postgres => {
                let picked: Vec<String> = columns.iter().map(Filled::picked).collect();
                let alias = format!(") AS r({}) {end}", names.join(", "));
                self.push(&insert).push(&format!("SELECT {} FROM {from}UNNEST(", picked.join(", ")));
                for (n, Filled { values, .. }) in columns.into_iter().enumerate() {
                    let kind = if matches!(values, Bound::Ints(_)) { "::bigint[]" } else { "::text[]" };
                    self.push(if n == 0 { "" } else { ", " }).bind(values).push(kind);
                }
                self.push(&alias);
            }
            Dialect::Sqlite => {
                let at_once = SQLITE_VALUES / columns.len().max(1);
                let mut values: Vec<_> = columns.into_iter().map(|column| column.values.each()).collect();
                let mut row = 0;
                while let Some(first) = values.iter_mut().map(Iterator::next).collect::<Option<Vec<Bound>>>() {
                    match (row, row % at_once) {
                        (0, _) => self.push(&insert).push("VALUES "),
                        (_, 0) => self.push(" ").push(end).push(";").push(&insert).push("VALUES "),
                        _ => self.push(", "),
                    };
                    for (n, value) in first.into_iter().enumerate() {
                        self.push(if n == 0 { "(" } else { ", " }).bind(value);
                    }
                    self.push(")");
                    row += 1;
                }
                self.push(" ").push(end);
            }
        }
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
        // A long text hardly comes again, and is not worth its room among those that are kept prepared.
        let again = self.text.len() <= SQLITE_PREPARED;
        sqlx::query_with(&self.text, arguments).persistent(again).execute(connection).await?;
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
