//! What is asked of a session, as JSON.

use chrono::NaiveDate;
use domain::Uscc;
use domain::forms::facts::SessionOutcome;
use domain::ids::{AudienceId, DocumentId, ExpertId, OrganizationId, TeachingKindId};
use domain::session::Plan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::papers::WaiverBody;

/// Where, when and for whom a session is held.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// The kind of teaching, of the rulebook's.
    pub kind: TeachingKindId,
    /// A title that people recognise.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// The day; may lie ahead.
    pub on: NaiveDate,
    /// Where.
    #[schema(min_length = 1, max_length = 200)]
    pub place: String,
    /// The most organisations; no bound if absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub capacity: Option<u32>,
    /// Who is taught, of the rulebook's audiences.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub audiences: Vec<AudienceId>,
    /// For an on-site diagnosis: the member visited (W-64), by any of its numbers.
    #[serde(default)]
    pub host: Option<Uscc>,
    /// Teachers and experts of the register.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub experts: Vec<ExpertId>,
}

impl From<PlanBody> for Plan {
    fn from(body: PlanBody) -> Self {
        Self {
            kind: body.kind,
            title: body.title,
            on: body.on,
            place: body.place,
            capacity: body.capacity,
            audiences: body.audiences,
            host: body.host.map(OrganizationId::first_registered),
            experts: body.experts,
        }
    }
}

/// A new session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "plan": {
        "kind": "targeted", "title": "中高层管理者能力提升班", "on": "2026-02-20", "place": "市民服务中心三楼",
        "capacity": 40, "audiences": ["middle_and_senior_managers"], "experts": []
    },
    "occurred_on": "2025-12-01"
}))]
pub struct ScheduleSessionBody {
    /// The plan.
    pub plan: PlanBody,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Another day or place.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "on": "2026-11-03", "place": "市民服务中心三楼", "reason": "场地调整", "occurred_on": "2025-12-10" }))]
pub struct RescheduleSessionBody {
    /// The new day.
    pub on: NaiveDate,
    /// The new place.
    #[schema(min_length = 1, max_length = 200)]
    pub place: String,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Why a session will not be held.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "并入下一期培训", "occurred_on": "2025-12-15" }))]
pub struct CancelSessionBody {
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Further experts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "experts": ["expert-1"], "occurred_on": "2026-01-10" }))]
pub struct AssignExpertsBody {
    /// Experts of the register that are not assigned yet.
    #[schema(max_items = 50)]
    pub experts: Vec<ExpertId>,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// What came of a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": { "bottlenecks": "过程测量指标不成体系", "self_assessors_trained": 12 }, "occurred_on": "2026-02-20"
}))]
pub struct RecordOutcomeBody {
    /// What came of it, for one organisation (by any of its numbers) or for the session as a whole.
    pub outcome: SessionOutcome,
    /// The day of the session.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}
