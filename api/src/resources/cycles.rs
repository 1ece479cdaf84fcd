//! Cycles (孵化周期): opened, read; their intake, extension and closing.

use app::Done;
use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::{Applicants, CloseCycle, CycleCommand, ExtendCycle, Intake, OpenCycle, SetIntake};
use domain::ids::{CycleId, DocumentId, ProgramId};
use domain::{Command, FieldCode, Refusal, StreamId};
use projections::cycles::{self, CycleFilter, CycleState, CycleSummary};
use serde::{Deserialize, Serialize};
use store::Db;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag, VersionHeader};
use crate::keys::{CycleKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

/// The days on which applications are taken; an open end is absent.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IntakeWindow {
    /// First day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

impl From<IntakeWindow> for Intake {
    fn from(window: IntakeWindow) -> Self {
        Self { from: window.from, to: window.to }
    }
}

/// A new cycle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "cycle": "wuhu-incubation-2027", "program": "wuhu-incubation", "label": "2027—2028 年",
    "starts_on": "2027-07-01", "occurred_on": "2025-12-01" }))]
pub struct OpenCycleBody {
    /// Its id: the program's, `-`, and a label.
    #[schema(value_type = String, example = "wuhu-incubation-2027", pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub cycle: CycleId,
    /// Its program.
    #[schema(value_type = String, example = "wuhu-incubation", pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub program: ProgramId,
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "2027—2028 年")]
    pub label: String,
    /// First day.
    #[schema(example = "2027-07-01")]
    pub starts_on: NaiveDate,
    /// The day after the last; by the rulebook's length if absent.
    #[serde(default)]
    pub ends_on: Option<NaiveDate>,
    /// When applications are taken; always if absent.
    #[serde(default)]
    pub intake: IntakeWindow,
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

/// Another intake window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "intake": { "from": "2025-01-01", "to": "2026-12-31" }, "occurred_on": "2025-06-01" }))]
pub struct SetIntakeBody {
    /// The window.
    pub intake: IntakeWindow,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// A later end.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ends_on": "2027-07-01", "reason": "评审延期", "occurred_on": "2025-06-01" }))]
pub struct ExtendCycleBody {
    /// The new day after the last.
    pub ends_on: NaiveDate,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// What becomes of applicants that are left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemainingApplicants {
    /// There must be none.
    #[default]
    MustBeNone,
    /// They lapse; needs a reason.
    Lapse,
}

/// The end of a cycle.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "occurred_on": "2026-04-20", "applicants": "lapse", "reason": "申请未在周期内办结" }))]
pub struct CloseCycleBody {
    /// Why, for an early end or lapsing applicants.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// What becomes of applicants.
    #[serde(default)]
    pub applicants: RemainingApplicants,
    /// The day of closing.
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
    /// Only cycles in these states.
    #[serde(default)]
    #[param(inline)]
    pub state: Vec<CycleState>,
}

impl Filter for CyclesFilter {
    const SORTS: &'static [&'static str] = &["starts_on"];
}

/// Opens a cycle under the rules in force now, which are copied into it (W-42).
#[utoipa::path(post, path = "/cycles", tag = "cycles", extensions(("x-permission" = json!("cycle.open"))), params(CommandHeaders), request_body = OpenCycleBody,
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
        intake: body.intake.into(),
        rulebook,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let target = Target::Program(body.program);
    let done = api.run(commanding, &target, Command::Cycle(CycleCommand::Open(command)), Vec::new()).await?;
    let (cycle, tag) = shown(&api, &api.after(&done).await?, &body.cycle).await?;
    Ok(answered(&done, cycle).created(format!("/api/v1/cycles/{}", body.cycle)).tagged(tag))
}

/// Lists cycles, the earliest first.
#[utoipa::path(get, path = "/cycles", tag = "cycles", extensions(("x-permission" = json!("cycles.read"))), params(List<CyclesFilter>, ReadHeaders),
    responses((status = 200, description = "The cycles.", body = Page<CycleSummary>), ReadProblems))]
async fn list_cycles(
    State(api): State<Api>,
    reading: Reading,
    list: List<CyclesFilter>,
) -> Result<Found<Page<CycleSummary>>, Problem> {
    let view = reading.view(&api).await?;
    let filter = CycleFilter { programs: list.filter.program.clone(), states: list.filter.state.clone() };
    let page = cycles::list(&view.db, &filter, list.direction(), &list.paging()?).await?;
    Ok(list.found(page, view.position))
}

/// Shows one cycle, with its counts.
#[utoipa::path(get, path = "/cycles/{cycle}", tag = "cycles", extensions(("x-permission" = json!("cycle.read"))), params(CycleKey, ReadHeaders),
    responses((status = 200, description = "The cycle.", body = CycleSummary), ReadProblems))]
async fn get_cycle(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
) -> Result<Found<CycleSummary>, Problem> {
    let view = reading.view(&api).await?;
    let (cycle, tag) = shown(&api, &view.db, &key.cycle).await?;
    Ok(Found::tagged(cycle, tag, view.position))
}

/// Sets the days on which applications are taken.
#[utoipa::path(post, path = "/cycles/{cycle}/intake", tag = "cycles", extensions(("x-permission" = json!("cycle.manage"))), request_body = SetIntakeBody,
    params(CycleKey, CommandHeaders, VersionHeader),
    responses((status = 200, description = "The cycle.", body = Answer<CycleSummary>), CommandProblems))]
async fn set_intake(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<SetIntakeBody>,
) -> Result<Answered<CycleSummary>, Problem> {
    let command = SetIntake {
        cycle: key.cycle.clone(),
        intake: body.intake.into(),
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    run(&api, key.cycle, commanding, CycleCommand::SetIntake(command)).await
}

/// Moves the end of a cycle to a later day.
#[utoipa::path(post, path = "/cycles/{cycle}/extensions", tag = "cycles", extensions(("x-permission" = json!("cycle.manage"))), request_body = ExtendCycleBody,
    params(CycleKey, CommandHeaders, VersionHeader),
    responses((status = 200, description = "The cycle.", body = Answer<CycleSummary>), CommandProblems))]
async fn extend_cycle(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<ExtendCycleBody>,
) -> Result<Answered<CycleSummary>, Problem> {
    let command = ExtendCycle {
        cycle: key.cycle.clone(),
        ends_on: body.ends_on,
        reason: body.reason,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    run(&api, key.cycle, commanding, CycleCommand::Extend(command)).await
}

/// Closes a cycle: its members have completed it.
///
/// Before the end of the cycle only with a reason, and not while applicants or later sessions remain.
#[utoipa::path(post, path = "/cycles/{cycle}/closure", tag = "cycles", extensions(("x-permission" = json!("cycle.manage"))), request_body = CloseCycleBody,
    params(CycleKey, CommandHeaders, VersionHeader),
    responses((status = 200, description = "The cycle.", body = Answer<CycleSummary>), CommandProblems))]
async fn close_cycle(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<CloseCycleBody>,
) -> Result<Answered<CycleSummary>, Problem> {
    let command = CloseCycle {
        cycle: key.cycle.clone(),
        reason: body.reason,
        applicants: match body.applicants {
            RemainingApplicants::MustBeNone => Applicants::MustBeNone,
            RemainingApplicants::Lapse => Applicants::Lapse,
        },
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    run(&api, key.cycle, commanding, CycleCommand::Close(command)).await
}

/// Runs a command on a cycle, and answers it as it then stands.
async fn run(
    api: &Api,
    cycle: CycleId,
    commanding: Commanding,
    command: CycleCommand,
) -> Result<Answered<CycleSummary>, Problem> {
    let done = api.run(commanding, &Target::Cycle(cycle.clone()), Command::Cycle(command), Vec::new()).await?;
    let (shown, tag) = shown(api, &api.after(&done).await?, &cycle).await?;
    Ok(answered(&done, shown).tagged(tag))
}

/// A cycle as these read models show it, with its tag.
pub(crate) async fn shown(api: &Api, db: &Db, cycle: &CycleId) -> Result<(CycleSummary, Tag), Problem> {
    let found = cycles::get(db, cycle).await?.ok_or_else(|| Problem::not_found("cycle"))?;
    Ok((found, tag(api, cycle).await?))
}

/// The tag of a cycle as it now stands.
pub(crate) async fn tag(api: &Api, cycle: &CycleId) -> Result<Tag, Problem> {
    Ok(Tag::Stream(api.app().store().version(&StreamId::cycle(cycle)).await?))
}

/// The cycle's tag after a command: from what it wrote, or as it is where it wrote nothing to that stream.
pub(crate) async fn tag_after(api: &Api, cycle: &CycleId, done: &Done) -> Result<Tag, Problem> {
    let stream = StreamId::cycle(cycle).to_string();
    match done.committed.events.iter().rfind(|event| event.stream == stream) {
        Some(event) => Ok(Tag::Stream(event.version)),
        None => tag(api, cycle).await,
    }
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(open_cycle, list_cycles))
        .routes(routes!(get_cycle))
        .routes(routes!(set_intake))
        .routes(routes!(extend_cycle))
        .routes(routes!(close_cycle))
}

#[cfg(test)]
mod tests;
