//! The resources: one file each, with paths, bodies, handlers and `routes()`.

pub mod cycles;
pub mod documents;
pub mod events;
pub mod me;
pub mod programs;
pub mod recommenders;
pub mod register;
pub mod roster;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Api;

/// All resources, without their layers: for the description, and for [`service`](crate::service::service) to mount.
pub fn resources() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(cycles::routes())
        .merge(documents::routes())
        .merge(events::routes())
        .merge(me::routes())
        .merge(programs::routes())
        .merge(recommenders::routes())
        .merge(register::routes())
        .merge(roster::routes())
}
