//! Every command, and the one match that decides it.

use crate::context::Context;
use crate::cycle::CycleCommand;
use crate::enrolment::EnrolmentCommand;
use crate::organization::OrganizationCommand;
use crate::register::RegisterCommand;
use crate::session::SessionCommand;
use crate::world::{Decision, Stop, World};

/// A command of any kind. Data only, so that it can be decided again on fresh state.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the commands of the stream that it is named after")]
#[allow(clippy::large_enum_variant, reason = "a command lives for one decision; nothing keeps many of them")]
pub enum Command {
    Register(RegisterCommand),
    Organization(OrganizationCommand),
    Cycle(CycleCommand),
    Enrolment(EnrolmentCommand),
    Session(SessionCommand),
}

impl Command {
    /// Decides on the world as it stands: the events to append, or why not.
    ///
    /// Pure: the same world and context give the same answer.
    pub fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::Register(command) => command.decide(world, context),
            Self::Organization(command) => command.decide(world, context),
            Self::Cycle(command) => command.decide(world, context),
            Self::Enrolment(command) => command.decide(world, context),
            Self::Session(command) => command.decide(world, context),
        }
    }
}
