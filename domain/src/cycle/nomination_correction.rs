//! Putting right who nominated an organisation: the place moves.

use crate::context::Context;
use crate::cycle::nomination::hold_active;
use crate::cycle::quota::hold_place;
use crate::cycle::stage::{UNDER_REVIEW, out_of_order};
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
        let stage = stage(Some(entry), world.enrolment(&command.cycle, &id)?);
        return Err(out_of_order(stage, UNDER_REVIEW.into_iter().chain([Stage::Member])).into());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{Pool, actor, cycle, id, office, today, uscc, waived};
    use crate::cycle::{CycleCommand, Places};
    use crate::register::{EntryId, Inactive};

    fn to(recommender: &str, n: u32) -> CorrectNomination {
        let reason = "录入有误".to_owned();
        CorrectNomination { cycle: cycle(), uscc: uscc(n), to: id(recommender), reason, common: today() }
    }

    fn correct(recommender: &str, n: u32) -> CycleCommand {
        CycleCommand::CorrectNomination(to(recommender, n))
    }

    /// Alpha has nominated one, beta two.
    fn pool() -> Pool {
        let mut pool = Pool::open();
        pool.nominated(1, "alpha");
        pool.nominated(2, "beta");
        pool.nominated(3, "beta");
        pool
    }

    #[test]
    fn w41_a_correction_moves_the_place() {
        let mut pool = pool();
        assert_eq!(pool.accepts(&correct("alpha", 2), &office()), ["NominationCorrected"]);
        let places = |who| pool.cycle().places.get(&id(who)).cloned();
        assert_eq!(places("alpha"), Some(Places { used: 2, extra: 0 }));
        assert_eq!(places("beta"), Some(Places { used: 1, extra: 0 }));
    }

    #[test]
    fn w41_a_correction_needs_a_place_of_the_right_recommender_or_a_waiver() {
        let mut pool = pool();
        assert_eq!(pool.refuses(&correct("beta", 1), &office()), "quota_exceeded");
        let waiving = CorrectNomination { common: waived(today()), ..to("beta", 1) };
        assert!(pool.run(&CycleCommand::CorrectNomination(waiving), &office()).is_ok());
    }

    #[test]
    fn w41_moving_a_place_to_the_successor_needs_no_further_one() {
        let mut pool = pool();
        let merged = Inactive::Merged(EntryId::Recommender(id("beta")));
        let alpha = EntryId::Recommender(id("alpha"));
        pool.registered().entries.get_mut(&alpha).expect("registered").inactive = Some(merged);
        assert!(pool.run(&correct("beta", 1), &office()).is_ok());
    }

    #[test]
    fn there_must_be_a_nomination_of_another_recommender_to_correct() {
        let mut pool = pool();
        assert_eq!(pool.refuses(&correct("alpha", 1), &office()), "validation_failed");
        pool.applicant(4);
        assert_eq!(pool.refuses(&correct("alpha", 4), &office()), "step_out_of_order");
        assert_eq!(pool.refuses(&correct("alpha", 9), &office()), "not_found");
    }

    #[test]
    fn only_the_office_corrects_and_says_why() {
        let mut pool = pool();
        assert_eq!(pool.refuses(&correct("alpha", 2), &actor("recommender/alpha")), "not_permitted");
        let silent = CorrectNomination { reason: String::new(), ..to("alpha", 2) };
        assert_eq!(pool.refuses(&CycleCommand::CorrectNomination(silent), &office()), "reason_required");
    }
}
