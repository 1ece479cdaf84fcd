//! A page of the roster in one statement: its rows, what the whole cycle adds up to, and the position shown.
//!
//! Rows are answered as they are kept, without being read and written again. Only a row whose station the register
//! has to say is.

use domain::ids::{CycleId, StationId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::sql::Sql;
use store::{Db, StoreError};

use crate::cycles;
use crate::page::{self, After, Count, Direction, Order, Page, Paging};
use crate::register::{self, Directory};
use crate::roster::census::{self, FileRules};
use crate::roster::query::{RosterFilter, RosterSort, conditions};
use crate::roster::{Kept, Roster, RosterRow};
use crate::scope::Scope;

/// A page of a cycle's roster.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its rows.
    pub rows: Page<Line>,
    /// The census of the whole cycle, as JSON.
    pub totals: Box<RawValue>,
    /// Its balance, as JSON.
    pub balance: Box<RawValue>,
    /// The position that all read models show at least.
    pub position: u64,
}

/// A row, written as [`RosterRow`] is.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// As it is kept.
    Kept(Box<RawValue>),
    /// With what the register says.
    Filled(Box<RosterRow>),
}

impl Line {
    /// The row.
    pub fn into_row(self) -> Result<RosterRow, StoreError> {
        match self {
            Self::Kept(row) => Ok(serde_json::from_str(row.get())?),
            Self::Filled(row) => Ok(*row),
        }
    }
}

/// The body of a row, taken apart no further than is needed.
#[derive(Deserialize)]
struct Parts<'b> {
    #[serde(borrow)]
    file: Option<FileParts<'b>>,
    #[serde(borrow)]
    cycle: Option<CycleParts<'b>>,
}

#[derive(Deserialize)]
struct FileParts<'b> {
    #[serde(borrow)]
    row: &'b RawValue,
}

#[derive(Deserialize)]
struct CycleParts<'b> {
    #[serde(borrow)]
    census: &'b RawValue,
    #[serde(borrow)]
    balance: &'b RawValue,
    #[serde(borrow)]
    rules: Option<&'b RawValue>,
}

/// The rows of a cycle's roster; empty where there is no such cycle.
pub async fn page(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    filter: &RosterFilter,
    order: (RosterSort, Direction),
    paging: &Paging,
) -> Result<Page<RosterRow>, StoreError> {
    let Some(Sheet { rows, .. }) = sheet(db, cycle, scope, filter, order, paging).await? else {
        return Ok(Page { items: Vec::new(), next: None, total: None });
    };
    let items = rows.items.into_iter().map(Line::into_row).collect::<Result<_, _>>()?;
    Ok(Page { items, next: rows.next, total: rows.total })
}

/// A page of a cycle's roster; none where there is no such cycle.
pub async fn sheet(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    filter: &RosterFilter,
    (sort, direction): (RosterSort, Direction),
    paging: &Paging,
) -> Result<Option<Sheet>, StoreError> {
    // What statements of their own read first is of before: the answer shows no more than that.
    let before = match (filter.needs_register(), paging.count) {
        (false, Count::Skip) => None,
        (true, _) | (false, Count::Total) => Some(census::position(db).await?),
    };
    let mut directory = None;
    if filter.needs_register() {
        let Some(head) = cycles::head(db, cycle).await? else { return Ok(None) };
        directory = Some(register::directory(db, &head.program).await?);
    }
    let unread = Directory::default();
    let named = directory.as_ref().unwrap_or(&unread);
    let narrow = |sql: &mut Sql| conditions(sql, cycle, scope, filter, named);
    let order = Order { column: sort.column(), direction };
    let total = page::total::<Roster>(db, narrow, paging.count).await?;

    let mut found = select("", cycle, narrow, order, paging).triples(db).await?;
    let shown = census::shown(&mut found);
    let position = before.unwrap_or(shown);
    let Some((_, tally, _)) = found.pop_if(|(key, ..)| *key == census::key(cycle.as_str())) else { return Ok(None) };
    let Parts { cycle: Some(tally), .. } = serde_json::from_str(&tally)? else { return Ok(None) };
    let Some(rules) = tally.rules else { return Ok(None) };

    let wanted = paging.limit as usize;
    let next = if found.len() > wanted {
        found.truncate(wanted);
        found.last().map(|(key, body, _)| after(key, body, order)).transpose()?
    } else {
        None
    };
    if directory.is_none() && found.iter().any(|(.., station)| station.is_none()) {
        let rules: FileRules = serde_json::from_str(rules.get())?;
        directory = Some(register::directory(db, &rules.program).await?);
    }
    let only_station = |row: &RosterRow| directory.as_ref().and_then(|directory| directory.only_station(&row.district));
    let mut items = Vec::with_capacity(found.len());
    for (_, body, station) in &found {
        let Parts { file: Some(file), .. } = serde_json::from_str(body)? else { continue };
        items.push(line(file.row, station.as_ref(), only_station)?);
    }
    let rows = Page { items, next, total };
    Ok(Some(Sheet { rows, totals: tally.census.to_owned(), balance: tally.balance.to_owned(), position }))
}

/// The rows of a page, then what the cycle adds up to, then the position shown.
fn select(prefix: &str, cycle: &CycleId, narrow: impl Fn(&mut Sql), order: Order, paging: &Paging) -> Sql {
    let mut sql = Sql::new(prefix);
    sql.push("SELECT * FROM (");
    page::select::<Roster>(&mut sql, "station", narrow, order, paging);
    sql.push(") AS page UNION ALL ");
    census::select(&mut sql, cycle);
    sql
}

/// Where the page after this row begins.
fn after(key: &str, body: &str, order: Order) -> Result<After, StoreError> {
    let row: Kept = serde_json::from_str(body)?;
    Ok(After { value: page::sorted_by::<Roster>(&row, order.column), key: key.to_owned() })
}

fn line(
    row: &RawValue,
    station: Option<&String>,
    only_station: impl Fn(&RosterRow) -> Option<StationId>,
) -> Result<Line, StoreError> {
    if station.is_some() {
        return Ok(Line::Kept(row.to_owned()));
    }
    let mut row: RosterRow = serde_json::from_str(row.get())?;
    row.station = only_station(&row);
    Ok(Line::Filled(Box::new(row)))
}

#[cfg(test)]
mod tests;
