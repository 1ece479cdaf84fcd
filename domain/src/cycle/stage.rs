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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{Pool, organization};
    use crate::forms::annex2::Conclusion;

    fn of(pool: &mut Pool, n: u32) -> &'static str {
        let file = pool.file(n).clone();
        stage(pool.cycle().entries.get(&organization(n)), &file).name()
    }

    #[test]
    fn an_applicant_is_at_the_step_of_its_survey() {
        let mut pool = Pool::open();
        pool.applicant(1);
        assert_eq!(of(&mut pool, 1), "applied");
        pool.nominated(1, "alpha");
        assert_eq!(of(&mut pool, 1), "nominated");
        pool.surveyed(1, Conclusion::BelowA);
        for (step, name) in [
            (SurveyStep::Assigned, "surveying"),
            (SurveyStep::Filed, "survey_filed"),
            (SurveyStep::Returned, "survey_returned"),
            (SurveyStep::Approved, "survey_approved"),
        ] {
            pool.file(1).survey.as_mut().expect("a survey").step = step;
            assert_eq!(of(&mut pool, 1), name);
        }
    }

    #[test]
    fn a_settled_survey_says_nothing_of_a_member_and_both_withdrawals_read_alike() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        assert_eq!(of(&mut pool, 1), "member");
        assert_eq!(ended(Outcome::WithdrawnEarly).name(), "withdrawn");
        assert_eq!(ended(Outcome::Withdrawn).name(), "withdrawn");
    }
}
