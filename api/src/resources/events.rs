//! The ordered feed for other systems: every event once, in one order, as CloudEvents (R4).
//!
//! A reader asks for what comes after the last `id` that it has seen, or listens. Positions are dense and
//! visible in order, so nothing is skipped. Data of people never stands in events, and so not here.

pub mod cloud;
mod follow;
mod seen;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::accept::Accept;
use crate::headers::{POSITION, ReadHeaders, Reading, Tag};
use crate::openapi::ReadProblems;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::state::Api;
use app::AppError;
use cloud::CloudEvent;
use seen::Seen;

/// A batch of CloudEvents in JSON.
const BATCH: &str = "application/cloudevents-batch+json";
/// The same batch, for clients that know no more.
const JSON: &str = "application/json";
/// Server-sent events.
const STREAM: &str = "text/event-stream";
/// The header by which a listener that lost its connection says where it was.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The events of one batch where the request names no number.
const LIMIT_DEFAULT: u32 = 100;

/// Where to begin, and how many.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct EventsParams {
    /// The `id` of the last event seen; the feed from its beginning if absent.
    #[serde(default)]
    #[param(required = false, nullable = false, example = "120")]
    pub after: Option<String>,
    /// Events of one batch; a stream has no end.
    #[serde(default)]
    #[param(required = false, nullable = false, minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<u32>,
}

/// How `Last-Event-ID` is documented.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header; the handler reads it")]
struct ResumeHeader {
    /// For `text/event-stream`: the last `id` received. Goes before `after`.
    #[param(rename = "Last-Event-ID", required = false, nullable = false)]
    last_event_id: Option<String>,
}

/// Reads the feed: a batch of CloudEvents 1.0, or with `Accept: text/event-stream` all that come.
///
/// `id` is the position and `subject` the stream. A decision's events stand side by side; `data.decision_size`
/// tells how many they are.
#[utoipa::path(get, path = "/events", tag = "feed", extensions(("x-permission" = json!("events.read"))), params(EventsParams, ResumeHeader, ReadHeaders),
    responses((status = 200, description = "The events, in order.", content(
        (Vec<CloudEvent> = "application/cloudevents-batch+json"),
        (Vec<CloudEvent> = "application/json"),
        (String = "text/event-stream"),
    )), ReadProblems))]
async fn list_events(
    State(api): State<Api>,
    reading: Reading,
    headers: HeaderMap,
    Query(params): Query<EventsParams>,
) -> Result<Response, Problem> {
    let limit = limit(params.limit)?;
    // The log itself is read, so there is nothing to wait for.
    if let Some(given) = reading.min_position {
        within(&api, given).await?;
    }
    let accept = Accept::of(&headers);
    let listening = accept.prefers(STREAM, BATCH) && accept.prefers(STREAM, JSON);
    let resumed = headers.get(LAST_EVENT_ID).filter(|_| listening).map(|id| id.to_str().unwrap_or("?"));
    let after = known(&api, resumed.or(params.after.as_deref())).await?;
    let seen = Seen::by(&reading.admitted)?;
    if listening {
        return Ok(follow::stream(api, seen, after));
    }
    let media_type = if accept.prefers(JSON, BATCH) { JSON } else { BATCH };
    batch(&api, seen, after, limit, media_type).await
}

/// The events of one batch, with the position that they come to.
async fn batch(
    api: &Api,
    mut seen: Seen,
    after: u64,
    limit: u32,
    media_type: &'static str,
) -> Result<Response, Problem> {
    let mut last = after;
    let mut batch: Vec<CloudEvent> = Vec::new();
    // What others do may fill many batches: it goes on until there is something to tell, or nothing more.
    loop {
        let events = api.app().store().feed().after(last, limit).await?;
        let Some(end) = events.last().map(|event| event.position) else { break };
        last = end;
        for event in events {
            if seen.sees(api, &event).await? {
                batch.push(seen.written(event)?);
            }
        }
        if !batch.is_empty() {
            break;
        }
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::ETAG, Tag::weak(last)),
        (POSITION, HeaderValue::from(last)),
    ];
    Ok((headers, Json(batch)).into_response())
}

fn limit(given: Option<u32>) -> Result<u32, Problem> {
    let limit = given.unwrap_or(LIMIT_DEFAULT);
    if (1..=1000).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::invalid_parameter("limit", "须为 1 至 1000 的整数。", "it is a whole number from 1 to 1000."))
}

/// The position that a reader names; one beyond the log is of another database.
async fn known(api: &Api, after: Option<&str>) -> Result<u64, Problem> {
    let Some(text) = after else { return Ok(0) };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let given = text.parse().ok().filter(|_| digits).ok_or_else(|| Problem::of(Code::InvalidCursor))?;
    within(api, given).await?;
    Ok(given)
}

/// Refuses a position beyond the log.
async fn within(api: &Api, given: u64) -> Result<(), Problem> {
    let head = api.app().store().feed().head().await?;
    if given > head {
        return Err(AppError::PositionUnknown { given, head }.into());
    }
    Ok(())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_events))
}

#[cfg(test)]
mod tests;
