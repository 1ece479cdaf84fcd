//! Removing a member after a major incident (发生…重大事故的，将被移出孵化池, §三, W-28).

use crate::context::{Context, within};
use crate::cycle::{CycleEvent, Entry, Outcome, balance};
use crate::document::Common;
use crate::ids::{CycleId, IncidentId};
use crate::organization::{Determination, Organization, OrganizationEvent};
use crate::refusal::{Refusal, Refused};
use crate::rulebook::Rule;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// The key under which refusals cite the removal rule.
const RULE: &str = "removal";

/// Removes a member from the pool, citing the incident (lifecycle 19; §三, W-28, Q-14).
///
/// The award office. The competent authority has determined the incident as major, and it happened during the
/// membership. Never refused for balance.
#[derive(Debug, Clone, PartialEq)]
pub struct Remove {
    /// The cycle.
    pub cycle: CycleId,
    /// The member.
    pub uscc: Uscc,
    /// The incident.
    pub incident_id: IncidentId,
    /// More words, if there are any.
    pub reason: Option<String>,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn remove(command: &Remove, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    let entry = cycle.member(&id)?;
    entry.follows(command.common.occurred_on)?;
    let organization = world.organization(&id)?;
    hold_major(command, entry, organization, &opened.rulebook.incidents.removal_rule)?;

    let mut after = cycle.counts.clone();
    balance::moved(&mut after, entry.class.as_ref(), None);
    let mut decision = Decision::of(&command.common);
    decision.balance = Some(balance::change(&cycle.counts, after, &opened.rulebook));
    let removed = CycleEvent::OrganizationRemoved {
        organization: id.clone(),
        incident_id: command.incident_id,
        reason: command.reason.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned),
    };
    let ended = OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome: Outcome::Removed };
    Ok(decision.with(StreamId::cycle(&command.cycle), removed).with(StreamId::organization(&id), ended))
}

/// Refuses an incident that was not determined as major by then, or lies outside `[admission, removal]`.
fn hold_major(command: &Remove, entry: &Entry, organization: &Organization, rule: &Rule) -> Result<(), Refused> {
    let incident = command.incident_id;
    let Some(known) = organization.incidents.get(&incident) else {
        let (pointer, id) = ("/incident_id".to_owned(), incident.to_string());
        return Err(Refusal::UnknownReference { pointer, kind: "incident", id }.into());
    };
    match known.determination {
        Determination::Determined { major: true } => {}
        Determination::Open => return Err(Refusal::IncidentNotDetermined { incident }.by(RULE, rule)),
        Determination::Determined { major: false } | Determination::Dismissed => {
            return Err(Refusal::IncidentNotMajor { incident }.by(RULE, rule));
        }
    }
    let (from, to) = (entry.admitted_on.unwrap_or(entry.last_decision_on), command.common.occurred_on);
    if known.occurred_on < from || known.occurred_on > to {
        let occurred_on = known.occurred_on;
        let refusal = Refusal::IncidentOutsideMembership { incident, occurred_on, from, to: Some(to) };
        return Err(refusal.by(RULE, rule));
    }
    within(to, known.determined_on, None, "/occurred_on")
}
