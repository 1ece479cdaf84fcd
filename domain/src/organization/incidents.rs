//! Incidents (重大事故) as reported: by anyone with access to the file (W-28, W-29, Q-14).
//!
//! They belong to the organisation and not to the file, because the look-back of a later application counts
//! them, in whichever cycle or program they were reported. That is also why they are taken after the cycle was
//! closed, and for any day up to today.

use crate::actor::Actor;
use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::subject::Subject;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::Incident;
use crate::ids::{CycleId, IncidentId};
use crate::organization::{Determination, Organization, OrganizationEvent};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Reports an incident that happened on `common.occurred_on`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportIncident {
    /// The cycle under whose rules it is reported.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The new incident's id.
    pub incident_id: IncidentId,
    /// What happened.
    pub incident: Incident,
    /// The day of the incident, and papers.
    pub common: Common,
}

/// Replaces what was reported; by the unit that reported it, until it is determined, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectIncident {
    /// The cycle under whose rules it is corrected.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The incident.
    pub incident_id: IncidentId,
    /// What happened, in full.
    pub incident: Incident,
    /// Why it is corrected.
    pub reason: String,
    /// The day of the incident, and papers.
    pub common: Common,
}

/// Takes a report back; by the unit that reported it, until it is determined, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidIncident {
    /// The cycle under whose rules it is voided.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The incident.
    pub incident_id: IncidentId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn report(command: &ReportIncident, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let allowed = may_report(&subject, world, &context.actor)?;
    context.actor.permit(allowed)?;
    let rulebook = &subject.opened.rulebook;
    context.not_future(command.common.occurred_on, rulebook.time_zone, "/occurred_on")?;
    subject.organization.incident_facts.unused(command.incident_id, "/incident_id")?;
    check(&command.incident, rulebook)?;

    let recorded = Recorded { id: command.incident_id, content: command.incident.clone() };
    Ok(Decision::of(&command.common)
        .with(StreamId::organization(&subject.id), OrganizationEvent::IncidentReported(recorded)))
}

pub(super) fn correct(command: &CorrectIncident, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let version = correctable(&subject, command.incident_id, &context.actor)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    let rulebook = &subject.opened.rulebook;
    context.not_future(command.common.occurred_on, rulebook.time_zone, "/occurred_on")?;
    // What was determined had happened before it was determined.
    let determined_on = subject.organization.incidents.get(&command.incident_id).and_then(|i| i.determined_on);
    within(command.common.occurred_on, None, determined_on, "/occurred_on")?;
    check(&command.incident, rulebook)?;

    let corrected = Corrected {
        id: command.incident_id,
        replaces_version: version,
        content: command.incident.clone(),
        reason: command.reason.clone(),
    };
    Ok(Decision::of(&command.common)
        .with(StreamId::organization(&subject.id), OrganizationEvent::IncidentCorrected(corrected)))
}

pub(super) fn void(command: &VoidIncident, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    correctable(&subject, command.incident_id, &context.actor)?;
    subject.voiding(&command.reason, &command.common, context)?;

    let voided = Voided { id: command.incident_id, reason: command.reason.clone() };
    Ok(Decision::of(&command.common)
        .with(StreamId::organization(&subject.id), OrganizationEvent::IncidentVoided(voided)))
}

/// Whoever has access to the file: the award office, the organisation itself, its district office, a station
/// responsible for it, and its recommender.
fn may_report<'a>(subject: &Subject<'a>, world: &World<'a>, actor: &Actor) -> Result<bool, Stop> {
    Ok(subject.is_office(actor)
        || subject.is_organization(actor)
        || subject.is_recommender(world, actor)?
        || subject.is_district(world, actor)?
        || is_responsible_station(subject, world, actor)?)
}

fn is_responsible_station<'a>(subject: &Subject<'a>, world: &World<'a>, actor: &Actor) -> Result<bool, Stop> {
    match subject.responsible_station(world, actor) {
        Ok(_) => Ok(true),
        Err(Stop::Refused(_)) => Ok(false),
        Err(missing @ Stop::Missing(_)) => Err(missing),
    }
}

/// The version of a report in force that the actor may correct or void. Once determined, it is what the
/// authority's paper speaks of: only the award office touches it then.
fn correctable(subject: &Subject<'_>, incident: IncidentId, actor: &Actor) -> Result<u32, Refused> {
    let fact = subject.correctable(&subject.organization.incident_facts, incident, "incident", actor)?;
    actor.permit(subject.is_office(actor) || is_open(subject.organization, incident))?;
    Ok(fact.version)
}

fn is_open(organization: &Organization, incident: IncidentId) -> bool {
    organization.incidents.get(&incident).is_some_and(|i| i.determination == Determination::Open)
}

fn check(incident: &Incident, rulebook: &Rulebook) -> Result<(), Refused> {
    let known = rulebook.incidents.kinds.iter().any(|k| k.id == incident.kind);
    FormCheck::of("")
        .unless(known, "/incident/kind", FieldCode::NotOneOf, "三 W-29")
        .required("/incident/description", &incident.description, 5000, "三 W-28")
        .passed()
}

#[cfg(test)]
mod tests;
