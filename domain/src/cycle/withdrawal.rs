//! Withdrawing (自愿参加, §二（三）): before the nomination, before admission, and as a member.

use crate::context::Context;
use crate::cycle::{Cycle, CycleEvent, Entry, Opened, Outcome, Stage, Standing, balance, stage};
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
    let reason = command.reason.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
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
            let mut after = cycle.counts.clone();
            balance::moved(&mut after, entry.class.as_ref(), None);
            decision.balance = Some(balance::change(&cycle.counts, after, &opened.rulebook));
            decision.push(stream, CycleEvent::MemberWithdrawn { organization, reason });
            Ok(Outcome::Withdrawn)
        }
        Stage::Removed | Stage::Withdrawn | Stage::Declined | Stage::Ended | Stage::Completed | Stage::Lapsed => {
            let allowed = [Stage::Applied].into_iter().chain(Stage::UNDER_REVIEW).chain([Stage::Member]);
            Err(Refusal::StepOutOfOrder { stage: stage.name(), allowed_stages: allowed.map(Stage::name).collect() }
                .into())
        }
    }
}
