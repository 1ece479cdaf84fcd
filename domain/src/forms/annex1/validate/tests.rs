use crate::enrolment::testing::{application, rulebook, today};
use crate::forms::annex1::{Application, CommitteePart, CommitteeSeat, Level, Nature, NoneOrHas, YesNo};
use crate::refusal::FieldCode;
use crate::rulebook::Rulebook;
use crate::samples::{day, id};

fn errors_under(rulebook: &Rulebook, change: impl FnOnce(&mut Application)) -> Vec<(String, FieldCode)> {
    let mut form = application();
    change(&mut form);
    form.field_errors(rulebook, today()).into_iter().map(|e| (e.pointer, e.code)).collect()
}

fn errors(change: impl FnOnce(&mut Application)) -> Vec<(String, FieldCode)> {
    errors_under(&rulebook(), change)
}

/// The form, changed, has exactly this error.
#[track_caller]
fn refused(pointer: &str, code: FieldCode, change: impl FnOnce(&mut Application)) {
    assert_eq!(errors(change), [(format!("/application{pointer}"), code)]);
}

#[track_caller]
fn accepted(change: impl FnOnce(&mut Application)) {
    assert_eq!(errors(change), []);
}

#[test]
fn the_sample_is_complete() {
    accepted(|_| {});
}

#[test]
fn all_errors_are_told_at_once_with_the_clause_of_each() {
    let mut form = application();
    form.name.clear();
    form.address = " ".to_owned();
    let errors = form.field_errors(&rulebook(), today());
    let told: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.clause)).collect();
    assert_eq!(told, [("/application/name", "附件1 W-79"), ("/application/address", "附件1 W-80")]);
}

#[test]
fn w84_an_enterprise_states_its_type_and_nobody_else_does() {
    refused("/enterprise_type", FieldCode::RequiresOther, |f| f.enterprise_type = None);
    refused("/enterprise_type", FieldCode::Exclusive, |f| f.nature = Nature::PublicInstitution);
    accepted(|f| {
        f.nature = Nature::PublicInstitution;
        f.enterprise_type = None;
    });
}

#[test]
fn w90_w91_w92_answers_against_the_organisation_leave_the_form_complete() {
    accepted(|f| {
        f.profitable = YesNo::No;
        f.major_incidents = NoneOrHas::Has;
        f.complaints_or_dishonesty = NoneOrHas::Has;
    });
}

#[test]
fn w95_seats_are_named_if_and_only_if_there_are_any() {
    refused("/standardization/committee_seats", FieldCode::RequiresOther, |f| {
        f.standardization.committee_seats.clear();
    });
    refused("/standardization/committee_seats", FieldCode::Exclusive, |f| {
        f.standardization.in_committee = YesNo::No;
    });
    accepted(|f| {
        f.standardization.in_committee = YesNo::No;
        f.standardization.committee_seats.clear();
    });
}

#[test]
fn w95_one_seat_is_not_named_twice_but_two_parts_of_one_level_may_be() {
    let seat = |part| CommitteeSeat { level: Level::National, part };
    accepted(|f| {
        f.standardization.committee_seats = vec![seat(CommitteePart::Member), seat(CommitteePart::Secretariat)];
    });
    refused("/standardization/committee_seats/1", FieldCode::Exclusive, |f| {
        f.standardization.committee_seats = vec![seat(CommitteePart::Member), seat(CommitteePart::Member)];
    });
}

#[test]
fn w96_pilots_are_national_provincial_or_city_each_once_or_none() {
    accepted(|f| f.standardization.pilots.clear());
    accepted(|f| f.standardization.pilots = vec![Level::National, Level::Provincial, Level::City]);
    refused("/standardization/pilots/0", FieldCode::NotOneOf, |f| {
        f.standardization.pilots = vec![Level::International];
    });
    refused("/standardization/pilots/1", FieldCode::Exclusive, |f| {
        f.standardization.pilots = vec![Level::City, Level::City];
    });
}

#[test]
fn w98_each_standard_has_number_name_and_rank() {
    let errors = errors(|f| {
        let standard = &mut f.standardization.standards[0];
        standard.number.clear();
        standard.name.clear();
        standard.rank = 0;
    });
    let at = "/application/standardization/standards/0";
    assert_eq!(
        errors,
        [
            (format!("{at}/number"), FieldCode::Required),
            (format!("{at}/name"), FieldCode::Required),
            (format!("{at}/rank"), FieldCode::OutOfRange)
        ]
    );
}

#[test]
fn w100_a_certificate_in_the_list_has_a_name() {
    accepted(|f| f.certifications.product.clear());
    refused("/certifications/service/0", FieldCode::Required, |f| f.certifications.service = vec![String::new()]);
}

#[test]
fn w101_testing_is_described_or_noted_as_not_applicable_never_both() {
    refused("/testing/description", FieldCode::Required, |f| f.testing.description.clear());
    refused("/testing/description", FieldCode::Exclusive, |f| f.testing.not_applicable = true);
    accepted(|f| {
        f.testing.not_applicable = true;
        f.testing.description.clear();
    });
}

#[test]
fn w103_an_honour_may_be_old_or_of_this_year_but_not_of_the_next() {
    accepted(|f| f.honours[0].year = 2010);
    accepted(|f| f.honours[0].year = 2026);
    refused("/honours/0/year", FieldCode::OutOfRange, |f| f.honours[0].year = 2027);
}

#[test]
fn w104_exactly_one_known_class_is_suggested() {
    refused("/own_class", FieldCode::Required, |f| f.own_class = None);
    refused("/own_class", FieldCode::NotOneOf, |f| f.own_class = Some(id("E")));
    accepted(|f| f.own_class = Some(id("B")));
}

#[test]
fn w104_a_program_without_classes_takes_no_suggestion() {
    let classless = Rulebook { classes: None, ..rulebook() };
    assert_eq!(errors_under(&classless, |f| f.own_class = None), []);
    let expected = ("/application/own_class".to_owned(), FieldCode::NotOneOf);
    assert_eq!(errors_under(&classless, |_| {}), [expected]);
}

#[test]
fn w32_a_licence_is_held_since_today_at_the_latest() {
    accepted(|f| f.supplement.licence.held_since = today());
    refused("/supplement/licence/held_since", FieldCode::OutOfRange, |f| {
        f.supplement.licence.held_since = day("2026-03-11");
    });
}

#[test]
fn w34_the_model_is_in_use_since_today_at_the_latest() {
    accepted(|f| f.supplement.model_introduced_on = today());
    refused("/supplement/model_introduced_on", FieldCode::OutOfRange, |f| {
        f.supplement.model_introduced_on = day("2026-03-11");
    });
}

#[test]
fn w34_a_certificate_may_be_missing_or_expired_but_not_nameless() {
    accepted(|f| f.supplement.certificate = None);
    accepted(|f| f.supplement.certificate.as_mut().unwrap().valid_until = day("2020-01-01"));
    refused("/supplement/certificate/issuer", FieldCode::Required, |f| {
        f.supplement.certificate.as_mut().unwrap().issuer.clear();
    });
}

#[test]
fn w07_tags_are_of_the_rulebook_each_once() {
    accepted(|f| f.supplement.tags = vec!["chain".to_owned()]);
    refused("/supplement/tags/0", FieldCode::NotOneOf, |f| f.supplement.tags = vec!["unheard".to_owned()]);
    refused("/supplement/tags/1", FieldCode::Exclusive, |f| {
        f.supplement.tags = vec!["chain".to_owned(), "chain".to_owned()];
    });
}
