//! Opening a cycle (§三（二）: 每个孵化周期为两年, W-42).

use std::sync::Arc;

use chrono::{Months, NaiveDate};

use crate::context::Context;
use crate::cycle::{CycleEvent, Intake};
use crate::document::Common;
use crate::ids::{CycleId, ProgramId};
use crate::refusal::{FieldCode, FieldError, Refusal, Refused};
use crate::register::{Register, RegisterEvent};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Opens a cycle of a program under the rules given, which are copied into its first event (W-42).
///
/// The award office. Periods `[starts_on, ends_on)` of one program do not overlap; a cycle may be opened before
/// it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenCycle {
    /// Its id: the program's, `-`, and more.
    pub cycle: CycleId,
    /// Its program.
    pub program: ProgramId,
    /// What people call it, e.g. `2026—2027`.
    pub label: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// The day after the last; by default the rulebook's months after the first.
    pub ends_on: Option<NaiveDate>,
    /// Days on which applications are taken.
    pub intake: Intake,
    /// The rules in force.
    pub rulebook: Arc<Rulebook>,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn open(command: &OpenCycle, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let by_office = context.actor.is_office(&command.program);
    context.actor.permit(by_office)?;
    context.not_future(command.common.occurred_on, command.rulebook.time_zone, "/occurred_on")?;
    let ends_on = valid_period(command)?;
    if world.cycle(&command.cycle)?.opened.is_some() {
        return Err(Refusal::CycleExists { cycle: command.cycle.clone() }.into());
    }
    hold_period_free(world.register(&command.program)?, &command.cycle, command.starts_on, ends_on)?;
    let opened = CycleEvent::CycleOpened {
        cycle: command.cycle.clone(),
        program: command.program.clone(),
        label: command.label.trim().to_owned(),
        starts_on: command.starts_on,
        ends_on,
        intake: command.intake,
        rulebook: command.rulebook.clone(),
    };
    let period = RegisterEvent::CyclePeriodSet { cycle: command.cycle.clone(), starts_on: command.starts_on, ends_on };
    Ok(Decision::of(&command.common)
        .with(StreamId::cycle(&command.cycle), opened)
        .with(StreamId::register(&command.program), period))
}

/// The fields that can be judged by themselves; answers the day after the last.
fn valid_period(command: &OpenCycle) -> Result<NaiveDate, Refused> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, code| errors.push(FieldError::new(pointer, code, "三（二）"));
    let of_program =
        command.cycle.as_str().strip_prefix(command.program.as_str()).and_then(|rest| rest.strip_prefix('-'));
    if of_program.is_none_or(str::is_empty) {
        wrong("/cycle", FieldCode::NotOneOf);
    }
    if command.rulebook.program != command.program {
        wrong("/program", FieldCode::NotOneOf);
    }
    if command.label.trim().is_empty() {
        wrong("/label", FieldCode::Required);
    }
    if let (Some(from), Some(to)) = (command.intake.from, command.intake.to)
        && to < from
    {
        wrong("/intake/to", FieldCode::OutOfRange);
    }
    let by_rule = || command.starts_on.checked_add_months(Months::new(command.rulebook.cycle.months));
    let ends_on = command.ends_on.or_else(by_rule).filter(|ends_on| *ends_on > command.starts_on);
    if ends_on.is_none() {
        wrong("/ends_on", FieldCode::OutOfRange);
    }
    ends_on.filter(|_| errors.is_empty()).ok_or_else(|| Refusal::ValidationFailed(errors).into())
}

/// Refuses a period that overlaps that of another cycle of the program; periods that touch do not.
pub(super) fn hold_period_free(
    register: &Register,
    cycle: &CycleId,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
) -> Result<(), Refused> {
    let overlapping = register.periods.iter().find(|(other, (other_starts, other_ends))| {
        *other != cycle && starts_on < *other_ends && *other_starts < ends_on
    });
    match overlapping {
        Some((other, (starts_on, ends_on))) => {
            Err(Refusal::CycleOverlaps { other: other.clone(), starts_on: *starts_on, ends_on: *ends_on }.into())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleCommand;
    use crate::cycle::testing::{PROGRAM, Pool, actor, cycle, day, id, office, rulebook, today};

    fn next_cycle() -> OpenCycle {
        OpenCycle {
            cycle: id("test-pool-2028"),
            program: id(PROGRAM),
            label: "2028".to_owned(),
            starts_on: day("2028-01-01"),
            ends_on: None,
            intake: Intake::default(),
            rulebook: Arc::new(rulebook()),
            common: today(),
        }
    }

    /// A pool whose first cycle is in the register too.
    fn pool() -> Pool {
        let mut pool = Pool::open();
        pool.registered().periods.insert(cycle(), (day("2026-01-01"), day("2028-01-01")));
        pool
    }

    #[test]
    fn w42_w67_a_cycle_lasts_two_years_unless_told_and_may_be_opened_before_it_starts() {
        let mut pool = pool();
        assert_eq!(pool.accepts(&CycleCommand::Open(next_cycle()), &office()), ["CycleOpened", "CyclePeriodSet"]);
        let period = pool.registered().periods.get(&id("test-pool-2028")).copied();
        assert_eq!(period, Some((day("2028-01-01"), day("2030-01-01"))));
    }

    #[test]
    fn w42_w67_periods_that_touch_do_not_overlap_and_one_day_earlier_they_do() {
        let day_before = OpenCycle { starts_on: day("2027-12-31"), ..next_cycle() };
        assert_eq!(pool().refuses(&CycleCommand::Open(day_before), &office()), "cycle_overlaps");
        let early = OpenCycle { starts_on: day("2024-01-01"), ends_on: Some(day("2026-01-01")), ..next_cycle() };
        assert!(pool().run(&CycleCommand::Open(early), &office()).is_ok());
    }

    #[test]
    fn w42_w67_a_cycle_that_ends_before_its_second_day_is_refused() {
        let until = |ends_on: &str| OpenCycle { ends_on: Some(day(ends_on)), ..next_cycle() };
        for none in ["2027-12-31", "2028-01-01"] {
            assert_eq!(pool().refuses(&CycleCommand::Open(until(none)), &office()), "validation_failed");
        }
        assert!(pool().run(&CycleCommand::Open(until("2028-01-02")), &office()).is_ok());
    }

    #[test]
    fn an_id_is_taken_once_and_begins_with_its_program() {
        let again = OpenCycle { cycle: cycle(), ..next_cycle() };
        assert_eq!(pool().refuses(&CycleCommand::Open(again), &office()), "cycle_exists");
        for name in ["other-2028", "test-pool", "test-pool-", "test-pool2028"] {
            let wrong = OpenCycle { cycle: id(name), ..next_cycle() };
            assert_eq!(pool().refuses(&CycleCommand::Open(wrong), &office()), "validation_failed", "{name}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = OpenCycle {
            label: " ".to_owned(),
            ends_on: Some(day("2028-01-01")),
            intake: Intake { from: Some(day("2028-02-01")), to: Some(day("2028-01-31")) },
            ..next_cycle()
        };
        let refused = pool().run(&CycleCommand::Open(wrong), &office()).expect_err("refused");
        let Refusal::ValidationFailed(errors) = *refused.refusal else { panic!("{refused}") };
        let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/label", "/intake/to", "/ends_on"]);
    }

    #[test]
    fn only_the_programs_office_opens_a_cycle_and_not_on_a_future_day() {
        for other in ["office/other", "district/jinghu"] {
            assert_eq!(pool().refuses(&CycleCommand::Open(next_cycle()), &actor(other)), "not_permitted");
        }
        let tomorrow = OpenCycle { common: Common::on(day("2026-07-02")), ..next_cycle() };
        assert_eq!(pool().refuses(&CycleCommand::Open(tomorrow), &office()), "date_in_future");
    }
}
