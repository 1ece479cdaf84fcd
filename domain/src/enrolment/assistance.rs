//! Requests for help (帮扶需求, §四（四）, W-73) and the answers of the local station.

use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::subject::Subject;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::{AssistanceAnswer, AssistanceRequest};
use crate::ids::{AssistanceAnswerId, AssistanceRequestId, CycleId};
use crate::refusal::{Refusal, Refused};
use crate::register::EntryId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Asks for help, on `common.occurred_on`; by the organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestAssistance {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The new request's id.
    pub request_id: AssistanceRequestId,
    /// What is needed.
    pub request: AssistanceRequest,
    /// The day of asking, and papers.
    pub common: Common,
}

/// Replaces what was asked; by the organisation, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectAssistance {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The request.
    pub request_id: AssistanceRequestId,
    /// What is needed, in full.
    pub request: AssistanceRequest,
    /// Why it is corrected.
    pub reason: String,
    /// The day of asking, and papers.
    pub common: Common,
}

/// Takes a request back; by the organisation, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidAssistance {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The request.
    pub request_id: AssistanceRequestId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

/// Answers a request, on `common.occurred_on`; by a station of the organisation's district. A request has one
/// answer, which may come after the cycle was closed.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerAssistance {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The request.
    pub request_id: AssistanceRequestId,
    /// The new answer's id.
    pub answer_id: AssistanceAnswerId,
    /// What was done.
    pub answer: AssistanceAnswer,
    /// The day of the answer, and papers.
    pub common: Common,
}

pub(super) fn request(command: &RequestAssistance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    context.actor.permit(subject.is_organization(&context.actor))?;
    subject.cycle.late_entry(context)?;
    subject.enrolment(world)?.assistance.unused(command.request_id, "/request_id")?;
    check(&command.request)?;
    subject.day_of_membership(command.common.occurred_on, context)?;

    let recorded = Recorded { id: command.request_id, content: command.request.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::AssistanceRequested(recorded)))
}

pub(super) fn correct(command: &CorrectAssistance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let requests = &subject.enrolment(world)?.assistance;
    let version = subject.correctable(requests, command.request_id, "assistance_request", &context.actor)?.version;
    Refusal::unless_reason(&command.reason, "/reason")?;
    check(&command.request)?;
    subject.day_of_membership(command.common.occurred_on, context)?;

    let corrected = Corrected {
        id: command.request_id,
        replaces_version: version,
        content: command.request.clone(),
        reason: command.reason.clone(),
    };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::AssistanceCorrected(corrected)))
}

pub(super) fn void(command: &VoidAssistance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let requests = &subject.enrolment(world)?.assistance;
    subject.correctable(requests, command.request_id, "assistance_request", &context.actor)?;
    subject.voiding(&command.reason, &command.common, context)?;

    let voided = Voided { id: command.request_id, reason: command.reason.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::AssistanceVoided(voided)))
}

pub(super) fn answer(command: &AnswerAssistance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let file = subject.enrolment(world)?;
    let request =
        file.assistance.get(command.request_id).ok_or(Refusal::NotFound { resource: "assistance_request" })?;
    subject.local_station(world, &context.actor)?;

    let day = command.common.occurred_on;
    context.not_future(day, subject.opened.rulebook.time_zone, "/occurred_on")?;
    check_answer(&command.answer)?;
    let register = world.register(&subject.opened.program)?;
    for (place, expert) in command.answer.experts.iter().enumerate() {
        register.active(&EntryId::Expert(expert.clone()), &format!("/answer/experts/{place}"))?;
    }
    if request.voided {
        return Err(Refusal::AlreadyVoided.into());
    }
    if file.answered.contains(&command.request_id) {
        return Err(Refusal::AlreadyAnswered.into());
    }
    within(day, Some(request.occurred_on), None, "/occurred_on")?;

    let event = EnrolmentEvent::AssistanceAnswered {
        request_id: command.request_id,
        answer_id: command.answer_id,
        answer: command.answer.clone(),
    };
    Ok(Decision::of(&command.common).with(subject.stream(), event))
}

fn check(request: &AssistanceRequest) -> Result<(), Refused> {
    FormCheck::of("")
        .required("/request/subject", &request.subject, 200, "四（四） W-73")
        .required("/request/description", &request.description, 5000, "四（四） W-73")
        .passed()
}

fn check_answer(answer: &AssistanceAnswer) -> Result<(), Refused> {
    FormCheck::of("").required("/answer/answer", &answer.answer, 5000, "四（四） W-73").passed()
}

#[cfg(test)]
mod tests;
