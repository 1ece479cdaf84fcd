//! Moving a session to another day or place.

use chrono::NaiveDate;

use crate::context::Context;
use crate::cycle::CycleEvent;
use crate::document::Common;
use crate::forms::check::{FormCheck, LINE};
use crate::ids::SessionId;
use crate::refusal::Refusal;
use crate::session::fit::Fit;
use crate::session::{SessionEvent, inside_cycle, planning};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Move a session. The award office does, until attendance was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct RescheduleSession {
    /// The session.
    pub session_id: SessionId,
    /// The new day.
    pub on: NaiveDate,
    /// The new place.
    pub place: String,
    /// Why.
    pub reason: String,
    /// The day of this decision, papers, and the waiver for a day in another year than the rule's.
    pub common: Common,
}

pub(super) fn reschedule(command: &RescheduleSession, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let session = world.session(command.session_id)?;
    let (cycle_id, plan) = session.plan()?;
    let cycle = world.cycle(cycle_id)?;
    let opened = planning(cycle, &command.common, context)?;
    let mut form = FormCheck::of("");
    form.required("/place", &command.place, LINE, "");
    form.passed()?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    inside_cycle(opened, command.on, "/on")?;
    session.standing()?;
    session.nothing_recorded()?;

    let mut decision = Decision::of(&command.common);
    if let Some(fit) = Fit::of(opened, &plan.kind, command.common.waiver.as_ref()) {
        let host = plan.host.as_ref().and_then(|host| cycle.entries.get(host));
        decision.waived(fit.year(command.on, host.and_then(|entry| entry.class.as_ref()))?);
    }
    decision
        .push(StreamId::cycle(cycle_id), CycleEvent::SessionBooked { session_id: command.session_id, on: command.on });
    let (on, place, reason) = (command.on, command.place.clone(), command.reason.clone());
    decision.push(StreamId::session(command.session_id), SessionEvent::SessionRescheduled { on, place, reason });
    Ok(decision)
}
