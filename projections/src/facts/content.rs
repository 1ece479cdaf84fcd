//! What a recorded fact says, by kind.

use domain::forms::facts::{Activity, AssistanceRequest, Honour, Incident, SelfEvaluation, Visit};
use domain::ids::StationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of recorded facts, named as the collections that list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// 回访 (W-74)
    Visits,
    /// 质量提升活动 (W-72)
    Activities,
    /// 自我评价 (W-71)
    SelfEvaluations,
    /// 帮扶需求 (W-73)
    AssistanceRequests,
    /// 重大事故 (W-28)
    Incidents,
    /// 荣誉
    Honours,
}

impl FactKind {
    /// The name in keys and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visits => "visits",
            Self::Activities => "activities",
            Self::SelfEvaluations => "self_evaluations",
            Self::AssistanceRequests => "assistance_requests",
            Self::Incidents => "incidents",
            Self::Honours => "honours",
        }
    }
}

/// The form of a fact. Every form refuses unknown fields, so each is read back as what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[allow(missing_docs, reason = "each variant is the form that it is named after")]
pub enum Content {
    Visit(Visit),
    Activity(Activity),
    SelfEvaluation(SelfEvaluation),
    AssistanceRequest(AssistanceRequest),
    Incident(Incident),
    Honour(Honour),
}

impl Content {
    /// The station that a visit was made by.
    pub(super) fn station(&self) -> Option<StationId> {
        match self {
            Self::Visit(visit) => Some(visit.station.clone()),
            Self::Activity(_)
            | Self::SelfEvaluation(_)
            | Self::AssistanceRequest(_)
            | Self::Incident(_)
            | Self::Honour(_) => None,
        }
    }
}

macro_rules! into_content {
    ($($form:ident)+) => {$(
        impl From<$form> for Content {
            fn from(form: $form) -> Self {
                Self::$form(form)
            }
        }
    )+};
}

into_content! { Visit Activity SelfEvaluation AssistanceRequest Incident Honour }
