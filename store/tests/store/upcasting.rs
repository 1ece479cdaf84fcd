//! Older shapes of events are lifted wherever events are read (E10, point 11), and what cannot be read harms only
//! what needs it.

use std::sync::Arc;
use std::time::Duration;

use cqrs_es::EventStore as _;
use cqrs_es::persist::{EventUpcaster, SemanticVersionEventUpcaster};
use domain::register::{Details, EntryId, RegisterEvent};
use serde_json::{Value, json};
use store::es::{EsStore, Register};
use store::testing::TestDatabase;
use store::{ExecuteError, Store, StoreConfig};

use crate::harness::*;
use crate::models::{Mood, counter, sound_counter, stations};

on_both_databases! {
    e10_an_old_event_is_lifted_in_feed_warm_load_catching_up_rebuild_and_event_store,
    an_event_that_nobody_can_read_harms_only_what_needs_it,
    a_task_that_ends_is_told_of,
}

/// Version 0.9 of `Registered`, for stations: flat.
fn upcasters() -> Vec<Box<dyn EventUpcaster>> {
    let lift = |old: Value| {
        let old = &old["Registered"];
        json!({ "Registered": {
            "entry": { "kind": "station", "id": old["station"] },
            "details": { "kind": "station", "name": old["name"], "district": old["district"] },
        } })
    };
    vec![Box::new(SemanticVersionEventUpcaster::new("Registered", "1.0", Box::new(lift)))]
}

fn panicking() -> Vec<Box<dyn EventUpcaster>> {
    vec![Box::new(SemanticVersionEventUpcaster::new("Registered", "1.0", Box::new(|_| panic!("an upcaster panics"))))]
}

/// The log of an older program: a district in the present shape, a station in the old one.
async fn old_log(database: &TestDatabase) {
    let store = start(database, Vec::new()).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    append_old(&store, &program).await;
    store.stop().await;
}

async fn append_old(store: &Store, program: &Program) {
    let event = RegisterEvent::Registered {
        entry: EntryId::Station(id("s")),
        details: Details::Station { name: "旧站".to_owned(), district: id("a") },
    };
    let old = json!({ "Registered": { "station": "s", "name": "旧站", "district": "a" } });
    let mut tx = store.db().begin().await.unwrap();
    append_raw(&mut tx, "0.9", &recorded(program.stream(), 2, event), &old).await;
    tx.commit().await.unwrap();
}

async fn e10_an_old_event_is_lifted_in_feed_warm_load_catching_up_rebuild_and_event_store(database: TestDatabase) {
    old_log(&database).await;
    let settings = StoreConfig { upcasters: upcasters(), ..config(&database, vec![stations(), counter()]) };
    let store = Arc::new(Store::start(settings).await.unwrap());
    let program = Program::new("p");

    let lifted = sound_log(&store).await[1].event.to_payload().unwrap();
    assert_eq!(lifted["Registered"]["entry"], json!({ "kind": "station", "id": "s" }), "feed");
    assert_eq!(store.feed().stream(&program.stream(), 1).await.unwrap()[0].event.to_payload().unwrap(), lifted);
    let (_, version) = store.state(&program.stream()).await.unwrap();
    assert_eq!(version, 2);

    assert!(store.visible(2, PATIENCE).await.unwrap());
    let caught_up = rows(store.db(), "stations").await;
    assert!(caught_up[0].1.contains("旧站"), "catching up");
    store.rebuild("stations").await.unwrap();
    assert_eq!(rows(store.db(), "stations").await, caught_up, "rebuild");

    let face = EsStore::<Register>::new(Arc::clone(&store));
    assert_eq!(face.load_events("p").await.unwrap()[1].payload.payload, lifted, "event store");

    assert_eq!(refusal(store.execute(register(program.station("s", "a"))).await), "validation_failed", "warm load");
    store.execute(register(program.rename(EntryId::Station(id("s")), "新站"))).await.unwrap();
    assert!(rows(store.db(), "stations").await[0].1.contains("新站"));
    assert_eq!(sound_counter(store.db(), "counter").await, 3);
}

async fn an_event_that_nobody_can_read_harms_only_what_needs_it(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    let (program, other) = (Program::new("p"), Program::new("q"));
    store.execute(register(program.district("a"))).await.unwrap();
    // Written by another program while this one runs, which has the stream in memory.
    append_old(&store, &program).await;
    for _ in ["while it is passed by", "once it is read"] {
        let failed = store.execute(register(program.district("b"))).await;
        assert!(matches!(failed, Err(ExecuteError::Internal)), "{failed:?}");
    }
    let group = [register(program.district("b")), register(other.district("a"))];
    let [failed, accepted] = group.map(|submission| store.execute(submission));
    let (failed, accepted) = tokio::join!(failed, accepted);
    assert!(matches!(failed, Err(ExecuteError::Internal)), "{failed:?}");
    assert_eq!(accepted.unwrap().position, 3);

    let stopped = eventually("the model stops", || async {
        store.checkpoints().await.unwrap().into_iter().find(|checkpoint| checkpoint.error.is_some())
    })
    .await;
    assert_eq!(stopped.position, 1, "right before it");
    assert!(stopped.error.unwrap().contains("version 0.9"));
    assert_eq!(sound_counter(store.db(), "counter").await, 1);
    store.stop().await;

    // The program that knows it revives the model.
    let settings = StoreConfig { upcasters: upcasters(), ..config(&database, vec![counter()]) };
    let store = Store::start(settings).await.unwrap();
    assert_eq!(store.rebuild("counter").await.unwrap(), 3);
    assert_eq!(sound_counter(store.db(), "counter").await, 3);
    store.execute(register(program.district("b"))).await.unwrap();
}

/// Point 9: what no task may survive ends it, and whoever waits for that learns of it.
async fn a_task_that_ends_is_told_of(database: TestDatabase) {
    old_log(&database).await;
    let settings = StoreConfig { upcasters: panicking(), ..config(&database, vec![Mood::default().counter("behind")]) };
    let store = Store::start(settings).await.unwrap();
    assert_eq!(tokio::time::timeout(PATIENCE, store.ended()).await.unwrap(), "projector");
    let settings = || StoreConfig { upcasters: panicking(), ..config(&database, Vec::new()) };
    drop(store);
    let store = eventually("the database is free again", || async { Store::start(settings()).await.ok() }).await;
    let quiet = tokio::time::timeout(Duration::from_millis(50), store.ended()).await;
    assert!(quiet.is_err(), "{quiet:?} ended");
    let answer = store.execute(register(Program::new("p").district("b"))).await;
    assert!(matches!(answer, Err(ExecuteError::Internal)), "{answer:?}");
    assert_eq!(tokio::time::timeout(PATIENCE, store.ended()).await.unwrap(), "appender");
    let answer = store.execute(register(Program::new("q").district("b"))).await;
    assert!(matches!(answer, Err(ExecuteError::Internal)), "nothing waits for an appender that is gone: {answer:?}");
}
