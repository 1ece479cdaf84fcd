//! Classes (分类, §四（二）1): admission with a class, moves between classes, corrections.

mod decided;

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::{Classify, ClassifyEntry, CorrectClassification, CycleCommand, Reclassify, ReclassifyEntry};
use domain::ids::{ClassId, CycleId, DocumentId};
use domain::{Command, Uscc};
use projections::enrolments::Enrolment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use decided::{ClassesDecided, CountsChange, DecidedEntry};

use crate::answer::{Answer, Answered};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, Tag, VersionHeader};
use crate::keys::{CycleKey, Keys};
use crate::openapi::CommandProblems;
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::query::Query;
use crate::resources::enrolments::answered_with_file;
use crate::state::{Api, Target};

/// One applicant to be admitted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassificationEntry {
    /// The applicant.
    pub uscc: Uscc,
    /// Its class; absent where the program has none.
    #[serde(default)]
    pub class: Option<ClassId>,
    /// Why; required where the office differs from the station.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub grounds: Option<String>,
    /// The `ETag` of the file that the decision rests on, without quotes.
    #[serde(default)]
    pub seen: Option<Tag>,
}

/// Applicants to be admitted, each with its class.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "occurred_on": "2025-08-10", "entries": [{ "uscc": "91340202MA8EXAMP13", "class": "C" }],
}))]
pub struct ClassifyBody {
    /// The applicants.
    pub entries: Vec<ClassificationEntry>,
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

/// One member to be moved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReclassificationEntry {
    /// The member.
    pub uscc: Uscc,
    /// Its new class.
    pub to: ClassId,
    /// Why.
    #[schema(max_length = 2000)]
    pub grounds: String,
    /// The `ETag` of the file that the decision rests on, without quotes.
    #[serde(default)]
    pub seen: Option<Tag>,
}

/// Members to be moved between classes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "occurred_on": "2025-08-20",
    "entries": [{ "uscc": "91340202MA8EXAMP13", "to": "D", "grounds": "质量管理模式成熟" }],
}))]
pub struct ReclassifyBody {
    /// The members.
    pub entries: Vec<ReclassificationEntry>,
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

/// A class entered wrongly, put right from the decision document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "class": "B", "reason": "录入时选错类别", "occurred_on": "2025-08-25",
    "documents": ["01980000-0000-7000-8000-000000000001"],
}))]
pub struct CorrectClassificationBody {
    /// The member.
    pub uscc: Uscc,
    /// The class that the decision document shows.
    pub class: ClassId,
    /// What went wrong.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the correction.
    pub occurred_on: NaiveDate,
    /// The decision document, and other papers.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Whether a decision is only tried.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DryRun {
    /// Answers what would be, and appends nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Admits applicants to the pool, each with its class, all or none (W-49 … W-56).
#[utoipa::path(post, path = "/cycles/{cycle}/classifications", tag = "classes", extensions(("x-permission" = json!("class.decide"))),
    params(CycleKey, DryRun, CommandHeaders), request_body = ClassifyBody,
    responses((status = 200, description = "The classes decided, or what would be.", body = Answer<ClassesDecided>),
        CommandProblems))]
async fn classify_organizations(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    Query(DryRun { dry_run }): Query<DryRun>,
    commanding: Commanding,
    Body(body): Body<ClassifyBody>,
) -> Result<Answered<ClassesDecided>, Problem> {
    let classes = body.entries.iter().map(|entry| (entry.uscc.clone(), entry.class.clone())).collect();
    let command = body.into_command(&api, &key.cycle).await?;
    let command = Command::Cycle(CycleCommand::Classify(command));
    decided::decide(&api, commanding, &key.cycle, (command, dry_run), classes).await
}

/// Moves members between classes, all or none (W-55, W-56).
#[utoipa::path(post, path = "/cycles/{cycle}/reclassifications", tag = "classes", extensions(("x-permission" = json!("class.decide"))),
    params(CycleKey, DryRun, CommandHeaders), request_body = ReclassifyBody,
    responses((status = 200, description = "The classes decided, or what would be.", body = Answer<ClassesDecided>),
        CommandProblems))]
async fn reclassify_organizations(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    Query(DryRun { dry_run }): Query<DryRun>,
    commanding: Commanding,
    Body(body): Body<ReclassifyBody>,
) -> Result<Answered<ClassesDecided>, Problem> {
    let classes = body.entries.iter().map(|entry| (entry.uscc.clone(), Some(entry.to.clone()))).collect();
    let command = body.into_command(&api, &key.cycle).await?;
    let command = Command::Cycle(CycleCommand::Reclassify(command));
    decided::decide(&api, commanding, &key.cycle, (command, dry_run), classes).await
}

/// Corrects the last class decision on a member; the class counts from the day of that decision.
#[utoipa::path(post, path = "/cycles/{cycle}/classification-corrections", tag = "classes", extensions(("x-permission" = json!("class.decide"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = CorrectClassificationBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn correct_classification(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<CorrectClassificationBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), body.uscc.clone());
    let command = CorrectClassification { cycle, uscc, class: body.class, reason: body.reason, common };
    let command = Command::Cycle(CycleCommand::CorrectClassification(command));
    let done = api.run(commanding, &Target::Cycle(key.cycle.clone()), command, Vec::new()).await?;
    answered_with_file(&api, &done, &key.cycle, &body.uscc).await
}

impl ClassifyBody {
    async fn into_command(self, api: &Api, cycle: &CycleId) -> Result<Classify, Problem> {
        let common = api.dated(self.occurred_on, &self.documents, self.waiver.as_ref()).await?;
        let entries = self.entries.into_iter().map(|entry| ClassifyEntry {
            uscc: entry.uscc,
            class: entry.class,
            grounds: entry.grounds,
            seen: entry.seen.map(String::from),
        });
        Ok(Classify { cycle: cycle.clone(), entries: entries.collect(), common })
    }
}

impl ReclassifyBody {
    async fn into_command(self, api: &Api, cycle: &CycleId) -> Result<Reclassify, Problem> {
        let common = api.dated(self.occurred_on, &self.documents, self.waiver.as_ref()).await?;
        let entries = self.entries.into_iter().map(|entry| ReclassifyEntry {
            uscc: entry.uscc,
            to: entry.to,
            grounds: entry.grounds,
            seen: entry.seen.map(String::from),
        });
        Ok(Reclassify { cycle: cycle.clone(), entries: entries.collect(), common })
    }
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(classify_organizations))
        .routes(routes!(reclassify_organizations))
        .routes(routes!(correct_classification))
}

#[cfg(test)]
mod tests;
