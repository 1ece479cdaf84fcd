//! The timeline: who, when it happened, when it was recorded, what put it right.

use std::collections::BTreeMap;

use projections::timeline::TimelineEntry;
use serde_json::Value;

use crate::day;
use crate::pages::frame::Frame;
use crate::words;

/// Forms that are too long for a line; their own pages show them.
const LONG: [&str; 4] = ["application", "survey", "rulebook", "contact"];

/// An entry as shown.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) position: u64,
    pub(super) what: String,
    /// The entry that put it right.
    pub(super) undone_by: Option<u64>,
    pub(super) occurred_on: String,
    pub(super) recorded_at: String,
    pub(super) by: String,
    /// Its cycle, where that is not the one of the page.
    pub(super) cycle: Option<String>,
    pub(super) details: Vec<(&'static str, String)>,
    /// Title and address.
    pub(super) papers: Vec<(String, String)>,
    pub(super) waiver: Option<String>,
}

/// The entries of several cycles, the last first. What concerns the organisation at large is in each.
pub(super) fn merged(entries: Vec<TimelineEntry>, frame: &Frame) -> Vec<Entry> {
    let by_position: BTreeMap<u64, TimelineEntry> = entries.into_iter().map(|entry| (entry.position, entry)).collect();
    by_position.into_values().rev().map(|entry| shown(entry, frame)).collect()
}

fn shown(entry: TimelineEntry, frame: &Frame) -> Entry {
    let mut details = Vec::new();
    tell(&entry.data, frame, &mut details);
    let trace = entry.trace;
    Entry {
        position: entry.position,
        what: words::event(&entry.event_type, frame.language).to_owned(),
        undone_by: entry.corrected_by,
        occurred_on: trace.occurred_on.to_string(),
        recorded_at: day::instant(trace.recorded_at, frame.zone()),
        by: frame.actor(&trace.actor),
        cycle: entry.cycle.filter(|cycle| *cycle != frame.cycle.cycle).map(|cycle| cycle.to_string()),
        details,
        papers: trace
            .documents
            .into_iter()
            .map(|paper| (paper.title, format!("/documents/{}", paper.document_id)))
            .collect(),
        waiver: trace.waiver.map(|waived| waived.reason),
    }
}

/// The parts that have words, wherever they stand.
fn tell(data: &Value, frame: &Frame, told: &mut Vec<(&'static str, String)>) {
    let Value::Object(members) = data else { return };
    for (name, value) in members {
        if LONG.contains(&name.as_str()) {
            continue;
        }
        let said = match value {
            Value::String(text) => Some(named(name, text, frame)),
            Value::Number(number) => Some(number.to_string()),
            Value::Object(_) => {
                tell(value, frame, told);
                None
            }
            Value::Null | Value::Bool(_) | Value::Array(_) => None,
        };
        if let (Some(key), Some(said)) = (words::key(name, frame.language), said) {
            told.push((key, said));
        }
    }
}

/// A class, station or recommender by its name; any other text as it is.
fn named(key: &str, text: &str, frame: &Frame) -> String {
    match key {
        "station" => frame.names.station(text),
        "recommender" => frame.names.recommender(text),
        "class" | "from" | "to" => {
            let class = frame.class(text);
            if class == text { frame.names.recommender(text) } else { class }
        }
        _ => text.to_owned(),
    }
}
