//! Settling surveys (审定, §四（一）, W-48, lifecycle 13): one or a list under one report number, all or nothing.

use chrono::NaiveDate;

use crate::actor::Role;
use crate::context::{Context, within};
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::dossier::{Dossier, dated, waiver_by_office};
use crate::enrolment::stage::Stage;
use crate::forms::check::{FormCheck, NUMBER};
use crate::ids::{CycleId, OrganizationId};
use crate::refusal::{EntryRefused, Refusal};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Settles the surveys of a district under one report number.
#[derive(Debug, Clone, PartialEq)]
pub struct ApproveSurveys {
    /// The cycle of the files.
    pub cycle: CycleId,
    /// The organisations.
    pub entries: Vec<Uscc>,
    /// The number of the report that goes to the award office.
    pub report_no: String,
    /// The day of the settling.
    pub approved_on: NaiveDate,
    /// Dated the day that the report goes up.
    pub common: Common,
}

pub(super) fn approve(command: &ApproveSurveys, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let program = &cycle.opened()?.program;
    context.actor.permit(context.actor.role == Role::District)?;
    waiver_by_office(&command.common, program, context)?;
    let opened = cycle.running()?;
    dated(&command.common, opened, context)?;
    within(command.approved_on, None, Some(command.common.occurred_on), "/approved_on")?;
    let mut check = FormCheck::of("");
    check.required("/report_no", &command.report_no, NUMBER, "四（一）W-48");
    check.passed()?;
    let (limit, actual) = (opened.rulebook.batch_limit, command.entries.len());
    if !(1..=limit).contains(&actual) {
        return Err(Refusal::BatchSize { limit, actual }.into());
    }

    let mut decision = Decision::of(&command.common);
    let mut seen: Vec<OrganizationId> = Vec::new();
    let mut refused = Vec::new();
    for (index, uscc) in command.entries.iter().enumerate() {
        match approve_one(command, uscc, &mut seen, world, context) {
            Ok((stream, event)) => decision.push(stream, event),
            Err(Stop::Refused(why)) => refused.push(EntryRefused { index, refused: why }),
            Err(missing @ Stop::Missing(_)) => return Err(missing),
        }
    }
    if refused.is_empty() { Ok(decision) } else { Err(Refusal::Batch(refused).into()) }
}

/// One entry. Old and new number of one organisation are the same entry, so it is compared by its id.
fn approve_one(
    command: &ApproveSurveys,
    uscc: &Uscc,
    seen: &mut Vec<OrganizationId>,
    world: &World<'_>,
    context: &Context,
) -> Result<(StreamId, EnrolmentEvent), Stop> {
    let dossier = Dossier::open(world, &command.cycle, uscc)?;
    if seen.contains(&dossier.subject.id) {
        return Err(Refusal::DuplicateInBatch { organization: uscc.clone() }.into());
    }
    seen.push(dossier.subject.id.clone());
    context.actor.permit(dossier.subject.is_district(world, &context.actor)?)?;
    let survey = dossier.survey_at(&[Stage::SurveyFiled])?;
    dossier.follows_last_step(command.approved_on, "/approved_on")?;
    if survey.filed_by.as_ref().is_some_and(|filer| filer.person == context.actor.person) {
        return Err(Refusal::SelfApproval.into());
    }
    let survey_id = survey.survey_id.ok_or(Refusal::SurveyNotAssigned)?;
    let approved = EnrolmentEvent::SurveyApproved {
        survey_id,
        revision: survey.revision,
        report_no: command.report_no.clone(),
        approved_on: command.approved_on,
    };
    Ok((dossier.subject.stream(), approved))
}

#[cfg(test)]
mod tests;
