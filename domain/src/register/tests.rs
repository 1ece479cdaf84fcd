//! The register's commands, each allowed, refused and at its boundary.

use std::sync::Arc;

use super::*;
use crate::command::Command;
use crate::event::Event;
use crate::memory::Memory;
use crate::refusal::{FieldCode, Refusal};
use crate::samples::{by, id, memory, nth, on, rulebook, run, station};
use crate::stream::StreamId;

const OFFICE: &str = "office/sample/wang";

fn district(text: &str) -> EntryId {
    EntryId::District(id(text))
}

fn station_entry(text: &str) -> EntryId {
    EntryId::Station(id(text))
}

fn recommender(text: &str) -> EntryId {
    EntryId::Recommender(id(text))
}

fn add(entry: EntryId, details: Details) -> Command {
    Command::Register(RegisterCommand::Add(AddEntry {
        rulebook: Arc::new(rulebook()),
        entry,
        details,
        common: on("2026-03-05"),
    }))
}

fn add_recommender(text: &str, kind: &str) -> Command {
    let details = Details::Recommender { name: text.to_owned(), recommender_kind: id(kind), district: None };
    add(recommender(text), details)
}

fn change(entry: EntryId, change: EntryChange) -> Command {
    Command::Register(RegisterCommand::Change(ChangeEntry {
        rulebook: Arc::new(rulebook()),
        entry,
        change,
        common: on("2026-03-05"),
    }))
}

fn merge(entry: EntryId, successor: EntryId) -> Command {
    Command::Register(RegisterCommand::Merge(MergeEntries {
        rulebook: Arc::new(rulebook()),
        entry,
        successor,
        common: on("2026-03-05"),
    }))
}

fn close(entry: EntryId, reason: &str) -> Command {
    Command::Register(RegisterCommand::Close(CloseEntry {
        rulebook: Arc::new(rulebook()),
        entry,
        reason: reason.to_owned(),
        common: on("2026-03-05"),
    }))
}

#[track_caller]
fn decide(memory: &mut Memory, command: &Command) -> Result<Vec<Event>, Refusal> {
    run(memory, command, &by(OFFICE, "2026-03-05"))
}

/// The register as it stands in memory.
fn state(memory: &Memory) -> &Register {
    use crate::stream::Aggregate;
    use crate::world::Streams;
    match memory.find(&StreamId::register(&id("sample"))) {
        Some((Aggregate::Register(register), _)) => register,
        other => panic!("no register: {other:?}"),
    }
}

#[test]
fn w15_a_recommender_of_a_kind_of_the_rulebook_is_added() {
    let mut memory = memory();
    let events = decide(&mut memory, &add_recommender("chamber", "association")).unwrap();
    assert_eq!(events.iter().map(Event::event_type).collect::<Vec<_>>(), ["Registered"]);
    assert!(state(&memory).active(&recommender("chamber"), "/recommender").is_ok());
}

#[test]
fn w15_a_recommender_of_an_unknown_kind_is_refused() {
    assert_eq!(
        decide(&mut memory(), &add_recommender("chamber", "newspaper")),
        Err(Refusal::field("/recommender_kind", FieldCode::NotOneOf, "三（二） W-15"))
    );
}

#[test]
fn w21_an_expert_of_an_unknown_kind_is_refused() {
    let expert = |kind: &str| {
        let person = crate::ids::PersonId::new(nth(1));
        add(EntryId::Expert(id("e-1")), Details::Expert { person, expert_kind: id(kind), field: None })
    };
    assert_eq!(
        decide(&mut memory(), &expert("astrologer")),
        Err(Refusal::field("/expert_kind", FieldCode::NotOneOf, "四（五） W-21"))
    );
    assert!(decide(&mut memory(), &expert("award_expert")).is_ok());
}

#[test]
fn an_id_is_used_once_per_kind_even_after_closing() {
    let mut memory = memory();
    decide(&mut memory, &close(station_entry("west-1"), "moved out")).unwrap();
    let again = Details::Station { name: "again".to_owned(), district: id("west") };
    assert_eq!(
        decide(&mut memory, &add(station_entry("west-1"), again)),
        Err(Refusal::field("/id", FieldCode::Exclusive, ""))
    );
    assert!(decide(&mut memory, &add_recommender("west-1", "association")).is_ok(), "another kind has ids of its own");
}

#[test]
fn details_of_another_kind_than_the_id_are_refused() {
    let command = add(station_entry("new"), Details::District { name: "new".to_owned() });
    assert_eq!(decide(&mut memory(), &command), Err(Refusal::field("/kind", FieldCode::NotOneOf, "")));
}

#[test]
fn w45_a_station_needs_an_active_district() {
    let in_district =
        |of: &str| add(station_entry("new"), Details::Station { name: "new".to_owned(), district: id(of) });
    assert!(
        matches!(decide(&mut memory(), &in_district("north")), Err(Refusal::UnknownReference { pointer, .. }) if pointer == "/district")
    );
    let mut merged = memory();
    decide(&mut merged, &merge(district("west"), district("east"))).unwrap();
    assert_eq!(
        decide(&mut merged, &in_district("west")),
        Err(Refusal::ReferenceInactive {
            pointer: "/district".to_owned(),
            kind: "district",
            id: "west".to_owned(),
            successor: Some("east".to_owned())
        })
    );
    assert!(decide(&mut merged, &in_district("east")).is_ok());
}

#[test]
fn a_name_has_one_to_two_hundred_characters() {
    let named = |name: String| add(district("new"), Details::District { name });
    assert_eq!(decide(&mut memory(), &named(String::new())), Err(Refusal::field("/name", FieldCode::Required, "")));
    assert_eq!(decide(&mut memory(), &named("区".repeat(201))), Err(Refusal::field("/name", FieldCode::TooLong, "")));
    assert!(decide(&mut memory(), &named("区".repeat(200))).is_ok());
}

#[test]
fn only_the_award_office_of_the_program_changes_the_register() {
    for actor in ["office/other/wang", "district/east/li", "station/east-1/zhao", "recommender/guild/qian"] {
        for command in [
            add_recommender("chamber", "association"),
            change(district("east"), EntryChange::Rename { name: "East".to_owned() }),
            merge(district("west"), district("east")),
            close(recommender("guild"), "gone"),
        ] {
            let refused = run(&mut memory(), &command, &by(actor, "2026-03-05"));
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
        }
    }
}

#[test]
fn a_change_is_not_dated_forward() {
    for command in [
        add_recommender("chamber", "association"),
        change(district("east"), EntryChange::Rename { name: "East".to_owned() }),
        merge(district("west"), district("east")),
        close(recommender("guild"), "gone"),
    ] {
        let refused = run(&mut memory(), &command, &by(OFFICE, "2026-03-04"));
        assert!(matches!(refused, Err(Refusal::DateInFuture { pointer: "/occurred_on", .. })), "{refused:?}");
    }
}

#[test]
fn a_renamed_entry_has_the_new_name() {
    let mut memory = memory();
    decide(&mut memory, &change(district("east"), EntryChange::Rename { name: "镜湖区".to_owned() })).unwrap();
    assert_eq!(state(&memory).entries[&district("east")].details.name(), Some("镜湖区"));
}

#[test]
fn an_expert_is_not_renamed_here() {
    let mut memory = memory();
    let person = crate::ids::PersonId::new(nth(1));
    let expert = EntryId::Expert(id("e-1"));
    decide(&mut memory, &add(expert.clone(), Details::Expert { person, expert_kind: id("award_expert"), field: None }))
        .unwrap();
    assert_eq!(
        decide(&mut memory, &change(expert, EntryChange::Rename { name: "someone".to_owned() })),
        Err(Refusal::field("/name", FieldCode::UnknownField, ""))
    );
}

#[test]
fn an_expert_s_record_and_field_change_together_or_apart() {
    let mut memory = memory();
    let expert = EntryId::Expert(id("e-1"));
    let person = |n| crate::ids::PersonId::new(nth(n));
    let details =
        Details::Expert { person: person(1), expert_kind: id("award_expert"), field: Some("质量".to_owned()) };
    decide(&mut memory, &add(expert.clone(), details)).unwrap();
    let mut describe = |person, field: Option<&str>| {
        let field = field.map(str::to_owned);
        decide(&mut memory, &change(expert.clone(), EntryChange::Describe { person, field }))
    };
    let changed = |n, field: &str| {
        let field = Some(field.to_owned());
        Ok(vec![RegisterEvent::ExpertChanged { entry: id("e-1"), person: person(n), field }.into()])
    };
    assert_eq!(describe(Some(person(2)), None), changed(2, "质量"), "the field stays");
    assert_eq!(describe(None, Some("计量")), changed(2, "计量"), "the person stays");
    assert_eq!(describe(None, None), Err(Refusal::field("/person", FieldCode::Required, "")));
    let long = "计".repeat(201);
    assert_eq!(describe(None, Some(&long)), Err(Refusal::field("/field", FieldCode::TooLong, "")));
    assert!(describe(None, Some(&long[3..])).is_ok());
}

#[test]
fn only_an_expert_is_described() {
    let describing = EntryChange::Describe { person: None, field: Some("计量".to_owned()) };
    let refused = decide(&mut memory(), &change(station_entry("east-1"), describing));
    assert_eq!(refused, Err(Refusal::field("/person", FieldCode::UnknownField, "")));
}

#[test]
fn w45_a_reassigned_station_serves_its_new_district() {
    let mut memory = memory();
    decide(&mut memory, &change(station_entry("east-2"), EntryChange::Reassign { district: id("west") })).unwrap();
    assert_eq!(state(&memory).stations_of(&id("east")), [station("east-1")]);
    assert_eq!(state(&memory).stations_of(&id("west")), [station("east-2"), station("west-1")]);
}

#[test]
fn a_recommender_is_given_a_district_but_a_district_is_not() {
    let to = EntryChange::Reassign { district: id("west") };
    assert!(decide(&mut memory(), &change(recommender("guild"), to.clone())).is_ok());
    assert_eq!(
        decide(&mut memory(), &change(district("east"), to)),
        Err(Refusal::field("/district", FieldCode::UnknownField, ""))
    );
}

#[test]
fn an_entry_that_is_not_there_is_not_found() {
    for command in [
        change(station_entry("none"), EntryChange::Rename { name: "x".to_owned() }),
        merge(station_entry("none"), station_entry("east-1")),
        close(station_entry("none"), "gone"),
    ] {
        assert_eq!(decide(&mut memory(), &command), Err(Refusal::NotFound { resource: "station" }));
    }
}

#[test]
fn a_merger_joins_two_active_entries_of_one_kind() {
    let refused = |entry, successor| decide(&mut memory(), &merge(entry, successor)).unwrap_err();
    let field = |code| Refusal::field("/successor", code, "");
    assert_eq!(refused(district("east"), station_entry("east-1")), field(FieldCode::NotOneOf));
    assert_eq!(refused(district("east"), district("east")), field(FieldCode::Exclusive));
    assert!(matches!(refused(district("east"), district("none")), Refusal::UnknownReference { .. }));

    let mut merged = memory();
    decide(&mut merged, &merge(district("west"), district("east"))).unwrap();
    assert!(matches!(
        decide(&mut merged, &merge(district("east"), district("west"))),
        Err(Refusal::ReferenceInactive { .. })
    ));
    assert!(matches!(
        decide(&mut merged, &merge(district("west"), district("east"))),
        Err(Refusal::ReferenceInactive { .. })
    ));
}

#[test]
fn the_stations_of_a_merged_district_follow_into_its_successor() {
    let mut memory = memory();
    decide(&mut memory, &merge(district("west"), district("east"))).unwrap();
    let all = [station("east-1"), station("east-2"), station("west-1")];
    assert_eq!(state(&memory).stations_of(&id("east")), all);
    assert_eq!(state(&memory).stations_of(&id("west")), all, "whoever still names the old district finds them too");
}

#[test]
fn w41_recommenders_merged_in_turn_are_all_counted_with_the_last() {
    let mut memory = memory();
    for text in ["second", "third", "apart"] {
        decide(&mut memory, &add_recommender(text, "association")).unwrap();
    }
    decide(&mut memory, &merge(recommender("guild"), recommender("second"))).unwrap();
    decide(&mut memory, &merge(recommender("second"), recommender("third"))).unwrap();
    let register = state(&memory);
    assert_eq!(register.merged_with(&id("third")), [id("third"), id("second"), id("guild")]);
    assert_eq!(register.merged_with(&id("apart")), [id("apart")]);
    assert_eq!(register.current(&recommender("guild")), &recommender("third"));
    assert!(matches!(
        register.active(&recommender("guild"), "/recommender").map_err(|r| *r.refusal),
        Err(Refusal::ReferenceInactive { successor: Some(successor), .. }) if successor == "third"
    ));
}

#[test]
fn a_district_with_active_stations_is_not_closed() {
    let mut memory = memory();
    assert!(matches!(
        decide(&mut memory, &close(district("west"), "dissolved")),
        Err(Refusal::StepOutOfOrder { stage: "with_active_stations", .. })
    ));
    decide(&mut memory, &close(station_entry("west-1"), "moved out")).unwrap();
    assert!(decide(&mut memory, &close(district("west"), "dissolved")).is_ok());
    assert!(matches!(
        state(&memory).active(&district("west"), "/district").map_err(|r| *r.refusal),
        Err(Refusal::ReferenceInactive { successor: None, .. })
    ));
}

#[test]
fn closing_needs_a_reason() {
    assert_eq!(
        decide(&mut memory(), &close(recommender("guild"), " ")),
        Err(Refusal::ReasonRequired { pointer: "/reason" })
    );
}

#[test]
fn the_period_set_last_is_the_period_of_a_cycle() {
    let mut register = Register::default();
    let context = by(OFFICE, "2026-03-05");
    let meta = crate::event::Meta {
        decision_id: context.decision_id,
        recorded_at: context.now,
        occurred_on: crate::samples::day("2026-03-05"),
        actor: context.actor,
        documents: Vec::new(),
        waiver: None,
        decision_size: 1,
        request_id: None,
    };
    for ends_on in ["2028-02-01", "2028-05-01"] {
        let event = RegisterEvent::CyclePeriodSet {
            cycle: id("sample-2026"),
            starts_on: crate::samples::day("2026-02-01"),
            ends_on: crate::samples::day(ends_on),
        };
        register.evolve(&event, At { version: 1, meta: &meta });
    }
    let period = (crate::samples::day("2026-02-01"), crate::samples::day("2028-05-01"));
    assert_eq!(register.periods, [(id("sample-2026"), period)].into());
}
