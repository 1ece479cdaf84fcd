//! Follow-up visits (回访, §四（四）, W-74, W-75): a station's record of what the incubation has brought.

use crate::context::Context;
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::subject::Subject;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::Visit;
use crate::ids::{CycleId, VisitId};
use crate::refusal::{Refusal, Refused};
use crate::register::EntryId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Records a visit of `common.occurred_on`; by a station responsible for the organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordVisit {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The new visit's id.
    pub visit_id: VisitId,
    /// What it brought; its station is the actor's own.
    pub visit: Visit,
    /// The day of the visit, and papers.
    pub common: Common,
}

/// Replaces what was recorded; by the station that recorded it, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectVisit {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The visit.
    pub visit_id: VisitId,
    /// What it brought, in full.
    pub visit: Visit,
    /// Why it is corrected.
    pub reason: String,
    /// The day of the visit, and papers.
    pub common: Common,
}

/// Takes a visit back; by the station that recorded it, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidVisit {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The visit.
    pub visit_id: VisitId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordVisit, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let station = subject.responsible_station(world, &context.actor)?;
    context.actor.permit(command.visit.station == station)?;
    subject.cycle.late_entry(context)?;
    subject.enrolment(world)?.visits.unused(command.visit_id, "/visit_id")?;
    check(&command.visit)?;
    subject.day_of_membership(command.common.occurred_on, context)?;

    let recorded = Recorded { id: command.visit_id, content: command.visit.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::VisitRecorded(recorded)))
}

pub(super) fn correct(command: &CorrectVisit, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let visits = &subject.enrolment(world)?.visits;
    let version = subject.correctable(visits, command.visit_id, "visit", &context.actor)?.version;
    // The station speaks for itself; the award office may also put right which station it was.
    context.actor.permit(subject.is_office(&context.actor) || context.actor.is_station(&command.visit.station))?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    check(&command.visit)?;
    if subject.is_office(&context.actor) {
        let station = EntryId::Station(command.visit.station.clone());
        world.register(&subject.opened.program)?.known(&station, "/visit/station")?;
    }
    subject.day_of_membership(command.common.occurred_on, context)?;

    let corrected = Corrected {
        id: command.visit_id,
        replaces_version: version,
        content: command.visit.clone(),
        reason: command.reason.clone(),
    };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::VisitCorrected(corrected)))
}

pub(super) fn void(command: &VoidVisit, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let visits = &subject.enrolment(world)?.visits;
    subject.correctable(visits, command.visit_id, "visit", &context.actor)?;
    subject.voiding(&command.reason, &command.common, context)?;

    let voided = Voided { id: command.visit_id, reason: command.reason.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::VisitVoided(voided)))
}

fn check(visit: &Visit) -> Result<(), Refused> {
    FormCheck::of("")
        .required("/visit/findings", &visit.findings, 5000, "四（四） W-74")
        .optional("/visit/needs", visit.needs.as_deref(), 5000, "四（四） W-74")
        .optional("/visit/carry_over", visit.carry_over.as_deref(), 5000, "四（四） W-75")
        .passed()
}

#[cfg(test)]
mod tests;
