//! Teaching owed to each member: what its class is due, what is booked, attended and missing (§四（三）, W-68 … W-70).
//!
//! A late joiner, and an organisation that was moved to another class, owe the teaching of the present class that has
//! not been given yet. Sessions are read from their own read model: an attendance stands in one place.

mod row;

use std::collections::BTreeMap;

use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::event::Event;
use domain::ids::{ClassId, CycleId, OrganizationId, TeachingKindId};
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};

pub use row::{
    AttendedSession, BookedSession, ClassHeld, Due, ScheduleEntry, ScheduleRow, Taught, TeachingRules, WhyOwed,
};

use crate::organizations;
use crate::page;
use crate::scope::Scope;
use crate::sessions;

/// The read model of the teaching owed.
#[derive(Debug)]
pub struct Schedule;

impl ReadModel for Schedule {
    type Row = ScheduleRow;

    const TABLE: TableDef = TableDef {
        name: "schedule",
        version: 1,
        columns: &[Column::text("cycle"), Column::text("class")],
        indexes: &[&["cycle", "key"]],
        wall: Wall::OF_FILE.but_for("cycle/"),
    };

    fn columns(row: &ScheduleRow) -> Vec<Value> {
        match row {
            ScheduleRow::Cycle(_) => vec![Value::Null; 2],
            ScheduleRow::Organization(taught) => {
                vec![taught.cycle.as_str().into(), taught.class().map(ClassId::as_str).into()]
            }
        }
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let Event::Cycle(happened) = &event.event else { return Vec::new() };
        let cycle = event.stream.id();
        match happened {
            CycleEvent::CycleOpened { .. } | CycleEvent::CycleExtended { .. } => vec![Touch::Key(cycle_key(cycle))],
            CycleEvent::OrganizationAdmitted { organization }
            | CycleEvent::OrganizationClassified { organization, .. }
            | CycleEvent::OrganizationReclassified { organization, .. }
            | CycleEvent::ClassificationCorrected { organization, .. }
            | CycleEvent::OrganizationRemoved { organization, .. }
            | CycleEvent::RemovalRescinded { organization, .. }
            | CycleEvent::MemberWithdrawn { organization, .. }
            | CycleEvent::EnrolmentEnded { organization, .. } => vec![Touch::Key(key(cycle, organization))],
            // Who completed the cycle stays on its schedule: what was missing then is carried over (W-75).
            CycleEvent::CycleClosed { .. }
            | CycleEvent::IntakeSet { .. }
            | CycleEvent::ApplicantEntered { .. }
            | CycleEvent::ApplicantLeft { .. }
            | CycleEvent::OrganizationNominated { .. }
            | CycleEvent::NominationCorrected { .. }
            | CycleEvent::NominationWithdrawn { .. }
            | CycleEvent::NominationDeclined { .. }
            | CycleEvent::QuotaWaived { .. }
            | CycleEvent::OutreachRecorded(_)
            | CycleEvent::OutreachCorrected(_)
            | CycleEvent::OutreachVoided(_)
            | CycleEvent::SessionBooked { .. }
            | CycleEvent::SessionReleased { .. } => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Cycle(happened) = &event.event else { return Ok(()) };
        let on = event.meta.occurred_on;
        let cycle = event.stream.id();
        match happened {
            CycleEvent::CycleOpened { starts_on, ends_on, rulebook, .. } => {
                let rules = TeachingRules::of(*starts_on, *ends_on, rulebook);
                rows.put(cycle_key(cycle), ScheduleRow::Cycle(rules));
            }
            CycleEvent::CycleExtended { ends_on, .. } => {
                if let Some(ScheduleRow::Cycle(rules)) = rows.get_mut(&cycle_key(cycle)) {
                    rules.ends_on = *ends_on;
                }
            }
            CycleEvent::OrganizationAdmitted { organization } => {
                if let Ok(id) = cycle.parse() {
                    let taught = Taught::admitted(id, organization.clone(), on);
                    rows.put(key(cycle, organization), ScheduleRow::Organization(taught));
                }
            }
            CycleEvent::OrganizationClassified { organization, class, .. } => {
                change(rows, cycle, organization, |taught| taught.take(class, on));
            }
            CycleEvent::OrganizationReclassified { organization, to, .. } => {
                change(rows, cycle, organization, |taught| taught.take(to, on));
            }
            CycleEvent::ClassificationCorrected { organization, to, decided_on, .. } => {
                change(rows, cycle, organization, |taught| taught.correct(to, *decided_on));
            }
            CycleEvent::OrganizationRemoved { organization, .. }
            | CycleEvent::MemberWithdrawn { organization, .. }
            | CycleEvent::EnrolmentEnded { organization, .. } => {
                change(rows, cycle, organization, |taught| taught.left_on = Some(on));
            }
            CycleEvent::RemovalRescinded { organization, .. } => {
                change(rows, cycle, organization, |taught| taught.left_on = None);
            }
            CycleEvent::CycleClosed { .. }
            | CycleEvent::IntakeSet { .. }
            | CycleEvent::ApplicantEntered { .. }
            | CycleEvent::ApplicantLeft { .. }
            | CycleEvent::OrganizationNominated { .. }
            | CycleEvent::NominationCorrected { .. }
            | CycleEvent::NominationWithdrawn { .. }
            | CycleEvent::NominationDeclined { .. }
            | CycleEvent::QuotaWaived { .. }
            | CycleEvent::OutreachRecorded(_)
            | CycleEvent::OutreachCorrected(_)
            | CycleEvent::OutreachVoided(_)
            | CycleEvent::SessionBooked { .. }
            | CycleEvent::SessionReleased { .. } => {}
        }
        Ok(())
    }
}

fn cycle_key(cycle: &str) -> String {
    format!("cycle/{cycle}")
}

fn key(cycle: &str, organization: &OrganizationId) -> String {
    format!("{cycle}/{organization}")
}

fn change(rows: &mut Rows<Schedule>, cycle: &str, organization: &OrganizationId, how: impl FnOnce(&mut Taught)) {
    if let Some(ScheduleRow::Organization(taught)) = rows.get_mut(&key(cycle, organization)) {
        how(taught);
    }
}

/// Whether members who were given all that they are owed are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Owing {
    /// Everybody.
    #[default]
    Anything,
    /// Only those who still miss their teaching.
    Missing,
}

/// Which members' teaching is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduleFilter {
    /// Of any of these classes.
    pub classes: Vec<ClassId>,
    /// Owed any of these kinds.
    pub kinds: Vec<TeachingKindId>,
    /// Whether only what is missing is listed.
    pub owing: Owing,
}

/// Who must be taught what in which year, what is booked, attended, missing, and why it is owed; by id of the
/// organisation. Members, and who completed the cycle; a pool is small enough to answer whole.
pub async fn list(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    filter: &ScheduleFilter,
) -> Result<Vec<ScheduleEntry>, StoreError> {
    let Some(ScheduleRow::Cycle(rules)) = page::get::<Schedule>(db, &cycle_key(cycle.as_str())).await? else {
        return Ok(Vec::new());
    };
    let rows = page::all::<Schedule>(db, |sql| {
        page::equals(sql, "cycle", Some(cycle.as_str()));
        page::any_of(sql, "class", &filter.classes);
        scope.by_file(sql, "key");
    })
    .await?;
    let taught: Vec<Taught> = rows.into_iter().filter_map(ScheduleRow::present).collect();
    let sessions = sessions::of_cycle(db, cycle).await?;
    let briefs = organizations::briefs(db, taught.iter().map(|taught| taught.organization.clone())).await?;
    let entries = taught.into_iter().map(|taught| taught.entry(&rules, &sessions, &briefs));
    Ok(entries.filter(|entry| wanted(entry, filter)).collect())
}

fn wanted(entry: &ScheduleEntry, filter: &ScheduleFilter) -> bool {
    let of_kind = filter.kinds.is_empty() || entry.due.as_ref().is_some_and(|due| filter.kinds.contains(&due.kind));
    of_kind && (filter.owing == Owing::Anything || entry.missing)
}

type Briefs = BTreeMap<OrganizationId, organizations::Brief>;

#[cfg(test)]
mod tests;
