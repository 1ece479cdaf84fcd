//! A teaching session (教学): scheduled, moved, cancelled, attended, with its outcomes.
//!
//! Kinds, modes and standards are those of §四（二）2 (W-57 … W-66). In principle a class is taught in its year of
//! the cycle, by its kind, for its audience (§四（三）, W-68 … W-70): the award office may break that with a reason.
//!
//! ```text
//!  (none) ── scheduled ⟲ moved ── held ── attendance, outcomes
//!                └─ cancelled              (recorded once the day has come)
//! ```

mod attendance;
mod cancellation;
mod experts;
mod fit;
mod held;
mod outcome;
mod rescheduling;
mod scheduling;
#[cfg(test)]
mod tests;
pub mod year;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::cycle::{Cycle, Opened};
use crate::document::Common;
use crate::fact::{Corrected, Facts, Recorded, Voided};
use crate::forms::facts::{Attendance, SessionOutcome};
use crate::ids::{
    AttendanceId, AudienceId, CycleId, ExpertId, OrganizationId, OutcomeId, ProgramId, SessionId, TeachingKindId,
};
use crate::refusal::{Refusal, Refused};
use crate::stream::At;
use crate::world::{Decision, Stop, World};

pub use attendance::{AttendanceEntry, CorrectAttendance, RecordAttendance, VoidAttendance};
pub use cancellation::CancelSession;
pub use experts::AssignExperts;
pub use outcome::RecordOutcome;
pub use rescheduling::RescheduleSession;
pub use scheduling::ScheduleSession;
pub use year::cycle_year;

/// Where, when and for whom a session is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The kind of teaching.
    pub kind: TeachingKindId,
    /// A title people recognise.
    pub title: String,
    /// The day, in the program's time zone.
    pub on: NaiveDate,
    /// Where.
    pub place: String,
    /// The most organisations; `None` for no bound.
    pub capacity: Option<u32>,
    /// Who is taught; of the rulebook's audiences.
    pub audiences: Vec<AudienceId>,
    /// For an on-site diagnosis: the one organisation visited (W-64).
    pub host: Option<OrganizationId>,
    /// Teachers and experts.
    pub experts: Vec<ExpertId>,
}

/// Events of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
#[allow(missing_docs, reason = "fields carry what the event's name says")]
pub enum SessionEvent {
    SessionScheduled {
        session_id: SessionId,
        cycle: CycleId,
        program: ProgramId,
        plan: Plan,
    },
    SessionRescheduled {
        on: NaiveDate,
        place: String,
        reason: String,
    },
    SessionCancelled {
        reason: String,
    },
    /// These experts come on top of those already assigned.
    ExpertAssigned {
        experts: Vec<ExpertId>,
    },
    AttendanceRecorded(Recorded<AttendanceId, Attendance>),
    AttendanceCorrected(Corrected<AttendanceId, Attendance>),
    AttendanceVoided(Voided<AttendanceId>),
    OutcomeRecorded(Recorded<OutcomeId, SessionOutcome>),
}

/// The state of a session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    /// The cycle and the plan in force; `None` before scheduling.
    pub scheduled: Option<(CycleId, Plan)>,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// Attendance: one fact per organisation.
    pub attendance: Facts<AttendanceId>,
    /// Which organisation each attendance is of.
    pub attended: BTreeMap<AttendanceId, OrganizationId>,
    /// Outcomes.
    pub outcomes: Facts<OutcomeId>,
}

impl Session {
    /// The cycle and the plan in force; refuses where there is no such session.
    pub fn plan(&self) -> Result<(&CycleId, &Plan), Refused> {
        let (cycle, plan) = self.scheduled.as_ref().ok_or(Refusal::NotFound { resource: "session" })?;
        Ok((cycle, plan))
    }

    /// The organisations whose attendance counts.
    pub fn attending(&self) -> impl Iterator<Item = (AttendanceId, &OrganizationId)> {
        self.attendance.in_force().filter_map(|(id, _)| Some((id, self.attended.get(&id)?)))
    }

    /// Refuses what only fits a session that still stands.
    fn standing(&self) -> Result<(), Refused> {
        if self.cancelled { Err(Refusal::SessionCancelled.into()) } else { Ok(()) }
    }

    /// Refuses to move or cancel a session that was evidently held.
    fn nothing_recorded(&self) -> Result<(), Refused> {
        if self.attending().next().is_some() {
            return Err(Refusal::SessionHasAttendance.into());
        }
        if self.outcomes.in_force().next().is_some() {
            return Err(Refusal::StepOutOfOrder { stage: "outcome_recorded", allowed_stages: vec!["scheduled"] }.into());
        }
        Ok(())
    }

    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, event: &SessionEvent, at: At<'_>) {
        let (day, actor) = (at.meta.occurred_on, &at.meta.actor);
        match event {
            SessionEvent::SessionScheduled { session_id: _, cycle, program: _, plan } => {
                self.scheduled = Some((cycle.clone(), plan.clone()));
            }
            SessionEvent::SessionRescheduled { on, place, reason: _ } => {
                if let Some((_, plan)) = &mut self.scheduled {
                    plan.on = *on;
                    plan.place.clone_from(place);
                }
            }
            SessionEvent::SessionCancelled { reason: _ } => self.cancelled = true,
            SessionEvent::ExpertAssigned { experts } => {
                if let Some((_, plan)) = &mut self.scheduled {
                    plan.experts.extend(experts.iter().cloned());
                }
            }
            SessionEvent::AttendanceRecorded(Recorded { id, content }) => {
                self.attendance.record(*id, day, actor);
                self.attended.insert(*id, content.organization.clone());
            }
            SessionEvent::AttendanceCorrected(Corrected { id, content, .. }) => {
                self.attendance.correct(*id, day);
                self.attended.insert(*id, content.organization.clone());
            }
            SessionEvent::AttendanceVoided(Voided { id, reason: _ }) => self.attendance.void(*id),
            SessionEvent::OutcomeRecorded(Recorded { id, content: _ }) => self.outcomes.record(*id, day, actor),
        }
    }
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the command that it is named after")]
pub enum SessionCommand {
    Schedule(ScheduleSession),
    Reschedule(RescheduleSession),
    Cancel(CancelSession),
    AssignExperts(AssignExperts),
    RecordAttendance(RecordAttendance),
    CorrectAttendance(CorrectAttendance),
    VoidAttendance(VoidAttendance),
    RecordOutcome(RecordOutcome),
}

impl SessionCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::Schedule(command) => scheduling::schedule(command, world, context),
            Self::Reschedule(command) => rescheduling::reschedule(command, world, context),
            Self::Cancel(command) => cancellation::cancel(command, world, context),
            Self::AssignExperts(command) => experts::assign(command, world, context),
            Self::RecordAttendance(command) => attendance::record(command, world, context),
            Self::CorrectAttendance(command) => attendance::correct(command, world, context),
            Self::VoidAttendance(command) => attendance::void(command, world, context),
            Self::RecordOutcome(command) => outcome::record(command, world, context),
        }
    }
}

/// The running cycle, as the award office plans in it on a day that is not in the future.
fn planning<'a>(cycle: &'a Cycle, common: &Common, context: &Context) -> Result<&'a Opened, Refused> {
    let opened = cycle.opened()?;
    context.actor.permit(context.actor.is_office(&opened.program))?;
    cycle.running()?;
    context.not_future(common.occurred_on, opened.rulebook.time_zone, "/occurred_on")?;
    Ok(opened)
}

/// Refuses a day of teaching outside `[starts_on, ends_on)`.
fn inside_cycle(opened: &Opened, day: NaiveDate, pointer: &'static str) -> Result<(), Refused> {
    if day < opened.starts_on {
        return Err(Refusal::CycleNotStarted { starts_on: opened.starts_on }.into());
    }
    crate::context::within(day, Some(opened.starts_on), opened.ends_on.pred_opt(), pointer)
}
