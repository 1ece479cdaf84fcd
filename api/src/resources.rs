//! The resources: one file each, with paths, bodies, handlers and `routes()`.

pub mod cycles;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;

use crate::idempotent::idempotent;
use crate::state::Api;

/// All resources, for [`router`](crate::router::router) to mount.
pub fn resources(api: &Api) -> OpenApiRouter<Api> {
    OpenApiRouter::new().merge(cycles::routes()).layer(from_fn_with_state(api.clone(), idempotent))
}
