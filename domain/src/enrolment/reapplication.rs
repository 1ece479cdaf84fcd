//! Applying again after an earlier cycle of the program (§四（四）, W-76, W-77, lifecycle 26).

use chrono::NaiveDate;

use crate::context::Context;
use crate::cycle::{Cycle, Opened, Outcome, Standing};
use crate::document::Waiver;
use crate::enrolment::application::SubmitApplication;
use crate::ids::{CycleId, OrganizationId, SelfEvaluationId};
use crate::organization::{File, Organization};
use crate::refusal::Refusal;
use crate::rulebook::Reapplication;
use crate::world::{Stop, World};

/// The earlier cycle that an application refers to, with the report for it.
#[derive(Debug, Default)]
pub(super) struct Earlier<'c> {
    /// The latest earlier cycle of the program in which the organisation has a file.
    pub(super) previous: Option<CycleId>,
    /// Its self-evaluation report for that cycle.
    pub(super) self_evaluation: Option<SelfEvaluationId>,
    /// Set where the rule was waived.
    pub(super) waiver: Option<&'c Waiver>,
}

/// A file of the organisation in another cycle of the program.
struct Other<'a> {
    id: &'a CycleId,
    file: &'a File,
    cycle: &'a Cycle,
    starts_on: NaiveDate,
}

/// Holds the rules on earlier cycles, and finds the one that the application refers to.
///
/// A live file elsewhere in the program always refuses, except that of a member where the rulebook takes
/// applications for the next cycle before the end. A file that ended while its cycle still runs refuses
/// under the strict reading (W-76: 在一个孵化周期结束后). After a completed membership the report is owed (W-77).
pub(super) fn earlier_cycle<'c>(
    command: &'c SubmitApplication,
    opened: &Opened,
    id: &OrganizationId,
    organization: &Organization,
    world: &World<'_>,
    context: &Context,
) -> Result<Earlier<'c>, Stop> {
    let rules = &opened.rulebook.cycle;
    let by_office = context.actor.is_office(&opened.program);
    let hold = |kept: bool, refusal: Refusal| {
        let waiver = command.common.waiver.as_ref();
        rules.reapplication_rule.hold("reapplication", kept, waiver, by_office, || refusal)
    };
    let mut waiver = None;
    let mut latest: Option<Other<'_>> = None;
    for (cycle_id, file) in &organization.files {
        if *cycle_id == opened.cycle || file.program != opened.program {
            continue;
        }
        let cycle = world.cycle(cycle_id)?;
        let other = Other { id: cycle_id, file, cycle, starts_on: cycle.opened()?.starts_on };
        let earlier = other.starts_on < opened.starts_on;
        let refusal = Refusal::AlreadyInProgram { cycle: cycle_id.clone() };
        if file.outcome.is_none() {
            let early = rules.reapplication == Reapplication::BeforeEndForNextCycle;
            if !(early && earlier && other.is_member(id)) {
                return Err(refusal.into());
            }
        } else {
            let ended = cycle.closed_on.is_some() || rules.reapplication == Reapplication::BeforeEndForNextCycle;
            waiver = waiver.or(hold(ended, refusal)?);
        }
        if earlier && latest.as_ref().is_none_or(|known| known.starts_on < other.starts_on) {
            latest = Some(other);
        }
    }

    let Some(latest) = latest else {
        return nothing_earlier(command);
    };
    if let Some(named) = command.previous.as_ref().filter(|named| *named != latest.id) {
        return Err(unknown_cycle(named).into());
    }
    let self_evaluation = latest.report(id, command.self_evaluation, world)?;
    let owed = rules.reapplication_needs_self_evaluation && latest.file.outcome == Some(Outcome::Completed);
    let missing = Refusal::SelfEvaluationMissing { cycle: latest.id.clone() };
    waiver = waiver.or(hold(!owed || self_evaluation.is_some(), missing)?);
    Ok(Earlier { previous: Some(latest.id.clone()), self_evaluation, waiver })
}

impl Other<'_> {
    fn is_member(&self, id: &OrganizationId) -> bool {
        self.cycle.entries.get(id).is_some_and(|entry| entry.standing == Standing::Member)
    }

    /// The report named, which must be on file and in force; else the last one on file.
    fn report(
        &self,
        id: &OrganizationId,
        named: Option<SelfEvaluationId>,
        world: &World<'_>,
    ) -> Result<Option<SelfEvaluationId>, Stop> {
        let reports = &world.enrolment(self.id, id)?.self_evaluations;
        match named {
            Some(named) if reports.in_force().any(|(id, _)| id == named) => Ok(Some(named)),
            Some(named) => Err(unknown_report(named).into()),
            None => Ok(reports.in_force().max_by_key(|(id, report)| (report.occurred_on, *id)).map(|(id, _)| id)),
        }
    }
}

/// A first application names no earlier cycle and no report.
fn nothing_earlier(command: &SubmitApplication) -> Result<Earlier<'_>, Stop> {
    if let Some(named) = &command.previous {
        return Err(unknown_cycle(named).into());
    }
    if let Some(named) = command.self_evaluation {
        return Err(unknown_report(named).into());
    }
    Ok(Earlier::default())
}

fn unknown_cycle(named: &CycleId) -> Refusal {
    Refusal::UnknownReference { pointer: "/previous".to_owned(), kind: "cycle", id: named.to_string() }
}

fn unknown_report(named: SelfEvaluationId) -> Refusal {
    let pointer = "/self_evaluation".to_owned();
    Refusal::UnknownReference { pointer, kind: "self_evaluation", id: named.to_string() }
}

#[cfg(test)]
mod tests;
