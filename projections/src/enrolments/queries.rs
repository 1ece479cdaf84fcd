//! Questions about files.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::Uscc;
use domain::cycle::Stage;
use domain::forms::annex2::Conclusion;
use domain::ids::{CycleId, DistrictId, OrganizationId, RecommenderId, StationId, SurveyId};
use serde::{Deserialize, Serialize};
use store::sql::Sql;
use store::{Db, Shown, StoreError};
use utoipa::ToSchema;

use super::{Enrolment, Enrolments, EnrolmentsRow, SurveyFile, Versions, key, versions_key};
use crate::page::{self, Order, Page, Paging};
use crate::scope::Scope;

/// Which applications of a cycle are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationFilter {
    /// At any of these stages.
    pub stages: Vec<Stage>,
    /// Of any of these districts.
    pub districts: Vec<DistrictId>,
}

/// How applications are sorted, then by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant sorts by the column that it is named after")]
pub enum ApplicationSort {
    AppliedOn,
    AppliedOnDescending,
    Name,
    NameDescending,
}

/// How nominations are sorted, then by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant sorts by the column that it is named after")]
pub enum NominationSort {
    NominatedOn,
    NominatedOnDescending,
    Name,
    NameDescending,
}

/// One district's report on the surveys that it settled under one number (W-47, Q-09).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SurveyReport {
    /// The number.
    pub report_no: String,
    /// The first day that a survey was settled under it.
    pub approved_on: NaiveDate,
    /// Its surveys, by organisation.
    pub files: Vec<ReportedFile>,
}

/// One survey of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportedFile {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// Where the file stands now.
    pub stage: Stage,
    /// The survey.
    pub survey_id: Option<SurveyId>,
    /// The revision settled.
    pub revision: u32,
    /// The station that made it.
    pub station: StationId,
    /// What it concludes.
    pub conclusion: Option<Conclusion>,
    /// The day that it was settled.
    pub approved_on: NaiveDate,
}

/// All reports of a district in a cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SurveyBundle {
    /// The district.
    pub district: DistrictId,
    /// Its reports, by number.
    pub reports: Vec<SurveyReport>,
}

/// The row of a file's versions, read beside it.
const VERSIONS: &str = "(SELECT v.body FROM enrolments v WHERE v.key = 'version/' || enrolments.key)";

/// The file of an organisation in a cycle; its surveys with all revisions are in it.
pub async fn get(db: &Db, cycle: &CycleId, organization: &OrganizationId) -> Result<Option<Enrolment>, StoreError> {
    let found = page::get_beside::<Enrolments>(db, &key(cycle, organization), VERSIONS).await?;
    found.map_or(Ok(None), with_versions)
}

/// The same, as a command has just written it; none where it did not, or read models lag.
#[must_use]
pub fn shown(shown: &Shown, cycle: &CycleId, organization: &OrganizationId) -> Option<Enrolment> {
    let versions = versions_shown(shown, cycle, organization)?;
    let row = shown.row::<Enrolments>(&key(cycle, organization))?;
    file(Arc::unwrap_or_clone(row)).map(|file| file.at(versions))
}

/// The versions of a file, without reading it.
pub async fn versions(db: &Db, cycle: &CycleId, organization: &OrganizationId) -> Result<Option<Versions>, StoreError> {
    let found = page::get::<Enrolments>(db, &versions_key(&key(cycle, organization))).await?;
    Ok(found.as_ref().and_then(only_versions))
}

/// The same, as a command has just written them; none where it did not, or read models lag.
#[must_use]
pub fn versions_shown(shown: &Shown, cycle: &CycleId, organization: &OrganizationId) -> Option<Versions> {
    shown.row::<Enrolments>(&versions_key(&key(cycle, organization))).as_deref().and_then(only_versions)
}

const fn only_versions(row: &EnrolmentsRow) -> Option<Versions> {
    match row {
        EnrolmentsRow::Versions(versions) => Some(*versions),
        EnrolmentsRow::File(_) | EnrolmentsRow::Organization(_) => None,
    }
}

/// Applications of a cycle.
pub async fn applications(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    filter: &ApplicationFilter,
    sort: ApplicationSort,
    paging: &Paging,
) -> Result<Page<Enrolment>, StoreError> {
    let order = match sort {
        ApplicationSort::AppliedOn => Order::up("applied_on"),
        ApplicationSort::AppliedOnDescending => Order::down("applied_on"),
        ApplicationSort::Name => Order::up("name"),
        ApplicationSort::NameDescending => Order::down("name"),
    };
    let narrow = |sql: &mut Sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        sql.push(" AND applied_on IS NOT NULL");
        let stages: Vec<&str> = filter.stages.iter().map(|stage| stage.name()).collect();
        page::any_of(sql, "stage", &stages);
        page::any_of(sql, "district", &filter.districts);
        scope.by_file(sql, "key");
    };
    files(page::page_beside::<Enrolments>(db, VERSIONS, narrow, order, paging).await?)
}

/// Files of a cycle that are or were nominated in their present attempt; of any of these recommenders.
pub async fn nominations(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    recommenders: &[RecommenderId],
    sort: NominationSort,
    paging: &Paging,
) -> Result<Page<Enrolment>, StoreError> {
    let order = match sort {
        NominationSort::NominatedOn => Order::up("nominated_on"),
        NominationSort::NominatedOnDescending => Order::down("nominated_on"),
        NominationSort::Name => Order::up("name"),
        NominationSort::NameDescending => Order::down("name"),
    };
    let narrow = |sql: &mut Sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        sql.push(" AND nominated_on IS NOT NULL");
        page::any_of(sql, "recommender", recommenders);
        scope.by_file(sql, "key");
    };
    files(page::page_beside::<Enrolments>(db, VERSIONS, narrow, order, paging).await?)
}

/// One survey of an organisation in a cycle, of any attempt.
pub async fn survey(
    db: &Db,
    cycle: &CycleId,
    organization: &OrganizationId,
    survey: SurveyId,
) -> Result<Option<SurveyFile>, StoreError> {
    let Some(file) = get(db, cycle, organization).await? else { return Ok(None) };
    Ok(file.survey.into_iter().chain(file.earlier_surveys).find(|known| known.survey_id == Some(survey)))
}

/// The settled surveys of a cycle per district and report number; of any of these districts.
pub async fn bundle(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    districts: &[DistrictId],
) -> Result<Vec<SurveyBundle>, StoreError> {
    let rows = page::all::<Enrolments>(db, |sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        sql.push(" AND report_district IS NOT NULL");
        page::any_of(sql, "report_district", districts);
        scope.by_file(sql, "key");
    })
    .await?;
    let mut bundles: BTreeMap<DistrictId, BTreeMap<String, SurveyReport>> = BTreeMap::new();
    for (district, report_no, reported) in rows.into_iter().filter_map(file).filter_map(reported) {
        let report = bundles.entry(district).or_default().entry(report_no.clone()).or_insert_with(|| SurveyReport {
            report_no,
            approved_on: reported.approved_on,
            files: Vec::new(),
        });
        report.approved_on = report.approved_on.min(reported.approved_on);
        report.files.push(reported);
    }
    let bundles = bundles.into_iter();
    Ok(bundles.map(|(district, reports)| SurveyBundle { district, reports: reports.into_values().collect() }).collect())
}

/// Files of a cycle that were ever admitted, by key.
pub(crate) async fn admitted(db: &Db, cycle: &CycleId, scope: &Scope) -> Result<Vec<Enrolment>, StoreError> {
    let rows = page::all::<Enrolments>(db, |sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        scope.by_file(sql, "key");
    })
    .await?;
    Ok(rows.into_iter().filter_map(file).filter(|file| file.admission.is_some()).collect())
}

fn reported(file: Enrolment) -> Option<(DistrictId, String, ReportedFile)> {
    let survey = file.survey?;
    let approval = survey.approval?;
    let reported = ReportedFile {
        organization: file.organization,
        uscc: file.uscc,
        name: file.name,
        stage: file.stage,
        survey_id: survey.survey_id,
        revision: approval.revision,
        station: survey.station,
        conclusion: survey.conclusion,
        approved_on: approval.approved_on,
    };
    Some((approval.district?, approval.report_no, reported))
}

/// A file as kept, without its versions.
fn file(row: EnrolmentsRow) -> Option<Enrolment> {
    match row {
        EnrolmentsRow::File(file) => Some(*file),
        EnrolmentsRow::Organization(_) | EnrolmentsRow::Versions(_) => None,
    }
}

fn with_versions((row, beside): (EnrolmentsRow, Option<String>)) -> Result<Option<Enrolment>, StoreError> {
    let versions = match beside.map(|body| serde_json::from_str(&body)).transpose()? {
        Some(EnrolmentsRow::Versions(versions)) => versions,
        Some(EnrolmentsRow::File(_) | EnrolmentsRow::Organization(_)) | None => Versions::default(),
    };
    Ok(file(row).map(|file| file.at(versions)))
}

fn files(page: Page<(EnrolmentsRow, Option<String>)>) -> Result<Page<Enrolment>, StoreError> {
    let Page { items, next, total } = page;
    let files: Vec<Option<Enrolment>> = items.into_iter().map(with_versions).collect::<Result<_, _>>()?;
    Ok(Page { items: files.into_iter().flatten().collect(), next, total })
}
