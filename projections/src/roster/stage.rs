//! How far a file is, in one word: the names of the lifecycle, as rows and filters show them.

use domain::cycle::{self, Outcome};
use domain::enrolment::SurveyStep;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an organisation stands in the cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 申请组织: from the application until admission.
    Applicant,
    /// 孵化组织: admitted and not ended. The pool is the members.
    Member,
    /// No longer live.
    Former,
}

/// The stage of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Handed in, no recommendation yet.
    Applied,
    /// Recommended, no survey assigned yet.
    Nominated,
    /// A station is charged with the survey.
    Surveying,
    /// The survey waits for the district office.
    SurveyFiled,
    /// The survey was returned or sent back.
    SurveyReturned,
    /// The survey is settled (审定).
    SurveyApproved,
    /// Admitted to the pool.
    Member,
    /// Withdrawn by the organisation or its recommender.
    Withdrawn,
    /// Declined by the award office.
    Declined,
    /// Removed after a major incident.
    Removed,
    /// Ended: dissolved, or left the city.
    Ended,
    /// A member when the cycle closed.
    Completed,
    /// An applicant when the cycle closed.
    Lapsed,
}

impl Standing {
    /// The name in columns and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Member => "member",
            Self::Former => "former",
        }
    }
}

impl Stage {
    /// The stage of a file that stands so in its cycle, with its survey there.
    #[must_use]
    pub const fn of(standing: &cycle::Standing, survey: Option<SurveyStep>) -> Self {
        use cycle::Standing::{Applied, Former, Member, Nominated};
        match (standing, survey) {
            (Applied, None) => Self::Applied,
            (Nominated, None) => Self::Nominated,
            (Applied | Nominated, Some(SurveyStep::Assigned)) => Self::Surveying,
            (Applied | Nominated, Some(SurveyStep::Filed)) => Self::SurveyFiled,
            (Applied | Nominated, Some(SurveyStep::Returned)) => Self::SurveyReturned,
            (Applied | Nominated, Some(SurveyStep::Approved)) => Self::SurveyApproved,
            (Member, _) => Self::Member,
            (Former(outcome), _) => match outcome {
                Outcome::WithdrawnEarly | Outcome::Withdrawn => Self::Withdrawn,
                Outcome::Declined => Self::Declined,
                Outcome::Removed => Self::Removed,
                Outcome::Ended => Self::Ended,
                Outcome::Completed => Self::Completed,
                Outcome::Lapsed => Self::Lapsed,
            },
        }
    }

    /// How an organisation at this stage stands.
    #[must_use]
    pub const fn standing(self) -> Standing {
        match self {
            Self::Applied
            | Self::Nominated
            | Self::Surveying
            | Self::SurveyFiled
            | Self::SurveyReturned
            | Self::SurveyApproved => Standing::Applicant,
            Self::Member => Standing::Member,
            Self::Withdrawn | Self::Declined | Self::Removed | Self::Ended | Self::Completed | Self::Lapsed => {
                Standing::Former
            }
        }
    }

    /// Whether the survey is being made or waits to be settled.
    #[must_use]
    pub const fn survey_open(self) -> bool {
        matches!(self, Self::Surveying | Self::SurveyFiled | Self::SurveyReturned)
    }

    /// The name in columns and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Nominated => "nominated",
            Self::Surveying => "surveying",
            Self::SurveyFiled => "survey_filed",
            Self::SurveyReturned => "survey_returned",
            Self::SurveyApproved => "survey_approved",
            Self::Member => "member",
            Self::Withdrawn => "withdrawn",
            Self::Declined => "declined",
            Self::Removed => "removed",
            Self::Ended => "ended",
            Self::Completed => "completed",
            Self::Lapsed => "lapsed",
        }
    }
}
