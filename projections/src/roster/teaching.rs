//! What teaching a file was given: a small row per session and per attendance, added up on the file.
//!
//! An event that puts an attendance right or takes it back does not say whose it was: its row does.

use domain::StreamId;
use domain::forms::facts::Attendance;
use domain::ids::{AttendanceId, CycleId, OrganizationId, SessionId, TeachingKindId};
use domain::session::SessionEvent;
use serde::{Deserialize, Serialize};
use store::{Rows, Touch};

use crate::address::file_key;
use crate::roster::{FILE, File, Kept, ORGANIZATION, Roster, fold};

/// A session of a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    cycle: CycleId,
    kind: TeachingKindId,
}

/// An attendance that counts as teaching that was owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    /// Whose.
    pub(super) organization: OrganizationId,
    /// In which cycle.
    cycle: CycleId,
    /// The kind of teaching.
    kind: TeachingKindId,
    /// Whether it was more than was owed.
    extra: bool,
}

impl Attended {
    /// The key of the file that it is added up on.
    pub(super) fn file(&self) -> String {
        file_key(self.cycle.as_str(), &self.organization)
    }

    /// Adds it to a file, once or, taken back, less than once.
    fn add_to(&self, file: &mut File, times: Times) {
        if self.extra {
            return;
        }
        let count = file.attended.entry(self.kind.clone()).or_default();
        *count = match times {
            Times::More => *count + 1,
            Times::Less => count.saturating_sub(1),
        };
        file.attended.retain(|_, count| *count > 0);
    }
}

#[derive(Debug, Clone, Copy)]
enum Times {
    More,
    Less,
}

fn session_key(session: &str) -> String {
    format!("session/{session}")
}

fn attendance_key(id: AttendanceId) -> String {
    format!("attendance/{id}")
}

/// The rows that an event of a session changes.
pub(super) fn touches(stream: &StreamId, event: &SessionEvent) -> Vec<Touch> {
    let of = |organization: &OrganizationId| Touch::Matching(ORGANIZATION, organization.to_string());
    match event {
        SessionEvent::SessionScheduled { session_id, .. } => vec![Touch::New(key_of(*session_id))],
        SessionEvent::AttendanceRecorded(fact) => vec![
            Touch::Key(session_key(stream.id())),
            Touch::New(attendance_key(fact.id)),
            of(&fact.content.organization),
        ],
        SessionEvent::AttendanceCorrected(fact) => {
            let key = attendance_key(fact.id);
            vec![Touch::Through(FILE, key.clone()), Touch::Key(key), of(&fact.content.organization)]
        }
        SessionEvent::AttendanceVoided(fact) => {
            let key = attendance_key(fact.id);
            vec![Touch::Through(FILE, key.clone()), Touch::Key(key)]
        }
        SessionEvent::SessionRescheduled { .. }
        | SessionEvent::SessionCancelled { .. }
        | SessionEvent::ExpertAssigned { .. }
        | SessionEvent::OutcomeRecorded(_) => Vec::new(),
    }
}

fn key_of(session: SessionId) -> String {
    session_key(&session.to_string())
}

/// Folds an event of a session.
pub(super) fn session(rows: &mut Rows<Roster>, stream: &StreamId, event: &SessionEvent) {
    match event {
        SessionEvent::SessionScheduled { session_id, cycle, plan, .. } => {
            let held = Held { cycle: cycle.clone(), kind: plan.kind.clone() };
            rows.put(key_of(*session_id), Kept::Session(held));
        }
        SessionEvent::AttendanceRecorded(fact) => {
            let Some(Kept::Session(Held { cycle, kind })) = rows.get(&session_key(stream.id())).cloned() else {
                return;
            };
            attend(rows, fact.id, &fact.content, (cycle, kind));
        }
        SessionEvent::AttendanceCorrected(fact) => {
            let Some(Attended { cycle, kind, .. }) = take_back(rows, fact.id) else { return };
            attend(rows, fact.id, &fact.content, (cycle, kind));
        }
        SessionEvent::AttendanceVoided(fact) => {
            take_back(rows, fact.id);
        }
        SessionEvent::SessionRescheduled { .. }
        | SessionEvent::SessionCancelled { .. }
        | SessionEvent::ExpertAssigned { .. }
        | SessionEvent::OutcomeRecorded(_) => {}
    }
}

fn attend(rows: &mut Rows<Roster>, id: AttendanceId, fact: &Attendance, (cycle, kind): (CycleId, TeachingKindId)) {
    let attended = Attended { organization: fact.organization.clone(), cycle, kind, extra: fact.extra };
    fold::change(rows, &attended.file(), |file| attended.add_to(file, Times::More));
    rows.put(attendance_key(id), Kept::Attendance(attended));
}

fn take_back(rows: &mut Rows<Roster>, id: AttendanceId) -> Option<Attended> {
    let Some(Kept::Attendance(attended)) = rows.remove(&attendance_key(id)) else { return None };
    fold::change(rows, &attended.file(), |file| attended.add_to(file, Times::Less));
    Some(attended)
}

/// Adds up what a file that begins was given already. All attendances of the organisation are at hand.
pub(super) fn add_up(rows: &Rows<Roster>, file: &mut File) {
    for (_, kept) in rows.iter() {
        if let Kept::Attendance(attended) = kept
            && attended.organization == file.row.organization
            && attended.cycle == file.row.cycle
        {
            attended.add_to(file, Times::More);
        }
    }
}
