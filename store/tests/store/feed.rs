//! The order of all events: dense, visible in order, whatever happens while a reader reads (E1, E3, E7).

use std::sync::Arc;
use std::time::Duration;

use domain::register::{EntryId, RegisterEvent};
use store::Store;
use store::testing::TestDatabase;
use tokio::task::JoinHandle;

use crate::harness::*;
use crate::models::{Mood, counter};

on_both_databases! {
    e1_no_reader_passes_an_append_that_is_not_resolved,
    e1_an_append_that_is_rolled_back_leaves_no_gap,
    e3_twenty_parallel_appends_on_different_streams_are_all_stored,
    e3_twenty_parallel_appends_on_one_stream_are_all_stored,
    e7_lag_is_measured_against_what_is_committed,
    a_position_that_is_not_in_this_database_is_never_visible,
    a_reader_is_woken_when_the_log_moves,
    the_log_is_read_by_stream_and_by_instant,
}

/// Reads the log by position as it grows, up to `last`; fails at the first event that is not the next one.
fn tail(store: &Arc<Store>, last: u64) -> JoinHandle<()> {
    let store = Arc::clone(store);
    tokio::spawn(async move {
        let mut position = 0;
        while position < last {
            for event in store.feed().after(position, 7).await.unwrap() {
                assert_eq!(event.position, position + 1, "the reader skipped an event");
                position = event.position;
            }
            store.feed().moved_beyond(position, Duration::from_millis(20)).await;
        }
    })
}

fn closed(program: &Program, district: &str, version: u64) -> domain::RecordedEvent {
    let event = RegisterEvent::Closed { entry: EntryId::District(id(district)), reason: "撤销".to_owned() };
    recorded(program.stream(), version, event)
}

async fn e1_no_reader_passes_an_append_that_is_not_resolved(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let (early, late) = (Program::new("early"), Program::new("late"));
    store.execute(register(early.district("a"))).await.unwrap();
    let reader = tail(&store, 3);

    let mut slow = store.db().begin().await.unwrap();
    append_foreign(&mut slow, &closed(&early, "a", 2)).await;
    let mut fast = tokio::spawn({
        let (store, late) = (Arc::clone(&store), late.clone());
        async move { store.execute(register(late.district("b"))).await }
    });
    lock_waiters(store.db(), 1).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut fast).await.is_err(), "it waits for the early one");
    assert_eq!(store.feed().after(0, 10).await.unwrap().len(), 1, "nothing beyond the one in flight is visible");

    slow.commit().await.unwrap();
    assert_eq!(fast.await.unwrap().unwrap().position, 3);
    reader.await.unwrap();
    sound_log(&store).await;
}

async fn e1_an_append_that_is_rolled_back_leaves_no_gap(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let program = Program::new("early");
    store.execute(register(program.district("a"))).await.unwrap();
    let reader = tail(&store, 2);

    let mut slow = store.db().begin().await.unwrap();
    append_foreign(&mut slow, &closed(&program, "a", 2)).await;
    let fast = tokio::spawn({
        let (store, program) = (Arc::clone(&store), program.clone());
        async move { store.execute(register(program.station("s", "a"))).await }
    });
    lock_waiters(store.db(), 1).await;
    slow.rollback().await.unwrap();

    assert_eq!(fast.await.unwrap().unwrap().position, 2, "the district was never closed");
    reader.await.unwrap();
    sound_log(&store).await;
}

async fn e3_twenty_parallel_appends_on_different_streams_are_all_stored(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    let reader = tail(&store, 20);
    let programs: Vec<Program> = (0..20).map(|n| Program::new(&format!("p{n}"))).collect();
    all_stored(&store, programs.iter().map(|program| program.district("a")).collect()).await;
    reader.await.unwrap();
}

async fn e3_twenty_parallel_appends_on_one_stream_are_all_stored(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    let reader = tail(&store, 20);
    let program = Program::new("p");
    all_stored(&store, (0..20).map(|n| program.district(&format!("d{n}"))).collect()).await;
    reader.await.unwrap();
}

async fn all_stored(store: &Arc<Store>, commands: Vec<domain::register::RegisterCommand>) {
    let running: Vec<_> = commands
        .into_iter()
        .map(|command| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.execute(register(command)).await })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for command in running {
        acknowledged.push(command.await.unwrap().expect("nobody is told of a conflict").events[0].clone());
    }
    acknowledged.sort_by_key(|event| event.position);
    let stored: Vec<_> = sound_log(store).await.iter().map(|e| (e.position, e.stream.to_string(), e.version)).collect();
    let acknowledged: Vec<_> = acknowledged.into_iter().map(|e| (e.position, e.stream, e.version)).collect();
    assert_eq!(acknowledged, stored);
}

async fn e7_lag_is_measured_against_what_is_committed(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    mood.poison(true);
    store.execute(register(program.district("poison"))).await.unwrap();
    districts(&store, &program, 0..5).await;
    // Written past the node: its memory of the head knows nothing of it.
    let mut tx = store.db().begin().await.unwrap();
    append_foreign(&mut tx, &closed(&program, "d0", 7)).await;
    tx.commit().await.unwrap();
    assert_eq!(store.feed().head().await.unwrap(), 7);
    let checkpoint = store.checkpoints().await.unwrap().remove(0);
    assert_eq!(store.feed().head().await.unwrap() - checkpoint.position, 7, "all of it, poison included");
}

async fn a_position_that_is_not_in_this_database_is_never_visible(database: TestDatabase) {
    let program = Program::new("p");
    for models in [vec![counter()], Vec::new()] {
        let store = start(&database, models).await;
        let district = format!("d{}", store.feed().head().await.unwrap());
        let position = store.execute(register(program.district(&district))).await.unwrap().position;
        assert!(store.visible(position, PATIENCE).await.unwrap());
        assert!(!store.visible(position + 1, Duration::from_millis(50)).await.unwrap());
        store.stop().await;
    }
}

async fn a_reader_is_woken_when_the_log_moves(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let waiting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.feed().moved_beyond(0, PATIENCE).await }
    });
    store.execute(register(Program::new("p").district("a"))).await.unwrap();
    tokio::time::timeout(PATIENCE / 2, waiting).await.expect("woken, not timed out").unwrap();
}

async fn the_log_is_read_by_stream_and_by_instant(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let recorded_at = |minute: u32| -> chrono::DateTime<chrono::Utc> { id(&format!("2026-07-01T04:{minute:02}:00Z")) };
    for minute in 1..=9 {
        let program = Program::new(if minute % 2 == 0 { "even" } else { "odd" });
        let mut submission = register(program.district(&format!("d{minute}")));
        submission.context.now = recorded_at(minute);
        store.execute(submission).await.unwrap();
    }
    let even = ["even".to_owned(), "none".to_owned()];
    let read = store.feed().of_streams(domain::StreamKind::Register, &even, 7).await.unwrap();
    assert_eq!(read.iter().map(|event| event.position).collect::<Vec<_>>(), [2, 4, 6]);
    assert_eq!(store.version(&Program::new("even").stream()).await.unwrap(), 4);
    assert_eq!(store.version(&Program::new("none").stream()).await.unwrap(), 0);
    for (minute, position) in [(0, 0), (1, 1), (5, 5), (9, 9), (30, 9)] {
        assert_eq!(store.feed().position_at(recorded_at(minute)).await.unwrap(), position, "minute {minute}");
    }
}
