//! Outcomes.

use super::*;
use crate::forms::facts::SessionOutcome;
use crate::ids::OutcomeId;
use crate::session::RecordOutcome;

fn recording(outcome: SessionOutcome) -> RecordOutcome {
    let outcome_id = OutcomeId::new(Uuid::from_u128(200));
    RecordOutcome { session_id: session_id(), outcome_id, outcome, common: on("2026-06-10") }
}

fn outcome(outcome: SessionOutcome) -> SessionCommand {
    SessionCommand::RecordOutcome(recording(outcome))
}

fn model() -> SessionOutcome {
    SessionOutcome {
        organization: Some(organization(A)),
        weak_links: Some("测量分析".to_owned()),
        distilled_model: Some("“一核三环”质量管理模式".to_owned()),
        ..SessionOutcome::default()
    }
}

#[test]
fn w66_an_outcome_of_one_organisation_is_recorded_once() {
    let mut stage = Stage::scheduled();
    let events = stage.accepts(&outcome(model()), &office("2026-06-10"));
    assert_eq!(names(&events), [(session_id().to_string(), "OutcomeRecorded")]);
    let refused = stage.refuses(&outcome(model()), &office("2026-06-10"));
    assert_eq!(fields(&refused), [("/outcome_id".to_owned(), FieldCode::Exclusive)]);
}

#[test]
fn w62_self_assessors_trained_are_an_outcome_by_themselves() {
    let trained = SessionOutcome { self_assessors_trained: Some(12), ..SessionOutcome::default() };
    Stage::scheduled().accepts(&outcome(trained), &office("2026-06-10"));
}

#[test]
fn w63_an_outcome_that_says_nothing_or_too_much_is_refused() {
    let refused = Stage::scheduled().refuses(
        &outcome(SessionOutcome { organization: Some(organization(A)), ..SessionOutcome::default() }),
        &office("2026-06-10"),
    );
    assert_eq!(fields(&refused), [("/outcome".to_owned(), FieldCode::Required)]);
    let wrong = SessionOutcome {
        bottlenecks: Some(" ".to_owned()),
        findings: Some("问".repeat(5001)),
        self_assessors_trained: Some(100_001),
        ..SessionOutcome::default()
    };
    let refused = Stage::scheduled().refuses(&outcome(wrong), &office("2026-06-10"));
    let expected = [
        ("/outcome/bottlenecks", FieldCode::Required),
        ("/outcome/findings", FieldCode::TooLong),
        ("/outcome/self_assessors_trained", FieldCode::OutOfRange),
    ];
    assert_eq!(fields(&refused), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    let full = SessionOutcome { findings: Some("问".repeat(5000)), ..SessionOutcome::default() };
    Stage::scheduled().accepts(&outcome(full), &office("2026-06-10"));
}

#[test]
fn w66_an_outcome_names_an_organisation_of_the_cycle() {
    let elsewhere = SessionOutcome { organization: Some(organization(STRANGER)), ..model() };
    Stage::scheduled().refuses_as("unknown_reference", &outcome(elsewhere), &office("2026-06-10"));
}

#[test]
fn w66_an_outcome_waits_for_the_day_and_is_dated_by_it() {
    let mut stage = Stage::scheduled();
    stage.refuses_as("session_not_held_yet", &outcome(model()), &office("2026-06-09"));
    let later = RecordOutcome { common: on("2026-06-11"), ..recording(model()) };
    stage.refuses_as("date_out_of_range", &SessionCommand::RecordOutcome(later), &office("2026-06-11"));
    stage.accepts(&outcome(model()), &office("2026-06-10"));
}

#[test]
fn w66_an_outcome_is_recorded_by_the_award_office_and_in_time() {
    let mut stage = Stage::scheduled();
    stage.refuses_as("not_permitted", &outcome(model()), &by("expert/e-1/wu", "2026-06-10"));
    stage.set(|cycle| cycle.closed_on = Some(day("2026-06-11")));
    stage.refuses_as("cycle_closed", &outcome(model()), &office("2026-09-10"));
    stage.accepts(&outcome(model()), &office("2026-09-09"));
}
