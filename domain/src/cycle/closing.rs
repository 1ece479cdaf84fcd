//! Closing a cycle (一个孵化周期结束, §三（二）, 四（四）, Q-28).

use crate::context::{Context, within};
use crate::cycle::{Cycle, CycleEvent, Entry, Outcome, Standing, said};
use crate::document::Common;
use crate::ids::{CycleId, OrganizationId, SessionId};
use crate::organization::OrganizationEvent;
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// What becomes of applicants that are left when a cycle closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicants {
    /// There must be none.
    MustBeNone,
    /// They lapse; needs a reason.
    Lapse,
}

/// Closes a cycle: members have completed it, applicants lapse if that is wanted (lifecycle 23, 24; Q-28).
///
/// The award office. Before the cycle's end only with a reason; not while sessions after the day of closing
/// are booked.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseCycle {
    /// The cycle.
    pub cycle: CycleId,
    /// Why, for an early end or lapsing applicants.
    pub reason: Option<String>,
    /// What becomes of applicants.
    pub applicants: Applicants,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn close(command: &CloseCycle, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.as_office(&command.common, context)?;
    let closed_on = command.common.occurred_on;
    let last_decision = live(cycle).map(|(_, entry)| entry.last_decision_on).max();
    within(closed_on, last_decision, None, "/occurred_on")?;
    let reason = said(command.reason.as_deref());
    if closed_on < opened.ends_on && reason.is_none() {
        return Err(Refusal::CycleEndsLater { ends_on: opened.ends_on }.into());
    }

    let (members, applicants): (Vec<_>, Vec<_>) = live(cycle).partition(|(_, e)| e.standing == Standing::Member);
    let completed: Vec<OrganizationId> = members.into_iter().map(|(id, _)| id.clone()).collect();
    let lapsed: Vec<OrganizationId> = applicants.into_iter().map(|(id, _)| id.clone()).collect();
    let sessions: Vec<SessionId> =
        cycle.sessions.iter().filter(|(_, on)| **on > closed_on).map(|(id, _)| *id).collect();
    let in_the_way = match command.applicants {
        Applicants::MustBeNone => lapsed.clone(),
        Applicants::Lapse => Vec::new(),
    };
    if !in_the_way.is_empty() || !sessions.is_empty() {
        return Err(Refusal::CycleHasOpenItems { applicants: in_the_way, sessions }.into());
    }
    if !lapsed.is_empty() && reason.is_none() {
        return Err(Refusal::ReasonRequired { pointer: "/reason" }.into());
    }

    let mut ended = Vec::with_capacity(completed.len() + lapsed.len());
    for (organizations, outcome) in [(&completed, Outcome::Completed), (&lapsed, Outcome::Lapsed)] {
        for id in organizations {
            // The organisation's stream gets an event: hold it at its version.
            world.organization(id)?;
            let event = OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome };
            ended.push((StreamId::organization(id), event));
        }
    }
    let closed = CycleEvent::CycleClosed { completed, lapsed, reason: reason.map(str::to_owned) };
    let mut decision = Decision::of(&command.common).with(StreamId::cycle(&command.cycle), closed);
    for (stream, event) in ended {
        decision.push(stream, event);
    }
    Ok(decision)
}

fn live(cycle: &Cycle) -> impl Iterator<Item = (&OrganizationId, &Entry)> {
    cycle.entries.iter().filter(|(_, entry)| !matches!(entry.standing, Standing::Former(_)))
}

#[cfg(test)]
mod tests;
