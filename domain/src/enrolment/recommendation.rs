//! Refusing to recommend (lifecycle 4). A recommendation itself is a nomination, decided by the cycle.

use crate::context::Context;
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::dossier::Dossier;
use crate::enrolment::stage::Stage;
use crate::ids::{CycleId, RecommenderId};
use crate::refusal::Refusal;
use crate::register::EntryId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Says that a recommender will not recommend; another one still may.
#[derive(Debug, Clone, PartialEq)]
pub struct RefuseRecommendation {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// Who refuses; the actor's own unit.
    pub recommender: RecommenderId,
    /// Why.
    pub reason: String,
    /// Dated the day of the refusal.
    pub common: Common,
}

pub(super) fn refuse(command: &RefuseRecommendation, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context.actor.permit(context.actor.is_recommender(&command.recommender))?;
    dossier.begin(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    let recommender = EntryId::Recommender(command.recommender.clone());
    dossier.register(world)?.active(&recommender, "/recommender")?;
    dossier.at(&[Stage::Applied])?;
    dossier.follows_last_step(command.common.occurred_on, "/occurred_on")?;
    Ok(Decision::of(&command.common).with(
        dossier.subject.stream(),
        EnrolmentEvent::RecommendationRefused {
            recommender: command.recommender.clone(),
            reason: command.reason.clone(),
        },
    ))
}
