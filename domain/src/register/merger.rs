//! Merging an entry into another of its kind.
//!
//! Places of merged recommenders add up, so a merger may take the successor over its quota: that is shown, and
//! only further nominations are refused. The stations of a merged district follow into its successor.

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::forms::check::FormCheck;
use crate::refusal::FieldCode;
use crate::register::{EntryId, RegisterEvent};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// Merges one entry into another; both active and of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeEntries {
    /// The program's rules.
    pub rulebook: Arc<Rulebook>,
    /// The entry that ends.
    pub entry: EntryId,
    /// The entry that goes on for it.
    pub successor: EntryId,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn merge(command: &MergeEntries, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let MergeEntries { rulebook, entry, successor, common } = command;
    let register = world.register(&rulebook.program)?;
    context.actor.permit(context.actor.is_office(&rulebook.program))?;
    register.addressed(entry)?;
    context.not_future(common.occurred_on, rulebook.time_zone, "/occurred_on")?;

    FormCheck::of("")
        .unless(entry.kind() == successor.kind(), "/successor", FieldCode::NotOneOf, "")
        .unless(entry != successor, "/successor", FieldCode::Exclusive, "")
        .passed()?;
    register.active(successor, "/successor")?;

    let event = RegisterEvent::MergedInto { entry: entry.clone(), successor: successor.clone() };
    Ok(Decision::of(common).with(StreamId::register(&rulebook.program), event))
}
