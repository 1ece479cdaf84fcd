//! Streams as one group of decisions sees them: warm memory, and the events of decisions before it in the group.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use domain::{Aggregate, At, Event, Meta, StreamId, Streams};

use crate::warm::Warm;

/// Events of the group on one stream, and the state after them once somebody asks.
#[derive(Debug, Default)]
struct Pending {
    events: Vec<(Event, Arc<Meta>)>,
    after: OnceCell<Option<(Aggregate, u64)>>,
}

/// Warm streams under the events of the group so far.
///
/// Confirmed state is never touched: if the group fails, this is dropped and nothing has to be undone.
#[derive(Debug)]
pub(crate) struct Overlay<'w> {
    warm: &'w Warm,
    pending: HashMap<StreamId, Pending>,
}

impl<'w> Overlay<'w> {
    pub(crate) fn new(warm: &'w Warm) -> Self {
        Self { warm, pending: HashMap::new() }
    }

    /// Adds a decided event and answers the stream's version after it; `None` if the stream is not at hand.
    pub(crate) fn append(&mut self, stream: &StreamId, event: &Event, meta: &Arc<Meta>) -> Option<u64> {
        let (_, confirmed) = self.warm.find(stream)?;
        let pending = self.pending.entry(stream.clone()).or_default();
        pending.events.push((event.clone(), Arc::clone(meta)));
        let version = confirmed + pending.events.len() as u64;
        if let Some(Some((state, at))) = pending.after.get_mut() {
            state.evolve(event, At { version, meta });
            *at = version;
        }
        Some(version)
    }
}

impl Streams for Overlay<'_> {
    fn find(&self, stream: &StreamId) -> Option<(&Aggregate, u64)> {
        let Some(pending) = self.pending.get(stream) else {
            return self.warm.find(stream);
        };
        pending
            .after
            .get_or_init(|| {
                let (state, mut version) = self.warm.find(stream)?;
                let mut state = state.clone();
                for (event, meta) in &pending.events {
                    version += 1;
                    state.evolve(event, At { version, meta });
                }
                Some((state, version))
            })
            .as_ref()
            .map(|(state, version)| (state, *version))
    }
}
