//! Honours (荣誉) of an organisation or of a person of it.

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::fact::Recorded;
use crate::forms::facts::Honour;
use crate::forms::fields::Fields;
use crate::ids::HonourId;
use crate::organization::OrganizationEvent;
use crate::refusal::FieldCode;
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// Records an honour, given on `common.occurred_on`; by the organisation, or by the award office of a program in
/// which it has or had a file.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordHonour {
    /// The rules of the program whose award office this concerns.
    pub rulebook: Arc<Rulebook>,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The new honour's id.
    pub honour_id: HonourId,
    /// What it is.
    pub honour: Honour,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordHonour, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let program = &command.rulebook.program;
    let id = world.resolve(&command.uscc)?;
    let organization = world.organization(&id)?.registered()?;
    let by_office = context.actor.is_office(program) && organization.has_file_in(program);
    context.actor.permit(by_office || context.actor.is_organization(organization.numbers.iter()))?;
    context.not_future(command.common.occurred_on, command.rulebook.time_zone, "/occurred_on")?;
    Fields::default()
        .refuse_if(organization.honours.contains(&command.honour_id), "/honour_id", FieldCode::Exclusive, "")
        .text(&command.honour.name, 200, "/honour/name", "附件1 W-103")
        .check()?;

    let recorded = Recorded { id: command.honour_id, content: command.honour.clone() };
    Ok(Decision::of(&command.common).with(StreamId::organization(&id), OrganizationEvent::HonourRecorded(recorded)))
}
