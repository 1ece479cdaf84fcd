//! Applications (申报, §三（一）): Annex 1 with its supplement, handed in, amended, read.

mod form;
mod shown;

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::Stage;
use domain::document::DocumentRef;
use domain::enrolment::{AmendApplication, EnrolmentCommand, SubmitApplication};
use domain::ids::{CycleId, DocumentId, SelfEvaluationId};
use domain::{Command, Uscc};
use projections::enrolments::{self, ApplicationFilter, ApplicationSort, Enrolment};
use projections::page::Direction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::persons::Person;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use form::{ApplicationBody, ContactBody, LegalRepresentativeBody, SupplementBody};
pub use shown::{ApplicationRow, ApplicationShown};

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, VersionHeader};
use crate::keys::{CycleKey, EnrolmentKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::enrolments::{address, answered_with_file, file_of};
use crate::state::{Api, Target};

/// An application, by the organisation itself or by the award office for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(submission()))]
pub struct SubmitApplicationBody {
    /// The organisation; need not be known yet.
    pub uscc: Uscc,
    /// The form.
    pub application: ApplicationBody,
    /// The cycle that it took part in last (W-76); found by itself if absent.
    #[serde(default)]
    pub previous: Option<CycleId>,
    /// Its self-evaluation report for that cycle (W-77); found by itself if absent.
    #[serde(default)]
    pub self_evaluation: Option<SelfEvaluationId>,
    /// The day of the application (申报日期).
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// A whole new form in place of the one handed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(amendment()))]
pub struct AmendApplicationBody {
    /// The whole new form; the day of the application stays.
    pub application: ApplicationBody,
    /// What was changed and why.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// The day of the amendment.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Which applications are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct ApplicationsFilter {
    /// Only files at these stages.
    #[serde(default)]
    #[param(value_type = Vec<String>, example = json!(["applied"]))]
    pub stage: Vec<Stage>,
    /// Only organisations of these districts.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub district: Vec<domain::ids::DistrictId>,
}

impl Filter for ApplicationsFilter {
    const SORTS: &'static [&'static str] = &["applied_on", "name"];
}

/// Lists the applications in force of a cycle; people by reference.
#[utoipa::path(get, path = "/cycles/{cycle}/applications", tag = "enrolments", extensions(("x-permission" = json!("applications.read"))),
    params(CycleKey, List<ApplicationsFilter>, ReadHeaders),
    responses((status = 200, description = "The applications.", body = Page<ApplicationRow>), ReadProblems))]
async fn list_applications(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<ApplicationsFilter>,
) -> Result<Found<Page<ApplicationRow>>, Problem> {
    let view = reading.view(&api).await?;
    super::cycles::shown(&api, &view.db, &key.cycle).await?;
    let filter = ApplicationFilter { stages: list.filter.stage.clone(), districts: list.filter.district.clone() };
    let sort = match (list.sort.field, list.direction()) {
        ("name", Direction::Ascending) => ApplicationSort::Name,
        ("name", Direction::Descending) => ApplicationSort::NameDescending,
        (_, Direction::Ascending) => ApplicationSort::AppliedOn,
        (_, Direction::Descending) => ApplicationSort::AppliedOnDescending,
    };
    let page = enrolments::applications(&view.db, &key.cycle, reading.scope(), &filter, sort, &list.paging()?).await?;
    Ok(list.found(page.map(ApplicationRow::from), view.position))
}

/// Hands in Annex 1, for the first time, afresh after an early withdrawal, or again after an earlier cycle.
#[utoipa::path(post, path = "/cycles/{cycle}/applications", tag = "enrolments", extensions(("x-permission" = json!("application.submit"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = SubmitApplicationBody,
    responses((status = 201, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn submit_application(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<SubmitApplicationBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let uscc = body.uscc.clone();
    let (command, persons) = body.into_command(&api, &key.cycle).await?;
    let command = Command::Enrolment(EnrolmentCommand::SubmitApplication(command));
    let done = api.run(commanding, &Target::Cycle(key.cycle.clone()), command, persons).await?;
    let answer = answered_with_file(&api, &done, &key.cycle, &uscc).await?;
    Ok(answer.created(address(&key.cycle, &uscc)))
}

/// Replaces the application by a whole new form, until the survey is filed.
#[utoipa::path(post, path = "/cycles/{cycle}/organizations/{uscc}/amendments", tag = "enrolments", extensions(("x-permission" = json!("application.amend"))),
    params(EnrolmentKey, CommandHeaders, VersionHeader), request_body = AmendApplicationBody,
    responses((status = 200, description = "The file.", body = Answer<Enrolment>), CommandProblems))]
async fn amend_application(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    commanding: Commanding,
    Body(body): Body<AmendApplicationBody>,
) -> Result<Answered<Enrolment>, Problem> {
    let mut common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    add(&mut common.documents, body.application.papers(&api).await?);
    let (form, persons) = body.application.into_form(api.app().clock().now());
    let (cycle, uscc) = (key.cycle.clone(), key.uscc.clone());
    let command = AmendApplication { cycle, uscc, application: Box::new(form), reason: body.reason, common };
    let command = Command::Enrolment(EnrolmentCommand::AmendApplication(command));
    let target = Target::Enrolment(key.cycle.clone(), key.uscc.clone());
    let done = api.run(commanding, &target, command, persons).await?;
    answered_with_file(&api, &done, &key.cycle, &key.uscc).await
}

/// Shows the application in force. The data of people is shown, masked, to those who work with the file; null once
/// erased.
#[utoipa::path(get, path = "/cycles/{cycle}/organizations/{uscc}/application", tag = "enrolments", extensions(("x-permission" = json!("file.read"))),
    params(EnrolmentKey, ReadHeaders),
    responses((status = 200, description = "The application.", body = ApplicationShown), ReadProblems))]
async fn get_application(
    State(api): State<Api>,
    Keys(key): Keys<EnrolmentKey>,
    reading: Reading,
) -> Result<Found<ApplicationShown>, Problem> {
    let view = reading.view(&api).await?;
    let file = file_of(&view.db, &key.cycle, &key.uscc).await?;
    let shown = shown::shown(&api, file, reading.sight()).await?;
    // People's data changes without an event, and is not shown to everybody.
    Ok(Found::projected(shown, view.position).hashed())
}

impl SubmitApplicationBody {
    /// The command, and the records of the people whom it refers to.
    pub(crate) async fn into_command(
        self,
        api: &Api,
        cycle: &CycleId,
    ) -> Result<(SubmitApplication, Vec<Person>), Problem> {
        let mut common = api.dated(self.occurred_on, &self.documents, self.waiver.as_ref()).await?;
        add(&mut common.documents, self.application.papers(api).await?);
        let (form, persons) = self.application.into_form(api.app().clock().now());
        let command = SubmitApplication {
            cycle: cycle.clone(),
            uscc: self.uscc,
            application: Box::new(form),
            previous: self.previous,
            self_evaluation: self.self_evaluation,
            common,
        };
        Ok((command, persons))
    }
}

/// Adds the papers that the form names, so that events keep their hashes too.
fn add(documents: &mut Vec<DocumentRef>, papers: Vec<DocumentRef>) {
    for paper in papers {
        if !documents.iter().any(|known| known.document_id == paper.document_id) {
            documents.push(paper);
        }
    }
}

/// An application that can be handed in.
pub(crate) fn submission() -> Value {
    json!({ "uscc": "91340202MA8EXAMP13", "application": form::example(), "occurred_on": form::EXAMPLE_DAY })
}

fn amendment() -> Value {
    let (application, reason) = (form::example(), "联系人变更");
    json!({ "application": application, "reason": reason, "occurred_on": "2025-06-09" })
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_applications, submit_application))
        .routes(routes!(amend_application))
        .routes(routes!(get_application))
}

#[cfg(test)]
mod tests;
