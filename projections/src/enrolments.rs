//! The file (档案) of an organisation in a cycle: application, recommendation, checks, survey, class history, outcome.
//!
//! Two versions make its `ETag`: that of its own stream, and the cycle's at the last event that names the organisation.
//! They are in a small row of their own, read with the file in one statement: a fact moves them and nothing else here.

mod fold;
mod queries;
mod row;
mod survey;

use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::event::Event;
use domain::ids::{CycleId, DistrictId, OrganizationId};
use domain::organization::OrganizationEvent;
use store::{Column, Poison, ReadModel, Rows, TableDef, Touch, Value, Wall};

pub(crate) use queries::admitted;
pub use queries::{
    ApplicationFilter, ApplicationSort, NominationSort, ReportedFile, SurveyBundle, SurveyReport, applications, bundle,
    get, nominations, shown, survey, versions, versions_shown,
};
pub use row::{
    Admission, ClassChange, ClassDecision, ConditionCheck, Ending, Enrolment, EnrolmentsRow, HandedIn, Recommendation,
    RecommendationRefused, Removal, Versions,
};
pub use survey::{Remark, SurveyApproval, SurveyFile, SurveyRevision};

use crate::identity::Identity;

/// The read model of files.
#[derive(Debug)]
pub struct Enrolments;

impl ReadModel for Enrolments {
    type Row = EnrolmentsRow;

    const TABLE: TableDef = TableDef {
        name: "enrolments",
        version: 2,
        columns: &[
            Column::text("cycle"),
            Column::text("organization"),
            Column::text("name"),
            Column::text("district"),
            Column::text("stage"),
            Column::text("recommender"),
            Column::text("applied_on"),
            Column::text("nominated_on"),
            Column::text("survey_id"),
            Column::text("report_district"),
        ],
        indexes: &[
            &["cycle", "applied_on", "key"],
            &["cycle", "recommender", "nominated_on", "key"],
            &["cycle", "report_district", "key"],
            &["organization"],
            &["survey_id"],
        ],
        wall: Wall::OF_FILE,
    };

    fn columns(row: &EnrolmentsRow) -> Vec<Value> {
        let EnrolmentsRow::File(file) = row else { return vec![Value::Null; Self::TABLE.columns.len()] };
        let recommendation = file.recommendation.as_ref();
        let nominated_on = recommendation.and_then(|recommendation| recommendation.nominated_on);
        let survey = file.survey.as_ref();
        let report = survey.and_then(|survey| survey.approval.as_ref());
        vec![
            file.cycle.as_str().into(),
            file.organization.as_str().into(),
            file.name.as_str().into(),
            file.district.as_ref().map(DistrictId::as_str).into(),
            file.stage.name().into(),
            recommendation.map(|recommendation| recommendation.recommender.as_str()).into(),
            file.application.as_ref().map(|application| application.applied_on.to_string()).into(),
            nominated_on.map(|day| day.to_string()).into(),
            survey.and_then(|survey| survey.survey_id).map(|id| id.to_string()).into(),
            report.and_then(|report| report.district.as_ref()).map(DistrictId::as_str).into(),
        ]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Enrolment(happened) => {
                let file = event.stream.id();
                let mut touches = vec![Touch::Key(versions_key(file))];
                if fold::is_fact(happened) {
                    return touches;
                }
                touches.push(Touch::Key(file.to_owned()));
                touches.extend(event.stream.as_enrolment().map(|(_, id)| Touch::Key(organization_key(&id))));
                touches
            }
            Event::Cycle(happened) => {
                let cycle = event.stream.id();
                let files = named(happened).into_iter().map(|id| format!("{cycle}/{id}"));
                files.flat_map(|file| [Touch::Key(versions_key(&file)), Touch::Key(file)]).collect()
            }
            Event::Organization(happened) => changed(happened, event)
                .map(|(organization, _)| {
                    let at_large = Touch::Key(organization_key(&organization));
                    vec![at_large, Touch::Matching("organization", organization.to_string())]
                })
                .unwrap_or_default(),
            Event::Register(_) | Event::Session(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        match &event.event {
            Event::Enrolment(happened) => fold::by_file(rows, happened, event),
            Event::Cycle(happened) => fold::by_cycle(rows, happened, event),
            Event::Organization(happened) => {
                if let Some((organization, change)) = changed(happened, event) {
                    fold::by_organization(rows, &organization, &change);
                }
            }
            Event::Register(_) | Event::Session(_) => {}
        }
        Ok(())
    }
}

fn changed<'e>(happened: &'e OrganizationEvent, event: &RecordedEvent) -> Option<(OrganizationId, Identity<'e>)> {
    Some((event.stream.as_organization()?, Identity::told_by(happened)?))
}

/// Where number, name and district in force are kept: files opened later begin with them.
fn organization_key(organization: &OrganizationId) -> String {
    format!("organization/{organization}")
}

/// Where the versions of a file are kept.
fn versions_key(file: &str) -> String {
    format!("version/{file}")
}

fn key(cycle: &CycleId, organization: &OrganizationId) -> String {
    format!("{cycle}/{organization}")
}

/// The organisations that an event of a cycle names: their files change with it.
pub(crate) fn named(event: &CycleEvent) -> Vec<&OrganizationId> {
    match event {
        CycleEvent::ApplicantEntered { organization, .. }
        | CycleEvent::ApplicantLeft { organization, .. }
        | CycleEvent::OrganizationNominated { organization, .. }
        | CycleEvent::NominationCorrected { organization, .. }
        | CycleEvent::NominationWithdrawn { organization, .. }
        | CycleEvent::NominationDeclined { organization, .. }
        | CycleEvent::OrganizationAdmitted { organization }
        | CycleEvent::OrganizationClassified { organization, .. }
        | CycleEvent::OrganizationReclassified { organization, .. }
        | CycleEvent::ClassificationCorrected { organization, .. }
        | CycleEvent::OrganizationRemoved { organization, .. }
        | CycleEvent::RemovalRescinded { organization, .. }
        | CycleEvent::MemberWithdrawn { organization, .. }
        | CycleEvent::EnrolmentEnded { organization, .. } => vec![organization],
        CycleEvent::CycleClosed { completed, lapsed, .. } => completed.iter().chain(lapsed).collect(),
        CycleEvent::CycleOpened { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
