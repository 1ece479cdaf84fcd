//! Self-evaluations (自我评价, GB/T 19580, §四（四）, W-71, W-77) of an organisation that is or was in the pool.
//!
//! They are taken at any time, also after the cycle was closed: the report for a cycle is handed in with the
//! application for the next. What must lie inside the cycle is the period evaluated.

use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::subject::Subject;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::facts::{Score, SelfEvaluation};
use crate::forms::fields::Fields;
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
    Fields::default()
        .text(&evaluation.strengths, 10_000, "/self_evaluation/strengths", "四（四） W-71")
        .text(&evaluation.gaps, 10_000, "/self_evaluation/gaps", "四（四） W-71")
        .text(&evaluation.actions, 10_000, "/self_evaluation/actions", "四（四） W-71")
        .check()?;
    check_period(evaluation, subject)?;
    subject.admitted_on()?;
    match &subject.opened.rulebook.scores {
        Some(sheet) => check_scores(&evaluation.scores, sheet),
        None => Fields::default()
            .refuse_if(!evaluation.scores.is_empty(), "/self_evaluation/scores", FieldCode::NotOneOf, "四（四） W-71")
            .check(),
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
    let mut fields = Fields::default();
    for (place, score) in scores.iter().enumerate() {
        let pointer = || format!("/self_evaluation/scores/{place}/category");
        let twice = scores[..place].iter().any(|earlier| earlier.category == score.category);
        fields = fields
            .refuse_if(category(score).is_none(), pointer(), FieldCode::NotOneOf, "四（四） W-71")
            .refuse_if(twice, pointer(), FieldCode::Exclusive, "四（四） W-71");
    }
    fields.check()?;

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
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::cycle::Standing;
    use crate::enrolment::{Enrolment, EnrolmentCommand};
    use crate::event::Event;
    use crate::samples::{
        USCC, assert_bounds, by, closed, cycle, day, facts, former, id, member, memory, memory_with, memory_with_file,
        nth, on, run,
    };

    const ACME: &str = "organization/91350100M000100Y43/zhou";

    fn evaluation_id() -> SelfEvaluationId {
        SelfEvaluationId::new(nth(1))
    }

    fn evaluation(period: (&str, &str), scores: &[(&str, i64)]) -> SelfEvaluation {
        SelfEvaluation {
            period_from: day(period.0),
            period_to: day(period.1),
            strengths: "领导重视".to_owned(),
            gaps: "过程方法".to_owned(),
            actions: "开展培训".to_owned(),
            scores: scores.iter().map(|(category, points)| Score { category: id(category), points: *points }).collect(),
        }
    }

    fn record_of(self_evaluation: SelfEvaluation) -> Command {
        Command::Enrolment(EnrolmentCommand::RecordSelfEvaluation(RecordSelfEvaluation {
            cycle: id("sample-2026"),
            uscc: id(USCC),
            self_evaluation_id: evaluation_id(),
            self_evaluation,
            common: on("2026-12-20"),
        }))
    }

    fn whole_first_year() -> SelfEvaluation {
        evaluation(("2026-02-01", "2027-01-31"), &[])
    }

    fn scored(scores: &[(&str, i64)]) -> Result<Vec<Event>, Refusal> {
        let command = record_of(evaluation(("2026-02-01", "2027-01-31"), scores));
        run(&mut memory(), &command, &by(ACME, "2026-12-20"))
    }

    fn recorded() -> Enrolment {
        Enrolment { self_evaluations: facts(evaluation_id(), "2026-12-20", ACME), ..Enrolment::default() }
    }

    fn correct_to(self_evaluation: SelfEvaluation) -> Command {
        Command::Enrolment(EnrolmentCommand::CorrectSelfEvaluation(CorrectSelfEvaluation {
            cycle: id("sample-2026"),
            uscc: id(USCC),
            self_evaluation_id: evaluation_id(),
            self_evaluation,
            reason: "scored anew".to_owned(),
            common: on("2026-12-21"),
        }))
    }

    fn void() -> Command {
        Command::Enrolment(EnrolmentCommand::VoidSelfEvaluation(VoidSelfEvaluation {
            cycle: id("sample-2026"),
            uscc: id(USCC),
            self_evaluation_id: evaluation_id(),
            reason: "handed in twice".to_owned(),
            common: on("2026-12-21"),
        }))
    }

    #[test]
    fn w71_a_member_records_its_self_evaluation() {
        let event =
            EnrolmentEvent::SelfEvaluationRecorded(Recorded { id: evaluation_id(), content: whole_first_year() });
        assert_eq!(
            run(&mut memory(), &record_of(whole_first_year()), &by(ACME, "2026-12-20")),
            Ok(vec![Event::Enrolment(event)])
        );
    }

    #[test]
    fn w77_the_report_for_a_cycle_is_taken_long_after_its_closure() {
        let command = record_of(whole_first_year());
        assert!(run(&mut memory_with(closed()), &command, &by(ACME, "2030-01-01")).is_ok());
        assert!(run(&mut memory_with(cycle(former())), &command, &by(ACME, "2026-12-20")).is_ok());
    }

    #[test]
    fn w71_who_was_never_admitted_evaluates_nothing_here() {
        let mut entry = member();
        entry.standing = Standing::Applied;
        entry.admitted_on = None;
        assert!(matches!(
            run(&mut memory_with(cycle(entry)), &record_of(whole_first_year()), &by(ACME, "2026-12-20")),
            Err(Refusal::NotAMember { standing: "applicant", .. })
        ));
    }

    #[test]
    fn only_the_organisation_evaluates_itself() {
        for actor in ["office/sample/wang", "station/east-1/li", "organization/91330100MA2B000860/zhou"] {
            let refused = run(&mut memory(), &record_of(whole_first_year()), &by(actor, "2026-12-20"));
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
        }
    }

    #[test]
    fn the_period_lies_inside_the_cycle_and_runs_forward() {
        let over = |from: &str, to: &str| {
            let refused = run(&mut memory(), &record_of(evaluation((from, to), &[])), &by(ACME, "2026-12-20"));
            refused.map(|_| ()).map_err(|refusal| match refusal {
                Refusal::DateOutOfRange { pointer, .. } => pointer,
                other => panic!("{other}"),
            })
        };
        assert_eq!(over("2026-02-01", "2028-01-31"), Ok(()));
        assert_eq!(over("2026-01-31", "2028-01-31"), Err("/self_evaluation/period_from"));
        assert_eq!(over("2026-02-01", "2028-02-01"), Err("/self_evaluation/period_to"));
        assert_eq!(over("2026-05-01", "2026-05-01"), Ok(()));
        assert_eq!(over("2026-05-01", "2026-04-30"), Err("/self_evaluation/period_to"));
    }

    #[test]
    fn all_categories_are_scored_or_none() {
        assert!(scored(&[("leadership", 60), ("results", 0)]).is_ok());
        assert_eq!(
            scored(&[("leadership", 60)]),
            Err(Refusal::ScoresIncomplete { missing: vec!["results".to_owned()] })
        );
    }

    #[test]
    fn points_lie_between_nought_and_the_category_s() {
        let out_of_range = |actual| Refusal::ScoresOutOfRange { category: "leadership".to_owned(), limit: 60, actual };
        assert_eq!(scored(&[("leadership", 61), ("results", 0)]), Err(out_of_range(61)));
        assert_eq!(scored(&[("leadership", -1), ("results", 0)]), Err(out_of_range(-1)));
        assert!(scored(&[("leadership", 0), ("results", 40)]).is_ok());
    }

    #[test]
    fn a_category_is_of_the_sheet_and_scored_once() {
        let at = |place: usize, code| {
            Err(Refusal::field(format!("/self_evaluation/scores/{place}/category"), code, "四（四） W-71"))
        };
        assert_eq!(scored(&[("leadership", 1), ("luck", 1), ("results", 1)]), at(1, FieldCode::NotOneOf));
        assert_eq!(scored(&[("leadership", 1), ("results", 1), ("leadership", 2)]), at(2, FieldCode::Exclusive));
    }

    #[test]
    fn a_program_without_a_sheet_takes_no_scores() {
        let mut unscored = cycle(member());
        let opened = unscored.opened.as_mut().unwrap();
        std::sync::Arc::make_mut(&mut opened.rulebook).scores = None;
        let with = |scores: &[(&str, i64)]| {
            let command = record_of(evaluation(("2026-02-01", "2027-01-31"), scores));
            run(&mut memory_with(unscored.clone()), &command, &by(ACME, "2026-12-20"))
        };
        assert!(with(&[]).is_ok());
        let refused = Refusal::field("/self_evaluation/scores", FieldCode::NotOneOf, "四（四） W-71");
        assert_eq!(with(&[("leadership", 60)]), Err(refused));
    }

    #[test]
    fn texts_are_bounded_as_the_schema_says() {
        let memory = memory();
        let world = World::new(&memory);
        let context = by(ACME, "2026-12-20");
        let subject = Subject::read(&world, &id("sample-2026"), &id(USCC)).map_err(|_| "not read").unwrap();
        assert_bounds(&whole_first_year(), "/self_evaluation", |form| {
            check(form, &on("2026-12-20"), &subject, &context)
        });
    }

    #[test]
    fn it_is_not_dated_forward_and_its_id_names_one() {
        let refused = run(&mut memory(), &record_of(whole_first_year()), &by(ACME, "2026-12-19"));
        assert!(matches!(refused, Err(Refusal::DateInFuture { .. })), "{refused:?}");
        assert_eq!(
            run(&mut memory_with_file(recorded()), &record_of(whole_first_year()), &by(ACME, "2026-12-20")),
            Err(Refusal::field("/self_evaluation_id", FieldCode::Exclusive, ""))
        );
    }

    #[test]
    fn the_organisation_or_the_office_corrects_and_voids_it() {
        let changed =
            |command: &Command, actor: &str| run(&mut memory_with_file(recorded()), command, &by(actor, "2026-12-21"));
        let corrected = EnrolmentEvent::SelfEvaluationCorrected(Corrected {
            id: evaluation_id(),
            replaces_version: 1,
            content: whole_first_year(),
            reason: "scored anew".to_owned(),
        });
        assert_eq!(changed(&correct_to(whole_first_year()), ACME), Ok(vec![Event::Enrolment(corrected)]));
        let voided = Voided { id: evaluation_id(), reason: "handed in twice".to_owned() };
        let voided = EnrolmentEvent::SelfEvaluationVoided(voided);
        assert_eq!(changed(&void(), "office/sample/wang"), Ok(vec![Event::Enrolment(voided)]));
        for command in [correct_to(whole_first_year()), void()] {
            let refused = changed(&command, "station/east-1/li");
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{refused:?}");
        }
    }

    #[test]
    fn corrected_content_is_checked_like_new() {
        let incomplete = evaluation(("2026-02-01", "2027-01-31"), &[("results", 40)]);
        assert!(matches!(
            run(&mut memory_with_file(recorded()), &correct_to(incomplete), &by(ACME, "2026-12-21")),
            Err(Refusal::ScoresIncomplete { .. })
        ));
    }

    #[test]
    fn an_organisation_with_a_new_number_corrects_what_it_recorded_under_the_old() {
        let mut memory = memory_with_file(recorded());
        let mut organization = crate::samples::organization();
        organization.numbers.push(id(crate::samples::OTHER_USCC));
        memory.put(
            crate::stream::StreamId::organization(&crate::samples::organization_id()),
            crate::stream::Aggregate::Organization(organization),
            3,
        );
        let renumbered = by("organization/91330100MA2B000860/zhou", "2026-12-21");
        assert!(run(&mut memory, &correct_to(whole_first_year()), &renumbered).is_ok());
    }
}
