//! Why a page cannot be shown. What it looks like is made by [`presented`](crate::layers::presented), which knows the
//! visitor.

use std::fmt::Display;

use api::problem::document::Document;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use crate::form::Fields;

/// Why a page cannot be shown.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// Nobody is signed in, or no longer.
    NotSignedIn,
    /// The same, while a form was sent: what was typed is kept.
    SignedOutInForm(Fields),
    /// The form was made for another sign-in: what was typed is kept.
    FormExpired(Fields),
    /// The API refused.
    Problem(Box<Document>),
    /// There is no such page.
    NoPage,
    /// The page does not take this method.
    NoMethod,
    /// The body of a form cannot be read, or is too large.
    Unreadable(StatusCode),
    /// Something went wrong; the log says what.
    Internal,
}

impl Failure {
    /// Logs what went wrong.
    pub(crate) fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "a page cannot be made");
        Self::Internal
    }

    /// The problem, where it is about what the form said; any other failure stays one.
    pub(crate) fn about_the_form(self) -> Result<Box<Document>, Self> {
        if let Self::Problem(problem) = self {
            if matches!(problem.status, 400 | 409 | 410 | 412 | 413 | 415 | 422 | 429) {
                return Ok(problem);
            }
            return Err(Self::Problem(problem));
        }
        Err(self)
    }

    /// Whether the API said that it is not there, or not for this visitor: what a page can do without, it leaves out.
    pub(crate) fn is_absence(&self) -> bool {
        matches!(self, Self::Problem(problem) if matches!(problem.status, 403 | 404))
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn | Self::SignedOutInForm(_) => StatusCode::UNAUTHORIZED,
            Self::FormExpired(_) => StatusCode::FORBIDDEN,
            Self::Problem(problem) => StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY),
            Self::NoPage => StatusCode::NOT_FOUND,
            Self::NoMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable(status) => *status,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // Nothing but another password can be chosen now.
        if matches!(&self, Self::Problem(problem) if problem.code == "password_change_required") {
            return Redirect::to("/account/password").into_response();
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A part of a page that a visitor may do without: absent where the API has it not for him.
pub(crate) fn optional<T>(asked: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match asked {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is_absence() => Ok(None),
        Err(failure) => Err(failure),
    }
}
