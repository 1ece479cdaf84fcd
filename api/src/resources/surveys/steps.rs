//! The steps of a survey: charged to a station, settled (审定), returned, sent back.

use axum::extract::State;
use chrono::NaiveDate;
use domain::Command;
use domain::enrolment::{ApproveSurveys, AssignSurvey, EnrolmentCommand, ReopenSurvey, ReturnSurvey};
use domain::ids::{DocumentId, ExpertId, StationId};
use projections::enrolments::SurveyFile;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answered_with_survey;
use crate::answer::{Answer, Answered};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, VersionHeader};
use crate::keys::{EnrolmentKey, Keys};
use crate::openapi::CommandProblems;
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::state::{Api, Target};

/// A station charged with the survey.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "station": "jinghu-1", "occurred_on": "2025-06-20" }))]
pub struct AssignSurveyBody {
    /// A station of the organisation's district (属地, W-45).
    pub station: StationId,
    /// Guiding experts, where wanted (W-21).
    #[serde(default)]
    #[schema(max_items = 20)]
    pub experts: Vec<ExpertId>,
    /// Required when the survey was assigned before.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// The day of the assignment.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// The settling of one survey.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "report_no": "镜湖质发〔2025〕3号", "approved_on": "2025-07-28", "occurred_on": "2025-07-28" }))]
pub struct ApproveSurveyBody {
    /// The number of the report that goes to the award office (W-47).
    #[schema(max_length = 100)]
    pub report_no: String,
    /// The day of the settling.
    pub approved_on: NaiveDate,
    /// The day that the report goes up.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// A survey given back to its station.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reasons": "第八项未写明信息提供来源。", "occurred_on": "2025-07-28" }))]
pub struct GiveBackBody {
    /// What is wrong with it.
    #[schema(max_length = 5000)]
    pub reasons: String,
    /// The day of giving it back.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Charges a station with the survey, or another one in its place until it is filed (W-45).
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/survey-assignments", tag = "surveys", extensions(("x-permission" = json!("survey.assign"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = AssignSurveyBody,
    responses((status = 200, description = "The survey.", body = Answer<SurveyFile>), CommandProblems))]
async fn assign_survey(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<AssignSurveyBody>,
) -> Result<Answered<SurveyFile>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), key.uscc.clone());
    let AssignSurveyBody { station, experts, reason, .. } = body;
    let command = AssignSurvey { cycle, uscc, station, experts, reason, common };
    run(&api, commanding, &key, EnrolmentCommand::AssignSurvey(command)).await
}

/// Settles a filed survey (审定, W-48): the district office, and there not the person who filed it.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/survey-approvals", tag = "surveys", extensions(("x-permission" = json!("survey.settle"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = ApproveSurveyBody,
    responses((status = 200, description = "The survey.", body = Answer<SurveyFile>), CommandProblems))]
async fn approve_survey(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<ApproveSurveyBody>,
) -> Result<Answered<SurveyFile>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, entries) = (key.cycle.clone(), vec![key.uscc.clone()]);
    let ApproveSurveyBody { report_no, approved_on, .. } = body;
    let command = ApproveSurveys { cycle, entries, report_no, approved_on, common };
    run(&api, commanding, &key, EnrolmentCommand::ApproveSurveys(command)).await
}

/// Returns a filed survey to its station.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/survey-returns", tag = "surveys", extensions(("x-permission" = json!("survey.settle"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = GiveBackBody,
    responses((status = 200, description = "The survey.", body = Answer<SurveyFile>), CommandProblems))]
async fn return_survey(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<GiveBackBody>,
) -> Result<Answered<SurveyFile>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), key.uscc.clone());
    let command = ReturnSurvey { cycle, uscc, reasons: body.reasons, common };
    run(&api, commanding, &key, EnrolmentCommand::ReturnSurvey(command)).await
}

/// Sends a settled survey back, as long as it was not classified on.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/survey-reopenings", tag = "surveys", extensions(("x-permission" = json!("survey.reopen"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = GiveBackBody,
    responses((status = 200, description = "The survey.", body = Answer<SurveyFile>), CommandProblems))]
async fn reopen_survey(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<GiveBackBody>,
) -> Result<Answered<SurveyFile>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), key.uscc.clone());
    let command = ReopenSurvey { cycle, uscc, reasons: body.reasons, common };
    run(&api, commanding, &key, EnrolmentCommand::ReopenSurvey(command)).await
}

/// Runs a command on the survey of one file, and answers the survey.
async fn run(
    api: &Api,
    commanding: Commanding,
    key: &EnrolmentKey,
    command: EnrolmentCommand,
) -> Result<Answered<SurveyFile>, Problem> {
    let target = Target::Enrolment(key.cycle.clone(), key.uscc.clone());
    let done = api.run_one(commanding, &target, Command::Enrolment(command)).await?;
    answered_with_survey(api, &done, key).await.map(|(_, answer)| answer)
}

/// The paths of these steps.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(assign_survey))
        .routes(routes!(approve_survey))
        .routes(routes!(return_survey))
        .routes(routes!(reopen_survey))
}
