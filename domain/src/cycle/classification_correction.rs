//! Putting right a class that was entered wrongly.

use crate::context::Context;
use crate::cycle::reclassification::movable;
use crate::cycle::{CycleEvent, balance};
use crate::document::Common;
use crate::ids::{ClassId, CycleId};
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Corrects the last class decision on a member from its decision document (lifecycle 18; ours, W-56).
///
/// The award office. Any class may become any other, since nothing moves: the class counts from the day of the
/// decision that is corrected. The bounds between class counts hold.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectClassification {
    /// The cycle.
    pub cycle: CycleId,
    /// The member.
    pub uscc: Uscc,
    /// The class that the decision document shows.
    pub class: ClassId,
    /// What went wrong.
    pub reason: String,
    /// Day, papers (the decision document among them), waiver.
    pub common: Common,
}

pub(super) fn correct_classification(
    command: &CorrectClassification,
    world: &World<'_>,
    context: &Context,
) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    if command.common.documents.is_empty() {
        return Err(Refusal::DocumentMissing { pointer: "/documents", what: "decision document" }.into());
    }
    let entry = cycle.member(&id)?;
    entry.follows(command.common.occurred_on)?;
    let (_, from) = movable(&command.class, (opened, entry))?;
    if *from == command.class {
        return Err(Refusal::ClassUnchanged { class: command.class.clone() }.into());
    }

    let change = balance::change(&cycle.counts, [(Some(from), Some(&command.class))], &opened.rulebook);
    let mut decision = Decision::of(&command.common);
    decision.waived(balance::hold(&change, &opened.rulebook, command.common.waiver.as_ref())?);
    decision.balance = Some(change);
    let corrected = CycleEvent::ClassificationCorrected {
        organization: id,
        from: from.clone(),
        to: command.class.clone(),
        decided_on: entry.classified_on.unwrap_or(entry.last_decision_on),
        reason: command.reason.trim().to_owned(),
    };
    Ok(decision.with(StreamId::cycle(&command.cycle), corrected))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleCommand;
    use crate::cycle::testing::{Pool, actor, class, cycle, day, documented, office, organization, today, uscc};
    use crate::event::Event;

    fn to(n: u32, of: &str) -> CorrectClassification {
        let reason = "录入有误".to_owned();
        CorrectClassification { cycle: cycle(), uscc: uscc(n), class: class(of), reason, common: documented(today()) }
    }

    fn correct(n: u32, of: &str) -> CycleCommand {
        CycleCommand::CorrectClassification(to(n, of))
    }

    #[test]
    fn a_class_entered_wrongly_is_corrected_from_the_day_of_its_decision() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        let decision = pool.run(&correct(1, "B"), &office()).expect("accepted");
        let Some((_, Event::Cycle(CycleEvent::ClassificationCorrected { decided_on, .. }))) = decision.events.first()
        else {
            panic!("{decision:?}")
        };
        assert_eq!((*decided_on, decision.occurred_on), (day("2026-03-10"), day("2026-07-01")));
        let corrected = pool.cycle().member(&organization(1)).expect("a member");
        assert_eq!((corrected.class.clone(), corrected.classified_on), (Some(class("B")), Some(day("2026-03-10"))));
        assert_eq!((pool.cycle().counts[&class("A")], pool.cycle().counts[&class("B")]), (0, 1));
    }

    #[test]
    fn w56_a_correction_keeps_the_bound() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        assert_eq!(pool.refuses(&correct(1, "D"), &office()), "balance_violated");
        pool.member(2, "C");
        assert!(pool.run(&correct(1, "D"), &office()).is_ok());
    }

    #[test]
    fn a_correction_needs_the_decision_document_a_reason_and_another_class() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        let bare = CorrectClassification { common: today(), ..to(1, "B") };
        assert_eq!(pool.refuses(&CycleCommand::CorrectClassification(bare), &office()), "document_missing");
        let silent = CorrectClassification { reason: " ".into(), ..to(1, "B") };
        assert_eq!(pool.refuses(&CycleCommand::CorrectClassification(silent), &office()), "reason_required");
        assert_eq!(pool.refuses(&correct(1, "A"), &office()), "class_unchanged");
        assert_eq!(pool.refuses(&correct(1, "E"), &office()), "class_unknown");
    }

    #[test]
    fn only_the_office_corrects_and_only_members() {
        let mut pool = Pool::open();
        pool.applicant(1);
        assert_eq!(pool.refuses(&correct(1, "B"), &office()), "not_a_member");
        assert_eq!(pool.refuses(&correct(1, "B"), &actor("district/jinghu")), "not_permitted");
    }
}
