//! Surveys (调查摸底, §四（一）, 附件2): Annex 2 filed by the station, and read with all its revisions.

mod steps;

use app::Done;
use axum::extract::State;
use chrono::NaiveDate;
use domain::Command;
use domain::Uscc;
use domain::enrolment::{EnrolmentCommand, FileSurvey};
use domain::forms::annex2::{Conclusion, Survey};
use domain::forms::samples;
use domain::ids::{CycleId, DocumentId, SurveyId};
use projections::enrolments::{SurveyFile, survey};
use projections::page::Direction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub use steps::{ApproveSurveyBody, AssignSurveyBody, GiveBackBody};

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, VersionHeader};
use crate::keys::{EXAMPLE_CYCLE, EXAMPLE_USCC, EnrolmentKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Count, Filter, List, Page, Read};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::enrolments::{address, file_of, tag};
use crate::state::{Api, Target, answered};

/// Annex 2, filed for the first time or revised after a return.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(filing()))]
pub struct FileSurveyBody {
    /// The form.
    pub survey: Survey,
    /// The day of filing.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// `/cycles/{cycle}/organizations/{uscc}/surveys/{survey_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SurveyKey {
    /// The cycle: `{program}-{label}`.
    #[param(value_type = String, example = json!(EXAMPLE_CYCLE))]
    pub cycle: CycleId,
    /// A USCC of the organisation, the present one or an earlier one.
    #[param(value_type = String, example = json!(EXAMPLE_USCC))]
    pub uscc: Uscc,
    /// The survey.
    #[param(value_type = String, format = "uuid")]
    pub survey_id: SurveyId,
}

/// Surveys of a file have no filters.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct SurveysFilter {}

impl Filter for SurveysFilter {
    const SORTS: &'static [&'static str] = &["attempt"];
}

/// Files Annex 2: the station charged with it. A revision keeps the survey's id.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/surveys", tag = "surveys", extensions(("x-permission" = json!("survey.file"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = FileSurveyBody,
    responses(
        (status = 200, description = "The survey, revised.", body = Answer<SurveyFile>),
        (status = 201, description = "The survey, filed for the first time.", body = Answer<SurveyFile>),
        CommandProblems
    ))]
async fn file_survey(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<FileSurveyBody>,
) -> Result<Answered<SurveyFile>, Problem> {
    let survey_id = SurveyId::new(Uuid::now_v7());
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let (cycle, uscc) = (key.cycle.clone(), key.uscc.clone());
    let command = FileSurvey { cycle, uscc, survey_id, survey: Box::new(body.survey), common };
    let command = Command::Enrolment(EnrolmentCommand::FileSurvey(command));
    let target = Target::Enrolment(key.cycle.clone(), key.uscc.clone());
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    let (survey, answer) = answered_with_survey(&api, &done, &key).await?;
    Ok(match survey.survey_id.filter(|_| survey.revision == 1) {
        Some(id) => answer.created(format!("{}/surveys/{id}", address(&key.cycle, &key.uscc))),
        None => answer,
    })
}

/// Lists the surveys of a file, one for each attempt that got so far, with all revisions.
#[utoipa::path(get, path = "/cycles/{cycle}/organizations/{uscc}/surveys", tag = "surveys", extensions(("x-permission" = json!("file.read"))),
    params(EnrolmentKey, List<SurveysFilter>, ReadHeaders),
    responses((status = 200, description = "The surveys.", body = Page<SurveyFile>), ReadProblems))]
async fn list_surveys(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    reading: Reading,
    list: List<SurveysFilter>,
) -> Result<Found<Page<SurveyFile>>, Problem> {
    let view = reading.view(&api).await?;
    let file = file_of(&view.db, &key.cycle, &key.uscc).await?;
    let mut surveys: Vec<_> = file.earlier_surveys.into_iter().chain(file.survey).collect();
    let total = (list.count == Count::All).then_some(surveys.len() as u64);
    let after: Option<u32> = list.after()?;
    match list.direction() {
        Direction::Ascending => {
            surveys.sort_by_key(|survey| survey.attempt);
            surveys.retain(|survey| after.is_none_or(|after| survey.attempt > after));
        }
        Direction::Descending => {
            surveys.sort_by_key(|survey| std::cmp::Reverse(survey.attempt));
            surveys.retain(|survey| after.is_none_or(|after| survey.attempt < after));
        }
    }
    let read = Read { position: view.position, total };
    Ok(list.page(surveys, |survey| survey.attempt, read).into())
}

/// Shows one survey with all its revisions and what was said of them.
#[utoipa::path(get, path = "/cycles/{cycle}/organizations/{uscc}/surveys/{survey_id}", tag = "surveys", extensions(("x-permission" = json!("file.read"))),
    params(SurveyKey, ReadHeaders),
    responses((status = 200, description = "The survey.", body = SurveyFile), ReadProblems))]
async fn get_survey(
    State(api): State<Api>,
    Keys(key): Keys<SurveyKey>,
    reading: Reading,
) -> Result<Found<SurveyFile>, Problem> {
    let view = reading.view(&api).await?;
    let file = file_of(&view.db, &key.cycle, &key.uscc).await?;
    let found = survey(&view.db, &key.cycle, &file.organization, key.survey_id).await?;
    let found = found.ok_or_else(|| Problem::not_found("survey"))?;
    Ok(Found::projected(found, view.position))
}

/// The answer to a command on the survey of a file: the survey as it now stands, with the tag of the file.
async fn answered_with_survey(
    api: &Api,
    done: &Done,
    key: &EnrolmentKey,
) -> Result<(SurveyFile, Answered<SurveyFile>), Problem> {
    let file = file_of(&api.after(done).await?, &key.cycle, &key.uscc).await?;
    let tag = tag(&file);
    let survey = file.survey.ok_or_else(|| Problem::not_found("survey"))?;
    Ok((survey.clone(), answered(done, survey).tagged(tag)))
}

/// A survey that can be filed.
pub(crate) fn filing() -> Value {
    filing_on("2025-07-28")
}

/// The same, of another day.
pub(crate) fn filing_on(day: &str) -> Value {
    let (Ok(class), Ok(day)) = ("C".parse(), day.parse()) else {
        return Value::Null;
    };
    json!({ "survey": samples::survey(Conclusion::Class(class), day), "occurred_on": day })
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(file_survey, list_surveys)).routes(routes!(get_survey)).merge(steps::routes())
}

#[cfg(test)]
mod tests;
