//! What follows the log takes in every event once, whatever happens to nodes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::register::{EntryId, RegisterEvent};
use domain::{RecordedEvent, StreamId};
use store::audit::{self, Filter, Order};
use store::chain::verify;
use store::testing::TestDatabase;
use store::{Db, Store, import};

use crate::harness::*;

on_both_databases! {
    every_decision_is_in_the_trail_once_though_nodes_go_away,
    a_decision_larger_than_a_part_of_the_log_is_one_entry,
    a_store_that_stops_leaves_nothing_behind_that_was_not_followed,
}

/// All of the log is chained and in the trail, each decision once.
async fn followed_once(db: &Db) -> usize {
    let result = verify(db, &[], |_| ()).await.unwrap();
    assert_eq!((result.chained, result.finding), (result.head, None));
    assert_eq!(number(db, "SELECT count(*) FROM chain").await, i64::try_from(result.head).unwrap());
    let entries = audit::list(db, &Filter::default(), Order::Ascending, None, 100_000).await.unwrap();
    let mut spans: Vec<_> =
        entries.iter().filter_map(|e| e.decided.as_ref()).map(|d| (d.first_position, d.last_position)).collect();
    spans.sort_unstable();
    let mut next = 1;
    for (first, last) in &spans {
        assert_eq!(*first, next, "decisions follow one another, none twice and none left out");
        next = last + 1;
    }
    assert_eq!(next, result.head + 1);
    let ids: BTreeSet<_> = entries.iter().map(|entry| entry.audit_id).collect();
    assert_eq!(ids.len(), entries.len());
    spans.len()
}

async fn every_decision_is_in_the_trail_once_though_nodes_go_away(database: TestDatabase) {
    const LIVES: u32 = 6;
    const EACH: u32 = 40;
    for life in 0..LIVES {
        let poll = Duration::from_millis(u64::from(1 + life * 3));
        let node = Arc::new(Store::start(store::StoreConfig { poll, ..config(&database, Vec::new()) }).await.unwrap());
        let program = Program::new(&format!("p{life}"));
        for n in 0..EACH {
            node.execute(register(program.district(&format!("d{n}")))).await.unwrap();
        }
        // It goes as it stands, in the middle of whatever its followers do.
        let db = node.db().clone();
        drop(node);
        db.close().await;
    }
    let store = start(&database, Vec::new()).await;
    store.stop().await;
    let db = Db::open(&database.url).await.unwrap();
    assert_eq!(followed_once(&db).await, (LIVES * EACH) as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_follow_once_though_one_is_gone_in_between() {
    const EACH: u32 = 60;
    let database = TestDatabase::postgres().await.unwrap();
    let poll = Duration::from_millis(2);
    let node = || async {
        Arc::new(Store::start(store::StoreConfig { poll, ..config(&database, Vec::new()) }).await.unwrap())
    };
    let stays = node().await;
    let mut lives = 0;
    for life in 0..4 {
        let goes = node().await;
        let (one, other) = (Program::new(&format!("p{life}")), Program::new(&format!("q{life}")));
        tokio::join!(districts(&stays, &one, 0..EACH), districts(&goes, &other, 0..EACH));
        drop(goes);
        lives += 2;
    }
    stays.stop().await;
    let db = Db::open(&database.url).await.unwrap();
    assert_eq!(followed_once(&db).await, (lives * EACH) as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_follower_leaves_the_log_to_a_node_that_is_at_it() {
    let database = TestDatabase::postgres().await.unwrap();
    let store = start(&database, Vec::new()).await;
    let mut other = store.db().begin().await.unwrap();
    other.run("SELECT position FROM followers WHERE name = 'chain' FOR UPDATE").await.unwrap();
    let done = store.execute(register(Program::new("p").district("a"))).await.unwrap();
    // The trail is nobody's.
    assert_eq!(store.audited(done.position, PATIENCE).await.unwrap(), done.position);
    let chain = "SELECT position FROM followers WHERE name = 'chain'";
    assert_eq!(number(store.db(), chain).await, 0);
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    assert_eq!(number(store.db(), waits).await, 0, "nobody waits for it either");
    other.rollback().await.unwrap();
    eventually("the chain goes on", || async { (number(store.db(), chain).await == 1).then_some(()) }).await;
}

async fn a_decision_larger_than_a_part_of_the_log_is_one_entry(database: TestDatabase) {
    const SIZE: u32 = 1_300;
    let store = start(&database, Vec::new()).await;
    let first = recorded(StreamId::register(&id("p")), 1, closed());
    let mut meta = first.meta.clone();
    meta.decision_size = SIZE;
    let events: Vec<_> = (1..=SIZE)
        .map(|n| RecordedEvent {
            position: n.into(),
            stream: StreamId::register(&id(&format!("p{n}"))),
            meta: meta.clone(),
            ..first.clone()
        })
        .collect();
    import::append(store.db(), &events).await.unwrap();
    let done = store.execute(register(Program::new("q").district("a"))).await.unwrap();
    store.audited(done.position, PATIENCE).await.unwrap();
    store.stop().await;
    let db = Db::open(&database.url).await.unwrap();
    assert_eq!(followed_once(&db).await, 2);
    let entries = audit::list(&db, &Filter::default(), Order::Ascending, None, 9).await.unwrap();
    let large = entries.iter().find(|e| e.decided.as_ref().is_some_and(|d| d.first_position == 1)).unwrap();
    assert_eq!(large.targets.len(), SIZE as usize);
    assert_eq!(large.detail["events"]["Closed"], SIZE);
}

fn closed() -> RegisterEvent {
    RegisterEvent::Closed { entry: EntryId::District(id("a")), reason: "…".to_owned() }
}

async fn a_store_that_stops_leaves_nothing_behind_that_was_not_followed(database: TestDatabase) {
    let seldom = store::StoreConfig { poll: Duration::from_mins(1), ..config(&database, Vec::new()) };
    let store = Arc::new(Store::start(seldom).await.unwrap());
    districts(&store, &Program::new("p"), 0..30).await;
    store.stop().await;
    let db = Db::open(&database.url).await.unwrap();
    assert_eq!(followed_once(&db).await, 30);
}
