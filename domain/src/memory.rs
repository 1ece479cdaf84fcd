//! The streams in memory: the model that tests, generators and drafts run commands on.

use std::collections::HashMap;

use crate::command::Command;
use crate::context::Context;
use crate::event::{Meta, RecordedEvent};
use crate::refusal::Refused;
use crate::stream::{Aggregate, At, StreamId};
use crate::world::{Stop, Streams, World};

/// All streams in memory, with the log of what was appended.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    streams: HashMap<StreamId, (Aggregate, u64)>,
    log: Vec<RecordedEvent>,
}

impl Streams for Memory {
    fn find(&self, stream: &StreamId) -> Option<(&Aggregate, u64)> {
        self.streams.get(stream).map(|(state, version)| (state, *version))
    }
}

impl Memory {
    /// Everything appended so far, in order.
    #[must_use]
    pub fn log(&self) -> &[RecordedEvent] {
        &self.log
    }

    /// Places a stream as it stands at `version`, for drafts and tests that begin in the middle.
    pub fn put(&mut self, stream: StreamId, state: Aggregate, version: u64) {
        self.streams.insert(stream, (state, version));
    }

    /// Decides and appends; answers the events of this decision.
    pub fn run(&mut self, command: &Command, context: &Context) -> Result<&[RecordedEvent], Refused> {
        let decision = loop {
            match command.decide(&World::new(self), context) {
                Ok(decision) => break decision,
                Err(Stop::Missing(stream)) => {
                    let empty = Aggregate::empty(stream.kind());
                    self.streams.insert(stream, (empty, 0));
                }
                Err(Stop::Refused(refused)) => return Err(refused),
            }
        };
        let first = self.log.len();
        let meta = Meta {
            decision_id: context.decision_id,
            recorded_at: context.now,
            occurred_on: decision.occurred_on,
            actor: context.actor.clone(),
            documents: decision.documents,
            waiver: decision.waiver,
            decision_size: u32::try_from(decision.events.len()).unwrap_or(u32::MAX),
            request_id: None,
        };
        for (stream, event) in decision.events {
            let (state, version) =
                self.streams.entry(stream.clone()).or_insert_with(|| (Aggregate::empty(stream.kind()), 0));
            *version += 1;
            state.evolve(&event, At { version: *version, meta: &meta });
            self.log.push(RecordedEvent {
                position: self.log.len() as u64 + 1,
                stream,
                version: *version,
                meta: meta.clone(),
                event,
            });
        }
        Ok(&self.log[first..])
    }
}
