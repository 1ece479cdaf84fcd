use super::*;
use crate::cycle::{Outcome, Standing};
use crate::enrolment::testing::{
    self, EAST, ITSELF, OFFICE, OTHER_STATION, STATION, WEST, assignment, code, cycle_id, cycle_with, entry, file,
    filing, only, put_cycle, put_file, rulebook, run, stored,
};
use crate::enrolment::{EnrolmentCommand, SurveyStep};
use crate::event::Event;
use crate::forms::annex2::Conclusion;
use crate::memory::Memory;
use crate::samples::{self, USCC, id, nth, on, organization_id};

fn nominated(step: Option<SurveyStep>) -> Memory {
    file(Standing::Nominated, step)
}

fn assign(memory: &mut Memory, command: AssignSurvey, actor: &str) -> Result<Vec<Event>, Refusal> {
    run(memory, EnrolmentCommand::AssignSurvey(command), actor)
}

fn file_survey(memory: &mut Memory, command: FileSurvey, actor: &str) -> Result<Vec<Event>, Refusal> {
    run(memory, EnrolmentCommand::FileSurvey(command), actor)
}

fn send_back(memory: &mut Memory, actor: &str, reasons: &str, day: &str) -> Result<Vec<Event>, Refusal> {
    let (cycle, uscc) = (cycle_id(), id(USCC));
    let command = ReturnSurvey { cycle, uscc, reasons: reasons.to_owned(), common: on(day) };
    run(memory, EnrolmentCommand::ReturnSurvey(command), actor)
}

fn reopen(memory: &mut Memory, actor: &str, reasons: &str) -> Result<Vec<Event>, Refusal> {
    let (cycle, uscc) = (cycle_id(), id(USCC));
    let command = ReopenSurvey { cycle, uscc, reasons: reasons.to_owned(), common: on(testing::TODAY) };
    run(memory, EnrolmentCommand::ReopenSurvey(command), actor)
}

#[test]
fn w45_the_office_or_the_district_office_charges_a_local_station() {
    for actor in [OFFICE, EAST] {
        let mut memory = nominated(None);
        let expected = EnrolmentEvent::SurveyAssigned {
            station: id("east-1"),
            experts: vec![id("expert-1")],
            automatic: false,
            reason: None,
        };
        assert_eq!(only(assign(&mut memory, assignment(), actor)), expected);
        let survey = stored(&memory).survey.unwrap();
        assert_eq!((survey.step, survey.station, survey.revision), (SurveyStep::Assigned, id("east-1"), 0));
    }
}

#[test]
fn w45_another_district_s_office_and_the_station_itself_assign_nothing() {
    for actor in [WEST, STATION, ITSELF] {
        assert_eq!(code(assign(&mut nominated(None), assignment(), actor)), "not_permitted", "{actor}");
    }
}

#[test]
fn w45_a_station_of_another_district_is_not_responsible() {
    let command = AssignSurvey { station: id("west-1"), ..assignment() };
    let responsible = Some("east-1".to_owned());
    let expected = Refusal::StationNotResponsible { station: "west-1".to_owned(), responsible };
    assert_eq!(assign(&mut nominated(None), command, OFFICE), Err(expected));
}

#[test]
fn an_unknown_station_or_expert_is_refused_at_its_field() {
    let station = AssignSurvey { station: id("north-1"), ..assignment() };
    assert_eq!(code(assign(&mut nominated(None), station, OFFICE)), "unknown_reference");
    let closed = AssignSurvey { experts: vec![id("expert-1"), id("expert-2")], ..assignment() };
    let refused = assign(&mut nominated(None), closed, OFFICE);
    assert!(matches!(refused, Err(Refusal::ReferenceInactive { pointer, .. }) if pointer == "/experts/1"));
}

#[test]
fn w21_an_expert_guides_a_survey_once() {
    let twice = AssignSurvey { experts: vec![id("expert-1"), id("expert-1")], ..assignment() };
    assert_eq!(code(assign(&mut nominated(None), twice, OFFICE)), "validation_failed");
    let nobody = AssignSurvey { experts: Vec::new(), ..assignment() };
    assert!(assign(&mut nominated(None), nobody, OFFICE).is_ok());
}

#[test]
fn lifecycle_10_reassigning_needs_a_reason_and_keeps_what_was_filed() {
    let other = AssignSurvey { station: id("east-2"), ..assignment() };
    let mut memory = nominated(Some(SurveyStep::Returned));
    assert_eq!(code(assign(&mut memory, other.clone(), EAST)), "reason_required");
    let reasoned = AssignSurvey { reason: Some("人手不足".to_owned()), ..other };
    assert!(assign(&mut memory, reasoned, EAST).is_ok());
    let survey = stored(&memory).survey.unwrap();
    assert_eq!((survey.station, survey.step), (id("east-2"), SurveyStep::Returned));
    assert_eq!((survey.survey_id, survey.revision), (Some(SurveyId::new(nth(20))), 1));
}

#[test]
fn lifecycle_9_only_a_nominated_file_is_surveyed_and_a_filed_survey_stays_where_it_is() {
    let reasoned = AssignSurvey { reason: Some("人手不足".to_owned()), ..assignment() };
    let stages = [
        (Standing::Applied, None),
        (Standing::Nominated, Some(SurveyStep::Filed)),
        (Standing::Nominated, Some(SurveyStep::Approved)),
        (Standing::Member, Some(SurveyStep::Approved)),
        (Standing::Former(Outcome::Declined), None),
    ];
    for (standing, step) in stages {
        let mut memory = file(standing, step);
        assert_eq!(code(assign(&mut memory, reasoned.clone(), OFFICE)), "step_out_of_order", "{step:?}");
    }
}

/// The file in a program with these steps before admission.
fn with_steps(recommendation: bool, survey: bool, standing: Standing) -> Memory {
    let mut rulebook = rulebook();
    (rulebook.steps.recommendation, rulebook.steps.survey) = (recommendation, survey);
    let mut memory = nominated(None);
    let mut cycle = cycle_with(rulebook);
    cycle.entries.insert(organization_id(), entry(standing));
    put_cycle(&mut memory, cycle);
    memory
}

#[test]
fn a_program_without_recommendations_surveys_from_the_application_on() {
    assert!(assign(&mut with_steps(false, true, Standing::Applied), assignment(), OFFICE).is_ok());
}

#[test]
fn a_program_without_surveys_assigns_none() {
    let expected = Refusal::StepOutOfOrder { stage: "nominated", allowed_stages: Vec::new() };
    assert_eq!(assign(&mut with_steps(true, false, Standing::Nominated), assignment(), OFFICE), Err(expected));
}

#[test]
fn an_assignment_is_not_dated_before_the_nomination_nor_in_the_future() {
    let dated = |day: &str| AssignSurvey { common: on(day), ..assignment() };
    assert_eq!(code(assign(&mut nominated(None), dated("2026-02-28"), OFFICE)), "date_out_of_range");
    assert!(assign(&mut nominated(None), dated("2026-03-01"), OFFICE).is_ok());
    assert_eq!(code(assign(&mut nominated(None), dated("2026-03-11"), OFFICE)), "date_in_future");
}

#[test]
fn w46_the_assigned_station_files_and_the_conclusion_is_known() {
    let mut memory = nominated(Some(SurveyStep::Assigned));
    let filed = EnrolmentEvent::SurveyFiled {
        survey_id: SurveyId::new(nth(30)),
        revision: 1,
        station: id("east-1"),
        survey: Box::new(testing::survey()),
    };
    assert_eq!(only(file_survey(&mut memory, filing(), STATION)), filed);
    let file = stored(&memory);
    let survey = file.survey.unwrap();
    assert!(file.survey_ever_filed);
    assert_eq!(survey.step, SurveyStep::Filed);
    assert_eq!(survey.filed_by.map(|actor| actor.to_string()), Some(STATION.to_owned()));
    assert_eq!(survey.conclusion, Some(Conclusion::Class(id("B"))));
}

#[test]
fn a_revision_keeps_the_id_and_counts_on() {
    let mut memory = nominated(Some(SurveyStep::Returned));
    let filed = only(file_survey(&mut memory, filing(), STATION));
    let kept = SurveyId::new(nth(20));
    assert!(matches!(filed, EnrolmentEvent::SurveyFiled { survey_id, revision: 2, .. } if survey_id == kept));
}

#[test]
fn only_the_assigned_station_files() {
    let mut memory = nominated(Some(SurveyStep::Assigned));
    let responsible = Some("east-1".to_owned());
    let expected = Refusal::StationNotResponsible { station: "east-2".to_owned(), responsible };
    assert_eq!(file_survey(&mut memory, filing(), OTHER_STATION), Err(expected));
    for actor in [OFFICE, EAST, ITSELF] {
        assert_eq!(code(file_survey(&mut memory, filing(), actor)), "not_permitted", "{actor}");
    }
}

#[test]
fn a_survey_that_nobody_was_charged_with_is_not_filed() {
    assert_eq!(code(file_survey(&mut nominated(None), filing(), STATION)), "survey_not_assigned");
}

#[test]
fn w46_every_missing_section_is_named() {
    let mut command = filing();
    command.survey.profile = None;
    command.survey.provincial_honours = None;
    let refused = file_survey(&mut nominated(Some(SurveyStep::Assigned)), command, STATION);
    let Err(Refusal::SurveyIncomplete { sections }) = refused else { panic!("{refused:?}") };
    let told: Vec<_> = sections.iter().map(|s| (s.pointer.as_str(), s.clause)).collect();
    let expected = [("/survey/profile", "附件2 一 W-107"), ("/survey/provincial_honours", "附件2 七 W-116")];
    assert_eq!(told, expected);
}

#[test]
fn a_filed_or_settled_survey_is_not_filed_again() {
    for step in [SurveyStep::Filed, SurveyStep::Approved] {
        assert_eq!(code(file_survey(&mut nominated(Some(step)), filing(), STATION)), "step_out_of_order");
    }
    let mut memory = file(Standing::Former(Outcome::Withdrawn), Some(SurveyStep::Assigned));
    assert_eq!(code(file_survey(&mut memory, filing(), STATION)), "step_out_of_order");
}

#[test]
fn a_survey_is_not_filed_before_it_was_assigned() {
    let dated = |day: &str| FileSurvey { common: on(day), ..filing() };
    let mut memory = nominated(Some(SurveyStep::Assigned));
    assert_eq!(code(file_survey(&mut memory, dated("2026-03-04"), STATION)), "date_out_of_range");
    assert!(file_survey(&mut memory, dated("2026-03-05"), STATION).is_ok());
}

#[test]
fn a_station_files_what_it_was_charged_with_even_after_the_organisation_moved() {
    let mut memory = nominated(Some(SurveyStep::Assigned));
    let moved = crate::organization::Organization { district: Some(id("west")), ..samples::organization() };
    testing::put_organization(&mut memory, &organization_id(), moved);
    assert!(file_survey(&mut memory, filing(), STATION).is_ok());
    assert_eq!(code(send_back(&mut memory, EAST, "缺营收", testing::TODAY)), "not_permitted");
    assert!(send_back(&mut memory, WEST, "缺营收", testing::TODAY).is_ok());
}

#[test]
fn w48_the_district_office_returns_a_filed_survey_with_reasons() {
    let mut memory = nominated(Some(SurveyStep::Filed));
    assert_eq!(code(send_back(&mut memory, EAST, " ", testing::TODAY)), "reason_required");
    let expected =
        EnrolmentEvent::SurveyReturned { survey_id: SurveyId::new(nth(20)), reasons: "缺营收".to_owned() };
    assert_eq!(only(send_back(&mut memory, EAST, "缺营收", testing::TODAY)), expected);
    assert_eq!(stored(&memory).survey.unwrap().step, SurveyStep::Returned);
    assert_eq!(code(send_back(&mut memory, EAST, "缺营收", testing::TODAY)), "step_out_of_order");
}

#[test]
fn w16_w48_nobody_but_the_organisation_s_district_office_returns_it() {
    for actor in [OFFICE, WEST, STATION] {
        let mut memory = nominated(Some(SurveyStep::Filed));
        assert_eq!(code(send_back(&mut memory, actor, "缺营收", testing::TODAY)), "not_permitted", "{actor}");
    }
}

#[test]
fn a_survey_is_not_returned_before_it_was_filed() {
    let mut memory = nominated(Some(SurveyStep::Filed));
    assert_eq!(code(send_back(&mut memory, EAST, "缺营收", "2026-03-04")), "date_out_of_range");
    assert!(send_back(&mut memory, EAST, "缺营收", "2026-03-05").is_ok());
}

#[test]
fn lifecycle_14_the_office_sends_a_settled_survey_back_until_it_is_classified_on() {
    let mut memory = nominated(Some(SurveyStep::Approved));
    assert_eq!(code(reopen(&mut memory, EAST, "数据有误")), "not_permitted");
    assert_eq!(code(reopen(&mut memory, OFFICE, "")), "reason_required");
    let expected =
        EnrolmentEvent::SurveyReopened { survey_id: SurveyId::new(nth(20)), reasons: "数据有误".to_owned() };
    assert_eq!(only(reopen(&mut memory, OFFICE, "数据有误")), expected);
    assert_eq!(stored(&memory).survey.unwrap().step, SurveyStep::Returned);

    let mut member = file(Standing::Member, Some(SurveyStep::Approved));
    let expected = Refusal::StepOutOfOrder { stage: "member", allowed_stages: vec!["survey_approved"] };
    assert_eq!(reopen(&mut member, OFFICE, "数据有误"), Err(expected));
}

#[test]
fn nothing_happens_to_a_survey_once_the_cycle_is_closed() {
    let mut memory = nominated(Some(SurveyStep::Filed));
    let mut cycle = cycle_with(rulebook());
    cycle.entries.insert(organization_id(), entry(Standing::Former(Outcome::Lapsed)));
    cycle.closed_on = Some(samples::day("2026-03-09"));
    put_cycle(&mut memory, cycle);
    assert_eq!(code(assign(&mut memory, assignment(), OFFICE)), "cycle_closed");
    assert_eq!(code(file_survey(&mut memory, filing(), STATION)), "cycle_closed");
    assert_eq!(code(send_back(&mut memory, EAST, "缺营收", testing::TODAY)), "cycle_closed");
    assert_eq!(code(reopen(&mut memory, OFFICE, "缺营收")), "cycle_closed");
}

#[test]
fn a_second_attempt_is_surveyed_from_the_beginning() {
    let mut memory = nominated(Some(SurveyStep::Assigned));
    put_file(&mut memory, None);
    assert!(assign(&mut memory, AssignSurvey { reason: None, ..assignment() }, OFFICE).is_ok());
}
