//! Determinations of incidents: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::event::Event;
use crate::forms::facts::Incident;
use crate::memory::Memory;
use crate::organization::{OrganizationCommand, ReportIncident, VoidIncident};
use crate::refusal::FieldCode;
use crate::samples::{USCC, by, closed, day, documented, id, memory, memory_with, nth, on, run};

const OFFICE: &str = "office/sample/wang";

fn incident_id() -> IncidentId {
    IncidentId::new(nth(1))
}

fn determination() -> DetermineIncident {
    DetermineIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        authority: "市场监管局".to_owned(),
        document_no: "〔2026〕1号".to_owned(),
        major: Severity::Major,
        determined_on: day("2026-05-05"),
        common: documented("2026-05-06"),
    }
}

fn determine(command: DetermineIncident) -> Command {
    Command::Organization(OrganizationCommand::DetermineIncident(command))
}

fn dismissal() -> DismissIncident {
    DismissIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        authority: "市场监管局".to_owned(),
        document_no: "〔2026〕2号".to_owned(),
        reason: "查无实据".to_owned(),
        common: documented("2026-05-08"),
    }
}

fn dismiss(command: DismissIncident) -> Command {
    Command::Organization(OrganizationCommand::DismissIncident(command))
}

fn report_into(mut memory: Memory) -> Memory {
    let report = ReportIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        incident: Incident { kind: id("quality"), description: "产品召回".to_owned() },
        common: on("2026-05-01"),
    };
    let command = Command::Organization(OrganizationCommand::ReportIncident(report));
    run(&mut memory, &command, &by("station/east-1/li", "2030-01-01")).unwrap();
    memory
}

fn decide(command: &Command) -> Result<Vec<Event>, Refusal> {
    run(&mut report_into(memory()), command, &by(OFFICE, "2026-05-10"))
}

#[test]
fn w36_the_office_records_what_the_authority_determined() {
    for (major, severity) in [(true, Severity::Major), (false, Severity::BelowMajor)] {
        let event = OrganizationEvent::IncidentDetermined {
            incident_id: incident_id(),
            authority: "市场监管局".to_owned(),
            document_no: "〔2026〕1号".to_owned(),
            major,
            determined_on: day("2026-05-05"),
        };
        let command = determine(DetermineIncident { major: severity, ..determination() });
        assert_eq!(decide(&command), Ok(vec![Event::Organization(event)]));
    }
}

#[test]
fn w36_nobody_else_determines_or_dismisses() {
    for actor in ["office/other/wang", "district/east/li", "station/east-1/li", "organization/91350100M000100Y43/z"] {
        for command in [determine(determination()), dismiss(dismissal())] {
            let refused = run(&mut report_into(memory()), &command, &by(actor, "2026-05-10"));
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
        }
    }
}

#[test]
fn the_authority_s_paper_is_required() {
    let missing = Err(Refusal::DocumentMissing { pointer: "/documents", what: "the authority's paper" });
    let common = on("2026-05-08");
    assert_eq!(decide(&determine(DetermineIncident { common: common.clone(), ..determination() })), missing);
    assert_eq!(decide(&dismiss(DismissIncident { common, ..dismissal() })), missing);
}

#[test]
fn authority_and_number_of_the_paper_are_required() {
    let empty = DetermineIncident { authority: String::new(), document_no: String::new(), ..determination() };
    let clause = "三（一）5 W-36";
    assert_eq!(
        decide(&determine(empty)),
        Err(Refusal::ValidationFailed(vec![
            crate::refusal::FieldError::new("/authority", FieldCode::Required, clause),
            crate::refusal::FieldError::new("/document_no", FieldCode::Required, clause),
        ]))
    );
}

#[test]
fn it_is_determined_from_the_day_of_the_incident_on() {
    let on_day = |determined_on: &str| {
        decide(&determine(DetermineIncident { determined_on: day(determined_on), ..determination() }))
    };
    assert!(on_day("2026-05-01").is_ok());
    assert!(matches!(on_day("2026-04-30"), Err(Refusal::DateOutOfRange { pointer: "/determined_on", .. })));
    assert!(on_day("2026-05-06").is_ok());
    assert!(matches!(on_day("2026-05-07"), Err(Refusal::DateOutOfRange { pointer: "/occurred_on", .. })));
    assert!(matches!(on_day("2026-05-11"), Err(Refusal::DateInFuture { pointer: "/determined_on", .. })));
}

#[test]
fn it_is_dismissed_from_the_day_of_the_incident_on_with_a_reason() {
    let on_day = |text: &str| decide(&dismiss(DismissIncident { common: documented(text), ..dismissal() }));
    assert!(on_day("2026-05-01").is_ok());
    assert!(matches!(on_day("2026-04-30"), Err(Refusal::DateOutOfRange { pointer: "/occurred_on", .. })));
    assert!(matches!(on_day("2026-05-11"), Err(Refusal::DateInFuture { .. })));
    assert_eq!(
        decide(&dismiss(DismissIncident { reason: " ".to_owned(), ..dismissal() })),
        Err(Refusal::ReasonRequired { pointer: "/reason" })
    );
}

#[test]
fn a_dismissal_overturns_a_determination_and_the_authority_may_return_to_it() {
    let mut memory = report_into(memory());
    for command in [determine(determination()), dismiss(dismissal()), determine(determination())] {
        assert!(run(&mut memory, &command, &by(OFFICE, "2026-05-10")).is_ok());
    }
}

#[test]
fn an_unknown_incident_is_not_found_and_a_voided_one_is_not_determined() {
    let void = VoidIncident {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        incident_id: incident_id(),
        reason: "twice".to_owned(),
        common: on("2026-05-03"),
    };
    let mut voided = report_into(memory());
    let void = Command::Organization(OrganizationCommand::VoidIncident(void));
    run(&mut voided, &void, &by(OFFICE, "2026-05-10")).unwrap();
    for command in [determine(determination()), dismiss(dismissal())] {
        let context = by(OFFICE, "2026-05-10");
        assert_eq!(run(&mut memory(), &command, &context), Err(Refusal::NotFound { resource: "incident" }));
        assert_eq!(run(&mut voided, &command, &context), Err(Refusal::AlreadyVoided));
    }
}

#[test]
fn a_closed_cycle_still_takes_determinations() {
    let mut closed = report_into(memory_with(closed()));
    for command in [determine(determination()), dismiss(dismissal())] {
        assert!(run(&mut closed, &command, &by(OFFICE, "2030-01-01")).is_ok());
    }
}
