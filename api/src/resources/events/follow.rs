//! The feed as server-sent events: what is there, then what comes.

use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::RecordedEvent;
use futures::stream;

use super::cloud::CloudEvent;
use crate::problem::Problem;
use crate::state::Api;

/// Events read at a time.
const BATCH: u32 = 200;
/// How long a listener waits before it looks whether the node is about to stop.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a silent connection is kept alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A listener's place in the feed.
struct Listener {
    api: Api,
    position: u64,
    read: std::vec::IntoIter<RecordedEvent>,
}

/// All events after a position, for as long as the listener stays and the node does.
pub(super) fn stream(api: Api, after: u64) -> Response {
    let listener = Listener { api, position: after, read: Vec::new().into_iter() };
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
                return written(recorded).map(Some);
            }
            if self.api.app().is_draining() {
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

fn written(recorded: RecordedEvent) -> Result<Event, Problem> {
    let event = CloudEvent::try_from(recorded)?;
    let frame = Event::default().id(&event.id).event(&event.r#type);
    frame.json_data(&event).map_err(|cause| Problem::internal(&cause))
}
