//! Handing in and amending an application (§三（一）, lifecycle 1, 2, 25, 26).

use std::collections::BTreeMap;

use crate::context::{Context, within};
use crate::cycle::{Cycle, CycleEvent, Opened, Outcome, Standing};
use crate::document::{Common, Waiver};
use crate::enrolment::dossier::{Dossier, dated, waiver_by_office};
use crate::enrolment::stage::Stage;
use crate::enrolment::{Enrolment, EnrolmentEvent, reapplication};
use crate::event::{Event, Meta};
use crate::forms::annex1::Application;
use crate::ids::{CycleId, OrganizationId, SelfEvaluationId};
use crate::organization::{Gone, Organization, OrganizationEvent};
use crate::refusal::{FieldCode, FieldError, Refusal, Refused};
use crate::register::EntryId;
use crate::stream::{At, StreamId};
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Hands in Annex 1 (申报), for the first time, afresh, or again after an earlier cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmitApplication {
    /// The cycle applied for.
    pub cycle: CycleId,
    /// The organisation; need not be known yet.
    pub uscc: Uscc,
    /// The form.
    pub application: Box<Application>,
    /// The cycle that it took part in last, for a re-application (W-76); found by itself if not given.
    pub previous: Option<CycleId>,
    /// Its self-evaluation report for that cycle (W-77); found by itself if not given.
    pub self_evaluation: Option<SelfEvaluationId>,
    /// Dated the day of the application (申报日期).
    pub common: Common,
}

/// Replaces the application by a whole new form, until the survey is filed.
#[derive(Debug, Clone, PartialEq)]
pub struct AmendApplication {
    /// The cycle of the file.
    pub cycle: CycleId,
    /// The organisation.
    pub uscc: Uscc,
    /// The whole new form; the day of the application stays.
    pub application: Box<Application>,
    /// What was changed and why, if the organisation says so.
    pub reason: Option<String>,
    /// Dated the day of the amendment.
    pub common: Common,
}

/// An application that would be accepted: its events, and whose file it opens.
#[derive(Debug, Clone, PartialEq)]
pub struct HandedIn {
    /// The cycle applied for.
    pub cycle: CycleId,
    /// The organisation.
    pub organization: OrganizationId,
    /// The events, not yet appended.
    pub decision: Decision,
}

/// The states that a decision rests on, as they will stand once an application's events are appended.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    /// The cycle, with the applicant in it.
    pub cycle: Cycle,
    /// The file, with the application in it.
    pub file: Enrolment,
    /// The organisation, with the file opened.
    pub organization: Organization,
}

pub(super) fn submit(command: &SubmitApplication, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let opened = world.cycle(&command.cycle)?.opened()?;
    let id = world.resolve(&command.uscc)?;
    let numbers = &world.organization(&id)?.numbers;
    let itself = context.actor.is_organization(numbers.iter().chain([&command.uscc]));
    context.actor.permit(itself || context.actor.is_office(&opened.program))?;
    Ok(hand_in(command, world, context)?.decision)
}

/// Everything that an application must satisfy, except who hands it in: the caller has checked that.
///
/// A paper form with both seals is applied for and nominated in one append (lifecycle 5): the nomination
/// then decides on [`HandedIn::foresee`].
pub fn hand_in(command: &SubmitApplication, world: &World<'_>, context: &Context) -> Result<HandedIn, Stop> {
    let SubmitApplication { application, common, .. } = command;
    let cycle = world.cycle(&command.cycle)?;
    waiver_by_office(common, &cycle.opened()?.program, context)?;
    let opened = cycle.running()?;
    dated(common, opened, context)?;
    in_intake(opened, common)?;
    complete(application, opened, context, application.applied_on == common.occurred_on)?;
    district_is_active(application, opened, world)?;

    let id = world.resolve(&command.uscc)?;
    let organization = world.organization(&id)?;
    not_gone(organization, &command.uscc)?;
    let attempt = next_attempt(cycle, &id, opened, common)?;
    let earlier = reapplication::earlier_cycle(command, opened, &id, organization, world, context)?;
    let waived_for_incident = free_of_incidents(application, opened, organization, common, context)?;

    let mut decision = Decision::of(common);
    decision.waived(earlier.waiver);
    decision.waived(waived_for_incident);
    let stream = StreamId::organization(&id);
    let program = opened.program.clone();
    if organization.name.is_none() {
        decision.push(
            stream.clone(),
            OrganizationEvent::OrganizationRegistered {
                uscc: command.uscc.clone(),
                name: application.name.clone(),
                district: application.supplement.district.clone(),
                program: program.clone(),
            },
        );
    }
    let cycle_id = command.cycle.clone();
    decision.push(stream, OrganizationEvent::EnrolmentOpened { cycle: cycle_id.clone(), program, attempt });
    decision.push(
        StreamId::enrolment(&cycle_id, &id),
        EnrolmentEvent::ApplicationSubmitted {
            organization: id.clone(),
            cycle: cycle_id.clone(),
            attempt,
            application: application.clone(),
            previous: earlier.previous,
            self_evaluation: earlier.self_evaluation,
        },
    );
    let entered = CycleEvent::ApplicantEntered { organization: id.clone(), attempt };
    decision.push(StreamId::cycle(&cycle_id), entered);
    Ok(HandedIn { cycle: cycle_id, organization: id, decision })
}

pub(super) fn amend(command: &AmendApplication, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let dossier = Dossier::open(world, &command.cycle, &command.uscc)?;
    context.actor.permit(dossier.subject.is_organization(&context.actor))?;
    dossier.begin(&command.common, context)?;
    let same_day = dossier.file.applied_on.is_none_or(|day| day == command.application.applied_on);
    complete(&command.application, dossier.subject.opened, context, same_day)?;
    district_is_active(&command.application, dossier.subject.opened, world)?;
    if matches!(dossier.stage(), Stage::SurveyFiled | Stage::SurveyApproved) {
        return Err(Refusal::ApplicationFrozen.into());
    }
    dossier.at(&[Stage::Applied, Stage::Nominated, Stage::Surveying, Stage::SurveyReturned])?;
    dossier.follows_last_step(command.common.occurred_on, "/occurred_on")?;
    Ok(Decision::of(&command.common).with(
        dossier.subject.stream(),
        EnrolmentEvent::ApplicationAmended {
            application: command.application.clone(),
            reason: command.reason.clone().filter(|reason| !reason.trim().is_empty()),
        },
    ))
}

/// Refuses outside the intake window, where the program set one.
fn in_intake(opened: &Opened, common: &Common) -> Result<(), Refused> {
    let (from, to) = (opened.intake.from, opened.intake.to);
    let day = common.occurred_on;
    if from.is_some_and(|from| day < from) || to.is_some_and(|to| day > to) {
        return Err(Refusal::IntakeClosed { from, to }.into());
    }
    Ok(())
}

/// Refuses an incomplete form, all errors at once; `dated_right` is whether its date is the day it must be (W-105).
fn complete(application: &Application, opened: &Opened, context: &Context, dated_right: bool) -> Result<(), Refused> {
    let today = context.today(opened.rulebook.time_zone);
    let mut errors = application.field_errors(&opened.rulebook, today);
    if !dated_right {
        errors.push(FieldError::new("/application/applied_on", FieldCode::OutOfRange, "附件1 W-105"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Refusal::ValidationFailed(errors).into()) }
}

fn district_is_active(application: &Application, opened: &Opened, world: &World<'_>) -> Result<(), Stop> {
    let district = EntryId::District(application.supplement.district.clone());
    world.register(&opened.program)?.active(&district, "/application/supplement/district")?;
    Ok(())
}

/// Refuses an organisation that was dissolved or merged into another.
fn not_gone(organization: &Organization, uscc: &Uscc) -> Result<(), Refused> {
    let successor = match &organization.gone {
        None => return Ok(()),
        Some(Gone::Dissolved) => None,
        Some(Gone::Merged(into)) => Some(into.to_string()),
    };
    let (pointer, id) = ("/uscc".to_owned(), uscc.to_string());
    Err(Refusal::ReferenceInactive { pointer, kind: "organization", id, successor }.into())
}

/// The number of this start in the cycle: a fresh one only after a withdrawal before any survey (Q-31, lifecycle 25).
fn next_attempt(cycle: &Cycle, id: &OrganizationId, opened: &Opened, common: &Common) -> Result<u32, Refused> {
    let Some(entry) = cycle.entries.get(id) else {
        return Ok(1);
    };
    let cycle = opened.cycle.clone();
    match entry.standing {
        Standing::Applied | Standing::Nominated | Standing::Member => Err(Refusal::AlreadyInCycle { cycle }.into()),
        Standing::Former(Outcome::WithdrawnEarly) => {
            within(common.occurred_on, Some(entry.last_decision_on), None, "/occurred_on")?;
            Ok(entry.attempt + 1)
        }
        Standing::Former(outcome) => Err(Refusal::NotAgainInCycle { cycle, outcome: outcome.into() }.into()),
    }
}

/// Holds the look-back on incidents recorded here, running to the day of the application (W-36, Q-06).
///
/// It is the one condition that blocks an application: what it rests on was determined by the authority.
/// What the form itself says is shown by the eligibility list, and blocks the nomination.
fn free_of_incidents<'c>(
    application: &Application,
    opened: &Opened,
    organization: &Organization,
    common: &'c Common,
    context: &Context,
) -> Result<Option<&'c Waiver>, Refused> {
    let incidents = &opened.rulebook.incidents;
    let Some((incident, free_from)) = organization.barring_incident(application.applied_on, incidents.look_back_years)
    else {
        return Ok(None);
    };
    let occurred_on = organization.incidents.get(&incident).map_or(free_from, |known| known.occurred_on);
    let by_office = context.actor.is_office(&opened.program);
    incidents.look_back_rule.hold("look_back", false, common.waiver.as_ref(), by_office, || Refusal::LookbackIncident {
        incident,
        occurred_on,
        free_from,
    })
}

impl HandedIn {
    /// The cycle, the file and the organisation as they will stand, for a decision that builds on this one.
    pub fn foresee(&self, world: &World<'_>, context: &Context) -> Result<Foreseen, Stop> {
        let meta = Meta {
            decision_id: context.decision_id,
            recorded_at: context.now,
            occurred_on: self.decision.occurred_on,
            actor: context.actor.clone(),
            documents: self.decision.documents.clone(),
            waiver: self.decision.waiver.clone(),
            decision_size: u32::try_from(self.decision.events.len()).unwrap_or(u32::MAX),
            request_id: None,
        };
        let mut foreseen = Foreseen {
            cycle: world.cycle(&self.cycle)?.clone(),
            file: world.enrolment(&self.cycle, &self.organization)?.clone(),
            organization: world.organization(&self.organization)?.clone(),
        };
        let mut versions = BTreeMap::new();
        for (stream, event) in &self.decision.events {
            let version = versions.entry(stream).or_insert(world.version(stream)?);
            *version += 1;
            let at = At { version: *version, meta: &meta };
            match event {
                Event::Cycle(event) => foreseen.cycle.evolve(event, at),
                Event::Enrolment(event) => foreseen.file.evolve(event, at),
                Event::Organization(event) => foreseen.organization.evolve(event, at),
                Event::Register(_) | Event::Session(_) => {}
            }
        }
        Ok(foreseen)
    }
}

#[cfg(test)]
mod tests;
