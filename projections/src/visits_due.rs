//! Who is due for a follow-up visit (回访, W-74): members whose last visit, or admission, lies too far back.
//!
//! The guide says 及时定期 without a number; the interval is the rulebook's, kept in one row per cycle.

mod row;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::event::Event;
use domain::ids::{CycleId, DistrictId, OrganizationId, StationId};
use domain::organization::OrganizationEvent;
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value};

pub use row::{CycleInterval, DueVisit, Visited, VisitsDueRow, WhyDue};

use crate::identity::Identity;
use crate::organizations;
use crate::page::{self, Direction, Order, Page, Paging};

/// The read model of visits due.
#[derive(Debug)]
pub struct VisitsDue;

impl ReadModel for VisitsDue {
    type Row = VisitsDueRow;

    const TABLE: TableDef = TableDef {
        name: "visits_due",
        version: 1,
        columns: &[
            Column::text("cycle"),
            Column::text("organization"),
            Column::text("station"),
            Column::text("district"),
            // The day that the interval runs from; null for whoever is no member.
            Column::text("runs_from"),
        ],
        indexes: &[&["cycle", "runs_from", "key"], &["organization"]],
    };

    fn columns(row: &VisitsDueRow) -> Vec<Value> {
        match row {
            VisitsDueRow::Cycle(_) | VisitsDueRow::Home { .. } => vec![Value::Null; Self::TABLE.columns.len()],
            VisitsDueRow::Organization(visited) => vec![
                visited.cycle.as_str().into(),
                visited.organization.as_str().into(),
                visited.station.as_ref().map(StationId::as_str).into(),
                visited.district.as_ref().map(DistrictId::as_str).into(),
                visited.runs_from().map(|day| day.to_string()).into(),
            ],
        }
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Cycle(happened) => cycle_touches(happened, event.stream.id()),
            Event::Enrolment(happened) => enrolment_touches(happened, event.stream.id()),
            Event::Organization(happened) => moved(happened, event)
                .map(|(organization, _)| {
                    let home = Touch::Key(home_key(&organization));
                    vec![home, Touch::Matching("organization", organization.to_string())]
                })
                .unwrap_or_default(),
            Event::Register(_) | Event::Session(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        match &event.event {
            Event::Cycle(happened) => fold_cycle(rows, happened, event),
            Event::Enrolment(happened) => fold_enrolment(rows, happened, event),
            Event::Organization(happened) => {
                let Some((organization, district)) = moved(happened, event) else { return Ok(()) };
                rows.put(home_key(&organization), VisitsDueRow::Home { district: district.clone() });
                for key in rows.matching("organization", organization.as_str()) {
                    if let Some(VisitsDueRow::Organization(visited)) = rows.get_mut(&key) {
                        visited.move_to(district);
                    }
                }
            }
            Event::Register(_) | Event::Session(_) => {}
        }
        Ok(())
    }
}

fn moved<'e>(happened: &'e OrganizationEvent, event: &RecordedEvent) -> Option<(OrganizationId, &'e DistrictId)> {
    match Identity::told_by(happened)? {
        Identity::Registered { district, .. } | Identity::District(district) => {
            Some((event.stream.as_organization()?, district))
        }
        Identity::Name(_) | Identity::Number(_) => None,
    }
}

/// Where the district in force is kept: files opened later begin with it.
fn home_key(organization: &OrganizationId) -> String {
    format!("home/{organization}")
}

fn cycle_key(cycle: &str) -> String {
    format!("cycle/{cycle}")
}

fn key(cycle: &str, organization: &OrganizationId) -> String {
    format!("{cycle}/{organization}")
}

fn cycle_touches(event: &CycleEvent, cycle: &str) -> Vec<Touch> {
    match event {
        CycleEvent::CycleOpened { .. } => vec![Touch::Key(cycle_key(cycle))],
        CycleEvent::OrganizationAdmitted { organization }
        | CycleEvent::OrganizationRemoved { organization, .. }
        | CycleEvent::RemovalRescinded { organization, .. }
        | CycleEvent::MemberWithdrawn { organization, .. }
        | CycleEvent::EnrolmentEnded { organization, .. } => vec![Touch::Key(key(cycle, organization))],
        CycleEvent::CycleClosed { completed, .. } => {
            completed.iter().map(|organization| Touch::Key(key(cycle, organization))).collect()
        }
        CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::ApplicantEntered { .. }
        | CycleEvent::ApplicantLeft { .. }
        | CycleEvent::OrganizationNominated { .. }
        | CycleEvent::NominationCorrected { .. }
        | CycleEvent::NominationWithdrawn { .. }
        | CycleEvent::NominationDeclined { .. }
        | CycleEvent::OrganizationClassified { .. }
        | CycleEvent::OrganizationReclassified { .. }
        | CycleEvent::ClassificationCorrected { .. }
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. } => Vec::new(),
    }
}

fn fold_cycle(rows: &mut Rows<VisitsDue>, happened: &CycleEvent, event: &RecordedEvent) {
    let cycle = event.stream.id();
    match happened {
        CycleEvent::CycleOpened { rulebook, .. } => {
            let interval_days = rulebook.visits.as_ref().map(|visits| visits.interval_days);
            rows.put(cycle_key(cycle), VisitsDueRow::Cycle(CycleInterval { interval_days }));
        }
        CycleEvent::OrganizationAdmitted { organization } => {
            if let Some(visited) = visited(rows, &key(cycle, organization)) {
                visited.member = true;
                visited.admitted_on = Some(event.meta.occurred_on);
            }
        }
        CycleEvent::RemovalRescinded { organization, .. } => {
            if let Some(visited) = visited(rows, &key(cycle, organization)) {
                visited.member = true;
            }
        }
        CycleEvent::OrganizationRemoved { organization, .. }
        | CycleEvent::MemberWithdrawn { organization, .. }
        | CycleEvent::EnrolmentEnded { organization, .. } => leave(rows, cycle, organization),
        CycleEvent::CycleClosed { completed, .. } => {
            for organization in completed {
                leave(rows, cycle, organization);
            }
        }
        CycleEvent::ApplicantEntered { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::ApplicantLeft { .. }
        | CycleEvent::OrganizationNominated { .. }
        | CycleEvent::NominationCorrected { .. }
        | CycleEvent::NominationWithdrawn { .. }
        | CycleEvent::NominationDeclined { .. }
        | CycleEvent::OrganizationClassified { .. }
        | CycleEvent::OrganizationReclassified { .. }
        | CycleEvent::ClassificationCorrected { .. }
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. } => {}
    }
}

fn leave(rows: &mut Rows<VisitsDue>, cycle: &str, organization: &OrganizationId) {
    if let Some(visited) = visited(rows, &key(cycle, organization)) {
        visited.member = false;
    }
}

fn visited<'r>(rows: &'r mut Rows<VisitsDue>, key: &str) -> Option<&'r mut Visited> {
    match rows.get_mut(key) {
        Some(VisitsDueRow::Organization(visited)) => Some(visited),
        Some(VisitsDueRow::Cycle(_) | VisitsDueRow::Home { .. }) | None => None,
    }
}

fn enrolment_touches(event: &EnrolmentEvent, stream: &str) -> Vec<Touch> {
    match event {
        EnrolmentEvent::ApplicationSubmitted { organization, .. } => {
            vec![Touch::Key(stream.to_owned()), Touch::Key(home_key(organization))]
        }
        EnrolmentEvent::SurveyAssigned { .. }
        | EnrolmentEvent::VisitRecorded(_)
        | EnrolmentEvent::VisitCorrected(_)
        | EnrolmentEvent::VisitVoided(_) => vec![Touch::Key(stream.to_owned())],
        EnrolmentEvent::ApplicationAmended { .. }
        | EnrolmentEvent::RecommendationReceived { .. }
        | EnrolmentEvent::RecommendationRefused { .. }
        | EnrolmentEvent::ApplicationWithdrawn { .. }
        | EnrolmentEvent::ConditionChecked { .. }
        | EnrolmentEvent::SurveyFiled { .. }
        | EnrolmentEvent::SurveyReturned { .. }
        | EnrolmentEvent::SurveyApproved { .. }
        | EnrolmentEvent::SurveyReopened { .. }
        | EnrolmentEvent::ActivityRecorded(_)
        | EnrolmentEvent::ActivityCorrected(_)
        | EnrolmentEvent::ActivityVoided(_)
        | EnrolmentEvent::SelfEvaluationRecorded(_)
        | EnrolmentEvent::SelfEvaluationCorrected(_)
        | EnrolmentEvent::SelfEvaluationVoided(_)
        | EnrolmentEvent::AssistanceRequested(_)
        | EnrolmentEvent::AssistanceCorrected(_)
        | EnrolmentEvent::AssistanceVoided(_)
        | EnrolmentEvent::AssistanceAnswered { .. } => Vec::new(),
    }
}

fn fold_enrolment(rows: &mut Rows<VisitsDue>, happened: &EnrolmentEvent, event: &RecordedEvent) {
    let key = event.stream.id();
    if let EnrolmentEvent::ApplicationSubmitted { organization, cycle, .. } = happened {
        let district = match rows.get(&home_key(organization)) {
            Some(VisitsDueRow::Home { district }) => Some(district.clone()),
            Some(VisitsDueRow::Cycle(_) | VisitsDueRow::Organization(_)) | None => None,
        };
        rows.put(key, VisitsDueRow::Organization(Visited::applicant(cycle.clone(), organization.clone(), district)));
        return;
    }
    let Some(visited) = visited(rows, key) else { return };
    if let EnrolmentEvent::SurveyAssigned { station, .. } = happened {
        visited.station = Some(station.clone());
    } else if let EnrolmentEvent::VisitRecorded(fact) = happened {
        visited.visits.insert(fact.id, event.meta.occurred_on);
    } else if let EnrolmentEvent::VisitCorrected(fact) = happened {
        visited.visits.insert(fact.id, event.meta.occurred_on);
    } else if let EnrolmentEvent::VisitVoided(fact) = happened {
        visited.visits.remove(&fact.id);
    }
}

/// Whose visits are listed, and how far ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueFilter {
    /// Those that any of these stations surveyed.
    pub stations: Vec<StationId>,
    /// Those in any of these districts that no station has surveyed since they came there: what else a station
    /// is responsible for. Not looked at unless stations are named.
    pub districts: Vec<DistrictId>,
    /// Due up to this day; up to today where none is given.
    pub due_by: Option<NaiveDate>,
}

/// Members due for a visit, the longest overdue first. Empty where the program has no interval.
pub async fn due(
    db: &Db,
    cycle: &CycleId,
    today: NaiveDate,
    filter: &DueFilter,
    paging: &Paging,
) -> Result<Page<DueVisit>, StoreError> {
    due_by_day(db, cycle, today, filter, Direction::Ascending, paging).await
}

/// Members due for a visit, by the day that it is due. Empty where the program has no interval.
pub async fn due_by_day(
    db: &Db,
    cycle: &CycleId,
    today: NaiveDate,
    filter: &DueFilter,
    direction: Direction,
    paging: &Paging,
) -> Result<Page<DueVisit>, StoreError> {
    let empty = Page { items: Vec::new(), next: None, total: None };
    let interval = match page::get::<VisitsDue>(db, &cycle_key(cycle.as_str())).await? {
        Some(VisitsDueRow::Cycle(CycleInterval { interval_days: Some(days) })) => Days::new(u64::from(days)),
        Some(VisitsDueRow::Cycle(_) | VisitsDueRow::Home { .. } | VisitsDueRow::Organization(_)) | None => {
            return Ok(empty);
        }
    };
    let Some(latest) = filter.due_by.unwrap_or(today).checked_sub_days(interval) else { return Ok(empty) };
    let narrow = |sql: &mut store::sql::Sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        sql.push(" AND runs_from <= ").bind(latest.to_string());
        if !filter.stations.is_empty() {
            sql.push(" AND (").is_in("station", filter.stations.iter().map(ToString::to_string));
            sql.push(" OR (station IS NULL AND ");
            sql.is_in("district", filter.districts.iter().map(ToString::to_string)).push("))");
        }
    };
    let found = page::page::<VisitsDue>(db, narrow, Order { column: "runs_from", direction }, paging).await?;
    let ids = found.items.iter().filter_map(VisitsDueRow::organization).cloned();
    let briefs = organizations::briefs(db, ids).await?;
    let Page { items, next, total } = found;
    let items = items.into_iter().filter_map(|row| row.due(interval, today, &briefs)).collect();
    Ok(Page { items, next, total })
}

type Briefs = BTreeMap<OrganizationId, organizations::Brief>;

#[cfg(test)]
mod tests;
