//! An entry as shown.

use chrono::NaiveDate;
use domain::ids::{DistrictId, ExpertKindId, ProgramId, RecommenderKindId};
use domain::register::EntryId;
use projections::register::{EntryKind, RegisterRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::{People, PersonView};

/// One entry of a register, as it stands; what its kind does not have is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegisterEntry {
    /// The program whose register it is in.
    pub program: ProgramId,
    /// What it is.
    pub kind: EntryKind,
    /// Its id.
    pub id: String,
    /// Its name; an expert's stands in `person`.
    pub name: Option<String>,
    /// The district of a station or a committee.
    pub district: Option<DistrictId>,
    /// Which kind of recommender.
    pub recommender_kind: Option<RecommenderKindId>,
    /// Which kind of expert.
    pub expert_kind: Option<ExpertKindId>,
    /// The field of an expert.
    pub field: Option<String>,
    /// Who an expert is, masked; readers that do not say who they are see the reference only.
    pub person: Option<PersonView>,
    /// Neither closed nor merged.
    pub active: bool,
    /// The day that it was closed or merged on.
    pub ended_on: Option<NaiveDate>,
    /// What it was merged into.
    pub successor: Option<String>,
    /// Why it was closed.
    pub closed_reason: Option<String>,
}

/// An entry of a kind, if the text can be its id.
pub(super) fn entry_id(kind: EntryKind, id: &str) -> Option<EntryId> {
    Some(match kind {
        EntryKind::District => EntryId::District(id.parse().ok()?),
        EntryKind::Station => EntryId::Station(id.parse().ok()?),
        EntryKind::Recommender => EntryId::Recommender(id.parse().ok()?),
        EntryKind::Expert => EntryId::Expert(id.parse().ok()?),
    })
}

/// With the data of people that this reader sees.
pub(super) fn shown(row: RegisterRow, people: &People) -> RegisterEntry {
    RegisterEntry {
        program: row.program,
        kind: row.kind,
        id: row.id,
        name: row.name,
        district: row.district,
        recommender_kind: row.recommender_kind,
        expert_kind: row.expert_kind,
        field: row.field,
        person: row.person.map(|person| people.view(person)),
        active: row.active,
        ended_on: row.ended_on,
        successor: row.successor,
        closed_reason: row.closed_reason,
    }
}
