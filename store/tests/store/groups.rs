//! Commands that wait are decided and appended as one group, each on those before it (points 1, 5, 6, 14).

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::register::{EntryId, RegisterCommand, RegisterEvent};
use futures::future::poll_immediate;
use store::testing::TestDatabase;
use store::{Committed, ExecuteError, Outcome, Store, StoreConfig};

use crate::harness::*;
use crate::models::{Mood, Stations, counter, stations};

on_both_databases! {
    a_command_rests_on_those_before_it_in_its_group,
    a_command_is_answered_with_the_rows_that_it_wrote,
    a_refusal_that_rests_on_waiting_events_is_answered_once_they_are_durable,
    a_command_stands_though_its_client_went_away,
    a_full_queue_turns_away_within_its_bound,
    what_the_database_does_not_take_fails_one_command_of_the_group,
    r2_a_retry_that_would_be_refused_now_is_answered_as_it_was_though_others_in_its_group_are_written,
}

type Answer = Pin<Box<dyn Future<Output = Result<Committed, ExecuteError>> + Send>>;

/// Puts a command into the queue and does not wait for its answer.
async fn enqueue(store: &Arc<Store>, submission: store::Submission) -> Answer {
    let store = Arc::clone(store);
    let mut answer: Answer = Box::pin(async move { store.execute(submission).await });
    assert!(poll_immediate(&mut answer).await.is_none(), "nothing answers that fast");
    answer
}

/// A store whose appender is held in the middle of a group, so that whatever comes now waits for the next one.
async fn busy(store: &Arc<Store>, mood: &Mood, program: &Program) -> Answer {
    mood.hold_after(0);
    let first = enqueue(store, register(program.district("first"))).await;
    mood.held().await;
    first
}

/// The same, held while its group has the head row: folded ahead in vain, it is folded again there.
async fn busy_under_head(store: &Arc<Store>, mood: &Mood, program: &Program) -> Answer {
    ride_anew(store).await;
    mood.hold_after(1);
    let first = enqueue(store, register(program.district("first"))).await;
    mood.held().await;
    first
}

async fn a_command_is_answered_with_the_rows_that_it_wrote(database: TestDatabase) {
    let store = start(&database, vec![counter(), stations()]).await;
    let program = Program::new("p");
    store.execute(register(program.district("d"))).await.unwrap();
    for (station, written) in [("s", "ahead"), ("t", "under the head row")] {
        if written != "ahead" {
            ride_anew(&store).await;
        }
        let answered = store.execute(register(program.station(station, "d"))).await.unwrap();
        let key = format!("{}/{station}", program.stream().id());
        let shown = answered.shown.row::<Stations>(&key).unwrap();
        let read = rows(store.db(), "stations").await.into_iter().find(|(found, _)| *found == key);
        assert_eq!(serde_json::to_string(&shown).unwrap(), read.unwrap().1, "{written}");
        assert_eq!(answered.shown.row::<Stations>("p/elsewhere"), None);
    }
    store.stop().await;
}

async fn a_command_rests_on_those_before_it_in_its_group(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    let first = busy(&store, &mood, &program).await;
    let district = enqueue(&store, register(program.district("a"))).await;
    let station = enqueue(&store, register(program.station("s", "a"))).await;
    let refused = enqueue(&store, register(program.station("t", "nowhere"))).await;
    let orphan = enqueue(&store, register(program.rename(EntryId::Station(id("t")), "T"))).await;
    let last = enqueue(&store, register(program.rename(EntryId::Station(id("s")), "S"))).await;
    mood.release();

    assert_eq!(first.await.unwrap().position, 1);
    assert_eq!(district.await.unwrap().position, 2);
    assert_eq!(station.await.unwrap().position, 3);
    assert_eq!(refusal(refused.await), "unknown_reference");
    assert_eq!(refusal(orphan.await), "not_found", "it rested on the one that was refused");
    assert_eq!(last.await.unwrap().events[0].version, 4);
    assert_eq!(sound_log(&store).await.len(), 4);
}

async fn a_refusal_that_rests_on_waiting_events_is_answered_once_they_are_durable(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    let first = busy(&store, &mood, &program).await;
    let accepted = enqueue(&store, register(program.district("a"))).await;
    let mut refused = enqueue(&store, register(program.district("a"))).await;
    mood.hold_after(0);
    mood.release();
    first.await.unwrap();
    mood.held().await;
    assert_eq!(store.feed().head().await.unwrap(), 1, "the group is not durable yet");
    assert!(poll_immediate(&mut refused).await.is_none(), "so nobody is told what follows from it");
    mood.release();
    assert_eq!(refusal(refused.await), "validation_failed");
    assert_eq!(store.feed().head().await.unwrap(), 2, "by now it is");
    accepted.await.unwrap();
}

async fn a_command_stands_though_its_client_went_away(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    let deciding = busy(&store, &mood, &program).await;
    let waiting = enqueue(&store, register(program.district("a"))).await;
    drop((deciding, waiting));
    mood.release();
    eventually("both stand", || async { (store.feed().head().await.unwrap() == 2).then_some(()) }).await;
    assert_eq!(sound_log(&store).await.len(), 2);
}

async fn a_full_queue_turns_away_within_its_bound(database: TestDatabase) {
    let mood = Mood::default();
    let wait = Duration::from_millis(400);
    let settings = StoreConfig { queue: 2, wait, ..config(&database, vec![mood.counter("fussy")]) };
    let store = Arc::new(Store::start(settings).await.unwrap());
    let program = Program::new("p");
    let first = busy(&store, &mood, &program).await;
    let second = enqueue(&store, register(program.district("a"))).await;
    let third = enqueue(&store, register(program.district("b"))).await;
    let turned_away = store.execute(register(program.district("c"))).await;
    assert!(matches!(turned_away, Err(ExecuteError::Unavailable(Outcome::None))), "{turned_away:?}");
    mood.release();
    // The first took longer than a group may, and is looked up; those behind it waited longer than they may.
    first.await.unwrap();
    for late in [second, third] {
        assert!(matches!(late.await, Err(ExecuteError::Unavailable(Outcome::None))));
    }
    assert_eq!(sound_log(&store).await.len(), 1);
}

async fn what_the_database_does_not_take_fails_one_command_of_the_group(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    let person = store::persons::Person {
        person_id: domain::ids::PersonId::new(uuid::Uuid::now_v7()),
        name: Some("张三".to_owned()),
        phone: None,
        email: None,
        recorded_at: id("2026-07-01T04:00:00Z"),
    };
    database.meddle(&["CREATE UNIQUE INDEX one_of_a_name ON persons (name)"]).await.unwrap();
    let mut earlier = register(program.district("zero"));
    earlier.persons.push(person.clone());
    store.execute(earlier).await.unwrap();

    let first = busy(&store, &mood, &program).await;
    let good = enqueue(&store, register(program.district("a"))).await;
    let mut twice = register(program.district("b"));
    twice
        .persons
        .push(store::persons::Person { person_id: domain::ids::PersonId::new(uuid::Uuid::now_v7()), ..person });
    let twice = enqueue(&store, twice).await;
    let after = enqueue(&store, register(program.district("c"))).await;
    mood.release();
    first.await.unwrap();
    good.await.unwrap();
    assert!(matches!(twice.await, Err(ExecuteError::Internal)), "the database takes one of a name");
    after.await.unwrap();
    assert_eq!(sound_log(&store).await.len(), 4);
}

async fn r2_a_retry_that_would_be_refused_now_is_answered_as_it_was_though_others_in_its_group_are_written(
    database: TestDatabase,
) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    let keyed = || {
        let mut submission = register(program.district("a"));
        submission.key = Some("office/p/somebody:1".to_owned());
        submission
    };
    let once = store.execute(keyed()).await.unwrap();
    let first = busy(&store, &mood, &program).await;
    // The district is there now: decided again, the command would be refused.
    let retry = enqueue(&store, keyed()).await;
    let other = enqueue(&store, register(program.district("b"))).await;
    mood.release();
    first.await.unwrap();
    let again = retry.await.unwrap();
    assert!(again.repeated);
    assert_eq!((again.decision_id, again.position), (once.decision_id, once.position));
    assert_eq!(other.await.unwrap().position, 3);
    assert_eq!(sound_log(&store).await.len(), 3);
}

/// Point 1 with another node in between: only there can a group that was decided be overtaken.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_an_early_command_falls_to_another_node_what_rests_on_it_falls_too() {
    let database = TestDatabase::postgres().await.unwrap();
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy"), counter()]).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    let first = busy_under_head(&store, &mood, &program).await;
    let station = enqueue(&store, register(program.station("s", "a"))).await;
    let rename = enqueue(&store, register(program.rename(EntryId::Station(id("s")), "S"))).await;
    let other = enqueue(&store, register(program.district("b"))).await;

    // Another node queues for the head row behind the first group, and before the second.
    let foreign = tokio::spawn({
        let (db, stream) = (store.db().clone(), program.stream());
        async move {
            let mut tx = db.begin().await.unwrap();
            // Of the row alone, the second group might catch the new version before who waited for the old one.
            tx.run("LOCK TABLE head IN EXCLUSIVE MODE").await.unwrap();
            let closed = RegisterEvent::Closed { entry: EntryId::District(id("a")), reason: "撤销".to_owned() };
            append_foreign(&mut tx, &recorded(stream, 3, closed)).await;
            tx
        }
    });
    lock_waiters(store.db(), 1).await;
    mood.release();
    let tx = foreign.await.unwrap();
    first.await.unwrap();
    // The second group has been decided on a district that was open, and waits for the head row.
    lock_waiters(store.db(), 1).await;
    tx.commit().await.unwrap();

    assert_eq!(refusal(station.await), "reference_inactive");
    assert_eq!(refusal(rename.await), "not_found");
    assert_eq!(other.await.unwrap().events[0].version, 4);
    assert_eq!(sound_log(&store).await.len(), 4);
}

/// Point 14 on the other side: what was let go is read again, and nothing is lost by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_that_were_let_go_are_read_again() {
    let database = TestDatabase::sqlite().unwrap();
    let settings = StoreConfig { warm_streams: 3, ..config(&database, Vec::new()) };
    let store = Store::start(settings).await.unwrap();
    let programs: Vec<Program> = (0..10).map(|n| Program::new(&format!("p{n}"))).collect();
    for round in 0..3 {
        for program in &programs {
            let command: RegisterCommand = program.district(&format!("d{round}"));
            assert_eq!(store.execute(register(command)).await.unwrap().events[0].version, round + 1);
        }
    }
}
