//! `Idempotency-Key`: the same key and request give the identical answer (R2).
//!
//! The key is committed with the events of the command; the answer is kept beside it once it was given. A retry
//! after a kill between the two finds the key, appends nothing, and is answered from read models.

use app::Keyed;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{OptionalFromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::PersonId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::body;
use crate::headers::{Acting, IDEMPOTENCY_KEY, IdempotencyKey, POSITION, VISIBLE};
use crate::problem::Problem;
use crate::state::Api;

/// The headers that belong to an answer.
const KEPT: [HeaderName; 6] =
    [header::CACHE_CONTROL, header::CONTENT_TYPE, header::ETAG, header::LOCATION, POSITION, VISIBLE];

/// What every answer that shows a person says of it.
const PERSON: &str = "person_id";
/// What it may show of it.
const DATA: [&str; 3] = ["name", "phone", "email"];

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// The layer around all resources; only a POST with a key is concerned.
pub async fn idempotent(State(api): State<Api>, request: Request, next: Next) -> Response {
    // An upload needs no key: the same content is stored once anyway, and is too large to be kept in memory twice.
    let upload = request.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"multipart/"));
    if request.method() != Method::POST || upload || !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    serve(&api, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn serve(api: &Api, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, unread) = request.into_parts();
    let key = <IdempotencyKey as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await?;
    let actor = <Acting as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await?;
    let (Some(key), Some(Acting(actor))) = (key, actor) else {
        // Nobody to whom a key could belong: the handler says so.
        return Ok(next.run(Request::from_parts(parts, unread)).await);
    };
    let bytes = body::read(Request::from_parts(parts.clone(), unread), &()).await?;
    let keyed = Keyed { key: format!("{actor} {}", key.as_str()), fingerprint: fingerprint(&parts, &bytes) };
    let (claim, answer) = api.app().claim(&keyed).await?;
    if let Some(answer) = answer {
        return replay(&answer);
    }
    parts.extensions.insert(keyed.clone());
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    let response = if response.status().is_success() { keep(api, &keyed, response).await? } else { response };
    drop(claim);
    Ok(response)
}

/// Everything that makes the request what it is.
pub(crate) fn fingerprint(parts: &axum::http::request::Parts, body: &Bytes) -> String {
    let mut whole = format!("{} {}\n", parts.method, parts.uri).into_bytes();
    for name in [header::IF_MATCH, header::CONTENT_TYPE] {
        whole.extend(parts.headers.get(&name).map(HeaderValue::as_bytes).unwrap_or_default());
        whole.push(b'\n');
    }
    whole.extend_from_slice(body);
    store::documents::sha256(&whole)
}

/// Keeps an answer on its way out.
async fn keep(api: &Api, keyed: &Keyed, response: Response) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.map_err(|cause| Problem::internal(&cause))?;
    let kept = Kept {
        status: parts.status.as_u16(),
        headers: KEPT.iter().filter_map(|name| pair(&parts.headers, name)).collect(),
        body: STANDARD.encode(&bytes),
    };
    match serde_json::to_string(&kept) {
        Ok(text) => api.app().keep_answer(keyed, &text, &people_in(&bytes)).await,
        Err(error) => tracing::error!(%error, "an answer cannot be written down"),
    }
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// The people whom an answer shows, by the references beside their data.
fn people_in(body: &[u8]) -> Vec<PersonId> {
    fn collect(value: &Value, found: &mut Vec<PersonId>) {
        match value {
            Value::Object(members) => {
                let shows = DATA.iter().any(|name| members.get(*name).is_some_and(|data| !data.is_null()));
                found
                    .extend(members.get(PERSON).filter(|_| shows).and_then(|id| id.as_str()?.parse::<PersonId>().ok()));
                members.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    // Most answers show nobody, and are not read again.
    if body.windows(PERSON.len()).any(|window| window == PERSON.as_bytes()) {
        collect(&serde_json::from_slice(body).unwrap_or_default(), &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn pair(headers: &HeaderMap, name: &HeaderName) -> Option<(String, String)> {
    let value = headers.get(name)?.to_str().ok()?;
    Some((name.to_string(), value.to_owned()))
}

/// The answer as it was given.
fn replay(text: &str) -> Result<Response, Problem> {
    let kept: Kept = serde_json::from_str(text).map_err(|cause| Problem::internal(&cause))?;
    let body = STANDARD.decode(kept.body).map_err(|cause| Problem::internal(&cause))?;
    let mut response = Body::from(body).into_response();
    *response.status_mut() = StatusCode::from_u16(kept.status).map_err(|cause| Problem::internal(&cause))?;
    for (name, value) in kept.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}
