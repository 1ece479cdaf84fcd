//! What changes of an organisation over the years: name, district, number, existence.
//!
//! A number is claimed on the stream of its own, in the same append as the change: so two organisations never
//! hold one number, whoever writes first. A live file is not touched: it is ended by a step of its own, which
//! cites the paper (lifecycle 22).

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::forms::check::FormCheck;
use crate::ids::{DistrictId, OrganizationId};
use crate::organization::{Gone, Organization, OrganizationEvent};
use crate::refusal::{FieldCode, Refusal};
use crate::register::EntryId;
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// The longest name of an organisation, in characters; as on the application form (W-79).
const NAME_MAX: usize = 200;

/// What changes.
#[derive(Debug, Clone, PartialEq)]
pub enum OrganizationChange {
    /// A new name.
    Rename {
        /// The name.
        name: String,
    },
    /// It moved within the city; the responsible station follows.
    District {
        /// The new district.
        district: DistrictId,
    },
    /// The authority gave it a new number.
    NewUscc {
        /// The number.
        uscc: Uscc,
    },
    /// The number was entered wrongly. May lead back to a number that it had before.
    CorrectUscc {
        /// The right number.
        uscc: Uscc,
        /// Why.
        reason: String,
    },
    /// It merged into another organisation, which is registered here.
    Merge {
        /// A number of the other organisation.
        into: Uscc,
        /// Why.
        reason: String,
    },
    /// It was dissolved.
    Dissolve {
        /// Why.
        reason: String,
    },
}

/// Changes an organisation; for the award office of a program in which it has or had a file. A new name may also
/// come from the organisation itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeOrganization {
    /// The rules of the program whose award office this concerns.
    pub rulebook: Arc<Rulebook>,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// What changes.
    pub change: OrganizationChange,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn change(command: &ChangeOrganization, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let program = &command.rulebook.program;
    let id = world.resolve(&command.uscc)?;
    let organization = world.organization(&id)?.registered()?;

    let by_itself = context.actor.is_organization(organization.numbers.iter());
    let by_office = context.actor.is_office(program) && organization.has_file_in(program);
    let renames = matches!(command.change, OrganizationChange::Rename { .. });
    context.actor.permit(by_office || (by_itself && renames))?;
    if let Some(gone) = &organization.gone {
        return Err(Refusal::StepOutOfOrder { stage: gone.name(), allowed_stages: vec!["registered"] }.into());
    }
    context.not_future(command.common.occurred_on, command.rulebook.time_zone, "/occurred_on")?;

    let mut decision = Decision::of(&command.common);
    let event = match &command.change {
        OrganizationChange::Rename { name } => {
            FormCheck::of("").required("/name", name, NAME_MAX, "附件1 W-79").passed()?;
            OrganizationEvent::OrganizationRenamed { name: name.clone() }
        }
        OrganizationChange::District { district } => {
            world.register(program)?.active(&EntryId::District(district.clone()), "/district")?;
            OrganizationEvent::DistrictChanged { district: district.clone() }
        }
        OrganizationChange::NewUscc { uscc } => {
            claim(uscc, &id, world, &mut decision)?;
            OrganizationEvent::UsccChanged { uscc: uscc.clone() }
        }
        OrganizationChange::CorrectUscc { uscc, reason } => {
            Refusal::unless_reason(reason, "/reason")?;
            if !had_before(organization, uscc) {
                claim(uscc, &id, world, &mut decision)?;
            }
            OrganizationEvent::UsccCorrected { uscc: uscc.clone(), reason: reason.clone() }
        }
        OrganizationChange::Merge { into, reason } => {
            Refusal::unless_reason(reason, "/reason")?;
            let organization = merger_target(&id, into, world)?;
            OrganizationEvent::MergedInto { organization, reason: reason.clone() }
        }
        OrganizationChange::Dissolve { reason } => {
            Refusal::unless_reason(reason, "/reason")?;
            OrganizationEvent::Dissolved { reason: reason.clone() }
        }
    };
    Ok(decision.with(StreamId::organization(&id), event))
}

/// Whether `uscc` is an earlier number of the organisation, not the one in force.
fn had_before(organization: &Organization, uscc: &Uscc) -> bool {
    organization.numbers.contains(uscc) && organization.numbers.last() != Some(uscc)
}

/// Claims a number that nobody holds or held.
fn claim(uscc: &Uscc, holder: &OrganizationId, world: &World<'_>, decision: &mut Decision) -> Result<(), Stop> {
    let stream = StreamId::organization(&OrganizationId::first_registered(uscc.clone()));
    if world.version(&stream)? > 0 {
        return Err(Refusal::field("/uscc", FieldCode::Exclusive, "").into());
    }
    decision.push(stream, OrganizationEvent::NumberAssigned { organization: holder.clone() });
    Ok(())
}

/// The organisation that `id` merges into: registered, another one, and still there.
fn merger_target(id: &OrganizationId, into: &Uscc, world: &World<'_>) -> Result<OrganizationId, Stop> {
    let target = world.resolve(into)?;
    FormCheck::of("").unless(target != *id, "/into", FieldCode::Exclusive, "").passed()?;
    let (pointer, kind, named) = ("/into".to_owned(), "organization", into.to_string());
    let organization = world.organization(&target)?;
    if organization.name.is_none() {
        return Err(Refusal::UnknownReference { pointer, kind, id: named }.into());
    }
    let successor = match &organization.gone {
        None => return Ok(target),
        Some(Gone::Dissolved) => None,
        Some(Gone::Merged(successor)) => Some(successor.to_string()),
    };
    Err(Refusal::ReferenceInactive { pointer, kind, id: named, successor }.into())
}

#[cfg(test)]
mod tests;
