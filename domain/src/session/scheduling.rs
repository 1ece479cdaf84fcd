//! Scheduling a session (§四（二）2, W-57 … W-70).

use crate::context::Context;
use crate::cycle::{Cycle, CycleEvent};
use crate::document::Common;
use crate::forms::check::{FormCheck, LINE};
use crate::ids::{CycleId, OrganizationId, SessionId};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::session::experts::all_active;
use crate::session::fit::Fit;
use crate::session::{Plan, SessionEvent, inside_cycle, planning};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// The most audiences of one session.
const AUDIENCES_MAX: usize = 20;
/// The most experts of one session.
pub(super) const EXPERTS_MAX: usize = 50;
/// The most organisations that a capacity may name.
const CAPACITY_MAX: u32 = 100_000;

/// Schedule a session. The award office does.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleSession {
    /// The new session.
    pub session_id: SessionId,
    /// The cycle that it belongs to.
    pub cycle: CycleId,
    /// Where, when and for whom; the day may lie ahead, and the host may be named by any of its numbers.
    pub plan: Plan,
    /// The day of this decision, papers, and the waiver for a class, year or audience out of the rule.
    pub common: Common,
}

pub(super) fn schedule(command: &ScheduleSession, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = planning(cycle, &command.common, context)?;
    if world.session(command.session_id)?.scheduled.is_some() {
        return Err(Refusal::field("/session_id", FieldCode::Exclusive, "").into());
    }
    let mut plan = command.plan.clone();
    let fit = Fit::of(opened, &plan.kind, command.common.waiver.as_ref())
        .ok_or_else(|| Refusal::field("/plan/kind", FieldCode::NotOneOf, "四（二）2 W-57"))?;
    check_form(&plan, &fit)?;
    inside_cycle(opened, plan.on, "/plan/on")?;
    all_active(&plan.experts, "/plan/experts", &opened.program, world)?;
    plan.host = plan.host.map(|host| world.resolve(host.first_uscc())).transpose()?;
    let class = match &plan.host {
        Some(host) => host_entry(cycle, host)?.class.as_ref(),
        None => None,
    };

    let mut decision = Decision::of(&command.common);
    decision.waived(fit.class(class)?);
    decision.waived(fit.year(plan.on, class)?);
    decision.waived(fit.audiences(&plan.audiences, class)?);
    decision.push(
        StreamId::cycle(&command.cycle),
        CycleEvent::SessionBooked { session_id: command.session_id, on: plan.on },
    );
    let (session_id, cycle, program) = (command.session_id, command.cycle.clone(), opened.program.clone());
    decision.push(StreamId::session(session_id), SessionEvent::SessionScheduled { session_id, cycle, program, plan });
    Ok(decision)
}

fn check_form(plan: &Plan, fit: &Fit<'_>) -> Result<(), Refused> {
    let mut form = FormCheck::of("/plan");
    form.required("/title", &plan.title, LINE, "");
    form.required("/place", &plan.place, LINE, "");
    let capacity_fits = plan.capacity.is_none_or(|places| (1..=CAPACITY_MAX).contains(&places));
    form.unless(capacity_fits, "/capacity", FieldCode::OutOfRange, "");
    form.list("/audiences", &plan.audiences, AUDIENCES_MAX, "四（三） W-70");
    for (index, audience) in plan.audiences.iter().enumerate() {
        form.unless(fit.knows(audience), &format!("/audiences/{index}"), FieldCode::NotOneOf, "四（三） W-70");
    }
    form.list("/experts", &plan.experts, EXPERTS_MAX, "四（五） W-22");
    form.passed()
}

/// The member that is visited (W-64): it has a file in the cycle, and is in the pool.
fn host_entry<'c>(cycle: &'c Cycle, host: &OrganizationId) -> Result<&'c crate::cycle::Entry, Refused> {
    if !cycle.entries.contains_key(host) {
        let pointer = "/plan/host".to_owned();
        return Err(Refusal::UnknownReference { pointer, kind: "organization", id: host.to_string() }.into());
    }
    cycle.member(host)
}
