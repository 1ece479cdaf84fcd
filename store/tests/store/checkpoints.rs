//! Read models and how far they have come: each event folded once, whatever happens (E4), and a model that
//! cannot take one stops alone (E6).

use std::sync::Arc;
use std::time::Duration;

use domain::register::EntryId;
use store::testing::TestDatabase;
use store::{Checkpoint, Store};

use crate::harness::*;
use crate::models::{Mood, counter, sound_counter, stations};

on_both_databases! {
    what_was_answered_can_be_read,
    e4_a_model_behind_is_caught_up_once_though_the_node_was_killed_meanwhile,
    e4_rows_and_checkpoint_change_together,
    e6_a_poison_event_stops_its_own_model_and_nothing_else,
    e6_a_poison_event_met_while_catching_up_stops_right_before_it,
    e6_a_stopped_model_is_revived_by_a_rebuild_once_the_cause_is_gone,
    e6_a_panicking_fold_is_poison_and_not_the_end_of_the_node,
    a_model_whose_table_is_gone_stops_alone,
    a_name_with_a_null_character_is_no_poison,
    a_changed_model_is_made_anew_at_start,
    a_model_that_the_program_dropped_holds_nobody_up,
}

async fn checkpoint(store: &Store, model: &str) -> Checkpoint {
    store.checkpoints().await.unwrap().into_iter().find(|checkpoint| checkpoint.model == model).unwrap()
}

async fn what_was_answered_can_be_read(database: TestDatabase) {
    let store = start(&database, vec![counter(), stations()]).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    let answered = store.execute(register(program.station("s", "a"))).await.unwrap();
    assert!(answered.visible);
    assert_eq!(sound_counter(store.db(), "counter").await, 2);
    assert_eq!(rows(store.db(), "stations").await.len(), 1);
    let at = |model: &str| Checkpoint { model: model.to_owned(), position: answered.position, error: None };
    assert_eq!(store.checkpoints().await.unwrap(), [at("counter"), at("stations")]);
}

async fn e4_a_model_behind_is_caught_up_once_though_the_node_was_killed_meanwhile(database: TestDatabase) {
    let program = Program::new("p");
    let store = start(&database, Vec::new()).await;
    districts(&store, &program, 0..1_100).await;
    store.stop().await;

    let mood = Mood::default();
    mood.hold_after(1);
    let store = start(&database, vec![mood.counter("behind")]).await;
    mood.held().await;
    assert_eq!(sound_counter(store.db(), "behind").await, 1_000, "the first batch is there, the second under way");
    drop(store);
    mood.release();

    let store = eventually("the database is free again", || async {
        Store::start(config(&database, vec![mood.counter("behind")])).await.ok()
    })
    .await;
    assert!(store.visible(1_100, PATIENCE).await.unwrap());
    assert_eq!(sound_counter(&store.db().clone(), "behind").await, 1_100);
    store.execute(register(program.district("last"))).await.unwrap();
    assert_eq!(sound_counter(store.db(), "behind").await, 1_101, "it rides along again");
}

async fn e4_rows_and_checkpoint_change_together(database: TestDatabase) {
    let program = Program::new("p");
    let store = start(&database, vec![counter()]).await;
    let writing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { districts(&store, &program, 0..150).await }
    });
    while !writing.is_finished() {
        sound_counter(store.db(), "counter").await;
    }
    writing.await.unwrap();
    assert_eq!(sound_counter(store.db(), "counter").await, 150);
}

async fn e6_a_poison_event_stops_its_own_model_and_nothing_else(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![counter(), mood.counter("fussy")]).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    mood.poison(true);
    store.execute(register(program.district("poison"))).await.expect("the command is accepted all the same");
    let last = store.execute(register(program.district("b"))).await.expect("and so are those after it");

    assert_eq!(checkpoint(&store, "counter").await.error, None);
    assert_eq!(sound_counter(store.db(), "counter").await, 3);
    let stopped = checkpoint(&store, "fussy").await;
    assert_eq!((stopped.position, stopped.error.as_deref()), (1, Some("position 2: not to my taste")));
    assert_eq!(sound_counter(store.db(), "fussy").await, 1, "nothing of the poison is left in its rows");
    assert!(store.visible(last.position, PATIENCE).await.unwrap(), "readers of the others do not wait for it");

    // It is not skipped, neither by time nor by a restart.
    store.stop().await;
    let store = start(&database, vec![counter(), mood.counter("fussy")]).await;
    store.execute(register(program.district("c"))).await.unwrap();
    assert_eq!(checkpoint(&store, "fussy").await, stopped);
}

async fn e6_a_poison_event_met_while_catching_up_stops_right_before_it(database: TestDatabase) {
    let program = Program::new("p");
    let store = start(&database, Vec::new()).await;
    for district in ["a", "b", "poison", "c"] {
        store.execute(register(program.district(district))).await.unwrap();
    }
    store.stop().await;
    let mood = Mood::default();
    mood.poison(true);
    let store = start(&database, vec![mood.counter("fussy"), counter()]).await;
    let stopped = eventually("it stops", || async {
        Some(checkpoint(&store, "fussy").await).filter(|checkpoint| checkpoint.error.is_some())
    })
    .await;
    assert_eq!((stopped.position, stopped.error.as_deref()), (2, Some("position 3: not to my taste")));
    assert_eq!(sound_counter(store.db(), "fussy").await, 2);
    assert!(store.visible(4, PATIENCE).await.unwrap());
    assert_eq!(sound_counter(store.db(), "counter").await, 4);
}

async fn e6_a_stopped_model_is_revived_by_a_rebuild_once_the_cause_is_gone(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    let program = Program::new("p");
    mood.poison(true);
    store.execute(register(program.district("poison"))).await.unwrap();
    let stopped = checkpoint(&store, "fussy").await;

    let error = store.rebuild("fussy").await.unwrap_err().to_string();
    assert!(error.contains("not to my taste"), "{error}");
    assert_eq!(checkpoint(&store, "fussy").await, stopped, "as long as the cause is there, it stays as it was");

    mood.poison(false);
    assert_eq!(store.rebuild("fussy").await.unwrap(), 1);
    assert_eq!(checkpoint(&store, "fussy").await.error, None);
    store.execute(register(program.district("a"))).await.unwrap();
    assert_eq!(sound_counter(store.db(), "fussy").await, 2, "it rides along again");
}

async fn e6_a_panicking_fold_is_poison_and_not_the_end_of_the_node(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy"), counter()]).await;
    let program = Program::new("p");
    mood.panic(true);
    store.execute(register(program.district("poison"))).await.unwrap();
    let error = checkpoint(&store, "fussy").await.error.unwrap();
    assert!(error.contains("this model panics"), "{error}");
    store.execute(register(program.district("a"))).await.unwrap();
    assert_eq!(sound_counter(store.db(), "counter").await, 2);
    let ended = tokio::time::timeout(Duration::from_millis(50), store.ended()).await;
    assert!(ended.is_err(), "{ended:?} ended");
}

async fn a_model_whose_table_is_gone_stops_alone(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("gone"), counter()]).await;
    database.meddle(&["DROP TABLE gone"]).await.unwrap();
    store.execute(register(Program::new("p").district("a"))).await.expect("the log does not depend on it");
    assert!(checkpoint(&store, "gone").await.error.is_some());
    assert_eq!(sound_counter(store.db(), "counter").await, 1);
    assert_eq!(store.rebuild("gone").await.unwrap(), 1);
    assert_eq!(sound_counter(store.db(), "gone").await, 1);
}

async fn a_name_with_a_null_character_is_no_poison(database: TestDatabase) {
    let store = start(&database, vec![stations()]).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    store.execute(register(program.station("s", "a"))).await.unwrap();
    store.execute(register(program.rename(EntryId::Station(id("s")), "S\0T"))).await.unwrap();
    assert_eq!(
        checkpoint(&store, "stations").await,
        Checkpoint { model: "stations".to_owned(), position: 3, error: None }
    );
    let log = sound_log(&store).await;
    assert!(format!("{:?}", log[2].event).contains("S\\0T"), "the event keeps what was said");
}

async fn a_changed_model_is_made_anew_at_start(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("changing")]).await;
    store.execute(register(Program::new("p").district("a"))).await.unwrap();
    let mut tx = store.db().begin().await.unwrap();
    tx.run("UPDATE changing SET events = 42").await.unwrap();
    tx.commit().await.unwrap();
    store.stop().await;

    let store = start(&database, vec![mood.counter("changing")]).await;
    assert_eq!(number(store.db(), "SELECT events FROM changing").await, 42, "the same model is left as it is");
    store.stop().await;
    let store = start(&database, vec![mood.newer_counter("changing")]).await;
    assert!(store.visible(1, PATIENCE).await.unwrap());
    assert_eq!(sound_counter(store.db(), "changing").await, 1);
}

async fn a_model_that_the_program_dropped_holds_nobody_up(database: TestDatabase) {
    let store = start(&database, vec![counter(), stations()]).await;
    store.stop().await;
    let store = start(&database, vec![counter()]).await;
    let position = store.execute(register(Program::new("p").district("a"))).await.unwrap().position;
    assert!(store.visible(position, Duration::from_millis(200)).await.unwrap());
    assert_eq!(store.checkpoints().await.unwrap().len(), 1);
}
