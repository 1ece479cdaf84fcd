//! The stage of a file, as the lifecycle names it.

use crate::cycle::{Entry, Outcome, Standing};
use crate::enrolment::{Enrolment, SurveyStep};

/// The stage of a file: what the cycle knows of it, refined by where its survey stands.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::Display,
    strum::EnumIter,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// The application is in; nobody has recommended it yet.
    Applied,
    /// Nominated; no survey assigned.
    Nominated,
    /// A station is at the survey.
    Surveying,
    /// The survey waits for the district office.
    SurveyFiled,
    /// The survey was returned, or sent back.
    SurveyReturned,
    /// The survey is settled (审定).
    SurveyApproved,
    /// Admitted to the pool.
    Member,
    /// Removed after a major incident.
    Removed,
    /// Withdrawn, early or late.
    Withdrawn,
    /// Declined by the award office.
    Declined,
    /// Ended: dissolved, or no longer registered in the city.
    Ended,
    /// A member when the cycle closed.
    Completed,
    /// An applicant when the cycle closed.
    Lapsed,
}

impl Stage {
    /// The stages from nomination to admission, in their order.
    pub const UNDER_REVIEW: [Self; 5] =
        [Self::Nominated, Self::Surveying, Self::SurveyFiled, Self::SurveyReturned, Self::SurveyApproved];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The stage of a file; one that the cycle has not heard of yet is judged by the file alone.
#[must_use]
pub fn stage(entry: Option<&Entry>, file: &Enrolment) -> Stage {
    let before_survey = match entry.map(|e| &e.standing) {
        None | Some(Standing::Applied) => Stage::Applied,
        Some(Standing::Nominated) => Stage::Nominated,
        Some(Standing::Member) => return Stage::Member,
        Some(Standing::Former(outcome)) => return ended(*outcome),
    };
    match file.survey.as_ref().map(|s| s.step) {
        None => before_survey,
        Some(SurveyStep::Assigned) => Stage::Surveying,
        Some(SurveyStep::Filed) => Stage::SurveyFiled,
        Some(SurveyStep::Returned) => Stage::SurveyReturned,
        Some(SurveyStep::Approved) => Stage::SurveyApproved,
    }
}

const fn ended(outcome: Outcome) -> Stage {
    match outcome {
        Outcome::WithdrawnEarly | Outcome::Withdrawn => Stage::Withdrawn,
        Outcome::Declined => Stage::Declined,
        Outcome::Removed => Stage::Removed,
        Outcome::Ended => Stage::Ended,
        Outcome::Completed => Stage::Completed,
        Outcome::Lapsed => Stage::Lapsed,
    }
}
