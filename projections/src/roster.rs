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
//! What a page shows of other facts is on the row already: the day of the next visit, the teaching given, earlier
//! cycles. Only the one station of a district is looked up when asked, for the register says it.

mod care;
mod census;
mod earlier;
mod file;
mod fold;
mod query;
mod row;
mod sheet;
mod standing;
mod teaching;

use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::ids::OrganizationId;
use domain::organization::OrganizationEvent;
use domain::{Event, StreamId};
use serde::{Deserialize, Serialize};
use store::{Column, Poison, ReadModel, Rows, TableDef, Touch, Value, Wall};

use crate::address::file_key;

pub use care::{Request, Visit};
pub use census::{Census, Rules, Tally, tally};
pub use file::File;
pub use query::{RosterFilter, RosterSort, files, get, nominated, seen, shown};
pub use row::{RosterRow, TeachingOwed};
pub use sheet::{Line, Sheet, page, sheet};
pub use standing::Standing;
pub use teaching::{Attended, Held};

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
    /// A teaching session.
    Session(Held),
    /// An attendance.
    Attendance(Attended),
}

impl Kept {
    /// The file, if it is one.
    #[must_use]
    pub fn into_file(self) -> Option<File> {
        match self {
            Self::File(file) => Some(*file),
            Self::Organization(_)
            | Self::Visit(_)
            | Self::Request(_)
            | Self::Cycle(_)
            | Self::Session(_)
            | Self::Attendance(_) => None,
        }
    }

    /// What a cycle adds up to, if it is that.
    pub(crate) fn into_tally(self) -> Option<Tally> {
        match self {
            Self::Cycle(tally) => Some(*tally),
            Self::Organization(_)
            | Self::File(_)
            | Self::Visit(_)
            | Self::Request(_)
            | Self::Session(_)
            | Self::Attendance(_) => None,
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

/// The column that names the organisation, on its own row and on those of its files and attendances.
const ORGANIZATION: &str = "organization";

/// The column of a visit, or an attendance, that names its file. Visits have no other: what changes an organisation
/// loads none.
const FILE: &str = "file";

const TABLE: TableDef = TableDef {
    name: "roster",
    version: 4,
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
    indexes: &[&["cycle", "standing", "number", "key"], &["cycle", "visit_due_from", "key"], &[ORGANIZATION], &[FILE]],
    wall: Wall::FILES.but_for("census/"),
};

impl ReadModel for Roster {
    type Row = Kept;

    const TABLE: TableDef = TABLE;

    fn columns(row: &Kept) -> Vec<Value> {
        match row {
            Kept::Organization(profile) => only(&[(ORGANIZATION, profile.organization.as_str())]),
            Kept::File(file) => file.columns(),
            Kept::Visit(visit) => only(&[(FILE, &visit.file)]),
            Kept::Attendance(attended) => {
                only(&[(ORGANIZATION, attended.organization.as_str()), (FILE, &attended.file())])
            }
            Kept::Request(_) | Kept::Cycle(_) | Kept::Session(_) => only(&[]),
        }
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Cycle(changed) => of_cycle(event.stream.id(), changed),
            Event::Enrolment(EnrolmentEvent::ApplicationSubmitted { organization, cycle, .. }) => {
                vec![
                    Touch::Key(event.stream.id().to_owned()),
                    Touch::Key(census::key(cycle.as_str())),
                    Touch::Matching(ORGANIZATION, organization.to_string()),
                ]
            }
            Event::Enrolment(changed) => care::touches(event.stream.id(), changed),
            Event::Organization(changed) => of_organization(&event.stream, changed),
            Event::Session(changed) => teaching::touches(&event.stream, changed),
            Event::Register(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        match &event.event {
            Event::Cycle(changed) => fold::cycle(rows, event, changed),
            Event::Enrolment(changed) => fold::enrolment(rows, event, changed),
            Event::Organization(changed) => fold::organization(rows, event, changed),
            Event::Session(changed) => teaching::session(rows, &event.stream, changed),
            Event::Register(_) => {}
        }
        Ok(())
    }
}

/// The columns of a row that only has these.
fn only(columns: &[(&str, &str)]) -> Vec<Value> {
    let value = |column: &Column| columns.iter().find(|(name, _)| *name == column.name).map(|(_, value)| *value);
    TABLE.columns.iter().map(|column| value(column).into()).collect()
}

fn of_cycle(cycle: &str, event: &CycleEvent) -> Vec<Touch> {
    let files = fold::concerned(event).map(|organization| file_key(cycle, organization));
    let mut touches: Vec<Touch> = files.map(Touch::Key).collect();
    if !touches.is_empty() || matches!(event, CycleEvent::CycleOpened { .. }) {
        touches.push(Touch::Key(census::key(cycle)));
    }
    if earlier::may_complete(event) {
        let all = fold::concerned(event).map(|organization| Touch::Matching(ORGANIZATION, organization.to_string()));
        touches.extend(all);
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
