//! The face towards cqrs-es: one stream is loaded, committed to, and refused at a stale version.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::{AggregateContext as _, AggregateError, EventStore as _};
use domain::register::{Details, EntryId, RegisterEvent};
use domain::{Aggregate, Event};
use store::es::{EsStore, Register, StoredEvent};
use store::testing::TestDatabase;

use crate::harness::*;
use crate::models::{counter, sound_counter};

on_both_databases! {
    a_stream_is_loaded_and_committed_to,
    a_commit_at_a_stale_version_is_a_conflict,
    a_decision_id_names_one_commit,
}

fn district(district: &str) -> StoredEvent {
    let event: Event = RegisterEvent::Registered {
        entry: EntryId::District(id(district)),
        details: Details::District { name: district.to_owned() },
    }
    .into();
    StoredEvent {
        event_type: event.event_type().to_owned(),
        payload: event.to_payload().unwrap(),
        meta: recorded(Program::new("p").stream(), 1, event).meta,
    }
}

async fn a_stream_is_loaded_and_committed_to(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    store.execute(register(Program::new("p").district("a"))).await.unwrap();
    let face = EsStore::<Register>::new(Arc::clone(&store));
    assert!(face.load_events("q").await.unwrap().is_empty());

    let mut context = face.load_aggregate("p").await.unwrap();
    let Some(Aggregate::Register(state)) = context.aggregate().state() else { panic!("a register") };
    assert_eq!(state.entries.len(), 1);
    let committed = face.commit(vec![district("b"), district("c")], context, HashMap::new()).await.unwrap();
    assert_eq!(committed.iter().map(|e| e.sequence).collect::<Vec<_>>(), [2, 3]);

    let loaded = face.load_events("p").await.unwrap();
    assert_eq!(loaded.iter().map(|e| e.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(loaded[1].payload.payload, committed[0].payload.payload);
    assert_eq!(sound_log(&store).await.len(), 3, "in the same log as everything else");
    assert_eq!(sound_counter(store.db(), "counter").await, 3, "and in the read models");
    let answer = store.execute(register(Program::new("p").station("s", "c"))).await.unwrap();
    assert_eq!(answer.events[0].version, 4, "commands see it");
}

async fn a_commit_at_a_stale_version_is_a_conflict(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let face = EsStore::<Register>::new(Arc::clone(&store));
    let stale = face.load_aggregate("p").await.unwrap();
    store.execute(register(Program::new("p").district("a"))).await.unwrap();
    let refused = face.commit(vec![district("b")], stale, HashMap::new()).await;
    assert!(matches!(refused, Err(AggregateError::AggregateConflict)), "{refused:?}");
    assert_eq!(sound_log(&store).await.len(), 1);
}

async fn a_decision_id_names_one_commit(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let face = EsStore::<Register>::new(Arc::clone(&store));
    let event = district("a");
    for _ in ["first", "the same again, its answer lost"] {
        let mut context = face.load_aggregate("q").await.unwrap();
        assert!(context.aggregate().state().is_none());
        face.commit(Vec::new(), context, HashMap::new()).await.unwrap();
    }
    let [fresh, again] = [face.load_aggregate("p").await.unwrap(), face.load_aggregate("p").await.unwrap()];
    face.commit(vec![event.clone()], fresh, HashMap::new()).await.unwrap();
    face.commit(vec![event.clone()], again, HashMap::new()).await.expect("a repetition");
    assert_eq!(sound_log(&store).await.len(), 1);

    let other = StoredEvent { meta: event.meta, ..district("b") };
    let context = face.load_aggregate("p").await.unwrap();
    let refused = face.commit(vec![other], context, HashMap::new()).await;
    assert!(matches!(refused, Err(AggregateError::UnexpectedError(_))), "not taken for the first one: {refused:?}");
    store.execute(register(Program::new("p").district("c"))).await.expect("nobody else is harmed");
}
