//! Papers: uploaded once, kept by hash in the database; events hold the reference.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::DocumentId;

/// A reference to an uploaded paper, as events keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRef {
    /// The paper.
    pub document_id: DocumentId,
    /// SHA-256 of its content, lower-case hexadecimal.
    pub sha256: String,
    /// Media type found in its content.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// The title given at upload.
    pub title: String,
}

/// A `principle` rule broken on purpose by the award office, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Why; never empty.
    pub reason: String,
    /// The paper that says so, if there is one.
    pub document: Option<DocumentRef>,
}

/// What every command that records a fact carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// The day that the fact happened on, in the program's time zone.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    pub documents: Vec<DocumentRef>,
    /// Given where a `principle` rule is to be broken.
    pub waiver: Option<Waiver>,
}

impl Common {
    /// A fact of that day, without papers or waiver.
    #[must_use]
    pub const fn on(occurred_on: NaiveDate) -> Self {
        Self { occurred_on, documents: Vec::new(), waiver: None }
    }
}
