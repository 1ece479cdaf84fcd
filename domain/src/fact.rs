//! Recorded facts: each has an id, can be corrected (whole new content) or voided; folds use the latest.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::refusal::{FieldCode, Refusal, Refused};

/// A fact as first recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded<I, C> {
    /// The fact.
    pub id: I,
    /// What it says.
    pub content: C,
}

/// The whole new content of a fact, which replaces the version named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected<I, C> {
    /// The fact.
    pub id: I,
    /// The version replaced; the first is 1.
    pub replaces_version: u32,
    /// What it says now.
    pub content: C,
    /// Why.
    pub reason: String,
}

/// A fact that no longer counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided<I> {
    /// The fact.
    pub id: I,
    /// Why.
    pub reason: String,
}

/// What rules need to know of one recorded fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactState {
    /// The version in force; the first is 1.
    pub version: u32,
    /// The day of the version in force.
    pub occurred_on: NaiveDate,
    /// Who recorded it first.
    pub recorded_by: Actor,
    /// Whether it was voided.
    pub voided: bool,
}

/// The facts of one kind in one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts<I: Ord>(BTreeMap<I, FactState>);

impl<I: Ord> Default for Facts<I> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<I: Ord + Copy> Facts<I> {
    /// The fact, voided or not.
    #[must_use]
    pub fn get(&self, id: I) -> Option<&FactState> {
        self.0.get(&id)
    }

    /// Facts that count, with their ids.
    pub fn in_force(&self) -> impl Iterator<Item = (I, &FactState)> {
        self.0.iter().filter(|(_, f)| !f.voided).map(|(id, f)| (*id, f))
    }

    /// Refuses an id that was used before, be it of a voided fact: folding it again would lose the first.
    pub fn unused(&self, id: I, pointer: &'static str) -> Result<(), Refused> {
        if self.0.contains_key(&id) {
            return Err(Refusal::field(pointer, FieldCode::Exclusive, "").into());
        }
        Ok(())
    }

    /// Evolves by a new fact.
    pub fn record(&mut self, id: I, occurred_on: NaiveDate, by: &Actor) {
        self.0.insert(id, FactState { version: 1, occurred_on, recorded_by: by.clone(), voided: false });
    }

    /// Evolves by a correction.
    pub fn correct(&mut self, id: I, occurred_on: NaiveDate) {
        if let Some(fact) = self.0.get_mut(&id) {
            fact.version += 1;
            fact.occurred_on = occurred_on;
        }
    }

    /// Evolves by a voiding.
    pub fn void(&mut self, id: I) {
        if let Some(fact) = self.0.get_mut(&id) {
            fact.voided = true;
        }
    }

    /// The fact that `actor` may correct or void: it exists, still counts, and was recorded by the same unit
    /// or the actor is the award office.
    pub fn correctable(
        &self,
        id: I,
        kind: &'static str,
        actor: &Actor,
        is_office: bool,
    ) -> Result<&FactState, Refused> {
        let fact = self.get(id).ok_or(Refusal::NotFound { resource: kind })?;
        if fact.voided {
            return Err(Refusal::AlreadyVoided.into());
        }
        let same_unit = fact.recorded_by.role == actor.role && fact.recorded_by.unit == actor.unit;
        actor.permit(is_office || same_unit)?;
        Ok(fact)
    }
}
