//! The audit trail: what is recorded is there, is found by what it is asked for, and stays.

use chrono::{DateTime, TimeDelta, Utc};
use domain::Actor;
use store::audit::{self, Entry, Filter, Kind, Order, Outcome, Place, Target, Who};
use store::testing::TestDatabase;
use store::{ExecuteError, Store};

use crate::harness::*;

on_both_databases! {
    what_was_accepted_is_in_the_trail_with_who_and_what,
    what_is_recorded_is_there_when_it_returns,
    entries_are_found_by_each_filter,
    a_list_goes_on_behind_any_entry_in_either_order,
    nothing_of_the_trail_is_changed_or_removed,
    what_the_database_does_not_take_fails_alone,
}

const NOON: &str = "2026-07-01T04:00:00Z";

fn noon() -> DateTime<Utc> {
    id(NOON)
}

fn by(actor: &str) -> Who {
    Who::from(&id::<Actor>(actor))
}

async fn all(store: &Store, filter: &Filter) -> Vec<Entry> {
    let entries = audit::list(store.db(), filter, Order::Ascending, None, 1_000).await.unwrap();
    assert_eq!(audit::count(store.db(), filter).await.unwrap(), entries.len() as u64);
    entries
}

async fn what_was_accepted_is_in_the_trail_with_who_and_what(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    open(&store).await;
    let mut submission = apply(1);
    submission.request_id = Some("request-1".into());
    let done = store.execute(submission).await.unwrap();
    assert_eq!(store.audited(done.position, PATIENCE).await.unwrap(), done.position);
    let concerned = Filter { targets: vec![vec![Target::new("organization", &uscc(1))]], ..Filter::default() };
    let entries = all(&store, &concerned).await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.kind, entry.outcome, &entry.code), (Kind::Command, Outcome::Accepted, &None));
    assert_eq!(entry.at, noon());
    assert_eq!(entry.who, by(&format!("organization/{}/somebody", uscc(1))));
    assert_eq!(entry.request_id.as_deref(), Some("request-1"));
    let decided = entry.decided.as_ref().unwrap();
    assert_eq!(decided.decision_id, done.decision_id.to_string());
    assert_eq!((decided.first_position, decided.last_position), (done.events[0].position, done.position));
    assert_eq!(entry.targets, [Target::new("cycle", CYCLE), Target::new("organization", &uscc(1))]);
    assert_eq!(entry.detail["events"]["ApplicationSubmitted"], 1);
    store.stop().await;
}

async fn what_is_recorded_is_there_when_it_returns(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let entries: Vec<Entry> = (0..300)
        .map(|n| {
            let mut entry = Entry::new(Kind::Command, noon()).by(by("office/p/li")).with("n", n);
            entry.outcome = Outcome::Refused;
            entry.code = Some("quota_exceeded".to_owned());
            entry.status = Some(422);
            entry.request_id = Some(format!("r{n}"));
            entry.operation = Some("POST /x/{cycle}".to_owned());
            entry.targets = vec![Target::new("cycle", "p-2026"), Target::new("cycle", "p-2026")];
            entry
        })
        .collect();
    let recorded = entries.iter().map(|entry| async {
        let asked = Filter { request_ids: entry.request_id.clone().into_iter().collect(), ..Filter::default() };
        store.record(entry.clone()).await.unwrap();
        let mut known = entry.clone();
        known.targets.dedup();
        assert_eq!(all(&store, &asked).await, [known]);
    });
    futures::future::join_all(recorded).await;
    assert_eq!(all(&store, &Filter::default()).await.len(), 300);
    store.stop().await;
    let late = store.record(entries[0].clone()).await;
    assert!(matches!(late, Err(ExecuteError::ShuttingDown)), "{late:?}");
}

async fn entries_are_found_by_each_filter(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    for (n, (actor, kind, outcome, code, target)) in [
        ("office/p/li", Kind::Command, Outcome::Refused, Some("not_permitted"), "p-2026"),
        ("station/s/wu", Kind::Command, Outcome::Refused, Some("quota_exceeded"), "p-2025"),
        ("office/p/wu", Kind::Export, Outcome::Accepted, None, "p-2026"),
        ("expert/e/qi", Kind::Unmasking, Outcome::Failed, Some("internal"), "q-2026"),
    ]
    .into_iter()
    .enumerate()
    {
        let at = noon() + TimeDelta::minutes(i64::try_from(n).unwrap());
        let mut entry = Entry::new(kind, at).by(by(actor)).with("n", n);
        entry.outcome = outcome;
        entry.code = code.map(ToOwned::to_owned);
        entry.targets = vec![Target::new("cycle", target), Target::new("session", &n)];
        store.record(entry).await.unwrap();
    }
    let none = Filter::default;
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let cycle = |id: &str| Target::new("cycle", id);
    let minute = |n| Some(noon() + TimeDelta::minutes(n));
    for (filter, expected) in [
        (none(), vec![0, 1, 2, 3]),
        (Filter { persons: texts(&["wu"]), ..none() }, vec![1, 2]),
        (Filter { persons: texts(&["wu", "qi"]), roles: texts(&["office", "expert"]), ..none() }, vec![2, 3]),
        (Filter { kinds: vec![Kind::Export, Kind::Unmasking], ..none() }, vec![2, 3]),
        (Filter { outcomes: vec![Outcome::Refused], ..none() }, vec![0, 1]),
        (Filter { codes: texts(&["internal", "not_permitted"]), ..none() }, vec![0, 3]),
        (Filter { targets: vec![vec![cycle("p-2026"), cycle("q-2026")]], ..none() }, vec![0, 2, 3]),
        (Filter { targets: vec![vec![cycle("p-2026")], vec![Target::new("session", &2)]], ..none() }, vec![2]),
        (Filter { targets: vec![vec![Target::new("organization", "p-2026")]], ..none() }, vec![]),
        (Filter { from: minute(1), to: minute(3), ..none() }, vec![1, 2]),
    ] {
        let found: Vec<i64> = all(&store, &filter).await.iter().filter_map(|e| e.detail["n"].as_i64()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    store.stop().await;
}

async fn a_list_goes_on_behind_any_entry_in_either_order(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    for n in 0..9_i64 {
        // Some of them at the same instant.
        store.record(Entry::new(Kind::Command, noon() + TimeDelta::seconds(n / 3)).with("n", n)).await.unwrap();
    }
    for order in [Order::Ascending, Order::Descending] {
        let whole = audit::list(store.db(), &Filter::default(), order, None, 99).await.unwrap();
        let mut paged = Vec::new();
        let mut after: Option<Place> = None;
        loop {
            let page = audit::list(store.db(), &Filter::default(), order, after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(Place::of(last));
            paged.extend(page);
        }
        assert_eq!(paged, whole);
        assert_eq!(paged.len(), 9);
        assert!(paged.is_sorted_by_key(|entry| match order {
            Order::Ascending => entry.at.timestamp(),
            Order::Descending => -entry.at.timestamp(),
        }));
    }
    store.stop().await;
}

async fn nothing_of_the_trail_is_changed_or_removed(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let mut entry = Entry::new(Kind::Command, noon());
    entry.targets = vec![Target::new("cycle", CYCLE)];
    store.record(entry.clone()).await.unwrap();
    let mut tried = vec!["UPDATE audit SET person = 'nobody'", "DELETE FROM audit", "DELETE FROM audit_targets"];
    tried.push("UPDATE audit_targets SET target = 'x'");
    if matches!(store.db(), store::Db::Postgres(_)) {
        tried.extend(["TRUNCATE audit", "TRUNCATE audit_targets", "TRUNCATE chain", "TRUNCATE chain_origin"]);
    }
    // Whoever may do all is kept from it by accident; the server's role may not even try.
    let (all_powerful, server) = (database.beside().await.unwrap(), store.db().clone());
    let postgres = matches!(server, store::Db::Postgres(_));
    let reasons = [(all_powerful, "is only ever added to"), (server, "permission denied")];
    for (db, reason) in reasons.into_iter().take(if postgres { 2 } else { 1 }) {
        for change in &tried {
            let mut tx = db.begin().await.unwrap();
            let refused = tx.run(change).await.unwrap_err().to_string();
            assert!(refused.contains(reason), "{change}: {refused}");
            tx.rollback().await.unwrap();
        }
    }
    assert_eq!(all(&store, &Filter::default()).await, [entry]);
    store.stop().await;
}

async fn what_the_database_does_not_take_fails_alone(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let entry = Entry::new(Kind::Command, noon());
    let good = || Entry::new(Kind::Command, noon());
    // The same id twice: the second of them is the fault.
    store.record(entry.clone()).await.unwrap();
    let (one, twice, other) = tokio::join!(store.record(good()), store.record(entry), store.record(good()));
    assert!(matches!(twice, Err(ExecuteError::Internal)), "{twice:?}");
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(all(&store, &Filter::default()).await.len(), 3);
    store.stop().await;
}
