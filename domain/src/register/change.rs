//! Renaming an entry, giving it another district, describing an expert anew.

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::forms::check::FormCheck;
use crate::ids::{DistrictId, PersonId};
use crate::refusal::{FieldCode, Refusal};
use crate::register::registration::NAME_MAX;
use crate::register::{Details, EntryId, RegisterEvent};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// What changes of an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryChange {
    /// A new name; not of an expert, whose name stands in the person's record.
    Rename {
        /// The new name.
        name: String,
    },
    /// A station or recommender moves to another district.
    Reassign {
        /// The new district.
        district: DistrictId,
    },
    /// An expert has another record (a new name, phone or address makes one) or another field.
    Describe {
        /// The new record, kept beside the events; the present one if not given.
        person: Option<PersonId>,
        /// The new field; the present one if not given.
        field: Option<String>,
    },
}

/// Changes an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeEntry {
    /// The program's rules.
    pub rulebook: Arc<Rulebook>,
    /// The entry.
    pub entry: EntryId,
    /// What changes.
    pub change: EntryChange,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn change(command: &ChangeEntry, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let rulebook = &command.rulebook;
    let register = world.register(&rulebook.program)?;
    context.actor.permit(context.actor.is_office(&rulebook.program))?;
    let details = &register.addressed(&command.entry)?.details;
    context.not_future(command.common.occurred_on, rulebook.time_zone, "/occurred_on")?;

    let entry = command.entry.clone();
    let event = match &command.change {
        EntryChange::Rename { name } => {
            let named = details.name().is_some();
            FormCheck::of("")
                .unless(named, "/name", FieldCode::UnknownField, "")
                .required("/name", name, NAME_MAX, "")
                .passed()?;
            RegisterEvent::Renamed { entry, name: name.clone() }
        }
        EntryChange::Reassign { district } => {
            match details {
                Details::Station { .. } | Details::Recommender { .. } => {}
                Details::District { .. } | Details::Expert { .. } => {
                    return Err(Refusal::field("/district", FieldCode::UnknownField, "").into());
                }
            }
            register.active(&EntryId::District(district.clone()), "/district")?;
            RegisterEvent::Reassigned { entry, district: district.clone() }
        }
        EntryChange::Describe { person, field } => {
            let (EntryId::Expert(entry), Details::Expert { person: known, field: present, .. }) = (entry, details)
            else {
                return Err(Refusal::field("/person", FieldCode::UnknownField, "").into());
            };
            let says_something = person.is_some() || field.is_some();
            FormCheck::of("")
                .unless(says_something, "/person", FieldCode::Required, "")
                .optional("/field", field.as_deref(), NAME_MAX, "")
                .passed()?;
            let field = field.clone().or_else(|| present.clone());
            RegisterEvent::ExpertChanged { entry, person: person.unwrap_or(*known), field }
        }
    };
    Ok(Decision::of(&command.common).with(StreamId::register(&rulebook.program), event))
}
