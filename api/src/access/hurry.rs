//! Who asks too often: counted by account, and by address of those who are not signed in.

use app::access::pace::Wait;
use axum::http::request::Parts;
use uuid::Uuid;

use crate::layers::client;
use crate::problem::{Code, Problem};
use crate::state::Api;

/// Counts requests that came too fast, by whom they were counted for.
const LIMITED: &str = "hatchery_rate_limited_total";

/// Refuses an account that has asked too often.
pub(super) fn account(api: &Api, account_id: Uuid) -> Result<(), Problem> {
    api.app().pace().principal(account_id).map_err(|wait| too_many(wait, "principal"))
}

/// Refuses somebody who is not signed in, if too many requests came from there.
pub(super) fn stranger(api: &Api, parts: &Parts) -> Result<(), Problem> {
    api.app().pace().address(client(parts).as_deref()).map_err(|wait| too_many(wait, "address"))
}

fn too_many(Wait(seconds): Wait, by: &'static str) -> Problem {
    metrics::counter!(LIMITED, "by" => by).increment(1);
    Problem::of(Code::RateLimited).retry_after(seconds)
}
