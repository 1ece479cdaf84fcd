//! The rules of an incubation pool (创奖孵化池): rulebooks, aggregates, commands and events.
//!
//! Everything here is pure. A [`Command`] looks at the streams that it needs through a [`World`], and
//! answers a [`Decision`] (the events to append) or a [`Refused`]. There is no I/O, no clock and no
//! randomness: the instant, the actor and every new id are handed in.

pub mod actor;
pub mod command;
pub mod context;
pub mod cycle;
pub mod document;
pub mod enrolment;
pub mod event;
pub mod fact;
pub mod forms;
pub mod ids;
pub mod memory;
pub mod organization;
pub mod precondition;
pub mod refusal;
pub mod register;
pub mod rulebook;
#[cfg(test)]
pub(crate) mod samples;
pub mod session;
pub mod stream;
pub mod uscc;
pub mod world;

pub use actor::{Actor, Role};
pub use command::Command;
pub use context::Context;
pub use event::{Event, Meta, RecordedEvent};
pub use precondition::Precondition;
pub use refusal::{FieldCode, FieldError, Refusal, Refused};
pub use rulebook::Rulebook;
pub use stream::{Aggregate, At, StreamId, StreamKind};
pub use uscc::Uscc;
pub use world::{Decision, Stop, Streams, World};
