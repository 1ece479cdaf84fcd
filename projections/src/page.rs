//! One page of a list: ordered by a column and the key, continued after a row rather than at a number.

use serde::{Deserialize, Serialize};
use store::sql::Sql;
use store::{ColumnKind, Db, ReadModel, StoreError, Value};

/// The row after which a page begins: its value in the column sorted by, and its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// The value, as text; empty for a row without one.
    pub value: String,
    /// The key.
    pub key: String,
}

/// Which way a list runs. Rows without a value come before all others, or after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The column that a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: &'static str,
    pub(crate) direction: Direction,
}

impl Order {
    /// What rows are compared by. A row without a value is compared as if it had one before all others; where every
    /// row listed has one, the bare column is, which an index serves.
    fn value<M: ReadModel>(self) -> String {
        match kind_of::<M>(self.column) {
            _ if FILLED.contains(&self.column) => self.column.to_owned(),
            ColumnKind::Int => format!("COALESCE({}, {NO_NUMBER})", self.column),
            ColumnKind::Text => format!("COALESCE({}, '')", self.column),
        }
    }
}

/// Columns that every row has that is ever listed by them.
const FILLED: [&str; 2] = ["key", "number"];

impl Order {
    pub(crate) const fn up(column: &'static str) -> Self {
        Self { column, direction: Direction::Ascending }
    }

    pub(crate) const fn down(column: &'static str) -> Self {
        Self { column, direction: Direction::Descending }
    }
}

/// Whether the rows of the whole list are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Count {
    /// They are not.
    #[default]
    Skip,
    /// They are.
    Total,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The most rows.
    pub limit: u32,
    /// Where to go on; `None` begins the list.
    pub after: Option<After>,
    /// Whether to count.
    pub count: Count,
}

impl Paging {
    /// The first `limit` rows.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { limit, after: None, count: Count::Skip }
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<R> {
    /// Its rows.
    pub items: Vec<R>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<After>,
    /// How many rows the whole list has, where asked for.
    pub total: Option<i64>,
}

impl<R> Page<R> {
    /// The same page with other rows, made one from one.
    pub fn map<S>(self, make: impl FnMut(R) -> S) -> Page<S> {
        Page { items: self.items.into_iter().map(make).collect(), next: self.next, total: self.total }
    }
}

/// The row of a key.
pub(crate) async fn get<M: ReadModel>(db: &Db, key: &str) -> Result<Option<M::Row>, StoreError> {
    let mut sql = Sql::new("SELECT body FROM ");
    sql.push(M::TABLE.name).push(" WHERE key = ").bind(key);
    sql.texts(db).await?.first().map(|body| Ok(serde_json::from_str(body)?)).transpose()
}

/// The row of a key, with a text read beside it.
pub(crate) async fn get_beside<M: ReadModel>(
    db: &Db,
    key: &str,
    beside: &str,
) -> Result<Option<(M::Row, Option<String>)>, StoreError> {
    let mut sql = Sql::new("SELECT key, body, ");
    sql.push(beside).push(" FROM ").push(M::TABLE.name).push(" WHERE key = ").bind(key);
    let found = sql.triples(db).await?.into_iter().next();
    found.map(|(_, body, beside)| Ok((serde_json::from_str(&body)?, beside))).transpose()
}

/// All rows that `filter` leaves, by key. For lists that the whole of is needed of.
pub(crate) async fn all<M: ReadModel>(db: &Db, filter: impl FnOnce(&mut Sql)) -> Result<Vec<M::Row>, StoreError> {
    let mut sql = Sql::new("SELECT body FROM ");
    sql.push(M::TABLE.name).push(" WHERE 1 = 1");
    filter(&mut sql);
    sql.push(" ORDER BY key");
    sql.texts(db).await?.iter().map(|body| Ok(serde_json::from_str(body)?)).collect()
}

/// One page of the rows that `filter` leaves. `filter` adds ` AND …` clauses.
pub(crate) async fn page<M: ReadModel>(
    db: &Db,
    filter: impl Fn(&mut Sql),
    order: Order,
    paging: &Paging,
) -> Result<Page<M::Row>, StoreError> {
    Ok(page_beside::<M>(db, "CAST(NULL AS TEXT)", filter, order, paging).await?.map(|(row, _)| row))
}

/// How many rows `filter` leaves, where that is asked for.
pub(crate) async fn total<M: ReadModel>(
    db: &Db,
    filter: impl Fn(&mut Sql),
    count: Count,
) -> Result<Option<i64>, StoreError> {
    match count {
        Count::Skip => Ok(None),
        Count::Total => {
            let mut sql = Sql::new("SELECT count(*) FROM ");
            sql.push(M::TABLE.name).push(" WHERE 1 = 1");
            filter(&mut sql);
            sql.int(db).await
        }
    }
}

/// One page, with a text read beside each row in the same statement: `beside` is what is selected for it.
pub(crate) async fn page_beside<M: ReadModel>(
    db: &Db,
    beside: &str,
    filter: impl Fn(&mut Sql),
    order: Order,
    paging: &Paging,
) -> Result<Page<(M::Row, Option<String>)>, StoreError> {
    let total = total::<M>(db, &filter, paging.count).await?;
    let mut found = page_sql::<M>(beside, filter, order, paging).triples(db).await?;
    let more = found.len() > paging.limit as usize;
    found.truncate(paging.limit as usize);
    let mut items = Vec::with_capacity(found.len());
    let mut last = None;
    for (key, body, beside) in found {
        let row = serde_json::from_str(&body)?;
        let value = if order.column == "key" { key.clone() } else { sorted_by::<M>(&row, order.column) };
        last = Some(After { value, key });
        items.push((row, beside));
    }
    Ok(Page { items, next: last.filter(|_| more), total })
}

fn page_sql<M: ReadModel>(beside: &str, filter: impl Fn(&mut Sql), order: Order, paging: &Paging) -> Sql {
    let mut sql = Sql::new("");
    select::<M>(&mut sql, beside, filter, order, paging);
    sql
}

/// Adds the statement of a page. One row more than wanted is read: it tells whether there are more. The limit stands
/// in the text, for a planner that does not know it plans for the whole list.
pub(crate) fn select<M: ReadModel>(
    sql: &mut Sql,
    beside: &str,
    filter: impl Fn(&mut Sql),
    order: Order,
    paging: &Paging,
) {
    let value = order.value::<M>();
    let (than, way) = match order.direction {
        Direction::Ascending => (">", "ASC"),
        Direction::Descending => ("<", "DESC"),
    };
    sql.push("SELECT key, body, ").push(beside).push(" FROM ").push(M::TABLE.name).push(" WHERE 1 = 1");
    filter(sql);
    if let Some(after) = &paging.after {
        sql.push(&format!(" AND ({value}, key) {than} ("));
        match kind_of::<M>(order.column) {
            ColumnKind::Int => sql.bind(after.value.parse().unwrap_or(NO_NUMBER)),
            ColumnKind::Text => sql.bind(after.value.as_str()),
        };
        sql.push(", ").bind(after.key.as_str()).push(")");
    }
    sql.push(&format!(" ORDER BY {value} {way}, key {way} LIMIT {}", i64::from(paging.limit) + 1));
}

/// What a row without a number is sorted by; the numbers in columns begin at 0.
const NO_NUMBER: i64 = -1;

fn kind_of<M: ReadModel>(column: &str) -> ColumnKind {
    M::TABLE.columns.iter().find(|c| c.name == column).map_or(ColumnKind::Text, |c| c.kind)
}

pub(crate) fn sorted_by<M: ReadModel>(row: &M::Row, column: &str) -> String {
    let place = M::TABLE.columns.iter().position(|c| c.name == column);
    match place.and_then(|place| M::columns(row).into_iter().nth(place)) {
        Some(Value::Text(text)) => text,
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Null) | None => String::new(),
    }
}

/// Adds ` AND column = value` where there is a value.
pub(crate) fn equals(sql: &mut Sql, column: &str, value: Option<&str>) {
    if let Some(value) = value {
        sql.push(" AND ").push(column).push(" = ").bind(value);
    }
}

/// Adds ` AND column IN (…)` where there are values: a repeated filter means *or*, none means *any*.
pub(crate) fn any_of<T: ToString>(sql: &mut Sql, column: &str, values: &[T]) {
    if !values.is_empty() {
        sql.push(" AND ").is_in(column, values.iter().map(ToString::to_string));
    }
}

/// A pattern of `LIKE … ESCAPE '!'` for texts that contain `text`; wildcards in it stand for themselves.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_stand_for_themselves() {
        assert_eq!(containing("50%_a!"), "%50!%!_a!!%");
    }
}
