use super::*;
use crate::cycle::testing::{
    Pool, actor, by_document, class, cycle, day, id, office, organization, rulebook, today, uscc, waived,
};
use crate::cycle::{CycleCommand, tag_text};
use crate::enrolment::Check;
use crate::ids::ProgramId;
use crate::organization::{Determination, File};
use crate::refusal::EntryRefused;
use crate::rulebook::Strength;

fn entry(n: u32, of: &str) -> ClassifyEntry {
    ClassifyEntry { uscc: uscc(n), class: Some(class(of)), grounds: None, seen: None }
}

fn batch(entries: Vec<ClassifyEntry>) -> CycleCommand {
    dated("2026-07-01", entries)
}

fn dated(on: &str, entries: Vec<ClassifyEntry>) -> CycleCommand {
    CycleCommand::Classify(Classify { cycle: cycle(), entries, common: Common::on(day(on)) })
}

fn one(n: u32, of: &str) -> CycleCommand {
    batch(vec![entry(n, of)])
}

/// Applicants whose surveys propose these classes, numbered from 1.
fn surveyed(classes: &[&str]) -> Pool {
    surveyed_under(rulebook(), classes)
}

fn surveyed_under(rules: Rulebook, classes: &[&str]) -> Pool {
    let mut pool = Pool::under(rules);
    for (n, of) in (1..).zip(classes) {
        pool.surveyed(n, Conclusion::Class(class(of)));
    }
    pool
}

#[test]
fn w56_a_batch_is_admitted_as_a_whole_and_counts_as_a_whole() {
    let mut pool = surveyed(&["D", "C"]);
    let command = batch(vec![entry(1, "D"), entry(2, "C")]);
    let decision = pool.run(&command, &office()).expect("accepted").clone();
    let names: Vec<_> = decision.events.iter().map(|(_, e)| e.event_type()).collect();
    let pair = ["OrganizationAdmitted", "OrganizationClassified"];
    assert_eq!(names, [pair, pair].concat());
    let change = decision.balance.expect("counts");
    assert_eq!((change.after[&class("C")], change.after[&class("D")], change.excess_after), (1, 1, 0));
    let member = pool.cycle().member(&organization(1)).expect("a member");
    assert_eq!((member.admitted_on, member.class.clone()), (Some(day("2026-07-01")), Some(class("D"))));
}

#[test]
fn w56_a_d_without_a_c_is_refused_and_nothing_is_admitted() {
    let mut pool = surveyed(&["D", "A"]);
    let refused = pool.run(&batch(vec![entry(2, "A"), entry(1, "D")]), &office()).expect_err("refused");
    let Refusal::BalanceViolated { before, after, excess_before, excess_after } = *refused.refusal else {
        panic!("{refused}")
    };
    assert_eq!((before[&class("D")], after[&class("D")], excess_before, excess_after), (0, 1, 0, 1));
    assert!(pool.cycle().counts.values().all(|n| *n == 0));
}

#[test]
fn w56_a_bound_in_principle_is_waived_with_a_reason() {
    let mut rules = rulebook();
    rules.classes.as_mut().expect("classes").constraints[0].rule.strength = Strength::Principle;
    let mut pool = surveyed_under(rules, &["D"]);
    assert_eq!(pool.refuses(&one(1, "D"), &office()), "balance_violated");
    let waiving = Classify { cycle: cycle(), entries: vec![entry(1, "D")], common: waived(today()) };
    assert!(pool.run(&CycleCommand::Classify(waiving), &office()).expect("accepted").waiver.is_some());
}

#[test]
fn w48_nobody_is_admitted_before_the_survey_is_settled() {
    let mut pool = Pool::open();
    pool.nominated(1, "alpha");
    assert_eq!(pool.refuses(&one(1, "A"), &office()), "survey_not_approved");
    pool.surveyed(2, Conclusion::Class(class("A")));
    pool.file(2).survey.as_mut().expect("a survey").step = SurveyStep::Filed;
    assert_eq!(pool.refuses(&one(2, "A"), &office()), "survey_not_approved");
}

#[test]
fn a_member_is_not_admitted_again() {
    let mut pool = surveyed(&["A"]);
    pool.accepts(&one(1, "A"), &office());
    assert_eq!(pool.refuses(&one(1, "A"), &office()), "step_out_of_order");
}

#[test]
fn w11_without_a_survey_step_a_nomination_suffices_and_without_both_an_application() {
    let mut rules = rulebook();
    rules.steps.survey = false;
    let mut pool = Pool::under(rules.clone());
    pool.applicant(1);
    pool.nominated(2, "alpha");
    assert_eq!(pool.refuses(&one(1, "A"), &office()), "step_out_of_order");
    assert!(pool.run(&one(2, "A"), &office()).is_ok());
    rules.steps.recommendation = false;
    let mut pool = Pool::under(rules);
    pool.applicant(1);
    assert!(pool.run(&one(1, "A"), &office()).is_ok());
}

#[test]
fn a_program_without_classes_admits_without_one() {
    let mut rules = rulebook();
    rules.classes = None;
    let mut pool = surveyed_under(rules, &["A"]);
    assert_eq!(pool.refuses(&one(1, "A"), &office()), "class_unknown");
    let plain = ClassifyEntry { class: None, ..entry(1, "A") };
    assert_eq!(pool.accepts(&batch(vec![plain]), &office()), ["OrganizationAdmitted"]);
}

#[test]
fn the_class_is_one_of_the_programs() {
    let mut pool = surveyed(&["A"]);
    assert_eq!(pool.refuses(&one(1, "E"), &office()), "class_unknown");
    let none = ClassifyEntry { class: None, ..entry(1, "A") };
    assert_eq!(pool.refuses(&batch(vec![none]), &office()), "validation_failed");
}

#[test]
fn w50_grounds_are_required_where_the_office_differs_from_the_station() {
    let mut pool = surveyed(&["A", "A"]);
    pool.surveyed(3, Conclusion::BelowA);
    assert!(pool.run(&one(1, "A"), &office()).is_ok());
    assert_eq!(pool.refuses(&one(2, "B"), &office()), "grounds_required");
    assert_eq!(pool.refuses(&one(3, "A"), &office()), "grounds_required");
    let argued = |n, of| ClassifyEntry { grounds: Some("现场复核".to_owned()), ..entry(n, of) };
    assert!(pool.run(&batch(vec![argued(2, "B"), argued(3, "A")]), &office()).is_ok());
}

#[test]
fn w50_where_office_and_station_agree_no_grounds_are_asked_whatever_the_organisation_proposed() {
    let mut pool = surveyed(&["B"]);
    pool.file(1).application.as_mut().expect("an application").own_class = Some(class("D"));
    assert!(pool.run(&one(1, "B"), &office()).is_ok());
}

#[test]
fn w50_grounds_of_spaces_are_no_grounds() {
    let mut pool = surveyed(&["A"]);
    let blank = ClassifyEntry { grounds: Some(" \u{3000}".to_owned()), ..entry(1, "B") };
    assert_eq!(pool.refuses(&batch(vec![blank]), &office()), "grounds_required");
    let shortest = ClassifyEntry { grounds: Some("异".to_owned()), ..entry(1, "B") };
    assert!(pool.run(&batch(vec![shortest]), &office()).is_ok());
}

#[test]
fn every_entry_that_fails_is_named_with_its_place() {
    let mut pool = surveyed(&["A", "A", "A"]);
    let entries = vec![entry(1, "A"), entry(2, "E"), entry(9, "A"), entry(1, "A")];
    let refused = pool.run(&batch(entries), &office()).expect_err("refused");
    assert_eq!(refused.refusal.code(), "class_unknown");
    let Refusal::Batch(entries) = *refused.refusal else { panic!("{refused}") };
    let codes: Vec<_> =
        entries.iter().map(|EntryRefused { index, refused }| (*index, refused.refusal.code())).collect();
    assert_eq!(codes, [(1, "class_unknown"), (2, "unknown_reference"), (3, "duplicate_in_batch")]);
}

#[test]
fn a_batch_has_one_entry_to_the_rulebooks_limit() {
    let mut pool = surveyed(&["A"; 6]);
    let entries: Vec<_> = (1..=6).map(|n| entry(n, "A")).collect();
    assert_eq!(pool.refuses(&batch(Vec::new()), &office()), "batch_size");
    assert_eq!(pool.refuses(&batch(entries.clone()), &office()), "batch_size");
    assert!(pool.run(&batch(entries[..5].to_vec()), &office()).is_ok());
}

#[test]
fn an_entry_that_rests_on_an_older_file_is_refused() {
    let mut pool = surveyed(&["A", "A"]);
    let changed_at = pool.cycle().entry(&organization(1)).expect("an entry").changed_at;
    let seen = |tag: String| batch(vec![ClassifyEntry { seen: Some(tag), ..entry(1, "A") }]);
    assert_eq!(pool.refuses(&seen(tag_text((0, changed_at))), &office()), "stale_version");
    assert_eq!(pool.refuses(&seen(tag_text((1, changed_at + 1))), &office()), "stale_version");
    assert!(pool.run(&seen(format!("\"{}\"", tag_text((1, changed_at)))), &office()).is_ok());
}

#[test]
fn the_day_lies_in_the_cycle_and_not_before_the_survey_was_settled() {
    let mut pool = surveyed(&["A", "A"]);
    assert_eq!(pool.refuses(&dated("2025-12-31", vec![entry(1, "A")]), &office()), "date_out_of_range");
    assert_eq!(pool.refuses(&dated("2026-02-28", vec![entry(1, "A")]), &office()), "date_out_of_range");
    assert_eq!(pool.refuses(&dated("2026-07-02", vec![entry(1, "A")]), &office()), "date_in_future");
    assert!(pool.run(&dated("2026-03-01", vec![entry(1, "A")]), &office()).is_ok());
}

#[test]
fn w76_a_member_of_a_cycle_that_still_runs_is_not_admitted_to_the_next() {
    let mut pool = surveyed(&["A"]);
    let file =
        |program: &str, outcome| File { program: id::<ProgramId>(program), opened_on: day("2024-01-01"), outcome };
    let last: CycleId = id("test-pool-2024");
    pool.organization(1).files.insert(last.clone(), file("test-pool", None));
    assert_eq!(pool.refuses(&one(1, "A"), &office()), "already_in_program");
    pool.organization(1).files.insert(last, file("test-pool", Some(crate::cycle::Outcome::Completed)));
    pool.organization(1).files.insert(id("other-2026"), file("other", None));
    assert!(pool.run(&one(1, "A"), &office()).is_ok());
}

#[test]
fn a_must_condition_without_proof_stops_an_admission_and_one_in_principle_does_not() {
    for (strength, accepted) in [(Strength::Must, false), (Strength::Principle, true)] {
        let mut rules = rulebook();
        rules.conditions = vec![by_document(strength)];
        let mut pool = surveyed_under(rules, &["A"]);
        match pool.run(&one(1, "A"), &office()) {
            Ok(_) => assert!(accepted),
            Err(refused) => assert_eq!((refused.refusal.code(), accepted), ("eligibility_open", false)),
        }
    }
}

#[test]
fn a_condition_not_met_is_waived_only_where_it_is_in_principle() {
    for (strength, code) in [(Strength::Must, Some("rule_not_waivable")), (Strength::Principle, None)] {
        let mut rules = rulebook();
        rules.conditions = vec![by_document(strength)];
        let mut pool = surveyed_under(rules, &["A"]);
        pool.file(1).checks.insert(id("leading_level"), Check { met: false, checked_on: day("2026-02-01") });
        assert_eq!(pool.refuses(&one(1, "A"), &office()), "eligibility_not_met");
        let waiving = Classify { cycle: cycle(), entries: vec![entry(1, "A")], common: waived(today()) };
        let answer = pool.run(&CycleCommand::Classify(waiving), &office());
        assert_eq!(answer.err().map(|refused| refused.refusal.code()), code);
    }
}

#[test]
fn w36_an_incident_between_application_and_admission_stops_the_admission() {
    let mut pool = surveyed(&["A"]);
    pool.incident(1, "2026-04-01", Determination::Determined { major: true });
    assert_eq!(pool.refuses(&one(1, "A"), &office()), "lookback_incident");
    pool.incident(1, "2026-04-01", Determination::Dismissed);
    assert!(pool.run(&one(1, "A"), &office()).is_ok());
}

#[test]
fn only_the_office_classifies() {
    let mut pool = surveyed(&["A"]);
    for other in ["district/jinghu", "station/one", "office/other"] {
        assert_eq!(pool.refuses(&one(1, "A"), &actor(other)), "not_permitted");
    }
}
