//! Streams: one per consistency boundary, each with its aggregate.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cycle::Cycle;
use crate::enrolment::Enrolment;
use crate::event::{Event, Meta};
use crate::ids::{CycleId, OrganizationId, ProgramId, SessionId};
use crate::organization::Organization;
use crate::register::Register;
use crate::session::Session;

/// The kinds of stream.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StreamKind {
    /// Districts, stations, recommenders, experts of one program.
    Register,
    /// One organisation over all its cycles.
    Organization,
    /// One cycle: what compares its organisations with one another.
    Cycle,
    /// One organisation's file in one cycle.
    Enrolment,
    /// One teaching session.
    Session,
}

/// A stream's address. Ordered, so that streams are locked in one order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    kind: StreamKind,
    id: String,
}

impl StreamId {
    /// The register of `program`.
    #[must_use]
    pub fn register(program: &ProgramId) -> Self {
        Self { kind: StreamKind::Register, id: program.to_string() }
    }

    /// The stream of `organization`.
    #[must_use]
    pub fn organization(organization: &OrganizationId) -> Self {
        Self { kind: StreamKind::Organization, id: format!("org/{organization}") }
    }

    /// The stream of `cycle`.
    #[must_use]
    pub fn cycle(cycle: &CycleId) -> Self {
        Self { kind: StreamKind::Cycle, id: cycle.to_string() }
    }

    /// The file of `organization` in `cycle`.
    #[must_use]
    pub fn enrolment(cycle: &CycleId, organization: &OrganizationId) -> Self {
        Self { kind: StreamKind::Enrolment, id: format!("{cycle}/{organization}") }
    }

    /// The stream of `session`.
    #[must_use]
    pub fn session(session: SessionId) -> Self {
        Self { kind: StreamKind::Session, id: session.to_string() }
    }

    /// A stream as the store names it.
    #[must_use]
    pub const fn stored(kind: StreamKind, id: String) -> Self {
        Self { kind, id }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> StreamKind {
        self.kind
    }

    /// The id inside the kind, as the store keeps it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The cycle and organisation of an enrolment stream.
    #[must_use]
    pub fn as_enrolment(&self) -> Option<(CycleId, OrganizationId)> {
        if self.kind != StreamKind::Enrolment {
            return None;
        }
        let (cycle, uscc) = self.id.split_once('/')?;
        Some((cycle.parse().ok()?, OrganizationId::first_registered(uscc.parse().ok()?)))
    }

    /// The organisation of an organisation stream.
    #[must_use]
    pub fn as_organization(&self) -> Option<OrganizationId> {
        if self.kind != StreamKind::Organization {
            return None;
        }
        let uscc = self.id.strip_prefix("org/")?;
        Some(OrganizationId::first_registered(uscc.parse().ok()?))
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

/// Where an event stands as an aggregate evolves by it.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The stream's version after the event; the first event makes it 1.
    pub version: u64,
    /// Who, when, under which decision.
    pub meta: &'a Meta,
}

/// The state of a stream: what its rules need, and no more.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant is the aggregate that it is named after")]
pub enum Aggregate {
    Register(Register),
    Organization(Organization),
    Cycle(Box<Cycle>),
    Enrolment(Box<Enrolment>),
    Session(Session),
}

impl Aggregate {
    /// The state of a stream without events.
    #[must_use]
    pub fn empty(kind: StreamKind) -> Self {
        match kind {
            StreamKind::Register => Self::Register(Register::default()),
            StreamKind::Organization => Self::Organization(Organization::default()),
            StreamKind::Cycle => Self::Cycle(Box::default()),
            StreamKind::Enrolment => Self::Enrolment(Box::default()),
            StreamKind::Session => Self::Session(Session::default()),
        }
    }

    /// Evolves by one event. An event of another kind of stream changes nothing.
    pub fn evolve(&mut self, event: &Event, at: At<'_>) {
        match (self, event) {
            (Self::Register(state), Event::Register(event)) => state.evolve(event, at),
            (Self::Organization(state), Event::Organization(event)) => state.evolve(event, at),
            (Self::Cycle(state), Event::Cycle(event)) => state.evolve(event, at),
            (Self::Enrolment(state), Event::Enrolment(event)) => state.evolve(event, at),
            (Self::Session(state), Event::Session(event)) => state.evolve(event, at),
            (
                Self::Register(_) | Self::Organization(_) | Self::Cycle(_) | Self::Enrolment(_) | Self::Session(_),
                Event::Register(_) | Event::Organization(_) | Event::Cycle(_) | Event::Enrolment(_) | Event::Session(_),
            ) => {}
        }
    }
}
