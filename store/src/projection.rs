//! What a read model is: a table, a pure fold over its rows, and nothing else.
//!
//! The same fold runs in the append transaction, in the projector and in a rebuild: it sees the rows that the
//! events of a batch touch, and changes them in memory; the store loads and writes them in wide statements.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use domain::RecordedEvent;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::folding::{Folding, RowsOf};

/// How a column is kept. Rows hold dates and ids as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, or null.
    Text,
    /// A 64-bit integer, or null.
    Int,
}

/// A column that queries filter or sort by; everything else is in the row's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// How it is kept.
    pub kind: ColumnKind,
}

impl Column {
    /// A text column.
    #[must_use]
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Text }
    }

    /// An integer column.
    #[must_use]
    pub const fn int(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Int }
    }
}

/// How tables are made, whatever the model: raised when that changes, and every model is then made anew.
///
/// 2: on PostgreSQL, keys and text columns are collated by bytes.
/// 3: an index leaves out rows without its first column.
/// 4: on PostgreSQL, tables have a schema of their own, and a wall.
const LAYOUT: u32 = 4;

/// Who may read a row, as PostgreSQL holds it whatever a query asks (S2). It may let through more than the program
/// does, never less. SQLite has no such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wall {
    pub(crate) by: WalledBy,
    /// Rows whose key begins so are everybody's who has a scope.
    pub(crate) open: Option<&'static str>,
}

/// What says who may read a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalledBy {
    /// Nothing: it is the system's own.
    Closed,
    /// Nothing: it is for everybody who has a scope.
    Scoped,
    /// Its columns `district`, `station`, `recommender` and `organization`.
    Files,
    /// The file that its key ends with, by the table `roster`.
    OfFile,
    /// The file that its columns `cycle` and `organization` name; without a cycle, the organisation.
    OfCycle,
    /// The organisation that this column names.
    OfOrganization(&'static str),
}

impl Wall {
    /// Only the system reads it.
    pub const CLOSED: Self = Self::by(WalledBy::Closed);
    /// Everybody who has a scope reads it.
    pub const SCOPED: Self = Self::by(WalledBy::Scoped);
    /// The rows are files, and say whose they are: `district`, `station`, `recommender`, `organization`.
    pub const FILES: Self = Self::by(WalledBy::Files);
    /// The key ends with a file, which says who reads the row.
    pub const OF_FILE: Self = Self::by(WalledBy::OfFile);
    /// The columns `cycle` and `organization` name a file, or an organisation alone.
    pub const OF_CYCLE: Self = Self::by(WalledBy::OfCycle);

    /// A column names the organisation whose row it is.
    #[must_use]
    pub const fn of_organization(column: &'static str) -> Self {
        Self::by(WalledBy::OfOrganization(column))
    }

    /// Open where a key begins with this.
    #[must_use]
    pub const fn but_for(self, open: &'static str) -> Self {
        Self { open: Some(open), ..self }
    }

    const fn by(by: WalledBy) -> Self {
        Self { by, open: None }
    }
}

/// The table of a read model: `key`, the columns, and `body` (the row as JSON).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableDef {
    /// Its name, which is the model's.
    pub name: &'static str,
    /// Raised whenever row or fold change; the model is then rebuilt at start.
    pub version: u32,
    /// Columns beside `key` and `body`.
    pub columns: &'static [Column],
    /// Indexes, each a list of columns; `key` may be among them. Rows whose first column is null are in none: a row
    /// that is only looked up by key costs nothing more.
    pub indexes: &'static [&'static [&'static str]],
    /// Who may read its rows.
    pub wall: Wall,
}

impl TableDef {
    /// What a table was made from; when it changes, the model is made anew.
    pub(crate) fn definition(&self) -> String {
        let Self { name, version, columns, indexes, wall } = self;
        format!("{name}/{version}/{columns:?}/{indexes:?}/{wall:?}/{LAYOUT}")
    }
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// No value.
    Null,
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Rows that an event reads or changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touch {
    /// The row of this key, existing or not.
    Key(String),
    /// The row of this key, which cannot exist yet: it is named after the event itself, or after what it makes.
    New(String),
    /// All rows whose text column has this value.
    Matching(&'static str, String),
    /// The row whose key stands in this text column of the row of this key: for an event that names what it changes,
    /// and not whose that is. A row made by an earlier event of the same batch has seen to it that the other is at
    /// hand, for it touched it too.
    Through(&'static str, String),
}

/// An event that a fold cannot take: it stops its own read model, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {reason}")]
pub struct Poison {
    /// Where.
    pub position: u64,
    /// Why.
    pub reason: String,
}

/// A read model. Only its own fold writes its table.
pub trait ReadModel: Send + Sync + 'static {
    /// A row; the body of the table's row is its JSON.
    type Row: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync + 'static;

    /// The table.
    const TABLE: TableDef;

    /// The values of [`TableDef::columns`], in that order.
    fn columns(row: &Self::Row) -> Vec<Value>;

    /// The rows that the event reads or changes; empty for an event that the model does not use.
    fn touches(event: &RecordedEvent) -> Vec<Touch>;

    /// Changes rows by one event. Sees exactly the rows that [`ReadModel::touches`] names, and those made before.
    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison>
    where
        Self: Sized;
}

/// The rows at hand while a batch of events is folded; one is copied only when it is changed.
#[derive(Debug)]
pub struct Rows<M: ReadModel> {
    rows: BTreeMap<String, Arc<M::Row>>,
}

impl<M: ReadModel> Default for Rows<M> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

impl<M: ReadModel> Rows<M> {
    /// The row of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&M::Row> {
        self.rows.get(key).map(Arc::as_ref)
    }

    /// The row of a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut M::Row> {
        self.rows.get_mut(key).map(Arc::make_mut)
    }

    /// Sets a row.
    pub fn put(&mut self, key: impl Into<String>, row: M::Row) {
        self.rows.insert(key.into(), Arc::new(row));
    }

    /// Sets a row that is kept elsewhere, too.
    pub(crate) fn share(&mut self, key: &str, row: &Arc<M::Row>) {
        self.rows.insert(key.to_owned(), Arc::clone(row));
    }

    /// Takes a row out.
    pub fn remove(&mut self, key: &str) -> Option<M::Row> {
        self.rows.remove(key).map(Arc::unwrap_or_clone)
    }

    /// Gives the rows away, by key.
    pub(crate) fn into_shared(self) -> impl Iterator<Item = (String, Arc<M::Row>)> {
        self.rows.into_iter()
    }

    /// All rows at hand, by key.
    pub(crate) fn shared(&self) -> impl Iterator<Item = (&String, &Arc<M::Row>)> {
        self.rows.iter()
    }

    /// All rows at hand, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &M::Row)> {
        self.rows.iter().map(|(key, row)| (key, row.as_ref()))
    }

    /// Keys of the rows whose column has this value, by key.
    #[must_use]
    pub fn matching(&self, column: &'static str, value: &str) -> Vec<String> {
        let Some(place) = M::TABLE.columns.iter().position(|c| c.name == column) else {
            return Vec::new();
        };
        self.rows
            .iter()
            .filter(|(_, row)| M::columns(row).get(place).is_some_and(|v| *v == Value::from(value)))
            .map(|(key, _)| key.clone())
            .collect()
    }
}

/// A row of some model, to be taken for what it is by whoever knows which.
pub type AnyRow = Arc<dyn Any + Send + Sync>;

/// A row as it is written: key, columns, body.
#[derive(Debug, Clone)]
pub struct Written {
    /// The key.
    pub key: String,
    /// Column values, in the table's order.
    pub columns: Vec<Value>,
    /// The row as JSON.
    pub body: String,
    /// The row itself, of the type that its model has.
    pub row: AnyRow,
}

/// What a batch changed.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Rows to write.
    pub written: Vec<Written>,
    /// Keys to delete.
    pub deleted: Vec<String>,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.written.is_empty() && self.deleted.is_empty()
    }
}

/// A read model whose row type is hidden, so that the store can hold many.
pub trait AnyModel: Send + Sync {
    /// The table.
    fn table(&self) -> TableDef;
    /// See [`ReadModel::touches`].
    fn touches(&self, event: &RecordedEvent) -> Vec<Touch>;
    /// Its rows in memory, none yet; between batches up to about `room` of them are kept.
    fn folding(&self, room: usize) -> Box<dyn Folding>;

    /// Folds events over the rows loaded (key and body), answers what changed, and keeps nothing.
    fn fold(&self, loaded: Vec<(String, String)>, events: &[RecordedEvent]) -> Result<Changes, Poison> {
        let events: Vec<&RecordedEvent> = events.iter().collect();
        let mut rows = self.folding(0);
        match rows.begin(&events) {
            Some(_) => rows.fold(loaded, &events),
            None => Ok(Changes::default()),
        }
    }
}

/// Hides the row type of `M`.
pub struct Model<M>(PhantomData<fn() -> M>);

impl<M: ReadModel> Model<M> {
    /// The model as the store registers it.
    #[must_use]
    pub fn boxed() -> Box<dyn AnyModel> {
        Box::new(Self(PhantomData))
    }
}

impl<M: ReadModel> AnyModel for Model<M> {
    fn table(&self) -> TableDef {
        M::TABLE
    }

    fn touches(&self, event: &RecordedEvent) -> Vec<Touch> {
        M::touches(event)
    }

    fn folding(&self, room: usize) -> Box<dyn Folding> {
        Box::new(RowsOf::<M>::new(room))
    }
}
