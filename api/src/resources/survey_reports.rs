//! Survey reports (整体调查报告, §四（一）, W-47, Q-09): a district settles a list under one number, all or nothing.

use axum::extract::State;
use chrono::NaiveDate;
use domain::enrolment::{ApproveSurveys, EnrolmentCommand};
use domain::ids::{CycleId, DistrictId, DocumentId, OrganizationId};
use domain::{Command, Uscc};
use projections::Scope;
use projections::enrolments::{self, SurveyBundle};
use projections::organizations;
use projections::page::Direction;
use serde::{Deserialize, Serialize};
use store::Db;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag};
use crate::keys::{CycleKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Count, Filter, List, Page, Read};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::cycles;
use crate::state::{Api, Seen, Target, answered};

/// One survey of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportEntry {
    /// The organisation surveyed.
    pub uscc: Uscc,
    /// The `ETag` of the file that the settling rests on, without quotes.
    #[serde(default)]
    pub seen: Option<Tag>,
}

/// A report: the surveys that a district settles under one number.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "report_no": "镜湖质发〔2025〕3号", "approved_on": "2025-07-28", "occurred_on": "2025-07-28",
    "entries": [{ "uscc": "91340202MA8EXAMP13" }],
}))]
pub struct SurveyReportBody {
    /// The surveys.
    pub entries: Vec<ReportEntry>,
    /// The number of the report.
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

/// Which reports are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct SurveyReportsFilter {
    /// Only those of these districts.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub district: Vec<DistrictId>,
}

impl Filter for SurveyReportsFilter {
    const SORTS: &'static [&'static str] = &["district"];
}

/// Settles a list of surveys under one report number, all or none; answers what was settled under it.
#[utoipa::path(post, path = "/cycles/{cycle}/survey-reports", tag = "surveys", extensions(("x-permission" = json!("survey.settle"))),
    params(CycleKey, CommandHeaders), request_body = SurveyReportBody,
    responses((status = 200, description = "The report, by district.", body = Answer<Vec<SurveyBundle>>),
        CommandProblems))]
async fn file_survey_report(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<SurveyReportBody>,
) -> Result<Answered<Vec<SurveyBundle>>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let target = Target::Entries(key.cycle.clone(), seen(&body.entries));
    let entries: Vec<_> = body.entries.into_iter().map(|entry| entry.uscc).collect();
    let (cycle, report_no) = (key.cycle.clone(), body.report_no.clone());
    let command = ApproveSurveys { cycle, entries: entries.clone(), report_no, approved_on: body.approved_on, common };
    let command = Command::Enrolment(EnrolmentCommand::ApproveSurveys(command));
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    let report = report(&api.after(&done).await?, &key.cycle, &body.report_no, &entries).await?;
    Ok(answered(&done, report).tagged(cycles::tag_after(&api, &key.cycle, &done).await?))
}

/// Lists the settled surveys of a cycle: one bundle per district, in it one report per number.
#[utoipa::path(get, path = "/cycles/{cycle}/survey-reports", tag = "surveys", extensions(("x-permission" = json!("reports.read"))),
    params(CycleKey, List<SurveyReportsFilter>, ReadHeaders),
    responses((status = 200, description = "The bundles.", body = Page<SurveyBundle>), ReadProblems))]
async fn list_survey_reports(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<SurveyReportsFilter>,
) -> Result<Found<Page<SurveyBundle>>, Problem> {
    let view = reading.view(&api).await?;
    cycles::shown(&api, &view.db, &key.cycle).await?;
    // By district.
    let mut bundles = enrolments::bundle(&view.db, &key.cycle, reading.scope(), &list.filter.district).await?;
    let total = (list.count == Count::All).then_some(bundles.len() as u64);
    let after: Option<DistrictId> = list.after()?;
    match list.direction() {
        Direction::Ascending => bundles.retain(|b| after.as_ref().is_none_or(|after| b.district > *after)),
        Direction::Descending => {
            bundles.reverse();
            bundles.retain(|b| after.as_ref().is_none_or(|after| b.district < *after));
        }
    }
    let read = Read { position: view.position, total };
    Ok(list.page(bundles, |bundle| bundle.district.clone(), read).into())
}

/// The files that entries rest on, where they say so.
fn seen(entries: &[ReportEntry]) -> Vec<Seen> {
    let tagged = entries.iter().enumerate().filter_map(|(index, entry)| Some((index, entry, entry.seen?)));
    tagged.map(|(index, entry, tag)| Seen { index, uscc: entry.uscc.clone(), tag }).collect()
}

/// What stands under a number, where it concerns one of these organisations: another district may use it too.
async fn report(db: &Db, cycle: &CycleId, report_no: &str, of: &[Uscc]) -> Result<Vec<SurveyBundle>, Problem> {
    let mut named: Vec<OrganizationId> = Vec::with_capacity(of.len());
    for uscc in of {
        named.extend(organizations::resolve(db, uscc).await?);
    }
    let mut bundles = enrolments::bundle(db, cycle, &Scope::All, &[]).await?;
    for bundle in &mut bundles {
        bundle.reports.retain(|report| {
            report.report_no == report_no && report.files.iter().any(|file| named.contains(&file.organization))
        });
    }
    bundles.retain(|bundle| !bundle.reports.is_empty());
    Ok(bundles)
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(file_survey_report, list_survey_reports))
}

#[cfg(test)]
mod tests;
