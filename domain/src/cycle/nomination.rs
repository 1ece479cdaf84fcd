//! Nominating an applicant (推荐, §三（二）, W-41, W-106): it takes a place of the recommender.

use chrono::NaiveDate;

use crate::context::{Context, within};
use crate::cycle::conditions::{self, Asked};
use crate::cycle::quota::hold_place;
use crate::cycle::stage::out_of_order;
use crate::cycle::{Cycle, CycleEvent, Opened, Stage, Standing, stage};
use crate::document::Common;
use crate::enrolment::{Enrolment, EnrolmentEvent};
use crate::ids::{CycleId, OrganizationId, RecommenderId, StationId};
use crate::organization::Organization;
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::register::{Details, EntryId, Register};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Nominates an applicant (lifecycle 3; §三（二）).
///
/// The recommender itself, or the award office from the paper form. Where the organisation's district has one
/// station, the survey is assigned to it at once (lifecycle 9).
#[derive(Debug, Clone, PartialEq)]
pub struct Nominate {
    /// The cycle.
    pub cycle: CycleId,
    /// The applicant.
    pub uscc: Uscc,
    /// Who nominates.
    pub recommender: RecommenderId,
    /// 推荐单位意见 (W-106)
    pub opinion: String,
    /// The date beside the recommender's seal (W-106).
    pub signed_on: NaiveDate,
    /// Day, papers, waiver.
    pub common: Common,
}

/// What a nomination is decided on: as stored, or evolved by an application of the same append (lifecycle 5).
#[derive(Debug, Clone, Copy)]
pub(crate) struct NominationStates<'a> {
    /// The cycle.
    pub(crate) cycle: &'a Cycle,
    /// Which organisation.
    pub(crate) id: &'a OrganizationId,
    /// The organisation.
    pub(crate) organization: &'a Organization,
    /// Its file in the cycle.
    pub(crate) file: &'a Enrolment,
    /// The program's register.
    pub(crate) register: &'a Register,
}

pub(super) fn nominate(command: &Nominate, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let program = &cycle.opened()?.program;
    let id = world.resolve(&command.uscc)?;
    let states = NominationStates {
        cycle,
        id: &id,
        organization: world.organization(&id)?,
        file: world.enrolment(&command.cycle, &id)?,
        register: world.register(program)?,
    };
    Ok(nominate_on(command, &states, context)?)
}

/// Decides a nomination on the states given; reads nothing itself.
pub(crate) fn nominate_on(
    command: &Nominate,
    states: &NominationStates<'_>,
    context: &Context,
) -> Result<Decision, Refused> {
    let &NominationStates { cycle, id, organization, file, register } = states;
    let common = &command.common;
    let by_office = cycle.opened()?.is_office(context);
    context.actor.permit(by_office || context.actor.is_recommender(&command.recommender))?;
    let opened = cycle.at_work(common, context)?;

    if command.opinion.trim().is_empty() {
        return Err(Refusal::field("/opinion", FieldCode::Required, "附件1 W-106").into());
    }
    within(command.signed_on, None, Some(common.occurred_on), "/signed_on")?;
    hold_active(register, &command.recommender, opened, "/recommender")?;

    let Some(entry) = cycle.entries.get(id).filter(|_| file.application.is_some()) else {
        return Err(Refusal::ApplicationMissing.into());
    };
    if entry.standing != Standing::Applied {
        return Err(out_of_order(stage(Some(entry), file), [Stage::Applied]));
    }
    entry.follows(common.occurred_on)?;

    let waiver = (common.waiver.as_ref(), by_office);
    let places = cycle.places_of(&command.recommender, register);
    let mut decision = Decision::of(common);
    decision.waived(hold_place(opened, &command.recommender, &places, waiver.0, waiver.1)?);
    let rulebook = &opened.rulebook;
    decision.waived(conditions::hold(rulebook, file, organization, common.occurred_on, Asked::NoneRefuted, waiver)?);

    let nominated =
        CycleEvent::OrganizationNominated { organization: id.clone(), recommender: command.recommender.clone() };
    let received = EnrolmentEvent::RecommendationReceived {
        recommender: command.recommender.clone(),
        opinion: command.opinion.trim().to_owned(),
        signed_on: command.signed_on,
    };
    let enrolment = StreamId::enrolment(&opened.cycle, id);
    decision.push(StreamId::cycle(&opened.cycle), nominated);
    decision.push(enrolment.clone(), received);
    if rulebook.steps.survey
        && file.survey.is_none()
        && let Some(station) = only_station(organization, register)
    {
        let assigned = EnrolmentEvent::SurveyAssigned { station, experts: Vec::new(), automatic: true, reason: None };
        decision.push(enrolment, assigned);
    }
    Ok(decision)
}

/// Refuses a recommender that is not active, or of a kind that the program does not know (W-41).
pub(super) fn hold_active(
    register: &Register,
    recommender: &RecommenderId,
    opened: &Opened,
    pointer: &str,
) -> Result<(), Refused> {
    let entry = register.active(&EntryId::Recommender(recommender.clone()), pointer)?;
    let recommenders = &opened.rulebook.recommenders;
    let allowed = match &entry.details {
        Details::Recommender { recommender_kind, .. } => {
            recommenders.kinds.iter().any(|kind| kind.id == *recommender_kind)
        }
        Details::District { .. } | Details::Station { .. } | Details::Expert { .. } => false,
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::field(pointer, FieldCode::NotOneOf, "三（二）").by("recommenders", &recommenders.rule))
    }
}

/// The station of the organisation's district (属地), where there is exactly one.
fn only_station(organization: &Organization, register: &Register) -> Option<StationId> {
    let mut stations = register.stations_of(organization.district.as_ref()?).into_iter();
    stations.next().filter(|_| stations.next().is_none())
}

#[cfg(test)]
mod tests;
