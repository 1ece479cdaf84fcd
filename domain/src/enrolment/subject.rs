//! The subject of a fact: the organisation, how it stands in the cycle, and who is who to it.

use crate::actor::{Actor, Role};
use crate::context::Context;
use crate::cycle::{Cycle, Entry, Opened};
use crate::document::Common;
use crate::enrolment::Enrolment;
use crate::fact::{FactState, Facts};
use crate::ids::{CycleId, OrganizationId, StationId};
use crate::organization::Organization;
use crate::refusal::{Refusal, Refused};
use crate::register::{EntryId, Register};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Stop, World};

/// An organisation with a file in a cycle, as the facts about it see it.
pub(crate) struct Subject<'a> {
    /// The organisation's id.
    pub(crate) id: OrganizationId,
    /// The organisation.
    pub(crate) organization: &'a Organization,
    /// The cycle.
    pub(crate) cycle: &'a Cycle,
    /// What its opening fixed.
    pub(crate) opened: &'a Opened,
    /// How the organisation stands in it.
    pub(crate) entry: &'a Entry,
}

impl<'a> Subject<'a> {
    /// Reads cycle and organisation; not found where there is no cycle, or no file in it.
    pub(crate) fn read(world: &World<'a>, cycle: &CycleId, uscc: &Uscc) -> Result<Self, Stop> {
        let cycle = world.cycle(cycle)?;
        let opened = cycle.opened()?;
        let id = world.resolve(uscc)?;
        let entry = cycle.entry(&id)?;
        let organization = world.organization(&id)?;
        Ok(Self { id, organization, cycle, opened, entry })
    }

    /// The file.
    pub(crate) fn enrolment(&self, world: &World<'a>) -> Result<&'a Enrolment, Stop> {
        world.enrolment(&self.opened.cycle, &self.id)
    }

    /// The file's stream.
    pub(crate) fn stream(&self) -> StreamId {
        StreamId::enrolment(&self.opened.cycle, &self.id)
    }

    fn register(&self, world: &World<'a>) -> Result<&'a Register, Stop> {
        world.register(&self.opened.program)
    }

    /// Whether the actor is the award office of the cycle's program.
    pub(crate) fn is_office(&self, actor: &Actor) -> bool {
        actor.is_office(&self.opened.program)
    }

    /// Whether the actor is the organisation, under any of its numbers.
    pub(crate) fn is_organization(&self, actor: &Actor) -> bool {
        actor.is_organization(self.organization.numbers.iter())
    }

    /// Whether the actor is the office of the organisation's present district.
    pub(crate) fn is_district(&self, world: &World<'a>, actor: &Actor) -> Result<bool, Stop> {
        let (Role::District, Ok(own), Some(district)) = (actor.role, actor.unit.parse(), &self.organization.district)
        else {
            return Ok(false);
        };
        Ok(self.register(world)?.same_district(&own, district))
    }

    /// Whether the actor is the recommender of this file, or what that was merged into.
    pub(crate) fn is_recommender(&self, world: &World<'a>, actor: &Actor) -> Result<bool, Stop> {
        let Some(recommender) = &self.entry.recommender else { return Ok(false) };
        let recommender = EntryId::Recommender(recommender.clone());
        let current = self.register(world)?.current(&recommender);
        Ok(actor.role == Role::Recommender && actor.unit == current.as_str())
    }

    /// The station that the actor is, if it serves the organisation's district (属地) or is charged with its survey.
    ///
    /// The survey's station stays responsible when the organisation moves to another district.
    pub(crate) fn responsible_station(&self, world: &World<'a>, actor: &Actor) -> Result<StationId, Stop> {
        let own = acting_station(actor)?;
        let charged = self.enrolment(world)?.survey.as_ref().map(|survey| EntryId::Station(survey.station.clone()));
        let register = self.register(world)?;
        match charged.as_ref().map(|station| register.current(station)) {
            Some(EntryId::Station(station)) if *station == own => {
                register.active(&EntryId::Station(own.clone()), "")?;
                Ok(own)
            }
            _ => self.local_station(world, actor),
        }
    }

    /// The station that the actor is, if it serves the organisation's district (属地).
    pub(crate) fn local_station(&self, world: &World<'a>, actor: &Actor) -> Result<StationId, Stop> {
        let own = acting_station(actor)?;
        let local = match &self.organization.district {
            Some(district) => self.register(world)?.stations_of(district),
            None => Vec::new(),
        };
        if local.contains(&own) {
            return Ok(own);
        }
        let responsible = local.first().map(ToString::to_string);
        Err(Refusal::StationNotResponsible { station: own.to_string(), responsible }.into())
    }

    /// The fact that the actor may correct or void: recorded by the same unit, or the actor is the award office.
    pub(crate) fn correctable<'f, I: Ord + Copy>(
        &self,
        facts: &'f Facts<I>,
        id: I,
        kind: &'static str,
        actor: &Actor,
    ) -> Result<&'f FactState, Refused> {
        // An organisation that changed its number is still the unit that recorded the fact under the old one.
        let own =
            self.is_organization(actor) && facts.get(id).is_some_and(|fact| self.is_organization(&fact.recorded_by));
        facts.correctable(id, kind, actor, own || self.is_office(actor))
    }

    /// Refuses a voiding without a reason, or dated forward.
    pub(crate) fn voiding(&self, reason: &str, common: &Common, context: &Context) -> Result<(), Refused> {
        Refusal::unless_reason(reason, "/reason")?;
        context.not_future(common.occurred_on, self.opened.rulebook.time_zone, "/occurred_on")
    }
}

/// The station that the actor acts as.
fn acting_station(actor: &Actor) -> Result<StationId, Refused> {
    match (actor.role, actor.unit.parse()) {
        (Role::Station, Ok(station)) => Ok(station),
        _ => Err(Refusal::NotPermitted { role: actor.role }.into()),
    }
}
