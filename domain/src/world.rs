//! What a decision sees: streams, read on demand; every stream read is held at its version.

use std::cell::RefCell;

use chrono::NaiveDate;

use crate::cycle::{Counts, Cycle};
use crate::document::{Common, DocumentRef, Waiver};
use crate::enrolment::Enrolment;
use crate::event::Event;
use crate::ids::{CycleId, OrganizationId, ProgramId, SessionId};
use crate::organization::Organization;
use crate::refusal::{Refusal, Refused};
use crate::register::Register;
use crate::session::Session;
use crate::stream::{Aggregate, StreamId};
use crate::uscc::Uscc;

/// Where streams come from: the store's warm memory, or a map in a test.
pub trait Streams {
    /// The state of a stream and its version (0 and empty for one without events), if it is at hand.
    fn find(&self, stream: &StreamId) -> Option<(&Aggregate, u64)>;
}

/// The streams as one decision sees them. Whatever is read is held: the decision stands only if none of it
/// changes before the append.
pub struct World<'a> {
    streams: &'a dyn Streams,
    read: RefCell<Vec<(StreamId, u64)>>,
}

/// Why a decision stopped.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    /// It needs a stream that is not at hand yet: fetch it and decide again.
    Missing(StreamId),
    /// It is refused.
    Refused(Refused),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $state:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name(&self, $($arg: $ty),*) -> Result<&'a $state, Stop> {
            let stream = StreamId::$name($($arg),*);
            match self.read(stream.clone())? {
                (Aggregate::$state(state), _) => Ok(state),
                // A stream's kind is part of its id, so this cannot be another state.
                _ => Err(Stop::Missing(stream)),
            }
        }
    )+};
}

impl<'a> World<'a> {
    /// A world over `streams`, nothing read yet.
    #[must_use]
    pub fn new(streams: &'a dyn Streams) -> Self {
        Self { streams, read: RefCell::default() }
    }

    fn read(&self, stream: StreamId) -> Result<(&'a Aggregate, u64), Stop> {
        let Some((state, version)) = self.streams.find(&stream) else {
            return Err(Stop::Missing(stream));
        };
        let mut read = self.read.borrow_mut();
        if !read.iter().any(|(held, _)| *held == stream) {
            read.push((stream, version));
        }
        Ok((state, version))
    }

    readers! {
        /// The register of a program.
        register(program: &ProgramId) -> Register;
        /// An organisation, by its id.
        organization(organization: &OrganizationId) -> Organization;
        /// A cycle; empty if it was never opened (see [`Cycle::opened`]).
        cycle(cycle: &CycleId) -> Cycle;
        /// A file; empty if there was never an application.
        enrolment(cycle: &CycleId, organization: &OrganizationId) -> Enrolment;
        /// A teaching session; empty if it was never scheduled.
        session(session: SessionId) -> Session;
    }

    /// The organisation that holds or held `uscc`; one never heard of is named by the number itself.
    pub fn resolve(&self, uscc: &Uscc) -> Result<OrganizationId, Stop> {
        let named = OrganizationId::first_registered(uscc.clone());
        Ok(self.organization(&named)?.points_to().cloned().unwrap_or(named))
    }

    /// The version of a stream, which is held from now on.
    pub fn version(&self, stream: &StreamId) -> Result<u64, Stop> {
        self.read(stream.clone()).map(|(_, version)| version)
    }

    /// Everything read so far, with versions.
    #[must_use]
    pub fn held(self) -> Vec<(StreamId, u64)> {
        self.read.into_inner()
    }
}

/// What an accepted command appends: all of it or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Events, in order, each with its stream.
    pub events: Vec<(StreamId, Event)>,
    /// The day that the decision or fact is dated.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    pub documents: Vec<DocumentRef>,
    /// The waiver that it used, if any.
    pub waiver: Option<Waiver>,
    /// Class counts before and after, for decisions on classes.
    pub balance: Option<BalanceChange>,
}

/// Class counts before and after a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceChange {
    /// Members per class before.
    pub before: Counts,
    /// Members per class after.
    pub after: Counts,
    /// Excess of the constrained class before.
    pub excess_before: u32,
    /// Excess after.
    pub excess_after: u32,
}

impl Decision {
    /// A decision without events yet, dated and documented by `common`.
    ///
    /// The waiver is kept only when a rule used it: see [`Decision::waived`].
    #[must_use]
    pub fn of(common: &Common) -> Self {
        Self {
            events: Vec::new(),
            occurred_on: common.occurred_on,
            documents: common.documents.clone(),
            waiver: None,
            balance: None,
        }
    }

    /// Adds an event.
    pub fn push(&mut self, stream: StreamId, event: impl Into<Event>) {
        self.events.push((stream, event.into()));
    }

    /// Adds an event, in a chain.
    #[must_use]
    pub fn with(mut self, stream: StreamId, event: impl Into<Event>) -> Self {
        self.push(stream, event);
        self
    }

    /// Notes that a rule was waived.
    pub fn waived(&mut self, waiver: Option<&Waiver>) {
        if let Some(waiver) = waiver {
            self.waiver = Some(waiver.clone());
        }
    }
}
