//! Events to and from their stored form; upcasters, shared by every reader.

use std::sync::Arc;

use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use domain::event::EVENT_VERSION;
use domain::{Event, Meta, RecordedEvent, StreamId, StreamKind};
use serde::{Deserialize, Deserializer};

use crate::db::unsigned;
use crate::error::StoreError;
use crate::feed::EventRow;

/// Reads and writes stored events. Cheap to clone.
#[derive(Clone, Default)]
pub struct Codec {
    upcasters: Arc<Vec<Box<dyn EventUpcaster>>>,
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Codec").field("upcasters", &self.upcasters.len()).finish()
    }
}

/// An event ready to be written.
#[derive(Debug, Clone)]
pub struct Encoded {
    /// Name of the event.
    pub event_type: &'static str,
    /// Payload as JSON text.
    pub payload: String,
    /// [`Meta`] as JSON text.
    pub metadata: String,
}

impl Codec {
    /// A codec that lifts older shapes by `upcasters`, each applied in order.
    #[must_use]
    pub fn new(upcasters: Vec<Box<dyn EventUpcaster>>) -> Self {
        Self { upcasters: Arc::new(upcasters) }
    }

    /// Writes an event down.
    pub fn encode(event: &Event, meta: &Meta) -> Result<Encoded, StoreError> {
        Ok(Encoded {
            event_type: event.event_type(),
            payload: event.to_text()?,
            metadata: serde_json::to_string(meta)?,
        })
    }

    /// Whether a stored event has an older shape that an upcaster lifts.
    fn lifts(&self, event_type: &str, event_version: &str) -> bool {
        self.upcasters.iter().any(|upcaster| upcaster.can_upcast(event_type, event_version))
    }

    /// Reads a stored event, lifting an older shape first.
    pub fn decode(&self, stored: SerializedEvent) -> Result<(StreamId, u64, Event, Meta), StoreError> {
        let lifted = self.upcasters.iter().fold(stored, |event, upcaster| {
            if upcaster.can_upcast(&event.event_type, &event.event_version) { upcaster.upcast(event) } else { event }
        });
        let version = u64::try_from(lifted.sequence).unwrap_or(u64::MAX);
        let stream = stream(&lifted.aggregate_type, lifted.aggregate_id)?;
        let shape = (lifted.event_type.as_str(), lifted.event_version.as_str());
        let (event, meta) = present(&stream, version, shape, lifted.payload, lifted.metadata)?;
        Ok((stream, version, event, meta))
    }

    /// Reads a row of the log.
    ///
    /// A present shape is read straight from its text; only an older one is made a tree first, for its upcasters.
    pub(crate) fn decode_row(&self, row: EventRow) -> Result<RecordedEvent, StoreError> {
        let position = unsigned(row.position);
        let (stream, version, event, meta) = if self.lifts(&row.event_type, &row.event_version) {
            self.decode(row.into_tree()?)?
        } else {
            let version = unsigned(row.sequence);
            let stream = stream(&row.aggregate_type, row.aggregate_id)?;
            let shape = (row.event_type.as_str(), row.event_version.as_str());
            let (event, meta) = present(&stream, version, shape, &*row.payload.0, &*row.metadata.0)?;
            (stream, version, event, meta)
        };
        Ok(RecordedEvent { position, stream, version, meta, event })
    }
}

fn stream(kind: &str, id: String) -> Result<StreamId, StoreError> {
    let kind: StreamKind = kind.parse().map_err(|_| StoreError::Stream(format!("unknown kind of stream `{kind}`")))?;
    Ok(StreamId::stored(kind, id))
}

/// Reads an event in its present shape; `shape` is its name and version.
fn present<'de, D: Deserializer<'de>>(
    stream: &StreamId,
    version: u64,
    (event_type, event_version): (&str, &str),
    payload: D,
    metadata: D,
) -> Result<(Event, Meta), StoreError> {
    let fail = |reason: String| StoreError::Undecodable { stream: stream.clone(), version, reason };
    if significant(event_version) != significant(EVENT_VERSION) {
        return Err(fail(format!("version {event_version} of {event_type} is unknown")));
    }
    let event = Event::from_payload(stream.kind(), payload).map_err(|e| fail(e.to_string()))?;
    let meta = Meta::deserialize(metadata).map_err(|e| fail(e.to_string()))?;
    Ok((event, meta))
}

/// A version without the zeros at its end: the upcasters of cqrs-es write 1.0 as 1.0.0.
fn significant(mut version: &str) -> &str {
    while let Some(shorter) = version.strip_suffix(".0") {
        version = shorter;
    }
    version
}
