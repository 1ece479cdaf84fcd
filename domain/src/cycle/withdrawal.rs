//! Withdrawing (自愿参加, §二（三）): before the nomination, before admission, and as a member.

use crate::context::Context;
use crate::cycle::stage::{live, out_of_order};
use crate::cycle::{Cycle, CycleEvent, Entry, Opened, Outcome, Stage, Standing, balance, said, stage};
use crate::document::Common;
use crate::enrolment::{Enrolment, EnrolmentEvent};
use crate::ids::{CycleId, OrganizationId, RecommenderId};
use crate::organization::{Organization, OrganizationEvent};
use crate::refusal::{Refusal, Refused};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Withdraws from the cycle (lifecycle 6, 7, 21; §二（三）).
///
/// The organisation; before admission also the recommender of the file; for a member also the award office, on
/// its written request. A reason is required from the nomination on. Never refused for balance. The
/// recommender's place is freed only if no survey was ever filed.
#[derive(Debug, Clone, PartialEq)]
pub struct Withdraw {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// Why.
    pub reason: Option<String>,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn withdraw(command: &Withdraw, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    let entry = cycle.entry(&id)?;
    let organization = world.organization(&id)?;
    context.actor.permit(may_withdraw(entry, organization, opened, world, context)?)?;
    cycle.at_work(&command.common, context)?;
    entry.follows(command.common.occurred_on)?;
    let file = world.enrolment(&command.cycle, &id)?;
    let mut decision = Decision::of(&command.common);
    let outcome = leave(&mut decision, command, (cycle, opened), (&id, entry, file), context)?;
    decision
        .push(StreamId::organization(&id), OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome });
    Ok(decision)
}

/// Whether the actor may withdraw a file that stands as this one does.
fn may_withdraw(
    entry: &Entry,
    organization: &Organization,
    opened: &Opened,
    world: &World<'_>,
    context: &Context,
) -> Result<bool, Stop> {
    if context.actor.is_organization(organization.numbers.iter()) {
        return Ok(true);
    }
    Ok(match (&entry.standing, &entry.recommender) {
        (Standing::Member, _) => opened.is_office(context),
        (Standing::Nominated, Some(recommender)) => speaks_for(recommender, opened, world, context)?,
        (Standing::Applied | Standing::Nominated | Standing::Former(_), _) => false,
    })
}

/// Whether the actor is the recommender, or one that it was merged into.
fn speaks_for(
    recommender: &RecommenderId,
    opened: &Opened,
    world: &World<'_>,
    context: &Context,
) -> Result<bool, Stop> {
    let Ok(unit) = context.actor.unit.parse::<RecommenderId>() else { return Ok(false) };
    Ok(context.actor.is_recommender(&unit)
        && (unit == *recommender || world.register(&opened.program)?.merged_with(&unit).contains(recommender)))
}

/// Pushes what leaving means at the file's stage, and answers how the file ends.
fn leave(
    decision: &mut Decision,
    command: &Withdraw,
    (cycle, opened): (&Cycle, &Opened),
    (id, entry, file): (&OrganizationId, &Entry, &Enrolment),
    context: &Context,
) -> Result<Outcome, Refused> {
    let stream = StreamId::cycle(&command.cycle);
    let organization = id.clone();
    let reason = said(command.reason.as_deref()).map(str::to_owned);
    let required = || reason.clone().ok_or(Refusal::ReasonRequired { pointer: "/reason" });
    let stage = stage(Some(entry), file);
    match stage {
        Stage::Applied => {
            decision.push(
                StreamId::enrolment(&command.cycle, id),
                EnrolmentEvent::ApplicationWithdrawn { reason: reason.clone() },
            );
            decision.push(stream, CycleEvent::ApplicantLeft { organization, reason });
            Ok(Outcome::WithdrawnEarly)
        }
        Stage::Nominated | Stage::Surveying | Stage::SurveyFiled | Stage::SurveyReturned | Stage::SurveyApproved => {
            let place_freed = !file.survey_ever_filed;
            decision.push(stream, CycleEvent::NominationWithdrawn { organization, reason: required()?, place_freed });
            Ok(if place_freed { Outcome::WithdrawnEarly } else { Outcome::Withdrawn })
        }
        Stage::Member => {
            let reason = required()?;
            if opened.is_office(context) && command.common.documents.is_empty() {
                return Err(Refusal::DocumentMissing { pointer: "/documents", what: "written request" }.into());
            }
            decision.balance = Some(balance::change(&cycle.counts, [(entry.class.as_ref(), None)], &opened.rulebook));
            decision.push(stream, CycleEvent::MemberWithdrawn { organization, reason });
            Ok(Outcome::Withdrawn)
        }
        Stage::Removed | Stage::Withdrawn | Stage::Declined | Stage::Ended | Stage::Completed | Stage::Lapsed => {
            Err(out_of_order(stage, live()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{
        Pool, actor, as_organization, class, cycle, documented, id, office, organization, today, uscc,
    };
    use crate::cycle::{CycleCommand, Places};
    use crate::forms::annex2::Conclusion;
    use crate::register::{EntryId, Inactive};

    fn leaving(n: u32) -> Withdraw {
        Withdraw { cycle: cycle(), uscc: uscc(n), reason: Some("战略调整".to_owned()), common: today() }
    }

    fn withdraw(n: u32) -> CycleCommand {
        CycleCommand::Withdraw(leaving(n))
    }

    fn silent(n: u32) -> CycleCommand {
        CycleCommand::Withdraw(Withdraw { reason: Some(" ".to_owned()), ..leaving(n) })
    }

    fn standing(pool: &Pool, n: u32) -> Standing {
        pool.cycle().entry(&organization(n)).expect("an entry").standing.clone()
    }

    #[test]
    fn an_applicant_withdraws_without_a_reason_and_may_start_afresh() {
        let mut pool = Pool::open();
        pool.applicant(1);
        let events = pool.accepts(&silent(1), &as_organization(1));
        assert_eq!(events, ["ApplicationWithdrawn", "ApplicantLeft", "EnrolmentEnded"]);
        assert_eq!(standing(&pool, 1), Standing::Former(Outcome::WithdrawnEarly));
        pool.applicant(1);
        assert_eq!(standing(&pool, 1), Standing::Applied);
    }

    #[test]
    fn before_the_nomination_only_the_organisation_withdraws() {
        let mut pool = Pool::open();
        pool.applicant(1);
        for other in [office(), actor("recommender/alpha"), as_organization(2)] {
            assert_eq!(pool.refuses(&withdraw(1), &other), "not_permitted");
        }
    }

    #[test]
    fn w41_a_withdrawal_before_any_survey_frees_the_place() {
        let mut pool = Pool::open();
        pool.nominated(1, "alpha");
        assert_eq!(pool.refuses(&silent(1), &as_organization(1)), "reason_required");
        let events = pool.accepts(&withdraw(1), &actor("recommender/alpha"));
        assert_eq!(events, ["NominationWithdrawn", "EnrolmentEnded"]);
        assert_eq!(standing(&pool, 1), Standing::Former(Outcome::WithdrawnEarly));
        assert_eq!(pool.cycle().places.get(&id("alpha")), Some(&Places { used: 0, extra: 0 }));
    }

    #[test]
    fn w41_a_withdrawal_after_a_survey_keeps_the_place_used() {
        let mut pool = Pool::open();
        pool.surveyed(1, Conclusion::BelowA);
        pool.accepts(&withdraw(1), &as_organization(1));
        assert_eq!(standing(&pool, 1), Standing::Former(Outcome::Withdrawn));
        assert_eq!(pool.cycle().places.get(&id("own-1")), Some(&Places { used: 1, extra: 0 }));
    }

    #[test]
    fn a_nomination_is_withdrawn_by_its_recommender_or_that_ones_successor_and_by_no_other() {
        let mut pool = Pool::open();
        pool.nominated(1, "alpha");
        for other in [actor("recommender/beta"), office()] {
            assert_eq!(pool.refuses(&withdraw(1), &other), "not_permitted");
        }
        let merged = Inactive::Merged(EntryId::Recommender(id("beta")));
        let alpha = EntryId::Recommender(id("alpha"));
        pool.registered().entries.get_mut(&alpha).expect("registered").inactive = Some(merged);
        assert!(pool.run(&withdraw(1), &actor("recommender/beta")).is_ok());
    }

    #[test]
    fn a_member_withdraws_even_out_of_balance() {
        let mut pool = Pool::open();
        pool.member(1, "C");
        pool.member(2, "D");
        assert_eq!(pool.refuses(&silent(1), &as_organization(1)), "reason_required");
        let decision = pool.run(&withdraw(1), &as_organization(1)).expect("accepted");
        let change = decision.balance.clone().expect("counts");
        assert_eq!((change.excess_before, change.excess_after), (0, 1));
        assert_eq!(pool.cycle().counts.get(&class("C")), Some(&0));
        assert_eq!(standing(&pool, 1), Standing::Former(Outcome::Withdrawn));
    }

    #[test]
    fn the_office_withdraws_a_member_on_its_written_request_only() {
        let mut pool = Pool::open();
        pool.member(1, "C");
        assert_eq!(pool.refuses(&withdraw(1), &office()), "document_missing");
        let requested = Withdraw { common: documented(today()), ..leaving(1) };
        assert_eq!(
            pool.refuses(&CycleCommand::Withdraw(requested.clone()), &actor("recommender/own-1")),
            "not_permitted"
        );
        assert!(pool.run(&CycleCommand::Withdraw(requested), &office()).is_ok());
    }

    #[test]
    fn nobody_withdraws_twice() {
        let mut pool = Pool::open();
        pool.applicant(1);
        pool.accepts(&withdraw(1), &as_organization(1));
        assert_eq!(pool.refuses(&withdraw(1), &as_organization(1)), "step_out_of_order");
    }
}
