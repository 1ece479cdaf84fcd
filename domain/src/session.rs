//! A teaching session (教学): scheduled, moved, cancelled, attended, with its outcomes.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::fact::{Corrected, Facts, Recorded, Voided};
use crate::forms::facts::{Attendance, SessionOutcome};
use crate::ids::{
    AttendanceId, AudienceId, CycleId, ExpertId, OrganizationId, OutcomeId, ProgramId, SessionId, TeachingKindId,
};
use crate::stream::At;
use crate::world::{Decision, Stop, World};

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
    SessionScheduled { session_id: SessionId, cycle: CycleId, program: ProgramId, plan: Plan },
    SessionRescheduled { on: NaiveDate, place: String, reason: String },
    SessionCancelled { reason: String },
    ExpertAssigned { experts: Vec<ExpertId> },
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
}

impl Session {
    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, _event: &SessionEvent, _at: At<'_>) {}
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionCommand {}

impl SessionCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, _world: &World<'_>, _context: &Context) -> Result<Decision, Stop> {
        match *self {}
    }
}
