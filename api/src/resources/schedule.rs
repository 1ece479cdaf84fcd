//! The schedule of teaching (§四（三）, W-68 … W-70): who is owed what in which year, what is booked, attended, missing.

use axum::extract::State;
use domain::ids::{ClassId, TeachingKindId};
use projections::schedule::{self, Owing, ScheduleEntry};
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

/// Whose teaching is listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct ScheduleFilter {
    /// Only members of these classes.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub class: Vec<ClassId>,
    /// Only those who are owed these kinds of teaching.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub kind: Vec<TeachingKindId>,
    /// Only those to whom what they are owed has not been given yet.
    #[serde(default)]
    #[param(required = false)]
    pub missing: bool,
}

impl Filter for ScheduleFilter {
    const SORTS: &'static [&'static str] = &["organization"];
}

/// Lists who is owed which teaching in which year, why, what is booked, attended and missing.
#[utoipa::path(get, path = "/cycles/{cycle}/schedule", tag = "cycles", extensions(("x-permission" = json!("schedule.read"))),
    params(CycleKey, List<ScheduleFilter>, ReadHeaders),
    responses((status = 200, description = "The schedule.", body = Page<ScheduleEntry>), ReadProblems))]
async fn get_schedule(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<ScheduleFilter>,
) -> Result<Found<Page<ScheduleEntry>>, Problem> {
    let view = reading.view(&api).await?;
    super::cycles::shown(&api, &view.db, &key.cycle).await?;
    let filter = schedule::ScheduleFilter {
        classes: list.filter.class.clone(),
        kinds: list.filter.kind.clone(),
        owing: if list.filter.missing { Owing::Missing } else { Owing::Anything },
    };
    let entries = schedule::list(&view.db, &key.cycle, reading.scope(), &filter).await?;
    Ok(list.slice(entries, |entry| entry.organization.to_string(), view.position)?.into())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_schedule))
}

#[cfg(test)]
mod tests;
