//! How files end other than by removal: declined, withdrawn (§二（三）), ended.

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::{CycleCommand, Decline, DeclineGrounds, EndFile, EndGround, Withdraw};
use domain::ids::DocumentId;
use domain::{Command, Uscc};
use projections::enrolments::Enrolment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, VersionHeader};
use crate::keys::{CycleKey, Keys};
use crate::openapi::CommandProblems;
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::enrolments::answered_with_file;
use crate::state::{Api, Target};

/// An applicant that the award office does not admit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "grounds": "below_lowest_class", "occurred_on": "2025-08-01",
}))]
pub struct DeclineBody {
    /// The organisation.
    pub uscc: Uscc,
    /// Why: a condition, the survey's conclusion, or words.
    pub grounds: DeclineGrounds,
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

/// An organisation that leaves of its own will.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "reason": "经营计划调整", "occurred_on": "2025-06-20",
}))]
pub struct WithdrawBody {
    /// The organisation.
    pub uscc: Uscc,
    /// Why; required from the nomination on.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// The day of the withdrawal.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it; for a member the award office gives its written request.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// A file that ends because the organisation was dissolved or left the city.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "ground": "left_city", "reason": "注册地迁往外市",
    "occurred_on": "2026-04-15", "documents": ["01980000-0000-7000-8000-000000000001"],
}))]
pub struct EndFileBody {
    /// The organisation.
    pub uscc: Uscc,
    /// On which ground.
    pub ground: EndGround,
    /// What happened.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day that it ends.
    pub occurred_on: NaiveDate,
    /// The proof of it, and other papers.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Declines an applicant; its recommender's place stays used.
#[utoipa::path(post, path = "/cycles/{cycle}/declines", tag = "enrolments", extensions(("x-permission" = json!("nomination.decline"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = DeclineBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn decline_organization(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<DeclineBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let command = Decline { cycle: key.cycle.clone(), uscc: body.uscc.clone(), grounds: body.grounds, common };
    run(&api, commanding, key, body.uscc, CycleCommand::Decline(command)).await
}

/// Withdraws an organisation at its own will, as applicant or member.
#[utoipa::path(post, path = "/cycles/{cycle}/withdrawals", tag = "enrolments", extensions(("x-permission" = json!("file.withdraw"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = WithdrawBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn withdraw_organization(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<WithdrawBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let command = Withdraw { cycle: key.cycle.clone(), uscc: body.uscc.clone(), reason: body.reason, common };
    run(&api, commanding, key, body.uscc, CycleCommand::Withdraw(command)).await
}

/// Ends the file of an organisation that was dissolved, or is no longer registered in the city.
#[utoipa::path(post, path = "/cycles/{cycle}/endings", tag = "enrolments", extensions(("x-permission" = json!("file.end"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = EndFileBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn end_file(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<EndFileBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), body.uscc.clone());
    let command = EndFile { cycle, uscc, ground: body.ground, reason: body.reason, common };
    run(&api, commanding, key, body.uscc, CycleCommand::EndFile(command)).await
}

/// Runs a command on one file of the cycle, and answers the file.
async fn run(
    api: &Api,
    commanding: Commanding,
    key: CycleKey,
    uscc: Uscc,
    command: CycleCommand,
) -> Result<Answered<Enrolment>, Problem> {
    let target = Target::Cycle(key.cycle.clone());
    let done = api.run(commanding, &target, Command::Cycle(command), Vec::new()).await?;
    answered_with_file(api, &done, &key.cycle, &uscc).await
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(decline_organization))
        .routes(routes!(withdraw_organization))
        .routes(routes!(end_file))
}

#[cfg(test)]
mod tests;
