//! Scheduling and experts.

use super::*;
use crate::cycle::CycleEvent;
use crate::session::{AssignExperts, CancelSession, SessionEvent};

fn command(plan: Plan) -> SessionCommand {
    SessionCommand::Schedule(schedule(plan))
}

fn waived(plan: Plan) -> SessionCommand {
    SessionCommand::Schedule(ScheduleSession { common: waiving("2026-05-20"), ..schedule(plan) })
}

fn assign(experts: &[&str]) -> SessionCommand {
    SessionCommand::AssignExperts(AssignExperts {
        session_id: session_id(),
        experts: experts.iter().map(|e| id(e)).collect(),
        common: on("2026-05-21"),
    })
}

#[test]
fn w57_a_session_is_scheduled_and_booked_in_its_cycle() {
    let mut stage = Stage::new();
    let events = stage.accepts(&command(foundation()), &office("2026-05-20"));
    assert_eq!(names(&events), [(CYCLE.to_owned(), "SessionBooked"), (session_id().to_string(), "SessionScheduled")]);
    let booked = CycleEvent::SessionBooked { session_id: session_id(), on: day("2026-06-10") };
    assert_eq!(events[0].event, Event::Cycle(booked));
    assert_eq!(events[0].meta.waiver, None);
    assert_eq!(stage.session().scheduled, Some((id(CYCLE), foundation())));
}

#[test]
fn w57_a_kind_that_the_rulebook_does_not_have_is_refused() {
    let refused = Stage::new().refuses(&command(plan("yoga", "2026-06-10", &[])), &office("2026-05-20"));
    assert_eq!(fields(&refused), [("/plan/kind".to_owned(), FieldCode::NotOneOf)]);
}

#[test]
fn w57_a_form_with_several_mistakes_names_them_all() {
    let wrong = Plan {
        title: " ".to_owned(),
        place: "址".repeat(201),
        capacity: Some(0),
        experts: vec![id("e-1"), id("e-1")],
        ..plan("foundation", "2026-06-10", &["everybody"])
    };
    let refused = Stage::new().refuses(&command(wrong), &office("2026-05-20"));
    let expected = [
        ("/plan/title", FieldCode::Required),
        ("/plan/place", FieldCode::TooLong),
        ("/plan/capacity", FieldCode::OutOfRange),
        ("/plan/audiences/0", FieldCode::NotOneOf),
        ("/plan/experts/1", FieldCode::Exclusive),
    ];
    assert_eq!(fields(&refused), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn w57_only_the_award_office_of_the_program_schedules() {
    let mut stage = Stage::new();
    for actor in ["office/hangzhou-cultivation/li", "station/jinghu-1/li", "organization/91350100M000100Y43/li"] {
        stage.refuses_as("not_permitted", &command(foundation()), &by(actor, "2026-05-20"));
    }
}

#[test]
fn w57_an_unknown_cycle_is_not_found() {
    let elsewhere = ScheduleSession { cycle: id("wuhu-incubation-1999"), ..schedule(foundation()) };
    Stage::new().refuses_as("not_found", &SessionCommand::Schedule(elsewhere), &office("2026-05-20"));
}

#[test]
fn w57_a_closed_cycle_takes_no_session() {
    let mut stage = Stage::new();
    stage.set(|cycle| cycle.closed_on = Some(day("2026-05-20")));
    stage.refuses_as("cycle_closed", &command(foundation()), &office("2026-05-20"));
}

#[test]
fn w57_the_decision_is_not_dated_ahead_though_the_session_is() {
    let mut stage = Stage::new();
    stage.refuses_as("date_in_future", &command(foundation()), &office("2026-05-19"));
    stage.accepts(&command(foundation()), &office("2026-05-20"));
}

#[test]
fn w57_a_session_that_has_been_held_may_still_be_entered() {
    Stage::new().accepts(&command(foundation()), &office("2026-07-01"));
}

#[test]
fn w57_an_id_is_used_for_one_session() {
    let refused = Stage::scheduled().refuses(&command(foundation()), &office("2026-05-20"));
    assert_eq!(fields(&refused), [("/session_id".to_owned(), FieldCode::Exclusive)]);
}

#[test]
fn w42_a_session_lies_on_a_day_of_the_cycle() {
    for (on, code) in [("2026-04-30", "cycle_not_started"), ("2028-05-01", "date_out_of_range")] {
        let mut stage = Stage::new();
        stage.refuses_as(code, &command(plan("foundation", on, &[])), &office("2026-05-20"));
    }
    Stage::new().accepts(&command(plan("foundation", "2026-05-01", &[])), &office("2026-05-20"));
    Stage::new().accepts(&command(plan("targeted", "2028-04-30", &[])), &office("2026-05-20"));
}

#[test]
fn w68_a_and_b_are_taught_in_the_first_year_in_principle() {
    for kind in ["foundation", "improvement"] {
        Stage::new().accepts(&command(plan(kind, "2027-04-30", &[])), &office("2026-05-20"));
        let refused = Stage::new().refuses(&command(plan(kind, "2027-05-01", &[])), &office("2026-05-20"));
        assert_eq!(*refused.refusal, Refusal::SessionYearMismatch { due: 1, actual: 2 });
        let rule = refused.rule.unwrap();
        assert!(rule.waivable());
        assert_eq!(rule.rule.clause, "四（三）");
    }
}

#[test]
fn w69_c_and_d_are_taught_in_the_second_year_in_principle() {
    for kind in ["targeted", "advanced_diagnosis"] {
        Stage::new().accepts(&command(plan(kind, "2027-05-01", &[])), &office("2026-05-20"));
        let refused = Stage::new().refuses(&command(plan(kind, "2027-04-30", &[])), &office("2026-05-20"));
        assert_eq!(*refused.refusal, Refusal::SessionYearMismatch { due: 2, actual: 1 });
    }
}

#[test]
fn w68_another_year_needs_a_waiver_with_a_reason_which_is_recorded() {
    let late = plan("foundation", "2027-05-01", &[]);
    let events = Stage::new().accepts(&waived(late.clone()), &office("2026-05-20"));
    assert_eq!(events[1].meta.waiver.as_ref().map(|w| w.reason.as_str()), Some("讲师档期"));

    let mut silent = ScheduleSession { common: waiving("2026-05-20"), ..schedule(late) };
    silent.common.waiver = Some(Waiver { reason: " ".to_owned(), document: None });
    Stage::new().refuses_as("reason_required", &SessionCommand::Schedule(silent), &office("2026-05-20"));
}

#[test]
fn w68_a_year_that_a_rulebook_words_as_must_is_not_waived() {
    let mut stage = Stage::new();
    stage.set(|cycle| {
        let rulebook = Arc::make_mut(&mut cycle.opened.as_mut().unwrap().rulebook);
        for class in &mut rulebook.classes.as_mut().unwrap().list {
            class.teaching.as_mut().unwrap().rule.strength = crate::rulebook::Strength::Must;
        }
    });
    stage.refuses_as("rule_not_waivable", &waived(plan("foundation", "2027-05-01", &[])), &office("2026-05-20"));
}

#[test]
fn w68_a_waiver_that_no_rule_needs_is_not_recorded() {
    let events = Stage::new().accepts(&waived(foundation()), &office("2026-05-20"));
    assert!(events.iter().all(|e| e.meta.waiver.is_none()));
}

#[test]
fn w70_a_session_is_for_the_audience_of_its_class_in_principle() {
    let right = plan("targeted", "2027-06-01", &["middle_and_senior_managers", "key_team_members"]);
    Stage::new().accepts(&command(right), &office("2026-05-20"));
    let wrong = plan("targeted", "2027-06-01", &["key_team_members", "key_staff"]);
    let refused = Stage::new().refuses(&command(wrong.clone()), &office("2026-05-20"));
    let expected = vec!["middle_and_senior_managers".to_owned(), "key_team_members".to_owned()];
    assert_eq!(*refused.refusal, Refusal::AudienceMismatch { audience: "key_staff".to_owned(), expected });
    assert!(refused.rule.unwrap().waivable());
    let events = Stage::new().accepts(&waived(wrong), &office("2026-05-20"));
    assert!(events[0].meta.waiver.is_some());
}

#[test]
fn w70_a_kind_without_an_audience_in_the_guide_takes_any() {
    let diagnosis = plan("advanced_diagnosis", "2027-06-01", &["quality_managers"]);
    Stage::new().accepts(&command(diagnosis), &office("2026-05-20"));
}

#[test]
fn w64_a_diagnosis_is_brought_to_a_member_of_the_kinds_class() {
    let at = |uscc| Plan { host: Some(organization(uscc)), ..plan("advanced_diagnosis", "2027-06-01", &[]) };
    Stage::new().accepts(&command(at(D)), &office("2026-05-20"));
    let refused = Stage::new().refuses(&command(at(C)), &office("2026-05-20"));
    let mismatch = Refusal::SessionClassMismatch { class: id("C"), kind_classes: vec![id("D")] };
    assert_eq!(*refused.refusal, mismatch);
    Stage::new().accepts(&waived(at(C)), &office("2026-05-20"));
    Stage::new().refuses_as("not_a_member", &command(at(APPLICANT)), &office("2026-05-20"));
    Stage::new().refuses_as("unknown_reference", &command(at(STRANGER)), &office("2026-05-20"));
}

#[test]
fn w64_a_host_named_by_a_later_number_is_the_organisation_itself() {
    let mut stage = Stage::new();
    let later = crate::organization::Organization { pointer: Some(organization(D)), ..Default::default() };
    stage.memory.put(StreamId::organization(&organization(STRANGER)), Aggregate::Organization(later), 1);
    let plan = Plan { host: Some(organization(STRANGER)), ..plan("advanced_diagnosis", "2027-06-01", &[]) };
    stage.accepts(&command(plan), &office("2026-05-20"));
    assert_eq!(stage.session().scheduled.unwrap().1.host, Some(organization(D)));
}

#[test]
fn w22_experts_of_a_plan_are_in_the_register_and_active() {
    let with = |expert| Plan { experts: vec![id("e-1"), id(expert)], ..foundation() };
    Stage::new().accepts(&command(with("e-2")), &office("2026-05-20"));
    let refused = Stage::new().refuses(&command(with("e-9")), &office("2026-05-20"));
    let pointer = "/plan/experts/1".to_owned();
    assert_eq!(*refused.refusal, Refusal::UnknownReference { pointer, kind: "expert", id: "e-9".to_owned() });
    Stage::new().refuses_as("reference_inactive", &command(with("e-gone")), &office("2026-05-20"));
}

#[test]
fn w22_further_experts_come_on_top_of_those_assigned() {
    let mut stage = Stage::new();
    stage.accepts(&command(Plan { experts: vec![id("e-1")], ..foundation() }), &office("2026-05-20"));
    let events = stage.accepts(&assign(&["e-2"]), &office("2026-05-21"));
    assert_eq!(*session_event(&events[0]), SessionEvent::ExpertAssigned { experts: vec![id("e-2")] });
    assert_eq!(stage.session().scheduled.unwrap().1.experts, [id("e-1"), id("e-2")]);

    let refused = stage.refuses(&assign(&["e-2"]), &office("2026-05-21"));
    assert_eq!(fields(&refused), [("/experts/0".to_owned(), FieldCode::Exclusive)]);
}

#[test]
fn w22_assigning_nobody_an_unknown_or_a_former_expert_is_refused() {
    let mut stage = Stage::scheduled();
    let refused = stage.refuses(&assign(&[]), &office("2026-05-21"));
    assert_eq!(fields(&refused), [("/experts".to_owned(), FieldCode::Required)]);
    stage.refuses_as("unknown_reference", &assign(&["e-9"]), &office("2026-05-21"));
    stage.refuses_as("reference_inactive", &assign(&["e-gone"]), &office("2026-05-21"));
    stage.refuses_as("not_permitted", &assign(&["e-1"]), &by("expert/e-1/wu", "2026-05-21"));
    Stage::new().refuses_as("not_found", &assign(&["e-1"]), &office("2026-05-21"));
}

#[test]
fn w22_a_cancelled_session_takes_no_experts() {
    let mut stage = Stage::scheduled();
    let cancel =
        CancelSession { session_id: session_id(), reason: "报名不足".to_owned(), common: on("2026-05-20") };
    stage.accepts(&SessionCommand::Cancel(cancel), &office("2026-05-20"));
    stage.refuses_as("session_cancelled", &assign(&["e-1"]), &office("2026-05-21"));
}

#[test]
fn w69_a_kind_due_to_two_classes_is_held_to_the_class_that_it_is_brought_to() {
    let mut stage = Stage::new();
    stage.set(foundation_also_for_class_c);
    let at =
        |uscc, on, audience| command(Plan { host: Some(organization(uscc)), ..plan("foundation", on, &[audience]) });
    let context = office("2026-05-20");
    stage.refuses_as("session_year_mismatch", &at(A, "2027-06-10", "key_staff"), &context);
    stage.refuses_as("session_year_mismatch", &at(C, "2026-06-10", "key_team_members"), &context);
    stage.refuses_as("audience_mismatch", &at(C, "2027-06-10", "key_staff"), &context);
    stage.accepts(&at(C, "2027-06-10", "key_team_members"), &context);
}

#[test]
fn w69_a_kind_due_to_two_classes_may_be_scheduled_for_both_at_once() {
    for on in ["2026-06-10", "2027-06-10"] {
        let mut stage = Stage::new();
        stage.set(foundation_also_for_class_c);
        let both = plan("foundation", on, &["key_staff", "key_team_members"]);
        stage.accepts(&command(both), &office("2026-05-20"));
    }
}
