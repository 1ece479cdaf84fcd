//! Who is due for a follow-up visit (回访, W-74): members whose last visit, or admission, lies too far back.
//!
//! The guide says 及时定期 without a number; the interval is the rulebook's. Asked of the roster, which knows the day
//! that each interval runs from: there is no table of its own.

mod row;

use chrono::{Days, NaiveDate};
use domain::ids::{CycleId, DistrictId, StationId};
use store::sql::Sql;
use store::{Db, StoreError};

pub use row::{DueVisit, WhyDue};

use crate::cycles;
use crate::page::{self, Direction, Order, Page, Paging};
use crate::roster::{Kept, Roster};
use crate::scope::Scope;

/// Whose visits are listed, and how far ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueFilter {
    /// Those that any of these stations surveyed.
    pub stations: Vec<StationId>,
    /// Those in any of these districts that no station has surveyed since they came there: what else a station
    /// is responsible for. Not looked at unless stations are named.
    pub districts: Vec<DistrictId>,
    /// Due up to this day; up to today where none is given.
    pub due_by: Option<NaiveDate>,
}

/// Members due for a visit, the longest overdue first. Empty where the program has no interval.
pub async fn due(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    today: NaiveDate,
    filter: &DueFilter,
    paging: &Paging,
) -> Result<Page<DueVisit>, StoreError> {
    due_by_day(db, cycle, scope, today, filter, Direction::Ascending, paging).await
}

/// Members due for a visit, by the day that it is due. Empty where the program has no interval.
pub async fn due_by_day(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    today: NaiveDate,
    filter: &DueFilter,
    direction: Direction,
    paging: &Paging,
) -> Result<Page<DueVisit>, StoreError> {
    let empty = Page { items: Vec::new(), next: None, total: None };
    let interval = cycles::head(db, cycle).await?.and_then(|head| head.visit_interval_days);
    let Some(interval) = interval.map(|days| Days::new(days.into())) else { return Ok(empty) };
    let Some(latest) = filter.due_by.unwrap_or(today).checked_sub_days(interval) else { return Ok(empty) };
    let narrow = |sql: &mut Sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        scope.of_roster(sql);
        sql.push(" AND visit_due_from <= ").bind(latest.to_string());
        if !filter.stations.is_empty() {
            sql.push(" AND (").is_in("surveyed_by", filter.stations.iter().map(ToString::to_string));
            sql.push(" OR (surveyed_by IS NULL AND ");
            sql.is_in("district", filter.districts.iter().map(ToString::to_string)).push("))");
        }
    };
    let order = Order { column: "visit_due_from", direction };
    let Page { items, next, total } = page::page::<Roster>(db, narrow, order, paging).await?;
    let due = items.into_iter().filter_map(Kept::into_file).filter_map(|file| DueVisit::of(file, interval, today));
    Ok(Page { items: due.collect(), next, total })
}

#[cfg(test)]
mod tests;
