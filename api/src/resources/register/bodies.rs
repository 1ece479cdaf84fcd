//! What a client sends of an entry: a new one of each kind, and what happens to it later.
//!
//! No rule of the register can be waived, so none of these bodies takes a waiver.

use chrono::NaiveDate;
use domain::ids::{DistrictId, DocumentId, ExpertId, ExpertKindId, RecommenderId, RecommenderKindId, StationId};
use domain::register::{Details, EntryChange, EntryId};
use domain::{FieldCode, Refusal};
use serde::{Deserialize, Serialize};
use store::persons::Person;
use utoipa::ToSchema;

use crate::people::PersonBody;
use crate::problem::Problem;
use crate::state::Api;

/// A new entry of any kind, as the command takes it.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) entry: EntryId,
    pub(super) details: Details,
    pub(super) occurred_on: NaiveDate,
    pub(super) documents: Vec<DocumentId>,
    pub(super) persons: Vec<Person>,
}

/// A new district.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "sanshan-2", "name": "三山新区", "occurred_on": "2025-03-01" }))]
pub struct NewDistrict {
    /// Its id, never used before for a district.
    pub id: DistrictId,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

impl NewDistrict {
    pub(super) fn registration(self, _api: &Api) -> Registration {
        Registration {
            entry: EntryId::District(self.id),
            details: Details::District { name: self.name },
            occurred_on: self.occurred_on,
            documents: self.documents,
            persons: Vec::new(),
        }
    }
}

/// A new service station, tied to a district (属地).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "jinghu-2", "name": "镜湖区第二服务站", "district": "jinghu",
    "occurred_on": "2025-03-01" }))]
pub struct NewStation {
    /// Its id, never used before for a station.
    pub id: StationId,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its district.
    pub district: DistrictId,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

impl NewStation {
    pub(super) fn registration(self, _api: &Api) -> Registration {
        Registration {
            entry: EntryId::Station(self.id),
            details: Details::Station { name: self.name, district: self.district },
            occurred_on: self.occurred_on,
            documents: self.documents,
            persons: Vec::new(),
        }
    }
}

/// A new recommending unit (推荐单位, W-40).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "association-robots", "name": "市机器人产业协会",
    "recommender_kind": "industry_association", "occurred_on": "2025-03-01" }))]
pub struct NewRecommender {
    /// Its id, never used before for a recommender.
    pub id: RecommenderId,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Which kind it is, by the rulebook.
    pub recommender_kind: RecommenderKindId,
    /// The district of a district's committee.
    #[serde(default)]
    pub district: Option<DistrictId>,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

impl NewRecommender {
    pub(super) fn registration(self, _api: &Api) -> Registration {
        Registration {
            entry: EntryId::Recommender(self.id),
            details: Details::Recommender {
                name: self.name,
                recommender_kind: self.recommender_kind,
                district: self.district,
            },
            occurred_on: self.occurred_on,
            documents: self.documents,
            persons: Vec::new(),
        }
    }
}

/// A new expert; who it is stands in the person's record, not in the log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "id": "expert-90", "person": { "name": "何某某" }, "expert_kind": "city_expert_pool",
    "field": "质量管理", "occurred_on": "2025-03-01" }))]
pub struct NewExpert {
    /// Its id, never used before for an expert; no name.
    pub id: ExpertId,
    /// Who it is.
    pub person: PersonBody,
    /// Which kind it is, by the rulebook.
    pub expert_kind: ExpertKindId,
    /// The field.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub field: Option<String>,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

impl NewExpert {
    pub(super) fn registration(self, api: &Api) -> Registration {
        let person = api.person(self.person);
        Registration {
            entry: EntryId::Expert(self.id),
            details: Details::Expert { person: person.person_id, expert_kind: self.expert_kind, field: self.field },
            occurred_on: self.occurred_on,
            documents: self.documents,
            persons: vec![person],
        }
    }
}

/// What changes of a district, station or recommender: its name or its district, one of the two.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "更名后的名称", "occurred_on": "2025-03-01" }))]
pub struct ChangeEntryBody {
    /// The new name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// The new district of a station or recommender.
    #[serde(default)]
    pub district: Option<DistrictId>,
    /// The day of the change.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

/// What changes of an expert: who it is, its field, or both.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person": { "name": "何某", "phone": "0553-0000000" }, "field": "计量测试",
    "occurred_on": "2025-03-01" }))]
pub struct ChangeExpertBody {
    /// Its name, phone and mail address in full, in place of those known.
    #[serde(default)]
    pub person: Option<PersonBody>,
    /// The new field.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub field: Option<String>,
    /// The day of the change.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

/// A change of an entry of any kind, as the command takes it.
#[derive(Debug)]
pub(super) struct Changing {
    pub(super) change: EntryChange,
    pub(super) occurred_on: NaiveDate,
    pub(super) documents: Vec<DocumentId>,
    pub(super) persons: Vec<Person>,
}

impl ChangeEntryBody {
    pub(super) fn changing(self, _api: &Api) -> Result<Changing, Problem> {
        let change = match (self.name, self.district) {
            (Some(name), None) => EntryChange::Rename { name },
            (None, Some(district)) => EntryChange::Reassign { district },
            (None, None) => return Err(Refusal::field("/name", FieldCode::Required, "").into()),
            (Some(_), Some(_)) => return Err(Refusal::field("/district", FieldCode::Exclusive, "").into()),
        };
        let Self { occurred_on, documents, .. } = self;
        Ok(Changing { change, occurred_on, documents, persons: Vec::new() })
    }
}

impl ChangeExpertBody {
    #[allow(clippy::unnecessary_wraps, reason = "called like that of the other kinds, which can fail")]
    pub(super) fn changing(self, api: &Api) -> Result<Changing, Problem> {
        let person = self.person.map(|person| api.person(person));
        let change = EntryChange::Describe { person: person.as_ref().map(|p| p.person_id), field: self.field };
        let Self { occurred_on, documents, .. } = self;
        Ok(Changing { change, occurred_on, documents, persons: person.into_iter().collect() })
    }
}

/// Into which entry of the same kind.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "successor": "jinghu", "occurred_on": "2025-03-01" }))]
pub struct MergeEntryBody {
    /// The entry that goes on for it.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub successor: String,
    /// The day of the merger.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

/// Why an entry is closed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "机构撤销", "occurred_on": "2025-03-01" }))]
pub struct CloseEntryBody {
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the closing.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}
