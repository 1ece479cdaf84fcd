//! Papers: checked by content, stored once by SHA-256, referred to by events.

use chrono::{DateTime, Utc};
use domain::document::DocumentRef;
use domain::ids::DocumentId;
use sha2::{Digest, Sha256};

use crate::db::Db;
use crate::error::StoreError;
use crate::{on_reader, on_tx};

#[derive(sqlx::FromRow)]
struct DocumentRow {
    document_id: String,
    sha256: String,
    media_type: String,
    size: i64,
    title: String,
}

impl DocumentRow {
    fn into_ref(self) -> Option<DocumentRef> {
        Some(DocumentRef {
            document_id: self.document_id.parse().ok()?,
            sha256: self.sha256,
            media_type: self.media_type,
            size: self.size,
            title: self.title,
        })
    }
}

/// A paper to be kept.
#[derive(Debug)]
pub struct Upload<'a> {
    /// Its id, made by the caller.
    pub document_id: DocumentId,
    /// Media type found in the content.
    pub media_type: &'a str,
    /// Title given by the person.
    pub title: &'a str,
    /// Who uploads.
    pub uploaded_by: &'a str,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// The content.
    pub content: &'a [u8],
}

/// The SHA-256 of some content, lower-case hexadecimal.
#[must_use]
pub fn sha256(content: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(content).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Keeps a paper; content that is there already is not stored twice.
pub async fn put(db: &Db, upload: &Upload<'_>) -> Result<DocumentRef, StoreError> {
    let sha256 = sha256(upload.content);
    let size = i64::try_from(upload.content.len()).unwrap_or(i64::MAX);
    let mut tx = db.begin().await?;
    on_tx!(&mut tx, conn => sqlx::query(
        "INSERT INTO document_contents (sha256, content) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING")
        .bind(&sha256).bind(upload.content).execute(conn).await.map(|_| ()))?;
    on_tx!(&mut tx, conn => sqlx::query(
        "INSERT INTO documents (document_id, sha256, media_type, size, title, uploaded_by, recorded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(upload.document_id.to_string())
        .bind(&sha256)
        .bind(upload.media_type)
        .bind(size)
        .bind(upload.title)
        .bind(upload.uploaded_by)
        .bind(upload.recorded_at.to_rfc3339())
        .execute(conn).await.map(|_| ()))?;
    tx.commit().await?;
    Ok(DocumentRef {
        document_id: upload.document_id,
        sha256,
        media_type: upload.media_type.to_owned(),
        size,
        title: upload.title.to_owned(),
    })
}

/// The reference to a paper, if it is here.
pub async fn find(db: &Db, document_id: DocumentId) -> Result<Option<DocumentRef>, StoreError> {
    let row: Option<DocumentRow> = on_reader!(db, pool =>
        sqlx::query_as("SELECT document_id, sha256, media_type, size, title FROM documents WHERE document_id = $1")
            .bind(document_id.to_string()).fetch_optional(pool).await)?;
    Ok(row.and_then(DocumentRow::into_ref))
}

/// The reference to a paper, if it is here, with who uploaded it.
pub async fn find_with_uploader(db: &Db, document_id: DocumentId) -> Result<Option<(DocumentRef, String)>, StoreError> {
    let by: Option<(String,)> = on_reader!(db, pool =>
        sqlx::query_as("SELECT uploaded_by FROM documents WHERE document_id = $1")
            .bind(document_id.to_string()).fetch_optional(pool).await)?;
    let Some((by,)) = by else { return Ok(None) };
    Ok(find(db, document_id).await?.map(|found| (found, by)))
}

/// The content of a paper, by its hash.
pub async fn content(db: &Db, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(Vec<u8>,)> = on_reader!(db, pool =>
        sqlx::query_as("SELECT content FROM document_contents WHERE sha256 = $1")
            .bind(sha256).fetch_optional(pool).await)?;
    Ok(row.map(|(content,)| content))
}
