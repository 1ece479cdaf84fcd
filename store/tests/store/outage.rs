//! The database goes away: what was acknowledged stands, nothing stands twice, and all goes on afterwards (point 8, E2).

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::world::BalanceChange;
use domain::{Decision, StreamId};
use store::testing::TestDatabase;
use store::testing::cluster::{Cluster, Durability, program, run};
use store::{DbUrl, ExecuteError, Outcome, Store, StoreConfig, Submission, Work};

use crate::harness::*;
use crate::models::{Mood, counter, sound_counter, stations};
use crate::proxy::{Fate, Proxy};

/// A command with a key, whose answer tells of class counts.
fn classifying(stream: StreamId, n: u64) -> Submission {
    let balance = BalanceChange { before: BTreeMap::new(), after: BTreeMap::new(), excess_before: 1, excess_after: 0 };
    let event = recorded(
        stream.clone(),
        n,
        domain::register::RegisterEvent::Renamed {
            entry: domain::register::EntryId::District(id("a")),
            name: format!("A{n}"),
        },
    );
    let decision = Decision {
        events: vec![(stream.clone(), event.event)],
        occurred_on: event.meta.occurred_on,
        documents: Vec::new(),
        waiver: None,
        balance: Some(balance),
    };
    Submission { work: Work::Append { stream, expected: n - 1, decision }, ..register(Program::new("p").district("a")) }
}

/// However a commit is lost, its command stands exactly once, and its client is answered as if nothing had been.
async fn a_lost_commit(fate: Fate) {
    let database = TestDatabase::postgres().await.unwrap();
    let proxy = Proxy::before(&database).await;
    let settings = StoreConfig { wait: Duration::from_secs(2), ..config(&proxy.database, Vec::new()) };
    let store = Arc::new(Store::start(settings).await.unwrap());
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();

    for (n, keyed) in [(2, true), (3, false)] {
        let mut submission = classifying(program.stream(), n);
        submission.key = keyed.then(|| "office/p/somebody:1".to_owned());
        proxy.next_commit(fate);
        let answer = store.execute(submission).await.unwrap();
        assert!(proxy.sprung());
        assert_eq!((answer.position, answer.repeated), (n, false), "{fate:?}");
        assert_eq!(answer.balance.map(|balance| balance.excess_before), Some(1), "nothing of the answer is lost");
    }
    let mut retry = classifying(program.stream(), 2);
    retry.key = Some("office/p/somebody:1".to_owned());
    assert!(store.execute(retry).await.unwrap().repeated);
    assert_eq!(sound_log(&store).await.len(), 3, "{fate:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_whose_answer_was_lost_stands_once() {
    a_lost_commit(Fate::AnswerLost).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_that_never_reached_the_server_is_made_again() {
    a_lost_commit(Fate::NeverSent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_that_goes_silent_while_committing_is_given_up() {
    a_lost_commit(Fate::Silence).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_the_backend_is_killed_before_the_commit_nothing_stands() {
    let database = TestDatabase::postgres().await.unwrap();
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    // Held the second time, under the head row.
    ride_anew(&store).await;
    mood.hold_after(1);
    let interrupted = tokio::spawn({
        let (store, program) = (Arc::clone(&store), program.clone());
        async move { store.execute(register(program.district("b"))).await }
    });
    mood.held().await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(number(store.db(), kill).await > 0);
    mood.release();
    let answer = interrupted.await.unwrap();
    assert!(matches!(answer, Err(ExecuteError::Unavailable(Outcome::None))), "{answer:?}");

    // All connections were killed; new ones are made.
    assert_eq!(store.execute(register(program.district("b"))).await.unwrap().position, 2);
    assert_eq!(sound_counter(store.db(), "fussy").await, 2);
    assert_eq!(sound_log(&store).await.len(), 2);
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.feed().moved_beyond(2, PATIENCE).await }
    });
    store.execute(register(program.district("c"))).await.unwrap();
    tokio::time::timeout(PATIENCE / 2, waiting).await.expect("notifications come again").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_the_backend_is_killed_before_a_group_is_written_ahead_it_is_written_once() {
    let database = TestDatabase::postgres().await.unwrap();
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    for district in ["a", "b"] {
        store.execute(register(program.district(district))).await.unwrap();
    }
    mood.hold_after(0);
    let interrupted = tokio::spawn({
        let (store, program) = (Arc::clone(&store), program.clone());
        async move { store.execute(register(program.district("c"))).await }
    });
    mood.held().await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert!(number(store.db(), kill).await > 0);
    mood.release();
    assert_eq!(interrupted.await.unwrap().unwrap().position, 3, "nothing was lost but a connection");
    assert_eq!(sound_counter(store.db(), "fussy").await, 3);
    assert_eq!(sound_log(&store).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_database_is_down_commands_are_turned_away_and_afterwards_all_goes_on() {
    let cluster = Cluster::start(Durability::Kernel).unwrap();
    let database = TestDatabase::on(&cluster.url()).await.unwrap();
    let store = start(&database, vec![counter()]).await;
    let program = Program::new("p");
    districts(&store, &program, 0..20).await;

    // Crashes under load: some are acknowledged, some are not.
    let clients: Vec<_> = (20..60)
        .map(|n| {
            let (store, command) = (Arc::clone(&store), program.district(&format!("d{n}")));
            tokio::spawn(async move { store.execute(register(command)).await })
        })
        .collect();
    cluster.crash().unwrap();
    let mut acknowledged = 20;
    for client in clients {
        match client.await.unwrap() {
            Ok(_) => acknowledged += 1,
            Err(ExecuteError::Unavailable(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    let asked = Instant::now();
    let down = store.execute(register(program.district("e"))).await;
    assert!(matches!(down, Err(ExecuteError::Unavailable(Outcome::None))), "{down:?}");
    assert!(asked.elapsed() < Duration::from_secs(10), "every wait has a bound");

    cluster.up().unwrap();
    eventually("it recovers by itself", || async { store.execute(register(program.district("e"))).await.ok() }).await;
    let stored = sound_log(&store).await.len();
    assert!(stored > acknowledged, "{acknowledged} and one more were acknowledged, {stored} are there");
    assert_eq!(sound_counter(store.db(), "counter").await, stored as u64);
    let ended = tokio::time::timeout(Duration::from_millis(50), store.ended()).await;
    assert!(ended.is_err(), "{ended:?} ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn e2_order_and_checkpoints_survive_dump_and_restore_into_a_younger_cluster() {
    let database = TestDatabase::postgres().await.unwrap();
    let mood = Mood::default();
    let models = || vec![counter(), stations(), mood.counter("stopped")];
    let store = start(&database, models()).await;
    open(&store).await;
    mood.poison(true);
    store.execute(register(Program::new("p").district("poison"))).await.unwrap();
    districts(&store, &Program::new("p"), 0..30).await;
    for n in 0..5 {
        store.execute(apply(n)).await.unwrap();
    }
    let log = sound_log(&store).await;
    let read = (store.checkpoints().await.unwrap(), rows(store.db(), "counter").await);
    store.stop().await;

    let cluster = Cluster::start(Durability::Kernel).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump.sql");
    let mut dumps = Command::new(program("pg_dump"));
    // The new cluster has other roles.
    run(dumps.arg("-Ox").arg("-f").arg(&dump).arg("-d").arg(database.administrator())).unwrap();
    let restore = ["-q", "-v", "ON_ERROR_STOP=1", "-d", &cluster.url(), "-f"];
    run(Command::new(program("psql")).args(restore).arg(&dump)).unwrap();

    let mut restored = TestDatabase::sqlite().unwrap();
    restored.url = DbUrl::Postgres(cluster.url());
    let store = start(&restored, models()).await;
    assert_eq!(sound_log(&store).await, log);
    assert_eq!((store.checkpoints().await.unwrap(), rows(store.db(), "counter").await), read);
    let next = store.execute(apply(5)).await.unwrap();
    assert_eq!(next.events[0].position, log.len() as u64 + 1);
    assert_eq!(sound_counter(store.db(), "counter").await, next.position);
}
