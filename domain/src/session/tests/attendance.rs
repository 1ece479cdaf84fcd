//! Attendance: recorded, corrected, voided.

use super::*;
use crate::forms::facts::Attendance;
use crate::session::{CorrectAttendance, SessionEvent, VoidAttendance};

fn correcting(entry: AttendanceEntry) -> CorrectAttendance {
    CorrectAttendance { session_id: session_id(), entry, reason: "人数误录".to_owned(), common: on("2026-06-10") }
}

fn correct(entry: AttendanceEntry) -> SessionCommand {
    SessionCommand::CorrectAttendance(correcting(entry))
}

fn void(n: u128) -> SessionCommand {
    SessionCommand::VoidAttendance(VoidAttendance {
        session_id: session_id(),
        attendance_id: attendance_id(n),
        reason: "误录".to_owned(),
        common: on("2026-06-12"),
    })
}

fn recorded(event: &RecordedEvent) -> &Attendance {
    let SessionEvent::AttendanceRecorded(fact) = session_event(event) else { panic!("no attendance: {event:?}") };
    &fact.content
}

/// The codes of the refused entries of a batch, by place.
fn entry_codes(refused: &Refused) -> Vec<(usize, &'static str)> {
    let Refusal::Batch(entries) = &*refused.refusal else { panic!("not a batch: {refused:?}") };
    entries.iter().map(|e| (e.index, e.refused.refusal.code())).collect()
}

#[test]
fn w68_attendance_is_recorded_once_per_organisation() {
    let mut stage = Stage::scheduled();
    let events = stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    assert_eq!(
        *recorded(&events[0]),
        Attendance { organization: organization(A), audiences: vec![id("key_staff")], participants: 3, extra: false }
    );
    let refused = stage.refuses(&record(vec![present(2, A)]), &office("2026-06-10"));
    assert_eq!(entry_codes(&refused), [(0, "duplicate_in_batch")]);
}

#[test]
fn w68_a_refused_entry_refuses_the_whole_batch_and_every_such_entry_is_named() {
    let mut stage = Stage::scheduled();
    let unknown = AttendanceEntry { audiences: vec![id("everybody")], participants: 0, ..present(5, B) };
    let batch = vec![present(1, A), present(2, STRANGER), present(3, A), present(1, C), unknown];
    let refused = stage.refuses(&record(batch), &office("2026-06-10"));
    assert_eq!(
        entry_codes(&refused),
        [(1, "unknown_reference"), (2, "duplicate_in_batch"), (3, "validation_failed"), (4, "validation_failed")]
    );
    assert_eq!(refused.refusal.code(), "unknown_reference");
    let Refusal::Batch(entries) = &*refused.refusal else { panic!("a batch") };
    assert_eq!(
        *entries[0].refused.refusal,
        Refusal::UnknownReference {
            pointer: "/entries/1/uscc".to_owned(),
            kind: "organization",
            id: STRANGER.to_owned()
        }
    );
    assert_eq!(fields(&entries[2].refused), [("/entries/3/attendance_id".to_owned(), FieldCode::Exclusive)]);
    assert_eq!(
        fields(&entries[3].refused),
        [
            ("/entries/4/audiences/0".to_owned(), FieldCode::NotOneOf),
            ("/entries/4/participants".to_owned(), FieldCode::OutOfRange)
        ]
    );
}

#[test]
fn w68_a_batch_is_neither_empty_nor_above_the_cap() {
    let mut stage = Stage::scheduled();
    stage.set(|cycle| Arc::make_mut(&mut cycle.opened.as_mut().unwrap().rulebook).batch_limit = 2);
    let refused = stage.refuses(&record(Vec::new()), &office("2026-06-10"));
    assert_eq!(*refused.refusal, Refusal::BatchSize { limit: 2, actual: 0 });
    let three = vec![present(1, A), present(2, B), present(3, C)];
    let refused = stage.refuses(&record(three), &office("2026-06-10"));
    assert_eq!(*refused.refusal, Refusal::BatchSize { limit: 2, actual: 3 });
    stage.accepts(&record(vec![present(1, A), present(2, B)]), &office("2026-06-10"));
}

#[test]
fn w68_members_not_owed_and_applicants_are_recorded_as_extra() {
    let mut stage = Stage::scheduled();
    let events =
        stage.accepts(&record(vec![present(1, A), present(2, B), present(3, APPLICANT)]), &office("2026-06-10"));
    assert_eq!(events.iter().map(|e| recorded(e).extra).collect::<Vec<_>>(), [false, true, true]);
}

#[test]
fn w68_only_a_member_on_the_sessions_day_is_owed() {
    for (admitted_on, ended_on, extra) in [
        ("2026-06-10", None, false),
        ("2026-06-11", None, true),
        ("2026-05-10", Some("2026-06-10"), false),
        ("2026-05-10", Some("2026-06-09"), true),
    ] {
        let mut stage = Stage::scheduled();
        stage.set(|cycle| {
            let entry = cycle.entries.get_mut(&organization(A)).unwrap();
            entry.admitted_on = Some(day(admitted_on));
            entry.ended_on = ended_on.map(day);
        });
        let events = stage.accepts(&record(vec![present(1, A)]), &office("2026-06-12"));
        assert_eq!(recorded(&events[0]).extra, extra, "admitted {admitted_on}, ended {ended_on:?}");
    }
}

#[test]
fn w70_the_audience_of_an_owed_class_is_held_in_principle() {
    let managers = || AttendanceEntry { audiences: vec![id("quality_managers")], ..present(1, A) };
    let mut stage = Stage::scheduled();
    let refused = stage.refuses(&record(vec![managers()]), &office("2026-06-10"));
    assert_eq!(entry_codes(&refused), [(0, "audience_mismatch")]);

    let waived =
        RecordAttendance { session_id: session_id(), entries: vec![managers()], common: waiving("2026-06-10") };
    let events = stage.accepts(&SessionCommand::RecordAttendance(waived), &office("2026-06-10"));
    assert!(events[0].meta.waiver.is_some());

    // A guest is not held to the audience of a class that it is not in.
    let guest = AttendanceEntry { audiences: vec![id("quality_managers")], ..present(2, B) };
    stage.accepts(&record(vec![guest]), &office("2026-06-10"));
}

#[test]
fn w68_attendance_waits_for_the_day_of_the_session() {
    let mut stage = Stage::scheduled();
    let refused = stage.refuses(&record(vec![present(1, A)]), &office("2026-06-09"));
    assert_eq!(*refused.refusal, Refusal::SessionNotHeldYet { on: day("2026-06-10") });
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
}

#[test]
fn w68_attendance_is_dated_the_day_of_the_session() {
    for (dated, code) in
        [("2026-06-09", "date_out_of_range"), ("2026-06-11", "date_out_of_range"), ("2026-06-13", "date_in_future")]
    {
        let entries = vec![present(1, A)];
        let command = RecordAttendance { session_id: session_id(), entries, common: on(dated) };
        let mut stage = Stage::scheduled();
        stage.refuses_as(code, &SessionCommand::RecordAttendance(command), &office("2026-06-12"));
    }
}

#[test]
fn w68_the_places_of_a_session_count_organisations_attending_in_force() {
    let mut stage = Stage::new();
    let small = Plan { capacity: Some(2), ..foundation() };
    stage.accepts(&SessionCommand::Schedule(schedule(small)), &office("2026-05-20"));
    stage.accepts(&record(vec![present(1, A), present(2, B)]), &office("2026-06-10"));
    let refused = stage.refuses(&record(vec![present(3, C)]), &office("2026-06-10"));
    assert_eq!(*refused.refusal, Refusal::SessionFull { capacity: 2, actual: 3 });
    stage.accepts(&void(2), &office("2026-06-12"));
    stage.accepts(&record(vec![present(3, C)]), &office("2026-06-12"));
}

#[test]
fn w68_attendance_may_come_late_after_the_closing_but_not_for_good() {
    for (today, accepted) in [("2026-09-09", true), ("2026-09-10", false)] {
        let mut stage = Stage::scheduled();
        stage.set(|cycle| cycle.closed_on = Some(day("2026-06-11")));
        if accepted {
            stage.accepts(&record(vec![present(1, A)]), &office(today));
        } else {
            let refused = stage.refuses(&record(vec![present(1, A)]), &office(today));
            assert_eq!(refused.refusal.code(), "cycle_closed");
            assert!(refused.rule.is_some_and(|cited| cited.key == "late_entry" && cited.rule.ours));
        }
    }
}

#[test]
fn w68_only_the_award_office_records_corrects_and_voids() {
    let mut stage = Stage::scheduled();
    let station = by("station/jinghu-1/li", "2026-06-12");
    stage.refuses_as("not_permitted", &record(vec![present(1, A)]), &station);
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    stage.refuses_as("not_permitted", &correct(present(1, A)), &station);
    stage.refuses_as("not_permitted", &void(1), &station);
}

#[test]
fn w68_a_correction_replaces_the_whole_content_and_counts_versions() {
    let mut stage = Stage::scheduled();
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    let five = AttendanceEntry { participants: 5, ..present(1, A) };
    for replaces in [1, 2] {
        let events = stage.accepts(&correct(five.clone()), &office("2026-06-12"));
        let SessionEvent::AttendanceCorrected(fact) = session_event(&events[0]) else { panic!("a correction") };
        assert_eq!((fact.replaces_version, fact.content.participants), (replaces, 5));
    }
}

#[test]
fn w68_a_correction_may_name_another_organisation_unless_it_attended_already() {
    let mut stage = Stage::scheduled();
    stage.accepts(&record(vec![present(1, A), present(2, B)]), &office("2026-06-10"));
    stage.refuses_as("duplicate_in_batch", &correct(present(1, B)), &office("2026-06-12"));
    stage.accepts(&correct(present(1, C)), &office("2026-06-12"));
    // Its place is free again.
    stage.accepts(&record(vec![present(3, A)]), &office("2026-06-12"));
    let session = stage.session();
    let attending: Vec<_> = session.attending().map(|(id, organization)| (id, organization.clone())).collect();
    let expected = [(1, C), (2, B), (3, A)].map(|(n, uscc)| (attendance_id(n), organization(uscc)));
    assert_eq!(attending, expected);
}

#[test]
fn w68_a_correction_is_checked_like_a_new_entry_and_needs_a_reason() {
    let mut stage = Stage::scheduled();
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    let refused = stage.refuses(&correct(AttendanceEntry { participants: 0, ..present(1, A) }), &office("2026-06-12"));
    assert_eq!(fields(&refused), [("/participants".to_owned(), FieldCode::OutOfRange)]);
    stage.refuses_as("unknown_reference", &correct(present(1, STRANGER)), &office("2026-06-12"));
    let silent = CorrectAttendance { reason: String::new(), ..correcting(present(1, A)) };
    stage.refuses_as("reason_required", &SessionCommand::CorrectAttendance(silent), &office("2026-06-12"));
    let moved = CorrectAttendance { common: on("2026-06-11"), ..correcting(present(1, A)) };
    stage.refuses_as("date_out_of_range", &SessionCommand::CorrectAttendance(moved), &office("2026-06-12"));
}

#[test]
fn w68_a_voided_attendance_does_not_count_and_is_not_touched_again() {
    let mut stage = Stage::scheduled();
    stage.refuses_as("not_found", &void(1), &office("2026-06-12"));
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    stage.accepts(&void(1), &office("2026-06-12"));
    assert_eq!(stage.session().attending().count(), 0);
    stage.refuses_as("already_voided", &void(1), &office("2026-06-12"));
    stage.refuses_as("already_voided", &correct(present(1, A)), &office("2026-06-12"));
    let refused = stage.refuses(&record(vec![present(1, A)]), &office("2026-06-12"));
    assert_eq!(entry_codes(&refused), [(0, "validation_failed")]);
    stage.accepts(&record(vec![present(2, A)]), &office("2026-06-12"));
}

#[test]
fn w68_corrections_and_voidings_are_accepted_long_after_the_closing() {
    let mut stage = Stage::scheduled();
    stage.accepts(&record(vec![present(1, A)]), &office("2026-06-10"));
    stage.set(|cycle| cycle.closed_on = Some(day("2026-06-11")));
    stage.accepts(&correct(present(1, A)), &office("2027-06-11"));
    stage.accepts(&void(1), &office("2027-06-11"));
}

#[test]
fn w70_each_organisation_is_held_to_the_audience_of_its_own_class() {
    let mut stage = Stage::new();
    stage.set(foundation_also_for_class_c);
    let both = plan("foundation", "2026-06-10", &["key_staff", "key_team_members"]);
    stage.accepts(&SessionCommand::Schedule(schedule(both)), &office("2026-05-20"));
    let team = |n, uscc| AttendanceEntry { audiences: vec![id("key_team_members")], ..present(n, uscc) };
    let refused = stage.refuses(&record(vec![team(1, A), team(2, C)]), &office("2026-06-10"));
    assert_eq!(entry_codes(&refused), [(0, "audience_mismatch")]);
    stage.accepts(&record(vec![present(1, A), team(2, C)]), &office("2026-06-10"));
}
