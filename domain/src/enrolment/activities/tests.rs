//! Activities: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::enrolment::{Enrolment, EnrolmentCommand};
use crate::event::Event;
use crate::samples::{
    USCC, assert_bounds, by, closed, facts, id, memory, memory_with, memory_with_file, nth, on, rulebook, run,
};

const ACME: &str = "organization/91350100M000100Y43/zhou";

fn activity_id() -> ActivityId {
    ActivityId::new(nth(1))
}

fn activity(kind: &str, participants: Option<u32>) -> Activity {
    Activity { kind: id(kind), title: "质量管理技能竞赛".to_owned(), description: None, participants }
}

fn record_of(activity: Activity, occurred_on: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::RecordActivity(RecordActivity {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        activity_id: activity_id(),
        activity,
        common: on(occurred_on),
    }))
}

fn record_on(occurred_on: &str) -> Command {
    record_of(activity("contest", Some(40)), occurred_on)
}

fn correct_to(activity: Activity, occurred_on: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::CorrectActivity(CorrectActivity {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        activity_id: activity_id(),
        activity,
        reason: "wrong".to_owned(),
        common: on(occurred_on),
    }))
}

fn void() -> Command {
    Command::Enrolment(EnrolmentCommand::VoidActivity(VoidActivity {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        activity_id: activity_id(),
        reason: "wrong".to_owned(),
        common: on("2026-05-10"),
    }))
}

fn recorded() -> Enrolment {
    Enrolment { activities: facts(activity_id(), "2026-05-01", ACME), ..Enrolment::default() }
}

#[test]
fn w72_the_organisation_or_its_station_records_an_activity() {
    let event =
        EnrolmentEvent::ActivityRecorded(Recorded { id: activity_id(), content: activity("contest", Some(40)) });
    for actor in [ACME, "station/east-1/li"] {
        let events = run(&mut memory(), &record_on("2026-05-01"), &by(actor, "2026-05-01"));
        assert_eq!(events, Ok(vec![Event::Enrolment(event.clone())]), "{actor}");
    }
}

#[test]
fn w72_others_do_not_record_its_activities() {
    for actor in ["office/sample/wang", "district/east/li", "organization/91330100MA2B000860/zhou"] {
        let refused = run(&mut memory(), &record_on("2026-05-01"), &by(actor, "2026-05-01"));
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
    }
    let refused = run(&mut memory(), &record_on("2026-05-01"), &by("station/west-1/li", "2026-05-01"));
    assert!(matches!(refused, Err(Refusal::StationNotResponsible { .. })), "{refused:?}");
}

#[test]
fn w72_the_kind_is_one_of_the_rulebook() {
    let unknown = Err(Refusal::field("/activity/kind", FieldCode::NotOneOf, "四（四） W-72"));
    let context = by(ACME, "2026-05-01");
    assert_eq!(run(&mut memory(), &record_of(activity("picnic", None), "2026-05-01"), &context), unknown);
    let correction = correct_to(activity("picnic", None), "2026-05-01");
    assert_eq!(run(&mut memory_with_file(recorded()), &correction, &context), unknown);
}

#[test]
fn up_to_ten_million_people_take_part() {
    let with = |participants| {
        let command = record_of(activity("contest", Some(participants)), "2026-05-01");
        run(&mut memory(), &command, &by(ACME, "2026-05-01"))
    };
    assert!(with(10_000_000).is_ok());
    let above = Refusal::field("/activity/participants", FieldCode::OutOfRange, "四（四） W-72");
    assert_eq!(with(10_000_001), Err(above));
}

#[test]
fn texts_are_bounded_as_the_schema_says() {
    assert_bounds(&activity("contest", None), "/activity", |activity| check(activity, &rulebook()));
}

#[test]
fn w72_an_activity_lies_inside_the_membership_and_is_entered_in_time() {
    let context = by(ACME, "2026-05-01");
    assert!(matches!(run(&mut memory(), &record_on("2026-02-28"), &context), Err(Refusal::DateOutOfRange { .. })));
    assert!(run(&mut memory(), &record_on("2026-03-01"), &context).is_ok());
    let late = |today: &str| run(&mut memory_with(closed()), &record_on("2028-01-31"), &by(ACME, today));
    assert!(late("2028-02-11").is_ok());
    assert_eq!(late("2028-02-12"), Err(Refusal::CycleClosed { cycle: id("sample-2026") }));
}

#[test]
fn an_id_names_one_activity() {
    assert_eq!(
        run(&mut memory_with_file(recorded()), &record_on("2026-05-02"), &by(ACME, "2026-05-02")),
        Err(Refusal::field("/activity_id", FieldCode::Exclusive, ""))
    );
}

#[test]
fn who_recorded_it_or_the_office_corrects_and_voids_it() {
    let correction = correct_to(activity("contest", Some(50)), "2026-05-02");
    let changed =
        |command: &Command, actor: &str| run(&mut memory_with_file(recorded()), command, &by(actor, "2026-05-10"));
    let corrected = EnrolmentEvent::ActivityCorrected(Corrected {
        id: activity_id(),
        replaces_version: 1,
        content: activity("contest", Some(50)),
        reason: "wrong".to_owned(),
    });
    assert_eq!(changed(&correction, ACME), Ok(vec![Event::Enrolment(corrected)]));
    let voided = EnrolmentEvent::ActivityVoided(Voided { id: activity_id(), reason: "wrong".to_owned() });
    assert_eq!(changed(&void(), "office/sample/wang"), Ok(vec![Event::Enrolment(voided)]));
    for command in [correction, void()] {
        let refused = changed(&command, "station/east-1/li");
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{refused:?}");
    }
}

#[test]
fn a_corrected_day_is_checked_like_a_new_one() {
    let correction = correct_to(activity("contest", None), "2026-02-28");
    let refused = run(&mut memory_with_file(recorded()), &correction, &by(ACME, "2026-05-10"));
    assert!(matches!(refused, Err(Refusal::DateOutOfRange { .. })), "{refused:?}");
}
