//! Experts of a session (§四（五）, W-20, W-22).

use crate::context::Context;
use crate::document::Common;
use crate::forms::check::FormCheck;
use crate::ids::{ExpertId, ProgramId, SessionId};
use crate::refusal::FieldCode;
use crate::register::EntryId;
use crate::session::scheduling::EXPERTS_MAX;
use crate::session::{SessionEvent, planning};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Assign further experts to a session. The award office does.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignExperts {
    /// The session.
    pub session_id: SessionId,
    /// Experts of the register that are not assigned yet.
    pub experts: Vec<ExpertId>,
    /// The day of this decision, and papers.
    pub common: Common,
}

pub(super) fn assign(command: &AssignExperts, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let session = world.session(command.session_id)?;
    let (cycle_id, plan) = session.plan()?;
    let opened = planning(world.cycle(cycle_id)?, &command.common, context)?;
    let mut form = FormCheck::of("");
    form.unless(!command.experts.is_empty(), "/experts", FieldCode::Required, "四（五） W-22");
    let room = EXPERTS_MAX.saturating_sub(plan.experts.len());
    form.list("/experts", &command.experts, room, "四（五） W-22");
    for (index, expert) in command.experts.iter().enumerate() {
        let new = !plan.experts.contains(expert);
        form.unless(new, &format!("/experts/{index}"), FieldCode::Exclusive, "四（五） W-22");
    }
    form.passed()?;
    session.standing()?;
    all_active(&command.experts, "/experts", &opened.program, world)?;
    let assigned = SessionEvent::ExpertAssigned { experts: command.experts.clone() };
    Ok(Decision::of(&command.common).with(StreamId::session(command.session_id), assigned))
}

/// Refuses an expert that the register does not have, or no longer. Nobody named holds no register.
pub(super) fn all_active(
    experts: &[ExpertId],
    pointer: &str,
    program: &ProgramId,
    world: &World<'_>,
) -> Result<(), Stop> {
    for (index, expert) in experts.iter().enumerate() {
        world.register(program)?.active(&EntryId::Expert(expert.clone()), &format!("{pointer}/{index}"))?;
    }
    Ok(())
}
