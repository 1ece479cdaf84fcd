//! Read models at another time: `as_of` by the day things happened on, `known_at` by what was recorded (E11).
//!
//! Both are answered by folding the part of the log that counts, with the folds and queries of the live models,
//! into a database in memory.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::cycle::CycleEvent;
use domain::ids::{CycleId, DecisionId, OrganizationId};
use domain::{Event, RecordedEvent, StreamId, StreamKind};
use projections::temporal;
use store::{Db, projector};

use crate::error::AppError;
use crate::hatchery::App;

/// What was known: everything up to a position or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownAt {
    /// Up to this position.
    Position(u64),
    /// Up to this instant of recording.
    Instant(DateTime<Utc>),
}

/// When a question is asked about; the default is now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Only what happened up to this day, as known.
    pub as_of: Option<NaiveDate>,
    /// Only what was recorded up to then.
    pub known_at: Option<KnownAt>,
}

impl Moment {
    /// Whether this is now.
    #[must_use]
    pub const fn is_now(&self) -> bool {
        self.as_of.is_none() && self.known_at.is_none()
    }
}

/// Read models to ask, and the position that they show.
#[derive(Debug, Clone)]
pub struct View {
    /// Where to ask.
    pub db: Db,
    /// What they show: all up to here.
    pub position: u64,
}

impl App {
    /// The live read models, once they have come to `min_position`.
    pub async fn view(&self, min_position: Option<u64>) -> Result<View, AppError> {
        let position = self.caught_up(min_position).await?;
        Ok(View { db: self.store().db().clone(), position })
    }

    /// The read models of one cycle at a moment.
    pub async fn view_at(&self, cycle: &CycleId, moment: Moment, min_position: Option<u64>) -> Result<View, AppError> {
        let live = self.view(min_position).await?;
        if moment.is_now() {
            return Ok(live);
        }
        let head = self.store().feed().head().await?;
        let position = match moment.known_at {
            None => head,
            Some(KnownAt::Position(given)) if given > head => return Err(AppError::PositionUnknown { given, head }),
            Some(KnownAt::Position(given)) => given,
            Some(KnownAt::Instant(instant)) => self.store().feed().position_at(instant).await?,
        };
        let mut events = self.events_of(cycle, position).await?;
        if let Some(cut) = self.cut_decision(position).await? {
            events.retain(|e| e.meta.decision_id != cut);
        }
        let events = match moment.as_of {
            Some(day) => temporal::effective(events.into_iter(), day),
            None => events,
        };
        let db = projector::scratch(self.store().models(), &events).await?;
        Ok(View { db, position })
    }

    /// The decision that a prefix up to `position` would cut in two; nobody is shown half a batch. Events of one
    /// decision stand side by side in the log.
    async fn cut_decision(&self, position: u64) -> Result<Option<DecisionId>, AppError> {
        let Some(before) = position.checked_sub(1) else {
            return Ok(None);
        };
        let around = self.store().feed().after(before, 2).await?;
        Ok(match around.as_slice() {
            [last, next] if last.meta.decision_id == next.meta.decision_id => Some(last.meta.decision_id),
            _ => None,
        })
    }

    /// All events up to a position that a view of one cycle rests on, in order: the cycle, its files, sessions
    /// and organisations, and the program's register.
    async fn events_of(&self, cycle: &CycleId, up_to: u64) -> Result<Vec<RecordedEvent>, AppError> {
        let feed = self.store().feed();
        let mut events = feed.of_streams(StreamKind::Cycle, &[cycle.to_string()], up_to).await?;
        let mut organizations: BTreeSet<OrganizationId> = BTreeSet::new();
        let mut sessions: BTreeSet<String> = BTreeSet::new();
        let mut program = None;
        for event in &events {
            if let Event::Cycle(event) = &event.event {
                match event {
                    CycleEvent::CycleOpened { program: of, .. } => program = Some(of.clone()),
                    CycleEvent::SessionBooked { session_id, .. } => {
                        sessions.insert(session_id.to_string());
                    }
                    CycleEvent::ApplicantEntered { organization, .. } => {
                        organizations.insert(organization.clone());
                    }
                    CycleEvent::IntakeSet { .. }
                    | CycleEvent::CycleExtended { .. }
                    | CycleEvent::OutreachRecorded(_)
                    | CycleEvent::OutreachCorrected(_)
                    | CycleEvent::OutreachVoided(_)
                    | CycleEvent::ApplicantLeft { .. }
                    | CycleEvent::OrganizationNominated { .. }
                    | CycleEvent::NominationCorrected { .. }
                    | CycleEvent::NominationWithdrawn { .. }
                    | CycleEvent::NominationDeclined { .. }
                    | CycleEvent::OrganizationAdmitted { .. }
                    | CycleEvent::OrganizationClassified { .. }
                    | CycleEvent::OrganizationReclassified { .. }
                    | CycleEvent::ClassificationCorrected { .. }
                    | CycleEvent::OrganizationRemoved { .. }
                    | CycleEvent::RemovalRescinded { .. }
                    | CycleEvent::MemberWithdrawn { .. }
                    | CycleEvent::EnrolmentEnded { .. }
                    | CycleEvent::QuotaWaived { .. }
                    | CycleEvent::SessionReleased { .. }
                    | CycleEvent::CycleClosed { .. } => {}
                }
            }
        }
        let of = |stream: StreamId| stream.id().to_owned();
        let files: Vec<String> = organizations.iter().map(|o| of(StreamId::enrolment(cycle, o))).collect();
        let streams: Vec<String> = organizations.iter().map(|o| of(StreamId::organization(o))).collect();
        let sessions: Vec<String> = sessions.into_iter().collect();
        events.extend(feed.of_streams(StreamKind::Enrolment, &files, up_to).await?);
        events.extend(feed.of_streams(StreamKind::Organization, &streams, up_to).await?);
        events.extend(feed.of_streams(StreamKind::Session, &sessions, up_to).await?);
        if let Some(program) = program {
            events.extend(feed.of_streams(StreamKind::Register, &[program.to_string()], up_to).await?);
        }
        events.sort_by_key(|e| e.position);
        Ok(events)
    }
}
