//! Answers: to a command the result and its events, to a read a resource with its tag and position.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::headers::{POSITION, Tag, VISIBLE, position_value};
use crate::kept;
use crate::page::Page;
use crate::problem::Problem;

/// The body of the answer to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer<T> {
    /// The resource as it now stands.
    pub result: T,
    /// What the command appended, in order.
    pub events: Vec<Appended>,
}

/// One event that a command appended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Appended {
    /// Its type, e.g. `OrganizationNominated`.
    pub r#type: String,
    /// Its stream.
    pub stream: String,
    /// The stream's version after it.
    pub version: u64,
    /// Its position in the log.
    pub position: u64,
}

/// The answer to an accepted command, with its headers.
#[derive(Debug, Clone)]
pub struct Answered<T> {
    answer: Answer<T>,
    location: Option<String>,
    etag: Option<HeaderValue>,
    visible: bool,
}

impl<T> Answered<T> {
    /// 200: the resource as it now stands.
    #[must_use]
    pub const fn new(result: T, events: Vec<Appended>) -> Self {
        Self { answer: Answer { result, events }, location: None, etag: None, visible: true }
    }

    /// 201: something new, with an address of its own.
    #[must_use]
    pub fn created(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// The tag of the resource as it now stands.
    #[must_use]
    pub fn tagged(self, tag: Tag) -> Self {
        self.with_etag(tag.etag())
    }

    /// The `ETag` that a read of the resource would have.
    #[must_use]
    pub fn with_etag(mut self, etag: HeaderValue) -> Self {
        self.etag = Some(etag);
        self
    }

    /// Answers this in place of the result, under the tag that there is.
    #[must_use]
    pub fn showing(mut self, result: T) -> Self {
        self.answer.result = result;
        self
    }

    /// The command stands, but read models do not show it yet.
    #[must_use]
    pub const fn not_visible_yet(mut self) -> Self {
        self.visible = false;
        self
    }
}

impl<T: Serialize> Answered<T> {
    /// With a tag of the result itself, as [`Found::hashed`].
    #[must_use]
    pub fn hashed(self) -> Self {
        let etag = Tag::hashed(&self.answer.result);
        self.with_etag(etag)
    }
}

impl<T: Serialize> IntoResponse for Answered<T> {
    fn into_response(self) -> Response {
        let position = self.answer.events.iter().map(|e| e.position).max();
        let status = if self.location.is_some() { StatusCode::CREATED } else { StatusCode::OK };
        let mut response = (status, Json(self.answer)).into_response();
        let headers = response.headers_mut();
        if let Some(location) = self.location {
            match HeaderValue::try_from(location) {
                Ok(value) => headers.insert(header::LOCATION, value),
                Err(cause) => return Problem::internal(&cause).into_response(),
            };
        }
        if let Some(etag) = self.etag {
            headers.insert(header::ETAG, etag);
        }
        if let Some(position) = position {
            headers.insert(POSITION, position_value(position));
        }
        if !self.visible {
            headers.insert(VISIBLE, HeaderValue::from_static("false"));
        }
        response
    }
}

/// A resource as read: its body, its tag, and the position that it shows.
#[derive(Debug, Clone)]
pub struct Found<T> {
    body: T,
    etag: HeaderValue,
    position: u64,
    /// Whether it says nothing but what the read models showed at that position.
    keep: bool,
}

impl<T> Found<T> {
    /// Something that commands are addressed to, with its strong tag.
    #[must_use]
    pub fn tagged(body: T, tag: Tag, position: u64) -> Self {
        Self { body, etag: tag.etag(), position, keep: false }
    }

    /// A list or another projection, with the weak tag of its position.
    #[must_use]
    pub fn projected(body: T, position: u64) -> Self {
        Self { body, etag: Tag::weak(position), position, keep: true }
    }
}

impl<T: Serialize> Found<T> {
    /// With a tag of the body itself, for what also changes without an event: a rulebook's file, a person's record.
    #[must_use]
    pub fn hashed(mut self) -> Self {
        self.etag = Tag::hashed(&self.body);
        self.keep = false;
        self
    }
}

impl<T> From<Page<T>> for Found<Page<T>> {
    fn from(page: Page<T>) -> Self {
        let position = page.position;
        Self::projected(page, position)
    }
}

impl<T: Serialize> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        let headers = [(header::ETAG, self.etag), (POSITION, position_value(self.position))];
        let mut response = (headers, Json(self.body)).into_response();
        if self.keep {
            kept::allow(&mut response);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(position: u64) -> Appended {
        Appended { r#type: "Opened".to_owned(), stream: "cycle:c".to_owned(), version: 1, position }
    }

    #[test]
    fn an_answer_carries_the_position_of_its_last_event_and_no_visible_when_it_is() {
        let response = Answered::new(1, vec![appended(7), appended(8)]).tagged(Tag::Stream(12)).into_response();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[POSITION], "8");
        assert_eq!(response.headers()[header::ETAG], "\"12\"");
        assert!(!response.headers().contains_key(VISIBLE));
    }

    #[test]
    fn an_answer_says_when_read_models_do_not_show_it_yet() {
        let response = Answered::new(1, vec![appended(7)]).not_visible_yet().into_response();
        assert_eq!(response.headers()[VISIBLE], "false");
    }

    #[test]
    fn a_location_that_is_no_header_is_internal() {
        let response = Answered::new(1, Vec::new()).created("a\nb".to_owned()).into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
