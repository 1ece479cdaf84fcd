//! A paper form with both seals (申报表 with 推荐单位意见): applied for and nominated at once.

use chrono::NaiveDate;

use crate::context::Context;
use crate::cycle::Nominate;
use crate::cycle::nomination::{NominationStates, nominate_on};
use crate::document::Common;
use crate::enrolment::SubmitApplication;
use crate::enrolment::application::hand_in;
use crate::ids::RecommenderId;
use crate::world::{Decision, Stop, World};

/// Enters an application together with its nomination, in one append (lifecycle 5; ours, W-31, W-106).
///
/// The award office or the recommender. Everything that an application and a nomination need is needed here.
#[derive(Debug, Clone, PartialEq)]
pub struct NominateOnPaper {
    /// The application, whose day and papers are those of the whole.
    pub application: SubmitApplication,
    /// Who nominates.
    pub recommender: RecommenderId,
    /// 推荐单位意见 (W-106)
    pub opinion: String,
    /// The date beside the recommender's seal (W-106).
    pub signed_on: NaiveDate,
}

pub(super) fn nominate_on_paper(
    command: &NominateOnPaper,
    world: &World<'_>,
    context: &Context,
) -> Result<Decision, Stop> {
    let NominateOnPaper { application, recommender, opinion, signed_on } = command;
    let opened = world.cycle(&application.cycle)?.opened()?;
    context.actor.permit(opened.is_office(context) || context.actor.is_recommender(recommender))?;
    let handed_in = hand_in(application, world, context)?;
    let foreseen = handed_in.foresee(world, context)?;

    // The seal may be younger than the application; the nomination is then made on the seal's day.
    context.not_future(*signed_on, opened.rulebook.time_zone, "/signed_on")?;
    let occurred_on = application.common.occurred_on.max(*signed_on);
    let nomination = Nominate {
        cycle: application.cycle.clone(),
        uscc: application.uscc.clone(),
        recommender: recommender.clone(),
        opinion: opinion.clone(),
        signed_on: *signed_on,
        common: Common { occurred_on, ..application.common.clone() },
    };
    let states = NominationStates {
        cycle: &foreseen.cycle,
        id: &handed_in.organization,
        organization: &foreseen.organization,
        file: &foreseen.file,
        register: world.register(&opened.program)?,
    };
    let nominated = nominate_on(&nomination, &states, context)?;
    let mut decision = handed_in.decision;
    decision.events.extend(nominated.events);
    decision.waived(nominated.waiver.as_ref());
    Ok(decision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::cycle::CycleCommand;
    use crate::enrolment::testing::{
        EAST, GUILD, ITSELF, OFFICE, STATION, TODAY, application, by, code, nobody, submission,
    };
    use crate::event::Event;
    use crate::forms::annex1::NoneOrHas;
    use crate::memory::Memory;
    use crate::refusal::Refusal;
    use crate::samples::{self, day, id};

    fn paper() -> NominateOnPaper {
        NominateOnPaper {
            application: submission(),
            recommender: id("guild"),
            opinion: "同意推荐".to_owned(),
            signed_on: day(TODAY),
        }
    }

    fn enter(memory: &mut Memory, command: NominateOnPaper, actor: &str) -> Result<Vec<Event>, Refusal> {
        samples::run(memory, &Command::Cycle(CycleCommand::NominateOnPaper(Box::new(command))), &by(actor))
    }

    #[test]
    fn w31_office_or_recommender_enter_application_and_nomination_in_one_append() {
        for actor in [OFFICE, GUILD] {
            let events = enter(&mut nobody(), paper(), actor).expect("accepted");
            let names: Vec<_> = events.iter().map(Event::event_type).collect();
            let expected = [
                "OrganizationRegistered",
                "EnrolmentOpened",
                "ApplicationSubmitted",
                "ApplicantEntered",
                "OrganizationNominated",
                "RecommendationReceived",
            ];
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn w31_nobody_but_office_and_recommender_enters_a_paper_form() {
        for actor in [ITSELF, STATION, EAST, "recommender/other/he"] {
            assert_eq!(code(enter(&mut nobody(), paper(), actor)), "not_permitted", "{actor}");
        }
    }

    #[test]
    fn w31_the_scan_of_the_sealed_form_is_kept_with_the_application() {
        let [scan] = <[_; 1]>::try_from(samples::documented(TODAY).documents).expect("one paper");
        let mut sealed = paper();
        sealed.application.common.documents = vec![scan.clone()];
        let mut memory = nobody();
        assert!(enter(&mut memory, sealed, OFFICE).is_ok());
        assert!(memory.log().iter().all(|event| event.meta.documents == [scan.clone()]));
    }

    #[test]
    fn lifecycle_5_both_sets_of_rules_hold_and_nothing_is_entered_where_one_does_not() {
        let mut memory = nobody();
        let silent = NominateOnPaper { opinion: " ".to_owned(), ..paper() };
        assert_eq!(code(enter(&mut memory, silent, OFFICE)), "validation_failed");
        let mut admitting = paper();
        admitting.application.application =
            Box::new(crate::forms::annex1::Application { major_incidents: NoneOrHas::Has, ..application() });
        assert_eq!(code(enter(&mut memory, admitting, OFFICE)), "eligibility_not_met");
        assert!(memory.log().is_empty());
        assert!(enter(&mut memory, paper(), OFFICE).is_ok());
        assert_eq!(code(enter(&mut memory, paper(), OFFICE)), "already_in_cycle");
    }

    #[test]
    fn w31_w106_a_seal_of_today_is_taken_and_one_of_tomorrow_is_not() {
        assert!(enter(&mut nobody(), paper(), OFFICE).is_ok(), "sealed today");
        let tomorrow = NominateOnPaper { signed_on: day(TODAY).succ_opt().expect("a day"), ..paper() };
        assert_eq!(code(enter(&mut nobody(), tomorrow, OFFICE)), "date_in_future");
    }
}
