use domain::cycle::{CycleEvent, Outcome, Stage};
use domain::fact::{Corrected, Recorded, Voided};
use domain::ids::{IncidentId, VisitId};

use super::*;
use crate::fixtures::{Log, Table, class, day, file, id, nth, organization, uscc, visit};
use crate::roster::{File, Kept, Roster, RosterRow};

/// The roster's row of the first organisation as of a day, if it has one.
fn row(log: &Log, as_of: &str) -> Option<RosterRow> {
    let events = effective(log.events().iter().cloned(), day(as_of));
    let table = Table::folded(&*store::Model::<Roster>::boxed(), &events, &[]);
    let mut rows = table.rows::<Kept>().into_iter().filter_map(Kept::into_file).map(File::into_row);
    rows.find(|row| row.organization == organization(1))
}

fn recorded(n: u128) -> EnrolmentEvent {
    EnrolmentEvent::VisitRecorded(Recorded { id: VisitId::new(nth(n)), content: visit("jinghu-1") })
}

fn corrected(n: u128, station: &str) -> EnrolmentEvent {
    let (id, content) = (VisitId::new(nth(n)), visit(station));
    EnrolmentEvent::VisitCorrected(Corrected { id, replaces_version: 1, content, reason: "…".to_owned() })
}

fn voided(n: u128) -> EnrolmentEvent {
    EnrolmentEvent::VisitVoided(Voided { id: VisitId::new(nth(n)), reason: "…".to_owned() })
}

fn last_visit(log: &Log, as_of: &str) -> Option<NaiveDate> {
    row(log, as_of).and_then(|row| row.last_visit_on)
}

fn reclassified(on: &str, log: &mut Log) {
    let (from, to) = (class("C"), class("D"));
    let event = CycleEvent::OrganizationReclassified { organization: organization(1), from, to, grounds: "…".into() };
    log.cycle(on, event);
}

#[test]
fn a_day_counts_to_its_end() {
    let mut log = Log::open();
    log.member(1, "C");
    assert_eq!(row(&log, "2026-01-31"), None);
    assert_eq!(row(&log, "2026-02-01").map(|row| row.stage), Some(Stage::Applied));
    assert_eq!(row(&log, "2026-03-09").map(|row| row.stage), Some(Stage::Nominated));
    assert_eq!(row(&log, "2026-03-10").map(|row| row.stage), Some(Stage::Member));
}

#[test]
fn a_visit_corrected_to_a_later_day_is_not_there_before_it() {
    let mut log = Log::open();
    log.member(1, "C").file(1, "2026-05-01", recorded(1)).file(1, "2026-07-01", corrected(1, "jinghu-1"));
    assert_eq!(last_visit(&log, "2026-06-01"), None);
    assert_eq!(last_visit(&log, "2026-07-01"), Some(day("2026-07-01")));
}

#[test]
fn a_visit_corrected_to_an_earlier_day_is_there_from_it() {
    let mut log = Log::open();
    log.member(1, "C").file(1, "2026-07-01", recorded(1)).file(1, "2026-05-01", corrected(1, "jinghu-1"));
    assert_eq!(last_visit(&log, "2026-04-30"), None);
    assert_eq!(last_visit(&log, "2026-05-01"), Some(day("2026-05-01")));
}

#[test]
fn the_latest_of_two_corrections_stands_in_the_place_of_the_first_content() {
    let mut log = Log::open();
    log.member(1, "C").file(1, "2026-05-01", recorded(1));
    let place = log.events().len();
    log.file(1, "2026-05-02", corrected(1, "jinghu-2")).file(1, "2026-05-03", corrected(1, "jinghu-3"));
    let events = effective(log.events().iter().cloned(), day("2026-12-31"));
    assert_eq!(events.len(), place);
    let event = &events[place - 1];
    assert_eq!((event.position, event.meta.occurred_on), (place as u64, day("2026-05-03")));
    let content = Recorded { id: VisitId::new(nth(1)), content: visit("jinghu-3") };
    assert_eq!(event.event, EnrolmentEvent::VisitRecorded(content).into());
}

#[test]
fn a_voided_visit_never_was_and_others_stay() {
    let mut log = Log::open();
    log.member(1, "C").file(1, "2026-05-01", recorded(1)).file(1, "2026-06-01", recorded(2));
    log.file(1, "2026-09-01", voided(2));
    assert_eq!(last_visit(&log, "2026-07-01"), Some(day("2026-05-01")));
    assert_eq!(last_visit(&log, "2026-12-31"), Some(day("2026-05-01")));
}

#[test]
fn the_same_id_in_another_file_is_another_fact() {
    let mut log = Log::open();
    log.member(1, "C").member(2, "C");
    log.file(1, "2026-05-01", recorded(1)).file(2, "2026-05-01", recorded(1)).file(2, "2026-06-01", voided(1));
    assert_eq!(last_visit(&log, "2026-12-31"), Some(day("2026-05-01")));
}

#[test]
fn a_corrected_class_counts_from_the_day_of_its_decision() {
    let mut log = Log::open();
    log.member(1, "C");
    reclassified("2026-06-01", &mut log);
    let corrected = CycleEvent::ClassificationCorrected {
        organization: organization(1),
        from: class("D"),
        to: class("B"),
        decided_on: day("2026-06-01"),
        reason: "…".to_owned(),
    };
    log.cycle("2026-09-01", corrected);
    let class_on = |as_of| row(&log, as_of).and_then(|row| row.class);
    assert_eq!(class_on("2026-05-31"), Some(class("C")), "the decision before it stays");
    assert_eq!(class_on("2026-06-01"), Some(class("B")));
    assert_eq!(class_on("2026-12-31"), Some(class("B")));
}

#[test]
fn a_corrected_nomination_was_the_right_recommenders_from_the_start() {
    let mut log = Log::open();
    log.applied(1, 1).nominated(1, "alpha");
    let (from, to, reason) = (id("alpha"), id("beta"), "…".to_owned());
    log.cycle("2026-09-01", CycleEvent::NominationCorrected { organization: organization(1), from, to, reason });
    assert_eq!(row(&log, "2026-02-10").and_then(|row| row.recommender), Some(id("beta")));
}

#[test]
fn a_removal_stands_until_the_day_that_it_was_rescinded_on() {
    let mut log = Log::open();
    log.member(1, "C");
    let incident_id = IncidentId::new(nth(7));
    log.cycle(
        "2026-06-01",
        CycleEvent::OrganizationRemoved { organization: organization(1), incident_id, reason: None },
    );
    log.cycle("2026-08-01", CycleEvent::RemovalRescinded { organization: organization(1), reason: "…".to_owned() });
    let stages =
        ["2026-05-31", "2026-06-01", "2026-07-31", "2026-08-01"].map(|as_of| row(&log, as_of).map(|row| row.stage));
    assert_eq!(stages, [Stage::Member, Stage::Removed, Stage::Removed, Stage::Member].map(Some));
}

#[test]
fn what_others_refer_to_is_kept_whatever_its_day() {
    let mut log = Log::open();
    log.recommender("alpha").applied(1, 1);
    let moved = OrganizationEvent::EnrolmentEnded { cycle: id("wuhu-2026"), outcome: Outcome::WithdrawnEarly };
    log.organization(1, "2026-02-02", moved);
    let second = StreamId::organization(&organization(9));
    log.push("2026-02-03", second, OrganizationEvent::NumberAssigned { organization: organization(1) });
    log.organization(1, "2026-02-03", OrganizationEvent::UsccCorrected { uscc: uscc(9), reason: "…".to_owned() });
    let kept: Vec<&str> = effective(log.events().iter().cloned(), day("2020-01-01"))
        .iter()
        .map(|event| event.event.event_type())
        .collect();
    assert_eq!(kept, ["CycleOpened", "Registered", "OrganizationRegistered", "NumberAssigned", "UsccCorrected"]);
}

#[test]
fn a_rename_counts_from_its_day() {
    let mut log = Log::open();
    log.applied(1, 1);
    log.organization(1, "2026-06-01", OrganizationEvent::OrganizationRenamed { name: "新名".to_owned() });
    let name_on = |as_of| row(&log, as_of).map(|row| row.name);
    assert_eq!(name_on("2026-05-31").as_deref(), Some("Org 1"));
    assert_eq!(name_on("2026-06-01").as_deref(), Some("新名"));
}

#[test]
fn as_of_the_last_day_the_roster_is_what_it_is() {
    let mut log = Log::open();
    log.member(1, "C").file(1, "2026-05-01", recorded(1)).file(1, "2026-07-01", corrected(1, "jinghu-1"));
    log.file(1, "2026-08-01", recorded(2)).file(1, "2026-09-01", voided(2));
    reclassified("2026-10-01", &mut log);
    let live: Kept = Table::folded(&*store::Model::<Roster>::boxed(), log.events(), &[]).row(&file(1));
    let Kept::File(live) = live else { panic!("{live:?}") };
    // The tag is the version that a writer would have to name, and only the live row's is one.
    let past = row(&log, "2026-12-31").map(|row| RosterRow { tag: live.row().tag.clone(), ..row });
    assert_eq!(past.as_ref(), Some(live.row()));
}
