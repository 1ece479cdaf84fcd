//! The problem document as it stands on the wire.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Problem;
use crate::language::Language;

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document (RFC 9457).
///
/// Codes have further members of their own, e.g. `before` and `after` of `balance_violated`: the page that
/// `type` leads to names them. Treat an unknown code by its status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// `/problems/{code}`: a page that explains the code.
    #[schema(example = "/problems/quota_exceeded")]
    pub r#type: String,
    /// The code's title, in the language of `Content-Language`.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The stable code.
    #[schema(example = "quota_exceeded")]
    pub code: String,
    /// The request id, also in the header `X-Request-Id`.
    pub instance: String,
    /// The invalid fields, or the refused entries of a batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<DocumentError>,
    /// The clause of the rule that refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "三（二）", nullable = false)]
    pub clause: Option<String>,
    /// The label to stand beside the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "试行（征求意见稿）", nullable = false)]
    pub label: Option<String>,
    /// The program whose rule refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub program: Option<String>,
    /// The rule's key in the rulebook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "quota", nullable = false)]
    pub rule: Option<String>,
    /// `must` or `principle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub strength: Option<String>,
    /// Whether the award office may waive the rule with a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waivable: Option<bool>,
    /// A bound that was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<i64>,
    /// What was found instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub actual: Option<i64>,
    /// Seconds after which a retry makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after: Option<u32>,
}

/// One invalid field or refused entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ProblemError)]
pub struct DocumentError {
    /// JSON pointer into the body; `/entries/{i}` for an entry of a batch.
    #[schema(example = "/entries/0/uscc")]
    pub pointer: String,
    /// A field code (`required`, `too_long`, `not_one_of` …), or a code of the catalogue.
    #[schema(example = "required")]
    pub code: String,
    /// What is wrong with it.
    pub detail: String,
    /// For a USCC: the check character that the others call for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub expected_check: Option<String>,
    /// The clause or the field of the form that asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub clause: Option<String>,
}

impl Problem {
    /// The document in one language, for one request.
    #[must_use]
    pub fn document(&self, language: Language, request_id: &str) -> Map<String, Value> {
        let code = self.code();
        let mut document = self.members().clone();
        document.insert("type".to_owned(), format!("/problems/{code}").into());
        document.insert("title".to_owned(), code.title(language).into());
        document.insert("status".to_owned(), code.status().as_u16().into());
        document.insert("detail".to_owned(), self.detail().in_language(language).into());
        document.insert("code".to_owned(), code.as_str().into());
        document.insert("instance".to_owned(), request_id.into());
        if !self.errors().is_empty() {
            document.insert("errors".to_owned(), self.errors().iter().map(|e| e.render(language)).collect());
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Code, FieldProblem};
    use domain::refusal::FieldCode;

    #[test]
    fn what_is_written_is_what_the_schema_documents() {
        let problem = Problem::of(Code::RateLimited)
            .retry_after(3)
            .with("limit", 10)
            .with_errors([FieldProblem::faulty("/name", FieldCode::TooLong)]);
        let written = problem.document(Language::English, "r-1");
        let read: Document = serde_json::from_value(written.into()).unwrap();
        assert_eq!(read.r#type, "/problems/rate_limited");
        assert_eq!((read.status, read.instance.as_str()), (429, "r-1"));
        assert_eq!((read.retry_after, read.limit), (Some(3), Some(10)));
        assert_eq!(read.errors[0].code, "too_long");
    }

    #[test]
    fn a_document_is_written_in_the_language_asked_for() {
        let problem = Problem::of(Code::CycleClosed);
        assert_eq!(problem.document(Language::Chinese, "")["title"], "孵化周期已结束");
        assert_eq!(problem.document(Language::English, "")["title"], "The cycle is closed");
    }
}
