//! The whole REST service over the use cases, and its description.

use std::sync::Arc;

use app::App;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower::ServiceBuilder;
use utoipa::openapi::OpenApi;

use crate::access::{Doors, Undeclared, admitted, identify};
use crate::audit::{Audit, exports};
use crate::export::{Bounds, Exports, Record, export};
use crate::idempotent::idempotent;
use crate::kept::kept;
use crate::layers::Limits;
use crate::resources::resources;
use crate::router::{document, router};
use crate::state::Api;
use crate::{metrics, readiness};

/// All resources with their layers, and beside them what operators ask.
///
/// # Errors
/// If an operation declares no permission that the policy knows (S1).
pub fn service(app: Arc<App>, limits: Limits) -> Result<Router, Undeclared> {
    let record = exports(Arc::clone(&app));
    exporting(app, limits, Bounds::default(), record)
}

/// The same, with other bounds of exports, and told of them.
///
/// # Errors
/// As [`service`].
pub fn exporting(app: Arc<App>, limits: Limits, bounds: Bounds, record: Record) -> Result<Router, Undeclared> {
    let audit = Audit::of(Arc::clone(&app));
    let api = Api::new(app);
    let beside = readiness::routes(api.clone()).merge(metrics::routes(api.clone()));
    let document = openapi();
    let doors = Doors::new(api.clone(), &document, limits)?;
    let exports = Exports::new(api.clone(), &document, bounds, record);
    // The innermost layer: what decides who may read what stands around it.
    let resources = resources().layer(from_fn_with_state(exports, export));
    let resources = resources.layer(from_fn_with_state(api.clone(), idempotent)).layer(from_fn(admitted));
    let service = router(resources, beside, api.clone(), audit, limits)
        .layer(ServiceBuilder::new().layer(from_fn_with_state(doors, identify)).layer(from_fn_with_state(api, kept)));
    Ok(service)
}

/// The `OpenAPI` document of all resources.
#[must_use]
pub fn openapi() -> OpenApi {
    document(resources())
}
