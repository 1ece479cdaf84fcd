//! A history that was decided elsewhere is brought in as it is.

use store::testing::TestDatabase;
use store::{Feed, import};

use crate::harness::*;
use crate::models::{Mood, sound_counter};

on_both_databases! {
    a_history_is_brought_in_and_read_models_catch_up,
    a_history_that_does_not_fit_is_refused_whole,
}

/// Seven events of one stream, decided on a database of their own.
async fn history() -> Vec<domain::RecordedEvent> {
    let elsewhere = TestDatabase::sqlite().unwrap();
    let store = start(&elsewhere, Vec::new()).await;
    districts(&store, &Program::new("p"), 0..7).await;
    let events = Feed::bare(store.db().clone(), store::codec::Codec::default()).after(0, 100).await.unwrap();
    assert_eq!(events.len(), 7);
    events
}

async fn a_history_is_brought_in_and_read_models_catch_up(database: TestDatabase) {
    let events = history().await;
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("counter")]).await;
    for (part, head) in [(&events[..3], 3), (&events[3..], 7)] {
        assert_eq!(import::append(store.db(), part).await.unwrap(), head);
    }
    assert_eq!(
        store.feed().after(0, 100).await.unwrap(),
        events,
        "events, streams, versions, times, actors, decisions"
    );
    assert!(store.visible(7, PATIENCE).await.unwrap(), "what was left behind catches up");
    assert_eq!(sound_counter(store.db(), "counter").await, 7);

    districts(&store, &Program::new("p"), 7..9).await;
    assert_eq!(sound_counter(store.db(), "counter").await, 9, "commands go on from there");
    sound_log(&store).await;
}

async fn a_history_that_does_not_fit_is_refused_whole(database: TestDatabase) {
    let events = history().await;
    let store = start(&database, Vec::new()).await;
    import::append(store.db(), &events[..3]).await.unwrap();
    for (part, what) in [
        (&events[4..], "the log ends at 3, not right before 5"),
        (&events[2..], "the log ends at 3, not right before 3"),
        (&events[..0], "there is nothing to bring in"),
    ] {
        assert_eq!(import::append(store.db(), part).await.unwrap_err().to_string(), what);
    }
    let mut gap = events[3..].to_vec();
    gap.remove(1);
    assert!(import::append(store.db(), &gap).await.is_err(), "a version is missing");
    assert_eq!(store.feed().after(0, 100).await.unwrap(), events[..3]);
}
