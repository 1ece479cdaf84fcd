use super::*;
use crate::command::Command;
use crate::cycle::{CycleCommand, Nominate, Places};
use crate::enrolment::testing::{
    GUILD, ITSELF, OFFICE, TODAY, by, code, cycle_id, cycle_with, entry, nobody, put_cycle, put_organization, rulebook,
    run, submission, waiving,
};
use crate::enrolment::{Enrolment, EnrolmentCommand, EnrolmentEvent};
use crate::event::Event;
use crate::fact::Facts;
use crate::memory::Memory;
use crate::rulebook::{Quota, Rulebook, Strength};
use crate::samples::{self, day, id, nth, organization_id};
use crate::stream::{Aggregate, StreamId};

const REPORT: SelfEvaluationId = SelfEvaluationId::new(uuid::Uuid::from_u128(40));

fn earlier() -> CycleId {
    id("sample-2024")
}

/// An earlier cycle in which the organisation stands so, closed or still running.
fn took_part(rulebook: Rulebook, standing: Standing, closed_on: Option<&str>) -> Memory {
    let mut memory = nobody();
    put_cycle(&mut memory, cycle_with(rulebook.clone()));
    let mut cycle = cycle_with(rulebook);
    let opened = cycle.opened.as_mut().unwrap();
    (opened.cycle, opened.starts_on, opened.ends_on) = (earlier(), day("2024-02-01"), day("2026-02-01"));
    cycle.closed_on = closed_on.map(day);
    let outcome = match standing {
        Standing::Former(outcome) => Some(outcome),
        Standing::Applied | Standing::Nominated | Standing::Member => None,
    };
    cycle.entries.insert(organization_id(), entry(standing));
    put_cycle(&mut memory, cycle);
    let file = File { program: id("sample"), opened_on: day("2024-01-10"), outcome };
    let known = Organization { files: [(earlier(), file)].into(), ..samples::organization() };
    put_organization(&mut memory, &organization_id(), known);
    memory
}

fn completed() -> Memory {
    took_part(rulebook(), Standing::Former(Outcome::Completed), Some("2026-02-01"))
}

/// Puts the report for the earlier cycle on file, and another one that was voided since.
fn hand_in_report(memory: &mut Memory) {
    let mut self_evaluations = Facts::default();
    self_evaluations.record(REPORT, day("2026-02-10"), &ITSELF.parse().unwrap());
    self_evaluations.record(SelfEvaluationId::new(nth(41)), day("2026-02-20"), &ITSELF.parse().unwrap());
    self_evaluations.void(SelfEvaluationId::new(nth(41)));
    let file = Enrolment { self_evaluations, ..Enrolment::default() };
    let stream = StreamId::enrolment(&earlier(), &organization_id());
    memory.put(stream, Aggregate::Enrolment(Box::new(file)), 9);
}

fn submit(memory: &mut Memory, command: SubmitApplication) -> Result<Vec<Event>, Refusal> {
    run(memory, EnrolmentCommand::SubmitApplication(command), ITSELF)
}

fn referred_to(events: &[Event]) -> (Option<CycleId>, Option<SelfEvaluationId>) {
    let submitted = events.iter().find_map(|event| {
        if let Event::Enrolment(EnrolmentEvent::ApplicationSubmitted { previous, self_evaluation, .. }) = event {
            Some((previous.clone(), *self_evaluation))
        } else {
            None
        }
    });
    submitted.expect("nothing was submitted")
}

#[test]
fn w77_after_a_completed_cycle_the_report_for_it_is_owed() {
    let expected = Refusal::SelfEvaluationMissing { cycle: earlier() };
    assert_eq!(submit(&mut completed(), submission()), Err(expected));
}

#[test]
fn w77_a_report_on_file_is_found_and_referred_to() {
    let mut memory = completed();
    hand_in_report(&mut memory);
    let events = submit(&mut memory, submission()).unwrap();
    assert_eq!(referred_to(&events), (Some(earlier()), Some(REPORT)));
}

#[test]
fn w77_a_report_that_is_named_must_be_on_file_and_in_force() {
    for (named, accepted) in [(40, true), (41, false), (42, false)] {
        let mut memory = completed();
        hand_in_report(&mut memory);
        let self_evaluation = Some(SelfEvaluationId::new(nth(named)));
        let command = SubmitApplication { previous: Some(earlier()), self_evaluation, ..submission() };
        match submit(&mut memory, command) {
            Ok(events) => assert!(accepted && referred_to(&events).1 == self_evaluation, "{named}"),
            Err(refusal) => assert!(!accepted && refusal.code() == "unknown_reference", "{named}"),
        }
    }
}

#[test]
fn w77_a_program_may_ask_for_no_report() {
    let mut lenient = rulebook();
    lenient.cycle.reapplication_needs_self_evaluation = false;
    let mut memory = took_part(lenient, Standing::Former(Outcome::Completed), Some("2026-02-01"));
    assert_eq!(referred_to(&submit(&mut memory, submission()).unwrap()), (Some(earlier()), None));
}

#[test]
fn w77_who_did_not_complete_the_cycle_owes_no_report() {
    use Outcome::{Declined, Lapsed, Removed, Withdrawn, WithdrawnEarly};
    for outcome in [Declined, Lapsed, Removed, Withdrawn, WithdrawnEarly] {
        let mut memory = took_part(rulebook(), Standing::Former(outcome), Some("2026-02-01"));
        assert!(submit(&mut memory, submission()).is_ok(), "{outcome}");
    }
}

#[test]
fn w77_in_principle_the_office_may_waive_the_report() {
    let mut lenient = rulebook();
    lenient.cycle.reapplication_rule.strength = Strength::Principle;
    let mut memory = took_part(lenient, Standing::Former(Outcome::Completed), Some("2026-02-01"));
    let command = SubmitApplication { common: waiving(), ..submission() };
    assert!(run(&mut memory, EnrolmentCommand::SubmitApplication(command.clone()), OFFICE).is_ok());
    assert_eq!(memory.log()[0].meta.waiver, command.common.waiver);
}

#[test]
fn w78_who_applies_again_begins_as_a_new_applicant_does() {
    let names = |events: Vec<Event>| events.iter().map(Event::event_type).collect::<Vec<_>>();
    let mut newcomer = nobody();
    let mut registered = names(submit(&mut newcomer, submission()).unwrap());
    assert_eq!(registered.remove(0), "OrganizationRegistered");
    let mut memory = completed();
    hand_in_report(&mut memory);
    assert_eq!(names(submit(&mut memory, submission()).unwrap()), registered);
    let world = World::new(&memory);
    let entry = &world.cycle(&cycle_id()).unwrap().entries[&organization_id()];
    assert_eq!((&entry.standing, &entry.recommender, entry.attempt), (&Standing::Applied, &None, 1));
}

/// The cycle applied for, with so many nominations by the guild already, under a quota of two.
fn with_places_used(memory: &mut Memory, used: u32) {
    let mut rules = rulebook();
    rules.recommenders.quota = Some(Quota { limit: 2, rule: samples::rule("quota") });
    let mut cycle = cycle_with(rules);
    cycle.places.insert(id("guild"), Places { used, extra: 0 });
    put_cycle(memory, cycle);
}

/// a re-application takes a place like any other.
fn nominated_again(used: u32) -> Result<Vec<Event>, Refusal> {
    let mut memory = completed();
    hand_in_report(&mut memory);
    with_places_used(&mut memory, used);
    submit(&mut memory, submission()).unwrap();
    let nominate = Nominate {
        cycle: cycle_id(),
        uscc: id(samples::USCC),
        recommender: id("guild"),
        opinion: "同意推荐".to_owned(),
        signed_on: day(TODAY),
        common: samples::on(TODAY),
    };
    samples::run(&mut memory, &Command::Cycle(CycleCommand::Nominate(nominate)), &by(GUILD))
}

#[test]
fn w78_a_re_application_is_refused_where_the_recommender_s_places_are_used() {
    assert_eq!(code(nominated_again(2)), "quota_exceeded");
}

#[test]
fn w78_a_re_application_takes_the_last_place_of_its_recommender() {
    assert!(nominated_again(1).is_ok());
}

#[test]
fn w76_a_live_file_in_another_cycle_refuses() {
    for standing in [Standing::Applied, Standing::Nominated, Standing::Member] {
        let mut memory = took_part(rulebook(), standing, None);
        let expected = Refusal::AlreadyInProgram { cycle: earlier() };
        assert_eq!(submit(&mut memory, submission()), Err(expected));
    }
}

#[test]
fn w76_who_was_removed_waits_until_the_cycle_is_closed() {
    let removed = Standing::Former(Outcome::Removed);
    let mut running = took_part(rulebook(), removed.clone(), None);
    assert_eq!(submit(&mut running, submission()), Err(Refusal::AlreadyInProgram { cycle: earlier() }));
    let mut closed = took_part(rulebook(), removed, Some("2026-02-01"));
    assert!(submit(&mut closed, submission()).is_ok());
}

fn early() -> Rulebook {
    let mut early = rulebook();
    early.cycle.reapplication = Reapplication::BeforeEndForNextCycle;
    early
}

#[test]
fn w76_where_the_rulebook_says_so_a_member_applies_before_the_end() {
    let mut memory = took_part(early(), Standing::Member, None);
    assert_eq!(referred_to(&submit(&mut memory, submission()).unwrap()).0, Some(earlier()));
    let mut removed = took_part(early(), Standing::Former(Outcome::Removed), None);
    assert!(submit(&mut removed, submission()).is_ok());
}

#[test]
fn w76_even_then_an_applicant_elsewhere_is_refused() {
    let mut memory = took_part(early(), Standing::Nominated, None);
    assert_eq!(code(submit(&mut memory, submission())), "already_in_program");
}

#[test]
fn a_file_of_another_program_does_not_matter() {
    let mut memory = took_part(rulebook(), Standing::Member, None);
    let file = File { program: id("elsewhere"), opened_on: day("2024-01-10"), outcome: None };
    let known = Organization { files: [(id("elsewhere-2024"), file)].into(), ..samples::organization() };
    put_organization(&mut memory, &organization_id(), known);
    assert_eq!(referred_to(&submit(&mut memory, submission()).unwrap()), (None, None));
}

#[test]
fn a_first_application_names_no_earlier_cycle_and_no_report() {
    let named = SubmitApplication { previous: Some(earlier()), ..submission() };
    assert_eq!(code(submit(&mut nobody(), named)), "unknown_reference");
    let reported = SubmitApplication { self_evaluation: Some(REPORT), ..submission() };
    assert_eq!(code(submit(&mut nobody(), reported)), "unknown_reference");
}

#[test]
fn only_the_latest_earlier_cycle_is_named() {
    let mut memory = completed();
    hand_in_report(&mut memory);
    let named = SubmitApplication { previous: Some(cycle_id()), ..submission() };
    assert_eq!(code(submit(&mut memory, named)), "unknown_reference");
    assert_eq!(memory.log().len(), 0);
}
