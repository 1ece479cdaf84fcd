//! Follow-up visits (回访, §四（四）, W-74) of a whole cycle: the log, and who is due.

use axum::extract::State;
use chrono::NaiveDate;
use domain::Uscc;
use domain::ids::{CycleId, DistrictId, OrganizationId, StationId};
use projections::cycles::{self, CycleRow};
use projections::facts::{self, Fact, FactFilter, FactKind};
use projections::organizations;
use projections::register::{self, Directory, EntryKind};
use projections::visits_due::{self, DueFilter, DueVisit};
use serde::Deserialize;
use store::Db;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Found;
use crate::headers::{ReadHeaders, Reading};
use crate::keys::{CycleKey, Keys};
use crate::openapi::ReadProblems;
use crate::page::{Filter, List, Page};
use crate::problem::Problem;
use crate::resources::facts::{order, voids};
use crate::state::Api;

/// Which visits are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct VisitsFilter {
    /// Only visits by these stations.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub station: Vec<StationId>,
    /// Only visits to these organisations, by any of their numbers.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub organization: Vec<Uscc>,
    /// Not before this day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Not after this day.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Whether voided ones are listed too.
    #[serde(default)]
    #[param(required = false)]
    pub voided: bool,
}

impl Filter for VisitsFilter {
    const SORTS: &'static [&'static str] = &["occurred_on"];
}

/// Whose visits are due.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct DueVisitsFilter {
    /// Only what these stations are responsible for: those that they surveyed, and in their districts those that no
    /// station has surveyed.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub station: Vec<StationId>,
    /// Due up to this day; up to today if absent.
    #[serde(default)]
    pub due_by: Option<NaiveDate>,
}

impl Filter for DueVisitsFilter {
    const SORTS: &'static [&'static str] = &["due_on"];
}

/// Lists the visits of a cycle (回访台账, W-74).
#[utoipa::path(get, path = "/cycles/{cycle}/visits", tag = "facts", extensions(("x-permission" = json!("visits.read"))),
    params(CycleKey, List<VisitsFilter>, ReadHeaders),
    responses((status = 200, description = "The visits.", body = Page<Fact>), ReadProblems))]
async fn list_visits(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<VisitsFilter>,
) -> Result<Found<Page<Fact>>, Problem> {
    let view = reading.view(&api).await?;
    cycle_of(&view.db, &key.cycle).await?;
    let filter = FactFilter {
        cycle: Some(key.cycle),
        organizations: named(&view.db, &list.filter.organization).await?,
        stations: list.filter.station.clone(),
        from: list.filter.from,
        to: list.filter.to,
        voids: voids(list.filter.voided),
    };
    let page =
        facts::list(&view.db, reading.scope(), FactKind::Visits, &filter, order(list.sort), &list.paging()?).await?;
    Ok(list.found(page, view.position))
}

/// Lists the members that are due for a visit, the longest overdue first, each with its station.
///
/// A visit is due when the rulebook's interval has passed since the last one, or since the admission.
#[utoipa::path(get, path = "/cycles/{cycle}/visits/due", tag = "facts", extensions(("x-permission" = json!("visits.read"))),
    params(CycleKey, List<DueVisitsFilter>, ReadHeaders),
    responses((status = 200, description = "The members due.", body = Page<DueVisit>), ReadProblems))]
async fn list_due_visits(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<DueVisitsFilter>,
) -> Result<Found<Page<DueVisit>>, Problem> {
    let view = reading.view(&api).await?;
    let cycle = cycle_of(&view.db, &key.cycle).await?;
    let today = api.app().clock().now().with_timezone(&cycle.time_zone).date_naive();
    let directory = register::directory(&view.db, &cycle.program).await?;
    let filter = DueFilter {
        districts: districts_of(&directory, &list.filter.station),
        stations: list.filter.station.clone(),
        due_by: list.filter.due_by,
    };
    let (direction, paging) = (list.direction(), list.paging()?);
    let page =
        visits_due::due_by_day(&view.db, &key.cycle, reading.scope(), today, &filter, direction, &paging).await?;
    // A visit falls due without an event.
    Ok(list.found(page, view.position).hashed())
}

/// The cycle.
async fn cycle_of(db: &Db, cycle: &CycleId) -> Result<CycleRow, Problem> {
    cycles::row(db, cycle).await?.ok_or_else(|| Problem::not_found("cycle"))
}

/// The organisations that numbers name; a number that nobody has names nobody's visits.
async fn named(db: &Db, numbers: &[Uscc]) -> Result<Vec<OrganizationId>, Problem> {
    let mut named = Vec::with_capacity(numbers.len());
    for number in numbers {
        let found = organizations::resolve(db, number).await?;
        named.push(found.unwrap_or_else(|| OrganizationId::first_registered(number.clone())));
    }
    Ok(named)
}

/// The districts that stations serve, with those that were merged into them (属地).
fn districts_of(directory: &Directory, stations: &[StationId]) -> Vec<DistrictId> {
    let entries = stations.iter().filter_map(|station| directory.entry(EntryKind::Station, station.as_str()));
    let served = entries.filter_map(|station| station.district.as_ref());
    let present = served.map(|district| directory.current(EntryKind::District, district.as_str()));
    let all = present.flat_map(|district| directory.merged_with(EntryKind::District, district));
    all.filter_map(|district| district.parse().ok()).collect()
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_visits)).routes(routes!(list_due_visits))
}

#[cfg(test)]
mod tests;
