//! Ending a file for a ground that is no removal.

use crate::context::Context;
use crate::cycle::stage::{live, out_of_order};
use crate::cycle::{CycleEvent, EndGround, Outcome, Standing, balance, stage};
use crate::document::Common;
use crate::ids::CycleId;
use crate::organization::OrganizationEvent;
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Ends the file of an applicant or member: dissolved, or no longer registered in the city (lifecycle 22;
/// §三（一）1, Q-30).
///
/// The award office, with a document. Never refused for balance; a recommender's place stays used.
#[derive(Debug, Clone, PartialEq)]
pub struct EndFile {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// On which ground.
    pub ground: EndGround,
    /// What happened.
    pub reason: String,
    /// Day, papers (the proof among them), waiver.
    pub common: Common,
}

pub(super) fn end_file(command: &EndFile, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    let entry = cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    if command.common.documents.is_empty() {
        let what = "proof of dissolution or of the new registration";
        return Err(Refusal::DocumentMissing { pointer: "/documents", what }.into());
    }
    let mut decision = Decision::of(&command.common);
    match entry.standing {
        Standing::Applied | Standing::Nominated => {}
        Standing::Member => {
            decision.balance = Some(balance::change(&cycle.counts, [(entry.class.as_ref(), None)], &opened.rulebook));
        }
        Standing::Former(_) => {
            let stage = stage(Some(entry), world.enrolment(&command.cycle, &id)?);
            return Err(out_of_order(stage, live()).into());
        }
    }
    entry.follows(command.common.occurred_on)?;

    // The organisation's stream gets an event: hold it at its version.
    world.organization(&id)?;
    let ended = CycleEvent::EnrolmentEnded {
        organization: id.clone(),
        ground: command.ground,
        reason: command.reason.trim().to_owned(),
    };
    let outcome = OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome: Outcome::Ended };
    Ok(decision.with(StreamId::cycle(&command.cycle), ended).with(StreamId::organization(&id), outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleCommand;
    use crate::cycle::testing::{Pool, actor, class, cycle, documented, office, organization, today, uscc};

    fn of(n: u32) -> EndFile {
        let (ground, reason) = (EndGround::Dissolved, "已注销".to_owned());
        EndFile { cycle: cycle(), uscc: uscc(n), ground, reason, common: documented(today()) }
    }

    fn end(n: u32) -> CycleCommand {
        CycleCommand::EndFile(of(n))
    }

    #[test]
    fn applicants_and_members_are_ended_whatever_the_balance() {
        let mut pool = Pool::open();
        pool.applicant(1);
        pool.nominated(2, "alpha");
        pool.member(3, "C");
        pool.member(4, "D");
        for n in 1..=3 {
            assert_eq!(pool.accepts(&end(n), &office()), ["EnrolmentEnded", "EnrolmentEnded"]);
            let standing = &pool.cycle().entry(&organization(n)).expect("an entry").standing;
            assert_eq!(*standing, Standing::Former(Outcome::Ended));
        }
        assert_eq!((pool.cycle().counts[&class("C")], pool.cycle().counts[&class("D")]), (0, 1));
    }

    #[test]
    fn an_ended_file_is_not_ended_again() {
        let mut pool = Pool::open();
        pool.applicant(1);
        pool.accepts(&end(1), &office());
        assert_eq!(pool.refuses(&end(1), &office()), "step_out_of_order");
    }

    #[test]
    fn an_ending_needs_the_office_a_document_and_a_reason() {
        let mut pool = Pool::open();
        pool.applicant(1);
        assert_eq!(pool.refuses(&end(1), &actor("station/one")), "not_permitted");
        let bare = EndFile { common: today(), ..of(1) };
        assert_eq!(pool.refuses(&CycleCommand::EndFile(bare), &office()), "document_missing");
        let silent = EndFile { reason: String::new(), ..of(1) };
        assert_eq!(pool.refuses(&CycleCommand::EndFile(silent), &office()), "reason_required");
    }
}
