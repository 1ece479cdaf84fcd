//! The pages: one file each, with a template of the same name.

mod account;
mod assistance;
mod board;
mod choices;
mod cycles;
mod desk;
pub(crate) mod failure;
mod file;
mod frame;
mod incidents;
mod roster;
mod sign_in;
mod visits;

use axum::Router;

/// The routes of all pages.
pub(crate) fn routes() -> Router {
    Router::new()
        .merge(account::routes())
        .merge(assistance::routes())
        .merge(board::routes())
        .merge(choices::routes())
        .merge(cycles::routes())
        .merge(desk::routes())
        .merge(file::routes())
        .merge(incidents::routes())
        .merge(roster::routes())
        .merge(sign_in::routes())
        .merge(visits::routes())
}
