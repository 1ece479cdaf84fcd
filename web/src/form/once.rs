//! One record, however often a form is sent (U2): its address carries a submission id, which becomes the idempotency
//! key. Double tap, back and a retry after a time-out all send the same id.

use api::problem::document::Document;
use axum::response::Redirect;
use uuid::Uuid;

use crate::query::Query;

/// The name of the id in the address.
const SUBMISSION: &str = "submission";

/// The id that an address carries.
pub(crate) fn submission(query: &Query) -> Option<Uuid> {
    query.get(SUBMISSION)?.parse().ok()
}

/// The address of a form with an id.
pub(crate) fn address(path: &str, submission: Uuid) -> String {
    format!("{path}?{SUBMISSION}={submission}")
}

/// Leads to a form with a new id: going back leads to the same one.
pub(crate) fn begin(path: &str) -> Redirect {
    Redirect::to(&address(path, Uuid::now_v7()))
}

/// Whether the form was sent before, with other content.
pub(crate) fn was_sent(problem: &Document) -> bool {
    problem.code == "idempotency_key_reused"
}
