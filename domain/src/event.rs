//! Events of all streams, and what is recorded with each.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::actor::Actor;
use crate::cycle::CycleEvent;
use crate::document::{DocumentRef, Waiver};
use crate::enrolment::EnrolmentEvent;
use crate::ids::DecisionId;
use crate::organization::OrganizationEvent;
use crate::register::RegisterEvent;
use crate::session::SessionEvent;
use crate::stream::{StreamId, StreamKind};

/// An event of any stream.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the events of the stream that it is named after")]
pub enum Event {
    Register(RegisterEvent),
    Organization(OrganizationEvent),
    Cycle(CycleEvent),
    Enrolment(EnrolmentEvent),
    Session(SessionEvent),
}

/// What is recorded with every event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Shared by all events of one decision.
    pub decision_id: DecisionId,
    /// The instant of recording, UTC, in microseconds.
    pub recorded_at: DateTime<Utc>,
    /// The day that the fact happened on, in the program's time zone.
    pub occurred_on: NaiveDate,
    /// Who commanded.
    pub actor: Actor,
    /// Papers that belong to the decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRef>,
    /// The reason for breaking a `principle` rule, if one was broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
    /// How many events the decision has in all; a reader that has seen fewer has seen half of it.
    pub decision_size: u32,
    /// The request that the decision was asked for by, if it came by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Arc<str>>,
}

/// An event as the feed hands it out.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedEvent {
    /// Its place in the total order of all events; dense, from 1.
    pub position: u64,
    /// Its stream.
    pub stream: StreamId,
    /// The stream's version after it; the first event makes it 1.
    pub version: u64,
    /// Who, when, under which decision.
    pub meta: Meta,
    /// What happened.
    pub event: Event,
}

/// The version of every event's present shape. A reshaped event gets a new version and an upcaster.
pub const EVENT_VERSION: &str = "1.0";

macro_rules! per_stream {
    ($self:ident, $event:ident => $body:expr) => {
        match $self {
            Event::Register($event) => $body,
            Event::Organization($event) => $body,
            Event::Cycle($event) => $body,
            Event::Enrolment($event) => $body,
            Event::Session($event) => $body,
        }
    };
}

impl Event {
    /// The name of the event, e.g. `OrganizationNominated`.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        per_stream!(self, event => event.into())
    }

    /// The kind of stream that it belongs to.
    #[must_use]
    pub const fn kind(&self) -> StreamKind {
        match self {
            Self::Register(_) => StreamKind::Register,
            Self::Organization(_) => StreamKind::Organization,
            Self::Cycle(_) => StreamKind::Cycle,
            Self::Enrolment(_) => StreamKind::Enrolment,
            Self::Session(_) => StreamKind::Session,
        }
    }

    /// The payload as stored: `{ "EventName": { … } }`.
    pub fn to_payload(&self) -> serde_json::Result<Value> {
        per_stream!(self, event => serde_json::to_value(event))
    }

    /// The payload as stored, as text.
    pub fn to_text(&self) -> serde_json::Result<String> {
        per_stream!(self, event => serde_json::to_string(event))
    }

    /// Reads a stored payload in its present shape, as a tree or as text; older shapes go through the upcasters first.
    pub fn from_payload<'de, D: Deserializer<'de>>(kind: StreamKind, payload: D) -> Result<Self, D::Error> {
        Ok(match kind {
            StreamKind::Register => Self::Register(RegisterEvent::deserialize(payload)?),
            StreamKind::Organization => Self::Organization(OrganizationEvent::deserialize(payload)?),
            StreamKind::Cycle => Self::Cycle(CycleEvent::deserialize(payload)?),
            StreamKind::Enrolment => Self::Enrolment(EnrolmentEvent::deserialize(payload)?),
            StreamKind::Session => Self::Session(SessionEvent::deserialize(payload)?),
        })
    }
}

macro_rules! into_event {
    ($($variant:ident($event:ty);)+) => {$(
        impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$variant(event)
            }
        }
    )+};
}

into_event! {
    Register(RegisterEvent);
    Organization(OrganizationEvent);
    Cycle(CycleEvent);
    Enrolment(EnrolmentEvent);
    Session(SessionEvent);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Meta;

    #[test]
    fn what_was_recorded_before_requests_were_reads_and_writes_as_it_was() {
        let stored = json!({
            "decision_id": "0190b8f2-0000-7000-8000-000000000001", "recorded_at": "2026-05-01T04:00:00Z",
            "occurred_on": "2026-05-01", "actor": { "role": "office", "unit": "p", "person": "li" },
            "decision_size": 2,
        });
        let mut meta: Meta = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&meta).unwrap(), stored);
        meta.request_id = Some("r-1".into());
        let text = serde_json::to_string(&meta).unwrap();
        assert_eq!(serde_json::from_str::<Meta>(&text).unwrap(), meta);
    }
}
