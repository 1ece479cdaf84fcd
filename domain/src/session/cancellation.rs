//! Cancelling a session.

use crate::context::Context;
use crate::cycle::CycleEvent;
use crate::document::Common;
use crate::ids::SessionId;
use crate::refusal::Refusal;
use crate::session::{SessionEvent, planning};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Cancel a session. The award office does, until attendance was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct CancelSession {
    /// The session.
    pub session_id: SessionId,
    /// Why.
    pub reason: String,
    /// The day of this decision, and papers.
    pub common: Common,
}

pub(super) fn cancel(command: &CancelSession, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let session = world.session(command.session_id)?;
    let (cycle_id, _) = session.plan()?;
    planning(world.cycle(cycle_id)?, &command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    session.standing()?;
    session.nothing_recorded()?;
    let session_id = command.session_id;
    let cancelled = SessionEvent::SessionCancelled { reason: command.reason.clone() };
    Ok(Decision::of(&command.common)
        .with(StreamId::cycle(cycle_id), CycleEvent::SessionReleased { session_id })
        .with(StreamId::session(session_id), cancelled))
}
