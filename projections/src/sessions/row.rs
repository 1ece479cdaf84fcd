//! The row of a session, and how events change it.

use chrono::NaiveDate;
use domain::RecordedEvent;
use domain::forms::facts::{Attendance, SessionOutcome};
use domain::ids::{
    AttendanceId, AudienceId, CycleId, ExpertId, OrganizationId, OutcomeId, ProgramId, SessionId, TeachingKindId,
};
use domain::session::{Plan, SessionEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::trace::Trace;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Scheduled; nobody's attendance is recorded yet.
    Booked,
    /// Somebody's attendance, or an outcome, is recorded.
    Held,
    /// Cancelled.
    Cancelled,
}

impl SessionState {
    /// The name in the column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A move to another day or place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Move {
    /// The day before.
    pub from: NaiveDate,
    /// The day since.
    pub to: NaiveDate,
    /// Why.
    pub reason: String,
    /// Who moved it, and when.
    pub trace: Trace,
}

/// Why a session will not be held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cancellation {
    /// Why.
    pub reason: String,
    /// Who cancelled it, and when.
    pub trace: Trace,
}

/// One organisation's attendance that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttendanceInForce {
    /// The fact.
    pub attendance_id: AttendanceId,
    /// The version in force, from 1.
    pub version: u32,
    /// What it says.
    pub content: Attendance,
    /// Who recorded the version in force, and when.
    pub trace: Trace,
}

/// An outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeInForce {
    /// The outcome.
    pub outcome_id: OutcomeId,
    /// What came of the session.
    pub content: SessionOutcome,
    /// Who recorded it, and when.
    pub trace: Trace,
}

/// A teaching session (教学).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// The session.
    pub session_id: SessionId,
    /// Its cycle.
    pub cycle: CycleId,
    /// The cycle's program.
    pub program: ProgramId,
    /// The kind of teaching.
    pub kind: TeachingKindId,
    /// A title people recognise.
    pub title: String,
    /// The day.
    pub on: NaiveDate,
    /// Where.
    pub place: String,
    /// The most organisations; none for no bound.
    pub capacity: Option<u32>,
    /// Who is taught.
    pub audiences: Vec<AudienceId>,
    /// For an on-site diagnosis: the organisation visited (W-64).
    pub host: Option<OrganizationId>,
    /// Teachers and experts.
    pub experts: Vec<ExpertId>,
    /// Where it stands.
    pub state: SessionState,
    /// Why it was cancelled.
    pub cancelled: Option<Cancellation>,
    /// Moves to other days or places, the first first.
    pub moves: Vec<Move>,
    /// Attendance that counts.
    pub attendance: Vec<AttendanceInForce>,
    /// Outcomes.
    pub outcomes: Vec<OutcomeInForce>,
    /// Who scheduled it, and when.
    pub scheduled: Trace,
    /// The version of the session's stream: its `ETag`.
    pub session_version: u64,
}

impl Session {
    pub(super) fn scheduled(
        session_id: SessionId,
        cycle: &CycleId,
        program: &ProgramId,
        plan: &Plan,
        at: &RecordedEvent,
    ) -> Self {
        Self {
            session_id,
            cycle: cycle.clone(),
            program: program.clone(),
            kind: plan.kind.clone(),
            title: plan.title.clone(),
            on: plan.on,
            place: plan.place.clone(),
            capacity: plan.capacity,
            audiences: plan.audiences.clone(),
            host: plan.host.clone(),
            experts: plan.experts.clone(),
            state: SessionState::Booked,
            cancelled: None,
            moves: Vec::new(),
            attendance: Vec::new(),
            outcomes: Vec::new(),
            scheduled: at.into(),
            session_version: at.version,
        }
    }

    pub(super) fn change(&mut self, event: &SessionEvent, at: &RecordedEvent) {
        match event {
            // It makes the row.
            SessionEvent::SessionScheduled { .. } => {}
            SessionEvent::SessionRescheduled { on, place, reason } => {
                self.moves.push(Move { from: self.on, to: *on, reason: reason.clone(), trace: at.into() });
                self.on = *on;
                self.place.clone_from(place);
            }
            SessionEvent::SessionCancelled { reason } => {
                self.cancelled = Some(Cancellation { reason: reason.clone(), trace: at.into() });
            }
            SessionEvent::ExpertAssigned { experts } => {
                let new = experts.iter().filter(|expert| !self.experts.contains(expert)).cloned();
                let new: Vec<_> = new.collect();
                self.experts.extend(new);
            }
            SessionEvent::AttendanceRecorded(fact) => self.attendance.push(AttendanceInForce {
                attendance_id: fact.id,
                version: 1,
                content: fact.content.clone(),
                trace: at.into(),
            }),
            SessionEvent::AttendanceCorrected(fact) => {
                if let Some(attendance) = self.attendance.iter_mut().find(|a| a.attendance_id == fact.id) {
                    attendance.version += 1;
                    attendance.content = fact.content.clone();
                    attendance.trace = at.into();
                }
            }
            SessionEvent::AttendanceVoided(fact) => self.attendance.retain(|a| a.attendance_id != fact.id),
            SessionEvent::OutcomeRecorded(fact) => self.outcomes.push(OutcomeInForce {
                outcome_id: fact.id,
                content: fact.content.clone(),
                trace: at.into(),
            }),
        }
        self.session_version = at.version;
        self.state = self.stands();
    }

    const fn stands(&self) -> SessionState {
        if self.cancelled.is_some() {
            SessionState::Cancelled
        } else if self.attendance.is_empty() && self.outcomes.is_empty() {
            SessionState::Booked
        } else {
            SessionState::Held
        }
    }
}
