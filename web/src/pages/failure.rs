//! What is shown in place of a page.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::failure::Failure;
use crate::form::in_words;
use crate::pages::sign_in;
use crate::query::segment;
use crate::shell::{Shell, page as rendered};
use crate::visitor::{User, Visitor};
use crate::words;

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    shell: Shell,
    w: &'static words::Failures,
    text: String,
    reference: Option<String>,
}

/// What a visitor is shown of a failure.
pub(crate) async fn page(visitor: &Arc<Visitor>, failure: Failure) -> Response {
    let status = failure.status();
    if let Failure::SignedOutInForm(fields) = failure {
        return sign_in::again(visitor, &fields);
    }
    if let Failure::FormExpired(fields) = failure {
        return match User::of(Arc::clone(visitor)).await {
            Ok(user) => sign_in::expired(&user, &fields),
            Err(_) => sign_in::again(visitor, &fields),
        };
    }
    if status == StatusCode::UNAUTHORIZED {
        return Redirect::to(&format!("/sign-in?next={}", segment(&visitor.place))).into_response();
    }
    explained(visitor, status, failure).await
}

async fn explained(visitor: &Arc<Visitor>, status: StatusCode, failure: Failure) -> Response {
    let w = words::Failures::of(visitor.language);
    let (title, text, reference) = match failure {
        Failure::NoPage => (w.no_page, w.no_page_text.to_owned(), None),
        Failure::NoMethod => (w.no_method, w.no_page_text.to_owned(), None),
        Failure::Unreadable(_) => (w.unreadable, w.unreadable_text.to_owned(), None),
        Failure::Problem(problem) => {
            let title = match status.as_u16() {
                400 => w.bad_question,
                403 => w.forbidden,
                404 => w.not_there,
                503 => w.unavailable,
                _ => w.internal,
            };
            (title, in_words(&problem), Some(problem.instance))
        }
        Failure::NotSignedIn | Failure::SignedOutInForm(_) | Failure::FormExpired(_) | Failure::Internal => {
            (w.internal, w.internal_text.to_owned(), visitor.request_id())
        }
    };
    // Who cannot be found out now sees the page all the same.
    let shell = match User::of(Arc::clone(visitor)).await {
        Ok(user) => Shell::of(&user, title),
        Err(_) => Shell::plain(visitor, title),
    };
    rendered(status, &FailurePage { shell, w, text, reference })
}
