use crate::enrolment::testing::{rulebook, survey, today};
use crate::forms::annex2::{AnalysisSource, Capability, Conclusion, ContentOrNone, Profile, Survey, YearRevenue};
use crate::refusal::FieldCode;
use crate::samples::{day, id};

fn errors(change: impl FnOnce(&mut Survey)) -> Vec<(String, FieldCode)> {
    let mut form = survey();
    change(&mut form);
    form.section_errors(&rulebook(), today()).into_iter().map(|e| (e.pointer, e.code)).collect()
}

#[track_caller]
fn refused(pointer: &str, code: FieldCode, change: impl FnOnce(&mut Survey)) {
    assert_eq!(errors(change), [(format!("/survey{pointer}"), code)]);
}

#[track_caller]
fn accepted(change: impl FnOnce(&mut Survey)) {
    assert_eq!(errors(change), []);
}

fn profile(change: impl FnOnce(&mut Profile)) -> impl FnOnce(&mut Survey) {
    |survey| change(survey.profile.as_mut().unwrap())
}

#[test]
fn the_sample_is_complete() {
    accepted(|_| {});
}

#[test]
fn an_empty_form_names_all_nine_sections_with_their_clauses() {
    let empty: Survey = serde_json::from_str("{}").unwrap();
    let errors = empty.section_errors(&rulebook(), today());
    let clauses: Vec<_> = errors.iter().map(|e| e.clause.split(' ').nth(1).unwrap()).collect();
    assert_eq!(clauses, ["一", "二", "三", "四", "五", "六", "七", "八", "九"]);
    assert!(errors.iter().all(|e| e.code == FieldCode::Required));
}

#[test]
fn w108_headcount_is_at_least_one() {
    accepted(profile(|p| p.employees = 1));
    refused("/profile/employees", FieldCode::OutOfRange, profile(|p| p.employees = 0));
}

#[test]
fn w108_revenue_is_that_of_exactly_three_different_years() {
    let two = profile(|p| p.revenue.truncate(2));
    refused("/profile/revenue", FieldCode::OutOfRange, two);
    let four = profile(|p| p.revenue.push(YearRevenue { year: 2026, revenue_yuan: 1 }));
    refused("/profile/revenue", FieldCode::OutOfRange, four);
    let twice = profile(|p| p.revenue[2].year = p.revenue[0].year);
    refused("/profile/revenue/2/year", FieldCode::Exclusive, twice);
    let to_come = profile(|p| p.revenue[2].year = 2027);
    refused("/profile/revenue/2/year", FieldCode::OutOfRange, to_come);
}

#[test]
fn w107_the_day_of_registration_is_not_to_come() {
    accepted(profile(|p| p.registered_on = today()));
    refused("/profile/registered_on", FieldCode::OutOfRange, profile(|p| p.registered_on = day("2026-03-11")));
}

#[test]
fn w109_a_day_of_appointment_is_given_if_and_only_if_an_officer_is_appointed() {
    refused("/quality_officer/appointed_on", FieldCode::RequiresOther, |s| {
        s.quality_officer.as_mut().unwrap().appointed_on = None;
    });
    refused("/quality_officer/appointed_on", FieldCode::Exclusive, |s| {
        s.quality_officer.as_mut().unwrap().appointed = false;
    });
    accepted(|s| {
        let officer = s.quality_officer.as_mut().unwrap();
        officer.appointed = false;
        officer.appointed_on = None;
    });
}

#[test]
fn w109_plan_and_effect_are_both_told() {
    refused("/quality_officer/current_effect", FieldCode::Required, |s| {
        s.quality_officer.as_mut().unwrap().current_effect.clear();
    });
}

#[test]
fn w110_one_aspect_of_capability_is_enough_but_none_is_not() {
    let blank = || Capability {
        management_system: String::new(),
        key_rules: String::new(),
        improvement_practices: String::new(),
        digital_level: String::new(),
    };
    accepted(|s| s.capability = Some(Capability { key_rules: "有".to_owned(), ..blank() }));
    refused("/capability", FieldCode::Required, |s| s.capability = Some(blank()));
}

#[test]
fn w46_w113_to_w116_sections_hold_content_or_the_word_that_there_is_none() {
    type Section = fn(&mut Survey) -> &mut Option<ContentOrNone>;
    let sections: [(&str, Section); 4] = [
        ("/quality_model", |s| &mut s.quality_model),
        ("/self_assessors", |s| &mut s.self_assessors),
        ("/city_county_awards", |s| &mut s.city_county_awards),
        ("/provincial_honours", |s| &mut s.provincial_honours),
    ];
    for (at, section) in sections {
        let stated = |none, content: &str| Some(ContentOrNone { none, content: content.to_owned() });
        accepted(|s| *section(s) = stated(true, ""));
        accepted(|s| *section(s) = stated(false, "有"));
        refused(&format!("{at}/content"), FieldCode::Exclusive, |s| *section(s) = stated(true, "有"));
        refused(&format!("{at}/content"), FieldCode::Required, |s| *section(s) = stated(false, " "));
    }
}

#[test]
fn w117_the_source_of_the_analysis_is_named() {
    refused("/analysis/sources", FieldCode::Required, |s| s.analysis.as_mut().unwrap().sources.clear());
    refused("/analysis/sources/1", FieldCode::Exclusive, |s| {
        s.analysis.as_mut().unwrap().sources = vec![AnalysisSource::Own, AnalysisSource::Own];
    });
}

#[test]
fn w117_another_source_is_named_in_words_if_and_only_if_there_is_one() {
    refused("/analysis/other_source", FieldCode::RequiresOther, |s| {
        s.analysis.as_mut().unwrap().sources.push(AnalysisSource::Other);
    });
    refused("/analysis/other_source", FieldCode::Exclusive, |s| {
        s.analysis.as_mut().unwrap().other_source = Some("高校".to_owned());
    });
    accepted(|s| {
        let analysis = s.analysis.as_mut().unwrap();
        analysis.sources.push(AnalysisSource::Other);
        analysis.other_source = Some("高校".to_owned());
    });
}

#[test]
fn w118_the_conclusion_proposes_a_class_of_the_program() {
    refused("/conclusion/suggestion", FieldCode::NotOneOf, |s| {
        s.conclusion.as_mut().unwrap().suggestion = Conclusion::Class(id("E"));
    });
}

#[test]
fn w119_the_conclusion_may_be_below_a() {
    accepted(|s| s.conclusion.as_mut().unwrap().suggestion = Conclusion::BelowA);
}
