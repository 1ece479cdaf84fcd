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

    let mut after = cycle.counts.clone();
    balance::moved(&mut after, Some(from), Some(&command.class));
    let change = balance::change(&cycle.counts, after, &opened.rulebook);
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
