//! The stage of a file: how it stands in the cycle and how far its survey is, in one word.

use crate::cycle::{Outcome, Standing};
use crate::enrolment::SurveyStep;

/// A state of the file's life. The names are those that refusals and answers show.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
    strum::IntoStaticStr,
    strum::Display,
    strum::EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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

impl Stage {
    /// The stages of an applicant (申请组织), in order.
    pub const APPLICANT: [Self; 6] = [
        Self::Applied,
        Self::Nominated,
        Self::Surveying,
        Self::SurveyFiled,
        Self::SurveyReturned,
        Self::SurveyApproved,
    ];

    /// The stage of a file that stands so in its cycle, with its survey there.
    #[must_use]
    pub const fn of(standing: &Standing, survey: Option<SurveyStep>) -> Self {
        match (standing, survey) {
            (Standing::Applied, None) => Self::Applied,
            (Standing::Nominated, None) => Self::Nominated,
            (Standing::Applied | Standing::Nominated, Some(SurveyStep::Assigned)) => Self::Surveying,
            (Standing::Applied | Standing::Nominated, Some(SurveyStep::Filed)) => Self::SurveyFiled,
            (Standing::Applied | Standing::Nominated, Some(SurveyStep::Returned)) => Self::SurveyReturned,
            (Standing::Applied | Standing::Nominated, Some(SurveyStep::Approved)) => Self::SurveyApproved,
            (Standing::Member, _) => Self::Member,
            (Standing::Former(outcome), _) => match outcome {
                Outcome::WithdrawnEarly | Outcome::Withdrawn => Self::Withdrawn,
                Outcome::Declined => Self::Declined,
                Outcome::Removed => Self::Removed,
                Outcome::Ended => Self::Ended,
                Outcome::Completed => Self::Completed,
                Outcome::Lapsed => Self::Lapsed,
            },
        }
    }

    /// The name, e.g. `survey_filed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survey_tells_how_far_an_applicant_is_but_nothing_of_a_member() {
        assert_eq!(Stage::of(&Standing::Nominated, None).name(), "nominated");
        assert_eq!(Stage::of(&Standing::Nominated, Some(SurveyStep::Returned)).name(), "survey_returned");
        assert_eq!(Stage::of(&Standing::Member, Some(SurveyStep::Approved)).name(), "member");
    }

    #[test]
    fn both_ways_of_withdrawing_read_alike() {
        for outcome in [Outcome::WithdrawnEarly, Outcome::Withdrawn] {
            assert_eq!(Stage::of(&Standing::Former(outcome), None), Stage::Withdrawn);
        }
    }
}
