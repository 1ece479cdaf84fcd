//! Several nodes on one PostgreSQL: nobody is told of a conflict, nobody starves (points 2 and 3).

use std::sync::Arc;

use domain::register::{EntryId, RegisterEvent};
use store::testing::TestDatabase;
use store::{ExecuteError, Store};

use crate::harness::*;
use crate::models::{Mood, counter, sound_counter};

async fn two_nodes(database: &TestDatabase) -> [Arc<Store>; 2] {
    [start(database, vec![counter()]).await, start(database, vec![counter()]).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_start_at_once_on_an_empty_database() {
    let database = TestDatabase::postgres().await.unwrap();
    let (one, other) = tokio::join!(
        Store::start(config(&database, vec![counter()])),
        Store::start(config(&database, vec![counter()]))
    );
    let program = Program::new("p");
    one.unwrap().execute(register(program.district("a"))).await.unwrap();
    other.unwrap().execute(register(program.district("b"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_another_node_wrote_while_the_head_row_was_waited_for_is_seen() {
    let database = TestDatabase::postgres().await.unwrap();
    let mood = Mood::default();
    let one = start(&database, vec![mood.counter("fussy")]).await;
    let other = start(&database, Vec::new()).await;
    let program = Program::new("p");
    // Both nodes hold the stream in memory.
    one.execute(register(program.district("a"))).await.unwrap();
    other.execute(register(program.district("b"))).await.unwrap();
    assert!(one.visible(2, PATIENCE).await.unwrap(), "its projector has done what the other left behind");

    // It folds ahead, finds that the other has written, and is held the second time, under the head row.
    mood.hold_after(1);
    let first = tokio::spawn({
        let (one, program) = (Arc::clone(&one), program.clone());
        async move { one.execute(register(program.district("c"))).await }
    });
    mood.held().await;
    let same = tokio::spawn({
        let (other, program) = (Arc::clone(&other), program.clone());
        async move { other.execute(register(program.district("c"))).await }
    });
    lock_waiters(other.db(), 1).await;
    mood.release();
    assert_eq!(first.await.unwrap().unwrap().events[0].version, 3);
    assert_eq!(refusal(same.await.unwrap()), "validation_failed", "decided again on what it had waited for");
    let next = other.execute(register(program.district("d"))).await.unwrap();
    assert_eq!(next.events[0].version, 4);
    sound_log(&one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_on_one_hot_cycle_are_never_told_of_a_conflict() {
    const EACH: u32 = 40;
    let database = TestDatabase::postgres().await.unwrap();
    let nodes = two_nodes(&database).await;
    open(&nodes[0]).await;
    let clients: Vec<_> = (0..2 * EACH)
        .map(|n| {
            let node = Arc::clone(&nodes[n as usize % 2]);
            // One after the other: a node that starves would be found out by its clients' patience.
            tokio::spawn(async move {
                node.execute(apply(n)).await?;
                node.execute(cycle(set_intake())).await
            })
        })
        .collect();
    for client in clients {
        let answer: Result<_, ExecuteError> = client.await.unwrap();
        answer.expect("accepted by either node");
    }
    let log = sound_log(&nodes[0]).await;
    assert_eq!(log.len() as u64, 3 + 2 * u64::from(EACH) * 5, "an application makes four events, the intake one");
    for node in &nodes {
        assert!(node.visible(log.len() as u64, PATIENCE).await.unwrap());
    }
    assert_eq!(sound_counter(nodes[0].db(), "counter").await, log.len() as u64);
}

/// Point 4: what is in memory is brought up by the events after it, and nothing before them is read again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_overtaken_stream_is_brought_up_by_its_newer_events_alone() {
    let database = TestDatabase::postgres().await.unwrap();
    let one = start(&database, Vec::new()).await;
    let program = Program::new("p");
    one.execute(register(program.district("a"))).await.unwrap();
    let beside = database.beside().await.unwrap();
    let mut tx = beside.begin().await.unwrap();
    // From here on nobody can read the stream from its beginning.
    tx.run("UPDATE events SET payload = '{}'").await.unwrap();
    let renamed = RegisterEvent::Renamed { entry: EntryId::District(id("a")), name: "A".to_owned() };
    append_foreign(&mut tx, &recorded(program.stream(), 2, renamed)).await;
    tx.commit().await.unwrap();

    let next = one.execute(register(program.district("b"))).await.unwrap();
    assert_eq!((next.events[0].version, next.position), (3, 3));
    assert!(one.feed().stream(&program.stream(), 0).await.is_err());
}

/// Point 7: commands over several streams, from two nodes and in either order, never wait for one another in a ring.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_over_the_same_streams_in_either_order_never_deadlock() {
    const EACH: u32 = 30;
    let database = TestDatabase::postgres().await.unwrap();
    let nodes = two_nodes(&database).await;
    open(&nodes[0]).await;
    let before = sound_log(&nodes[0]).await.len();
    // An application reads the register and writes to the cycle; an extension reads the cycle and writes to both.
    let clients: Vec<_> = (0..EACH)
        .flat_map(|n| {
            let (one, other) = (Arc::clone(&nodes[0]), Arc::clone(&nodes[1]));
            [
                tokio::spawn(async move { one.execute(apply(n)).await }),
                // Each is later than the one before it, or refused as no extension at all.
                tokio::spawn(async move { other.execute(cycle(extend_cycle(n))).await }),
            ]
        })
        .collect();
    let mut events = 0;
    for client in clients {
        match client.await.unwrap() {
            Ok(committed) => events += committed.events.len(),
            Err(ExecuteError::Refused(refused)) => assert_eq!(refused.refusal.code(), "date_out_of_range"),
            Err(other) => panic!("{other:?}: nobody is sacrificed"),
        }
    }
    assert!(events > 4 * EACH as usize, "every application, and some extensions");
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(nodes[0].db(), deadlocks).await, 0);
    assert_eq!(sound_log(&nodes[0]).await.len(), before + events);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_retry_at_another_node_is_answered_by_what_the_first_wrote() {
    let database = TestDatabase::postgres().await.unwrap();
    let [one, other] = two_nodes(&database).await;
    let keyed = || {
        let mut submission = register(Program::new("p").district("a"));
        submission.key = Some("office/p/somebody:1".to_owned());
        submission
    };
    let (first, second) = tokio::join!(one.execute(keyed()), other.execute(keyed()));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.events, second.events);
    assert_ne!(first.repeated, second.repeated, "one of them carried it out");
    assert_eq!(sound_log(&one).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn during_an_upgrade_a_changed_model_belongs_to_the_newer_node() {
    let database = TestDatabase::postgres().await.unwrap();
    let mood = Mood::default();
    let older = start(&database, vec![mood.counter("changing"), counter()]).await;
    let newer = start(&database, vec![mood.newer_counter("changing"), counter()]).await;
    let program = Program::new("p");
    // Had the older one folded it, the poison would have stopped the model.
    mood.poison(true);
    mood.hold_after(0);
    let answered = older.execute(register(program.district("a"))).await.unwrap();
    assert!(!answered.visible, "not in the model that did not come along");
    mood.poison(false);
    mood.held().await;
    mood.release();
    assert!(newer.visible(1, PATIENCE).await.unwrap());
    assert_eq!(sound_counter(newer.db(), "changing").await, 1, "the newer node's projector has done it");
    newer.execute(register(program.rename(EntryId::District(id("a")), "A"))).await.unwrap();
    assert_eq!(sound_counter(newer.db(), "changing").await, 2);
}
