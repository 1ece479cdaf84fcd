//! `Accept`: which media types a request takes (RFC 9110 §12.5.1).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;

use crate::language::weighted;
use crate::openapi::PerOperation;
use crate::problem::{Code, Problem};

/// The media ranges of a request, each with its q-value; none means anything.
#[derive(Debug)]
pub struct Accept<'a>(Vec<(&'a str, f32)>);

impl<'a> Accept<'a> {
    /// What the headers accept. A header that is not text counts as absent.
    #[must_use]
    pub fn of(headers: &'a HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok());
        Self(values.flat_map(|v| v.split(',')).map(weighted).filter(|(range, _)| !range.is_empty()).collect())
    }

    /// The q-value of a media type: that of the most specific range that matches it.
    fn quality(&self, media_type: &str) -> f32 {
        if self.0.is_empty() {
            return 1.0;
        }
        let family = media_type.split('/').next().unwrap_or_default();
        let specificity = |range: &str| match range.split_once('/') {
            _ if range.eq_ignore_ascii_case(media_type) => Some(3),
            Some((f, "*")) if f.eq_ignore_ascii_case(family) => Some(2),
            Some(("*", "*")) => Some(1),
            _ => None,
        };
        let matching = self.0.iter().filter_map(|(range, q)| specificity(range).map(|s| (s, *q)));
        matching.max_by_key(|(s, _)| *s).map_or(0.0, |(_, q)| q)
    }

    /// Whether the media type is taken. One offered as `*/*` (a download of any type) always is.
    #[must_use]
    pub fn takes(&self, media_type: &str) -> bool {
        media_type == "*/*" || self.quality(media_type) > 0.0
    }

    /// Whether the first media type is preferred to the second; equal preference is none.
    #[must_use]
    pub fn prefers(&self, first: &str, second: &str) -> bool {
        self.quality(first) > self.quality(second)
    }
}

/// The media types of the answers that are no problems.
pub(crate) fn media_types(operation: &Operation) -> Vec<String> {
    let mut types = Vec::new();
    for (status, response) in &operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
            types.extend(response.content.keys().cloned());
        }
    }
    types
}

/// Refuses a request that accepts nothing of what the operation offers, before anything is done.
pub(crate) async fn acceptable(
    State(offers): State<PerOperation<Vec<String>>>,
    request: Request,
    next: Next,
) -> Response {
    let accept = Accept::of(request.headers());
    match offers.find(&request) {
        Some(offered) if !offered.is_empty() && !offered.iter().any(|media_type| accept.takes(media_type)) => {
            Problem::of(Code::NotAcceptable).with("offered", offered).into_response()
        }
        _ => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(accept: &str, media_type: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Accept::of(&headers).takes(media_type)
    }

    #[test]
    fn a_request_without_accept_takes_anything() {
        assert!(Accept::of(&HeaderMap::new()).takes("application/json"));
    }

    #[test]
    fn ranges_match_by_family_and_by_star() {
        for accept in ["*/*", "application/*", "application/json", "APPLICATION/JSON", "text/html, */*;q=0.1"] {
            assert!(takes(accept, "application/json"), "{accept}");
        }
        for accept in ["text/html", "text/*", "application/xml"] {
            assert!(!takes(accept, "application/json"), "{accept}");
        }
    }

    #[test]
    fn the_most_specific_range_decides() {
        assert!(!takes("application/json;q=0, */*", "application/json"));
        assert!(takes("application/*;q=0, application/json", "application/json"));
    }
}
