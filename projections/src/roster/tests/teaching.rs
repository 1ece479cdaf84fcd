//! What the roster shows of teaching is what the schedule says.

use crate::scope::Scope;
use domain::cycle::CycleEvent;
use domain::session::SessionEvent;
use store::Db;

use crate::roster::{self, Roster, TeachingOwed};
use crate::schedule::{self, ScheduleFilter};
use crate::temporal::effective;
use crate::testing::{
    ACME, BOLT, CRUX, Log, attendance, attendance_id, corrected, cycle, day, id, org, plan, recorded, scheduled, voided,
};

/// What the schedule says of an organisation, in short.
async fn owed(db: &Db, uscc: &str) -> Option<TeachingOwed> {
    let entries = schedule::list(db, &cycle(), &Scope::All, &ScheduleFilter::default()).await.unwrap();
    let entry = entries.into_iter().find(|entry| entry.organization == org(uscc))?;
    let (kind, year) = entry.due.map(|due| (due.kind, due.year)).unzip();
    let attended = u32::try_from(entry.attended.len()).unwrap();
    Some(TeachingOwed { kind, year, attended, missing: entry.missing })
}

/// Compares the two, now and as known when all has happened; answers how often each attended.
async fn agreed(log: &Log) -> [u32; 3] {
    // The rows are the same whatever the batches.
    log.table::<Roster>();
    let mut past = Log::opened();
    past.events = effective(log.events.iter().cloned(), day("2030-01-01"));
    let mut attended = [0; 3];
    for db in [log.database().await, past.database().await] {
        for (place, uscc) in [ACME, BOLT, CRUX].into_iter().enumerate() {
            let row = roster::get(&db, &cycle(), &org(uscc)).await.unwrap();
            let shown = row.and_then(|row| row.teaching);
            assert_eq!(shown, owed(&db, uscc).await, "{uscc}");
            attended[place] = shown.map_or(0, |owed| owed.attended);
        }
    }
    attended
}

#[tokio::test]
async fn w68_the_teaching_shown_is_what_the_schedule_says() {
    let mut log = Log::opened();
    log.member(ACME, "C").member(BOLT, "D");
    assert_eq!(agreed(&log).await, [0, 0, 0]);
    let first = SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME)));
    log.session(1, scheduled(1, plan("foundation", "2026-08-01"))).session(1, first);
    assert_eq!(agreed(&log).await, [1, 0, 0]);
    let second = SessionEvent::AttendanceRecorded(recorded(attendance_id(2), attendance(ACME)));
    log.session(2, scheduled(2, plan("targeted", "2026-09-01"))).session(2, second);
    assert_eq!(agreed(&log).await, [2, 0, 0]);

    log.session(1, SessionEvent::AttendanceCorrected(corrected(attendance_id(1), attendance(BOLT))));
    assert_eq!(agreed(&log).await, [1, 1, 0], "whose it was before stands in no event");
    let mut guest = attendance(BOLT);
    guest.extra = true;
    log.session(1, SessionEvent::AttendanceCorrected(corrected(attendance_id(1), guest)));
    assert_eq!(agreed(&log).await, [1, 0, 0]);
    log.session(1, SessionEvent::AttendanceCorrected(corrected(attendance_id(1), attendance(BOLT))));
    log.session(2, SessionEvent::AttendanceVoided(voided(attendance_id(2))));
    assert_eq!(agreed(&log).await, [0, 1, 0]);

    log.cycle(CycleEvent::OrganizationReclassified {
        organization: org(BOLT),
        from: id("D"),
        to: id("C"),
        grounds: "…".to_owned(),
    });
    assert_eq!(agreed(&log).await, [0, 1, 0]);
    log.removed(BOLT);
    assert_eq!(agreed(&log).await, [0, 0, 0], "it is no member");
    log.rescinded(BOLT);
    assert_eq!(agreed(&log).await, [0, 1, 0]);
}

#[tokio::test]
async fn an_attendance_put_right_counts_for_whoever_entered_since() {
    let mut log = Log::opened();
    log.member(ACME, "C");
    let first = SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME)));
    log.session(1, scheduled(1, plan("foundation", "2026-08-01"))).session(1, first).member(CRUX, "C");
    log.session(1, SessionEvent::AttendanceCorrected(corrected(attendance_id(1), attendance(CRUX))));
    assert_eq!(agreed(&log).await, [0, 0, 1]);
}
