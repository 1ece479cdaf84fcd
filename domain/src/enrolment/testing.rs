//! What the tests of files share: the sample program with classes, conditions and experts, and one applicant.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::context::Context;
use crate::cycle::{Cycle, Entry, Opened, Standing};
use crate::document::Common;
use crate::enrolment::{
    AssignSurvey, Enrolment, EnrolmentCommand, EnrolmentEvent, FileSurvey, SubmitApplication, SurveyState, SurveyStep,
};
use crate::event::Event;
use crate::forms::annex1::Application;
use crate::forms::annex2::{Conclusion, Survey};
use crate::forms::samples as forms;
use crate::ids::{CycleId, IncidentId, OrganizationId, SurveyId};
use crate::memory::Memory;
use crate::organization::{Determination, IncidentState, Organization};
use crate::refusal::Refusal;
use crate::register::{Details, EntryId, Inactive, Register, RegisterEntry};
use crate::rulebook::{Class, ClassSet, Classes, Condition, Name, Proof, Rulebook};
use crate::samples::{self, day, id, nth, on, rule};
use crate::stream::{Aggregate, StreamId};

pub(crate) const OFFICE: &str = "office/sample/zhang";
pub(crate) const ITSELF: &str = "organization/91350100M000100Y43/wang";
pub(crate) const STRANGER: &str = "organization/91330100MA2B000860/sun";
pub(crate) const EAST: &str = "district/east/zhao";
pub(crate) const WEST: &str = "district/west/qian";
pub(crate) const STATION: &str = "station/east-1/li";
pub(crate) const OTHER_STATION: &str = "station/east-2/zhou";
pub(crate) const GUILD: &str = "recommender/guild/wu";

/// The day on which the tests apply, nominate, survey and settle unless they say otherwise.
pub(crate) const TODAY: &str = "2026-03-10";

pub(crate) fn today() -> NaiveDate {
    day(TODAY)
}

pub(crate) fn cycle_id() -> CycleId {
    id("sample-2026")
}

/// The sample's rules with classes A and B, the tag `chain`, and one condition per kind of proof.
pub(crate) fn rulebook() -> Rulebook {
    let name = |text: &str| Name { zh: text.to_owned(), en: text.to_owned() };
    let class = |text: &str| Class { id: id(text), name: name(text), conditions: rule(text), teaching: None };
    let set = || ClassSet { classes: Vec::new(), rule: rule("movable") };
    let condition =
        |text: &str, proof| Condition { id: id(text), name: name(text), proof, rule: rule(text), reading: None };
    Rulebook {
        classes: Some(Classes {
            list: vec![class("A"), class("B")],
            rule: rule("classes"),
            movable_from: set(),
            movable_to: set(),
            constraints: Vec::new(),
            grounds_rule: rule("grounds"),
        }),
        conditions: vec![
            condition("licence", Proof::LicenceHeld { years: 3 }),
            condition("model", Proof::ModelAndCertificate { years: 2 }),
            condition("incident", Proof::NoIncident { years: 3 }),
            condition("spot_check", Proof::NoFailedSpotCheck { years: 3 }),
            condition("breach", Proof::NoOtherBreach),
            condition("criminal_record", Proof::NoCriminalRecord),
            condition("results", Proof::Document),
        ],
        tags: [("chain".to_owned(), name("重点产业链供应链"))].into(),
        batch_limit: 3,
        ..samples::rulebook()
    }
}

/// The sample's register with the experts `expert-1` and, closed since, `expert-2`.
fn register() -> Register {
    let expert = |text: &str, inactive| {
        let details = Details::Expert { person: id(&nth(5).to_string()), expert_kind: id("award_expert"), field: None };
        (EntryId::Expert(id(text)), RegisterEntry { details, inactive })
    };
    let mut register = samples::register();
    register.entries.extend([expert("expert-1", None), expert("expert-2", Some(Inactive::Closed))]);
    register
}

pub(crate) fn opened() -> Opened {
    opened_with(rulebook())
}

pub(crate) fn opened_with(rulebook: Rulebook) -> Opened {
    let sample = samples::cycle(samples::member()).opened.unwrap();
    Opened { rulebook: Arc::new(rulebook), ..sample }
}

/// An empty cycle under these rules.
pub(crate) fn cycle_with(rulebook: Rulebook) -> Cycle {
    Cycle { opened: Some(opened_with(rulebook)), ..Cycle::default() }
}

/// What a cycle knows of an organisation that stands so since 1 March 2026.
pub(crate) fn entry(standing: Standing) -> Entry {
    Entry { standing, admitted_on: None, ..samples::member() }
}

pub(crate) fn application() -> Application {
    forms::application("Acme", id("east"), Some(id("A")), today())
}

pub(crate) fn survey() -> Survey {
    forms::survey(Conclusion::Class(id("B")), today())
}

/// The organisation without any file, with one incident of that day.
pub(crate) fn with_incident(occurred_on: &str, determination: Determination) -> Organization {
    let reported_by = OFFICE.parse().unwrap();
    let incident = IncidentState { occurred_on: day(occurred_on), determination, determined_on: None, reported_by };
    let incidents = [(IncidentId::new(nth(7)), incident)].into();
    Organization { incidents, files: [].into(), ..samples::organization() }
}

/// The streams before anybody applied.
pub(crate) fn nobody() -> Memory {
    let mut memory = Memory::default();
    memory.put(StreamId::register(&id("sample")), Aggregate::Register(register()), 6);
    put_cycle(&mut memory, cycle_with(rulebook()));
    memory
}

pub(crate) fn put_cycle(memory: &mut Memory, cycle: Cycle) {
    let stream = StreamId::cycle(&cycle.opened.as_ref().unwrap().cycle);
    memory.put(stream, Aggregate::Cycle(Box::new(cycle)), 5);
}

pub(crate) fn put_organization(memory: &mut Memory, id: &OrganizationId, organization: Organization) {
    memory.put(StreamId::organization(id), Aggregate::Organization(organization), 2);
}

/// The organisation as the cycle knows it, in the rules of the tests.
pub(crate) fn stands(memory: &mut Memory, standing: Standing) {
    let mut cycle = cycle_with(rulebook());
    cycle.entries.insert(samples::organization_id(), entry(standing));
    put_cycle(memory, cycle);
}

/// The organisation with an application, standing so, and its survey at `step`, assigned to `east-1`.
pub(crate) fn file(standing: Standing, step: Option<SurveyStep>) -> Memory {
    let mut memory = nobody();
    put_organization(&mut memory, &samples::organization_id(), samples::organization());
    stands(&mut memory, standing);
    put_file(&mut memory, step);
    memory
}

/// Its file, with the application of `2026-03-01` and the survey stepped on `2026-03-05`.
pub(crate) fn put_file(memory: &mut Memory, step: Option<SurveyStep>) {
    let filed = step.filter(|step| *step != SurveyStep::Assigned);
    let survey = step.map(|step| SurveyState {
        station: id("east-1"),
        experts: Vec::new(),
        step,
        survey_id: filed.map(|_| SurveyId::new(nth(20))),
        revision: u32::from(filed.is_some()),
        filed_by: filed.map(|_| STATION.parse().unwrap()),
        conclusion: None,
        step_on: day("2026-03-05"),
    });
    let file = Enrolment {
        application: Some(Box::new(Application { applied_on: day("2026-03-01"), ..application() })),
        applied_on: Some(day("2026-03-01")),
        attempt: 1,
        survey,
        ..Enrolment::default()
    };
    let stream = StreamId::enrolment(&cycle_id(), &samples::organization_id());
    memory.put(stream, Aggregate::Enrolment(Box::new(file)), 4);
}

/// The file as it stands in memory.
pub(crate) fn stored(memory: &Memory) -> Enrolment {
    use crate::world::Streams;
    match memory.find(&StreamId::enrolment(&cycle_id(), &samples::organization_id())) {
        Some((Aggregate::Enrolment(file), _)) => (**file).clone(),
        other => panic!("no file: {other:?}"),
    }
}

pub(crate) fn submission() -> SubmitApplication {
    SubmitApplication {
        cycle: cycle_id(),
        uscc: id(samples::USCC),
        application: Box::new(application()),
        previous: None,
        self_evaluation: None,
        common: on(TODAY),
    }
}

pub(crate) fn assignment() -> AssignSurvey {
    AssignSurvey {
        cycle: cycle_id(),
        uscc: id(samples::USCC),
        station: id("east-1"),
        experts: vec![id("expert-1")],
        reason: None,
        common: on(TODAY),
    }
}

pub(crate) fn filing() -> FileSurvey {
    FileSurvey {
        cycle: cycle_id(),
        uscc: id(samples::USCC),
        survey_id: SurveyId::new(nth(30)),
        survey: Box::new(survey()),
        common: on(TODAY),
    }
}

/// The circumstances on the day of the tests.
pub(crate) fn by(actor: &str) -> Context {
    samples::by(actor, TODAY)
}

/// A waiver of the award office, in a fact of today.
pub(crate) fn waiving() -> Common {
    let waiver = crate::document::Waiver { reason: "会议纪要".to_owned(), document: None };
    Common { waiver: Some(waiver), ..on(TODAY) }
}

/// Runs a command of the file's stream on the day of the tests.
#[track_caller]
pub(crate) fn run(memory: &mut Memory, command: EnrolmentCommand, actor: &str) -> Result<Vec<Event>, Refusal> {
    samples::run(memory, &crate::command::Command::Enrolment(command), &by(actor))
}

/// The one event of an accepted command.
#[track_caller]
pub(crate) fn only(events: Result<Vec<Event>, Refusal>) -> EnrolmentEvent {
    match <[Event; 1]>::try_from(events.expect("was refused")) {
        Ok([Event::Enrolment(event)]) => event,
        other => panic!("not one event of the file: {other:?}"),
    }
}

/// The stable code of a refusal.
#[track_caller]
pub(crate) fn code(refused: Result<Vec<Event>, Refusal>) -> &'static str {
    refused.expect_err("was accepted").code()
}
