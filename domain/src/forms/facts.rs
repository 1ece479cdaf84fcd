//! The content of recorded facts: visits, activities, self-evaluations, help, incidents, honours, attendance.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::forms::annex1::Level;
use crate::ids::{
    ActivityKindId, AudienceId, ExpertId, IncidentKindId, OrganizationId, PersonId, ScoreCategoryId, StationId,
};

/// How a visit or answer took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// 现场
    OnSite,
    /// 电话
    Phone,
    /// 线上
    Online,
}

/// A follow-up visit (回访, W-74). Free text holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// The station that visited; the actor's own.
    pub station: StationId,
    /// How.
    pub channel: Channel,
    /// 孵化成效: what has come of the incubation so far.
    #[schema(min_length = 1, max_length = 5000)]
    pub findings: String,
    /// What the organisation needs.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub needs: Option<String>,
    /// For the next cycle (W-75).
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub carry_over: Option<String>,
}

/// What was done to win organisations for a cycle (广泛宣传，动员其积极参加, W-43). Free text holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Outreach {
    /// What it was.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Who held it: sector authorities, associations, scholars, award winners (W-23).
    #[schema(min_length = 1, max_length = 200)]
    pub held_by: String,
    /// Who was addressed.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub audience: Option<String>,
    /// More on it.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// How many organisations it reached.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub organizations_reached: Option<u32>,
}

/// An activity of the organisation (W-72).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Of the rulebook's kinds.
    pub kind: ActivityKindId,
    /// What it was.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// More on it.
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// How many took part.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub participants: Option<u32>,
}

/// The score of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// The category of the rulebook's score sheet.
    pub category: ScoreCategoryId,
    /// Points, 0 up to the category's.
    pub points: i64,
}

/// A self-evaluation against GB/T 19580 (W-71, W-77).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfEvaluation {
    /// First day of the period evaluated, inside the cycle.
    pub period_from: NaiveDate,
    /// Last day of it.
    pub period_to: NaiveDate,
    /// Strengths found.
    #[schema(min_length = 1, max_length = 10000)]
    pub strengths: String,
    /// Gaps found.
    #[schema(min_length = 1, max_length = 10000)]
    pub gaps: String,
    /// Actions planned or taken.
    #[schema(min_length = 1, max_length = 10000)]
    pub actions: String,
    /// Scores by category: all of them or none.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub scores: Vec<Score>,
}

/// A request for help (帮扶需求, W-73).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistanceRequest {
    /// What about.
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    /// What is needed.
    #[schema(min_length = 1, max_length = 5000)]
    pub description: String,
}

/// A station's answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssistanceAnswer {
    /// How.
    pub channel: Channel,
    /// What was done.
    #[schema(min_length = 1, max_length = 5000)]
    pub answer: String,
    /// Experts who helped.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub experts: Vec<ExpertId>,
}

/// An incident as reported (W-28, W-29). No names of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Of the rulebook's kinds.
    pub kind: IncidentKindId,
    /// What happened; required for kind `other`.
    #[schema(min_length = 1, max_length = 5000)]
    pub description: String,
}

/// Who holds an honour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The organisation.
    Organization,
    /// A person of it, by reference.
    Person(PersonId),
}

/// An honour (荣誉).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Honour {
    /// Its name at the time.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Who holds it.
    pub holder: Holder,
}

/// One organisation's attendance at a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attendance {
    /// The organisation.
    pub organization: OrganizationId,
    /// Who came, of the rulebook's audiences.
    #[schema(max_items = 20)]
    pub audiences: Vec<AudienceId>,
    /// How many came.
    #[schema(minimum = 1, maximum = 100_000)]
    pub participants: u32,
    /// Set for guests and for members not owed this teaching.
    pub extra: bool,
}

/// What came of a session: bottlenecks (W-63), findings, weak links and the distilled model (W-66),
/// self-assessors trained (W-62).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionOutcome {
    /// The organisation that it concerns; none for the session as a whole.
    #[serde(default)]
    pub organization: Option<OrganizationId>,
    /// 瓶颈问题
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub bottlenecks: Option<String>,
    /// Findings
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub findings: Option<String>,
    /// 薄弱环节
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub weak_links: Option<String>,
    /// 提炼的质量管理模式
    #[serde(default)]
    #[schema(max_length = 5000)]
    pub distilled_model: Option<String>,
    /// 自评师 trained
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub self_assessors_trained: Option<u32>,
}
