//! What a client saw before it commanded (`If-Match`): the command stands only if that is still so.

use crate::cycle::{file_tag, tag_text};
use crate::ids::{CycleId, SessionId};
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Stop, World};

/// The version that the addressed resource must still have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The version of a cycle's stream.
    Cycle(CycleId, u64),
    /// The tag of a file, which lives in two streams.
    Enrolment {
        /// The cycle.
        cycle: CycleId,
        /// The organisation, by any of its numbers.
        uscc: Uscc,
        /// The version of the file's own stream.
        enrolment: u64,
        /// The cycle's version at which the file's entry last changed.
        cycle_version: u64,
    },
    /// The version of a session's stream.
    Session(SessionId, u64),
}

impl Precondition {
    /// Refuses where the resource has changed since; what was checked is held until the append.
    pub fn check(&self, world: &World<'_>) -> Result<(), Stop> {
        let (given, current) = match self {
            Self::Cycle(cycle, seen) => (seen.to_string(), world.version(&StreamId::cycle(cycle))?.to_string()),
            Self::Session(session, seen) => {
                (seen.to_string(), world.version(&StreamId::session(*session))?.to_string())
            }
            Self::Enrolment { cycle, uscc, enrolment, cycle_version } => {
                let current = file_tag(world, cycle, &world.resolve(uscc)?)?;
                (tag_text((*enrolment, *cycle_version)), tag_text(current))
            }
        };
        if given == current { Ok(()) } else { Err(Refusal::StaleVersion { given, current }.into()) }
    }
}
