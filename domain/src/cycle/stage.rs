//! The stage of a file, from both streams that know of it.

use crate::cycle::{Entry, Standing};
use crate::enrolment::Enrolment;
use crate::refusal::{Refusal, Refused};

pub use crate::enrolment::stage::Stage;

/// The stages from nomination to admission, in their order.
pub(super) const UNDER_REVIEW: [Stage; 5] =
    [Stage::Nominated, Stage::Surveying, Stage::SurveyFiled, Stage::SurveyReturned, Stage::SurveyApproved];

/// The stage of a file; one that the cycle has not heard of yet is an application.
#[must_use]
pub fn stage(entry: Option<&Entry>, file: &Enrolment) -> Stage {
    let standing = entry.map_or(&Standing::Applied, |entry| &entry.standing);
    Stage::of(standing, file.survey.as_ref().map(|survey| survey.step))
}

/// The refusal of a command that does not fit the stage.
pub(super) fn out_of_order(stage: Stage, allowed: impl IntoIterator<Item = Stage>) -> Refused {
    let allowed_stages = allowed.into_iter().map(Stage::name).collect();
    Refusal::StepOutOfOrder { stage: stage.name(), allowed_stages }.into()
}

/// The stages of a file that is live.
pub(super) fn live() -> impl Iterator<Item = Stage> {
    Stage::APPLICANT.into_iter().chain([Stage::Member])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{Pool, organization};
    use crate::enrolment::SurveyStep;
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
    fn a_settled_survey_says_nothing_of_a_member() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        assert_eq!(of(&mut pool, 1), "member");
    }

    #[test]
    fn a_file_that_the_cycle_has_not_heard_of_is_an_application() {
        assert_eq!(stage(None, &Enrolment::default()), Stage::Applied);
    }
}
