//! Rescinding a removal whose determination was overturned.

use crate::context::Context;
use crate::cycle::{CycleEvent, Outcome, Standing, balance};
use crate::document::Common;
use crate::ids::CycleId;
use crate::organization::OrganizationEvent;
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Rescinds a removal: the organisation is a member again, in the class that it had (lifecycle 20; ours).
///
/// The award office, with the document that overturns the determination. Never refused for balance; but an
/// organisation has one live file per program, so not while it has another.
#[derive(Debug, Clone, PartialEq)]
pub struct RescindRemoval {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation removed.
    pub uscc: Uscc,
    /// Why.
    pub reason: String,
    /// Day, papers (the overturning document among them), waiver.
    pub common: Common,
}

pub(super) fn rescind_removal(
    command: &RescindRemoval,
    world: &World<'_>,
    context: &Context,
) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    let entry = cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    if command.common.documents.is_empty() {
        let what = "document that overturns the determination";
        return Err(Refusal::DocumentMissing { pointer: "/documents", what }.into());
    }
    if entry.standing != Standing::Former(Outcome::Removed) {
        return Err(Refusal::RemovalNotFound.into());
    }
    entry.follows(command.common.occurred_on)?;
    if let Some(other) = world.organization(&id)?.live_file(&opened.program) {
        return Err(Refusal::AlreadyInProgram { cycle: other.clone() }.into());
    }

    let mut after = cycle.counts.clone();
    balance::moved(&mut after, None, entry.class.as_ref());
    let mut decision = Decision::of(&command.common);
    decision.balance = Some(balance::change(&cycle.counts, after, &opened.rulebook));
    let rescinded = CycleEvent::RemovalRescinded { organization: id.clone(), reason: command.reason.trim().to_owned() };
    let reopened = OrganizationEvent::EnrolmentReopened { cycle: command.cycle.clone() };
    Ok(decision.with(StreamId::cycle(&command.cycle), rescinded).with(StreamId::organization(&id), reopened))
}
