use super::*;
use crate::fixtures::{Log, Table, day, id, on_both_databases, showing};
use store::testing::TestDatabase;

fn station(text: &str) -> EntryId {
    EntryId::Station(id(text))
}

fn recommender(text: &str) -> EntryId {
    EntryId::Recommender(id(text))
}

/// Jinghu with one station, wanzhi with two; recommenders alpha, beta, gamma.
fn log() -> Log {
    let mut log = Log::default();
    log.district("jinghu").district("wanzhi");
    log.station("jinghu-1", "jinghu").station("wanzhi-1", "wanzhi").station("wanzhi-2", "wanzhi");
    log.recommender("alpha").recommender("beta").recommender("gamma");
    log
}

fn table(log: &Log) -> Table {
    Table::folded(&*store::Model::<RegisterEntries>::boxed(), log.events(), &[])
}

fn directory(log: &Log) -> Directory {
    Directory::of(table(log).rows())
}

#[test]
fn a_renamed_entry_keeps_its_id_and_a_reassigned_station_serves_the_other_district() {
    let mut log = log();
    log.register("2026-03-01", RegisterEvent::Renamed { entry: station("wanzhi-2"), name: "新站".to_owned() });
    let moved = RegisterEvent::Reassigned { entry: station("wanzhi-2"), district: id("jinghu") };
    log.register("2026-03-01", moved);
    let directory = directory(&log);
    assert_eq!(directory.name(EntryKind::Station, "wanzhi-2"), Some("新站"));
    assert_eq!(directory.stations_of(&id("jinghu")), [id("jinghu-1"), id("wanzhi-2")]);
    assert_eq!(directory.only_station(&id("jinghu")), None);
    assert_eq!(directory.only_station(&id("wanzhi")), Some(id("wanzhi-1")));
}

#[test]
fn a_closed_entry_is_inactive_with_day_and_reason_and_keeps_its_name() {
    let mut log = log();
    log.register("2026-03-01", RegisterEvent::Closed { entry: station("wanzhi-1"), reason: "撤销".to_owned() });
    let row: RegisterRow = table(&log).row("wuhu/station/wanzhi-1");
    assert_eq!((row.active, row.ended_on), (false, Some(day("2026-03-01"))));
    assert_eq!((row.name.as_deref(), row.closed_reason.as_deref()), (Some("WANZHI-1"), Some("撤销")));
    assert_eq!(directory(&log).only_station(&id("wanzhi")), Some(id("wanzhi-2")));
}

#[test]
fn what_was_merged_in_turn_stands_for_the_last_successor() {
    let mut log = log();
    for (entry, successor) in [("alpha", "beta"), ("beta", "gamma")] {
        let merged = RegisterEvent::MergedInto { entry: recommender(entry), successor: recommender(successor) };
        log.register("2026-03-01", merged);
    }
    let directory = directory(&log);
    assert_eq!(directory.current(EntryKind::Recommender, "alpha"), "gamma");
    assert_eq!(directory.merged_with(EntryKind::Recommender, "gamma"), ["gamma", "alpha", "beta"]);
    assert_eq!(directory.merged_with(EntryKind::Recommender, "alpha"), ["alpha"]);
}

#[test]
fn the_stations_of_a_merged_district_serve_its_successor() {
    let mut log = log();
    let (entry, successor) = (EntryId::District(id("jinghu")), EntryId::District(id("wanzhi")));
    log.register("2026-03-01", RegisterEvent::MergedInto { entry, successor });
    let directory = directory(&log);
    assert_eq!(directory.stations_of(&id("wanzhi")).len(), 3);
    assert_eq!(directory.stations_of(&id("jinghu")).len(), 3);
    assert_eq!(directory.districts_of_only("jinghu-1"), Vec::<String>::new());
}

#[test]
fn an_unknown_id_stands_for_itself() {
    assert_eq!(directory(&log()).current(EntryKind::Expert, "nobody"), "nobody");
}

on_both_databases! {
    the_register_is_listed_by_kind_district_and_whether_active
    an_entry_is_found_by_kind_and_id
}

async fn the_register_is_listed_by_kind_district_and_whether_active(database: TestDatabase) {
    let mut log = log();
    log.register("2026-03-01", RegisterEvent::Closed { entry: station("wanzhi-1"), reason: "撤销".to_owned() });
    log.register("2026-03-01", RegisterEvent::Renamed { entry: recommender("gamma"), name: "A".to_owned() });
    let store = showing(&database, &log).await;
    let all = RegisterFilter { program: id("wuhu"), kinds: Vec::new(), districts: Vec::new(), active: None };
    let listed = async |filter: &RegisterFilter, sort, direction| {
        let page = list(store.db(), filter, sort, direction, &Paging::first(20)).await.unwrap();
        page.items.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let (by_id, up) = (RegisterSort::Id, Direction::Ascending);
    assert_eq!(listed(&all, by_id, up).await.len(), 8);
    let stations = RegisterFilter { kinds: vec![EntryKind::Station], ..all.clone() };
    assert_eq!(listed(&stations, by_id, Direction::Descending).await, ["wanzhi-2", "wanzhi-1", "jinghu-1"]);
    let closed = RegisterFilter { active: Some(false), ..stations.clone() };
    assert_eq!(listed(&closed, by_id, up).await, ["wanzhi-1"]);
    let there = RegisterFilter { districts: vec![id("wanzhi")], active: Some(true), ..stations };
    assert_eq!(listed(&there, by_id, up).await, ["wanzhi-2"]);
    let recommenders = RegisterFilter { kinds: vec![EntryKind::Recommender], ..all.clone() };
    assert_eq!(listed(&recommenders, RegisterSort::Name, up).await, ["gamma", "alpha", "beta"]);
    let elsewhere = RegisterFilter { program: id("hangzhou"), ..all };
    assert_eq!(listed(&elsewhere, by_id, up).await, Vec::<String>::new());
}

async fn an_entry_is_found_by_kind_and_id(database: TestDatabase) {
    let store = showing(&database, &log()).await;
    let found = get(store.db(), &id("wuhu"), &station("jinghu-1")).await.unwrap();
    assert_eq!(found.and_then(|row| row.district), Some(id("jinghu")));
    assert_eq!(get(store.db(), &id("wuhu"), &recommender("jinghu-1")).await.unwrap(), None, "another kind");
    let directory = super::directory(store.db(), &id("wuhu")).await.unwrap();
    assert_eq!(directory.name(EntryKind::Recommender, "beta"), Some("BETA"));
}
