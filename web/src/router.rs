//! The routes of the pages, and the API beside them.

use api::layers::{Limits, request_id, safe_headers, span};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;

use crate::failure::Failure;
use crate::inside::Inside;
use crate::{assets, layers, pages};

/// Where the API answers; every other path is a page's.
const OF_THE_API: [&str; 6] = ["/api", "/docs", "/problems", "/healthz", "/readyz", "/metrics"];
/// Bytes of a form with a photo: the API's bound of a paper, and what is around it.
const FORM_BYTES: usize = (20 << 20) + (1 << 20);

/// The pages, and beside them the API that they ask.
pub fn beside(api: Router, limits: Limits) -> Router {
    let inside = Inside::new(api);
    let pages = Inside::new(routes(&inside, limits));
    Router::new().fallback(async move |request: Request| {
        if is_of_the_api(request.uri().path()) { inside.pass(request).await } else { pages.pass(request).await }
    })
}

fn is_of_the_api(path: &str) -> bool {
    OF_THE_API.iter().any(|place| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn routes(inside: &Inside, limits: Limits) -> Router {
    pages::routes()
        .merge(assets::routes())
        .method_not_allowed_fallback(async || Failure::NoMethod)
        .fallback(async || Failure::NoPage)
        // Outer to inner.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(request_id))
                .layer(TraceLayer::new_for_http().make_span_with(|request: &Request<_>| span(request)))
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(limits, safe_headers))
                .layer(from_fn(layers::safe))
                .layer(from_fn_with_state(inside.clone(), layers::presented))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(DefaultBodyLimit::max(FORM_BYTES.max(limits.body_bytes))),
        )
}

#[allow(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    // The panic itself is in the log already.
    axum::response::IntoResponse::into_response(Failure::internal("a page panicked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_keeps_its_paths() {
        for path in ["/api", "/api/v1/cycles", "/docs", "/docs/", "/problems/not_found", "/healthz"] {
            assert!(is_of_the_api(path), "{path}");
        }
        for path in ["/", "/apiary", "/cycles", "/sign-in", "/problem"] {
            assert!(!is_of_the_api(path), "{path}");
        }
    }
}
