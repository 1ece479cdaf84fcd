//! What the address of an event's stream says, for folds that need ids which the event itself leaves out.

use std::fmt::Display;

use domain::RecordedEvent;
use domain::ids::{CycleId, OrganizationId, ProgramId};
use store::Poison;

/// The program of a register's event.
pub(crate) fn program(event: &RecordedEvent) -> Result<ProgramId, Poison> {
    event.stream.id().parse().map_err(|error| poison(event, error))
}

/// The cycle of a cycle's event.
pub(crate) fn cycle(event: &RecordedEvent) -> Result<CycleId, Poison> {
    event.stream.id().parse().map_err(|error| poison(event, error))
}

/// The key of an organisation's file in a cycle: the address of its stream.
pub(crate) fn file_key(cycle: &str, organization: &OrganizationId) -> String {
    format!("{cycle}/{organization}")
}

/// An event that cannot be folded, with the reason.
pub(crate) fn poison(event: &RecordedEvent, reason: impl Display) -> Poison {
    Poison { position: event.position, reason: format!("{} of {}: {reason}", event.event.event_type(), event.stream) }
}
