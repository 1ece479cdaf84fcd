//! Reports of incidents: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::event::Event;
use crate::memory::Memory;
use crate::organization::{DetermineIncident, OrganizationCommand, Severity};
use crate::register::{EntryId, Inactive};
use crate::samples::{
    USCC, assert_bounds, by, closed, cycle, day, documented, id, member, memory, memory_with, nth, on, rulebook, run,
};
use crate::stream::Aggregate;

const OFFICE: &str = "office/sample/wang";
const STATION: &str = "station/east-1/li";

fn incident_id() -> IncidentId {
    IncidentId::new(nth(1))
}

fn incident(kind: &str) -> Incident {
    Incident { kind: id(kind), description: "产品召回".to_owned() }
}

fn report_of(kind: &str, occurred_on: &str) -> Command {
    Command::Organization(OrganizationCommand::ReportIncident(ReportIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        incident: incident(kind),
        common: on(occurred_on),
    }))
}

fn correct_to(kind: &str, occurred_on: &str, reason: &str) -> Command {
    Command::Organization(OrganizationCommand::CorrectIncident(CorrectIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        incident: incident(kind),
        reason: reason.to_owned(),
        common: on(occurred_on),
    }))
}

fn void_because(reason: &str) -> Command {
    Command::Organization(OrganizationCommand::VoidIncident(VoidIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        reason: reason.to_owned(),
        common: on("2026-05-10"),
    }))
}

/// An incident of 1 May 2026, reported by the station.
fn reported() -> Memory {
    let mut memory = memory();
    run(&mut memory, &report_of("quality", "2026-05-01"), &by(STATION, "2026-05-02")).unwrap();
    memory
}

/// The same, determined as major on 5 May.
fn determined() -> Memory {
    let mut memory = reported();
    let command = DetermineIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        authority: "市场监管局".to_owned(),
        document_no: "〔2026〕1号".to_owned(),
        major: Severity::Major,
        determined_on: day("2026-05-05"),
        common: documented("2026-05-06"),
    };
    let command = Command::Organization(OrganizationCommand::DetermineIncident(command));
    run(&mut memory, &command, &by(OFFICE, "2026-05-10")).unwrap();
    memory
}

#[test]
fn w28_anyone_with_access_to_the_file_reports_an_incident() {
    let event = OrganizationEvent::IncidentReported(Recorded { id: incident_id(), content: incident("quality") });
    for actor in [OFFICE, STATION, "district/east/li", "recommender/guild/qian", "organization/91350100M000100Y43/zhou"]
    {
        let events = run(&mut memory(), &report_of("quality", "2026-05-01"), &by(actor, "2026-05-02"));
        assert_eq!(events, Ok(vec![Event::Organization(event.clone())]), "{actor}");
    }
}

#[test]
fn w28_who_has_no_access_to_the_file_reports_nothing() {
    for actor in [
        "office/other/wang",
        "station/west-1/li",
        "district/west/li",
        "recommender/other/qian",
        "organization/91330100MA2B000860/zhou",
        "expert/e-1/sun",
    ] {
        let refused = run(&mut memory(), &report_of("quality", "2026-05-01"), &by(actor, "2026-05-02"));
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
    }
}

#[test]
fn w28_access_passes_to_the_successor_of_a_merged_district_or_recommender() {
    let merged = |from: EntryId, into: EntryId| {
        let mut register = crate::samples::register();
        let guild = register.entries[&EntryId::Recommender(id("guild"))].clone();
        register.entries.insert(EntryId::Recommender(id("chamber")), guild);
        if let Some(entry) = register.entries.get_mut(&from) {
            entry.inactive = Some(Inactive::Merged(into));
        }
        let mut memory = memory();
        memory.put(StreamId::register(&id("sample")), Aggregate::Register(register), 7);
        memory
    };
    let report = |mut memory: Memory, actor: &str| {
        run(&mut memory, &report_of("quality", "2026-05-01"), &by(actor, "2026-05-02"))
    };
    let districts = merged(EntryId::District(id("east")), EntryId::District(id("west")));
    assert!(report(districts.clone(), "district/west/li").is_ok());
    assert!(report(districts, "station/west-1/li").is_ok());
    let recommenders = merged(EntryId::Recommender(id("guild")), EntryId::Recommender(id("chamber")));
    assert!(report(recommenders.clone(), "recommender/chamber/qian").is_ok());
    assert!(matches!(report(recommenders, "recommender/guild/qian"), Err(Refusal::NotPermitted { .. })));
}

#[test]
fn w29_the_kind_is_one_of_the_rulebook() {
    let unknown = Err(Refusal::field("/incident/kind", FieldCode::NotOneOf, "三 W-29"));
    let context = by(STATION, "2026-05-02");
    assert_eq!(run(&mut memory(), &report_of("gossip", "2026-05-01"), &context), unknown);
    assert_eq!(run(&mut reported(), &correct_to("gossip", "2026-05-01", "wrong"), &context), unknown);
    assert!(run(&mut memory(), &report_of("other", "2026-05-01"), &context).is_ok());
}

#[test]
fn texts_are_bounded_as_the_schema_says() {
    assert_bounds(&incident("quality"), "/incident", |incident| check(incident, &rulebook()));
}

#[test]
fn an_incident_of_any_day_up_to_today_is_taken_also_after_closure() {
    let report = |memory: &mut Memory, occurred_on: &str, today: &str| {
        run(memory, &report_of("quality", occurred_on), &by(OFFICE, today))
    };
    assert!(report(&mut memory(), "2019-01-01", "2026-05-01").is_ok());
    assert!(report(&mut memory(), "2026-05-01", "2026-05-01").is_ok());
    assert!(matches!(report(&mut memory(), "2026-05-02", "2026-05-01"), Err(Refusal::DateInFuture { .. })));
    assert!(report(&mut memory_with(closed()), "2029-01-01", "2030-01-01").is_ok());
}

#[test]
fn an_applicant_s_incident_is_taken_but_one_without_a_file_is_not_found() {
    let mut entry = member();
    entry.standing = crate::cycle::Standing::Applied;
    entry.admitted_on = None;
    let applicant = run(&mut memory_with(cycle(entry)), &report_of("quality", "2026-05-01"), &by(OFFICE, "2026-05-02"));
    assert!(applicant.is_ok(), "{applicant:?}");
    let mut empty = cycle(member());
    empty.entries.clear();
    let refused = run(&mut memory_with(empty), &report_of("quality", "2026-05-01"), &by(OFFICE, "2026-05-02"));
    assert_eq!(refused, Err(Refusal::NotFound { resource: "enrolment" }));
}

#[test]
fn an_id_names_one_incident() {
    assert_eq!(
        run(&mut reported(), &report_of("quality", "2026-05-02"), &by(STATION, "2026-05-02")),
        Err(Refusal::field("/incident_id", FieldCode::Exclusive, ""))
    );
}

#[test]
fn a_report_is_corrected_and_voided_by_who_made_it_or_the_office_with_a_reason() {
    let corrected = OrganizationEvent::IncidentCorrected(Corrected {
        id: incident_id(),
        replaces_version: 1,
        content: incident("other"),
        reason: "wrong kind".to_owned(),
    });
    let command = correct_to("other", "2026-05-01", "wrong kind");
    assert_eq!(run(&mut reported(), &command, &by(STATION, "2026-05-10")), Ok(vec![Event::Organization(corrected)]));
    assert!(run(&mut reported(), &command, &by(OFFICE, "2026-05-10")).is_ok());
    assert!(run(&mut reported(), &void_because("unfounded"), &by(STATION, "2026-05-10")).is_ok());
    for command in [command, void_because("unfounded")] {
        let refused = run(&mut reported(), &command, &by("district/east/li", "2026-05-10"));
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{refused:?}");
    }
    for command in [correct_to("other", "2026-05-01", ""), void_because(" ")] {
        let refused = run(&mut reported(), &command, &by(STATION, "2026-05-10"));
        assert_eq!(refused, Err(Refusal::ReasonRequired { pointer: "/reason" }));
    }
}

#[test]
fn once_determined_only_the_office_corrects_or_voids_it() {
    for command in [correct_to("other", "2026-05-01", "wrong kind"), void_because("unfounded")] {
        let refused = run(&mut determined(), &command, &by(STATION, "2026-05-10"));
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{refused:?}");
        assert!(run(&mut determined(), &command, &by(OFFICE, "2026-05-10")).is_ok());
    }
}

#[test]
fn a_determined_incident_is_not_moved_past_its_determination() {
    let moved = |occurred_on: &str| {
        run(&mut determined(), &correct_to("quality", occurred_on, "wrong day"), &by(OFFICE, "2026-05-10"))
    };
    assert!(moved("2026-05-05").is_ok());
    assert!(matches!(moved("2026-05-06"), Err(Refusal::DateOutOfRange { pointer: "/occurred_on", .. })));
}

#[test]
fn a_voided_incident_is_neither_corrected_nor_voided_again() {
    let mut memory = reported();
    run(&mut memory, &void_because("unfounded"), &by(STATION, "2026-05-10")).unwrap();
    for command in [correct_to("other", "2026-05-01", "wrong kind"), void_because("unfounded")] {
        assert_eq!(run(&mut memory, &command, &by(OFFICE, "2026-05-10")), Err(Refusal::AlreadyVoided));
    }
}
