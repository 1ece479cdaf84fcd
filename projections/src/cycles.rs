//! The cycles (孵化周期): period, intake and a few of the rules in force; counted by what the roster shows of them.
//!
//! Counts are not kept here: the roster knows who is a member of which class, and a fact has one place. So the
//! row changes with the cycle itself only. The whole rulebook is in the log, where decisions read it.

use std::collections::BTreeMap;

use chrono::{FixedOffset, NaiveDate};
use domain::Rulebook;
use domain::cycle::{CycleEvent, Intake};
use domain::ids::{ClassId, CycleId, ProgramId};
use domain::{Event, RecordedEvent};
use serde::{Deserialize, Serialize};
use store::sql::Sql;
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall, on_reader};
use utoipa::ToSchema;

use crate::address;
use crate::page::{self, Direction, Order, Page, Paging};
use crate::roster::{Kept, Tally};

/// A cycle as kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CycleRow {
    /// The cycle.
    pub cycle: CycleId,
    /// Its program.
    pub program: ProgramId,
    /// What people call it, e.g. `2026`.
    pub label: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// The day after the last.
    pub ends_on: NaiveDate,
    /// The intake window.
    pub intake: Intake,
    /// The day that it was closed on.
    pub closed_on: Option<NaiveDate>,
    /// Where its days are counted.
    #[serde(with = "domain::rulebook::offset_text")]
    pub time_zone: FixedOffset,
    /// Places per recommender, where they are bounded.
    pub places: Option<u32>,
    /// Days between two follow-up visits, where the program has visits.
    pub visit_interval_days: Option<u32>,
    /// Which rules are in force.
    pub rulebook: RulebookRef,
}

/// A cycle as shown, without its rulebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CycleSummary {
    /// The cycle.
    pub cycle: CycleId,
    /// Its program.
    pub program: ProgramId,
    /// What people call it, e.g. `2026`.
    pub label: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// The day after the last.
    pub ends_on: NaiveDate,
    /// First day of the intake, if there is one.
    pub intake_from: Option<NaiveDate>,
    /// Last day of the intake, if there is one.
    pub intake_to: Option<NaiveDate>,
    /// The day that it was closed on.
    pub closed_on: Option<NaiveDate>,
    /// Applicants (申请组织).
    pub applicants: u32,
    /// Members (孵化组织): the pool.
    pub members: u32,
    /// Files that are no longer live.
    pub former: u32,
    /// Members per class, every class of the rulebook.
    #[schema(value_type = BTreeMap<String, u32>)]
    pub classes: BTreeMap<ClassId, u32>,
    /// By how much the counts are out of balance (W-56).
    pub excess: u32,
    /// Which rules are in force.
    pub rulebook: RulebookRef,
}

/// Which edition of the rules a cycle runs under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RulebookRef {
    /// The edition.
    pub edition: String,
    /// The label to stand beside every clause, e.g. `试行（征求意见稿）`.
    pub label: Option<String>,
}

/// The read model.
#[derive(Debug)]
pub struct Cycles;

const TABLE: TableDef = TableDef {
    name: "cycles",
    version: 2,
    columns: &[
        Column::text("program"),
        Column::text("starts_on"),
        Column::text("closed_on"),
        Column::int("visit_interval_days"),
    ],
    indexes: &[&["program", "starts_on"]],
    wall: Wall::SCOPED,
};

/// The roster's row of what a cycle adds up to, read beside it.
const TALLY: &str = "(SELECT r.body FROM roster r WHERE r.key = 'census/' || cycles.key)";

const SELECT_HEAD: &str = "SELECT program, starts_on, visit_interval_days FROM cycles WHERE key = $1";

impl ReadModel for Cycles {
    type Row = CycleRow;

    const TABLE: TableDef = TABLE;

    fn columns(row: &CycleRow) -> Vec<Value> {
        vec![
            row.program.as_str().into(),
            row.starts_on.to_string().into(),
            row.closed_on.map(|day| day.to_string()).into(),
            row.visit_interval_days.into(),
        ]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Cycle(
                CycleEvent::CycleOpened { .. }
                | CycleEvent::IntakeSet { .. }
                | CycleEvent::CycleExtended { .. }
                | CycleEvent::CycleClosed { .. },
            ) => vec![Touch::Key(event.stream.id().to_owned())],
            Event::Cycle(
                CycleEvent::ApplicantEntered { .. }
                | CycleEvent::ApplicantLeft { .. }
                | CycleEvent::OrganizationNominated { .. }
                | CycleEvent::NominationCorrected { .. }
                | CycleEvent::NominationWithdrawn { .. }
                | CycleEvent::NominationDeclined { .. }
                | CycleEvent::OrganizationAdmitted { .. }
                | CycleEvent::OrganizationClassified { .. }
                | CycleEvent::OrganizationReclassified { .. }
                | CycleEvent::ClassificationCorrected { .. }
                | CycleEvent::OrganizationRemoved { .. }
                | CycleEvent::RemovalRescinded { .. }
                | CycleEvent::MemberWithdrawn { .. }
                | CycleEvent::EnrolmentEnded { .. }
                | CycleEvent::QuotaWaived { .. }
                | CycleEvent::OutreachRecorded(_)
                | CycleEvent::OutreachCorrected(_)
                | CycleEvent::OutreachVoided(_)
                | CycleEvent::SessionBooked { .. }
                | CycleEvent::SessionReleased { .. },
            )
            | Event::Register(_)
            | Event::Organization(_)
            | Event::Enrolment(_)
            | Event::Session(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Cycle(changed) = &event.event else { return Ok(()) };
        if let CycleEvent::CycleOpened { program, label, starts_on, ends_on, intake, rulebook, cycle: _ } = changed {
            let row = CycleRow {
                cycle: address::cycle(event)?,
                program: program.clone(),
                label: label.clone(),
                starts_on: *starts_on,
                ends_on: *ends_on,
                intake: *intake,
                closed_on: None,
                time_zone: rulebook.time_zone,
                places: rulebook.recommenders.quota.as_ref().map(|quota| quota.limit),
                visit_interval_days: rulebook.visits.as_ref().map(|visits| visits.interval_days),
                rulebook: RulebookRef::from(rulebook.as_ref()),
            };
            rows.put(event.stream.id(), row);
        }
        let Some(row) = rows.get_mut(event.stream.id()) else { return Ok(()) };
        match changed {
            CycleEvent::IntakeSet { intake } => row.intake = *intake,
            CycleEvent::CycleExtended { ends_on, .. } => row.ends_on = *ends_on,
            CycleEvent::CycleClosed { .. } => row.closed_on = Some(event.meta.occurred_on),
            CycleEvent::CycleOpened { .. }
            | CycleEvent::ApplicantEntered { .. }
            | CycleEvent::ApplicantLeft { .. }
            | CycleEvent::OrganizationNominated { .. }
            | CycleEvent::NominationCorrected { .. }
            | CycleEvent::NominationWithdrawn { .. }
            | CycleEvent::NominationDeclined { .. }
            | CycleEvent::OrganizationAdmitted { .. }
            | CycleEvent::OrganizationClassified { .. }
            | CycleEvent::OrganizationReclassified { .. }
            | CycleEvent::ClassificationCorrected { .. }
            | CycleEvent::OrganizationRemoved { .. }
            | CycleEvent::RemovalRescinded { .. }
            | CycleEvent::MemberWithdrawn { .. }
            | CycleEvent::EnrolmentEnded { .. }
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

impl From<&Rulebook> for RulebookRef {
    fn from(rulebook: &Rulebook) -> Self {
        Self { edition: rulebook.edition.clone(), label: rulebook.label.clone() }
    }
}

impl CycleRow {
    fn summary(self, tally: Tally) -> CycleSummary {
        let Tally { census, balance, .. } = tally;
        CycleSummary {
            cycle: self.cycle,
            program: self.program,
            label: self.label,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            intake_from: self.intake.from,
            intake_to: self.intake.to,
            closed_on: self.closed_on,
            applicants: census.applicants,
            members: census.members,
            former: census.former,
            excess: balance.excess,
            classes: census.classes,
            rulebook: self.rulebook,
        }
    }
}

/// Whether a cycle has been closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CycleState {
    /// Not closed yet, whether it has begun or not.
    Open,
    /// Closed.
    Closed,
}

/// Which cycles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CycleFilter {
    /// Of one of these programs; all if empty.
    pub programs: Vec<ProgramId>,
    /// In one of these states; all if empty.
    pub states: Vec<CycleState>,
}

/// A page of cycles, by their first day.
pub async fn list(
    db: &Db,
    filter: &CycleFilter,
    direction: Direction,
    paging: &Paging,
) -> Result<Page<CycleSummary>, StoreError> {
    let conditions = |sql: &mut Sql| {
        page::any_of(sql, "program", &filter.programs);
        let wanted = |state| filter.states.is_empty() || filter.states.contains(&state);
        sql.push(match (wanted(CycleState::Open), wanted(CycleState::Closed)) {
            (true, false) => " AND closed_on IS NULL",
            (false, true) => " AND closed_on IS NOT NULL",
            // The list is empty, or names both.
            (true, true) | (false, false) => "",
        });
    };
    let order = Order { column: "starts_on", direction };
    let Page { items, next, total } = page::page_beside::<Cycles>(db, TALLY, conditions, order, paging).await?;
    Ok(Page { items: items.into_iter().map(counted).collect::<Result<_, _>>()?, next, total })
}

/// One cycle as shown.
pub async fn get(db: &Db, cycle: &CycleId) -> Result<Option<CycleSummary>, StoreError> {
    page::get_beside::<Cycles>(db, cycle.as_str(), TALLY).await?.map(counted).transpose()
}

/// A cycle with what the roster adds up, read beside it.
fn counted((row, beside): (CycleRow, Option<String>)) -> Result<CycleSummary, StoreError> {
    let kept: Option<Kept> = beside.map(|body| serde_json::from_str(&body)).transpose()?;
    Ok(row.summary(kept.and_then(Kept::into_tally).unwrap_or_default()))
}

/// One cycle as kept.
pub async fn row(db: &Db, cycle: &CycleId) -> Result<Option<CycleRow>, StoreError> {
    page::get::<Cycles>(db, cycle.as_str()).await
}

/// What other lists need of a cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleHead {
    /// Its program.
    pub program: ProgramId,
    /// First day.
    pub starts_on: NaiveDate,
    /// Days between two follow-up visits, where the program has visits.
    pub visit_interval_days: Option<u32>,
}

/// The head of a cycle.
pub async fn head(db: &Db, cycle: &CycleId) -> Result<Option<CycleHead>, StoreError> {
    let found: Option<(String, String, Option<i64>)> = on_reader!(db, pool =>
        sqlx::query_as(SELECT_HEAD).bind(cycle.as_str()).fetch_optional(pool).await)?;
    let Some((program, starts_on, interval)) = found else { return Ok(None) };
    let unreadable = |what: String| StoreError::Setup(format!("row {cycle} of cycles: {what}"));
    Ok(Some(CycleHead {
        program: program.parse().map_err(|error| unreadable(format!("{error}")))?,
        starts_on: starts_on.parse().map_err(|error| unreadable(format!("{error}")))?,
        visit_interval_days: interval.and_then(|days| u32::try_from(days).ok()),
    }))
}

#[cfg(test)]
mod tests;
