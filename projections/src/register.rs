//! The register (名录) as it stands: districts, stations, recommenders, experts of each program.

mod directory;

use chrono::NaiveDate;
use domain::ids::{DistrictId, ExpertKindId, PersonId, ProgramId, RecommenderKindId};
use domain::register::{Details, EntryId, RegisterEvent};
use domain::{Event, RecordedEvent};
use serde::{Deserialize, Serialize};
use store::sql::Sql;
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};
use utoipa::ToSchema;

use crate::address;
use crate::page::{self, Direction, Order, Page, Paging};

pub use directory::Directory;

/// A kind of register entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A district or development zone.
    District,
    /// A service station.
    Station,
    /// A recommending unit.
    Recommender,
    /// An expert.
    Expert,
}

impl EntryKind {
    /// The kind in keys and columns.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Station => "station",
            Self::Recommender => "recommender",
            Self::Expert => "expert",
        }
    }
}

/// One entry of a register, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterRow {
    /// The program whose register it is in.
    pub program: ProgramId,
    /// What it is.
    pub kind: EntryKind,
    /// Its id.
    pub id: String,
    /// Its name; an expert's is in the person's record.
    pub name: Option<String>,
    /// The district of a station or a committee.
    pub district: Option<DistrictId>,
    /// Which kind of recommender.
    pub recommender_kind: Option<RecommenderKindId>,
    /// Which kind of expert.
    pub expert_kind: Option<ExpertKindId>,
    /// The field of an expert.
    pub field: Option<String>,
    /// The person's record of an expert.
    pub person: Option<PersonId>,
    /// Neither closed nor merged.
    pub active: bool,
    /// The day that it was closed or merged on.
    pub ended_on: Option<NaiveDate>,
    /// What it was merged into.
    pub successor: Option<String>,
    /// Why it was closed.
    pub closed_reason: Option<String>,
}

/// The read model.
#[derive(Debug)]
pub struct RegisterEntries;

const TABLE: TableDef = TableDef {
    name: "register",
    version: 1,
    columns: &[
        Column::text("program"),
        Column::text("kind"),
        Column::text("id"),
        Column::text("name"),
        Column::text("district"),
        Column::int("active"),
    ],
    indexes: &[&["program", "kind"]],
    wall: Wall::SCOPED,
};

impl ReadModel for RegisterEntries {
    type Row = RegisterRow;

    const TABLE: TableDef = TABLE;

    fn columns(row: &RegisterRow) -> Vec<Value> {
        vec![
            row.program.as_str().into(),
            row.kind.name().into(),
            row.id.as_str().into(),
            row.name.clone().into(),
            row.district.as_ref().map(DistrictId::as_str).into(),
            i64::from(row.active).into(),
        ]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Register(
                RegisterEvent::Registered { entry, .. }
                | RegisterEvent::Renamed { entry, .. }
                | RegisterEvent::Reassigned { entry, .. }
                | RegisterEvent::MergedInto { entry, .. }
                | RegisterEvent::Closed { entry, .. },
            ) => vec![Touch::Key(key_of(event.stream.id(), entry))],
            Event::Register(RegisterEvent::ExpertChanged { entry, .. }) => {
                vec![Touch::Key(key_of(event.stream.id(), &EntryId::Expert(entry.clone())))]
            }
            Event::Register(RegisterEvent::CyclePeriodSet { .. })
            | Event::Organization(_)
            | Event::Cycle(_)
            | Event::Enrolment(_)
            | Event::Session(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Event::Register(changed) = &event.event else { return Ok(()) };
        let program = event.stream.id();
        let on = event.meta.occurred_on;
        let mut change = |entry: &EntryId, how: &dyn Fn(&mut RegisterRow)| {
            if let Some(row) = rows.get_mut(&key_of(program, entry)) {
                how(row);
            }
        };
        match changed {
            RegisterEvent::Registered { entry, details } => {
                rows.put(key_of(program, entry), registered(address::program(event)?, entry, details));
            }
            RegisterEvent::Renamed { entry, name } => change(entry, &|row| row.name = Some(name.clone())),
            RegisterEvent::Reassigned { entry, district } => {
                change(entry, &|row| row.district = Some(district.clone()));
            }
            RegisterEvent::ExpertChanged { entry, person, field } => {
                change(&EntryId::Expert(entry.clone()), &|row| {
                    row.person = Some(*person);
                    row.field.clone_from(field);
                });
            }
            RegisterEvent::MergedInto { entry, successor } => change(entry, &|row| {
                row.active = false;
                row.ended_on = Some(on);
                row.successor = Some(address_of(successor).1.to_owned());
            }),
            RegisterEvent::Closed { entry, reason } => change(entry, &|row| {
                row.active = false;
                row.ended_on = Some(on);
                row.closed_reason = Some(reason.clone());
            }),
            RegisterEvent::CyclePeriodSet { .. } => {}
        }
        Ok(())
    }
}

/// The kind and id of an entry.
fn address_of(entry: &EntryId) -> (EntryKind, &str) {
    match entry {
        EntryId::District(id) => (EntryKind::District, id.as_str()),
        EntryId::Station(id) => (EntryKind::Station, id.as_str()),
        EntryId::Recommender(id) => (EntryKind::Recommender, id.as_str()),
        EntryId::Expert(id) => (EntryKind::Expert, id.as_str()),
    }
}

fn key_of(program: &str, entry: &EntryId) -> String {
    let (kind, id) = address_of(entry);
    format!("{program}/{}/{id}", kind.name())
}

fn registered(program: ProgramId, entry: &EntryId, details: &Details) -> RegisterRow {
    let (kind, id) = address_of(entry);
    let mut row = RegisterRow {
        program,
        kind,
        id: id.to_owned(),
        name: None,
        district: None,
        recommender_kind: None,
        expert_kind: None,
        field: None,
        person: None,
        active: true,
        ended_on: None,
        successor: None,
        closed_reason: None,
    };
    match details.clone() {
        Details::District { name } => row.name = Some(name),
        Details::Station { name, district } => {
            row.name = Some(name);
            row.district = Some(district);
        }
        Details::Recommender { name, recommender_kind, district } => {
            row.name = Some(name);
            row.recommender_kind = Some(recommender_kind);
            row.district = district;
        }
        Details::Expert { person, expert_kind, field } => {
            row.person = Some(person);
            row.expert_kind = Some(expert_kind);
            row.field = field;
        }
    }
    row
}

/// Which entries of a program's register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFilter {
    /// The program.
    pub program: ProgramId,
    /// One of these kinds; all if empty.
    pub kinds: Vec<EntryKind>,
    /// Of one of these districts; all if empty.
    pub districts: Vec<DistrictId>,
    /// Active ones, or closed and merged ones; both if not given.
    pub active: Option<bool>,
}

/// What a list of entries is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RegisterSort {
    /// The id.
    #[default]
    Id,
    /// The name.
    Name,
}

/// A page of the register.
pub async fn list(
    db: &Db,
    filter: &RegisterFilter,
    sort: RegisterSort,
    direction: Direction,
    paging: &Paging,
) -> Result<Page<RegisterRow>, StoreError> {
    let conditions = |sql: &mut Sql| {
        page::equals(sql, "program", Some(filter.program.as_str()));
        let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.name()).collect();
        page::any_of(sql, "kind", &kinds);
        page::any_of(sql, "district", &filter.districts);
        if let Some(active) = filter.active {
            sql.push(" AND active = ").bind(i64::from(active));
        }
    };
    let column = match sort {
        RegisterSort::Id => "id",
        RegisterSort::Name => "name",
    };
    page::page::<RegisterEntries>(db, conditions, Order { column, direction }, paging).await
}

/// One entry, active or not.
pub async fn get(db: &Db, program: &ProgramId, entry: &EntryId) -> Result<Option<RegisterRow>, StoreError> {
    page::get::<RegisterEntries>(db, &key_of(program.as_str(), entry)).await
}

/// The whole register of a program in memory, to look up names and mergers; registers are small.
pub async fn directory(db: &Db, program: &ProgramId) -> Result<Directory, StoreError> {
    let rows = page::all::<RegisterEntries>(db, |sql| page::equals(sql, "program", Some(program.as_str()))).await?;
    Ok(Directory::of(rows))
}

#[cfg(test)]
mod tests;
