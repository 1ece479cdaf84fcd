//! What came of a session: self-assessors trained (W-62), bottlenecks (W-63), weak links and model (W-66).

use crate::context::Context;
use crate::document::Common;
use crate::fact::Recorded;
use crate::forms::check::FormCheck;
use crate::forms::facts::SessionOutcome;
use crate::ids::{OutcomeId, SessionId};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::session::SessionEvent;
use crate::session::held::{Held, Window};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// The longest text of an outcome.
const TEXT_MAX: usize = 5000;
/// The most self-assessors that one session trains.
const SELF_ASSESSORS_MAX: u32 = 100_000;

/// Record an outcome. The award office does, once the day has come.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordOutcome {
    /// The session.
    pub session_id: SessionId,
    /// The fact.
    pub outcome_id: OutcomeId,
    /// What came of it, for one organisation (named by any of its numbers) or for the session as a whole.
    pub outcome: SessionOutcome,
    /// The session's day, and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordOutcome, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let held = Held::find(command.session_id, &Window::LateEntry, world, context)?;
    held.on_the_day(&command.common, context)?;
    if held.session.outcomes.get(command.outcome_id).is_some() {
        return Err(Refusal::field("/outcome_id", FieldCode::Exclusive, "").into());
    }
    check_form(&command.outcome)?;
    let mut fact = command.outcome.clone();
    if let Some(named) = &command.outcome.organization {
        let organization = world.resolve(named.first_uscc())?;
        if !held.cycle.entries.contains_key(&organization) {
            let (pointer, id) = ("/outcome/organization".to_owned(), named.to_string());
            return Err(Refusal::UnknownReference { pointer, kind: "organization", id }.into());
        }
        fact.organization = Some(organization);
    }
    let recorded = Recorded { id: command.outcome_id, content: fact };
    Ok(Decision::of(&command.common)
        .with(StreamId::session(command.session_id), SessionEvent::OutcomeRecorded(recorded)))
}

/// An outcome says something, and what it says fits.
fn check_form(outcome: &SessionOutcome) -> Result<(), Refused> {
    let texts = [
        ("/bottlenecks", &outcome.bottlenecks, "四（二）2（3） W-63"),
        ("/findings", &outcome.findings, "四（二）2（4） W-64"),
        ("/weak_links", &outcome.weak_links, "四（二）2（4） W-66"),
        ("/distilled_model", &outcome.distilled_model, "四（二）2（4） W-66"),
    ];
    let mut form = FormCheck::of("/outcome");
    let says_nothing = texts.iter().all(|(_, text, _)| text.is_none()) && outcome.self_assessors_trained.is_none();
    form.unless(!says_nothing, "", FieldCode::Required, "");
    for (pointer, text, clause) in texts {
        if let Some(text) = text {
            form.required(pointer, text, TEXT_MAX, clause);
        }
    }
    let counted = outcome.self_assessors_trained.is_none_or(|trained| trained <= SELF_ASSESSORS_MAX);
    form.unless(counted, "/self_assessors_trained", FieldCode::OutOfRange, "四（二）2（2） W-62");
    form.passed()
}
