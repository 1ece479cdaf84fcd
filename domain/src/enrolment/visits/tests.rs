//! Visits: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::enrolment::{Enrolment, EnrolmentCommand, SurveyState, SurveyStep};
use crate::event::Event;
use crate::forms::facts::Channel;
use crate::refusal::FieldCode;
use crate::samples::{
    USCC, assert_bounds, by, closed, cycle, day, facts, former, id, member, memory, memory_with, memory_with_file, nth,
    on, run, station,
};
use crate::stream::{Aggregate, StreamId};

const EAST: &str = "station/east-1/li";

fn visit_id() -> VisitId {
    VisitId::new(nth(1))
}

fn visit(of: &str) -> Visit {
    Visit {
        station: station(of),
        channel: Channel::OnSite,
        findings: "质量管理有提升".to_owned(),
        needs: None,
        carry_over: None,
    }
}

fn record_by(of: &str, occurred_on: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::RecordVisit(RecordVisit {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        visit_id: visit_id(),
        visit: visit(of),
        common: on(occurred_on),
    }))
}

fn record_on(occurred_on: &str) -> Command {
    record_by("east-1", occurred_on)
}

fn correct_to(of: &str, occurred_on: &str, reason: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::CorrectVisit(CorrectVisit {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        visit_id: visit_id(),
        visit: visit(of),
        reason: reason.to_owned(),
        common: on(occurred_on),
    }))
}

fn void_because(reason: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::VoidVisit(VoidVisit {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        visit_id: visit_id(),
        reason: reason.to_owned(),
        common: on("2026-05-10"),
    }))
}

/// A file with one visit of 1 May 2026 by `east-1`.
fn visited() -> Enrolment {
    Enrolment { visits: facts(visit_id(), "2026-05-01", EAST), ..Enrolment::default() }
}

fn surveyed_by(of: &str) -> Enrolment {
    let survey = SurveyState {
        station: station(of),
        experts: Vec::new(),
        step: SurveyStep::Approved,
        survey_id: None,
        revision: 1,
        filed_by: None,
        conclusion: None,
        step_on: day("2026-02-20"),
    };
    Enrolment { survey: Some(survey), ..Enrolment::default() }
}

#[test]
fn w74_a_station_of_the_district_records_a_visit_to_a_member() {
    let recorded = Recorded { id: visit_id(), content: visit("east-1") };
    assert_eq!(
        run(&mut memory(), &record_on("2026-05-01"), &by(EAST, "2026-05-01")),
        Ok(vec![Event::Enrolment(EnrolmentEvent::VisitRecorded(recorded))])
    );
    assert!(run(&mut memory(), &record_by("east-2", "2026-05-01"), &by("station/east-2/li", "2026-05-01")).is_ok());
}

#[test]
fn w74_a_station_of_another_district_is_not_responsible() {
    let west = by("station/west-1/li", "2026-05-01");
    let refused = run(&mut memory(), &record_by("west-1", "2026-05-01"), &west);
    let responsible = Some("east-1".to_owned());
    assert_eq!(refused, Err(Refusal::StationNotResponsible { station: "west-1".to_owned(), responsible }));
    let assigned = run(&mut memory_with_file(surveyed_by("west-1")), &record_by("west-1", "2026-05-01"), &west);
    assert!(assigned.is_ok(), "the station charged with the survey stays responsible: {assigned:?}");
}

#[test]
fn w74_a_closed_station_visits_nobody() {
    let mut memory = memory_with_file(surveyed_by("west-1"));
    let mut register = crate::samples::register();
    for (entry, of) in &mut register.entries {
        if *entry == EntryId::Station(station("west-1")) {
            of.inactive = Some(crate::register::Inactive::Closed);
        }
    }
    memory.put(StreamId::register(&id("sample")), Aggregate::Register(register), 7);
    let refused = run(&mut memory, &record_by("west-1", "2026-05-01"), &by("station/west-1/li", "2026-05-01"));
    assert!(matches!(refused, Err(Refusal::ReferenceInactive { .. })), "{refused:?}");
}

#[test]
fn a_visit_is_recorded_by_a_station_in_its_own_name() {
    for actor in [
        "office/sample/wang",
        "district/east/li",
        "organization/91350100M000100Y43/zhou",
        "recommender/guild/qian",
        "station/east-2/li",
    ] {
        let refused = run(&mut memory(), &record_on("2026-05-01"), &by(actor, "2026-05-01"));
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
    }
}

#[test]
fn without_a_cycle_or_a_file_in_it_there_is_nothing_to_visit() {
    let mut elsewhere = record_on("2026-05-01");
    if let Command::Enrolment(EnrolmentCommand::RecordVisit(command)) = &mut elsewhere {
        command.cycle = id("sample-1999");
    }
    let context = by(EAST, "2026-05-01");
    assert_eq!(run(&mut memory(), &elsewhere, &context), Err(Refusal::NotFound { resource: "cycle" }));
    let mut empty = cycle(member());
    empty.entries.clear();
    let refused = run(&mut memory_with(empty), &record_on("2026-05-01"), &context);
    assert_eq!(refused, Err(Refusal::NotFound { resource: "enrolment" }));
}

#[test]
fn a_visit_lies_between_admission_and_today() {
    let recorded = |occurred_on: &str| run(&mut memory(), &record_on(occurred_on), &by(EAST, "2026-05-01"));
    assert!(recorded("2026-03-01").is_ok());
    assert!(matches!(recorded("2026-02-28"), Err(Refusal::DateOutOfRange { pointer: "/occurred_on", .. })));
    assert!(recorded("2026-05-01").is_ok());
    assert!(matches!(recorded("2026-05-02"), Err(Refusal::DateInFuture { pointer: "/occurred_on", .. })));
}

#[test]
fn a_visit_before_the_cycle_starts_is_refused_even_to_a_member_admitted_early() {
    let mut entry = member();
    entry.admitted_on = Some(day("2026-01-20"));
    let mut memory = memory_with(cycle(entry));
    assert_eq!(
        run(&mut memory, &record_on("2026-01-31"), &by(EAST, "2026-05-01")),
        Err(Refusal::CycleNotStarted { starts_on: day("2026-02-01") })
    );
    assert!(run(&mut memory, &record_on("2026-02-01"), &by(EAST, "2026-05-01")).is_ok());
}

#[test]
fn a_former_member_was_visited_up_to_the_end_of_its_membership() {
    let recorded =
        |occurred_on: &str| run(&mut memory_with(cycle(former())), &record_on(occurred_on), &by(EAST, "2026-08-01"));
    assert!(recorded("2026-06-30").is_ok());
    assert!(matches!(recorded("2026-07-01"), Err(Refusal::DateOutOfRange { to: Some(_), .. })));
}

#[test]
fn an_applicant_is_not_visited() {
    let mut entry = member();
    entry.standing = crate::cycle::Standing::Nominated;
    entry.admitted_on = None;
    assert!(matches!(
        run(&mut memory_with(cycle(entry)), &record_on("2026-05-01"), &by(EAST, "2026-05-01")),
        Err(Refusal::NotAMember { standing: "applicant", .. })
    ));
}

#[test]
fn after_closure_visits_are_entered_late_for_ten_days() {
    let recorded = |today: &str| run(&mut memory_with(closed()), &record_on("2028-01-31"), &by(EAST, today));
    assert!(recorded("2028-02-11").is_ok());
    assert_eq!(recorded("2028-02-12"), Err(Refusal::CycleClosed { cycle: id("sample-2026") }));
}

#[test]
fn an_id_names_one_visit() {
    assert_eq!(
        run(&mut memory_with_file(visited()), &record_on("2026-05-02"), &by(EAST, "2026-05-02")),
        Err(Refusal::field("/visit_id", FieldCode::Exclusive, ""))
    );
}

#[test]
fn texts_are_bounded_as_the_schema_says() {
    assert_bounds(&visit("east-1"), "/visit", check);
}

#[test]
fn a_correction_replaces_the_version_in_force() {
    let mut file = visited();
    file.visits.correct(visit_id(), day("2026-05-03"));
    let corrected =
        Corrected { id: visit_id(), replaces_version: 2, content: visit("east-1"), reason: "wrong day".to_owned() };
    assert_eq!(
        run(
            &mut memory_with_file(file),
            &correct_to("east-1", "2026-05-04", "wrong day"),
            &by("station/east-1/zhao", "2028-12-31")
        ),
        Ok(vec![Event::Enrolment(EnrolmentEvent::VisitCorrected(corrected))])
    );
}

#[test]
fn a_corrected_day_is_checked_like_a_new_one() {
    let corrected = |occurred_on: &str| {
        let command = correct_to("east-1", occurred_on, "wrong day");
        run(&mut memory_with_file(visited()), &command, &by(EAST, "2026-05-10"))
    };
    assert!(corrected("2026-03-01").is_ok());
    assert!(matches!(corrected("2026-02-28"), Err(Refusal::DateOutOfRange { .. })));
    assert!(matches!(corrected("2026-05-11"), Err(Refusal::DateInFuture { .. })));
}

#[test]
fn the_office_corrects_which_station_it_was_but_the_station_does_not() {
    let corrected = |of: &str, actor: &str| {
        let command = correct_to(of, "2026-05-01", "wrong station");
        run(&mut memory_with_file(visited()), &command, &by(actor, "2026-05-10"))
    };
    assert!(corrected("east-2", "office/sample/wang").is_ok());
    assert!(matches!(corrected("none", "office/sample/wang"), Err(Refusal::UnknownReference { .. })));
    assert!(matches!(corrected("east-2", EAST), Err(Refusal::NotPermitted { .. })));
}

#[test]
fn a_visit_is_corrected_or_voided_with_a_reason_by_who_recorded_it_or_the_office() {
    let changed =
        |command: &Command, actor: &str| run(&mut memory_with_file(visited()), command, &by(actor, "2026-05-10"));
    for command in [correct_to("east-1", "2026-05-01", " "), void_because("")] {
        assert_eq!(changed(&command, EAST), Err(Refusal::ReasonRequired { pointer: "/reason" }));
    }
    for command in [correct_to("east-1", "2026-05-01", "wrong"), void_because("wrong")] {
        assert!(changed(&command, EAST).is_ok());
        assert!(changed(&command, "office/sample/wang").is_ok());
        for actor in ["station/east-2/li", "office/other/wang", "organization/91350100M000100Y43/zhou"] {
            let refused = changed(&command, actor);
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
        }
    }
}

#[test]
fn a_voided_visit_is_neither_corrected_nor_voided_again_and_an_unknown_one_not_at_all() {
    let mut voided = visited();
    voided.visits.void(visit_id());
    for command in [correct_to("east-1", "2026-05-01", "wrong"), void_because("wrong")] {
        let context = by(EAST, "2026-05-10");
        assert_eq!(run(&mut memory_with_file(voided.clone()), &command, &context), Err(Refusal::AlreadyVoided));
        assert_eq!(run(&mut memory(), &command, &context), Err(Refusal::NotFound { resource: "visit" }));
    }
}

#[test]
fn a_voiding_is_an_event_of_the_file() {
    let voided = Voided { id: visit_id(), reason: "entered twice".to_owned() };
    assert_eq!(
        run(&mut memory_with_file(visited()), &void_because("entered twice"), &by(EAST, "2026-05-10")),
        Ok(vec![Event::Enrolment(EnrolmentEvent::VisitVoided(voided))])
    );
}
