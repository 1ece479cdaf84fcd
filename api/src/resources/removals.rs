//! Removal after a major incident (移出孵化池, §三, W-28), and its rescission.

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::{CycleCommand, Remove, RescindRemoval};
use domain::ids::{DocumentId, IncidentId};
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

/// A member to be removed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "incident_id": "01980000-0000-7000-8000-000000000002", "occurred_on": "2025-11-28",
}))]
pub struct RemoveBody {
    /// The member.
    pub uscc: Uscc,
    /// The incident, determined as major by the competent authority.
    pub incident_id: IncidentId,
    /// More words, if there are any.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
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

/// A removal whose ground was overturned.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "reason": "事故认定已被撤销", "occurred_on": "2025-12-10",
    "documents": ["01980000-0000-7000-8000-000000000001"],
}))]
pub struct RescindRemovalBody {
    /// The organisation removed.
    pub uscc: Uscc,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// The document that overturns the determination, and other papers.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Removes a member from the pool, citing the incident; never refused for balance.
#[utoipa::path(post, path = "/cycles/{cycle}/removals", tag = "classes", extensions(("x-permission" = json!("member.remove"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = RemoveBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn remove_organization(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<RemoveBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let RemoveBody { uscc, incident_id, reason, .. } = body;
    let command = Remove { cycle: key.cycle.clone(), uscc: uscc.clone(), incident_id, reason, common };
    let command = Command::Cycle(CycleCommand::Remove(command));
    let done = api.run(commanding, &Target::Cycle(key.cycle.clone()), command, Vec::new()).await?;
    answered_with_file(&api, &done, &key.cycle, &uscc).await
}

/// Rescinds a removal: the organisation is a member again, in the class that it had.
#[utoipa::path(post, path = "/cycles/{cycle}/removal-rescissions", tag = "classes", extensions(("x-permission" = json!("member.remove"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = RescindRemovalBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn rescind_removal(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<RescindRemovalBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let RescindRemovalBody { uscc, reason, .. } = body;
    let command = RescindRemoval { cycle: key.cycle.clone(), uscc: uscc.clone(), reason, common };
    let command = Command::Cycle(CycleCommand::RescindRemoval(command));
    let done = api.run(commanding, &Target::Cycle(key.cycle.clone()), command, Vec::new()).await?;
    answered_with_file(&api, &done, &key.cycle, &uscc).await
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(remove_organization)).routes(routes!(rescind_removal))
}

#[cfg(test)]
mod tests;
