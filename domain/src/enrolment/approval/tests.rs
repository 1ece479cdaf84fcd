use super::*;
use crate::cycle::Standing;
use crate::enrolment::testing::{
    self, EAST, OFFICE, STATION, WEST, code, cycle_id, cycle_with, entry, file, put_cycle, put_organization, rulebook,
    run, stored,
};
use crate::enrolment::{EnrolmentCommand, SurveyStep};
use crate::event::Event;
use crate::ids::SurveyId;
use crate::memory::Memory;
use crate::organization::Organization;
use crate::samples::{self, OTHER_USCC, USCC, day, id, nth, on, organization_id};
use crate::stream::Aggregate;

fn report() -> ApproveSurveys {
    ApproveSurveys {
        cycle: cycle_id(),
        entries: vec![id(USCC)],
        report_no: "鸠质发〔2026〕3号".to_owned(),
        approved_on: testing::today(),
        common: on(testing::TODAY),
    }
}

fn approve(memory: &mut Memory, command: ApproveSurveys, actor: &str) -> Result<Vec<Event>, Refusal> {
    run(memory, EnrolmentCommand::ApproveSurveys(command), actor)
}

fn filed() -> Memory {
    file(Standing::Nominated, Some(SurveyStep::Filed))
}

/// Two organisations with filed surveys, the second in this district.
fn two_filed(district: &str) -> Memory {
    let mut memory = filed();
    let other = OrganizationId::first_registered(id(OTHER_USCC));
    let organization =
        Organization { numbers: vec![id(OTHER_USCC)], district: Some(id(district)), ..samples::organization() };
    put_organization(&mut memory, &other, organization);
    let mut cycle = cycle_with(rulebook());
    for organization in [organization_id(), other.clone()] {
        cycle.entries.insert(organization, entry(Standing::Nominated));
    }
    put_cycle(&mut memory, cycle);
    let file = Aggregate::Enrolment(Box::new(stored(&memory)));
    memory.put(StreamId::enrolment(&cycle_id(), &other), file, 4);
    memory
}

/// The places and codes of the entries that a batch was refused for.
#[track_caller]
fn entries(refused: Result<Vec<Event>, Refusal>) -> Vec<(usize, &'static str)> {
    match refused {
        Err(Refusal::Batch(entries)) => entries.iter().map(|e| (e.index, e.refused.refusal.code())).collect(),
        other => panic!("not a refused batch: {other:?}"),
    }
}

#[test]
fn w48_the_district_office_settles_a_filed_survey() {
    let mut memory = filed();
    let settled = EnrolmentEvent::SurveyApproved {
        survey_id: SurveyId::new(nth(20)),
        revision: 1,
        report_no: report().report_no,
        approved_on: testing::today(),
    };
    assert_eq!(approve(&mut memory, report(), EAST), Ok(vec![settled.into()]));
    assert_eq!(stored(&memory).survey.unwrap().step, SurveyStep::Approved);
}

#[test]
fn w47_a_list_is_settled_under_one_report_number() {
    let command = ApproveSurveys { entries: vec![id(USCC), id(OTHER_USCC)], ..report() };
    assert_eq!(approve(&mut two_filed("east"), command, EAST).map(|events| events.len()), Ok(2));
}

#[test]
fn w47_one_failing_entry_fails_the_list_and_is_named() {
    let mut memory = two_filed("west");
    let command = ApproveSurveys { entries: vec![id(USCC), id(OTHER_USCC)], ..report() };
    assert_eq!(entries(approve(&mut memory, command, EAST)), [(1, "not_permitted")]);
    assert_eq!(stored(&memory).survey.unwrap().step, SurveyStep::Filed);
}

#[test]
fn an_organisation_stands_in_a_list_once_under_whichever_number() {
    let mut memory = filed();
    let later = OrganizationId::first_registered(id(OTHER_USCC));
    put_organization(&mut memory, &later, Organization { pointer: Some(organization_id()), ..Organization::default() });
    let command = ApproveSurveys { entries: vec![id(USCC), id(OTHER_USCC)], ..report() };
    assert_eq!(entries(approve(&mut memory, command, EAST)), [(1, "duplicate_in_batch")]);
}

#[test]
fn an_unknown_organisation_is_named_by_its_place() {
    let command = ApproveSurveys { entries: vec![id(OTHER_USCC), id(USCC)], ..report() };
    assert_eq!(entries(approve(&mut filed(), command, EAST)), [(0, "not_found")]);
}

#[test]
fn w47_a_list_has_between_one_and_the_most_entries() {
    let sized = |size| ApproveSurveys { entries: vec![id(USCC); size], ..report() };
    assert_eq!(approve(&mut filed(), sized(0), EAST), Err(Refusal::BatchSize { limit: 3, actual: 0 }));
    assert_eq!(approve(&mut filed(), sized(4), EAST), Err(Refusal::BatchSize { limit: 3, actual: 4 }));
    // Three are taken for what they are: one organisation, thrice.
    assert_eq!(entries(approve(&mut filed(), sized(3), EAST)).len(), 2);
}

#[test]
fn w16_w48_nobody_but_the_organisation_s_district_office_settles() {
    for actor in [OFFICE, STATION] {
        assert_eq!(code(approve(&mut filed(), report(), actor)), "not_permitted");
        assert!(!matches!(approve(&mut filed(), report(), actor), Err(Refusal::Batch(_))));
    }
    assert_eq!(entries(approve(&mut filed(), report(), WEST)), [(0, "not_permitted")]);
}

#[test]
fn who_filed_a_survey_does_not_settle_it_in_another_role() {
    assert_eq!(entries(approve(&mut filed(), report(), "district/east/li")), [(0, "self_approval")]);
}

#[test]
fn only_a_filed_survey_is_settled() {
    for step in [None, Some(SurveyStep::Assigned), Some(SurveyStep::Returned), Some(SurveyStep::Approved)] {
        let mut memory = file(Standing::Nominated, step);
        assert_eq!(entries(approve(&mut memory, report(), EAST)), [(0, "step_out_of_order")], "{step:?}");
    }
}

#[test]
fn the_report_has_a_number() {
    let blank = ApproveSurveys { report_no: " ".to_owned(), ..report() };
    let expected = Refusal::field("/report_no", crate::FieldCode::Required, "四（一）W-48");
    assert_eq!(approve(&mut filed(), blank, EAST), Err(expected));
}

#[test]
fn w48_a_survey_is_settled_between_its_filing_and_the_day_the_report_goes_up() {
    let settled = |on: &str| ApproveSurveys { approved_on: day(on), ..report() };
    assert!(approve(&mut filed(), settled("2026-03-05"), EAST).is_ok());
    assert_eq!(entries(approve(&mut filed(), settled("2026-03-04"), EAST)), [(0, "date_out_of_range")]);
    assert_eq!(code(approve(&mut filed(), settled("2026-03-11"), EAST)), "date_out_of_range");
    let future = ApproveSurveys { common: on("2026-03-11"), ..report() };
    assert_eq!(code(approve(&mut filed(), future, EAST)), "date_in_future");
}
