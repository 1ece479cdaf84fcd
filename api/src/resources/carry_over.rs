//! What a cycle hands to the next (为下个孵化周期提供信息支撑, §四（四）, W-75).

use axum::extract::State;
use domain::ids::StationId;
use projections::carry_over::{self, StationCarryOver};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Found;
use crate::headers::{ReadHeaders, Reading};
use crate::keys::{CycleKey, Keys};
use crate::openapi::ReadProblems;
use crate::page::{Filter, List, Page};
use crate::problem::Problem;
use crate::state::Api;

/// Whose organisations are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct CarryOverFilter {
    /// Only of these stations.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub station: Vec<StationId>,
}

impl Filter for CarryOverFilter {
    const SORTS: &'static [&'static str] = &["station"];
}

/// Lists per station and organisation what visits found, which requests are open and which teaching is missing.
///
/// A row is a station with all its organisations; the one without a station comes first.
#[utoipa::path(get, path = "/cycles/{cycle}/carry-over", tag = "cycles", extensions(("x-permission" = json!("carry_over.read"))),
    params(CycleKey, List<CarryOverFilter>, ReadHeaders),
    responses((status = 200, description = "By station.", body = Page<StationCarryOver>), ReadProblems))]
async fn get_carry_over(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<CarryOverFilter>,
) -> Result<Found<Page<StationCarryOver>>, Problem> {
    let view = reading.view(&api).await?;
    super::cycles::shown(&api, &view.db, &key.cycle).await?;
    let report = carry_over::report(&view.db, &key.cycle, reading.scope(), &list.filter.station).await?;
    let station = |row: &StationCarryOver| row.station.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(list.slice(report, station, view.position)?.into())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_carry_over))
}

#[cfg(test)]
mod tests;
