//! One record, however often a form is sent (U2): its address carries a submission id, which becomes the idempotency
//! key. Double tap, back and a retry after a time-out all send the same id.

use api::problem::document::Document;
use axum::response::Redirect;
use uuid::Uuid;

use crate::failure::Failure;
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

/// What became of a form.
pub(crate) enum Became<T> {
    /// It was recorded, now or when the same was sent before.
    Done(T),
    /// It had been recorded before, with other content.
    SentBefore,
    /// It was refused for what it says.
    Refused(Box<Document>),
}

/// Tells what became of a form; what is not about the form stays a failure.
pub(crate) fn became<T>(answer: Result<T, Failure>) -> Result<Became<T>, Failure> {
    match answer.map_err(Failure::about_the_form) {
        Ok(done) => Ok(Became::Done(done)),
        Err(Ok(problem)) if problem.code == "idempotency_key_reused" => Ok(Became::SentBefore),
        Err(Ok(problem)) => Ok(Became::Refused(problem)),
        Err(Err(failure)) => Err(failure),
    }
}
