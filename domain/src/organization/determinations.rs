//! What the competent authority determined of an incident (按照国家有关规定认定, W-36, Q-14).
//!
//! The award office does not judge: it records the authority, the number of its paper and the paper. The last
//! record counts, so that an authority may revise its own. What follows for the membership (removal, or its
//! rescission) is decided in the cycle.

use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::subject::Subject;
use crate::forms::check::FormCheck;
use crate::ids::{CycleId, IncidentId};
use crate::organization::OrganizationEvent;
use crate::refusal::{Refusal, Refused};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// How grave the authority found an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// 重大: leads to removal, and bars later applications for the look-back.
    Major,
    /// Below that.
    BelowMajor,
}

/// Records that the authority determined an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct DetermineIncident {
    /// The cycle whose award office records it.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The incident.
    pub incident_id: IncidentId,
    /// The competent authority.
    pub authority: String,
    /// The number of its paper.
    pub document_no: String,
    /// How grave.
    pub major: Severity,
    /// The day of the paper.
    pub determined_on: chrono::NaiveDate,
    /// Day and papers; the authority's paper is required.
    pub common: Common,
}

/// Records that the authority found no incident, or overturned its determination.
#[derive(Debug, Clone, PartialEq)]
pub struct DismissIncident {
    /// The cycle whose award office records it.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The incident.
    pub incident_id: IncidentId,
    /// The competent authority.
    pub authority: String,
    /// The number of its paper.
    pub document_no: String,
    /// Why.
    pub reason: String,
    /// Day and papers; the authority's paper is required.
    pub common: Common,
}

pub(super) fn determine(command: &DetermineIncident, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let DetermineIncident { incident_id, authority, document_no, determined_on, common, .. } = command;
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    context.actor.permit(subject.is_office(&context.actor))?;
    let happened_on = day_of(&subject, *incident_id)?;
    let time_zone = subject.opened.rulebook.time_zone;
    context.not_future(common.occurred_on, time_zone, "/occurred_on")?;
    context.not_future(*determined_on, time_zone, "/determined_on")?;
    within(*determined_on, Some(happened_on), None, "/determined_on")?;
    // It counts for the program from the day it became known, which is not before the authority spoke.
    within(common.occurred_on, Some(*determined_on), None, "/occurred_on")?;
    check_paper(authority, document_no, common)?;

    let event = OrganizationEvent::IncidentDetermined {
        incident_id: *incident_id,
        authority: authority.clone(),
        document_no: document_no.clone(),
        major: command.major == Severity::Major,
        determined_on: *determined_on,
    };
    Ok(Decision::of(common).with(StreamId::organization(&subject.id), event))
}

pub(super) fn dismiss(command: &DismissIncident, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let DismissIncident { incident_id, authority, document_no, reason, common, .. } = command;
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    context.actor.permit(subject.is_office(&context.actor))?;
    let happened_on = day_of(&subject, *incident_id)?;
    Refusal::unless_reason(reason, "/reason")?;
    context.not_future(common.occurred_on, subject.opened.rulebook.time_zone, "/occurred_on")?;
    within(common.occurred_on, Some(happened_on), None, "/occurred_on")?;
    check_paper(authority, document_no, common)?;

    let event = OrganizationEvent::IncidentDismissed {
        incident_id: *incident_id,
        authority: authority.clone(),
        document_no: document_no.clone(),
        reason: reason.clone(),
    };
    Ok(Decision::of(common).with(StreamId::organization(&subject.id), event))
}

/// The day of an incident that counts.
fn day_of(subject: &Subject<'_>, incident: IncidentId) -> Result<chrono::NaiveDate, Refused> {
    let fact = subject.organization.incident_facts.get(incident).ok_or(Refusal::NotFound { resource: "incident" })?;
    if fact.voided { Err(Refusal::AlreadyVoided.into()) } else { Ok(fact.occurred_on) }
}

fn check_paper(authority: &str, document_no: &str, common: &Common) -> Result<(), Refused> {
    FormCheck::of("")
        .required("/authority", authority, 200, "三（一）5 W-36")
        .required("/document_no", document_no, 100, "三（一）5 W-36")
        .passed()?;
    if common.documents.is_empty() {
        return Err(Refusal::DocumentMissing { pointer: "/documents", what: "the authority's paper" }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
