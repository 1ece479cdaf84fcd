//! Nominations (推荐, §三（二）, W-41, W-106): given, corrected, refused; a paper form with both seals in one step.

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::{CorrectNomination, CycleCommand, Nominate, NominateOnPaper, Stage};
use domain::enrolment::{EnrolmentCommand, RefuseRecommendation};
use domain::ids::{CycleId, DistrictId, DocumentId, OrganizationId, RecommenderId, SelfEvaluationId};
use domain::{Command, FieldCode, FieldError, Refusal, Uscc};
use projections::enrolments::{self, Enrolment, NominationSort, Recommendation};
use projections::page::Direction;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::persons::Person;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, VersionHeader};
use crate::keys::{CycleKey, EnrolmentKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::applications::{ApplicationBody, SubmitApplicationBody, submission};
use crate::resources::cycles;
use crate::resources::enrolments::{address, answered_with_file};
use crate::state::{Api, Target};

/// A recommendation of an applicant; with an application in it, both seals of one paper form.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(paper_form()))]
pub struct NominateBody {
    /// The organisation.
    pub uscc: Uscc,
    /// Who nominates.
    pub recommender: RecommenderId,
    /// 推荐单位意见 (W-106)
    #[schema(min_length = 1, max_length = 2000)]
    pub opinion: String,
    /// The date beside the recommender's seal (W-106).
    pub signed_on: NaiveDate,
    /// The application on the same paper, where it was not handed in before.
    #[serde(default)]
    pub application: Option<ApplicationBody>,
    /// With an application: the cycle that the organisation took part in last (W-76).
    #[serde(default)]
    pub previous: Option<CycleId>,
    /// With an application: the self-evaluation report for that cycle (W-77).
    #[serde(default)]
    pub self_evaluation: Option<SelfEvaluationId>,
    /// The day of the nomination; with an application, the day of that.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// The right recommender in place of one entered wrongly.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "committee-jingkai", "reason": "录入时选错推荐单位", "occurred_on": "2025-06-07" }))]
pub struct CorrectNominationBody {
    /// Who nominated in truth.
    pub to: RecommenderId,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the correction.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// A recommender's refusal to recommend.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "recommender": "association-equipment", "reason": "不属于本行业", "occurred_on": "2025-06-10",
}))]
pub struct RefuseRecommendationBody {
    /// Who refuses; the actor's own unit.
    pub recommender: RecommenderId,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the refusal.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Which nominations are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct NominationsFilter {
    /// Only those of these recommenders.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub recommender: Vec<RecommenderId>,
}

impl Filter for NominationsFilter {
    const SORTS: &'static [&'static str] = &["nominated_on", "name"];
}

/// A nomination in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NominationRow {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// Its district in force.
    pub district: Option<DistrictId>,
    /// Where the file stands.
    pub stage: Stage,
    /// The recommendation of the present attempt.
    pub recommendation: Option<Recommendation>,
}

impl From<Enrolment> for NominationRow {
    fn from(file: Enrolment) -> Self {
        let Enrolment { organization, uscc, name, district, stage, recommendation, .. } = file;
        Self { organization, uscc, name, district, stage, recommendation }
    }
}

/// Lists the nominations of a cycle, with whether each uses a place.
#[utoipa::path(get, path = "/cycles/{cycle}/nominations", tag = "enrolments", extensions(("x-permission" = json!("nominations.read"))),
    params(CycleKey, List<NominationsFilter>, ReadHeaders),
    responses((status = 200, description = "The nominations.", body = Page<NominationRow>), ReadProblems))]
async fn list_nominations(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<NominationsFilter>,
) -> Result<Found<Page<NominationRow>>, Problem> {
    let view = reading.view(&api).await?;
    cycles::shown(&api, &view.db, &key.cycle).await?;
    let sort = match (list.sort.field, list.direction()) {
        ("name", Direction::Ascending) => NominationSort::Name,
        ("name", Direction::Descending) => NominationSort::NameDescending,
        (_, Direction::Ascending) => NominationSort::NominatedOn,
        (_, Direction::Descending) => NominationSort::NominatedOnDescending,
    };
    let recommenders = &list.filter.recommender;
    let page =
        enrolments::nominations(&view.db, &key.cycle, reading.scope(), recommenders, sort, &list.paging()?).await?;
    Ok(list.found(page.map(NominationRow::from), view.position))
}

/// Nominates an applicant; with an application in the body, hands that in and nominates at once (W-31, W-106).
#[utoipa::path(post, path = "/cycles/{cycle}/nominations", tag = "enrolments", extensions(("x-permission" = json!("nomination.make"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = NominateBody,
    responses(
        (status = 200, description = "The file, nominated.", body = Answer<Enrolment>),
        (status = 201, description = "The file, opened and nominated.", body = Answer<Enrolment>),
        CommandProblems
    ))]
async fn nominate_organization(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<NominateBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let uscc = body.uscc.clone();
    let opens = body.application.is_some();
    let (command, persons) = body.into_command(&api, &key.cycle).await?;
    let done = api.run(commanding, &Target::Cycle(key.cycle.clone()), Command::Cycle(command), persons).await?;
    let answer = answered_with_file(&api, &done, &key.cycle, &uscc).await?;
    Ok(if opens { answer.created(address(&key.cycle, &uscc)) } else { answer })
}

/// Corrects who nominated an organisation; the place moves with it.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/nomination-corrections", tag = "enrolments", extensions(("x-permission" = json!("nomination.correct"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = CorrectNominationBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn correct_nomination(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<CorrectNominationBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), key.uscc.clone());
    let command = CorrectNomination { cycle, uscc, to: body.to, reason: body.reason, common };
    let command = Command::Cycle(CycleCommand::CorrectNomination(command));
    let target = Target::Enrolment(key.cycle.clone(), key.uscc.clone());
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    answered_with_file(&api, &done, &key.cycle, &key.uscc).await
}

/// Records that a recommender will not recommend; another one still may.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/recommendation-refusals", tag = "enrolments", extensions(("x-permission" = json!("recommendation.refuse"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = RefuseRecommendationBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn refuse_recommendation(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<RefuseRecommendationBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc, recommender) = (key.cycle.clone(), key.uscc.clone(), body.recommender);
    let command = RefuseRecommendation { cycle, uscc, recommender, reason: body.reason, common };
    let command = Command::Enrolment(EnrolmentCommand::RefuseRecommendation(command));
    let target = Target::Enrolment(key.cycle.clone(), key.uscc.clone());
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    answered_with_file(&api, &done, &key.cycle, &key.uscc).await
}

impl NominateBody {
    async fn into_command(self, api: &Api, cycle: &CycleId) -> Result<(CycleCommand, Vec<Person>), Problem> {
        let Self { uscc, recommender, opinion, signed_on, application, previous, self_evaluation, .. } = self;
        let Self { occurred_on, documents, waiver, .. } = self;
        let Some(application) = application else {
            let of_application =
                [(previous.is_some(), "/previous"), (self_evaluation.is_some(), "/self_evaluation")].into_iter();
            let errors: Vec<_> = of_application
                .filter(|(given, _)| *given)
                .map(|(_, pointer)| FieldError::new(pointer, FieldCode::RequiresOther, ""))
                .collect();
            if !errors.is_empty() {
                return Err(Refusal::ValidationFailed(errors).into());
            }
            let common = api.dated(occurred_on, &documents, waiver.as_ref()).await?;
            let nominate = Nominate { cycle: cycle.clone(), uscc, recommender, opinion, signed_on, common };
            return Ok((CycleCommand::Nominate(nominate), Vec::new()));
        };
        let body =
            SubmitApplicationBody { uscc, application, previous, self_evaluation, occurred_on, documents, waiver };
        let (application, persons) = body.into_command(api, cycle).await?;
        let command = NominateOnPaper { application, recommender, opinion, signed_on };
        Ok((CycleCommand::NominateOnPaper(Box::new(command)), persons))
    }
}

/// A paper form with both seals.
pub(crate) fn paper_form() -> Value {
    let mut form = submission();
    form["recommender"] = "office-quality".into();
    form["opinion"] = "同意推荐。".into();
    form["signed_on"] = "2025-06-05".into();
    form
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_nominations, nominate_organization))
        .routes(routes!(correct_nomination))
        .routes(routes!(refuse_recommendation))
}

#[cfg(test)]
mod tests;
