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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::Standing;
    use crate::enrolment::EnrolmentCommand;
    use crate::enrolment::testing::{self, GUILD, OFFICE, code, cycle_id, file, only, run};
    use crate::event::Event;
    use crate::memory::Memory;
    use crate::samples::{USCC, id, on};

    fn refusal() -> RefuseRecommendation {
        RefuseRecommendation {
            cycle: cycle_id(),
            uscc: id(USCC),
            recommender: id("guild"),
            reason: "非本行业".to_owned(),
            common: on(testing::TODAY),
        }
    }

    fn refuse(memory: &mut Memory, command: RefuseRecommendation, actor: &str) -> Result<Vec<Event>, Refusal> {
        run(memory, EnrolmentCommand::RefuseRecommendation(command), actor)
    }

    #[test]
    fn lifecycle_4_a_recommender_refuses_with_a_reason_and_the_applicant_stays() {
        let mut memory = file(Standing::Applied, None);
        let before = testing::stored(&memory);
        let expected =
            EnrolmentEvent::RecommendationRefused { recommender: id("guild"), reason: "非本行业".to_owned() };
        assert_eq!(only(refuse(&mut memory, refusal(), GUILD)), expected);
        assert_eq!(testing::stored(&memory), before);
    }

    #[test]
    fn lifecycle_4_a_refusal_without_a_reason_is_refused() {
        let blank = RefuseRecommendation { reason: "  ".to_owned(), ..refusal() };
        assert_eq!(code(refuse(&mut file(Standing::Applied, None), blank, GUILD)), "reason_required");
    }

    #[test]
    fn nobody_refuses_in_another_recommender_s_name() {
        for actor in [OFFICE, "recommender/other/wu"] {
            assert_eq!(code(refuse(&mut file(Standing::Applied, None), refusal(), actor)), "not_permitted");
        }
    }

    #[test]
    fn a_recommender_that_the_register_does_not_know_is_refused() {
        let command = RefuseRecommendation { recommender: id("other"), ..refusal() };
        let refused = refuse(&mut file(Standing::Applied, None), command, "recommender/other/wu");
        assert_eq!(code(refused), "unknown_reference");
    }

    #[test]
    fn lifecycle_4_who_is_recommended_already_is_not_refused_any_more() {
        let expected = Refusal::StepOutOfOrder { stage: "nominated", allowed_stages: vec!["applied"] };
        assert_eq!(refuse(&mut file(Standing::Nominated, None), refusal(), GUILD), Err(expected));
    }

    #[test]
    fn a_refusal_is_not_dated_before_the_application() {
        let dated = |day: &str| RefuseRecommendation { common: on(day), ..refusal() };
        let mut memory = file(Standing::Applied, None);
        assert_eq!(code(refuse(&mut memory, dated("2026-02-28"), GUILD)), "date_out_of_range");
        assert!(refuse(&mut memory, dated("2026-03-01"), GUILD).is_ok());
    }
}
