use chrono::NaiveDate;
use domain::ids::ClassId;
use domain::refusal::FieldCode;
use domain::rulebook::{Rule, Strength};
use domain::uscc::InvalidUscc;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn class(id: &str) -> ClassId {
    id.parse().unwrap()
}

fn quota() -> Rule {
    Rule {
        clause: "三（二）".to_owned(),
        text: "每个推荐单位原则上不超过2家".to_owned(),
        strength: Strength::Principle,
        ours: false,
    }
}

#[test]
fn the_code_of_a_refusal_is_the_code_of_its_problem() {
    for refusal in [
        Refusal::ApplicationMissing,
        Refusal::ClassUnchanged { class: class("C") },
        Refusal::ReasonRequired { pointer: "/reason" },
        Refusal::BatchSize { limit: 200, actual: 0 },
        Refusal::NotFound { resource: "cycle" },
        Refusal::field("/name", FieldCode::Required, ""),
        Refusal::UsccInvalid { pointer: "/uscc".to_owned(), reason: InvalidUscc::Region },
    ] {
        let code = refusal.code();
        assert_eq!(Problem::from(refusal).code().as_str(), code);
    }
}

#[test]
fn a_quota_refusal_cites_its_rule_and_says_that_it_is_waivable() {
    let refused =
        Refusal::QuotaExceeded { recommender: "assoc-1".parse().unwrap(), limit: 2, used: 2 }.by("quota", &quota());
    let problem = Problem::from(refused);
    let member = |name: &str| problem.members().get(name).cloned().unwrap();
    assert_eq!(member("limit"), 2);
    assert_eq!(member("used"), 2);
    assert_eq!(member("rule"), "quota");
    assert_eq!(member("clause"), "三（二）");
    assert_eq!(member("strength"), "principle");
    assert_eq!(member("waivable"), true);
    assert_eq!(problem.detail().en, "The recommender assoc-1 has used 2 of its 2 places.");
    assert_eq!(problem.detail().zh, "推荐单位 assoc-1 的 2 个名额已用 2 个。");
}

#[test]
fn a_date_out_of_range_names_its_field_and_the_range() {
    let problem = Problem::from(Refusal::DateOutOfRange {
        pointer: "/occurred_on",
        date: day("2026-01-02"),
        from: Some(day("2026-03-01")),
        to: None,
    });
    assert_eq!(problem.errors()[0].pointer, "/occurred_on");
    assert_eq!(problem.errors()[0].code, "date_out_of_range");
    assert_eq!(problem.members()["from"], "2026-03-01");
    assert!(problem.members()["to"].is_null());
    assert!(problem.detail().en.contains("from 2026-03-01"));
}

#[test]
fn a_wrong_check_character_names_the_right_one() {
    let reason = InvalidUscc::Check { expected: '3', found: '4' };
    let problem = Problem::from(Refusal::UsccInvalid { pointer: "/uscc".to_owned(), reason });
    assert_eq!(problem.code(), Code::UsccInvalid);
    assert_eq!(problem.errors()[0].members["expected_check"], "3");
}

#[test]
fn a_batch_is_one_problem_with_the_code_of_its_first_entry() {
    let entries = vec![
        EntryRefused { index: 1, refused: Refusal::ClassUnchanged { class: class("C") }.into() },
        EntryRefused { index: 4, refused: Refusal::field("/grounds", FieldCode::Required, "四（二）1").into() },
    ];
    let problem = Problem::from(Refusal::Batch(entries));
    assert_eq!(problem.code(), Code::ClassUnchanged);
    let [first, second] = problem.errors() else { panic!("two entries") };
    assert_eq!((first.pointer.as_str(), first.code), ("/entries/1", "class_unchanged"));
    assert_eq!(first.members["class"], "C");
    assert_eq!((second.pointer.as_str(), second.code), ("/entries/4", "validation_failed"));
    assert_eq!(second.errors[0].pointer, "/entries/4/grounds");
    assert_eq!(second.errors[0].members["clause"], "四（二）1");
}

#[test]
fn a_pointer_that_already_names_its_entry_is_kept() {
    let inner = Refusal::field("/entries/0/class", FieldCode::NotOneOf, "");
    let problem = Problem::from(Refusal::Batch(vec![EntryRefused { index: 0, refused: inner.into() }]));
    assert_eq!(problem.errors()[0].errors[0].pointer, "/entries/0/class");
}

#[test]
fn a_balance_refusal_shows_the_counts_before_and_after() {
    let before = [(class("C"), 3), (class("D"), 3)].into_iter().collect();
    let after = [(class("C"), 2), (class("D"), 4)].into_iter().collect();
    let problem = Problem::from(Refusal::BalanceViolated { before, after, excess_before: 0, excess_after: 2 });
    assert_eq!(problem.members()["before"]["D"], 3);
    assert_eq!(problem.members()["after"]["D"], 4);
    assert_eq!(problem.members()["excess_after"], 2);
    assert!(problem.detail().en.contains("from C 3, D 3 to C 2, D 4"));
}
