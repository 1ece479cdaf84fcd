use super::*;
use crate::cycle::testing::{
    Pool, actor, as_organization, by_document, cycle, day, id, incident, office, rulebook, today, uscc, waived,
};
use crate::cycle::{CycleCommand, WaiveQuota};
use crate::enrolment::Check;
use crate::organization::Determination;
use crate::register::{Inactive, RegisterEntry};
use crate::rulebook::Strength;

fn by(recommender: &str, n: u32) -> Nominate {
    Nominate {
        cycle: cycle(),
        uscc: uscc(n),
        recommender: id(recommender),
        opinion: "同意推荐".to_owned(),
        signed_on: day("2026-06-30"),
        common: today(),
    }
}

fn nominate(recommender: &str, n: u32) -> CycleCommand {
    CycleCommand::Nominate(by(recommender, n))
}

fn station(pool: &mut Pool, station: &str) {
    let details = Details::Station { name: station.to_owned(), district: id("jinghu") };
    let entry = RegisterEntry { details, inactive: None };
    pool.registered().entries.insert(EntryId::Station(id(station)), entry);
}

/// Three applicants, two of them nominated by alpha.
fn two_nominated() -> Pool {
    let mut pool = Pool::open();
    for n in 1..=3 {
        pool.applicant(n);
    }
    for n in 1..=2 {
        pool.run(&nominate("alpha", n), &actor("recommender/alpha")).expect("accepted");
    }
    pool
}

#[test]
fn w41_two_nominations_by_one_recommender_are_accepted_and_a_third_is_refused() {
    let mut pool = two_nominated();
    let refused = pool.run(&nominate("alpha", 3), &actor("recommender/alpha")).expect_err("refused");
    assert_eq!(*refused.refusal, Refusal::QuotaExceeded { recommender: id("alpha"), limit: 2, used: 2 });
    assert_eq!(refused.rule.map(|cited| cited.waivable()), Some(true));
    assert!(pool.run(&nominate("beta", 3), &actor("recommender/beta")).is_ok());
}

#[test]
fn w41_the_office_waives_the_quota_with_a_reason_and_nobody_else_does() {
    let mut pool = two_nominated();
    let waiving = CycleCommand::Nominate(Nominate { common: waived(today()), ..by("alpha", 3) });
    assert_eq!(pool.refuses(&waiving, &actor("recommender/alpha")), "not_permitted");
    let decision = pool.run(&waiving, &office()).expect("accepted");
    assert!(decision.waiver.is_some());
}

#[test]
fn w41_an_unused_waiver_is_not_recorded() {
    let mut pool = Pool::open();
    pool.applicant(1);
    let waiving = CycleCommand::Nominate(Nominate { common: waived(today()), ..by("alpha", 1) });
    assert_eq!(pool.run(&waiving, &office()).expect("accepted").waiver, None);
}

#[test]
fn w41_a_must_quota_cannot_be_waived_either_way() {
    let mut rules = rulebook();
    rules.recommenders.quota.as_mut().expect("a quota").rule.strength = Strength::Must;
    rules.recommenders.quota.as_mut().expect("a quota").limit = 0;
    let mut pool = Pool::under(rules);
    pool.applicant(1);
    let waiving = CycleCommand::Nominate(Nominate { common: waived(today()), ..by("alpha", 1) });
    assert_eq!(pool.refuses(&waiving, &office()), "rule_not_waivable");
    assert_eq!(pool.refuses(&extra(1), &office()), "rule_not_waivable");
}

fn extra(extra: u32) -> CycleCommand {
    let reason = "重点产业".to_owned();
    CycleCommand::WaiveQuota(WaiveQuota { cycle: cycle(), recommender: id("alpha"), extra, reason, common: today() })
}

#[test]
fn w41_an_extra_place_is_one_more_and_not_two() {
    let mut pool = two_nominated();
    pool.applicant(4);
    assert_eq!(pool.refuses(&extra(0), &office()), "validation_failed");
    assert_eq!(pool.refuses(&extra(1), &actor("recommender/alpha")), "not_permitted");
    assert_eq!(pool.accepts(&extra(1), &office()), ["QuotaWaived"]);
    assert!(pool.run(&nominate("alpha", 3), &actor("recommender/alpha")).is_ok());
    assert_eq!(pool.refuses(&nominate("alpha", 4), &actor("recommender/alpha")), "quota_exceeded");
}

#[test]
fn w41_places_of_merged_recommenders_add_up() {
    let mut pool = two_nominated();
    let alpha = EntryId::Recommender(id("alpha"));
    let merged = Inactive::Merged(EntryId::Recommender(id("beta")));
    pool.registered().entries.get_mut(&alpha).expect("registered").inactive = Some(merged);
    assert_eq!(pool.refuses(&nominate("beta", 3), &actor("recommender/beta")), "quota_exceeded");
    assert_eq!(pool.refuses(&nominate("alpha", 3), &actor("recommender/alpha")), "reference_inactive");
}

#[test]
fn only_the_recommender_itself_or_the_office_nominates() {
    let mut pool = Pool::open();
    pool.applicant(1);
    for other in [actor("recommender/beta"), as_organization(1), actor("office/other")] {
        assert_eq!(pool.refuses(&nominate("alpha", 1), &other), "not_permitted");
    }
    let events = pool.accepts(&nominate("alpha", 1), &office());
    assert_eq!(events, ["OrganizationNominated", "RecommendationReceived"]);
}

#[test]
fn a_recommender_of_an_unknown_kind_is_refused() {
    let mut pool = Pool::open();
    pool.applicant(1);
    let details = Details::Recommender { name: "…".into(), recommender_kind: id("club"), district: None };
    let entry = RegisterEntry { details, inactive: None };
    pool.registered().entries.insert(EntryId::Recommender(id("club")), entry);
    assert_eq!(pool.refuses(&nominate("club", 1), &office()), "validation_failed");
    assert_eq!(pool.refuses(&nominate("nobody", 1), &office()), "unknown_reference");
}

#[test]
fn w45_the_only_station_of_the_district_is_charged_with_the_survey_at_once() {
    let mut pool = Pool::open();
    pool.applicant(1);
    station(&mut pool, "one");
    let events = pool.accepts(&nominate("alpha", 1), &office());
    assert_eq!(events, ["OrganizationNominated", "RecommendationReceived", "SurveyAssigned"]);
}

#[test]
fn w45_with_two_stations_in_the_district_none_is_chosen() {
    let mut pool = Pool::open();
    pool.applicant(1);
    station(&mut pool, "one");
    station(&mut pool, "two");
    let events = pool.accepts(&nominate("alpha", 1), &office());
    assert_eq!(events, ["OrganizationNominated", "RecommendationReceived"]);
}

#[test]
fn w106_the_opinion_is_required_and_signed_by_the_day_of_the_nomination() {
    let mut pool = Pool::open();
    pool.applicant(1);
    let silent = Nominate { opinion: " ".into(), ..by("alpha", 1) };
    assert_eq!(pool.refuses(&CycleCommand::Nominate(silent), &office()), "validation_failed");
    let later = Nominate { signed_on: day("2026-07-02"), ..by("alpha", 1) };
    assert_eq!(pool.refuses(&CycleCommand::Nominate(later), &office()), "date_out_of_range");
    let same_day = Nominate { signed_on: day("2026-07-01"), ..by("alpha", 1) };
    assert!(pool.run(&CycleCommand::Nominate(same_day), &office()).is_ok());
}

#[test]
fn a_nomination_follows_an_application_and_comes_once() {
    let mut pool = Pool::open();
    assert_eq!(pool.refuses(&nominate("alpha", 1), &office()), "application_missing");
    pool.applicant(1);
    let early = Nominate { signed_on: day("2026-01-04"), common: Common::on(day("2026-01-04")), ..by("alpha", 1) };
    assert_eq!(pool.refuses(&CycleCommand::Nominate(early), &office()), "date_out_of_range");
    assert!(pool.run(&nominate("alpha", 1), &office()).is_ok());
    assert_eq!(pool.refuses(&nominate("alpha", 1), &office()), "step_out_of_order");
}

#[test]
fn w36_a_major_incident_bars_a_nomination_until_the_look_back_has_passed() {
    let mut pool = Pool::open();
    pool.applicant(1);
    pool.incident(1, "2024-01-01", Determination::Determined { major: true });
    let refused = pool.run(&nominate("alpha", 1), &office()).expect_err("refused");
    let (occurred_on, free_from) = (day("2024-01-01"), day("2027-01-01"));
    assert_eq!(*refused.refusal, Refusal::LookbackIncident { incident: incident(1), occurred_on, free_from });
    pool.incident(1, "2023-01-05", Determination::Determined { major: true });
    assert!(pool.run(&nominate("alpha", 1), &office()).is_ok(), "three years to the day before the application");
}

#[test]
fn w36_an_incident_after_the_application_bars_a_nomination_too() {
    let mut pool = Pool::open();
    pool.applicant(1);
    pool.incident(1, "2026-02-01", Determination::Determined { major: true });
    assert_eq!(pool.refuses(&nominate("alpha", 1), &office()), "lookback_incident");
}

#[test]
fn a_condition_that_only_lacks_proof_does_not_stop_a_nomination_and_one_not_met_does() {
    let mut rules = rulebook();
    rules.conditions = vec![by_document(Strength::Must)];
    let mut pool = Pool::under(rules);
    pool.applicant(1);
    pool.applicant(2);
    assert!(pool.run(&nominate("alpha", 1), &office()).is_ok());
    let check = Check { met: false, checked_on: day("2026-02-01") };
    pool.file(2).checks.insert(id("leading_level"), check);
    assert_eq!(pool.refuses(&nominate("alpha", 2), &office()), "eligibility_not_met");
}
