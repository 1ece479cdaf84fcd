//! What a visitor chooses for all pages: language, and which of his roles he acts in.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};

use crate::cookies::{self, YEAR};
use crate::failure::Failure;
use crate::form::Submission;
use crate::query::{Query, local};

pub(super) fn routes() -> Router {
    Router::new().route("/language/{language}", get(choose_language)).route("/office", post(choose_office))
}

async fn choose_language(Path(language): Path<String>, query: Query) -> Result<Response, Failure> {
    let language = ["zh", "en"].into_iter().find(|known| *known == language).ok_or(Failure::NoPage)?;
    Ok(with(Redirect::to(local(query.get("back"))), cookies::set(cookies::LANGUAGE, language, Some(YEAR))))
}

/// What is not among the account's own is not chosen.
async fn choose_office(Submission { user, fields, .. }: Submission) -> Response {
    let wanted = fields.get("office").unwrap_or_default();
    let chosen = user.me.offices.iter().find(|office| office.actor == wanted);
    with(Redirect::to("/"), chosen.and_then(|office| cookies::set(cookies::OFFICE, &office.actor, None)))
}

fn with(redirect: Redirect, cookie: Option<HeaderValue>) -> Response {
    let mut response = redirect.into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
