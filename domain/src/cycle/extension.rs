//! Making a cycle longer.

use chrono::NaiveDate;

use crate::context::{Context, within};
use crate::cycle::CycleEvent;
use crate::cycle::opening::hold_period_free;
use crate::document::Common;
use crate::ids::CycleId;
use crate::refusal::Refusal;
use crate::register::RegisterEvent;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Moves the end of a cycle to a later day (ours). The award office, with a reason.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendCycle {
    /// The cycle.
    pub cycle: CycleId,
    /// The new day after the last.
    pub ends_on: NaiveDate,
    /// Why.
    pub reason: String,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn extend(command: &ExtendCycle, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let opened = world.cycle(&command.cycle)?.as_office(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    within(command.ends_on, opened.ends_on.succ_opt(), None, "/ends_on")?;
    hold_period_free(world.register(&opened.program)?, &command.cycle, opened.starts_on, command.ends_on)?;
    let period = RegisterEvent::CyclePeriodSet {
        cycle: command.cycle.clone(),
        starts_on: opened.starts_on,
        ends_on: command.ends_on,
    };
    let extended = CycleEvent::CycleExtended { ends_on: command.ends_on, reason: command.reason.trim().to_owned() };
    Ok(Decision::of(&command.common)
        .with(StreamId::cycle(&command.cycle), extended)
        .with(StreamId::register(&opened.program), period))
}
