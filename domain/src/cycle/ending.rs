//! Ending a file for a ground that is no removal.

use crate::context::Context;
use crate::cycle::{CycleEvent, EndGround, Outcome, Stage, Standing, balance, stage};
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
            let mut after = cycle.counts.clone();
            balance::moved(&mut after, entry.class.as_ref(), None);
            decision.balance = Some(balance::change(&cycle.counts, after, &opened.rulebook));
        }
        Standing::Former(_) => {
            let stage = stage(Some(entry), world.enrolment(&command.cycle, &id)?).name();
            let live = [Stage::Applied].into_iter().chain(Stage::UNDER_REVIEW).chain([Stage::Member]);
            return Err(Refusal::StepOutOfOrder { stage, allowed_stages: live.map(Stage::name).collect() }.into());
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
