//! Putting right who nominated an organisation: the place moves.

use crate::context::Context;
use crate::cycle::nomination::hold_active;
use crate::cycle::quota::hold_place;
use crate::cycle::{CycleEvent, Stage, stage};
use crate::document::Common;
use crate::ids::{CycleId, RecommenderId};
use crate::refusal::{FieldCode, Refusal};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Corrects a nomination entered for the wrong recommender (lifecycle, Corrections; W-41).
///
/// The award office, with a reason. Wherever the nomination still uses a place, also of a former file.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectNomination {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation nominated.
    pub uscc: Uscc,
    /// Who nominated it in truth.
    pub to: RecommenderId,
    /// Why.
    pub reason: String,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn correct_nomination(
    command: &CorrectNomination,
    world: &World<'_>,
    context: &Context,
) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    let entry = cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    let register = world.register(&opened.program)?;
    hold_active(register, &command.to, opened, "/to")?;
    entry.follows(command.common.occurred_on)?;

    let Some(from) = &entry.recommender else {
        let stage = stage(Some(entry), world.enrolment(&command.cycle, &id)?).name();
        let allowed_stages = Stage::UNDER_REVIEW.into_iter().chain([Stage::Member]).map(Stage::name).collect();
        return Err(Refusal::StepOutOfOrder { stage, allowed_stages }.into());
    };
    if *from == command.to {
        return Err(Refusal::field("/to", FieldCode::NotOneOf, "").into());
    }
    let mut decision = Decision::of(&command.common);
    // Where the wrong one was merged into the right one, the place is in the sum already.
    if !register.merged_with(&command.to).contains(from) {
        let places = cycle.places_of(&command.to, register);
        decision.waived(hold_place(opened, &command.to, &places, command.common.waiver.as_ref(), true)?);
    }
    let corrected = CycleEvent::NominationCorrected {
        organization: id,
        from: from.clone(),
        to: command.to.clone(),
        reason: command.reason.trim().to_owned(),
    };
    Ok(decision.with(StreamId::cycle(&command.cycle), corrected))
}
