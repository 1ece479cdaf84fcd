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

    let mut decision = Decision::of(&command.common);
    decision.balance = Some(balance::change(&cycle.counts, [(None, entry.class.as_ref())], &opened.rulebook));
    let rescinded = CycleEvent::RemovalRescinded { organization: id.clone(), reason: command.reason.trim().to_owned() };
    let reopened = OrganizationEvent::EnrolmentReopened { cycle: command.cycle.clone() };
    Ok(decision.with(StreamId::cycle(&command.cycle), rescinded).with(StreamId::organization(&id), reopened))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{
        PROGRAM, Pool, actor, class, cycle, day, documented, id, incident, office, organization, today, uscc,
    };
    use crate::cycle::{CycleCommand, Remove};
    use crate::organization::{Determination, File};

    fn of(n: u32) -> RescindRemoval {
        let reason = "认定被撤销".to_owned();
        RescindRemoval { cycle: cycle(), uscc: uscc(n), reason, common: documented(today()) }
    }

    fn rescind(n: u32) -> CycleCommand {
        CycleCommand::RescindRemoval(of(n))
    }

    /// A member of class D that was removed.
    fn removed() -> Pool {
        let mut pool = Pool::open();
        pool.member(1, "D");
        pool.incident(1, "2026-06-01", Determination::Determined { major: true });
        let remove = Remove { cycle: cycle(), uscc: uscc(1), incident_id: incident(1), reason: None, common: today() };
        pool.run(&CycleCommand::Remove(remove), &office()).expect("accepted");
        pool
    }

    #[test]
    fn a_rescinded_removal_makes_a_member_of_the_same_class_again_whatever_the_balance() {
        let mut pool = removed();
        let decision = pool.run(&rescind(1), &office()).expect("accepted").clone();
        let names: Vec<_> = decision.events.iter().map(|(_, e)| e.event_type()).collect();
        assert_eq!(names, ["RemovalRescinded", "EnrolmentReopened"]);
        assert_eq!(decision.balance.map(|b| (b.excess_before, b.excess_after)), Some((0, 1)));
        let member = pool.cycle().member(&organization(1)).expect("a member");
        assert_eq!((member.removed_for, member.ended_on), (None, None));
        assert_eq!((member.admitted_on, pool.cycle().counts[&class("D")]), (Some(day("2026-03-10")), 1));
        assert_eq!(pool.refuses(&rescind(1), &office()), "removal_not_found");
    }

    #[test]
    fn a_rescission_needs_a_document_and_a_reason() {
        let mut pool = removed();
        let bare = RescindRemoval { common: today(), ..of(1) };
        assert_eq!(pool.refuses(&CycleCommand::RescindRemoval(bare), &office()), "document_missing");
        let silent = RescindRemoval { reason: " ".into(), ..of(1) };
        assert_eq!(pool.refuses(&CycleCommand::RescindRemoval(silent), &office()), "reason_required");
        assert_eq!(pool.refuses(&rescind(1), &actor("district/jinghu")), "not_permitted");
    }

    #[test]
    fn there_is_nothing_to_rescind_for_a_member_or_an_applicant() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        pool.applicant(2);
        assert_eq!(pool.refuses(&rescind(1), &office()), "removal_not_found");
        assert_eq!(pool.refuses(&rescind(2), &office()), "removal_not_found");
    }

    #[test]
    fn a_second_live_file_of_the_program_stands_in_the_way() {
        let mut pool = removed();
        pool.organization(1).files.get_mut(&cycle()).expect("a file").outcome = Some(Outcome::Removed);
        let file = File { program: id(PROGRAM), opened_on: day("2026-06-30"), outcome: None };
        pool.organization(1).files.insert(id("test-pool-2028"), file);
        assert_eq!(pool.refuses(&rescind(1), &office()), "already_in_program");
    }
}
