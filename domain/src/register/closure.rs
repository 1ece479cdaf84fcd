//! Closing an entry.
//!
//! A district is not closed while it has active stations: they would answer for a territory that is none. They
//! are reassigned or closed first, or the district is merged. Organisations do not hold a district open, since
//! they are no entries of the register.

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::refusal::Refusal;
use crate::register::{EntryId, RegisterEvent};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Closes an entry without a successor.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseEntry {
    /// The program's rules.
    pub rulebook: Arc<Rulebook>,
    /// The entry.
    pub entry: EntryId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn close(command: &CloseEntry, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let CloseEntry { rulebook, entry, reason, common } = command;
    let register = world.register(&rulebook.program)?;
    context.actor.permit(context.actor.is_office(&rulebook.program))?;
    register.addressed(entry)?;
    Refusal::unless_reason(reason, "/reason")?;
    context.not_future(common.occurred_on, rulebook.time_zone, "/occurred_on")?;

    if let EntryId::District(district) = entry
        && !register.stations_of(district).is_empty()
    {
        return Err(Refusal::StepOutOfOrder {
            stage: "with_active_stations",
            allowed_stages: vec!["without_active_stations"],
        }
        .into());
    }

    let event = RegisterEvent::Closed { entry: entry.clone(), reason: reason.clone() };
    Ok(Decision::of(common).with(StreamId::register(&rulebook.program), event))
}
