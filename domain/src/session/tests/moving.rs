//! Rescheduling and cancelling.

use super::*;
use crate::cycle::CycleEvent;
use crate::forms::facts::SessionOutcome;
use crate::ids::OutcomeId;
use crate::session::{CancelSession, RecordOutcome, RescheduleSession, VoidAttendance};

fn moving(to: &str) -> RescheduleSession {
    RescheduleSession {
        session_id: session_id(),
        on: day(to),
        place: "国际会展中心".to_owned(),
        reason: "场地冲突".to_owned(),
        common: on("2026-05-25"),
    }
}

fn reschedule(to: &str) -> SessionCommand {
    SessionCommand::Reschedule(moving(to))
}

fn cancelling() -> CancelSession {
    CancelSession { session_id: session_id(), reason: "报名不足".to_owned(), common: on("2026-05-25") }
}

fn cancel() -> SessionCommand {
    SessionCommand::Cancel(cancelling())
}

#[test]
fn w57_a_session_is_moved_and_booked_anew() {
    let mut stage = Stage::scheduled();
    let events = stage.accepts(&reschedule("2026-07-01"), &office("2026-05-25"));
    assert_eq!(names(&events), [(CYCLE.to_owned(), "SessionBooked"), (session_id().to_string(), "SessionRescheduled")]);
    let booked = CycleEvent::SessionBooked { session_id: session_id(), on: day("2026-07-01") };
    assert_eq!(events[0].event, Event::Cycle(booked));
    let (_, plan) = stage.session().scheduled.unwrap();
    assert_eq!((plan.on, plan.place.as_str()), (day("2026-07-01"), "国际会展中心"));
}

#[test]
fn w42_a_session_is_not_moved_out_of_the_cycle() {
    let mut stage = Stage::scheduled();
    stage.refuses_as("cycle_not_started", &reschedule("2026-04-30"), &office("2026-05-25"));
    stage.refuses_as("date_out_of_range", &reschedule("2028-05-01"), &office("2026-05-25"));
    stage.accepts(&reschedule("2026-05-01"), &office("2026-05-25"));
}

#[test]
fn w68_moving_into_another_year_needs_a_waiver() {
    let mut stage = Stage::scheduled();
    stage.accepts(&reschedule("2027-04-30"), &office("2026-05-25"));
    stage.refuses_as("session_year_mismatch", &reschedule("2027-05-01"), &office("2026-05-25"));
    let waived = RescheduleSession { common: waiving("2026-05-25"), ..moving("2027-05-01") };
    let events = stage.accepts(&SessionCommand::Reschedule(waived), &office("2026-05-25"));
    assert!(events[0].meta.waiver.is_some());
}

#[test]
fn w57_moving_and_cancelling_need_a_reason() {
    let mut stage = Stage::scheduled();
    let silent = RescheduleSession { reason: " ".to_owned(), ..moving("2026-07-01") };
    stage.refuses_as("reason_required", &SessionCommand::Reschedule(silent), &office("2026-05-25"));
    let silent = CancelSession { reason: String::new(), ..cancelling() };
    stage.refuses_as("reason_required", &SessionCommand::Cancel(silent), &office("2026-05-25"));
    let nowhere = RescheduleSession { place: String::new(), ..moving("2026-07-01") };
    let refused = stage.refuses(&SessionCommand::Reschedule(nowhere), &office("2026-05-25"));
    assert_eq!(fields(&refused), [("/place".to_owned(), FieldCode::Required)]);
}

#[test]
fn w57_a_cancelled_session_is_released_and_stays_cancelled() {
    let mut stage = Stage::scheduled();
    let events = stage.accepts(&cancel(), &office("2026-05-25"));
    assert_eq!(names(&events), [(CYCLE.to_owned(), "SessionReleased"), (session_id().to_string(), "SessionCancelled")]);
    stage.refuses_as("session_cancelled", &cancel(), &office("2026-05-25"));
    stage.refuses_as("session_cancelled", &reschedule("2026-07-01"), &office("2026-05-25"));
    stage.refuses_as("session_cancelled", &record(vec![present(1, A)]), &office("2026-06-10"));
}

#[test]
fn w57_a_session_with_attendance_is_neither_moved_nor_cancelled() {
    let mut stage = Stage::scheduled();
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    stage.refuses_as("session_has_attendance", &reschedule("2026-07-01"), &office("2026-06-10"));
    stage.refuses_as("session_has_attendance", &cancel(), &office("2026-06-10"));

    let void = VoidAttendance {
        session_id: session_id(),
        attendance_id: attendance_id(1),
        reason: "误录".to_owned(),
        common: on("2026-06-10"),
    };
    stage.accepts(&SessionCommand::VoidAttendance(void), &office("2026-06-10"));
    stage.accepts(&cancel(), &office("2026-06-10"));
}

#[test]
fn w57_a_session_with_an_outcome_is_neither_moved_nor_cancelled() {
    let mut stage = Stage::scheduled();
    let outcome = RecordOutcome {
        session_id: session_id(),
        outcome_id: OutcomeId::new(Uuid::from_u128(200)),
        outcome: SessionOutcome { self_assessors_trained: Some(4), ..SessionOutcome::default() },
        common: on("2026-06-10"),
    };
    stage.accepts(&SessionCommand::RecordOutcome(outcome), &office("2026-06-10"));
    stage.refuses_as("step_out_of_order", &reschedule("2026-07-01"), &office("2026-06-10"));
    stage.refuses_as("step_out_of_order", &cancel(), &office("2026-06-10"));
}

#[test]
fn w57_only_the_award_office_moves_and_cancels_and_only_in_a_running_cycle() {
    let mut stage = Stage::scheduled();
    let station = by("station/jinghu-1/li", "2026-05-25");
    stage.refuses_as("not_permitted", &reschedule("2026-07-01"), &station);
    stage.refuses_as("not_permitted", &cancel(), &station);
    stage.set(|cycle| cycle.closed_on = Some(day("2026-05-25")));
    stage.refuses_as("cycle_closed", &reschedule("2026-07-01"), &office("2026-05-25"));
    stage.refuses_as("cycle_closed", &cancel(), &office("2026-05-25"));
}

#[test]
fn w57_a_session_that_was_never_scheduled_is_not_found() {
    Stage::new().refuses_as("not_found", &reschedule("2026-07-01"), &office("2026-05-25"));
    Stage::new().refuses_as("not_found", &cancel(), &office("2026-05-25"));
}
