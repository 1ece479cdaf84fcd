//! The REST API, asked inside the process: the same router and layers that serve other clients.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Request, header};
use axum::response::Response;
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

use crate::failure::Failure;

/// More than any answer that a page reads; exports are passed on unread.
const MOST: usize = 16 << 20;

/// The API's router.
#[derive(Debug, Clone)]
pub(crate) struct Inside(Router);

/// An answer of the API, read.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) headers: HeaderMap,
    body: Bytes,
}

impl Inside {
    pub(crate) const fn new(api: Router) -> Self {
        Self(api)
    }

    /// Passes a request on.
    pub(crate) async fn pass(&self, request: Request<Body>) -> Response {
        match self.0.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Asks, and reads the answer; a problem document is a failure.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Result<Heard, Failure> {
        let (parts, body) = self.pass(request).await.into_parts();
        let body = to_bytes(body, MOST).await.map_err(Failure::internal)?;
        if parts.status.is_success() {
            return Ok(Heard { headers: parts.headers, body });
        }
        Err(match serde_json::from_slice(&body) {
            Ok(problem) => Failure::Problem(Box::new(problem)),
            Err(cause) => Failure::internal(cause),
        })
    }
}

impl Heard {
    /// The body.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(Failure::internal)
    }

    /// The tag of what was read or changed.
    pub(crate) fn etag(&self) -> Option<String> {
        self.text(header::ETAG)
    }

    /// The position of what was read, or of the last event of what was done.
    pub(crate) fn position(&self) -> Option<u64> {
        self.text(api::headers::POSITION)?.parse().ok()
    }

    fn text(&self, name: header::HeaderName) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(ToOwned::to_owned)
    }
}
