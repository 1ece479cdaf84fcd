//! The layer that writes problem documents: the only place that knows language and request id of an answer.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::document::MEDIA_TYPE;
use super::{Code, Problem};
use crate::language::Language;
use crate::layers::RequestId;

/// Writes the problem that a response carries; gives a document to errors that carry none.
pub async fn render(request: Request, next: Next) -> Response {
    let language = Language::preferred(request.headers());
    let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>().or_else(|| stray(&response)) else {
        return response;
    };
    let document = problem.document(language, request_id.as_str());
    let (mut parts, _) = response.into_parts();
    parts.status = problem.code().status();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    parts.headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    parts.headers.append(header::VARY, HeaderValue::from_static("accept-language"));
    (parts, Body::from(serde_json::Value::from(document).to_string())).into_response()
}

/// The problem of an error that a library answered in its own words.
fn stray(response: &Response) -> Option<Problem> {
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !(media_type.is_empty() || media_type.starts_with("text/plain")) {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(Problem::of(Code::UnknownPath)),
        StatusCode::METHOD_NOT_ALLOWED => Some(Problem::of(Code::MethodNotAllowed)),
        StatusCode::NOT_ACCEPTABLE => Some(Problem::of(Code::NotAcceptable)),
        StatusCode::REQUEST_TIMEOUT => Some(Problem::of(Code::RequestTimeout)),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::of(Code::BodyTooLarge)),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Problem::of(Code::UnsupportedMediaType)),
        status if status.is_server_error() => Some(Problem::internal(&format!("a bare {status}"))),
        _ => None,
    }
}
