//! Entity tags: strong ones for what commands are addressed to, weak ones for lists and projections.

use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use store::documents::sha256;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::one;
use crate::problem::Problem;

/// The version that a command is meant for. On the wire: `12`, or `3.7` for an enrolment; quoted in headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Tag {
    /// A cycle's or a session's stream at this version.
    Stream(u64),
    /// An enrolment: the version of its own stream, and that of the cycle's stream at which the file last changed.
    Enrolment {
        /// Of the enrolment's stream.
        enrolment: u64,
        /// Of the cycle's stream.
        cycle: u64,
    },
}

/// A text that is not a tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a version is written 12, or 3.7 for an enrolment")]
pub struct InvalidTag;

impl PartialSchema for Tag {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The `ETag` of the resource as last read, with its quotes or without."))
            .pattern(Some(r#"^([0-9]{1,19}(\.[0-9]{1,19})?|"[0-9]{1,19}(\.[0-9]{1,19})?")$"#))
            .examples(["3.7"])
            .into()
    }
}

impl ToSchema for Tag {}

impl FromStr for Tag {
    type Err = InvalidTag;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|_| plain).ok_or(InvalidTag)
        };
        match text.split_once('.') {
            None => Ok(Self::Stream(number(text)?)),
            Some((enrolment, cycle)) => Ok(Self::Enrolment { enrolment: number(enrolment)?, cycle: number(cycle)? }),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(version) => version.fmt(f),
            Self::Enrolment { enrolment, cycle } => write!(f, "{enrolment}.{cycle}"),
        }
    }
}

impl TryFrom<String> for Tag {
    type Error = InvalidTag;

    /// As a body gives it: a client may copy the header as it is.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        unquoted(&text).unwrap_or(&text).parse()
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.to_string()
    }
}

impl Tag {
    /// The value of `ETag`.
    #[must_use]
    pub fn etag(self) -> HeaderValue {
        quoted(&format!("\"{self}\""))
    }

    /// The weak `ETag` of what was read at a position.
    #[must_use]
    pub fn weak(position: u64) -> HeaderValue {
        quoted(&format!("W/\"p{position}\""))
    }

    /// The weak `ETag` of a body, for what also changes without an event: a rulebook's file, a person's record.
    #[must_use]
    pub fn hashed(body: &impl Serialize) -> HeaderValue {
        // What cannot be written is answered as an error anyway, and that has no tag.
        let body = serde_json::to_vec(body).unwrap_or_default();
        quoted(&format!("W/\"h{}\"", &sha256(&body)[..32]))
    }

    /// The `ETag` of a paper, whose content never changes.
    #[must_use]
    pub fn content(sha256: &str) -> HeaderValue {
        quoted(&format!("\"{sha256}\""))
    }
}

/// What stands between quotes.
fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

fn quoted(tag: &str) -> HeaderValue {
    // Digits, dots, quotes and hexadecimal are always a header value.
    HeaderValue::from_str(tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// `If-Match`: the one strong tag that it names; `None` where it is absent or `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<Tag>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        match one(parts, &header::IF_MATCH)? {
            None | Some("*") => Ok(Self(None)),
            Some(text) => {
                let tag = unquoted(text).and_then(|t| t.parse().ok());
                tag.map(|tag| Self(Some(tag))).ok_or_else(|| {
                    Problem::malformed_header(
                        &header::IF_MATCH,
                        "须为一个强标签，如 \"12\"，档案为 \"3.7\"，或 *。",
                        "it is one strong tag like \"12\", or \"3.7\" for an enrolment, or *.",
                    )
                })
            }
        }
    }
}

/// Answers 304 to a read whose `If-None-Match` names the tag of the answer, compared weakly (RFC 9110 §13.1.2).
pub async fn conditional(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let known: Vec<HeaderValue> = request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let response = next.run(request).await;
    if reads { unless_known(known.iter(), response) } else { response }
}

/// The answer to a read, or 304 where its tag is among those that the client knows.
pub(crate) fn unless_known<'k>(known: impl Iterator<Item = &'k HeaderValue>, mut response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let mut known = known.peekable();
    if known.peek().is_none() {
        return response;
    }
    let fresh = response.headers().get(header::ETAG).and_then(|v| v.to_str().ok()).is_some_and(|current| {
        known
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || opaque(tag) == opaque(current))
    });
    if !fresh {
        return response;
    }
    response.headers_mut().remove(header::CONTENT_TYPE);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.into_response()
}

/// A tag without its mark of weakness.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_and_written_alike() {
        for text in ["0", "12", "3.7", "18446744073709551615"] {
            assert_eq!(text.parse::<Tag>().map(|t| t.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(Tag::Enrolment { enrolment: 3, cycle: 7 }.etag(), "\"3.7\"");
        assert_eq!(Tag::weak(41), "W/\"p41\"");
    }

    #[test]
    fn other_texts_are_no_tags() {
        for text in ["", "a", "+1", "1.", ".1", "1.2.3", "-1", "18446744073709551616"] {
            assert_eq!(text.parse::<Tag>(), Err(InvalidTag), "{text}");
        }
    }
}
