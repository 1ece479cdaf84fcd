//! Self-evaluations: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::cycle::Standing;
use crate::enrolment::{Enrolment, EnrolmentCommand};
use crate::event::Event;
use crate::samples::{
    USCC, assert_bounds, by, closed, cycle, day, facts, former, id, member, memory, memory_with, memory_with_file, nth,
    on, run,
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
    let event = EnrolmentEvent::SelfEvaluationRecorded(Recorded { id: evaluation_id(), content: whole_first_year() });
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
fn w71_the_period_lies_inside_the_cycle_and_runs_forward() {
    let over = |from: &str, to: &str| {
        let refused = run(&mut memory(), &record_of(evaluation((from, to), &[])), &by(ACME, "2026-12-20"));
        refused.map(|_| ()).map_err(|refusal| {
            let Refusal::DateOutOfRange { pointer, .. } = refusal else { panic!("{refusal}") };
            pointer
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
    assert_eq!(scored(&[("leadership", 60)]), Err(Refusal::ScoresIncomplete { missing: vec!["results".to_owned()] }));
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
    assert_bounds(&whole_first_year(), "/self_evaluation", |form| check(form, &on("2026-12-20"), &subject, &context));
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
