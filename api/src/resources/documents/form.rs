//! The form of an upload: read part by part, bounded in size and time, checked by content.

use app::upload;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use domain::FieldCode;
use store::documents::sha256;
use utoipa::ToSchema;

use crate::language::Text;
use crate::layers::Limits;
use crate::problem::{Code, FieldProblem, Problem};

/// The longest title, in characters.
const TITLE_MAX: usize = 200;

/// What is uploaded.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "describes the form; its parts are read one by one")]
pub(super) struct UploadForm {
    /// The content.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What people call it; no personal data.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// SHA-256 of the content in hexadecimal, if the client wants it compared.
    #[schema(required = false, nullable = false, pattern = "^[0-9A-Fa-f]{64}$")]
    sha256: Option<String>,
}

/// An upload that may be kept.
#[derive(Debug)]
pub(super) struct Uploaded {
    pub(super) content: Bytes,
    pub(super) media_type: &'static str,
    pub(super) title: String,
}

/// The parts as they came.
#[derive(Debug, Default)]
struct Parts {
    file: Option<Bytes>,
    title: Option<String>,
    sha256: Option<String>,
}

/// Reads the form of a request, within the limits of size and time.
pub(super) async fn read(request: Request) -> Result<Uploaded, Problem> {
    let limits = request.extensions().get::<Limits>().copied().unwrap_or_default();
    let form = Multipart::from_request(request, &()).await;
    let form = form.map_err(|_| Problem::of(Code::UnsupportedMediaType).with("supported", ["multipart/form-data"]))?;
    match tokio::time::timeout(limits.body_time, parts(form)).await {
        Ok(parts) => parts?.check(),
        Err(_elapsed) => Err(Problem::of(Code::RequestTimeout).with("limit", limits.body_time.as_secs())),
    }
}

async fn parts(mut form: Multipart) -> Result<Parts, Problem> {
    let mut parts = Parts::default();
    while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
        parts.take(field).await?;
    }
    Ok(parts)
}

impl Parts {
    async fn take(&mut self, field: Field<'_>) -> Result<(), Problem> {
        let name = field.name().unwrap_or_default().to_owned();
        let taken = match name.as_str() {
            "file" => self.file.replace(field.bytes().await.map_err(|error| unread(&error))?).is_some(),
            "title" => self.title.replace(text(field).await?).is_some(),
            "sha256" => self.sha256.replace(text(field).await?).is_some(),
            _ => return Err(fault(&name, FieldCode::UnknownField)),
        };
        if taken { Err(fault(&name, FieldCode::Exclusive)) } else { Ok(()) }
    }

    fn check(self) -> Result<Uploaded, Problem> {
        let content = self.file.ok_or_else(|| fault("file", FieldCode::Required))?;
        let title = self.title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        let title = title.ok_or_else(|| fault("title", FieldCode::Required))?;
        if title.chars().count() > TITLE_MAX {
            return Err(fault("title", FieldCode::TooLong));
        }
        if content.len() > upload::LIMIT {
            return Err(too_large());
        }
        let found = sha256(&content);
        if let Some(given) = self.sha256.filter(|given| !given.trim().eq_ignore_ascii_case(&found)) {
            let problem = Problem::of(Code::DocumentHashMismatch).with("actual_sha256", &found);
            let detail = Text::new(format!("所给为 {given}。"), format!("Given was {given}."));
            return Err(problem.with_errors([FieldProblem::new(
                "/sha256",
                Code::DocumentHashMismatch.as_str(),
                detail,
            )]));
        }
        let media_type = upload::media_type(&content).ok_or_else(|| {
            Problem::of(Code::UnsupportedMediaType).with("supported", ["PDF", "JPEG", "PNG", "DOCX", "XLSX"])
        })?;
        Ok(Uploaded { content, media_type, title })
    }
}

async fn text(field: Field<'_>) -> Result<String, Problem> {
    field.text().await.map_err(|error| unread(&error))
}

fn fault(name: &str, code: FieldCode) -> Problem {
    Problem::fields(vec![FieldProblem::faulty(format!("/{name}"), code)])
}

fn too_large() -> Problem {
    Problem::of(Code::BodyTooLarge).with("limit", upload::LIMIT)
}

fn unread(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::new(Code::MalformedJson, "请求正文不是完整的表单。", "The body is no whole multipart form.")
}
