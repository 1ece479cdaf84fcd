//! The whole API as one router: resources under the prefix, the pages beside them, and all layers around.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, Request, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::accept::{acceptable, media_types};
use crate::audit::{Audit, audited};
use crate::headers::conditional;
use crate::layers::{Limits, deadline, method_not_allowed, panicked, request_id, safe_headers, span, unknown_path};
use crate::openapi::{PREFIX, PerOperation, base, completed};
use crate::problem::explanation;
use crate::problem::render::render;
use crate::query::{only_known, parameters};

/// Headers that are never written to a log.
const SECRET: [header::HeaderName; 3] = [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION];

/// The document of the resources, mounted under the prefix.
#[must_use]
pub fn document<S: Clone + Send + Sync + 'static>(resources: OpenApiRouter<S>) -> OpenApi {
    completed(OpenApiRouter::with_openapi(base()).nest(PREFIX, resources).into_openapi())
}

/// Mounts the resources under the prefix, other routes beside it, and puts the layers around them.
///
/// The router answers every path: what it does not know, it refuses as `unknown_path`.
pub fn router<S: Clone + Send + Sync + 'static>(
    resources: OpenApiRouter<S>,
    beside: Router,
    state: S,
    audit: Audit,
    limits: Limits,
) -> Router {
    let (resources, document) =
        OpenApiRouter::with_openapi(base()).nest(PREFIX, resources).with_state::<()>(state).split_for_parts();
    let document = completed(document);
    let offers = PerOperation::of(&document, media_types);
    let parameters = PerOperation::of(&document, parameters);
    resources
        .merge(described(&document))
        .merge(explanation::routes())
        .nest(PREFIX, explanation::routes())
        .merge(beside)
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(unknown_path)
        // One stack, outer to inner. Layers put on one by one are each cloned with all below them, at each of them.
        .layer(
            ServiceBuilder::new()
                .layer(SetSensitiveRequestHeadersLayer::new(SECRET))
                .layer(from_fn(request_id))
                .layer(TraceLayer::new_for_http().make_span_with(|request: &Request<_>| span(request)))
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(limits, safe_headers))
                .layer(from_fn(conditional))
                .layer(from_fn(render))
                .layer(from_fn_with_state(audit, audited))
                .layer(CatchPanicLayer::custom(panicked))
                .layer(from_fn_with_state(limits, deadline))
                .layer(DefaultBodyLimit::max(limits.body_bytes))
                .layer(from_fn_with_state(offers, acceptable))
                .layer(from_fn_with_state(parameters, only_known)),
        )
}

/// The pages of the document run their own scripts, and style what they draw; they load nothing from elsewhere.
const OF_PAGES: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The document itself, and the pages that show it.
fn described(document: &OpenApi) -> Router {
    let path = format!("{PREFIX}/openapi.json");
    let json = document.to_json().map(Bytes::from).map(Arc::new);
    let pages = SwaggerUi::new("/docs").config(Config::from(path.clone()).validator_url("none"));
    let served = match json {
        Ok(json) => Router::new().route(&path, get(get_document)).with_state(json),
        Err(cause) => {
            tracing::error!(%cause, "the OpenAPI document cannot be written");
            Router::new()
        }
    };
    let policy = SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, OF_PAGES);
    served.merge(Router::from(pages).layer(policy))
}

async fn get_document(State(json): State<Arc<Bytes>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], Bytes::clone(&json)).into_response()
}

#[cfg(test)]
mod tests;
