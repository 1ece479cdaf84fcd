//! The feed as server-sent events: what is there, then what comes.

use std::time::{Duration, Instant};

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::RecordedEvent;
use futures::stream;

use super::cloud::CloudEvent;
use super::seen::Seen;
use crate::problem::Problem;
use crate::state::Api;

/// Events read at a time.
const BATCH: u32 = 200;
/// How long a listener waits before it looks whether the node is about to stop.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a listener is served before it has to come back, and is asked again who it is.
const LONGEST: Duration = Duration::from_mins(15);
/// How often a silent connection is kept alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A listener's place in the feed.
struct Listener {
    api: Api,
    seen: Seen,
    until: Instant,
    position: u64,
    read: std::vec::IntoIter<RecordedEvent>,
}

/// All events after a position, for as long as the listener stays and the node does.
pub(super) fn stream(api: Api, seen: Seen, after: u64) -> Response {
    let until = Instant::now() + LONGEST;
    let listener = Listener { api, seen, until, position: after, read: Vec::new().into_iter() };
    let events = stream::unfold(listener, async |mut listener| {
        // After a failure, which is logged, the stream ends; the client comes back with the last id that it has.
        let event = listener.next().await.ok().flatten()?;
        Some((Ok::<_, axum::Error>(event), listener))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

impl Listener {
    /// The next event, once there is one; none if the node is about to stop.
    async fn next(&mut self) -> Result<Option<Event>, Problem> {
        loop {
            if let Some(recorded) = self.read.next() {
                self.position = recorded.position;
                if self.seen.sees(&self.api, &recorded).await? {
                    return framed(&self.seen.written(recorded)?).map(Some);
                }
                continue;
            }
            if self.api.app().is_draining() || Instant::now() >= self.until {
                return Ok(None);
            }
            let feed = self.api.app().store().feed();
            self.read = feed.after(self.position, BATCH).await?.into_iter();
            if self.read.as_slice().is_empty() {
                feed.moved_beyond(self.position, PATIENCE).await;
            }
        }
    }
}

fn framed(event: &CloudEvent) -> Result<Event, Problem> {
    let frame = Event::default().id(&event.id).event(&event.r#type);
    frame.json_data(event).map_err(|cause| Problem::internal(&cause))
}
