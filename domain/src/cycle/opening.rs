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
