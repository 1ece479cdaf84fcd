//! Warm aggregates: the streams in use, in memory, as of the last event that this node has seen.
//!
//! A stale copy can do no harm: the appender compares the node's position with the head before it writes.

use std::collections::HashMap;

use domain::{Aggregate, At, RecordedEvent, StreamId, Streams};

/// A stream in memory.
#[derive(Debug)]
struct Stream {
    state: Aggregate,
    version: u64,
    last_used: u64,
}

/// The streams in memory, bounded: the least recently used are let go.
#[derive(Debug)]
pub(crate) struct Warm {
    streams: HashMap<StreamId, Stream>,
    bound: usize,
    tick: u64,
    /// Streams used since this tick belong to the group at hand and are never let go.
    pinned: u64,
    /// Every event up to here that belongs to a stream held has been applied.
    seen: u64,
}

impl Warm {
    pub(crate) fn new(bound: usize) -> Self {
        Self { streams: HashMap::new(), bound: bound.max(1), tick: 0, pinned: 0, seen: 0 }
    }

    pub(crate) const fn seen(&self) -> u64 {
        self.seen
    }

    /// Streams used from now on stay until the next group, whatever the bound.
    pub(crate) const fn begin_group(&mut self) {
        self.pinned = self.tick + 1;
    }

    /// Forgets everything; the next decisions load afresh.
    pub(crate) fn forget(&mut self, head: u64) {
        self.streams.clear();
        self.seen = head;
    }

    /// Takes in a stream as read from the log, which may be newer than `seen`.
    pub(crate) fn load(&mut self, stream: StreamId, events: &[RecordedEvent]) {
        let mut state = Aggregate::empty(stream.kind());
        let mut version = 0;
        for event in events {
            version = event.version;
            state.evolve(&event.event, At { version, meta: &event.meta });
        }
        self.make_room();
        self.tick += 1;
        self.streams.insert(stream, Stream { state, version, last_used: self.tick });
    }

    /// Applies the next events of the log, all of them in order. What a stream has already is skipped.
    pub(crate) fn advance(&mut self, events: &[RecordedEvent]) {
        for event in events {
            if let Some(stream) = self.streams.get_mut(&event.stream)
                && event.version == stream.version + 1
            {
                stream.state.evolve(&event.event, At { version: event.version, meta: &event.meta });
                stream.version = event.version;
            }
            self.seen = self.seen.max(event.position);
        }
    }

    pub(crate) fn touch(&mut self, stream: &StreamId) {
        self.tick += 1;
        if let Some(stream) = self.streams.get_mut(stream) {
            stream.last_used = self.tick;
        }
    }

    /// Lets the least recently used quarter go once the bound is reached.
    fn make_room(&mut self) {
        if self.streams.len() < self.bound {
            return;
        }
        let mut ages: Vec<u64> = self.streams.values().map(|s| s.last_used).collect();
        let place = ages.len() / 4;
        let (_, oldest_kept, _) = ages.select_nth_unstable(place);
        let (oldest_kept, pinned) = (*oldest_kept, self.pinned);
        self.streams.retain(|_, stream| stream.last_used > oldest_kept || stream.last_used >= pinned);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }
}

impl Streams for Warm {
    fn find(&self, stream: &StreamId) -> Option<(&Aggregate, u64)> {
        self.streams.get(stream).map(|s| (&s.state, s.version))
    }
}

#[cfg(test)]
mod tests {
    use domain::StreamKind;

    use super::*;

    #[test]
    fn streams_in_memory_are_bounded_and_the_last_used_stay() {
        let mut warm = Warm::new(8);
        let id = |n: usize| StreamId::stored(StreamKind::Session, n.to_string());
        for n in 0..100 {
            warm.begin_group();
            warm.touch(&id(0));
            warm.load(id(n), &[]);
        }
        assert!(warm.len() <= 8);
        assert!(warm.find(&id(99)).is_some());
        assert!(warm.find(&id(0)).is_some(), "in constant use, so never let go");
        assert!(warm.find(&id(50)).is_none());
    }
}
