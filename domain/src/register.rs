//! The register (名录) of one program: districts, stations, recommenders, experts, and the periods of its cycles.
//!
//! Entries change over time, so they are events; the rulebook knows only their kinds. The periods stand here
//! because no two cycles of one program may overlap, and only this stream sees them all.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::ids::{CycleId, DistrictId, ExpertId, ExpertKindId, PersonId, RecommenderId, RecommenderKindId, StationId};
use crate::refusal::{Refusal, Refused};
use crate::stream::At;
use crate::world::{Decision, Stop, World};

/// A kind of register entry together with the id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum EntryId {
    /// A district or development zone.
    District(DistrictId),
    /// A service station.
    Station(StationId),
    /// A recommending unit.
    Recommender(RecommenderId),
    /// An expert.
    Expert(ExpertId),
}

impl EntryId {
    /// The kind in words, and the id as text.
    fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::District(id) => ("district", id.as_str()),
            Self::Station(id) => ("station", id.as_str()),
            Self::Recommender(id) => ("recommender", id.as_str()),
            Self::Expert(id) => ("expert", id.as_str()),
        }
    }
}

/// What is registered of an entry, by kind. Personal data of experts is kept beside the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are what their names say")]
pub enum Details {
    District {
        name: String,
    },
    /// A station is tied to a district (属地).
    Station {
        name: String,
        district: DistrictId,
    },
    /// `recommender_kind` is from the rulebook; a committee belongs to a district.
    Recommender {
        name: String,
        recommender_kind: RecommenderKindId,
        district: Option<DistrictId>,
    },
    /// `expert_kind` is from the rulebook; the name is in the person's record.
    Expert {
        person: PersonId,
        expert_kind: ExpertKindId,
        field: Option<String>,
    },
}

/// Events of a register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
#[allow(missing_docs, reason = "fields carry what the event's name says")]
pub enum RegisterEvent {
    Registered {
        entry: EntryId,
        details: Details,
    },
    Renamed {
        entry: EntryId,
        name: String,
    },
    /// A station was given another district.
    Reassigned {
        entry: EntryId,
        district: DistrictId,
    },
    /// The entry was merged into another of its kind; places of merged recommenders add up.
    MergedInto {
        entry: EntryId,
        successor: EntryId,
    },
    Closed {
        entry: EntryId,
        reason: String,
    },
    /// A cycle's period was fixed or changed: cycles of one program never overlap.
    CyclePeriodSet {
        cycle: CycleId,
        starts_on: NaiveDate,
        ends_on: NaiveDate,
    },
}

/// One entry of the register.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterEntry {
    /// What is registered.
    pub details: Details,
    /// Closed or merged; the latter with the successor.
    pub inactive: Option<Inactive>,
}

/// Why an entry is no longer active.
#[derive(Debug, Clone, PartialEq)]
pub enum Inactive {
    /// Closed.
    Closed,
    /// Merged into another.
    Merged(EntryId),
}

/// The state of a register.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    /// All entries, active or not.
    pub entries: BTreeMap<EntryId, RegisterEntry>,
    /// Periods `[starts_on, ends_on)` of the program's cycles.
    pub periods: BTreeMap<CycleId, (NaiveDate, NaiveDate)>,
}

impl Register {
    /// The entry, if it exists and is active; `pointer` is the field of the body that names it.
    pub fn active(&self, entry: &EntryId, pointer: &str) -> Result<&RegisterEntry, Refused> {
        let pointer = pointer.to_owned();
        let (kind, id) = entry.parts();
        match self.entries.get(entry) {
            None => Err(Refusal::UnknownReference { pointer, kind, id: id.to_owned() }.into()),
            Some(found) => match &found.inactive {
                None => Ok(found),
                Some(inactive) => {
                    let successor = match inactive {
                        Inactive::Closed => None,
                        Inactive::Merged(successor) => Some(successor.parts().1.to_owned()),
                    };
                    Err(Refusal::ReferenceInactive { pointer, kind, id: id.to_owned(), successor }.into())
                }
            },
        }
    }

    /// The active stations of a district.
    #[must_use]
    pub fn stations_of(&self, _district: &DistrictId) -> Vec<StationId> {
        Vec::new()
    }

    /// The recommender and all that were merged into it, directly or not: their places add up.
    #[must_use]
    pub fn merged_with(&self, recommender: &RecommenderId) -> Vec<RecommenderId> {
        vec![recommender.clone()]
    }

    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, _event: &RegisterEvent, _at: At<'_>) {}
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
pub enum RegisterCommand {}

impl RegisterCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, _world: &World<'_>, _context: &Context) -> Result<Decision, Stop> {
        match *self {}
    }
}
