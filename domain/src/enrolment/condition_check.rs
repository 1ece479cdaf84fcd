//! Recording what a department found of an eligibility condition (由相关部门界定, §三（一）5, lifecycle 15).

use chrono::NaiveDate;

use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::dossier::Dossier;
use crate::enrolment::stage::Stage;
use crate::forms::check::{FormCheck, LINE};
use crate::ids::{ConditionCheckId, ConditionId, CycleId};
use crate::refusal::Refusal;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Whether a condition was found to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Met.
    Met,
    /// Not met.
    NotMet,
}

/// Records a department's check. A later check of the same condition replaces it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordConditionCheck {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// The id of the check.
    pub check_id: ConditionCheckId,
    /// The condition of the rulebook.
    pub condition: ConditionId,
    /// What was found.
    pub finding: Finding,
    /// The competent department.
    pub department: String,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// Dated the day that the finding came in; carries the department's paper.
    pub common: Common,
}

pub(super) fn record(command: &RecordConditionCheck, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context.actor.permit(dossier.subject.is_office(&context.actor))?;
    dossier.begin(&command.common, context)?;
    let mut check = FormCheck::of("");
    check.required("/department", &command.department, LINE, "三（一）5 W-38");
    check.passed()?;
    within(command.checked_on, None, Some(command.common.occurred_on), "/checked_on")?;
    if command.common.documents.is_empty() {
        let (pointer, what) = ("/documents", "the department's finding");
        return Err(Refusal::DocumentMissing { pointer, what }.into());
    }
    if !dossier.rulebook().conditions.iter().any(|condition| condition.id == command.condition) {
        let (pointer, id) = ("/condition".to_owned(), command.condition.to_string());
        return Err(Refusal::UnknownReference { pointer, kind: "condition", id }.into());
    }
    dossier.at(&Stage::APPLICANT)?;
    Ok(Decision::of(&command.common).with(
        dossier.subject.stream(),
        EnrolmentEvent::ConditionChecked {
            check_id: command.check_id,
            condition: command.condition.clone(),
            met: command.finding == Finding::Met,
            department: command.department.clone(),
            checked_on: command.checked_on,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::{Outcome, Standing};
    use crate::enrolment::testing::{self, EAST, ITSELF, OFFICE, code, cycle_id, file, only, run, stored};
    use crate::enrolment::{Check, EnrolmentCommand, SurveyStep};
    use crate::event::Event;
    use crate::memory::Memory;
    use crate::samples::{USCC, day, documented, id, nth, on};

    fn check() -> RecordConditionCheck {
        RecordConditionCheck {
            cycle: cycle_id(),
            uscc: id(USCC),
            check_id: ConditionCheckId::new(nth(50)),
            condition: id("breach"),
            finding: Finding::NotMet,
            department: "市场监管局".to_owned(),
            checked_on: day("2026-03-08"),
            common: documented(testing::TODAY),
        }
    }

    fn record(memory: &mut Memory, command: RecordConditionCheck, actor: &str) -> Result<Vec<Event>, Refusal> {
        run(memory, EnrolmentCommand::RecordConditionCheck(command), actor)
    }

    #[test]
    fn w38_the_office_records_what_a_department_found_and_the_last_finding_counts() {
        let mut memory = file(Standing::Applied, None);
        let expected = EnrolmentEvent::ConditionChecked {
            check_id: ConditionCheckId::new(nth(50)),
            condition: id("breach"),
            met: false,
            department: "市场监管局".to_owned(),
            checked_on: day("2026-03-08"),
        };
        assert_eq!(only(record(&mut memory, check(), OFFICE)), expected);
        let again = RecordConditionCheck { finding: Finding::Met, checked_on: day("2026-03-09"), ..check() };
        assert!(record(&mut memory, again, OFFICE).is_ok());
        let last = Check { met: true, checked_on: day("2026-03-09") };
        assert_eq!(stored(&memory).checks, [(id("breach"), last)].into());
    }

    #[test]
    fn only_the_office_records_a_check() {
        for actor in [EAST, ITSELF] {
            assert_eq!(code(record(&mut file(Standing::Applied, None), check(), actor)), "not_permitted");
        }
    }

    #[test]
    fn the_department_is_named_and_its_paper_attached() {
        let mut memory = file(Standing::Applied, None);
        let nameless = RecordConditionCheck { department: " ".to_owned(), ..check() };
        assert_eq!(code(record(&mut memory, nameless, OFFICE)), "validation_failed");
        let paperless = RecordConditionCheck { common: on(testing::TODAY), ..check() };
        assert_eq!(code(record(&mut memory, paperless, OFFICE)), "document_missing");
    }

    #[test]
    fn the_condition_is_one_of_the_rulebook() {
        let unheard = RecordConditionCheck { condition: id("unheard"), ..check() };
        assert_eq!(code(record(&mut file(Standing::Applied, None), unheard, OFFICE)), "unknown_reference");
    }

    #[test]
    fn a_check_comes_in_on_its_day_or_later() {
        let mut memory = file(Standing::Applied, None);
        let checked = |on: &str| RecordConditionCheck { checked_on: day(on), ..check() };
        assert!(record(&mut memory, checked(testing::TODAY), OFFICE).is_ok());
        assert_eq!(code(record(&mut memory, checked("2026-03-11"), OFFICE)), "date_out_of_range");
    }

    #[test]
    fn lifecycle_15_applicants_are_checked_at_every_stage_and_nobody_else() {
        use SurveyStep::{Approved, Assigned, Filed, Returned};
        for step in [None, Some(Assigned), Some(Filed), Some(Returned), Some(Approved)] {
            assert!(record(&mut file(Standing::Nominated, step), check(), OFFICE).is_ok(), "{step:?}");
        }
        for standing in [Standing::Member, Standing::Former(Outcome::Declined)] {
            assert_eq!(code(record(&mut file(standing, None), check(), OFFICE)), "step_out_of_order");
        }
    }
}
