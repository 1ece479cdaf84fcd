//! A small made-up program for tests: its rulebook, register, one organisation and one cycle.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{FixedOffset, NaiveDate};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::PartialSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::command::Command;
use crate::context::Context;
use crate::cycle::{Cycle, Entry, Intake, Opened, Outcome, Standing};
use crate::document::{Common, DocumentRef};
use crate::enrolment::Enrolment;
use crate::event::Event;
use crate::fact::Facts;
use crate::ids::{DecisionId, DistrictId, DocumentId, OrganizationId, RecommenderKindId, StationId};
use crate::memory::Memory;
use crate::organization::{File, Organization};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::register::{Details, EntryId, Register, RegisterEntry};
use crate::rulebook::{
    AwardGate, CycleRules, Incidents, Kind, Name, Reapplication, Recommenders, Rule, Rulebook, ScoreCategory,
    ScoreSheet, Steps, Strength,
};
use crate::stream::{Aggregate, StreamId};
use crate::uscc::Uscc;

/// The number of the one organisation.
pub(crate) const USCC: &str = "91350100M000100Y43";
/// A valid number that nobody holds.
pub(crate) const OTHER_USCC: &str = "91330100MA2B000860";

/// Reads an id.
pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// A UUID id; `n` tells ids apart.
pub(crate) fn nth(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A day, written `2026-05-01`.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The organisation.
pub(crate) fn organization_id() -> OrganizationId {
    OrganizationId::first_registered(id(USCC))
}

/// The circumstances: `role/unit/person` at noon of a day in the program's time zone.
pub(crate) fn by(actor: &str, on: &str) -> Context {
    let noon = day(on).and_hms_opt(4, 0, 0).unwrap().and_utc();
    Context { now: noon, actor: actor.parse::<Actor>().unwrap(), decision_id: DecisionId::new(nth(9)) }
}

/// A fact of that day.
pub(crate) fn on(text: &str) -> Common {
    Common::on(day(text))
}

/// A fact of that day, with a paper.
pub(crate) fn documented(text: &str) -> Common {
    let paper = DocumentRef {
        document_id: DocumentId::new(nth(77)),
        sha256: "0".repeat(64),
        media_type: "application/pdf".to_owned(),
        size: 1,
        title: "认定书".to_owned(),
    };
    Common { documents: vec![paper], ..on(text) }
}

fn name(text: &str) -> Name {
    Name { zh: text.to_owned(), en: text.to_owned() }
}

fn kind<I: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Kind<I> {
    Kind { id: id(text), name: name(text) }
}

/// A rule of the sample.
pub(crate) fn rule(clause: &str) -> Rule {
    Rule { clause: clause.to_owned(), text: clause.to_owned(), strength: Strength::Must, ours: true }
}

/// The rules: two score categories of 60 and 40 points, ten days for late entries.
pub(crate) fn rulebook() -> Rulebook {
    Rulebook {
        program: id("sample"),
        edition: "1".to_owned(),
        name: name("sample"),
        pool: name("pool"),
        office: name("office"),
        label: None,
        sources: Vec::new(),
        time_zone: FixedOffset::east_opt(8 * 3600).unwrap(),
        cycle: CycleRules {
            months: 24,
            rule: rule("cycle"),
            late_entry_days: 10,
            late_entry_rule: rule("late entry"),
            reapplication: Reapplication::AfterEnd,
            reapplication_needs_self_evaluation: true,
            reapplication_rule: rule("re-application"),
        },
        steps: Steps { recommendation: true, survey: true, rule: rule("steps") },
        recommenders: Recommenders { kinds: vec![kind("association")], rule: rule("recommenders"), quota: None },
        conditions: Vec::new(),
        incidents: Incidents {
            kinds: vec![kind("quality"), kind("other")],
            removal_rule: rule("removal"),
            look_back_years: 3,
            look_back_rule: rule("look-back"),
        },
        classes: None,
        teaching: None,
        visits: None,
        scores: Some(ScoreSheet {
            edition: "GB/T 19580-2012".to_owned(),
            total: 100,
            categories: vec![
                ScoreCategory { id: id("leadership"), name: name("领导"), points: 60 },
                ScoreCategory { id: id("results"), name: name("结果"), points: 40 },
            ],
            rule: rule("scores"),
        }),
        expert_kinds: vec![kind("award_expert")],
        activity_kinds: vec![kind("contest")],
        award: AwardGate { members_only: false, rule: rule("award") },
        tags: BTreeMap::new(),
        batch_limit: 200,
    }
}

/// Two districts, `east` with the stations `east-1` and `east-2`, `west` with `west-1`; one recommender `guild`.
pub(crate) fn register() -> Register {
    let district = |text: &str| (EntryId::District(id(text)), Details::District { name: text.to_owned() });
    let station = |text: &str, of: &str| {
        (EntryId::Station(id(text)), Details::Station { name: text.to_owned(), district: id::<DistrictId>(of) })
    };
    let guild = Details::Recommender {
        name: "guild".to_owned(),
        recommender_kind: id::<RecommenderKindId>("association"),
        district: None,
    };
    let entries = [
        district("east"),
        district("west"),
        station("east-1", "east"),
        station("east-2", "east"),
        station("west-1", "west"),
        (EntryId::Recommender(id("guild")), guild),
    ];
    Register {
        entries: entries.into_iter().map(|(id, details)| (id, RegisterEntry { details, inactive: None })).collect(),
        ..Register::default()
    }
}

/// The organisation, in the district `east`, with a live file in the cycle.
pub(crate) fn organization() -> Organization {
    let file = File { program: id("sample"), opened_on: day("2026-01-10"), outcome: None };
    Organization {
        name: Some("Acme".to_owned()),
        numbers: vec![id::<Uscc>(USCC)],
        district: Some(id("east")),
        files: [(id("sample-2026"), file)].into(),
        ..Organization::default()
    }
}

/// What the cycle knows of a member admitted on 1 March 2026, nominated by `guild`.
pub(crate) fn member() -> Entry {
    Entry {
        standing: Standing::Member,
        attempt: 1,
        recommender: Some(id("guild")),
        class: None,
        classified_on: None,
        admitted_on: Some(day("2026-03-01")),
        ended_on: None,
        removed_for: None,
        last_decision_on: day("2026-03-01"),
        changed_at: 5,
    }
}

/// The cycle `sample-2026`, from 1 February 2026 to 1 February 2028, with the organisation standing in it as `entry` says.
pub(crate) fn cycle(entry: Entry) -> Cycle {
    Cycle {
        opened: Some(Opened {
            cycle: id("sample-2026"),
            program: id("sample"),
            starts_on: day("2026-02-01"),
            ends_on: day("2028-02-01"),
            intake: Intake::default(),
            rulebook: Arc::new(rulebook()),
        }),
        entries: [(organization_id(), entry)].into(),
        ..Cycle::default()
    }
}

/// The whole sample in memory, with the organisation as a member.
pub(crate) fn memory() -> Memory {
    memory_with(cycle(member()))
}

/// The whole sample in memory, with another cycle state.
pub(crate) fn memory_with(cycle: Cycle) -> Memory {
    let mut memory = Memory::default();
    memory.put(StreamId::register(&id("sample")), Aggregate::Register(register()), 6);
    memory.put(StreamId::organization(&organization_id()), Aggregate::Organization(organization()), 2);
    memory.put(StreamId::cycle(&id("sample-2026")), Aggregate::Cycle(Box::new(cycle)), 5);
    memory
}

/// The whole sample in memory, with the member's file in another state.
pub(crate) fn memory_with_file(file: Enrolment) -> Memory {
    let mut memory = memory();
    memory.put(file_stream(), Aggregate::Enrolment(Box::new(file)), 3);
    memory
}

/// The stream of the organisation's file.
pub(crate) fn file_stream() -> StreamId {
    StreamId::enrolment(&id("sample-2026"), &organization_id())
}

/// A former member, whose membership lasted to 30 June 2026.
pub(crate) fn former() -> Entry {
    Entry { standing: Standing::Former(Outcome::Withdrawn), ended_on: Some(day("2026-06-30")), ..member() }
}

/// The cycle, closed on 1 February 2028 with the organisation completing it.
pub(crate) fn closed() -> Cycle {
    let ended_on = Some(day("2028-02-01"));
    let entry = Entry { standing: Standing::Former(Outcome::Completed), ended_on, ..member() };
    Cycle { closed_on: ended_on, ..cycle(entry) }
}

/// Facts with the first of the kind recorded on `on` by `actor`.
pub(crate) fn facts<I: Ord + Copy>(id: I, on: &str, actor: &str) -> Facts<I> {
    let mut facts = Facts::default();
    facts.record(id, day(on), &actor.parse().unwrap());
    facts
}

/// A station's id.
pub(crate) fn station(text: &str) -> StationId {
    id(text)
}

/// Runs a command and answers its events, or why it was refused.
pub(crate) fn run(memory: &mut Memory, command: &Command, context: &Context) -> Result<Vec<Event>, Refusal> {
    match memory.run(command, context) {
        Ok(recorded) => Ok(recorded.iter().map(|r| r.event.clone()).collect()),
        Err(refused) => Err(*refused.refusal),
    }
}

/// Holds that `check` bounds every text of a form as its schema says: at the bound it passes, one above it is
/// too long, and empty is refused where the schema asks for one character.
#[track_caller]
pub(crate) fn assert_bounds<T>(form: &T, prefix: &str, check: impl Fn(&T) -> Result<(), Refused>)
where
    T: PartialSchema + Serialize + DeserializeOwned,
{
    let schema = serde_json::to_value(T::schema()).unwrap();
    let with = |field: &str, text: String| {
        let mut changed = serde_json::to_value(form).unwrap();
        changed[field] = text.into();
        check(&serde_json::from_value(changed).unwrap()).map_err(|refused| {
            let Refusal::ValidationFailed(errors) = *refused.refusal else { panic!("{refused}") };
            errors.into_iter().map(|e| (e.pointer, e.code)).collect::<Vec<(String, FieldCode)>>()
        })
    };
    let mut bounded = 0;
    for (field, property) in schema["properties"].as_object().unwrap() {
        let Some(max) = property["maxLength"].as_u64() else { continue };
        let max = usize::try_from(max).unwrap();
        let pointer = format!("{prefix}/{field}");
        assert_eq!(with(field, "质".repeat(max)), Ok(()), "{field}");
        assert_eq!(with(field, "质".repeat(max + 1)), Err(vec![(pointer.clone(), FieldCode::TooLong)]), "{field}");
        if property["minLength"] == 1 {
            assert_eq!(with(field, " ".to_owned()), Err(vec![(pointer, FieldCode::Required)]), "{field}");
        }
        bounded += 1;
    }
    assert!(bounded > 0, "the schema bounds no text");
}
