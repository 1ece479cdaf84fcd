//! Requests for help: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::enrolment::{Enrolment, EnrolmentCommand};
use crate::event::Event;
use crate::forms::facts::Channel;
use crate::refusal::FieldCode;
use crate::samples::{
    USCC, assert_bounds, by, closed, cycle, facts, former, id, memory, memory_with, memory_with_file, nth, on, run,
};

const ACME: &str = "organization/91350100M000100Y43/zhou";
const EAST: &str = "station/east-1/li";

fn request_id() -> AssistanceRequestId {
    AssistanceRequestId::new(nth(1))
}

fn request() -> AssistanceRequest {
    AssistanceRequest { subject: "内审".to_owned(), description: "需要指导".to_owned() }
}

fn ask_on(occurred_on: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::RequestAssistance(RequestAssistance {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        request_id: request_id(),
        request: request(),
        common: on(occurred_on),
    }))
}

fn correct_to(occurred_on: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::CorrectAssistance(CorrectAssistance {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        request_id: request_id(),
        request: request(),
        reason: "wrong day".to_owned(),
        common: on(occurred_on),
    }))
}

fn void() -> Command {
    Command::Enrolment(EnrolmentCommand::VoidAssistance(VoidAssistance {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        request_id: request_id(),
        reason: "solved".to_owned(),
        common: on("2026-05-10"),
    }))
}

fn given(experts: &[&str], text: &str) -> AssistanceAnswer {
    let experts = experts.iter().map(|e| id(e)).collect();
    AssistanceAnswer { channel: Channel::Phone, answer: text.to_owned(), experts }
}

fn answer_with(answer: AssistanceAnswer, occurred_on: &str) -> Command {
    Command::Enrolment(EnrolmentCommand::AnswerAssistance(AnswerAssistance {
        cycle: id("sample-2026"),
        uscc: id(USCC),
        request_id: request_id(),
        answer_id: AssistanceAnswerId::new(nth(2)),
        answer,
        common: on(occurred_on),
    }))
}

fn answer_on(occurred_on: &str) -> Command {
    answer_with(given(&[], "已指导"), occurred_on)
}

/// A file with a request of 1 May 2026.
fn asked() -> Enrolment {
    Enrolment { assistance: facts(request_id(), "2026-05-01", ACME), ..Enrolment::default() }
}

#[test]
fn w73_a_member_asks_for_help() {
    let event = EnrolmentEvent::AssistanceRequested(Recorded { id: request_id(), content: request() });
    assert_eq!(run(&mut memory(), &ask_on("2026-05-01"), &by(ACME, "2026-05-01")), Ok(vec![Event::Enrolment(event)]));
}

#[test]
fn w73_nobody_asks_for_another() {
    for actor in [EAST, "office/sample/wang", "organization/91330100MA2B000860/zhou"] {
        let refused = run(&mut memory(), &ask_on("2026-05-01"), &by(actor, "2026-05-01"));
        assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
    }
}

#[test]
fn a_request_lies_inside_the_membership_and_is_entered_in_time() {
    let of_former =
        |occurred_on: &str| run(&mut memory_with(cycle(former())), &ask_on(occurred_on), &by(ACME, "2026-08-01"));
    assert!(of_former("2026-06-30").is_ok());
    assert!(matches!(of_former("2026-07-01"), Err(Refusal::DateOutOfRange { .. })));
    let late = |today: &str| run(&mut memory_with(closed()), &ask_on("2028-01-31"), &by(ACME, today));
    assert!(late("2028-02-11").is_ok());
    assert_eq!(late("2028-02-12"), Err(Refusal::CycleClosed { cycle: id("sample-2026") }));
}

#[test]
fn an_id_names_one_request() {
    assert_eq!(
        run(&mut memory_with_file(asked()), &ask_on("2026-05-02"), &by(ACME, "2026-05-02")),
        Err(Refusal::field("/request_id", FieldCode::Exclusive, ""))
    );
}

#[test]
fn texts_are_bounded_as_the_schema_says() {
    assert_bounds(&request(), "/request", check);
    assert_bounds(&given(&[], "已指导"), "/answer", check_answer);
}

#[test]
fn the_organisation_or_the_office_corrects_and_voids_it() {
    let changed =
        |command: &Command, actor: &str| run(&mut memory_with_file(asked()), command, &by(actor, "2026-05-10"));
    let corrected = EnrolmentEvent::AssistanceCorrected(Corrected {
        id: request_id(),
        replaces_version: 1,
        content: request(),
        reason: "wrong day".to_owned(),
    });
    assert_eq!(changed(&correct_to("2026-05-02"), ACME), Ok(vec![Event::Enrolment(corrected)]));
    assert!(matches!(changed(&correct_to("2026-02-28"), ACME), Err(Refusal::DateOutOfRange { .. })));
    let voided = EnrolmentEvent::AssistanceVoided(Voided { id: request_id(), reason: "solved".to_owned() });
    assert_eq!(changed(&void(), "office/sample/wang"), Ok(vec![Event::Enrolment(voided)]));
    for command in [correct_to("2026-05-02"), void()] {
        assert!(matches!(changed(&command, EAST), Err(Refusal::NotPermitted { .. })));
    }
}

#[test]
fn w73_a_station_of_the_district_answers_from_the_day_of_the_request_on() {
    let answered = |occurred_on: &str| {
        run(&mut memory_with_file(asked()), &answer_on(occurred_on), &by("station/east-2/li", "2026-05-10"))
    };
    let event = EnrolmentEvent::AssistanceAnswered {
        request_id: request_id(),
        answer_id: AssistanceAnswerId::new(nth(2)),
        answer: given(&[], "已指导"),
    };
    assert_eq!(answered("2026-05-01"), Ok(vec![Event::Enrolment(event)]));
    assert!(matches!(answered("2026-04-30"), Err(Refusal::DateOutOfRange { pointer: "/occurred_on", .. })));
    assert!(matches!(answered("2026-05-11"), Err(Refusal::DateInFuture { .. })));
}

#[test]
fn w73_an_answer_comes_from_the_local_station_only() {
    let answered =
        |actor: &str| run(&mut memory_with_file(asked()), &answer_on("2026-05-02"), &by(actor, "2026-05-10"));
    assert!(matches!(answered("station/west-1/li"), Err(Refusal::StationNotResponsible { .. })));
    for actor in [ACME, "office/sample/wang", "district/east/li"] {
        assert!(matches!(answered(actor), Err(Refusal::NotPermitted { .. })), "{actor}");
    }
}

#[test]
fn w73_an_answer_may_come_long_after_closure() {
    let mut memory = memory_with(closed());
    memory.put(crate::samples::file_stream(), crate::stream::Aggregate::Enrolment(Box::new(asked())), 3);
    assert!(run(&mut memory, &answer_on("2028-06-01"), &by(EAST, "2028-06-01")).is_ok());
}

#[test]
fn a_request_is_answered_once_and_not_after_voiding() {
    let context = by(EAST, "2026-05-10");
    let mut answered = asked();
    answered.answered.insert(request_id());
    let refused = run(&mut memory_with_file(answered), &answer_on("2026-05-02"), &context);
    assert_eq!(refused, Err(Refusal::AlreadyAnswered));
    let mut voided = asked();
    voided.assistance.void(request_id());
    let refused = run(&mut memory_with_file(voided), &answer_on("2026-05-02"), &context);
    assert_eq!(refused, Err(Refusal::AlreadyVoided));
    let refused = run(&mut memory(), &answer_on("2026-05-02"), &context);
    assert_eq!(refused, Err(Refusal::NotFound { resource: "assistance_request" }));
}

#[test]
fn w21_an_expert_who_helped_is_of_the_register() {
    let command = answer_with(given(&["nobody"], "已指导"), "2026-05-02");
    assert!(matches!(
        run(&mut memory_with_file(asked()), &command, &by(EAST, "2026-05-10")),
        Err(Refusal::UnknownReference { pointer, kind: "expert", .. }) if pointer == "/answer/experts/0"
    ));
}
