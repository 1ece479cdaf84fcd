//! The roster (名册): every organisation with a file in a cycle, as it stands.
//!
//! One row per file, and one small row per organisation for what is the organisation's and not the file's: its
//! name, number and district. A file opened later begins with them, and a change of one shows on all its files.
//!
//! Visits, and requests for help that are open, have a small row each: a file's own row does not grow with them, and
//! is not dearer to change after ten thousand visits than after ten.
//!
//! One row per cycle holds what its files add up to, and their balance.
//!
//! What depends on other rows is looked up when asked: the days until the next visit (the rulebook's), the only
//! station of a district (the register's), earlier cycles (other files).

mod care;
mod census;
mod file;
mod fold;
mod query;
mod row;
mod standing;

use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::ids::OrganizationId;
use domain::organization::OrganizationEvent;
use domain::{Event, StreamId};
use serde::{Deserialize, Serialize};
use store::{Column, Poison, ReadModel, Rows, TableDef, Touch, Value};

use crate::address::file_key;

pub use care::{Request, Visit};
pub use census::{Census, Rules, Tally, tally};
pub use file::File;
pub use query::{RosterFilter, RosterSort, Scope, get, nominated, page};
pub use row::{RosterRow, TeachingOwed};
pub use standing::Standing;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// What all files of an organisation share.
    Organization(Profile),
    /// A file.
    File(Box<File>),
    /// A visit that counts.
    Visit(Visit),
    /// A request for help that is open.
    Request(Request),
    /// What a cycle adds up to.
    Cycle(Box<Tally>),
}

impl Kept {
    /// The file, if it is one.
    #[must_use]
    pub fn into_file(self) -> Option<File> {
        match self {
            Self::File(file) => Some(*file),
            Self::Organization(_) | Self::Visit(_) | Self::Request(_) | Self::Cycle(_) => None,
        }
    }

    /// What a cycle adds up to, if it is that.
    pub(crate) fn into_tally(self) -> Option<Tally> {
        match self {
            Self::Cycle(tally) => Some(*tally),
            Self::Organization(_) | Self::File(_) | Self::Visit(_) | Self::Request(_) => None,
        }
    }
}

/// What is the organisation's and not one file's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its present name.
    pub name: String,
    /// Its present number.
    pub uscc: domain::Uscc,
    /// Its present district.
    pub district: domain::ids::DistrictId,
}

/// The read model.
#[derive(Debug)]
pub struct Roster;

/// The column that names the organisation, on its own row and on those of its files.
const ORGANIZATION: &str = "organization";

/// The column of a visit that names its file. It has no other: what changes an organisation loads no visits.
const FILE: &str = "file";

const TABLE: TableDef = TableDef {
    name: "roster",
    version: 3,
    columns: &[
        Column::text("cycle"),
        Column::text(ORGANIZATION),
        Column::text("standing"),
        Column::text("stage"),
        Column::text("class"),
        Column::text("district"),
        Column::text("station"),
        Column::text("recommender"),
        Column::text("nature"),
        Column::text("size"),
        Column::text("sector"),
        Column::text("key_field"),
        Column::text("tags"),
        Column::text("name"),
        Column::text("uscc"),
        Column::text("search"),
        Column::int("number"),
        Column::text("admitted_on"),
        Column::text("last_visit_on"),
        Column::text("visit_due_from"),
        Column::text("ended_on"),
        Column::text(FILE),
        Column::text("surveyed_by"),
    ],
    indexes: &[&["cycle", "standing", "number"], &["cycle", "visit_due_from", "key"], &[ORGANIZATION], &[FILE]],
};

impl ReadModel for Roster {
    type Row = Kept;

    const TABLE: TableDef = TABLE;

    fn columns(row: &Kept) -> Vec<Value> {
        match row {
            Kept::Organization(profile) => only(ORGANIZATION, profile.organization.as_str()),
            Kept::File(file) => file.columns(),
            Kept::Visit(visit) => only(FILE, &visit.file),
            Kept::Request(_) | Kept::Cycle(_) => vec![Value::Null; TABLE.columns.len()],
        }
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Cycle(changed) => of_cycle(event.stream.id(), changed),
            Event::Enrolment(EnrolmentEvent::ApplicationSubmitted { organization, cycle, .. }) => {
                let keys = [event.stream.id().to_owned(), organization.to_string(), census::key(cycle.as_str())];
                keys.into_iter().map(Touch::Key).collect()
            }
            Event::Enrolment(changed) => care::touches(event.stream.id(), changed),
            Event::Organization(changed) => of_organization(&event.stream, changed),
            Event::Register(_) | Event::Session(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        match &event.event {
            Event::Cycle(changed) => fold::cycle(rows, event, changed),
            Event::Enrolment(changed) => fold::enrolment(rows, event, changed),
            Event::Organization(changed) => fold::organization(rows, event, changed),
            Event::Register(_) | Event::Session(_) => {}
        }
        Ok(())
    }
}

/// The columns of a row that only has this one.
fn only(column: &str, value: &str) -> Vec<Value> {
    let value = |known: &Column| if known.name == column { value.into() } else { Value::Null };
    TABLE.columns.iter().map(value).collect()
}

fn of_cycle(cycle: &str, event: &CycleEvent) -> Vec<Touch> {
    let files = fold::concerned(event).map(|organization| file_key(cycle, organization));
    let mut touches: Vec<Touch> = files.map(Touch::Key).collect();
    if !touches.is_empty() || matches!(event, CycleEvent::CycleOpened { .. }) {
        touches.push(Touch::Key(census::key(cycle)));
    }
    touches
}

fn of_organization(stream: &StreamId, event: &OrganizationEvent) -> Vec<Touch> {
    let Some(organization) = stream.as_organization() else { return Vec::new() };
    match event {
        OrganizationEvent::OrganizationRegistered { .. } => vec![Touch::Key(organization.to_string())],
        OrganizationEvent::OrganizationRenamed { .. }
        | OrganizationEvent::DistrictChanged { .. }
        | OrganizationEvent::UsccChanged { .. }
        | OrganizationEvent::UsccCorrected { .. } => vec![Touch::Matching(ORGANIZATION, organization.to_string())],
        OrganizationEvent::NumberAssigned { .. }
        | OrganizationEvent::MergedInto { .. }
        | OrganizationEvent::Dissolved { .. }
        | OrganizationEvent::EnrolmentOpened { .. }
        | OrganizationEvent::EnrolmentEnded { .. }
        | OrganizationEvent::EnrolmentReopened { .. }
        | OrganizationEvent::IncidentReported(_)
        | OrganizationEvent::IncidentCorrected(_)
        | OrganizationEvent::IncidentVoided(_)
        | OrganizationEvent::IncidentDetermined { .. }
        | OrganizationEvent::IncidentDismissed { .. }
        | OrganizationEvent::HonourRecorded(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
