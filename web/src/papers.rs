//! Papers that come with a form: kept by the API, which looks at their content.

use api::resources::documents::Document;
use domain::ids::DocumentId;
use uuid::Uuid;

use crate::failure::Failure;
use crate::form::Upload;
use crate::visitor::User;

/// Keeps a paper, by the name that the visitor gave it or a word for it.
pub(crate) async fn upload(user: &User, file: Upload, untitled: &str) -> Result<DocumentId, Failure> {
    let given = file.file_name.trim();
    let title = if given.is_empty() { untitled } else { given };
    let boundary = format!("hatchery-{}", Uuid::now_v7().simple());
    let title: String = title.chars().filter(|c| !c.is_control()).take(200).collect();
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n{title}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&file.content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let kept: Document = user.upload("/documents", &format!("multipart/form-data; boundary={boundary}"), body).await?;
    Ok(kept.document_id)
}
