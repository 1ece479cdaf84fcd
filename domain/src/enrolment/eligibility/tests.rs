use super::ConditionStatus::{Met, NeedsDocument, NotMet};
use super::*;
use crate::enrolment::Check;
use crate::enrolment::testing::{application, rulebook, today, with_incident};
use crate::organization::Determination;
use crate::samples::{day, id};

fn file_of(application: Application) -> Enrolment {
    Enrolment {
        applied_on: Some(application.applied_on),
        application: Some(Box::new(application)),
        ..Enrolment::default()
    }
}

fn find(condition: &str, file: &Enrolment, organization: &Organization) -> ConditionEntry {
    let entries = assess(&rulebook(), file, organization);
    entries.into_iter().find(|entry| entry.id == id(condition)).unwrap()
}

/// What is known of a condition under a changed form.
fn status(condition: &str, change: impl FnOnce(&mut Application)) -> ConditionStatus {
    let mut form = application();
    change(&mut form);
    find(condition, &file_of(form), &Organization::default()).status
}

#[test]
fn every_condition_of_the_rulebook_has_one_entry_with_its_clause() {
    let entries = assess(&rulebook(), &file_of(application()), &Organization::default());
    let conditions = rulebook().conditions;
    let told: Vec<_> = entries.iter().map(|entry| (&entry.id, &entry.rule)).collect();
    assert_eq!(told, conditions.iter().map(|c| (&c.id, &c.rule)).collect::<Vec<_>>());
}

#[test]
fn without_an_application_nothing_is_proven() {
    let entries = assess(&rulebook(), &Enrolment::default(), &Organization::default());
    assert!(entries.iter().all(|entry| entry.status == NeedsDocument));
}

#[test]
fn w32_a_licence_held_for_three_years_to_the_day_is_enough() {
    let held = |since: &str| status("licence", |f| f.supplement.licence.held_since = day(since));
    assert_eq!(held("2020-01-01"), Met);
    assert_eq!(held("2023-03-10"), Met);
    assert_eq!(held("2023-03-11"), NotMet);
}

#[test]
fn w32_a_licence_of_the_29th_of_february_counts_from_the_28th() {
    let applied = |on: &str| {
        status("licence", |f| {
            f.applied_on = day(on);
            f.supplement.licence.held_since = day("2024-02-29");
        })
    };
    assert_eq!(applied("2027-02-27"), NotMet);
    assert_eq!(applied("2027-02-28"), Met);
}

#[test]
fn w34_the_model_in_use_for_two_years_to_the_day_is_enough() {
    let introduced = |on: &str| status("model", |f| f.supplement.model_introduced_on = day(on));
    assert_eq!(introduced("2024-03-10"), Met);
    assert_eq!(introduced("2024-03-11"), NotMet);
}

#[test]
fn w34_a_certificate_is_valid_on_its_last_day() {
    let valid_until = |on: &str| status("model", |f| f.supplement.certificate.as_mut().unwrap().valid_until = day(on));
    assert_eq!(valid_until("2026-03-10"), Met);
    assert_eq!(valid_until("2026-03-09"), NotMet);
}

#[test]
fn w34_a_certificate_without_a_scan_or_none_at_all_needs_a_document() {
    assert_eq!(status("model", |f| f.supplement.certificate = None), NeedsDocument);
    assert_eq!(status("model", |f| f.supplement.certificate.as_mut().unwrap().document_id = None), NeedsDocument);
}

#[test]
fn w34_too_short_a_use_weighs_more_than_a_missing_certificate() {
    let both = status("model", |f| {
        f.supplement.certificate = None;
        f.supplement.model_introduced_on = today();
    });
    assert_eq!(both, NotMet);
}

#[test]
fn w36_w91_an_incident_on_the_form_is_not_met() {
    assert_eq!(status("incident", |_| {}), Met);
    assert_eq!(status("incident", |f| f.major_incidents = NoneOrHas::Has), NotMet);
}

#[test]
fn w36_a_recorded_major_incident_bars_until_three_years_have_passed() {
    let entry = |occurred_on: &str| {
        let organization = with_incident(occurred_on, Determination::Determined { major: true });
        let entry = find("incident", &file_of(application()), &organization);
        (entry.status, entry.free_from)
    };
    assert_eq!(entry("2023-03-10"), (Met, None));
    assert_eq!(entry("2023-03-11"), (NotMet, Some(day("2026-03-11"))));
}

#[test]
fn w36_an_incident_that_is_open_minor_or_dismissed_bars_nobody() {
    let outcomes = [Determination::Open, Determination::Determined { major: false }, Determination::Dismissed];
    for determination in outcomes {
        let organization = with_incident("2026-01-01", determination);
        assert_eq!(find("incident", &file_of(application()), &organization).status, Met);
    }
}

#[test]
fn w36_a_check_does_not_overturn_what_the_authority_determined() {
    let mut file = file_of(application());
    file.checks.insert(id("incident"), Check { met: true, checked_on: today() });
    let organization = with_incident("2026-01-01", Determination::Determined { major: true });
    assert_eq!(find("incident", &file, &organization).status, NotMet);
}

#[test]
fn w37_a_failed_spot_check_on_the_form_is_not_met() {
    assert_eq!(status("spot_check", |_| {}), Met);
    assert_eq!(status("spot_check", |f| f.supplement.spot_check_failures = NoneOrHas::Has), NotMet);
}

#[test]
fn w38_a_breach_on_the_form_is_not_met() {
    assert_eq!(status("breach", |_| {}), Met);
    assert_eq!(status("breach", |f| f.supplement.serious_breaches = NoneOrHas::Has), NotMet);
}

#[test]
fn w38_w92_complaints_or_dishonesty_on_the_form_are_for_a_department_to_weigh() {
    assert_eq!(status("breach", |f| f.complaints_or_dishonesty = NoneOrHas::Has), NeedsDocument);
}

#[test]
fn w39_the_declaration_on_the_legal_representative_counts() {
    assert_eq!(status("criminal_record", |_| {}), Met);
    let silent = status("criminal_record", |f| f.supplement.legal_representative.no_criminal_record = false);
    assert_eq!(silent, NotMet);
}

#[test]
fn w33_w35_w40_what_no_form_proves_needs_a_document_until_a_department_checked_it() {
    assert_eq!(status("results", |_| {}), NeedsDocument);
    for (met, expected) in [(true, Met), (false, NotMet)] {
        let mut file = file_of(application());
        file.checks.insert(id("results"), Check { met, checked_on: today() });
        assert_eq!(find("results", &file, &Organization::default()).status, expected);
    }
}

#[test]
fn w38_a_check_weighs_more_than_the_form_either_way() {
    let mut admitted = application();
    admitted.supplement.spot_check_failures = NoneOrHas::Has;
    let mut file = file_of(admitted);
    file.checks.insert(id("spot_check"), Check { met: true, checked_on: today() });
    file.checks.insert(id("breach"), Check { met: false, checked_on: today() });
    assert_eq!(find("spot_check", &file, &Organization::default()).status, Met);
    assert_eq!(find("breach", &file, &Organization::default()).status, NotMet);
}

#[test]
fn q11_losses_are_shown_and_never_block() {
    use crate::forms::annex1::YesNo;
    let mut losses = application();
    losses.profitable = YesNo::No;
    let organization = Organization::default();
    let with_losses = assess(&rulebook(), &file_of(losses), &organization);
    assert_eq!(with_losses, assess(&rulebook(), &file_of(application()), &organization));
}
