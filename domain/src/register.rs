//! The register (名录) of one program: districts, stations, recommenders, experts, and the periods of its cycles.
//!
//! Entries change over time, so they are events; the rulebook knows only their kinds. The periods stand here
//! because no two cycles of one program may overlap, and only this stream sees them all.
//!
//! ```text
//!  registered ── renamed, reassigned ──┬── closed
//!                                      └── merged into an active entry of the same kind
//! ```
//!
//! Nothing leaves the register: what was closed or merged stays known, with its successor, because files of
//! earlier cycles name it. What belonged to a merged district (stations, organisations) counts as the
//! successor's from then on, without an event for each.

mod change;
mod closure;
mod merger;
mod registration;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::change::{ChangeEntry, EntryChange};
pub use self::closure::CloseEntry;
pub use self::merger::MergeEntries;
pub use self::registration::AddEntry;
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
    /// The kind, as refusals name it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::District(_) => "district",
            Self::Station(_) => "station",
            Self::Recommender(_) => "recommender",
            Self::Expert(_) => "expert",
        }
    }

    /// The id without its kind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::District(id) => id.as_str(),
            Self::Station(id) => id.as_str(),
            Self::Recommender(id) => id.as_str(),
            Self::Expert(id) => id.as_str(),
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
    /// A station or a recommender was given another district.
    Reassigned {
        entry: EntryId,
        district: DistrictId,
    },
    /// An expert's record or field is another now; both stand as they are from here on.
    ExpertChanged {
        entry: ExpertId,
        person: PersonId,
        field: Option<String>,
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
    /// The entry, if it exists, active or not; `pointer` is the field of the body that names it.
    pub fn known(&self, entry: &EntryId, pointer: &str) -> Result<&RegisterEntry, Refused> {
        self.entries.get(entry).ok_or_else(|| {
            let (kind, id) = (entry.kind(), entry.as_str().to_owned());
            Refusal::UnknownReference { pointer: pointer.to_owned(), kind, id }.into()
        })
    }

    /// The entry, if it exists and is active; `pointer` is the field of the body that names it.
    pub fn active(&self, entry: &EntryId, pointer: &str) -> Result<&RegisterEntry, Refused> {
        let found = self.known(entry, pointer)?;
        let (pointer, kind, id) = (pointer.to_owned(), entry.kind(), entry.as_str().to_owned());
        match &found.inactive {
            None => Ok(found),
            Some(Inactive::Closed) => Err(Refusal::ReferenceInactive { pointer, kind, id, successor: None }.into()),
            Some(Inactive::Merged(_)) => {
                let successor = Some(self.current(entry).as_str().to_owned());
                Err(Refusal::ReferenceInactive { pointer, kind, id, successor }.into())
            }
        }
    }

    /// The entry that a command's path names: there, and active.
    fn addressed(&self, entry: &EntryId) -> Result<&RegisterEntry, Refused> {
        if self.entries.contains_key(entry) {
            self.active(entry, "")
        } else {
            Err(Refusal::NotFound { resource: entry.kind() }.into())
        }
    }

    /// The entry that stands for `entry` today: itself, or the last of those that it was merged into.
    #[must_use]
    pub fn current<'a>(&'a self, entry: &'a EntryId) -> &'a EntryId {
        let mut current = entry;
        // A merger needs an active successor and ends the merged entry, so the chain has no ring.
        while let Some(RegisterEntry { inactive: Some(Inactive::Merged(successor)), .. }) = self.entries.get(current) {
            current = successor;
        }
        current
    }

    /// Whether two districts are one today, after mergers.
    #[must_use]
    pub fn same_district(&self, one: &DistrictId, other: &DistrictId) -> bool {
        self.current(&EntryId::District(one.clone())) == self.current(&EntryId::District(other.clone()))
    }

    /// The active stations of a district, and of those that were merged into it.
    #[must_use]
    pub fn stations_of(&self, district: &DistrictId) -> Vec<StationId> {
        self.entries
            .iter()
            .filter_map(|(id, entry)| match (id, entry) {
                (
                    EntryId::Station(station),
                    RegisterEntry { details: Details::Station { district: of, .. }, inactive: None },
                ) if self.same_district(of, district) => Some(station.clone()),
                _ => None,
            })
            .collect()
    }

    /// The recommender and all that were merged into it, directly or not: their places add up.
    #[must_use]
    pub fn merged_with(&self, recommender: &RecommenderId) -> Vec<RecommenderId> {
        let mut merged = vec![recommender.clone()];
        let mut next = 0;
        while let Some(successor) = merged.get(next).cloned() {
            let successor = Inactive::Merged(EntryId::Recommender(successor));
            merged.extend(self.entries.iter().filter_map(|(id, entry)| match id {
                EntryId::Recommender(id) if entry.inactive.as_ref() == Some(&successor) => Some(id.clone()),
                EntryId::Recommender(_) | EntryId::District(_) | EntryId::Station(_) | EntryId::Expert(_) => None,
            }));
            next += 1;
        }
        merged
    }

    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, event: &RegisterEvent, _at: At<'_>) {
        match event {
            RegisterEvent::Registered { entry, details } => {
                self.entries.insert(entry.clone(), RegisterEntry { details: details.clone(), inactive: None });
            }
            RegisterEvent::Renamed { entry, name } => {
                if let Some(entry) = self.entries.get_mut(entry) {
                    entry.details.rename(name);
                }
            }
            RegisterEvent::Reassigned { entry, district } => {
                if let Some(entry) = self.entries.get_mut(entry) {
                    entry.details.reassign(district);
                }
            }
            RegisterEvent::ExpertChanged { entry, person, field } => {
                if let Some(entry) = self.entries.get_mut(&EntryId::Expert(entry.clone())) {
                    entry.details.describe(*person, field.as_deref());
                }
            }
            RegisterEvent::MergedInto { entry, successor } => {
                self.deactivate(entry, Inactive::Merged(successor.clone()));
            }
            RegisterEvent::Closed { entry, .. } => self.deactivate(entry, Inactive::Closed),
            RegisterEvent::CyclePeriodSet { cycle, starts_on, ends_on } => {
                self.periods.insert(cycle.clone(), (*starts_on, *ends_on));
            }
        }
    }

    fn deactivate(&mut self, entry: &EntryId, why: Inactive) {
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.inactive = Some(why);
        }
    }
}

impl Details {
    /// The name registered; an expert's stands in the person's record.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::District { name } | Self::Station { name, .. } | Self::Recommender { name, .. } => Some(name),
            Self::Expert { .. } => None,
        }
    }

    fn rename(&mut self, to: &str) {
        match self {
            Self::District { name } | Self::Station { name, .. } | Self::Recommender { name, .. } => {
                to.clone_into(name);
            }
            Self::Expert { .. } => {}
        }
    }

    fn describe(&mut self, of: PersonId, in_field: Option<&str>) {
        match self {
            Self::Expert { person, field, .. } => {
                *person = of;
                *field = in_field.map(str::to_owned);
            }
            Self::District { .. } | Self::Station { .. } | Self::Recommender { .. } => {}
        }
    }

    fn reassign(&mut self, to: &DistrictId) {
        match self {
            Self::Station { district, .. } => *district = to.clone(),
            Self::Recommender { district, .. } => *district = Some(to.clone()),
            Self::District { .. } | Self::Expert { .. } => {}
        }
    }
}

/// Commands of this stream. All are given by the award office; the caller adds the rulebook in force, because
/// the kinds that an entry may have stand there.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the command that it is named after")]
pub enum RegisterCommand {
    Add(AddEntry),
    Change(ChangeEntry),
    Merge(MergeEntries),
    Close(CloseEntry),
}

impl RegisterCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::Add(command) => registration::add(command, world, context),
            Self::Change(command) => change::change(command, world, context),
            Self::Merge(command) => merger::merge(command, world, context),
            Self::Close(command) => closure::close(command, world, context),
        }
    }
}

#[cfg(test)]
mod tests;
