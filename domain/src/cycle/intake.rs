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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleCommand;
    use crate::cycle::testing::{Pool, actor, cycle, day, office, today};

    fn window(from: &str, to: &str) -> CycleCommand {
        let intake = Intake { from: Some(day(from)), to: Some(day(to)) };
        CycleCommand::SetIntake(SetIntake { cycle: cycle(), intake, common: today() })
    }

    #[test]
    fn the_window_is_kept_and_may_be_a_single_day() {
        let mut pool = Pool::open();
        assert_eq!(pool.accepts(&window("2026-08-01", "2026-08-01"), &office()), ["IntakeSet"]);
        let intake = Intake { from: Some(day("2026-08-01")), to: Some(day("2026-08-01")) };
        assert_eq!(pool.cycle().opened().map(|o| o.intake), Ok(intake));
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_refused() {
        assert_eq!(Pool::open().refuses(&window("2026-08-02", "2026-08-01"), &office()), "validation_failed");
    }

    #[test]
    fn only_the_office_sets_it() {
        let command = window("2026-08-01", "2026-08-31");
        assert_eq!(Pool::open().refuses(&command, &actor("district/jinghu")), "not_permitted");
    }
}
