//! Every kind of id, in one place. Each is a newtype that is parsed at the edge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::uscc::Uscc;

/// A text that is not an id of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a {kind}: {expected}")]
pub struct InvalidId {
    /// The kind of id, e.g. `CycleId`.
    pub kind: &'static str,
    /// What was given, shortened to 80 characters.
    pub value: String,
    /// What would be accepted.
    pub expected: &'static str,
}

/// The longest slug, in bytes.
const SLUG_MAX: usize = 64;

fn is_slug(text: &str, extra: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    !bytes.is_empty()
        && bytes.len() <= SLUG_MAX
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || extra(*b))
        && bytes[0].is_ascii_alphanumeric()
}

macro_rules! slug_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_slug(text, |b| b == b'-' || b == b'_') {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidId {
                        kind: stringify!($name),
                        value: text.chars().take(80).collect(),
                        expected: "1 to 64 letters, digits, `-` or `_`, beginning with a letter or digit",
                    })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

slug_ids! {
    /// A program (培育项目), e.g. `wuhu-incubation`.
    ProgramId;
    /// One run of a program (孵化周期): `{program}-{label}`.
    CycleId;
    /// A district or development zone (县市区、开发区).
    DistrictId;
    /// A one-stop service station (质量基础设施“一站式”服务站).
    StationId;
    /// A recommending unit (推荐单位).
    RecommenderId;
    /// An expert (专家) of the register.
    ExpertId;
    /// A class of the rulebook (分类), e.g. `A`.
    ClassId;
    /// An eligibility condition of the rulebook (申报条件).
    ConditionId;
    /// A kind of recommender in the rulebook.
    RecommenderKindId;
    /// A kind of teaching in the rulebook, e.g. `foundation`.
    TeachingKindId;
    /// An audience of teaching in the rulebook, e.g. `key_staff` (骨干人员).
    AudienceId;
    /// A kind of incident in the rulebook, e.g. `food_safety`.
    IncidentKindId;
    /// A kind of expert in the rulebook.
    ExpertKindId;
    /// A kind of activity in the rulebook (群众性质量提升活动 …).
    ActivityKindId;
    /// A category of the score sheet in the rulebook.
    ScoreCategoryId;
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that the caller made; the domain itself makes none.
            #[must_use]
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId {
                    kind: stringify!($name),
                    value: text.chars().take(80).collect(),
                    expected: "a UUID",
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_ids! {
    /// One decision: every event of one accepted command carries the same.
    DecisionId;
    /// An uploaded paper.
    DocumentId;
    /// A person whose data is kept beside the events.
    PersonId;
    /// One act of erasing people's data.
    ErasureId;
    /// A survey (调查摸底) of one file; revisions keep the id.
    SurveyId;
    /// A follow-up visit (回访).
    VisitId;
    /// An activity (质量提升活动).
    ActivityId;
    /// Mobilisation for a cycle (宣传动员).
    OutreachId;
    /// A self-evaluation (自我评价).
    SelfEvaluationId;
    /// A request for help (帮扶需求).
    AssistanceRequestId;
    /// An answer to a request for help.
    AssistanceAnswerId;
    /// An incident (重大事故).
    IncidentId;
    /// An honour (荣誉).
    HonourId;
    /// A condition check by a department (由相关部门界定).
    ConditionCheckId;
    /// A teaching session (教学).
    SessionId;
    /// One organisation's attendance at a session.
    AttendanceId;
    /// An outcome of a session.
    OutcomeId;
}

/// An organisation, named for good by the USCC that it was first registered under.
///
/// A later change of number does not change it; both numbers resolve to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = "uscc", min_length = 1, max_length = 64)]
pub struct OrganizationId(Uscc);

impl OrganizationId {
    /// The organisation first registered under `uscc`.
    #[must_use]
    pub const fn first_registered(uscc: Uscc) -> Self {
        Self(uscc)
    }

    /// The number that it was first registered under; not always the one in force.
    #[must_use]
    pub const fn first_uscc(&self) -> &Uscc {
        &self.0
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
