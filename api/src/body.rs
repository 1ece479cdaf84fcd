//! The extractor of JSON commands: read, checked against the schema, decoded.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use utoipa::ToSchema;

use crate::language::Text;
use crate::layers::Limits;
use crate::problem::field::WRONG_FORM;
use crate::problem::{Code, FieldProblem, Problem};
use crate::schema::{Schema, child};

/// The body of a command.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: ToSchema + DeserializeOwned + 'static,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::of(Code::UnsupportedMediaType).with("supported", ["application/json"]));
        }
        let bytes = read(request, state).await?;
        decode(&bytes).map(Self)
    }
}

/// The whole body, within the limits of size and time.
pub async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let limits = request.extensions().get::<Limits>().copied().unwrap_or_default();
    let reading = tokio::time::timeout(limits.body_time, Bytes::from_request(request, state));
    match reading.await {
        Err(_elapsed) => Err(Problem::of(Code::RequestTimeout).with("limit", limits.body_time.as_secs())),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) => Err(unread(&rejection)),
    }
}

fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::of(Code::BodyTooLarge);
    }
    // The connection broke: nobody is there to read this answer.
    Problem::new(Code::MalformedJson, "请求正文没有完整到达。", "The body did not arrive as a whole.")
}

/// Whether the media type is `application/json` or ends in `+json`, whatever its parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Parses, checks and decodes.
fn decode<T: ToSchema + DeserializeOwned + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::new(
            Code::MalformedJson,
            format!("第 {line} 行第 {column} 列不是合法的 JSON。"),
            format!("This is not JSON: {error}."),
        )
        .with("line", line)
        .with("column", column)
    })?;
    let faults = Schema::of::<T>()?.faults(&value);
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        // What a schema cannot say, e.g. that a number fits 64 bits.
        let pointer = pointer(error.path());
        let message = error.inner();
        let detail =
            Text::new(format!("值的形式不对：{message}。"), format!("The value is not of this form: {message}."));
        Problem::fields(vec![FieldProblem::new(pointer, WRONG_FORM, detail)])
    })
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => child(&pointer, key),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}
