//! Problem documents (RFC 9457): made without a language, rendered at the edge.
//!
//! Handlers and extractors return a [`Problem`]. It becomes an empty response that carries the problem as an
//! extension; the layer in [`render`] writes the document in the language that the request asks for, and
//! with its request id.

pub mod catalogue;
pub mod document;
pub mod explanation;
mod failure;
pub mod field;
pub mod refusal;
pub mod render;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

pub use catalogue::Code;
pub use field::FieldProblem;

use crate::language::Text;

/// Why a request was not served.
#[derive(Debug, Clone)]
pub struct Problem(Box<Content>);

#[derive(Debug, Clone)]
struct Content {
    code: Code,
    detail: Text,
    errors: Vec<FieldProblem>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with its detail in Chinese and in English.
    pub fn new(code: Code, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let detail = Text::new(zh, en);
        Self(Box::new(Content { code, detail, errors: Vec::new(), members: Map::new(), headers: Vec::new() }))
    }

    /// A problem of which there is no more to say than the catalogue does.
    #[must_use]
    pub fn of(code: Code) -> Self {
        let text = code.entry().text;
        Self::new(code, text.zh, text.en)
    }

    /// Something there is not, or is not the actor's; `resource` names its kind.
    #[must_use]
    pub fn not_found(resource: &str) -> Self {
        Self::new(Code::NotFound, format!("{resource} 不存在，或不在您的范围内。"), format!("No such {resource}."))
            .with("resource", resource)
    }

    /// A header that cannot be read; `zh` and `en` say what would be.
    #[must_use]
    pub fn malformed_header(name: &HeaderName, zh: &str, en: &str) -> Self {
        Self::new(Code::MalformedHeader, format!("请求头 {name}：{zh}"), format!("The header {name}: {en}"))
            .with("header", name.as_str())
    }

    /// A query parameter of the wrong form.
    #[must_use]
    pub fn invalid_parameter(name: &str, zh: &str, en: &str) -> Self {
        Self::new(Code::InvalidParameter, format!("参数 {name}：{zh}"), format!("The parameter {name}: {en}"))
            .with("parameter", name)
    }

    /// Field errors. A form whose only faults are USCCs has the code `uscc_invalid`.
    #[must_use]
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let uscc_only = !errors.is_empty() && errors.iter().all(|e| e.code == Code::UsccInvalid.as_str());
        let mut problem = match errors.as_slice() {
            [only] if uscc_only => Self::new(Code::UsccInvalid, &*only.detail.zh, &*only.detail.en),
            _ if uscc_only => Self::of(Code::UsccInvalid),
            _ => Self::new(
                Code::ValidationFailed,
                format!("有 {} 处填写有误。", errors.len()),
                format!("{} field(s) are not valid.", errors.len()),
            ),
        };
        problem.0.errors = errors;
        problem
    }

    /// Something failed inside. What it was is logged here, and only the request id is answered.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::of(Code::Internal)
    }

    /// Adds an extension member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        // Only a map with keys that are no strings, or a failing Serialize, cannot be written: none of ours is.
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        self.0.members.insert(name.to_owned(), value);
        self
    }

    /// Puts these fields below `parent`, where a body nests what the command holds flat.
    #[must_use]
    pub fn below(mut self, parent: &str, fields: &[&str]) -> Self {
        for error in &mut self.0.errors {
            let first = error.pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
            if fields.contains(&first) {
                error.pointer.insert_str(0, parent);
            }
        }
        self
    }

    /// Adds field errors.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = FieldProblem>) -> Self {
        self.0.errors.extend(errors);
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Says after how many seconds a retry makes sense: member and header.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.with("retry_after", seconds).with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Names the program whose rule refuses.
    #[must_use]
    pub fn in_program(self, program: &domain::ids::ProgramId) -> Self {
        self.with("program", program)
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Its field errors.
    #[must_use]
    pub fn errors(&self) -> &[FieldProblem] {
        &self.0.errors
    }

    /// Its extension members.
    #[must_use]
    pub fn members(&self) -> &Map<String, Value> {
        &self.0.members
    }

    /// What it says.
    #[must_use]
    pub fn detail(&self) -> &Text {
        &self.0.detail
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code().status().into_response();
        for (name, value) in &self.0.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}
