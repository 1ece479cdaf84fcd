//! The enrolment (档案): one organisation's file in one cycle, and all that happened to it.

use app::Done;
use axum::extract::State;
use domain::Uscc;
use domain::ids::{CycleId, OrganizationId};
use projections::enrolments::{self, Enrolment, Versions};
use projections::organizations;
use projections::timeline::{self, TimelineEntry};
use serde::Deserialize;
use store::Db;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::redaction;
use crate::answer::{Answered, Found};
use crate::headers::{ReadHeaders, Reading, Tag};
use crate::keys::{EnrolmentKey, Keys};
use crate::openapi::ReadProblems;
use crate::page::{Filter, List, Page};
use crate::problem::Problem;
use crate::state::{Api, answered};

/// A timeline has no filters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct TimelineFilter {}

impl Filter for TimelineFilter {
    const SORTS: &'static [&'static str] = &["position"];
}

/// Shows a file: application, recommendation, checks, surveys, classes, how it ended.
#[utoipa::path(get, path = "/cycles/{cycle}/organizations/{uscc}", tag = "enrolments", extensions(("x-permission" = json!("file.read"))),
    params(EnrolmentKey, ReadHeaders),
    responses((status = 200, description = "The file.", body = Enrolment), ReadProblems))]
async fn get_enrolment(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    reading: Reading,
) -> Result<Found<Enrolment>, Problem> {
    let view = reading.view(&api).await?;
    let file = file_of(&view.db, &key.cycle, &key.uscc).await?;
    let tag = tag(&file);
    Ok(Found::tagged(redaction::file(file, reading.admitted.sight), tag, view.position))
}

/// Lists all that happened to an organisation in a cycle and at large, the first first; what was put right shows it.
#[utoipa::path(get, path = "/cycles/{cycle}/organizations/{uscc}/timeline", tag = "enrolments", extensions(("x-permission" = json!("file.read"))),
    params(EnrolmentKey, List<TimelineFilter>, ReadHeaders),
    responses((status = 200, description = "What happened.", body = Page<TimelineEntry>), ReadProblems))]
async fn list_timeline(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    reading: Reading,
    list: List<TimelineFilter>,
) -> Result<Found<Page<TimelineEntry>>, Problem> {
    let view = reading.view(&api).await?;
    let organization = file_named(&api, &key.cycle, &key.uscc).await?;
    let direction = list.direction();
    let page = timeline::list(&view.db, &organization, Some(&key.cycle), direction, &list.paging()?).await?;
    let page = page.map(|entry| redaction::entry(entry, reading.admitted.sight));
    Ok(list.found(page, view.position))
}

/// A file as it now stands; old and new numbers of the organisation name it.
pub(crate) async fn file_of(db: &Db, cycle: &CycleId, uscc: &Uscc) -> Result<Enrolment, Problem> {
    let organization = organizations::resolve(db, uscc).await?.ok_or_else(|| Problem::not_found("organization"))?;
    enrolments::get(db, cycle, &organization).await?.ok_or_else(|| Problem::not_found("enrolment"))
}

/// Whose file a number names, without reading the file.
pub(crate) async fn file_named(api: &Api, cycle: &CycleId, uscc: &Uscc) -> Result<OrganizationId, Problem> {
    let db = api.app().store().db();
    let organization = organizations::resolve(db, uscc).await?.ok_or_else(|| Problem::not_found("organization"))?;
    let known = enrolments::versions(db, cycle, &organization).await?;
    known.map(|_| organization).ok_or_else(|| Problem::not_found("enrolment"))
}

/// The tag of a file at these versions.
pub(crate) const fn tag_at(versions: Versions) -> Tag {
    Tag::Enrolment { enrolment: versions.enrolment, cycle: versions.cycle }
}

/// The tag of a file as it was read.
pub(crate) const fn tag(file: &Enrolment) -> Tag {
    Tag::Enrolment { enrolment: file.enrolment_version, cycle: file.cycle_version }
}

/// Where a file is found.
pub(crate) fn address(cycle: &CycleId, uscc: &Uscc) -> String {
    format!("/api/v1/cycles/{cycle}/organizations/{uscc}")
}

/// The answer to a command on a file: the file as it now stands, with its tag.
pub(crate) async fn answered_with_file(
    api: &Api,
    done: &Done,
    cycle: &CycleId,
    uscc: &Uscc,
) -> Result<Answered<Enrolment>, Problem> {
    // An organisation that has another number now is looked up.
    let first = OrganizationId::first_registered(uscc.clone());
    let file = match enrolments::shown(&done.committed.shown, cycle, &first).filter(|file| file.uscc == *uscc) {
        Some(file) => file,
        None => file_of(&api.after(done).await?, cycle, uscc).await?,
    };
    let tag = tag(&file);
    Ok(answered(done, file).tagged(tag))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_enrolment)).routes(routes!(list_timeline))
}

#[cfg(test)]
mod tests;
