use crate::scope::Scope;
use domain::cycle::EndGround;
use domain::forms::facts::Attendance;
use domain::session::{Plan, SessionEvent};

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::testing::{
    ACME, BOLT, CRUX, Log, attendance, attendance_id, corrected, cycle, day, id, org, plan, recorded, scheduled,
    session_id, voided,
};

fn moved(uscc: &str, from: &str, to: &str) -> CycleEvent {
    CycleEvent::OrganizationReclassified {
        organization: org(uscc),
        from: id(from),
        to: id(to),
        grounds: "推广情况".to_owned(),
    }
}

async fn schedule(log: &Log) -> Vec<ScheduleEntry> {
    // The rows are the same whatever the batches.
    log.table::<Schedule>();
    list(&log.database().await, &cycle(), &Scope::All, &ScheduleFilter::default()).await.unwrap()
}

async fn of(log: &Log, uscc: &str) -> Option<ScheduleEntry> {
    schedule(log).await.into_iter().find(|entry| entry.organization == org(uscc))
}

fn owed(entry: &ScheduleEntry) -> (Option<&str>, Option<WhyOwed>, bool) {
    (entry.due.as_ref().map(|due| due.kind.as_str()), entry.why, entry.missing)
}

#[tokio::test]
async fn w68_w69_each_class_owes_its_teaching_in_its_year() {
    let years = [(day("2026-05-01"), day("2027-04-30")), (day("2027-05-01"), day("2028-04-30"))];
    // The guide names no audience for the diagnosis of class D (W-70).
    for (class, kind, year, audiences) in [
        ("A", "foundation", 1, 1),
        ("B", "improvement", 1, 1),
        ("C", "targeted", 2, 2),
        ("D", "advanced_diagnosis", 2, 0),
    ] {
        let mut log = Log::opened();
        log.on("2026-06-01").member(ACME, class);
        let entry = of(&log, ACME).await.unwrap();
        assert_eq!(owed(&entry), (Some(kind), Some(WhyOwed::ClassOfAdmission), true), "{class}");
        let due = entry.due.unwrap();
        assert_eq!((due.year, (due.from, due.to)), (year, years[year as usize - 1]), "{class}");
        assert_eq!(due.audiences.len(), audiences, "{class}");
    }
}

#[tokio::test]
async fn teaching_attended_is_not_missing_until_the_attendance_is_voided() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "A").session(1, scheduled(1, plan("foundation", "2026-08-01")));
    let booked = of(&log, ACME).await.unwrap();
    assert_eq!(booked.booked.iter().map(|session| session.session_id).collect::<Vec<_>>(), [session_id(1)]);
    log.session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))));
    let taught = of(&log, ACME).await.unwrap();
    assert_eq!((taught.missing, taught.booked.len(), taught.attended.len()), (false, 0, 1));
    let elsewhere = corrected(attendance_id(1), attendance(BOLT));
    log.session(1, SessionEvent::AttendanceCorrected(elsewhere));
    assert!(of(&log, ACME).await.unwrap().missing);
    log.session(1, SessionEvent::AttendanceVoided(voided(attendance_id(1))));
    assert!(of(&log, ACME).await.unwrap().missing);
}

#[tokio::test]
async fn a_guest_s_attendance_or_another_kind_does_not_give_what_is_owed() {
    let mut log = Log::opened();
    let guest = Attendance { extra: true, ..attendance(ACME) };
    log.on("2026-06-01").member(ACME, "A");
    log.session(1, scheduled(1, plan("foundation", "2026-08-01")))
        .session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), guest)))
        .session(2, scheduled(2, plan("improvement", "2026-08-02")))
        .session(2, SessionEvent::AttendanceRecorded(recorded(attendance_id(2), attendance(ACME))));
    let entry = of(&log, ACME).await.unwrap();
    assert!(entry.missing);
    assert_eq!(entry.attended.iter().map(|session| session.kind.as_str()).collect::<Vec<_>>(), ["improvement"]);
}

#[tokio::test]
async fn a_cancelled_session_and_one_brought_to_another_organisation_are_not_booked() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "D");
    let brought_to = |uscc| Plan { host: Some(org(uscc)), ..plan("advanced_diagnosis", "2027-08-01") };
    log.session(1, scheduled(1, brought_to(ACME)))
        .session(2, scheduled(2, brought_to(BOLT)))
        .session(3, scheduled(3, plan("advanced_diagnosis", "2027-08-01")))
        .session(3, SessionEvent::SessionCancelled { reason: "台风".to_owned() });
    let booked = of(&log, ACME).await.unwrap().booked;
    assert_eq!(booked.iter().map(|session| session.session_id).collect::<Vec<_>>(), [session_id(1)]);
}

#[tokio::test]
async fn q12_a_late_joiner_still_owes_the_teaching_of_its_class() {
    let mut log = Log::opened();
    log.on("2027-04-30").member(ACME, "A").on("2027-05-01").member(BOLT, "A");
    assert_eq!(of(&log, ACME).await.unwrap().why, Some(WhyOwed::ClassOfAdmission));
    let late = of(&log, BOLT).await.unwrap();
    assert_eq!(owed(&late), (Some("foundation"), Some(WhyOwed::JoinedLate), true));
}

#[tokio::test]
async fn q12_a_reclassified_organisation_owes_the_teaching_of_its_present_class() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C").session(1, scheduled(1, plan("targeted", "2027-06-01")));
    log.session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))));
    assert!(!of(&log, ACME).await.unwrap().missing);
    log.on("2027-07-01").cycle(moved(ACME, "C", "D"));
    let entry = of(&log, ACME).await.unwrap();
    assert_eq!(owed(&entry), (Some("advanced_diagnosis"), Some(WhyOwed::Reclassified), true));
    log.cycle(moved(ACME, "D", "C"));
    assert!(!of(&log, ACME).await.unwrap().missing, "what was given stays given");
}

#[tokio::test]
async fn a_corrected_class_was_never_another() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "A").cycle(CycleEvent::ClassificationCorrected {
        organization: org(ACME),
        from: id("A"),
        to: id("B"),
        decided_on: day("2026-06-01"),
        reason: "误录".to_owned(),
    });
    let entry = of(&log, ACME).await.unwrap();
    assert_eq!(owed(&entry), (Some("improvement"), Some(WhyOwed::ClassOfAdmission), true));
}

#[tokio::test]
async fn whoever_left_owes_nothing_unless_the_removal_is_rescinded() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C").removed(ACME);
    assert_eq!(of(&log, ACME).await, None);
    log.rescinded(ACME);
    assert!(of(&log, ACME).await.is_some());
    log.cycle(CycleEvent::MemberWithdrawn { organization: org(ACME), reason: "自愿".to_owned() });
    assert_eq!(of(&log, ACME).await, None);
    log.member(BOLT, "C").cycle(CycleEvent::EnrolmentEnded {
        organization: org(BOLT),
        ground: EndGround::Dissolved,
        reason: "解散".to_owned(),
    });
    assert_eq!(of(&log, BOLT).await, None);
}

#[tokio::test]
async fn who_completed_the_cycle_stays_on_its_schedule() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C").closed(&[ACME], &[]);
    assert!(of(&log, ACME).await.unwrap().missing);
}

#[test]
fn w42_the_29th_of_february_counts_as_the_28th_and_a_year_ends_no_later_than_the_cycle() {
    let window = |ends_on: &str, class: &str| {
        let rules = TeachingRules::of(day("2024-02-29"), day(ends_on), &crate::testing::rulebook());
        let due = rules.of_class(&id(class)).unwrap();
        (due.from.to_string(), due.to.to_string())
    };
    let days = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(window("2026-02-28", "A"), days("2024-02-29", "2025-02-27"));
    assert_eq!(window("2026-02-28", "C"), days("2025-02-28", "2026-02-27"));
    assert_eq!(window("2025-12-31", "C"), days("2025-02-28", "2025-12-30"));
}

#[test]
fn an_extended_cycle_ends_later() {
    let mut log = Log::opened();
    log.cycle(CycleEvent::CycleExtended { ends_on: day("2028-08-01"), reason: "延长".to_owned() });
    let ScheduleRow::Cycle(rules) = log.row::<Schedule>(&cycle_key(crate::testing::CYCLE)) else {
        panic!("the rules stand at the key of the cycle")
    };
    assert_eq!(rules.ends_on, day("2028-08-01"));
}

on_both_databases! {
    the_schedule_is_filtered_by_class_kind_and_what_is_missing
}

async fn the_schedule_is_filtered_by_class_kind_and_what_is_missing(database: TestDatabase) {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "A").member(BOLT, "B").member(CRUX, "C");
    log.session(1, scheduled(1, plan("foundation", "2026-08-01")))
        .session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))));
    let store = log.shown_on(&database).await;
    let db = store.db();
    let listed = async |filter: ScheduleFilter| {
        let entries = list(db, &cycle(), &Scope::All, &filter).await.unwrap();
        entries.into_iter().map(|entry| entry.uscc.to_string()).collect::<Vec<_>>()
    };
    let classes = ScheduleFilter { classes: vec![id("A"), id("B")], ..ScheduleFilter::default() };
    assert_eq!(listed(classes).await, [BOLT, ACME]);
    let kinds = ScheduleFilter { kinds: vec![id("targeted")], ..ScheduleFilter::default() };
    assert_eq!(listed(kinds).await, [CRUX]);
    let missing = ScheduleFilter { owing: Owing::Missing, ..ScheduleFilter::default() };
    assert_eq!(listed(missing).await, [BOLT, CRUX]);
    assert!(list(db, &id("wuhu-incubation-2030"), &Scope::All, &ScheduleFilter::default()).await.unwrap().is_empty());
}
