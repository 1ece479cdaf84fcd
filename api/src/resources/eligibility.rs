//! Eligibility (具体申报条件, §三（一）): one entry per condition, and what departments found of them.

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::file_tag;
use domain::enrolment::eligibility::assess;
use domain::enrolment::{EnrolmentCommand, Finding, RecordConditionCheck};
use domain::ids::{ConditionCheckId, ConditionId, CycleId, DocumentId, OrganizationId};
use domain::rulebook::{Name, Rule, Strength};
use domain::{Command, Stop, Uscc, World};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag, VersionHeader};
use crate::keys::{EnrolmentKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

/// What is known of every condition for a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Eligibility {
    /// The organisation.
    pub organization: OrganizationId,
    /// The day of the application; all look-backs and periods run to it.
    pub applied_on: Option<NaiveDate>,
    /// One entry per condition, in the rulebook's order.
    pub items: Vec<EligibilityEntry>,
}

/// One condition, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EligibilityEntry {
    /// The condition.
    pub id: ConditionId,
    /// Its short name.
    pub name: Name,
    /// Where it stands, e.g. `三（一）5`.
    pub clause: String,
    /// The words of the source.
    pub text: String,
    /// The status of the source, e.g. 试行（征求意见稿）.
    pub label: Option<String>,
    /// `met`, `not_met` or `needs_document`.
    #[schema(example = "met")]
    pub state: String,
    /// `must` or `principle`.
    pub strength: Strength,
    /// How the words are read where they leave something open.
    pub reading: Option<Rule>,
    /// For a recorded incident inside the look-back: the day from which it no longer bars.
    pub free_from: Option<NaiveDate>,
}

/// What a department found of a condition (由相关部门界定, W-38).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "condition": "lawful_and_policy", "met": true, "department": "市生态环境局", "checked_on": "2025-06-16",
    "occurred_on": "2025-06-18", "documents": ["01980000-0000-7000-8000-000000000001"],
}))]
pub struct ConditionCheckBody {
    /// The condition of the rulebook.
    pub condition: ConditionId,
    /// Whether the department found it met.
    pub met: bool,
    /// The competent department.
    #[schema(max_length = 200)]
    pub department: String,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// The day that the finding came in.
    pub occurred_on: NaiveDate,
    /// The department's paper, and others.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Lists the conditions and what is known of each for a file, look-backs running to the day of the application.
#[utoipa::path(get, path = "/cycles/{cycle}/organizations/{uscc}/eligibility", tag = "enrolments", extensions(("x-permission" = json!("file.read"))),
    params(EnrolmentKey, ReadHeaders),
    responses((status = 200, description = "The conditions.", body = Eligibility), ReadProblems))]
async fn get_eligibility(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    reading: Reading,
) -> Result<Found<Eligibility>, Problem> {
    let view = reading.view(&api).await?;
    let (eligibility, _) = api.eligibility(&key.cycle, &key.uscc).await?;
    Ok(Found::projected(eligibility, view.position))
}

/// Records what a department found of a condition; a later check of the same one replaces it.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/condition-checks", tag = "enrolments", extensions(("x-permission" = json!("condition.check"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = ConditionCheckBody,
    responses((status = 200, description = "The conditions.", body = Answer<Eligibility>), CommandProblems))]
async fn record_condition_check(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<ConditionCheckBody>,
) -> Result<Answered<Eligibility>, Problem> {
    let command = RecordConditionCheck {
        cycle: key.cycle.clone(),
        uscc: key.uscc.clone(),
        check_id: ConditionCheckId::new(Uuid::now_v7()),
        condition: body.condition,
        finding: if body.met { Finding::Met } else { Finding::NotMet },
        department: body.department,
        checked_on: body.checked_on,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Enrolment(EnrolmentCommand::RecordConditionCheck(command));
    let target = Target::Enrolment(key.cycle.clone(), key.uscc.clone());
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    let (eligibility, tag) = api.eligibility(&key.cycle, &key.uscc).await?;
    Ok(answered(&done, eligibility).tagged(tag))
}

impl Api {
    /// The conditions as the log has them now, with the tag of the file.
    async fn eligibility(&self, cycle: &CycleId, uscc: &Uscc) -> Result<(Eligibility, Tag), Problem> {
        Ok(self.app().store().ask(|world| assessed(world, cycle, uscc)).await??)
    }
}

/// Asks the domain, so that the list and a decision never differ.
fn assessed(world: &World<'_>, cycle: &CycleId, uscc: &Uscc) -> Result<(Eligibility, Tag), Stop> {
    let rulebook = &world.cycle(cycle)?.opened()?.rulebook;
    let id = world.resolve(uscc)?;
    let (enrolment, cycle_version) = file_tag(world, cycle, &id)?;
    let file = world.enrolment(cycle, &id)?;
    let entries = assess(rulebook, file, world.organization(&id)?);
    let items = entries.into_iter().zip(&rulebook.conditions).map(|(entry, condition)| EligibilityEntry {
        id: entry.id,
        name: condition.name.clone(),
        clause: entry.rule.clause,
        text: entry.rule.text,
        label: rulebook.label.clone(),
        state: <&str>::from(entry.status).to_owned(),
        strength: entry.rule.strength,
        reading: condition.reading.clone(),
        free_from: entry.free_from,
    });
    let eligibility = Eligibility { applied_on: file.applied_on, items: items.collect(), organization: id };
    Ok((eligibility, Tag::Enrolment { enrolment, cycle: cycle_version }))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_eligibility)).routes(routes!(record_condition_check))
}

#[cfg(test)]
mod tests;
