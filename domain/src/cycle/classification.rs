//! Classifying (分类, §四（二）1): the decision that admits applicants to the pool.

use crate::context::{Context, within};
use crate::cycle::batch::{self, BatchEntry};
use crate::cycle::conditions::{self, Asked};
use crate::cycle::stage::out_of_order;
use crate::cycle::{CycleEvent, Entry, Opened, Stage, Standing, balance, said, stage};
use crate::document::{Common, Waiver};
use crate::enrolment::{Enrolment, SurveyState, SurveyStep};
use crate::forms::annex2::Conclusion;
use crate::ids::{ClassId, CycleId, OrganizationId, SurveyId};
use crate::organization::Organization;
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::rulebook::Rulebook;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// One applicant to be admitted.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifyEntry {
    /// The applicant.
    pub uscc: Uscc,
    /// Its class; none where the program has none.
    pub class: Option<ClassId>,
    /// Why; required where the office differs from the station.
    pub grounds: Option<String>,
    /// The tag of the file that the decision rests on.
    pub seen: Option<String>,
}

impl BatchEntry for ClassifyEntry {
    fn uscc(&self) -> &Uscc {
        &self.uscc
    }

    fn seen(&self) -> Option<&str> {
        self.seen.as_deref()
    }
}

/// Admits applicants to the pool, each with its class, all or none (lifecycle 16; §四（二）1, W-49 … W-56).
///
/// The award office. Each survey is settled, every `must` condition proven, and the bounds between class
/// counts hold for the batch as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Classify {
    /// The cycle.
    pub cycle: CycleId,
    /// The applicants.
    pub entries: Vec<ClassifyEntry>,
    /// Day, papers, waiver.
    pub common: Common,
}

/// An entry that passed.
struct Admission<'w> {
    organization: OrganizationId,
    class: Option<ClassId>,
    survey: Option<(SurveyId, u32)>,
    grounds: Option<String>,
    waived: Option<&'w Waiver>,
}

pub(super) fn classify(command: &Classify, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.as_office(&command.common, context)?;
    within(command.common.occurred_on, Some(opened.starts_on), opened.ends_on.pred_opt(), "/occurred_on")?;
    let admissions = batch::decide_each(&command.entries, (cycle, opened), world, |entry, id, known| {
        let (organization, file) = (world.organization(id)?, world.enrolment(&command.cycle, id)?);
        Ok(admit(entry, id, (opened, known, organization, file), &command.common)?)
    })?;

    let steps = admissions.iter().map(|admission| (None, admission.class.as_ref()));
    let mut decision = Decision::of(&command.common);
    let change = balance::change(&cycle.counts, steps, &opened.rulebook);
    decision.waived(balance::hold(&change, &opened.rulebook, command.common.waiver.as_ref())?);
    decision.balance = Some(change);
    record(&mut decision, &command.cycle, admissions);
    Ok(decision)
}

fn record(decision: &mut Decision, cycle: &CycleId, admissions: Vec<Admission<'_>>) {
    for Admission { organization, class, survey, grounds, waived } in admissions {
        decision.waived(waived);
        let admitted = CycleEvent::OrganizationAdmitted { organization: organization.clone() };
        decision.push(StreamId::cycle(cycle), admitted);
        if let Some(class) = class {
            let classified = CycleEvent::OrganizationClassified { organization, class, survey, grounds };
            decision.push(StreamId::cycle(cycle), classified);
        }
    }
}

/// Judges one entry; pointers of refusals are relative to it.
fn admit<'w>(
    entry: &ClassifyEntry,
    id: &OrganizationId,
    (opened, known, organization, file): (&Opened, &Entry, &Organization, &Enrolment),
    common: &'w Common,
) -> Result<Admission<'w>, Refused> {
    let rulebook = &opened.rulebook;
    let survey = ready(id, known, file, rulebook)?;
    known.follows(common.occurred_on)?;
    within(common.occurred_on, survey.map(|s| s.step_on), None, "/occurred_on")?;
    let class = valid_class(entry, rulebook)?;
    let grounds = said(entry.grounds.as_deref());
    if grounds.is_none() {
        agrees_with_station(survey, class, rulebook)?;
    }
    // A member of the last cycle can be admitted only once that has ended (W-76).
    let elsewhere = organization
        .files
        .iter()
        .find(|(cycle, file)| **cycle != opened.cycle && file.program == opened.program && file.outcome.is_none());
    if let Some((cycle, _)) = elsewhere {
        return Err(Refusal::AlreadyInProgram { cycle: cycle.clone() }.into());
    }
    let by_office = (common.waiver.as_ref(), true);
    let waived = conditions::hold(rulebook, file, organization, common.occurred_on, Asked::AllProven, by_office)?;
    Ok(Admission {
        organization: id.clone(),
        class: class.cloned(),
        survey: survey.and_then(|s| Some((s.survey_id?, s.revision))),
        grounds: grounds.map(str::to_owned),
        waived,
    })
}

/// Refuses a file that is not at the step before admission; answers the settled survey that it rests on.
fn ready<'f>(
    id: &OrganizationId,
    known: &Entry,
    file: &'f Enrolment,
    rulebook: &Rulebook,
) -> Result<Option<&'f SurveyState>, Refused> {
    let steps = &rulebook.steps;
    let last = match (steps.survey, steps.recommendation) {
        (true, _) => Stage::SurveyApproved,
        (false, true) => Stage::Nominated,
        (false, false) => Stage::Applied,
    };
    let refusal = || out_of_order(stage(Some(known), file), [last]);
    match known.standing {
        Standing::Member | Standing::Former(_) => return Err(refusal()),
        Standing::Applied | Standing::Nominated => {}
    }
    let settled = file.survey.as_ref().filter(|s| s.step == SurveyStep::Approved);
    if steps.survey && settled.is_none() {
        return Err(Refusal::SurveyNotApproved { organizations: vec![id.clone()] }.by("steps", &steps.rule));
    }
    if steps.recommendation && known.standing == Standing::Applied {
        return Err(refusal());
    }
    Ok(settled)
}

/// A class of the program, given if and only if the program has classes.
fn valid_class<'e>(entry: &'e ClassifyEntry, rulebook: &Rulebook) -> Result<Option<&'e ClassId>, Refused> {
    match (&entry.class, &rulebook.classes) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal::field("/class", FieldCode::Required, "四（二）1").into()),
        (Some(class), _) if rulebook.class(class).is_some() => Ok(Some(class)),
        (Some(class), _) => Err(Refusal::ClassUnknown { class: class.clone(), known: rulebook.class_ids() }.into()),
    }
}

/// Refuses a class other than the station's proposal, `below_a` included.
fn agrees_with_station(
    survey: Option<&SurveyState>,
    office: Option<&ClassId>,
    rulebook: &Rulebook,
) -> Result<(), Refused> {
    let (Some(classes), Some(conclusion)) = (&rulebook.classes, survey.and_then(|s| s.conclusion.as_ref())) else {
        return Ok(());
    };
    let station = match conclusion {
        Conclusion::Class(class) => Some(class),
        Conclusion::BelowA => None,
    };
    if station == office {
        return Ok(());
    }
    let refusal = Refusal::GroundsRequired { station: station.cloned(), office: office.cloned() };
    Err(refusal.by("grounds", &classes.grounds_rule))
}

#[cfg(test)]
mod tests;
