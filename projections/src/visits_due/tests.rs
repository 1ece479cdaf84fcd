use crate::scope::Scope;
use domain::cycle::{CycleEvent, EndGround};
use domain::enrolment::EnrolmentEvent;
use domain::organization::OrganizationEvent;

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::testing::{ACME, BOLT, CRUX, Log, corrected, cycle, day, id, org, recorded, visit, visit_id, voided};

fn visited(n: u128) -> EnrolmentEvent {
    EnrolmentEvent::VisitRecorded(recorded(visit_id(n), visit("jinghu-1", "良好")))
}

async fn due_on(log: &Log, today: &str, filter: DueFilter) -> Vec<DueVisit> {
    // The rows are the same whatever the batches.
    log.table::<Roster>();
    due(&log.database().await, &cycle(), &Scope::All, day(today), &filter, &Paging::first(9)).await.unwrap().items
}

async fn who(log: &Log, today: &str) -> Vec<String> {
    due_on(log, today, DueFilter::default()).await.into_iter().map(|visit| visit.uscc.to_string()).collect()
}

#[tokio::test]
async fn w74_a_member_is_due_180_days_after_its_admission_and_not_before() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C");
    assert_eq!(who(&log, "2026-11-27").await, [""; 0]);
    let [due] = &due_on(&log, "2026-11-28", DueFilter::default()).await[..] else { panic!("due") };
    assert_eq!((due.due_on, due.days_overdue, due.why), (day("2026-11-28"), 0, WhyDue::NeverVisited));
    assert_eq!((due.name.as_str(), due.last_visit_on), ("组织Y43", None));
    let [due] = &due_on(&log, "2026-12-08", DueFilter::default()).await[..] else { panic!("due") };
    assert_eq!(due.days_overdue, 10);
}

#[tokio::test]
async fn the_interval_runs_from_the_last_visit_that_counts() {
    let mut log = Log::opened();
    log.on("2026-06-01")
        .member(ACME, "C")
        .on("2026-10-01")
        .file(ACME, visited(1))
        .on("2026-08-01")
        .file(ACME, visited(2));
    let runs = async |log: &Log| {
        let due = due_on(log, "2027-12-01", DueFilter::default()).await;
        due.into_iter().next().map(|visit| (visit.last_visit_on, visit.due_on, visit.why))
    };
    let last = |on: &str, due: &str| Some((Some(day(on)), day(due), WhyDue::LastVisitTooLongAgo));
    assert_eq!(runs(&log).await, last("2026-10-01", "2027-03-30"));
    let moved = EnrolmentEvent::VisitCorrected(corrected(visit_id(1), visit("jinghu-1", "良好")));
    log.on("2026-09-01").file(ACME, moved);
    assert_eq!(runs(&log).await, last("2026-09-01", "2027-02-28"));
    log.file(ACME, EnrolmentEvent::VisitVoided(voided(visit_id(1))));
    assert_eq!(runs(&log).await, last("2026-08-01", "2027-01-28"));
    log.file(ACME, EnrolmentEvent::VisitVoided(voided(visit_id(2))));
    assert_eq!(runs(&log).await, Some((None, day("2026-11-28"), WhyDue::NeverVisited)));
}

#[tokio::test]
async fn only_members_are_due() {
    let mut log = Log::opened();
    let late = "2027-12-01";
    log.on("2026-06-01").applied(ACME, 1);
    assert_eq!(who(&log, late).await, [""; 0]);
    log.classified(ACME, "C");
    assert_eq!(who(&log, late).await, [ACME]);
    log.removed(ACME);
    assert_eq!(who(&log, late).await, [""; 0]);
    log.rescinded(ACME);
    assert_eq!(who(&log, late).await, [ACME]);
    log.cycle(CycleEvent::MemberWithdrawn { organization: org(ACME), reason: "自愿".to_owned() });
    assert_eq!(who(&log, late).await, [""; 0]);
    log.member(BOLT, "C").member(CRUX, "C").cycle(CycleEvent::EnrolmentEnded {
        organization: org(BOLT),
        ground: EndGround::Dissolved,
        reason: "解散".to_owned(),
    });
    assert_eq!(who(&log, late).await, [CRUX]);
    log.closed(&[CRUX], &[]);
    assert_eq!(who(&log, late).await, [""; 0]);
}

on_both_databases! {
    the_longest_overdue_comes_first_and_pages_go_on_after_it
    a_station_sees_whom_it_surveyed_and_who_moved_to_its_district
}

async fn the_longest_overdue_comes_first_and_pages_go_on_after_it(database: TestDatabase) {
    let mut log = Log::opened();
    log.on("2026-06-03").member(ACME, "C").on("2026-06-01").member(BOLT, "C").on("2026-06-02").member(CRUX, "C");
    let store = log.shown_on(&database).await;
    let db = store.db();
    let page = async |paging: Paging| {
        due(db, &cycle(), &Scope::All, day("2027-12-01"), &DueFilter::default(), &paging).await.unwrap()
    };
    let first = page(Paging::first(2)).await;
    let usccs: Vec<_> = first.items.iter().map(|visit| visit.uscc.to_string()).collect();
    assert_eq!(usccs, [BOLT, CRUX]);
    let rest = page(Paging { after: first.next, ..Paging::first(2) }).await;
    assert_eq!(rest.items.iter().map(|visit| visit.uscc.to_string()).collect::<Vec<_>>(), [ACME]);
    assert_eq!(rest.next, None);
}

async fn a_station_sees_whom_it_surveyed_and_who_moved_to_its_district(database: TestDatabase) {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C").member(BOLT, "C").member(CRUX, "C");
    log.organization(ACME, OrganizationEvent::DistrictChanged { district: id("nanling") }).charged(CRUX, "jinghu-2");
    let store = log.shown_on(&database).await;
    let of = async |station: &str, district: &str| {
        let filter = DueFilter { stations: vec![id(station)], districts: vec![id(district)], due_by: None };
        let page = due(store.db(), &cycle(), &Scope::All, day("2027-12-01"), &filter, &Paging::first(9)).await.unwrap();
        page.items.into_iter().map(|visit| visit.uscc.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of("jinghu-1", "jinghu").await, [BOLT]);
    assert_eq!(of("jinghu-2", "jinghu").await, [CRUX]);
    assert_eq!(of("nanling-1", "nanling").await, [ACME]);
    assert_eq!(of("wuwei-1", "wuwei").await, [""; 0]);
}

#[tokio::test]
async fn what_becomes_due_can_be_seen_ahead() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C");
    let ahead = DueFilter { due_by: Some(day("2026-12-31")), ..DueFilter::default() };
    let [due] = &due_on(&log, "2026-07-01", ahead).await[..] else { panic!("due") };
    assert_eq!((due.due_on, due.days_overdue), (day("2026-11-28"), 0));
}

#[tokio::test]
async fn nobody_is_due_in_a_cycle_that_is_not_known() {
    let log = Log::opened();
    let db = log.database().await;
    let page =
        due(&db, &id("wuhu-incubation-2030"), &Scope::All, day("2027-12-01"), &DueFilter::default(), &Paging::first(9))
            .await;
    assert!(page.unwrap().items.is_empty());
}
