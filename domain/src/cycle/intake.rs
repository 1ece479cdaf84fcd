//! The intake window: the guide has none, so it is optional and may be moved.

use crate::context::Context;
use crate::cycle::{CycleEvent, Intake};
use crate::document::Common;
use crate::ids::CycleId;
use crate::refusal::{FieldCode, Refusal};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Sets the days on which applications are taken (Q-27; ours). The award office.
#[derive(Debug, Clone, PartialEq)]
pub struct SetIntake {
    /// The cycle.
    pub cycle: CycleId,
    /// The window; an open end is `None`.
    pub intake: Intake,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn set_intake(command: &SetIntake, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    world.cycle(&command.cycle)?.as_office(&command.common, context)?;
    if let (Some(from), Some(to)) = (command.intake.from, command.intake.to)
        && to < from
    {
        return Err(Refusal::field("/intake/to", FieldCode::OutOfRange, "").into());
    }
    Ok(Decision::of(&command.common)
        .with(StreamId::cycle(&command.cycle), CycleEvent::IntakeSet { intake: command.intake }))
}
