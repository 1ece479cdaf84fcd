//! Self-evaluations (自我评价, GB/T 19580, §四（四）, W-71, W-77) of an organisation that is or was in the pool.
//!
//! They are taken at any time, also after the cycle was closed: the report for a cycle is handed in with the
//! application for the next. What must lie inside the cycle is the period evaluated.

use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::subject::Subject;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::{Score, SelfEvaluation};
use crate::ids::{CycleId, SelfEvaluationId};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::rulebook::{ScoreCategory, ScoreSheet};
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Records a self-evaluation, finished on `common.occurred_on`; by the organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordSelfEvaluation {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The new self-evaluation's id.
    pub self_evaluation_id: SelfEvaluationId,
    /// What was found.
    pub self_evaluation: SelfEvaluation,
    /// Day and papers.
    pub common: Common,
}

/// Replaces what was recorded; by the organisation, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectSelfEvaluation {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The self-evaluation.
    pub self_evaluation_id: SelfEvaluationId,
    /// What was found, in full.
    pub self_evaluation: SelfEvaluation,
    /// Why it is corrected.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

/// Takes a self-evaluation back; by the organisation, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidSelfEvaluation {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The self-evaluation.
    pub self_evaluation_id: SelfEvaluationId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordSelfEvaluation, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    context.actor.permit(subject.is_organization(&context.actor))?;
    subject.enrolment(world)?.self_evaluations.unused(command.self_evaluation_id, "/self_evaluation_id")?;
    check(&command.self_evaluation, &command.common, &subject, context)?;

    let recorded = Recorded { id: command.self_evaluation_id, content: command.self_evaluation.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::SelfEvaluationRecorded(recorded)))
}

pub(super) fn correct(command: &CorrectSelfEvaluation, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let evaluations = &subject.enrolment(world)?.self_evaluations;
    let fact = subject.correctable(evaluations, command.self_evaluation_id, "self_evaluation", &context.actor)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    check(&command.self_evaluation, &command.common, &subject, context)?;

    let corrected = Corrected {
        id: command.self_evaluation_id,
        replaces_version: fact.version,
        content: command.self_evaluation.clone(),
        reason: command.reason.clone(),
    };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::SelfEvaluationCorrected(corrected)))
}

pub(super) fn void(command: &VoidSelfEvaluation, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let evaluations = &subject.enrolment(world)?.self_evaluations;
    subject.correctable(evaluations, command.self_evaluation_id, "self_evaluation", &context.actor)?;
    subject.voiding(&command.reason, &command.common, context)?;

    let voided = Voided { id: command.self_evaluation_id, reason: command.reason.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::SelfEvaluationVoided(voided)))
}

fn check(
    evaluation: &SelfEvaluation,
    common: &Common,
    subject: &Subject<'_>,
    context: &Context,
) -> Result<(), Refused> {
    context.not_future(common.occurred_on, subject.opened.rulebook.time_zone, "/occurred_on")?;
    FormCheck::of("")
        .required("/self_evaluation/strengths", &evaluation.strengths, 10_000, "四（四） W-71")
        .required("/self_evaluation/gaps", &evaluation.gaps, 10_000, "四（四） W-71")
        .required("/self_evaluation/actions", &evaluation.actions, 10_000, "四（四） W-71")
        .passed()?;
    check_period(evaluation, subject)?;
    subject.admitted_on()?;
    match &subject.opened.rulebook.scores {
        Some(sheet) => check_scores(&evaluation.scores, sheet),
        None => FormCheck::of("")
            .unless(evaluation.scores.is_empty(), "/self_evaluation/scores", FieldCode::NotOneOf, "四（四） W-71")
            .passed(),
    }
}

/// The period lies inside the cycle, whose `ends_on` is the day after its last.
fn check_period(evaluation: &SelfEvaluation, subject: &Subject<'_>) -> Result<(), Refused> {
    let (first, last) = (subject.opened.starts_on, subject.opened.ends_on.pred_opt());
    within(evaluation.period_from, Some(first), last, "/self_evaluation/period_from")?;
    within(evaluation.period_to, Some(evaluation.period_from), last, "/self_evaluation/period_to")
}

/// All categories are scored or none, each once, each inside its points.
fn check_scores(scores: &[Score], sheet: &ScoreSheet) -> Result<(), Refused> {
    if scores.is_empty() {
        return Ok(());
    }
    let category = |score: &Score| sheet.categories.iter().find(|c| c.id == score.category);
    let mut form = FormCheck::of("");
    for (place, score) in scores.iter().enumerate() {
        let pointer = format!("/self_evaluation/scores/{place}/category");
        let twice = scores[..place].iter().any(|earlier| earlier.category == score.category);
        form.unless(category(score).is_some(), &pointer, FieldCode::NotOneOf, "四（四） W-71");
        form.unless(!twice, &pointer, FieldCode::Exclusive, "四（四） W-71");
    }
    form.passed()?;

    let missing = |c: &&ScoreCategory| !scores.iter().any(|score| score.category == c.id);
    let missing: Vec<String> = sheet.categories.iter().filter(missing).map(|c| c.id.to_string()).collect();
    if !missing.is_empty() {
        return Err(Refusal::ScoresIncomplete { missing }.by("scores", &sheet.rule));
    }
    for score in scores {
        let limit = category(score).map_or(0, |c| c.points);
        if !(0..=i64::from(limit)).contains(&score.points) {
            let category = score.category.to_string();
            return Err(Refusal::ScoresOutOfRange { category, limit, actual: score.points }.by("scores", &sheet.rule));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
