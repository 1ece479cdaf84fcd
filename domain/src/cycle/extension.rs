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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleCommand;
    use crate::cycle::testing::{Pool, actor, cycle, day, id, office, today};

    fn until(ends_on: &str) -> CycleCommand {
        let reason = "评审延期".to_owned();
        CycleCommand::Extend(ExtendCycle { cycle: cycle(), ends_on: day(ends_on), reason, common: today() })
    }

    #[test]
    fn a_cycle_is_extended_to_a_later_day_only() {
        let mut pool = Pool::open();
        assert_eq!(pool.refuses(&until("2028-01-01"), &office()), "date_out_of_range");
        assert_eq!(pool.accepts(&until("2028-01-02"), &office()), ["CycleExtended", "CyclePeriodSet"]);
        assert_eq!(pool.cycle().opened().map(|o| o.ends_on), Ok(day("2028-01-02")));
    }

    #[test]
    fn an_extension_stops_where_the_next_cycle_starts() {
        let mut pool = Pool::open();
        pool.registered().periods.insert(id("test-pool-2028"), (day("2028-03-01"), day("2030-03-01")));
        assert_eq!(pool.refuses(&until("2028-03-02"), &office()), "cycle_overlaps");
        assert!(pool.run(&until("2028-03-01"), &office()).is_ok());
    }

    #[test]
    fn an_extension_needs_the_office_and_a_reason() {
        let mut pool = Pool::open();
        assert_eq!(pool.refuses(&until("2028-06-01"), &actor("recommender/alpha")), "not_permitted");
        let command = ExtendCycle { cycle: cycle(), ends_on: day("2028-06-01"), reason: " ".into(), common: today() };
        assert_eq!(pool.refuses(&CycleCommand::Extend(command), &office()), "reason_required");
    }
}
