//! A read model is rebuilt beside the live one and swapped in (E5).

use std::sync::Arc;

use store::Db;
use store::testing::TestDatabase;

use crate::harness::*;
use crate::models::{Mood, counter, sound_counter, stations};

on_both_databases! {
    e5_the_old_one_serves_while_the_new_one_is_built_and_appends_go_on,
    e5_a_second_rebuilder_is_locked_out_until_the_first_is_done,
    e5_two_models_are_rebuilt_side_by_side,
    e5_models_rebuilt_together_fail_each_alone,
    e5_a_cancelled_rebuild_leaves_the_live_one_untouched,
    e5_what_a_cancelled_rebuild_leaves_does_not_stop_a_changed_model,
    e5_a_rebuild_beside_a_projector_folds_nothing_twice,
    a_model_that_nobody_knows_cannot_be_rebuilt,
}

async fn e5_the_old_one_serves_while_the_new_one_is_built_and_appends_go_on(database: TestDatabase) {
    let mood = Mood::default();
    let program = Program::new("p");
    let store = start(&database, vec![mood.counter("rebuilt")]).await;
    districts(&store, &program, 0..1_100).await;
    let before = rows(store.db(), "rebuilt").await;

    mood.hold_after(0);
    let rebuilding = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.rebuild("rebuilt").await }
    });
    mood.held().await;
    assert_eq!(rows(store.db(), "rebuilt").await, before, "the old one serves");
    let appending = tokio::spawn({
        let (store, program) = (Arc::clone(&store), program.clone());
        async move { districts(&store, &program, 1_100..1_150).await }
    });
    if let Db::Postgres(_) = store.db() {
        // Here even before the batch is done; SQLite has one writer.
        eventually("the log goes on", || async { (store.feed().head().await.unwrap() == 1_150).then_some(()) }).await;
        assert_eq!(sound_counter(store.db(), "rebuilt").await, 1_150, "and the old one with it");
    }
    mood.release();
    appending.await.unwrap();
    rebuilding.await.unwrap().unwrap();
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 1_150);
    store.execute(register(program.district("last"))).await.unwrap();
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 1_151, "the new one rides along");
}

async fn e5_a_second_rebuilder_is_locked_out_until_the_first_is_done(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("rebuilt")]).await;
    districts(&store, &Program::new("p"), 0..3).await;
    mood.hold_after(0);
    let first = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.rebuild("rebuilt").await }
    });
    mood.held().await;
    let error = store.rebuild("rebuilt").await.unwrap_err().to_string();
    assert_eq!(error, "rebuilt is being rebuilt already");
    mood.release();
    assert_eq!(first.await.unwrap().unwrap(), 3, "the first is not disturbed");
    assert_eq!(store.rebuild("rebuilt").await.unwrap(), 3, "and the next may go at once");
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 3);
}

async fn e5_two_models_are_rebuilt_side_by_side(database: TestDatabase) {
    let store = start(&database, vec![Mood::default().counter("other"), counter()]).await;
    districts(&store, &Program::new("p"), 0..20).await;
    let (one, other) = tokio::join!(store.rebuild("counter"), store.rebuild("other"));
    assert_eq!((one.unwrap(), other.unwrap()), (20, 20));
    assert_eq!(rows(store.db(), "counter").await, rows(store.db(), "other").await);
}

async fn e5_models_rebuilt_together_fail_each_alone(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![counter(), mood.counter("fussy"), stations()]).await;
    let program = Program::new("p");
    districts(&store, &program, 0..1_100).await;
    store.execute(register(program.district("poison"))).await.unwrap();
    let before = rows(store.db(), "fussy").await;
    tamper(&store, "counter").await;
    tamper(&store, "fussy").await;
    mood.poison(true);
    let error = store.rebuild_together(&["counter", "fussy", "stations"]).await.unwrap_err().to_string();
    assert!(error.starts_with("fussy cannot be rebuilt") && error.contains("not to my taste"), "{error}");
    assert!(!error.contains("counter"), "{error}");
    assert_eq!(sound_counter(store.db(), "counter").await, 1_101);
    assert_ne!(rows(store.db(), "fussy").await, before, "the old one is still there");
    mood.poison(false);
    assert_eq!(store.rebuild_together(&["fussy", "counter"]).await.unwrap(), 1_101);
    assert_eq!(rows(store.db(), "fussy").await, before);
    store.execute(register(program.district("last"))).await.unwrap();
    for model in ["counter", "fussy"] {
        assert_eq!(sound_counter(store.db(), model).await, 1_102, "{model} rides along");
    }
}

/// Takes all rows of a model away, as no program does.
async fn tamper(store: &store::Store, model: &str) {
    let mut tx = store.db().begin().await.unwrap();
    tx.run(&format!("DELETE FROM {model}")).await.unwrap();
    tx.commit().await.unwrap();
}

/// Begins a rebuild and gives it up in the middle. One that is through before it notices is begun again.
async fn cancelled(store: &Arc<store::Store>, mood: &Mood) {
    for _ in 0..20 {
        mood.hold_after(0);
        let rebuilding = tokio::spawn({
            let store = Arc::clone(store);
            async move { store.rebuild("rebuilt").await }
        });
        mood.held().await;
        rebuilding.abort();
        mood.release();
        match rebuilding.await {
            Err(ended) => {
                assert!(ended.is_cancelled(), "{ended}");
                return;
            }
            Ok(rebuilt) => assert!(rebuilt.is_ok(), "{rebuilt:?}"),
        }
    }
    panic!("no rebuild could be given up in the middle");
}

async fn e5_a_cancelled_rebuild_leaves_the_live_one_untouched(database: TestDatabase) {
    let mood = Mood::default();
    let program = Program::new("p");
    let store = start(&database, vec![mood.counter("rebuilt")]).await;
    districts(&store, &program, 0..3).await;
    let before = (rows(store.db(), "rebuilt").await, store.checkpoints().await.unwrap());
    cancelled(&store, &mood).await;
    assert_eq!((rows(store.db(), "rebuilt").await, store.checkpoints().await.unwrap()), before);
    store.execute(register(program.district("a"))).await.unwrap();
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 4);
    eventually("its lock is given back", || async { store.rebuild("rebuilt").await.ok() }).await;
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 4);
}

async fn e5_what_a_cancelled_rebuild_leaves_does_not_stop_a_changed_model(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("rebuilt")]).await;
    districts(&store, &Program::new("p"), 0..3).await;
    cancelled(&store, &mood).await;
    store.stop().await;
    let store = start(&database, vec![mood.newer_counter("rebuilt")]).await;
    assert!(store.visible(3, PATIENCE).await.unwrap());
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 3);
}

async fn e5_a_rebuild_beside_a_projector_folds_nothing_twice(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    districts(&store, &Program::new("p"), 0..1_100).await;
    store.stop().await;
    let mood = Mood::default();
    mood.hold_after(0);
    let store = start(&database, vec![mood.counter("rebuilt")]).await;
    mood.held().await;
    // The projector is in its first batch. The rebuild overtakes it, and must not swap the table under it.
    let rebuilding = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.rebuild("rebuilt").await }
    });
    lock_waiters(store.db(), 1).await;
    mood.release();
    assert_eq!(rebuilding.await.unwrap().unwrap(), 1_100);
    assert!(store.visible(1_100, PATIENCE).await.unwrap());
    assert_eq!(sound_counter(store.db(), "rebuilt").await, 1_100);
    assert_eq!(number(store.db(), "SELECT events FROM rebuilt").await, 1_100);
}

async fn a_model_that_nobody_knows_cannot_be_rebuilt(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    assert_eq!(store.rebuild("counters").await.unwrap_err().to_string(), "there is no read model counters");
}
