use crate::scope::Scope;
use domain::forms::facts::{Attendance, SessionOutcome};
use domain::ids::OutcomeId;

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::testing::{
    ACME, BOLT, Log, attendance, attendance_id, corrected, cycle, day, id, nth, org, plan, recorded, scheduled,
    session_id, voided,
};

#[track_caller]
fn session(log: &Log, n: u128) -> Session {
    log.row::<Sessions>(&session_id(n).to_string())
}

fn booked() -> Log {
    let mut log = Log::opened();
    log.session(1, scheduled(1, plan("foundation", "2026-08-01")));
    log
}

#[test]
fn a_moved_session_is_on_its_new_day_and_tells_the_old_one() {
    let mut log = booked();
    let (on, place, reason) = (day("2026-08-09"), "南陵".to_owned(), "台风".to_owned());
    log.session(1, SessionEvent::SessionRescheduled { on, place, reason });
    let moved = session(&log, 1);
    assert_eq!((moved.on, moved.place.as_str(), moved.state), (day("2026-08-09"), "南陵", SessionState::Booked));
    assert_eq!((moved.moves[0].from, moved.moves[0].to), (day("2026-08-01"), day("2026-08-09")));
}

#[test]
fn a_cancelled_session_stays_readable() {
    let mut log = booked();
    log.session(1, SessionEvent::SessionCancelled { reason: "台风".to_owned() });
    let cancelled = session(&log, 1);
    assert_eq!(cancelled.state, SessionState::Cancelled);
    assert_eq!(cancelled.cancelled.map(|why| why.reason), Some("台风".to_owned()));
}

#[test]
fn only_attendance_that_counts_is_shown_in_its_latest_version() {
    let mut log = booked();
    log.session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))))
        .session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(2), attendance(BOLT))));
    let more = Attendance { participants: 9, ..attendance(ACME) };
    log.session(1, SessionEvent::AttendanceCorrected(corrected(attendance_id(1), more.clone())))
        .session(1, SessionEvent::AttendanceVoided(voided(attendance_id(2))));
    let held = session(&log, 1);
    assert_eq!(held.state, SessionState::Held);
    let attended: Vec<_> = held.attendance.iter().map(|a| (a.attendance_id, a.version, &a.content)).collect();
    assert_eq!(attended, [(attendance_id(1), 2, &more)]);
}

#[test]
fn a_session_whose_only_attendance_is_voided_is_booked_again() {
    let mut log = booked();
    log.session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))));
    assert_eq!(session(&log, 1).state, SessionState::Held);
    log.session(1, SessionEvent::AttendanceVoided(voided(attendance_id(1))));
    assert_eq!(session(&log, 1).state, SessionState::Booked);
}

#[test]
fn experts_come_on_top_and_none_twice_and_every_event_moves_the_version() {
    let mut log = booked();
    log.session(1, SessionEvent::ExpertAssigned { experts: vec![id("expert-2"), id("expert-1")] });
    let outcome = SessionOutcome { self_assessors_trained: Some(4), ..SessionOutcome::default() };
    log.session(1, SessionEvent::OutcomeRecorded(recorded(OutcomeId::new(nth(1)), outcome)));
    let taught = session(&log, 1);
    assert_eq!(taught.experts, [id("expert-1"), id("expert-2")]);
    assert_eq!(taught.outcomes[0].content.self_assessors_trained, Some(4));
    assert_eq!((taught.session_version, taught.state), (3, SessionState::Held));
}

#[test]
fn a_guest_s_attendance_is_not_teaching_given() {
    let mut log = booked();
    let guest = Attendance { extra: true, ..attendance(ACME) };
    log.session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), guest)))
        .session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(2), attendance(BOLT))));
    let sessions = [session(&log, 1)];
    assert!(attended_by(&sessions, &org(ACME)).is_empty());
    assert_eq!(attended_by(&sessions, &org(BOLT)).len(), 1);
}

on_both_databases! {
    sessions_are_listed_by_kind_day_and_state
}

async fn sessions_are_listed_by_kind_day_and_state(database: TestDatabase) {
    let mut log = Log::opened();
    log.session(1, scheduled(1, plan("foundation", "2026-08-03")))
        .session(2, scheduled(2, plan("improvement", "2026-08-02")))
        .session(3, scheduled(3, plan("foundation", "2026-08-01")))
        .session(3, SessionEvent::SessionCancelled { reason: "台风".to_owned() })
        .session(2, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))));
    let store = log.shown_on(&database).await;
    let db = store.db();
    let listed = async |filter: SessionFilter, sort| {
        let page = list(db, &cycle(), &Scope::All, &filter, sort, &Paging::first(9)).await.unwrap();
        page.items.into_iter().map(|session| session.session_id).collect::<Vec<_>>()
    };
    let ids = |ns: &[u128]| ns.iter().map(|n| session_id(*n)).collect::<Vec<_>>();
    assert_eq!(listed(SessionFilter::default(), SessionSort::On).await, ids(&[3, 2, 1]));
    assert_eq!(listed(SessionFilter::default(), SessionSort::OnDescending).await, ids(&[1, 2, 3]));
    let foundation = SessionFilter { kinds: vec![id("foundation")], ..SessionFilter::default() };
    assert_eq!(listed(foundation, SessionSort::On).await, ids(&[3, 1]));
    let states = |states: &[SessionState]| SessionFilter { states: states.to_vec(), ..SessionFilter::default() };
    assert_eq!(listed(states(&[SessionState::Booked]), SessionSort::On).await, ids(&[1]));
    assert_eq!(listed(states(&[SessionState::Held, SessionState::Cancelled]), SessionSort::On).await, ids(&[3, 2]));
    let days = SessionFilter { from: Some(day("2026-08-02")), to: Some(day("2026-08-02")), ..SessionFilter::default() };
    assert_eq!(listed(days, SessionSort::On).await, ids(&[2]));
    assert_eq!(get(db, session_id(9)).await.unwrap(), None);
}
