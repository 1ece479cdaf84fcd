//! Cycles (孵化周期): opened, read; their intake, extension and closing.

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::{CycleCommand, Intake, OpenCycle};
use domain::ids::{CycleId, DocumentId, ProgramId};
use domain::{Command, FieldCode, Refusal};
use projections::cycles::{self, CycleFilter, CycleSummary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag};
use crate::keys::{CycleKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

/// A new cycle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCycleBody {
    /// Its id: the program's, `-`, and a label.
    #[schema(value_type = String, example = "wuhu-incubation-2026", pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub cycle: CycleId,
    /// Its program.
    #[schema(value_type = String, example = "wuhu-incubation", pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub program: ProgramId,
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "2026—2027 年")]
    pub label: String,
    /// First day.
    #[schema(example = "2026-01-01")]
    pub starts_on: NaiveDate,
    /// The day after the last; by the rulebook's length if absent.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// First day on which applications are taken; open if absent.
    #[serde(default)]
    pub intake_from: Option<NaiveDate>,
    /// Last day on which applications are taken; open if absent.
    #[serde(default)]
    pub intake_to: Option<NaiveDate>,
    /// The day of the decision.
    #[schema(example = "2025-12-01")]
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Which cycles are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct CyclesFilter {
    /// Only cycles of these programs.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub program: Vec<ProgramId>,
}

impl Filter for CyclesFilter {
    const SORTS: &'static [&'static str] = &["starts_on"];
}

/// Opens a cycle under the rules in force now, which are copied into it (W-42).
#[utoipa::path(post, path = "/cycles", tag = "cycles", params(CommandHeaders), request_body = OpenCycleBody,
    responses((status = 201, description = "The cycle.", body = Answer<CycleSummary>), CommandProblems))]
async fn open_cycle(
    State(api): State<Api>,
    commanding: Commanding,
    Body(body): Body<OpenCycleBody>,
) -> Result<Answered<CycleSummary>, Problem> {
    let rulebook =
        api.app().rulebooks().get(&body.program).ok_or_else(|| Refusal::field("/program", FieldCode::NotOneOf, ""))?;
    let command = OpenCycle {
        cycle: body.cycle.clone(),
        program: body.program.clone(),
        label: body.label,
        starts_on: body.starts_on,
        ends_on: body.ends_on,
        intake: Intake { from: body.intake_from, to: body.intake_to },
        rulebook,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let target = Target::Program(body.program);
    let done = api.run(commanding, &target, Command::Cycle(CycleCommand::Open(command)), Vec::new()).await?;
    let (cycle, tag) = shown(&api, &body.cycle).await?;
    Ok(answered(&done, cycle).created(format!("/api/v1/cycles/{}", body.cycle)).tagged(tag))
}

/// Lists cycles, the earliest first.
#[utoipa::path(get, path = "/cycles", tag = "cycles", params(List<CyclesFilter>, ReadHeaders),
    responses((status = 200, description = "The cycles.", body = Page<CycleSummary>), ReadProblems))]
async fn list_cycles(
    State(api): State<Api>,
    reading: Reading,
    list: List<CyclesFilter>,
) -> Result<Found<Page<CycleSummary>>, Problem> {
    let view = api.app().view(reading.min_position).await?;
    let filter = CycleFilter { programs: list.filter.program.clone(), ..CycleFilter::default() };
    let page = cycles::list(&view.db, &filter, list.direction(), &list.paging()?).await?;
    Ok(list.found(page, view.position))
}

/// Shows one cycle, with its counts.
#[utoipa::path(get, path = "/cycles/{cycle}", tag = "cycles", params(CycleKey, ReadHeaders),
    responses((status = 200, description = "The cycle.", body = CycleSummary), ReadProblems))]
async fn get_cycle(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
) -> Result<Found<CycleSummary>, Problem> {
    let view = api.app().view(reading.min_position).await?;
    let (cycle, tag) = shown(&api, &key.cycle).await?;
    Ok(Found::tagged(cycle, tag, view.position))
}

/// A cycle as it now stands, with its tag.
pub(crate) async fn shown(api: &Api, cycle: &CycleId) -> Result<(CycleSummary, Tag), Problem> {
    let found = cycles::get(api.app().store().db(), cycle).await?.ok_or_else(|| Problem::not_found("cycle"))?;
    let version = api.app().store().version(&domain::StreamId::cycle(cycle)).await?;
    Ok((found, Tag::Stream(version)))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(open_cycle, list_cycles)).routes(routes!(get_cycle))
}
