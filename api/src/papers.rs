//! What every body that records a fact carries: the day, papers, and a waiver where a rule is to be broken.

use chrono::NaiveDate;
use domain::Refusal;
use domain::document::{Common, DocumentRef, Waiver};
use domain::ids::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::Api;

/// A `principle` rule broken on purpose by the award office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverBody {
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// The paper that says so.
    #[serde(default)]
    pub document_id: Option<DocumentId>,
}

impl Api {
    /// The shared part of a command, its papers looked up.
    pub async fn dated(
        &self,
        occurred_on: NaiveDate,
        documents: &[DocumentId],
        waiver: Option<&WaiverBody>,
    ) -> Result<Common, Problem> {
        let mut refs = Vec::with_capacity(documents.len());
        for (place, id) in documents.iter().enumerate() {
            refs.push(self.document(*id, &format!("/documents/{place}")).await?);
        }
        let waiver = match waiver {
            None => None,
            Some(waiver) => {
                let document = match waiver.document_id {
                    None => None,
                    Some(id) => Some(self.document(id, "/waiver/document_id").await?),
                };
                Some(Waiver { reason: waiver.reason.clone(), document })
            }
        };
        Ok(Common { occurred_on, documents: refs, waiver })
    }

    /// The reference to an uploaded paper that a body names.
    pub async fn document(&self, id: DocumentId, pointer: &str) -> Result<DocumentRef, Problem> {
        let found = store::documents::find(self.app().store().db(), id).await?;
        found.ok_or_else(|| {
            Refusal::UnknownReference { pointer: pointer.to_owned(), kind: "document", id: id.to_string() }.into()
        })
    }
}
