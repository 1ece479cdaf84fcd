//! What every request passes: its id, its span, its limits; what every answer gets: safe headers.

use std::any::Any;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::{Span, info_span};
use uuid::Uuid;

use crate::problem::{Code, Problem};

/// The header that a request's id comes and goes by.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The bounds of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body; a route for uploads may set another bound.
    pub body_bytes: usize,
    /// The time for a body to arrive in.
    pub body_time: Duration,
    /// The time for an answer to begin in.
    pub answer_time: Duration,
    /// Whether a proxy stands before the server, and says whom it speaks for.
    pub behind_proxy: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            body_time: Duration::from_secs(20),
            answer_time: Duration::from_secs(30),
            behind_proxy: false,
        }
    }
}

/// The id of one request: the client's, if it is fit to be logged, else a new UUID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id, shared.
    #[must_use]
    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// Gives it to an answer.
    pub(crate) fn stamp(&self, response: &mut Response) {
        if let Ok(value) = HeaderValue::from_str(self.as_str()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
    }

    pub(crate) fn of(request: &Request) -> Self {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/".contains(&b);
        let given = request.headers().get(REQUEST_ID).and_then(|v| v.to_str().ok());
        match given.filter(|id| (1..=128).contains(&id.len()) && id.bytes().all(plain)) {
            Some(id) => Self(id.into()),
            None => Self(Uuid::now_v7().to_string().into()),
        }
    }
}

/// Gives the request its id, and the answer the same.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(&request);
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    id.stamp(&mut response);
    response
}

/// The span of a request: the route, never the query, the headers or the keys in the path.
pub fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let id = request.extensions().get::<RequestId>().map_or("-", RequestId::as_str);
    info_span!("request", method = %request.method(), route, request_id = id)
}

/// What a page of ours may load, unless it says otherwise: nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
/// For how long a browser is to come by TLS only: a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Headers that every answer has unless it says otherwise.
pub async fn safe_headers(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // What has a tag may be kept by the client that read it, and asked for again; nothing else is kept.
    let cache = if headers.contains_key(header::ETAG) { "private, no-cache" } else { "no-store" };
    for (name, value) in [
        (header::CACHE_CONTROL, cache),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, NOTHING),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    // Without a proxy that terminates TLS there is none to insist on.
    if limits.behind_proxy {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    response
}

/// Answers in time. A command goes on in a task of its own, so its outcome is unknown here.
pub async fn deadline(State(limits): State<Limits>, mut request: Request, next: Next) -> Response {
    let outcome = if request.method().is_safe() || request.method() == Method::TRACE { "none" } else { "unknown" };
    request.extensions_mut().insert(limits);
    match tokio::time::timeout(limits.answer_time, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::of(Code::StoreUnavailable).with("outcome", outcome).retry_after(1).into_response(),
    }
}

/// The address of a client: of the connection, or the last that a proxy before us added.
pub(crate) fn client(parts: &Parts) -> Option<String> {
    let connection = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    if !parts.extensions.get::<Limits>().is_some_and(|limits| limits.behind_proxy) {
        return connection();
    }
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let last = forwarded.flat_map(|line| line.split(',')).last().map(str::trim);
    last.and_then(|text| text.parse::<IpAddr>().ok()).map(|address| address.to_string()).or_else(connection)
}

/// The answer to a request whose handler panicked.
#[allow(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
pub(crate) fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&'static str>().copied())
        .unwrap_or("a panic without a message");
    Problem::internal(&message).into_response()
}

/// The answer where no route fits.
pub(crate) async fn unknown_path() -> Problem {
    Problem::of(Code::UnknownPath)
}

/// The answer where a route fits, but not the method; axum adds `Allow`.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::of(Code::MethodNotAllowed)
}
