//! The whole REST service over the use cases, and its description.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::OpenApi;

use crate::audit::Audit;
use crate::idempotent::idempotent;
use crate::kept::kept;
use crate::layers::Limits;
use crate::resources::resources;
use crate::router::{document, router};
use crate::state::Api;
use crate::{metrics, readiness};

/// All resources with their layers, and beside them what operators ask.
pub fn service(app: Arc<App>, limits: Limits) -> Router {
    let audit = Audit::of(Arc::clone(&app));
    let api = Api::new(app);
    let beside = readiness::routes(api.clone()).merge(metrics::routes(api.clone()));
    let resources = resources().layer(from_fn_with_state(api.clone(), idempotent));
    router(resources, beside, api.clone(), audit, limits).layer(from_fn_with_state(api, kept))
}

/// The `OpenAPI` document of all resources.
#[must_use]
pub fn openapi() -> OpenApi {
    document(resources())
}
