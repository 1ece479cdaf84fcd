//! Declining an applicant: the award office does not admit it.

use crate::context::Context;
use crate::cycle::stage::{UNDER_REVIEW, out_of_order};
use crate::cycle::{CycleEvent, DeclineGrounds, Outcome, Stage, stage};
use crate::document::Common;
use crate::enrolment::Enrolment;
use crate::forms::annex2::Conclusion;
use crate::ids::CycleId;
use crate::organization::OrganizationEvent;
use crate::refusal::{Refusal, Refused};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Declines a nominated applicant (lifecycle 8; ours). The award office; the place stays used.
#[derive(Debug, Clone, PartialEq)]
pub struct Decline {
    /// The cycle.
    pub cycle: CycleId,
    /// The applicant.
    pub uscc: Uscc,
    /// Why.
    pub grounds: DeclineGrounds,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn decline(command: &Decline, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    let entry = cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    entry.follows(command.common.occurred_on)?;
    let file = world.enrolment(&command.cycle, &id)?;

    // Where nobody nominates, an application is all that there is to decline.
    let first = (!opened.rulebook.steps.recommendation).then_some(Stage::Applied);
    let allowed: Vec<_> = first.into_iter().chain(UNDER_REVIEW).collect();
    let stage = stage(Some(entry), file);
    if !allowed.contains(&stage) {
        return Err(out_of_order(stage, allowed).into());
    }
    let grounds = valid_grounds(&command.grounds, &opened.rulebook, file)?;

    // The organisation's stream gets an event: hold it at its version.
    world.organization(&id)?;
    let ended = OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome: Outcome::Declined };
    Ok(Decision::of(&command.common)
        .with(StreamId::cycle(&command.cycle), CycleEvent::NominationDeclined { organization: id.clone(), grounds })
        .with(StreamId::organization(&id), ended))
}

/// The grounds, if they say something and fit what is on file.
fn valid_grounds(grounds: &DeclineGrounds, rulebook: &Rulebook, file: &Enrolment) -> Result<DeclineGrounds, Refused> {
    match grounds {
        DeclineGrounds::Text(text) => {
            Refusal::unless_reason(text, "/grounds/text")?;
            Ok(DeclineGrounds::Text(text.trim().to_owned()))
        }
        DeclineGrounds::Condition(condition) => {
            if rulebook.conditions.iter().any(|known| known.id == *condition) {
                return Ok(grounds.clone());
            }
            let (pointer, id) = ("/grounds/condition".to_owned(), condition.to_string());
            Err(Refusal::UnknownReference { pointer, kind: "condition", id }.into())
        }
        DeclineGrounds::BelowLowestClass => match file.survey.as_ref().and_then(|s| s.conclusion.as_ref()) {
            // The station found a class: to find none, the office has to say why in words.
            Some(Conclusion::Class(class)) => {
                Err(Refusal::GroundsRequired { station: Some(class.clone()), office: None }.into())
            }
            Some(Conclusion::BelowA) | None => Ok(grounds.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{
        Pool, actor, by_document, class, cycle, id, office, organization, rulebook, today, uscc,
    };
    use crate::cycle::{CycleCommand, Places, Standing};
    use crate::rulebook::Strength;

    fn on(n: u32, grounds: DeclineGrounds) -> CycleCommand {
        CycleCommand::Decline(Decline { cycle: cycle(), uscc: uscc(n), grounds, common: today() })
    }

    fn text(text: &str) -> DeclineGrounds {
        DeclineGrounds::Text(text.to_owned())
    }

    #[test]
    fn w41_a_declined_applicant_is_former_and_its_place_stays_used() {
        let mut pool = Pool::open();
        pool.nominated(1, "alpha");
        assert_eq!(pool.accepts(&on(1, text("材料不实")), &office()), ["NominationDeclined", "EnrolmentEnded"]);
        let standing = &pool.cycle().entry(&organization(1)).expect("an entry").standing;
        assert_eq!(*standing, Standing::Former(Outcome::Declined));
        assert_eq!(pool.cycle().places.get(&id("alpha")), Some(&Places { used: 1, extra: 0 }));
        assert_eq!(pool.refuses(&on(1, text("再次")), &office()), "step_out_of_order");
    }

    #[test]
    fn neither_an_application_without_nomination_nor_a_member_is_declined() {
        let mut pool = Pool::open();
        pool.applicant(1);
        pool.member(2, "A");
        assert_eq!(pool.refuses(&on(1, text("…")), &office()), "step_out_of_order");
        assert_eq!(pool.refuses(&on(2, text("…")), &office()), "step_out_of_order");
    }

    #[test]
    fn where_nobody_nominates_an_application_can_be_declined() {
        let mut rules = rulebook();
        rules.steps.recommendation = false;
        let mut pool = Pool::under(rules);
        pool.applicant(1);
        assert!(pool.run(&on(1, text("…")), &office()).is_ok());
    }

    #[test]
    fn grounds_say_something_and_name_conditions_of_the_program() {
        let mut rules = rulebook();
        rules.conditions = vec![by_document(Strength::Must)];
        let mut pool = Pool::under(rules);
        pool.nominated(1, "alpha");
        assert_eq!(pool.refuses(&on(1, text("  ")), &office()), "reason_required");
        assert_eq!(pool.refuses(&on(1, DeclineGrounds::Condition(id("unheard"))), &office()), "unknown_reference");
        assert!(pool.run(&on(1, DeclineGrounds::Condition(id("leading_level"))), &office()).is_ok());
    }

    #[test]
    fn w119_below_the_lowest_class_is_no_ground_where_the_station_found_a_class() {
        let mut pool = Pool::open();
        pool.surveyed(1, Conclusion::Class(class("A")));
        pool.surveyed(2, Conclusion::BelowA);
        assert_eq!(pool.refuses(&on(1, DeclineGrounds::BelowLowestClass), &office()), "grounds_required");
        assert!(pool.run(&on(2, DeclineGrounds::BelowLowestClass), &office()).is_ok());
    }

    #[test]
    fn only_the_office_declines() {
        let mut pool = Pool::open();
        pool.nominated(1, "alpha");
        assert_eq!(pool.refuses(&on(1, text("…")), &actor("recommender/alpha")), "not_permitted");
    }
}
