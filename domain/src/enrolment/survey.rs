//! The survey (调查摸底, §四（一）, 附件2): assigning, filing, returning and sending back (lifecycle 9–12, 14).

use crate::actor::Role;
use crate::context::Context;
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::dossier::Dossier;
use crate::enrolment::stage::Stage;
use crate::forms::annex2::Survey;
use crate::forms::check::FormCheck;
use crate::ids::{CycleId, ExpertId, StationId, SurveyId};
use crate::refusal::{Refusal, Refused};
use crate::register::{EntryId, Register};
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Charges a station with the survey, or another one in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignSurvey {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// A station of the organisation's district (属地, W-45).
    pub station: StationId,
    /// Guiding experts, where wanted (W-21).
    pub experts: Vec<ExpertId>,
    /// Required when the survey was assigned before.
    pub reason: Option<String>,
    /// Dated the day of the assignment.
    pub common: Common,
}

/// Files Annex 2, for the first time or revised after a return.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSurvey {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// The id of a first filing; a revision keeps the id that the survey has.
    pub survey_id: SurveyId,
    /// The form.
    pub survey: Box<Survey>,
    /// Dated the day of filing.
    pub common: Common,
}

/// Returns a filed survey to its station.
#[derive(Debug, Clone, PartialEq)]
pub struct ReturnSurvey {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// What is wrong with it.
    pub reasons: String,
    /// Dated the day of the return.
    pub common: Common,
}

/// Sends a settled survey back, as long as it was not classified on.
#[derive(Debug, Clone, PartialEq)]
pub struct ReopenSurvey {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// What is wrong with it.
    pub reasons: String,
    /// Dated the day of sending it back.
    pub common: Common,
}

pub(super) fn assign(command: &AssignSurvey, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context
        .actor
        .permit(dossier.subject.is_office(&context.actor) || dossier.subject.is_district(world, &context.actor)?)?;
    dossier.begin(&command.common, context)?;
    let reassigned = dossier.file.survey.is_some();
    if reassigned {
        Refusal::unless_reason(command.reason.as_deref().unwrap_or(""), "/reason")?;
    }
    let register = dossier.register(world)?;
    experts_are_active(&command.experts, register)?;
    station_is_responsible(&command.station, register, &dossier)?;
    dossier.at(assignable(&dossier))?;
    dossier.follows_last_step(command.common.occurred_on, "/occurred_on")?;
    Ok(Decision::of(&command.common).with(
        dossier.subject.stream(),
        EnrolmentEvent::SurveyAssigned {
            station: command.station.clone(),
            experts: command.experts.clone(),
            automatic: false,
            reason: command.reason.clone().filter(|reason| !reason.trim().is_empty()),
        },
    ))
}

/// A survey is assigned once recommended, and reassigned until it is filed. Programs without
/// recommendations assign it from the application on, programs without surveys never.
fn assignable(dossier: &Dossier<'_>) -> &'static [Stage] {
    let steps = &dossier.rulebook().steps;
    match (steps.survey, steps.recommendation) {
        (true, true) => &[Stage::Nominated, Stage::Surveying, Stage::SurveyReturned],
        (true, false) => &[Stage::Applied, Stage::Surveying, Stage::SurveyReturned],
        (false, _) => &[],
    }
}

fn experts_are_active(experts: &[ExpertId], register: &Register) -> Result<(), Refused> {
    let mut check = FormCheck::of("");
    check.list("/experts", experts, 20, "四（五）W-21");
    check.passed()?;
    for (i, expert) in experts.iter().enumerate() {
        register.active(&EntryId::Expert(expert.clone()), &format!("/experts/{i}"))?;
    }
    Ok(())
}

/// Only a station of the district that the organisation is in today surveys it (属地, W-45).
fn station_is_responsible(station: &StationId, register: &Register, dossier: &Dossier<'_>) -> Result<(), Refused> {
    register.active(&EntryId::Station(station.clone()), "/station")?;
    let local = dossier.subject.organization.district.as_ref().map(|district| register.stations_of(district));
    let local = local.unwrap_or_default();
    if local.contains(station) {
        return Ok(());
    }
    let responsible = local.first().map(ToString::to_string);
    Err(Refusal::StationNotResponsible { station: station.to_string(), responsible }.into())
}

pub(super) fn file(command: &FileSurvey, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context.actor.permit(context.actor.role == Role::Station)?;
    dossier.begin(&command.common, context)?;
    let survey = dossier.file.survey.as_ref().ok_or(Refusal::SurveyNotAssigned)?;
    if !context.actor.is_station(&survey.station) {
        let responsible = Some(survey.station.to_string());
        return Err(Refusal::StationNotResponsible { station: context.actor.unit.clone(), responsible }.into());
    }
    let sections = command.survey.section_errors(dossier.rulebook(), context.today(dossier.rulebook().time_zone));
    if !sections.is_empty() {
        return Err(Refusal::SurveyIncomplete { sections }.into());
    }
    dossier.at(&[Stage::Surveying, Stage::SurveyReturned])?;
    dossier.follows_last_step(command.common.occurred_on, "/occurred_on")?;
    Ok(Decision::of(&command.common).with(
        dossier.subject.stream(),
        EnrolmentEvent::SurveyFiled {
            survey_id: survey.survey_id.unwrap_or(command.survey_id),
            revision: survey.revision + 1,
            station: survey.station.clone(),
            survey: command.survey.clone(),
        },
    ))
}

pub(super) fn send_back(command: &ReturnSurvey, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context.actor.permit(dossier.subject.is_district(world, &context.actor)?)?;
    let survey_id = undo(&dossier, &command.reasons, &command.common, Stage::SurveyFiled, context)?;
    let returned = EnrolmentEvent::SurveyReturned { survey_id, reasons: command.reasons.clone() };
    Ok(Decision::of(&command.common).with(dossier.subject.stream(), returned))
}

pub(super) fn reopen(command: &ReopenSurvey, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context.actor.permit(dossier.subject.is_office(&context.actor))?;
    let survey_id = undo(&dossier, &command.reasons, &command.common, Stage::SurveyApproved, context)?;
    let reopened = EnrolmentEvent::SurveyReopened { survey_id, reasons: command.reasons.clone() };
    Ok(Decision::of(&command.common).with(dossier.subject.stream(), reopened))
}

/// What returning and sending back have in common: reasons, the one stage, the order of days.
fn undo(
    dossier: &Dossier<'_>,
    reasons: &str,
    common: &Common,
    stage: Stage,
    context: &Context,
) -> Result<SurveyId, Refused> {
    dossier.begin(common, context)?;
    Refusal::unless_reason(reasons, "/reasons")?;
    let survey = dossier.survey_at(&[stage])?;
    dossier.follows_last_step(common.occurred_on, "/occurred_on")?;
    survey.survey_id.ok_or_else(|| Refusal::SurveyNotAssigned.into())
}

#[cfg(test)]
mod tests;
