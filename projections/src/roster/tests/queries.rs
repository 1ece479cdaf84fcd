//! The roster's questions, on both databases.

use domain::forms::annex1::{KeyField, Nature, Sector, Size};
use domain::register::{EntryId, RegisterEvent};
use store::Store;
use store::testing::TestDatabase;

use super::{Log, class, day, id, organization, recorded, removed, uscc};
use crate::cycles::CycleState;
use crate::fixtures::{CYCLE, on_both_databases, show, showing};
use crate::page::{Count, Direction, Page, Paging};
use crate::roster::{self, RosterFilter, RosterRow, RosterSort, Standing};
use crate::scope::Scope;
use crate::{balance, cycles, quotas};
use domain::cycle::{CycleEvent, Stage};
use domain::organization::OrganizationEvent;

on_both_databases! {
    the_default_is_the_members_in_the_order_of_entry
    several_values_of_a_filter_mean_or_and_several_filters_and
    a_search_finds_parts_of_names_and_numbers_in_any_case
    a_station_has_the_files_that_it_is_charged_with_and_those_of_a_district_that_it_serves_alone
    what_was_merged_is_found_under_its_successor
    a_scope_narrows_what_the_filters_let_through
    pages_in_every_order_show_each_row_once
    a_row_that_comes_in_between_two_pages_disturbs_neither
    w74_the_next_visit_is_due_an_interval_after_the_last_one_or_admission
    w76_earlier_cycles_are_those_completed_before_this_one_began
    w56_class_counts_and_balance_are_asked_of_the_members
    w41_places_used_are_asked_of_the_files
    cycles_are_listed_by_program_and_state_with_their_counts
    an_unknown_cycle_is_empty
}

/// Five files: 1 and 2 members in C, 3 a member in D, 4 nominated, 5 removed.
fn log() -> Log {
    let mut log = Log::open();
    log.district("jinghu").district("wanzhi").district("yijiang");
    log.station("jinghu-1", "jinghu").station("jinghu-2", "jinghu").station("wanzhi-1", "wanzhi");
    log.recommender("alpha").recommender("beta");
    log.member(1, "C").member(2, "C").member(3, "D");
    log.applied(4, 1).nominated(4, "beta");
    log.member(5, "D").cycle("2026-06-01", removed(5));
    log
}

/// The numbers in the names of the rows that a filter lets through, in the order of entry.
async fn found(store: &Store, filter: &RosterFilter) -> Vec<u32> {
    numbers(&page(store, filter, (RosterSort::Number, Direction::Ascending), &Paging::first(50)).await.items)
}

async fn page(
    store: &Store,
    filter: &RosterFilter,
    order: (RosterSort, Direction),
    paging: &Paging,
) -> Page<RosterRow> {
    roster::page(store.db(), &id(CYCLE), &Scope::All, filter, order, paging).await.unwrap()
}

fn numbers(rows: &[RosterRow]) -> Vec<u32> {
    (1..=9).map(|n| (n, organization(n))).fold(vec![0; rows.len()], |mut numbers, (n, organization)| {
        if let Some(place) = rows.iter().position(|row| row.organization == organization) {
            numbers[place] = n;
        }
        numbers
    })
}

async fn the_default_is_the_members_in_the_order_of_entry(database: TestDatabase) {
    let store = showing(&database, &log()).await;
    assert_eq!(found(&store, &RosterFilter::members()).await, [1, 2, 3]);
    assert_eq!(found(&store, &RosterFilter::default()).await, [1, 2, 3, 4, 5]);
    let paging = Paging { limit: 2, after: None, count: Count::Total };
    let counted = page(&store, &RosterFilter::members(), (RosterSort::Number, Direction::Ascending), &paging).await;
    assert_eq!((counted.items.len(), counted.total), (2, Some(3)));
}

async fn several_values_of_a_filter_mean_or_and_several_filters_and(database: TestDatabase) {
    let store = showing(&database, &log()).await;
    let all = RosterFilter::default;
    let standings = vec![Standing::Applicant, Standing::Former];
    assert_eq!(found(&store, &RosterFilter { standings, ..all() }).await, [4, 5]);
    assert_eq!(found(&store, &RosterFilter { classes: vec![class("D")], ..all() }).await, [3, 5]);
    assert_eq!(found(&store, &RosterFilter { classes: vec![class("D")], ..RosterFilter::members() }).await, [3]);
    assert_eq!(found(&store, &RosterFilter { stages: vec![Stage::Nominated], ..all() }).await, [4]);
    assert_eq!(found(&store, &RosterFilter { recommenders: vec![id("beta")], ..all() }).await, [4]);
    assert_eq!(found(&store, &RosterFilter { districts: vec![id("wanzhi")], ..all() }).await, [0; 0]);
    let as_on_the_form = RosterFilter {
        natures: vec![Nature::Enterprise],
        sizes: vec![Size::Medium, Size::Large],
        sectors: vec![Sector::Manufacturing],
        key_fields: vec![KeyField::Materials],
        tags: vec!["other".to_owned(), "specialised".to_owned()],
        ..RosterFilter::members()
    };
    assert_eq!(found(&store, &as_on_the_form).await, [1, 2, 3]);
    for nothing in [
        RosterFilter { sizes: vec![Size::Micro], ..as_on_the_form.clone() },
        RosterFilter { tags: vec!["special".to_owned()], ..as_on_the_form.clone() },
        RosterFilter { key_fields: vec![KeyField::Other], ..as_on_the_form },
    ] {
        assert_eq!(found(&store, &nothing).await, [0; 0], "{nothing:?}");
    }
}

async fn a_search_finds_parts_of_names_and_numbers_in_any_case(database: TestDatabase) {
    let mut log = log();
    log.organization(1, "2026-05-01", OrganizationEvent::OrganizationRenamed { name: "芜湖50%_O'Neil".to_owned() });
    log.organization(2, "2026-05-01", OrganizationEvent::UsccChanged { uscc: uscc(77) });
    let store = showing(&database, &log).await;
    let search = |text: &str| RosterFilter { search: vec![text.to_owned()], ..RosterFilter::members() };
    assert_eq!(found(&store, &search("湖5")).await, [1]);
    assert_eq!(found(&store, &search(" o'NEIL ")).await, [1]);
    assert_eq!(found(&store, &search("0%_o")).await, [1]);
    assert_eq!(found(&store, &search("g%2")).await, [0; 0], "a wildcard stands for itself");
    assert_eq!(found(&store, &search("ORG")).await, [2, 3]);
    assert_eq!(found(&store, &search(&uscc(77).as_str().to_lowercase())).await, [2], "the number in force");
    assert_eq!(found(&store, &search(uscc(2).as_str())).await, [2], "the number first registered");
    assert_eq!(found(&store, &search("  ")).await, [1, 2, 3], "nothing to look for");
    let either = ["湖5", " ", uscc(2).as_str()].map(ToOwned::to_owned).to_vec();
    assert_eq!(found(&store, &RosterFilter { search: either, ..RosterFilter::members() }).await, [1, 2], "or");
}

async fn a_station_has_the_files_that_it_is_charged_with_and_those_of_a_district_that_it_serves_alone(
    database: TestDatabase,
) {
    let mut log = log();
    log.surveyed_by(1, "jinghu-2");
    log.organization(3, "2026-05-01", OrganizationEvent::DistrictChanged { district: id("wanzhi") });
    let store = showing(&database, &log).await;
    let of = |station| RosterFilter { stations: vec![id(station)], ..RosterFilter::members() };
    assert_eq!(found(&store, &of("jinghu-2")).await, [1]);
    assert_eq!(found(&store, &of("wanzhi-1")).await, [3]);
    assert_eq!(found(&store, &of("jinghu-1")).await, [0; 0], "one of two, and charged with nothing");
    let order = (RosterSort::Number, Direction::Ascending);
    let shown = page(&store, &RosterFilter::members(), order, &Paging::first(9)).await;
    let stations: Vec<_> = shown.items.into_iter().map(|row| row.station).collect();
    assert_eq!(stations, [Some(id("jinghu-2")), None, Some(id("wanzhi-1"))]);
}

async fn what_was_merged_is_found_under_its_successor(database: TestDatabase) {
    let mut log = log();
    log.surveyed_by(1, "jinghu-2");
    for (entry, successor) in [
        (EntryId::District(id("jinghu")), EntryId::District(id("yijiang"))),
        (EntryId::Station(id("jinghu-2")), EntryId::Station(id("jinghu-1"))),
        (EntryId::Recommender(id("alpha")), EntryId::Recommender(id("beta"))),
    ] {
        log.register("2026-07-01", RegisterEvent::MergedInto { entry, successor });
    }
    let store = showing(&database, &log).await;
    let members = RosterFilter::members;
    assert_eq!(found(&store, &RosterFilter { districts: vec![id("yijiang")], ..members() }).await, [1, 2, 3]);
    assert_eq!(found(&store, &RosterFilter { recommenders: vec![id("beta")], ..members() }).await, [1, 2, 3]);
    let stations = vec![id("jinghu-1")];
    assert_eq!(found(&store, &RosterFilter { stations, ..members() }).await, [1, 2, 3], "alone in both now");
}

async fn a_scope_narrows_what_the_filters_let_through(database: TestDatabase) {
    let mut log = log();
    log.organization(3, "2026-05-01", OrganizationEvent::DistrictChanged { district: id("wanzhi") });
    let store = showing(&database, &log).await;
    let local = |district: &str, station: &str| Scope::Local {
        districts: vec![district.to_owned()],
        stations: vec![station.to_owned()],
    };
    let scopes = [
        (Scope::All, vec![1, 2, 3, 4, 5]),
        (Scope::Nothing, vec![]),
        (Scope::Expert("expert-1".to_owned()), vec![]),
        (local("wanzhi", "wanzhi-1"), vec![3]),
        (local("nowhere", "nowhere-1"), vec![]),
        (Scope::Recommenders(vec!["beta".to_owned()]), vec![4]),
        (Scope::Recommenders(Vec::new()), vec![]),
        (Scope::Organization(organization(5)), vec![5]),
        (Scope::All.within(vec!["wanzhi".to_owned()]), vec![3]),
        (Scope::Recommenders(vec!["beta".to_owned()]).within(vec!["wanzhi".to_owned()]), vec![]),
    ];
    let order = (RosterSort::Number, Direction::Ascending);
    for (scope, seen) in scopes {
        let everybody = RosterFilter::default();
        let page = roster::page(store.db(), &id(CYCLE), &scope, &everybody, order, &Paging::first(9)).await.unwrap();
        assert_eq!(numbers(&page.items), seen, "{scope:?}");
        let own = roster::seen(store.db(), &id(CYCLE), &scope).await.unwrap();
        assert_eq!(own.map(|own| own.len()), (!scope.is_all()).then_some(seen.len()), "{scope:?}");
    }
    let beyond = RosterFilter { districts: vec![id("jinghu")], ..RosterFilter::default() };
    let scope = local("wanzhi", "wanzhi-1");
    let page = roster::page(store.db(), &id(CYCLE), &scope, &beyond, order, &Paging::first(9)).await.unwrap();
    assert_eq!(numbers(&page.items), [0; 0], "a filter never widens the scope");
}

async fn pages_in_every_order_show_each_row_once(database: TestDatabase) {
    let mut log = log();
    log.file(1, "2026-05-01", recorded(1)).file(2, "2026-04-01", recorded(1));
    let store = showing(&database, &log).await;
    for (sort, expected) in [
        (RosterSort::Number, [1, 2, 3, 4, 5]),
        (RosterSort::Name, [1, 2, 3, 4, 5]),
        (RosterSort::Uscc, [1, 2, 3, 4, 5]),
        (RosterSort::Class, [4, 1, 2, 3, 5]),
        (RosterSort::AdmittedOn, [4, 1, 2, 3, 5]),
        (RosterSort::LastVisitOn, [3, 4, 5, 2, 1]),
        (RosterSort::NextDueOn, [4, 5, 3, 2, 1]),
    ] {
        assert_eq!(walk(&store, (sort, Direction::Ascending)).await, expected, "{sort:?}");
        let backwards: Vec<u32> = expected.into_iter().rev().collect();
        assert_eq!(walk(&store, (sort, Direction::Descending)).await, backwards, "{sort:?}, descending");
    }
}

/// All files, two to a page.
async fn walk(store: &Store, order: (RosterSort, Direction)) -> Vec<u32> {
    let mut paging = Paging::first(2);
    let mut walked = Vec::new();
    loop {
        let page = page(store, &RosterFilter::default(), order, &paging).await;
        walked.extend(numbers(&page.items));
        match page.next {
            Some(after) => paging.after = Some(after),
            None => return walked,
        }
    }
}

async fn a_row_that_comes_in_between_two_pages_disturbs_neither(database: TestDatabase) {
    let order = (RosterSort::Uscc, Direction::Ascending);
    let mut log = Log::open();
    log.member(1, "A").member(3, "A").member(5, "A");
    let store = showing(&database, &log).await;
    let first = page(&store, &RosterFilter::members(), order, &Paging::first(2)).await;
    show(&store, log.member(2, "A").member(4, "A")).await;
    let second = Paging { limit: 5, after: first.next.clone(), count: Count::Skip };
    let second = page(&store, &RosterFilter::members(), order, &second).await;
    assert_eq!((numbers(&first.items), numbers(&second.items)), (vec![1, 3], vec![4, 5]));
}

async fn w74_the_next_visit_is_due_an_interval_after_the_last_one_or_admission(database: TestDatabase) {
    let mut log = log();
    log.file(2, "2026-05-01", recorded(1));
    let store = showing(&database, &log).await;
    let due = async |n| {
        let row = roster::get(store.db(), &id(CYCLE), &organization(n)).await.unwrap().unwrap();
        row.next_due_on
    };
    assert_eq!(due(1).await, Some(day("2026-09-06")), "180 days after 2026-03-10");
    assert_eq!(due(2).await, Some(day("2026-10-28")), "180 days after 2026-05-01");
    assert_eq!(due(4).await, None, "an applicant is not visited");
    assert_eq!(due(5).await, None, "nor is a former member");
}

async fn w76_earlier_cycles_are_those_completed_before_this_one_began(database: TestDatabase) {
    let mut log = Log::open();
    log.opened("wuhu-2028", "2028-01-01", "2030-01-01").opened("wuhu-2030", "2030-01-01", "2032-01-01");
    log.member(1, "C").applied(2, 1).member(3, "C").applied_in("wuhu-2028", 3, 1, "2027-12-01");
    let (completed, lapsed) = (vec![organization(1), organization(3)], vec![organization(2)]);
    log.cycle("2028-01-01", CycleEvent::CycleClosed { completed, lapsed, reason: None });
    log.applied_in("wuhu-2028", 1, 1, "2028-02-01").applied_in("wuhu-2028", 2, 1, "2028-02-01");
    let store = showing(&database, &log).await;
    let earlier = async |cycle, n| {
        let row = roster::get(store.db(), &id(cycle), &organization(n)).await.unwrap().unwrap();
        row.earlier_cycles
    };
    assert_eq!(earlier("wuhu-2028", 1).await, [id(CYCLE)]);
    assert_eq!(earlier("wuhu-2028", 3).await, [id(CYCLE)], "it applied before the last one was closed");
    assert_eq!(earlier("wuhu-2028", 2).await, [], "what lapsed was not completed");
    assert_eq!(earlier(CYCLE, 1).await, [], "its own cycle is not an earlier one");
}

async fn w56_class_counts_and_balance_are_asked_of_the_members(database: TestDatabase) {
    let mut log = log();
    let reason = "…".to_owned();
    log.cycle("2026-07-01", CycleEvent::MemberWithdrawn { organization: organization(1), reason: reason.clone() });
    log.cycle("2026-07-01", CycleEvent::RemovalRescinded { organization: organization(5), reason });
    let store = showing(&database, &log).await;
    let balance = balance::get(store.db(), &id(CYCLE)).await.unwrap().unwrap();
    assert_eq!(balance.counts, [("A", 0), ("B", 0), ("C", 1), ("D", 2)].map(|(name, n)| (class(name), n)).into());
    assert_eq!(balance.excess, 1);
    assert!(!balance.moves.is_empty());
    let summary = cycles::get(store.db(), &id(CYCLE)).await.unwrap().unwrap();
    assert_eq!((summary.applicants, summary.members, summary.former, summary.excess), (1, 3, 1, 1));
    assert_eq!(summary.classes, balance.counts);
}

async fn w41_places_used_are_asked_of_the_files(database: TestDatabase) {
    let mut log = log();
    log.cycle("2026-03-01", CycleEvent::QuotaWaived { recommender: id("alpha"), extra: 3, reason: "…".to_owned() });
    let store = showing(&database, &log).await;
    let rows = quotas::list(store.db(), &id(CYCLE), &Scope::All).await.unwrap().unwrap();
    let places: Vec<_> = rows.iter().map(|row| (row.recommender.as_str(), row.used, row.left)).collect();
    assert_eq!(places, [("alpha", 4, Some(1)), ("beta", 1, Some(1))]);
    let stages: Vec<_> = rows[0].nominations.iter().map(|nomination| nomination.stage).collect();
    assert_eq!(stages, [Stage::Member, Stage::Member, Stage::Member, Stage::Removed]);
}

async fn cycles_are_listed_by_program_and_state_with_their_counts(database: TestDatabase) {
    let mut log = log();
    log.opened("wuhu-2028", "2028-01-01", "2030-01-01");
    let completed = [1, 2, 3].map(organization).to_vec();
    let reason = Some("…".to_owned());
    log.cycle("2028-01-01", CycleEvent::CycleClosed { completed, lapsed: vec![organization(4)], reason });
    let store = showing(&database, &log).await;
    let listed = async |programs: &[&str], states: &[CycleState]| {
        let programs = programs.iter().map(|text| id(text)).collect();
        let filter = cycles::CycleFilter { programs, states: states.to_vec() };
        let page = cycles::list(store.db(), &filter, Direction::Descending, &Paging::first(9)).await.unwrap();
        let rows = page.items.into_iter().map(|row| (row.cycle.to_string(), row.former));
        rows.collect::<Vec<_>>()
    };
    let (first, second) = ((CYCLE.to_owned(), 5), ("wuhu-2028".to_owned(), 0));
    assert_eq!(listed(&[], &[]).await, [second.clone(), first.clone()]);
    assert_eq!(listed(&[], &[CycleState::Open, CycleState::Closed]).await, [second.clone(), first.clone()]);
    assert_eq!(listed(&["wuhu"], &[CycleState::Open]).await, [second]);
    assert_eq!(listed(&["hangzhou", "wuhu"], &[CycleState::Closed, CycleState::Closed]).await, [first]);
    assert_eq!(listed(&["hangzhou"], &[]).await, []);
}

async fn an_unknown_cycle_is_empty(database: TestDatabase) {
    let store = showing(&database, &log()).await;
    let unknown = id("wuhu-1999");
    let order = (RosterSort::Number, Direction::Ascending);
    let page = roster::page(store.db(), &unknown, &Scope::All, &RosterFilter::default(), order, &Paging::first(9))
        .await
        .unwrap();
    assert_eq!((page.items, page.next, page.total), (Vec::new(), None, None));
    assert_eq!(roster::get(store.db(), &unknown, &organization(1)).await.unwrap(), None);
    assert_eq!(balance::get(store.db(), &unknown).await.unwrap(), None);
    assert_eq!(cycles::get(store.db(), &unknown).await.unwrap(), None);
    assert_eq!(quotas::list(store.db(), &unknown, &Scope::All).await.unwrap(), None);
}
