//! Papers: uploaded once, known by their content, referred to by events (S9).

mod form;

use app::AppError;
use app::access::{Admitted, Resource, Role};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::document::DocumentRef;
use domain::ids::DocumentId;
use projections::papers::{self, Use};
use serde::{Deserialize, Serialize};
use store::documents::{self, Upload};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::same_unit;
use crate::answer::{Answer, Answered, Found};
use crate::headers::{Acting, POSITION, ReadHeaders, Reading, Tag, UploadHeaders, encoded_name, position_value};
use crate::keys::Keys;
use crate::openapi::{CommandProblems, ReadProblems};
use crate::problem::{Code, Problem};
use crate::state::{Api, Target};
use form::{UploadForm, Uploaded};

/// What a form has around its file: boundaries, headers, the other fields.
const AROUND: usize = 64 * 1024;

/// `/documents/{document_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DocumentKey {
    /// The paper.
    #[param(value_type = String, format = "uuid")]
    pub document_id: DocumentId,
}

/// A paper without its content, as events refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its id.
    pub document_id: DocumentId,
    /// SHA-256 of its content, lower-case hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    pub sha256: String,
    /// Media type found in its content.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Bytes.
    #[schema(minimum = 0)]
    pub size: i64,
    /// The title given at upload.
    pub title: String,
}

impl From<DocumentRef> for Document {
    fn from(found: DocumentRef) -> Self {
        let DocumentRef { document_id, sha256, media_type, size, title } = found;
        Self { document_id, sha256, media_type, size, title }
    }
}

/// Keeps a paper: PDF, JPEG, PNG, Word (docx) or Excel (xlsx), by its content, of at most 20 MiB.
#[utoipa::path(post, path = "/documents", tag = "feed", extensions(("x-permission" = json!("documents.upload"))), params(UploadHeaders),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "The paper; no event.", body = Answer<Document>), CommandProblems))]
async fn upload_document(
    State(api): State<Api>,
    Acting(actor): Acting,
    request: Request,
) -> Result<Answered<Document>, Problem> {
    let Uploaded { content, media_type, title } = form::read(request).await?;
    let upload = Upload {
        document_id: DocumentId::new(Uuid::now_v7()),
        media_type,
        title: &title,
        uploaded_by: &actor.to_string(),
        recorded_at: api.app().clock().now(),
        content: &content,
    };
    let kept = documents::put(api.app().store().db(), &upload).await?;
    let location = format!("/api/v1/documents/{}", kept.document_id);
    let etag = Tag::content(&kept.sha256);
    Ok(Answered::new(Document::from(kept), Vec::new()).created(location).with_etag(etag))
}

/// Answers the content of a paper, as a download.
#[utoipa::path(get, path = "/documents/{document_id}", tag = "feed", extensions(("x-permission" = json!("document.read"))), params(DocumentKey, ReadHeaders),
    responses((status = 200, description = "The content, in its own media type.", body = Vec<u8>,
        content_type = "*/*"), ReadProblems))]
async fn get_document(
    State(api): State<Api>,
    reading: Reading,
    Keys(key): Keys<DocumentKey>,
) -> Result<Response, Problem> {
    let view = reading.view(&api).await?;
    let found = find(&api, key.document_id, &reading.admitted).await?;
    let content = documents::content(api.app().store().db(), &found.sha256).await?;
    download(&found, content.ok_or_else(|| Problem::of(Code::Erased))?, view.position)
}

/// Shows what is known of a paper, without its content.
#[utoipa::path(get, path = "/documents/{document_id}/metadata", tag = "feed", extensions(("x-permission" = json!("document.read"))), params(DocumentKey, ReadHeaders),
    responses((status = 200, description = "The paper.", body = Document), ReadProblems))]
async fn get_document_metadata(
    State(api): State<Api>,
    reading: Reading,
    Keys(key): Keys<DocumentKey>,
) -> Result<Found<Document>, Problem> {
    let view = reading.view(&api).await?;
    let found = find(&api, key.document_id, &reading.admitted).await?;
    Ok(Found::projected(Document::from(found), view.position).hashed())
}

/// A paper that the reader may read: uploaded by its own unit, or given for something that it may see.
async fn find(api: &Api, id: DocumentId, reader: &Admitted) -> Result<DocumentRef, Problem> {
    let db = api.app().store().db();
    let (found, uploaded_by) = documents::find_with_uploader(db, id).await?.ok_or_else(unknown)?;
    if reader.actor().is_some_and(|actor| same_unit(actor, &uploaded_by)) {
        return Ok(found);
    }
    for given in papers::uses_of(db, id).await? {
        if may_see(api, reader, &given).await? {
            return Ok(found);
        }
    }
    Err(unknown())
}

fn unknown() -> Problem {
    Problem::not_found("document")
}

/// Whether a reader may see what a paper was given for.
async fn may_see(api: &Api, reader: &Admitted, given: &Use) -> Result<bool, Problem> {
    let db = api.app().store().db();
    let permits =
        |permission: &str, resource: &Resource| api.app().policy().permits(&reader.holding, permission, resource);
    let program = given.cycle.as_ref().and_then(|cycle| api.program(&Target::Cycle(cycle.clone())));
    let program = program.or_else(|| given.program.clone());
    let resource = match (&given.organization, &given.cycle, program) {
        (Some(organization), Some(cycle), Some(program)) => {
            let experts = reader.holding.grant.role == Role::Expert;
            Resource::file(db, &program, (cycle, organization.first_uscc()), experts).await.map_err(AppError::from)?
        }
        (Some(organization), ..) => {
            Resource::organization(db, organization.first_uscc()).await.map_err(AppError::from)?
        }
        (None, Some(_), Some(program)) => return Ok(permits("roster.read", &Resource::Cycle(program))),
        (None, None, Some(program)) => return Ok(permits("register.read", &Resource::Program(program))),
        (None, _, None) => None,
    };
    let Some(resource) = resource else { return Ok(false) };
    let look = if matches!(resource, Resource::Organization(_)) { "organization.read" } else { "file.read" };
    Ok(permits(look, &resource) && (!given.incident || permits("incident_papers.read", &resource)))
}

/// A browser saves the content and never runs it: no sniffing, no script, no frame.
fn download(found: &DocumentRef, content: Vec<u8>, position: u64) -> Result<Response, Problem> {
    let value = |text: String| HeaderValue::try_from(text).map_err(|cause| Problem::internal(&cause));
    let headers = [
        (header::CONTENT_TYPE, value(found.media_type.clone())?),
        (header::CONTENT_DISPOSITION, value(disposition(found))?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::ETAG, Tag::content(&found.sha256)),
        (POSITION, position_value(position)),
    ];
    Ok((headers, content).into_response())
}

/// The title as a file name (RFC 6266).
fn disposition(found: &DocumentRef) -> String {
    let name = format!("{}.{}", found.title, extension(&found.media_type));
    format!("attachment; filename*=UTF-8''{}", encoded_name(&name))
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "pdf",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        other if other.ends_with("wordprocessingml.document") => "docx",
        other if other.ends_with("spreadsheetml.sheet") => "xlsx",
        _ => "bin",
    }
}

/// The paths of this resource. An upload may be larger than other bodies.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(upload_document))
        .layer(DefaultBodyLimit::max(app::upload::LIMIT + AROUND))
        .routes(routes!(get_document))
        .routes(routes!(get_document_metadata))
}

#[cfg(test)]
mod tests;
