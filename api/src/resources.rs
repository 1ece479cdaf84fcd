//! The resources: one file each, with paths, bodies, handlers and `routes()`.

pub mod cycles;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Api;

/// All resources, for [`router`](crate::router::router) to mount.
#[must_use]
pub fn resources() -> OpenApiRouter<Api> {
    OpenApiRouter::new().merge(cycles::routes())
}
