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
