//! Honours (荣誉) of an organisation or of a person of it.

use std::sync::Arc;

use crate::context::Context;
use crate::document::Common;
use crate::fact::Recorded;
use crate::forms::check::FormCheck;
use crate::forms::facts::Honour;
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
    FormCheck::of("")
        .unless(!organization.honours.contains(&command.honour_id), "/honour_id", FieldCode::Exclusive, "")
        .required("/honour/name", &command.honour.name, 200, "附件1 W-103")
        .passed()?;

    let recorded = Recorded { id: command.honour_id, content: command.honour.clone() };
    Ok(Decision::of(&command.common).with(StreamId::organization(&id), OrganizationEvent::HonourRecorded(recorded)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::event::Event;
    use crate::forms::annex1::Level;
    use crate::forms::facts::Holder;
    use crate::organization::OrganizationCommand;
    use crate::refusal::Refusal;
    use crate::samples::{USCC, by, id, memory, nth, on, rulebook, run};

    fn honour(name: &str) -> Honour {
        Honour { name: name.to_owned(), level: Level::City, holder: Holder::Organization }
    }

    fn record_named(name: &str) -> Command {
        Command::Organization(OrganizationCommand::RecordHonour(RecordHonour {
            rulebook: Arc::new(rulebook()),
            uscc: id(USCC),
            honour_id: HonourId::new(nth(1)),
            honour: honour(name),
            common: on("2025-12-01"),
        }))
    }

    #[test]
    fn the_organisation_or_the_office_records_an_honour_once() {
        let event = OrganizationEvent::HonourRecorded(Recorded {
            id: HonourId::new(nth(1)),
            content: honour("市长质量奖"),
        });
        for actor in ["organization/91350100M000100Y43/zhou", "office/sample/wang"] {
            let mut memory = memory();
            let context = by(actor, "2025-12-01");
            let command = record_named("市长质量奖");
            assert_eq!(run(&mut memory, &command, &context), Ok(vec![Event::Organization(event.clone())]));
            let again = run(&mut memory, &command, &context);
            assert_eq!(again, Err(Refusal::field("/honour_id", FieldCode::Exclusive, "")));
        }
    }

    #[test]
    fn others_do_not_record_its_honours() {
        for actor in ["office/other/wang", "station/east-1/li", "organization/91330100MA2B000860/zhou"] {
            let refused = run(&mut memory(), &record_named("市长质量奖"), &by(actor, "2025-12-01"));
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
        }
    }

    #[test]
    fn an_honour_has_a_name_and_was_given_by_today() {
        let office = "office/sample/wang";
        assert_eq!(
            run(&mut memory(), &record_named(" "), &by(office, "2025-12-01")),
            Err(Refusal::field("/honour/name", FieldCode::Required, "附件1 W-103"))
        );
        let refused = run(&mut memory(), &record_named("市长质量奖"), &by(office, "2025-11-30"));
        assert!(matches!(refused, Err(Refusal::DateInFuture { .. })), "{refused:?}");
    }
}
