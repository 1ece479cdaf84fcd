//! The whole REST service over the use cases, and its description.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;

use crate::idempotent::idempotent;
use crate::layers::Limits;
use crate::resources::resources;
use crate::router::{document, router};
use crate::state::Api;

/// All resources with their layers.
pub fn service(app: Arc<App>, limits: Limits) -> Router {
    let api = Api::new(app);
    router(resources().layer(from_fn_with_state(api.clone(), idempotent)), api, limits)
}

/// The `OpenAPI` document of all resources.
#[must_use]
pub fn openapi() -> OpenApi {
    document(resources())
}
