use super::*;
use crate::fixtures::{CYCLE, Log, Table, id, organization};
use crate::register::RegisterEntries;
use crate::roster::{File, Kept, Roster};
use domain::register::{EntryId, RegisterEvent};

fn opened() -> Log {
    let mut log = Log::open();
    log.recommender("alpha").recommender("beta");
    log
}

/// What the query answers after a log: the same three tables, read in memory.
fn quotas(log: &Log) -> Vec<QuotaRow> {
    fn table<M: ReadModel>(log: &Log) -> Table {
        Table::folded(&*store::Model::<M>::boxed(), log.events(), &[])
    }
    let directory = Directory::of(table::<RegisterEntries>(log).rows());
    let files = table::<Roster>(log).rows::<Kept>().into_iter().filter_map(Kept::into_file);
    let nominated = files.map(File::into_row).filter(|row| row.recommender.is_some()).collect();
    add_up(Some(2), &directory, table::<Quotas>(log).rows(), nominated)
}

fn of(log: &Log, recommender: &str) -> QuotaRow {
    quotas(log).into_iter().find(|row| row.recommender.as_str() == recommender).unwrap()
}

fn places(log: &Log, recommender: &str) -> (u32, Option<u32>) {
    let row = of(log, recommender);
    (row.used, row.left)
}

fn withdrawn(n: u32, place_freed: bool) -> CycleEvent {
    CycleEvent::NominationWithdrawn { organization: organization(n), reason: "…".to_owned(), place_freed }
}

#[test]
fn w41_a_nomination_uses_a_place_and_names_the_organisation() {
    let mut log = opened();
    log.applied(1, 1).nominated(1, "alpha");
    assert_eq!((places(&log, "alpha"), places(&log, "beta")), ((1, Some(1)), (0, Some(2))));
    let nominations = of(&log, "alpha").nominations;
    assert_eq!((&nominations[0].organization, nominations[0].stage), (&organization(1), Stage::Nominated));
}

#[test]
fn w41_a_withdrawal_before_any_survey_frees_the_place_and_a_later_one_does_not() {
    let mut log = opened();
    log.applied(1, 1).nominated(1, "alpha").applied(2, 1).nominated(2, "alpha");
    log.cycle("2026-03-01", withdrawn(1, true)).cycle("2026-03-01", withdrawn(2, false));
    assert_eq!(places(&log, "alpha"), (1, Some(1)));
    assert_eq!(of(&log, "alpha").nominations[0].stage, Stage::Withdrawn);
}

#[test]
fn w41_a_fresh_start_may_be_nominated_by_another_recommender() {
    let mut log = opened();
    log.applied(1, 1).nominated(1, "alpha").cycle("2026-03-01", withdrawn(1, true));
    log.applied(1, 2).nominated(1, "beta");
    assert_eq!((places(&log, "alpha"), places(&log, "beta")), ((0, Some(2)), (1, Some(1))));
}

#[test]
fn w41_a_corrected_nomination_moves_the_place() {
    let mut log = opened();
    log.applied(1, 1).nominated(1, "alpha");
    let reason = "…".to_owned();
    let corrected =
        CycleEvent::NominationCorrected { organization: organization(1), from: id("alpha"), to: id("beta"), reason };
    log.cycle("2026-03-01", corrected);
    assert_eq!((places(&log, "alpha"), places(&log, "beta")), ((0, Some(2)), (1, Some(1))));
}

#[test]
fn w41_a_declined_nomination_keeps_its_place_used() {
    let mut log = opened();
    log.applied(1, 1).nominated(1, "alpha");
    let grounds = domain::cycle::DeclineGrounds::BelowLowestClass;
    log.cycle("2026-03-01", CycleEvent::NominationDeclined { organization: organization(1), grounds });
    assert_eq!(places(&log, "alpha"), (1, Some(1)));
}

#[test]
fn w41_grants_add_up_with_their_reasons() {
    let mut log = opened();
    for (extra, on) in [(1, "2026-03-01"), (2, "2026-04-01")] {
        log.cycle(on, CycleEvent::QuotaWaived { recommender: id("alpha"), extra, reason: on.to_owned() });
    }
    let row = of(&log, "alpha");
    assert_eq!((row.extra, row.left), (3, Some(5)));
    assert_eq!(row.grants.iter().map(|grant| grant.reason.as_str()).collect::<Vec<_>>(), ["2026-03-01", "2026-04-01"]);
    assert_eq!(row.grants[0].granted_on.to_string(), "2026-03-01");
}

#[test]
fn w41_places_of_merged_recommenders_add_up_also_above_the_limit() {
    let mut log = opened();
    for (n, recommender) in [(1, "alpha"), (2, "alpha"), (3, "beta")] {
        log.applied(n, 1).nominated(n, recommender);
    }
    let (entry, successor) = (EntryId::Recommender(id("alpha")), EntryId::Recommender(id("beta")));
    log.register("2026-04-01", RegisterEvent::MergedInto { entry, successor });
    let rows = quotas(&log);
    assert_eq!(rows.len(), 1, "what was merged stands under its successor");
    assert_eq!((rows[0].recommender.as_str(), rows[0].used, rows[0].left), ("beta", 3, Some(0)));
    assert_eq!(rows[0].merged, [id("alpha")]);
}

#[test]
fn w41_a_closed_recommender_that_used_a_place_is_still_shown() {
    let mut log = opened();
    log.applied(1, 1).nominated(1, "alpha");
    for entry in ["alpha", "beta"] {
        let entry = EntryId::Recommender(id(entry));
        log.register("2026-04-01", RegisterEvent::Closed { entry, reason: "…".to_owned() });
    }
    let rows = quotas(&log);
    assert_eq!(rows.iter().map(|row| (row.recommender.as_str(), row.active)).collect::<Vec<_>>(), [("alpha", false)]);
}

#[test]
fn a_grant_is_kept_per_cycle_and_recommender() {
    let mut log = opened();
    log.cycle("2026-03-01", CycleEvent::QuotaWaived { recommender: id("alpha"), extra: 1, reason: "…".to_owned() });
    let table = Table::folded(&*store::Model::<Quotas>::boxed(), log.events(), &[]);
    let row: ExtraPlaces = table.row(&format!("{CYCLE}/alpha"));
    assert_eq!(row.cycle.as_str(), CYCLE);
}
