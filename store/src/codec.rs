//! Events to and from their stored form; upcasters, shared by every reader.

use std::sync::Arc;

use cqrs_es::persist::{EventUpcaster, SerializedEvent};
use domain::event::EVENT_VERSION;
use domain::{Event, Meta, RecordedEvent, StreamId, StreamKind};

use crate::error::StoreError;

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
            payload: event.to_payload()?.to_string(),
            metadata: serde_json::to_string(meta)?,
        })
    }

    /// Reads a stored event, lifting an older shape first.
    pub fn decode(&self, stored: SerializedEvent) -> Result<(StreamId, u64, Event, Meta), StoreError> {
        let version = u64::try_from(stored.sequence).unwrap_or(u64::MAX);
        let kind: StreamKind = stored
            .aggregate_type
            .parse()
            .map_err(|_| StoreError::Stream(format!("unknown kind of stream `{}`", stored.aggregate_type)))?;
        let stream = StreamId::stored(kind, stored.aggregate_id.clone());
        let fail = |reason: String| StoreError::Undecodable { stream: stream.clone(), version, reason };
        let lifted = self.upcasters.iter().fold(stored, |event, upcaster| {
            if upcaster.can_upcast(&event.event_type, &event.event_version) { upcaster.upcast(event) } else { event }
        });
        if significant(&lifted.event_version) != significant(EVENT_VERSION) {
            return Err(fail(format!("version {} of {} is unknown", lifted.event_version, lifted.event_type)));
        }
        let event = Event::from_payload(kind, lifted.payload).map_err(|e| fail(e.to_string()))?;
        let meta: Meta = serde_json::from_value(lifted.metadata).map_err(|e| fail(e.to_string()))?;
        Ok((stream, version, event, meta))
    }

    /// Reads a stored event at its position.
    pub fn decode_at(&self, position: u64, stored: SerializedEvent) -> Result<RecordedEvent, StoreError> {
        let (stream, version, event, meta) = self.decode(stored)?;
        Ok(RecordedEvent { position, stream, version, meta, event })
    }
}

/// A version without the zeros at its end: the upcasters of cqrs-es write 1.0 as 1.0.0.
fn significant(mut version: &str) -> &str {
    while let Some(shorter) = version.strip_suffix(".0") {
        version = shorter;
    }
    version
}
