//! Who recorded something, when, and on which papers: what rows keep of an event's metadata.

use chrono::{DateTime, NaiveDate, Utc};
use domain::RecordedEvent;
use domain::document::{DocumentRef, Waiver};
use domain::ids::{DecisionId, DocumentId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An uploaded paper, as events refer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Paper {
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

impl From<&DocumentRef> for Paper {
    fn from(document: &DocumentRef) -> Self {
        Self {
            document_id: document.document_id,
            sha256: document.sha256.clone(),
            media_type: document.media_type.clone(),
            size: document.size,
            title: document.title.clone(),
        }
    }
}

/// A `principle` rule broken on purpose by the award office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waived {
    /// Why.
    pub reason: String,
    /// The paper that says so, if there is one.
    pub document: Option<Paper>,
}

impl From<&Waiver> for Waived {
    fn from(waiver: &Waiver) -> Self {
        Self { reason: waiver.reason.clone(), document: waiver.document.as_ref().map(Paper::from) }
    }
}

/// Who recorded something, when, under which decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Trace {
    /// Place of the event in the log.
    pub position: u64,
    /// Shared by all events of one decision.
    pub decision_id: DecisionId,
    /// The day that it happened on.
    pub occurred_on: NaiveDate,
    /// The instant of recording.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it: `role/unit/person`.
    pub actor: String,
    /// Papers that belong to it.
    pub documents: Vec<Paper>,
    /// The rule broken on purpose, if one was.
    pub waiver: Option<Waived>,
}

impl From<&RecordedEvent> for Trace {
    fn from(event: &RecordedEvent) -> Self {
        let meta = &event.meta;
        Self {
            position: event.position,
            decision_id: meta.decision_id,
            occurred_on: meta.occurred_on,
            recorded_at: meta.recorded_at,
            actor: meta.actor.to_string(),
            documents: meta.documents.iter().map(Paper::from).collect(),
            waiver: meta.waiver.as_ref().map(Waived::from),
        }
    }
}
