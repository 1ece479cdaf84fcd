//! Every shape of an event that was ever written still loads (E10): one golden file for each name and version.
//!
//! A new event, or a new version of one, brings its file along; a file is never changed afterwards.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;

use hatchery_domain::cycle::CycleEvent;
use hatchery_domain::enrolment::EnrolmentEvent;
use hatchery_domain::event::EVENT_VERSION;
use hatchery_domain::organization::OrganizationEvent;
use hatchery_domain::register::RegisterEvent;
use hatchery_domain::session::SessionEvent;
use hatchery_domain::{Event, Meta, StreamKind};
use serde_json::Value;
use strum::VariantNames as _;

/// Kind, name and version of each file, with its content.
fn golden() -> BTreeMap<(String, String, String), Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let (kind, rest) = name.split_once('.').unwrap();
        let (event, version) = rest.split_once('.').unwrap();
        let content = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        ((kind.to_owned(), event.to_owned(), version.to_owned()), content)
    };
    std::fs::read_dir(folder).unwrap().map(read).collect()
}

#[test]
fn every_event_has_a_golden_file_of_its_present_shape() {
    let golden = golden();
    let kinds: [(&str, &[&str]); 5] = [
        ("register", RegisterEvent::VARIANTS),
        ("organization", OrganizationEvent::VARIANTS),
        ("cycle", CycleEvent::VARIANTS),
        ("enrolment", EnrolmentEvent::VARIANTS),
        ("session", SessionEvent::VARIANTS),
    ];
    let missing: Vec<String> = kinds
        .iter()
        .flat_map(|(kind, events)| events.iter().map(move |event| (*kind, *event)))
        .filter(|(kind, event)| {
            !golden.contains_key(&((*kind).to_owned(), (*event).to_owned(), EVENT_VERSION.to_owned()))
        })
        .map(|(kind, event)| format!("{kind}.{event}.{EVENT_VERSION}.json"))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_golden_file_loads_and_loses_nothing() {
    for ((kind, name, version), file) in golden() {
        let kind: StreamKind = kind.parse().unwrap();
        // An older version is lifted by the store's upcasters, and is tried there.
        if version != EVENT_VERSION {
            continue;
        }
        let event = Event::from_payload(kind, file["payload"].clone()).unwrap_or_else(|e| panic!("{kind}.{name}: {e}"));
        assert_eq!((event.kind(), event.event_type()), (kind, name.as_str()));
        assert_eq!(event.to_payload().unwrap(), file["payload"], "{kind}.{name}");
        let meta: Meta =
            serde_json::from_value(file["metadata"].clone()).unwrap_or_else(|e| panic!("{kind}.{name}: {e}"));
        assert_eq!(serde_json::to_value(meta).unwrap(), file["metadata"], "{kind}.{name}");
    }
}
