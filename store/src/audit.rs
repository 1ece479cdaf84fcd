//! The audit trail (S7): who did what, when, in which role, and what became of it. It is only ever added to.
//!
//! What was accepted is in the log already; the trail follows it, so that no command waits for its entry. What left
//! nothing in the log (refusals, sign-ins, unmasking, exports) is recorded by [`Store::record`](crate::Store::record),
//! durable before it is answered. No entry holds personal data but the account that acted.

mod list;
pub(crate) mod recorder;
pub(crate) mod trail;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::{Actor, StreamId, StreamKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use list::{Filter, Order, Place, count, list};

/// What was tried.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// To change something.
    Command,
    /// To read something; recorded where it was refused.
    Read,
    /// To sign in or out.
    SignIn,
    /// To see personal data whole.
    Unmasking,
    /// To take data out as a file.
    Export,
}

/// What became of it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Accepted,
    /// It was not done, for a reason that the answer gave.
    Refused,
    /// It was not done, or nobody knows: something failed inside.
    Failed,
}

/// Who tried, as far as known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The role.
    pub role: Option<String>,
    /// The unit that the role is held for: the scope.
    pub unit: Option<String>,
    /// The account of the person, never a name.
    pub person: Option<String>,
}

impl From<&Actor> for Who {
    fn from(actor: &Actor) -> Self {
        Self { role: Some(actor.role.to_string()), unit: Some(actor.unit.clone()), person: Some(actor.person.clone()) }
    }
}

/// What an entry concerns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// `program`, `cycle`, `organization` or `session`.
    pub kind: String,
    /// The id; an organisation's is a number of it.
    pub id: String,
}

impl Target {
    /// A target of a kind.
    #[must_use]
    pub fn new(kind: &str, id: &(impl ToString + ?Sized)) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string() }
    }

    /// What a stream concerns: a file is of a cycle and of an organisation.
    pub(crate) fn of(stream: &StreamId) -> Vec<Self> {
        match stream.kind() {
            StreamKind::Register => vec![Self::new("program", stream.id())],
            StreamKind::Cycle => vec![Self::new("cycle", stream.id())],
            StreamKind::Session => vec![Self::new("session", stream.id())],
            StreamKind::Organization => stream
                .as_organization()
                .map(|organization| Self::new("organization", organization.first_uscc()))
                .into_iter()
                .collect(),
            StreamKind::Enrolment => stream.as_enrolment().map_or_else(Vec::new, |(cycle, organization)| {
                vec![Self::new("cycle", &cycle), Self::new("organization", organization.first_uscc())]
            }),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl FromStr for Target {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').unwrap_or(("", text));
        Ok(Self::new(kind, id))
    }
}

/// A decision in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Its id.
    pub decision_id: String,
    /// The position of its first event.
    pub first_position: u64,
    /// The position of its last event.
    pub last_position: u64,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id.
    pub audit_id: Uuid,
    /// When, in microseconds.
    pub at: DateTime<Utc>,
    /// What was tried.
    pub kind: Kind,
    /// What became of it.
    pub outcome: Outcome,
    /// The code of the problem document that it was answered with.
    pub code: Option<String>,
    /// The HTTP status that it was answered with.
    pub status: Option<u16>,
    /// Who.
    pub who: Who,
    /// The id of the request.
    pub request_id: Option<String>,
    /// Method and path, with names in place of keys.
    pub operation: Option<String>,
    /// What it concerns.
    pub targets: Vec<Target>,
    /// The decision, where it left one in the log.
    pub decided: Option<Decided>,
    /// What else is to be known of it; never personal data.
    pub detail: Map<String, Value>,
}

impl Entry {
    /// Something that was done now; everything else is to be filled in.
    #[must_use]
    pub fn new(kind: Kind, at: DateTime<Utc>) -> Self {
        Self {
            audit_id: Uuid::now_v7(),
            at: at.trunc_subsecs(6),
            kind,
            outcome: Outcome::Accepted,
            code: None,
            status: None,
            who: Who::default(),
            request_id: None,
            operation: None,
            targets: Vec::new(),
            decided: None,
            detail: Map::new(),
        }
    }

    /// The same, by somebody.
    #[must_use]
    pub fn by(mut self, who: impl Into<Who>) -> Self {
        self.who = who.into();
        self
    }

    /// The same, with something more to be known of it; never personal data.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}
