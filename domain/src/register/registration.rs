//! Adding an entry to the register (W-15, W-22, W-45).

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::forms::check::FormCheck;
use crate::refusal::{FieldCode, Refusal};
use crate::register::{Details, EntryId, RegisterEvent};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// The longest name of an entry, in characters.
pub(super) const NAME_MAX: usize = 200;

/// Adds a district, station, recommender or expert.
#[derive(Debug, Clone, PartialEq)]
pub struct AddEntry {
    /// The program's rules, which name the kinds.
    pub rulebook: Arc<Rulebook>,
    /// The new entry's id, which was never used before in its kind.
    pub entry: EntryId,
    /// What is registered of it; of the id's kind.
    pub details: Details,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn add(command: &AddEntry, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let rulebook = &command.rulebook;
    let register = world.register(&rulebook.program)?;
    context.actor.permit(context.actor.is_office(&rulebook.program))?;
    context.not_future(command.common.occurred_on, rulebook.time_zone, "/occurred_on")?;

    let taken = register.entries.contains_key(&command.entry);
    FormCheck::of("").unless(!taken, "/id", FieldCode::Exclusive, "").passed()?;

    let mut form = FormCheck::of("");
    let district = match (&command.entry, &command.details) {
        (EntryId::District(_), Details::District { name }) => {
            form.required("/name", name, NAME_MAX, "");
            None
        }
        (EntryId::Station(_), Details::Station { name, district }) => {
            form.required("/name", name, NAME_MAX, "");
            Some(district)
        }
        (EntryId::Recommender(_), Details::Recommender { name, recommender_kind, district }) => {
            let known = rulebook.recommenders.kinds.iter().any(|k| k.id == *recommender_kind);
            form.required("/name", name, NAME_MAX, "");
            form.unless(known, "/recommender_kind", FieldCode::NotOneOf, "三（二） W-15");
            district.as_ref()
        }
        (EntryId::Expert(_), Details::Expert { expert_kind, field, .. }) => {
            let known = rulebook.expert_kinds.iter().any(|k| k.id == *expert_kind);
            form.optional("/field", field.as_deref(), NAME_MAX, "");
            form.unless(known, "/expert_kind", FieldCode::NotOneOf, "四（五） W-21");
            None
        }
        // An id of one kind with the details of another.
        _ => return Err(Refusal::field("/kind", FieldCode::NotOneOf, "").into()),
    };
    form.passed()?;
    if let Some(district) = district {
        register.active(&EntryId::District(district.clone()), "/district")?;
    }

    let event = RegisterEvent::Registered { entry: command.entry.clone(), details: command.details.clone() };
    Ok(Decision::of(&command.common).with(StreamId::register(&rulebook.program), event))
}
