//! What every page passes: the visitor is found out, failures become pages, and answers get their headers.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::failure::Failure;
use crate::inside::Inside;
use crate::pages;
use crate::visitor::Visitor;

/// Headers of every page (S6). Nothing is loaded from elsewhere, and nothing runs that stands in a page.
const SAFE: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'",
        ),
    ),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Gives answers their headers, unless they say otherwise.
pub(crate) async fn safe(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in SAFE {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Finds out the visitor, and shows failures as pages for him.
pub(crate) async fn presented(State(inside): State<Inside>, mut request: Request, next: Next) -> Response {
    let visitor = Arc::new(Visitor::of(inside, &request));
    request.extensions_mut().insert(Arc::clone(&visitor));
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        response = pages::failure::page(&visitor, failure).await;
    }
    let shown =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if shown && let Some(cookie) = visitor.form_cookie() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
