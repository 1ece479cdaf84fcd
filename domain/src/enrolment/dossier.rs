//! One file laid open: what every command on it looks at first, and the checks that all of them share.

use chrono::NaiveDate;

use crate::context::{Context, within};
use crate::cycle::Opened;
use crate::document::Common;
use crate::enrolment::stage::Stage;
use crate::enrolment::subject::Subject;
use crate::enrolment::{Enrolment, SurveyState};
use crate::ids::{CycleId, ProgramId};
use crate::refusal::{Refusal, Refused};
use crate::register::Register;
use crate::rulebook::Rulebook;
use crate::uscc::Uscc;
use crate::world::{Stop, World};

/// A file with its cycle and its organisation, all held at their versions.
pub(super) struct Dossier<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) file: &'a Enrolment,
}

impl<'a> Dossier<'a> {
    /// Lays the file open; refuses where there is no such cycle, or no file of the organisation in it.
    pub(super) fn open(world: &World<'a>, cycle: &CycleId, uscc: &Uscc) -> Result<Self, Stop> {
        let subject = Subject::read(world, cycle, uscc)?;
        let file = subject.enrolment(world)?;
        Ok(Self { subject, file })
    }

    pub(super) fn rulebook(&self) -> &'a Rulebook {
        &self.subject.opened.rulebook
    }

    pub(super) fn register(&self, world: &World<'a>) -> Result<&'a Register, Stop> {
        world.register(&self.subject.opened.program)
    }

    pub(super) fn stage(&self) -> Stage {
        Stage::of(&self.subject.entry.standing, self.file.survey.as_ref().map(|survey| survey.step))
    }

    /// What is checked once the actor is permitted: no waiver but the award office's, the cycle runs, and the
    /// day is not in the future.
    pub(super) fn begin(&self, common: &Common, context: &Context) -> Result<(), Refused> {
        let Subject { cycle, opened, .. } = &self.subject;
        waiver_by_office(common, &opened.program, context)?;
        cycle.running()?;
        dated(common, opened, context)
    }

    /// Refuses a day before the last step of the file: steps are dated in their order.
    pub(super) fn follows_last_step(&self, day: NaiveDate, pointer: &'static str) -> Result<(), Refused> {
        let survey = self.file.survey.as_ref().map(|survey| survey.step_on);
        within(day, survey.max(Some(self.subject.entry.last_decision_on)), None, pointer)
    }

    /// Refuses a stage other than those named.
    pub(super) fn at(&self, allowed: &[Stage]) -> Result<(), Refused> {
        let stage = self.stage();
        if allowed.contains(&stage) {
            return Ok(());
        }
        let allowed_stages = allowed.iter().map(|stage| stage.name()).collect();
        Err(Refusal::StepOutOfOrder { stage: stage.name(), allowed_stages }.into())
    }

    /// The survey, at one of the stages named.
    pub(super) fn survey_at(&self, allowed: &[Stage]) -> Result<&'a SurveyState, Refused> {
        self.at(allowed)?;
        self.file.survey.as_ref().ok_or_else(|| Refusal::SurveyNotAssigned.into())
    }
}

/// Refuses a waiver by anybody but the award office.
pub(super) fn waiver_by_office(common: &Common, program: &ProgramId, context: &Context) -> Result<(), Refused> {
    context.actor.permit(common.waiver.is_none() || context.actor.is_office(program))
}

/// Refuses a day in the future of the program's time zone.
pub(super) fn dated(common: &Common, opened: &Opened, context: &Context) -> Result<(), Refused> {
    context.not_future(common.occurred_on, opened.rulebook.time_zone, "/occurred_on")
}
