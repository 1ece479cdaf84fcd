//! A key is carried out once: repeated answers are identical, another payload is refused (R2).

use std::sync::Arc;

use store::testing::TestDatabase;
use store::{ExecuteError, Submission, idempotency};

use crate::harness::*;
use crate::models::{Mood, counter};

on_both_databases! {
    r2_the_same_key_and_payload_are_answered_again_and_nothing_is_appended,
    r2_the_same_key_with_another_payload_is_refused,
    r2_a_key_is_committed_with_its_events_and_outlives_a_restart,
    r2_the_answer_that_was_kept_is_replayed_to_the_letter,
    r2_a_key_that_is_being_worked_on_is_in_flight,
    r2_a_refused_command_leaves_its_key_free,
}

const KEY: &str = "office/p/somebody:7f3c";

fn keyed(district: &str, fingerprint: &str) -> Submission {
    let mut submission = register(Program::new("p").district(district));
    submission.key = Some(KEY.to_owned());
    fingerprint.clone_into(&mut submission.fingerprint);
    submission
}

async fn r2_the_same_key_and_payload_are_answered_again_and_nothing_is_appended(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    let first = store.execute(keyed("a", "1")).await.unwrap();
    store.execute(register(Program::new("p").district("b"))).await.unwrap();
    let again = store.execute(keyed("a", "1")).await.unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!((again.decision_id, again.position, again.events), (first.decision_id, first.position, first.events));
    assert_eq!(sound_log(&store).await.len(), 2);
}

async fn r2_the_same_key_with_another_payload_is_refused(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    store.execute(keyed("a", "1")).await.unwrap();
    let other = store.execute(keyed("b", "2")).await;
    assert!(matches!(other, Err(ExecuteError::KeyReused)), "{other:?}");
    assert_eq!(sound_log(&store).await.len(), 1);
}

async fn r2_a_key_is_committed_with_its_events_and_outlives_a_restart(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let first = store.execute(keyed("a", "1")).await.unwrap();
    store.stop().await;
    let store = start(&database, Vec::new()).await;
    let again = store.execute(keyed("a", "1")).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.events, first.events);
    assert!(matches!(store.execute(keyed("a", "2")).await, Err(ExecuteError::KeyReused)));
}

async fn r2_the_answer_that_was_kept_is_replayed_to_the_letter(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    assert_eq!(idempotency::find(store.db(), KEY).await.unwrap(), None);
    store.execute(keyed("a", "1")).await.unwrap();
    let answer = "{\"position\": 1, \"name\": \"鸠江区\", \"note\": \"a\\u0000b\"}";
    idempotency::keep_answer(store.db(), KEY, answer, &[]).await.unwrap();
    idempotency::keep_answer(store.db(), KEY, "another", &[]).await.unwrap();
    assert_eq!(store.execute(keyed("a", "1")).await.unwrap().replayed.as_deref(), Some(answer));
    let known = idempotency::Known { fingerprint: "1".to_owned(), answer: Some(answer.to_owned()) };
    assert_eq!(idempotency::find(store.db(), KEY).await.unwrap(), Some(known));
}

async fn r2_a_key_that_is_being_worked_on_is_in_flight(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("fussy")]).await;
    mood.hold_after(0);
    let busy = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.execute(register(Program::new("p").district("first"))).await }
    });
    mood.held().await;
    // Both wait for the next group.
    let mut both = Box::pin(futures::future::join(store.execute(keyed("a", "1")), store.execute(keyed("a", "1"))));
    assert!(futures::future::poll_immediate(&mut both).await.is_none());
    mood.release();
    busy.await.unwrap().unwrap();
    let (one, other) = both.await;
    one.unwrap();
    assert!(matches!(other, Err(ExecuteError::InFlight)), "{other:?}");
    assert!(store.execute(keyed("a", "1")).await.unwrap().repeated);
}

async fn r2_a_refused_command_leaves_its_key_free(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let program = Program::new("p");
    let station = || {
        let mut submission = register(program.station("s", "a"));
        submission.key = Some(KEY.to_owned());
        submission
    };
    assert_eq!(refusal(store.execute(station()).await), "unknown_reference");
    store.execute(register(program.district("a"))).await.unwrap();
    assert!(!store.execute(station()).await.unwrap().repeated);
}
