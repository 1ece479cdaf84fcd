use super::*;
use crate::cycle::Intake;
use crate::enrolment::EnrolmentCommand;
use crate::enrolment::SurveyStep;
use crate::enrolment::testing::{
    self, ITSELF, OFFICE, STATION, STRANGER, application, by, code, cycle_id, cycle_with, entry, file, nobody, only,
    put_cycle, put_organization, rulebook, run, stands, stored, submission, waiving,
};
use crate::ids::IncidentId;
use crate::memory::Memory;
use crate::organization::Determination;
use crate::rulebook::{Rule, Strength};
use crate::samples::{self, USCC, day, id, nth, on, organization_id};
use crate::stream::Aggregate;

fn submit(memory: &mut Memory, command: SubmitApplication, actor: &str) -> Result<Vec<Event>, Refusal> {
    run(memory, EnrolmentCommand::SubmitApplication(command), actor)
}

fn amend(memory: &mut Memory, change: impl FnOnce(&mut AmendApplication)) -> Result<Vec<Event>, Refusal> {
    let mut command = AmendApplication {
        cycle: cycle_id(),
        uscc: id(USCC),
        application: Box::new(Application { applied_on: day("2026-03-01"), ..application() }),
        reason: None,
        common: on(testing::TODAY),
    };
    change(&mut command);
    run(memory, EnrolmentCommand::AmendApplication(command), ITSELF)
}

fn fields(refused: Result<Vec<Event>, Refusal>) -> Vec<String> {
    match refused {
        Err(Refusal::ValidationFailed(errors)) => errors.into_iter().map(|e| e.pointer).collect(),
        other => panic!("not field errors: {other:?}"),
    }
}

#[test]
fn w30_a_first_application_registers_the_organisation_opens_a_file_and_enters_the_cycle() {
    let mut memory = nobody();
    let events = submit(&mut memory, submission(), ITSELF).unwrap();
    let (cycle, program, organization) = (cycle_id(), id("sample"), organization_id());
    assert_eq!(
        events,
        [
            Event::from(OrganizationEvent::OrganizationRegistered {
                uscc: id(USCC),
                name: "Acme".to_owned(),
                district: id("east"),
                program: id("sample"),
            }),
            OrganizationEvent::EnrolmentOpened { cycle: cycle.clone(), program, attempt: 1 }.into(),
            EnrolmentEvent::ApplicationSubmitted {
                organization: organization.clone(),
                cycle,
                attempt: 1,
                application: Box::new(application()),
                previous: None,
                self_evaluation: None,
            }
            .into(),
            CycleEvent::ApplicantEntered { organization, attempt: 1 }.into(),
        ]
    );
    assert_eq!((stored(&memory).attempt, stored(&memory).applied_on), (1, Some(testing::today())));
}

#[test]
fn a_known_organisation_is_not_registered_again() {
    let mut memory = nobody();
    put_organization(&mut memory, &organization_id(), Organization { files: [].into(), ..samples::organization() });
    let events = submit(&mut memory, submission(), ITSELF).unwrap();
    assert_eq!(
        events.iter().map(Event::event_type).collect::<Vec<_>>(),
        ["EnrolmentOpened", "ApplicationSubmitted", "ApplicantEntered"]
    );
}

#[test]
fn the_organisation_itself_or_the_office_applies_and_nobody_else() {
    assert!(submit(&mut nobody(), submission(), OFFICE).is_ok());
    for actor in [STRANGER, STATION, testing::GUILD, testing::EAST, "office/other/zhang"] {
        assert_eq!(code(submit(&mut nobody(), submission(), actor)), "not_permitted", "{actor}");
    }
}

#[test]
fn an_organisation_applies_under_any_of_its_numbers() {
    let mut memory = nobody();
    let numbers = vec![id(USCC), id(samples::OTHER_USCC)];
    let known = Organization { files: [].into(), numbers, ..samples::organization() };
    put_organization(&mut memory, &organization_id(), known);
    let later = OrganizationId::first_registered(id(samples::OTHER_USCC));
    put_organization(&mut memory, &later, Organization { pointer: Some(organization_id()), ..Organization::default() });
    let command = SubmitApplication { uscc: id(samples::OTHER_USCC), ..submission() };
    let handed_in = submit(&mut memory, command, STRANGER).unwrap();
    let entered = CycleEvent::ApplicantEntered { organization: organization_id(), attempt: 1 };
    assert_eq!(handed_in.last(), Some(&entered.into()));
}

#[test]
fn an_unknown_cycle_is_not_found_and_a_closed_one_is_refused() {
    let unknown = SubmitApplication { cycle: id("sample-1999"), ..submission() };
    assert_eq!(code(submit(&mut nobody(), unknown, ITSELF)), "not_found");
    let mut memory = nobody();
    put_cycle(&mut memory, Cycle { closed_on: Some(day("2026-03-09")), ..cycle_with(rulebook()) });
    assert_eq!(code(submit(&mut memory, submission(), ITSELF)), "cycle_closed");
}

#[test]
fn q27_applications_are_taken_on_the_first_and_last_day_of_intake_and_not_beside() {
    let try_intake = |from: &str, to: &str| {
        let mut memory = nobody();
        let mut cycle = cycle_with(rulebook());
        let intake = Intake { from: Some(day(from)), to: Some(day(to)) };
        cycle.opened.as_mut().unwrap().intake = intake;
        put_cycle(&mut memory, cycle);
        submit(&mut memory, submission(), ITSELF)
    };
    assert!(try_intake("2026-03-10", "2026-03-10").is_ok());
    assert_eq!(code(try_intake("2026-03-11", "2026-03-31")), "intake_closed");
    assert_eq!(code(try_intake("2026-03-01", "2026-03-09")), "intake_closed");
}

#[test]
fn w105_the_application_is_dated_the_day_it_is_handed_in_and_not_in_the_future() {
    let mut other_day = submission();
    other_day.common = on("2026-03-09");
    assert_eq!(fields(submit(&mut nobody(), other_day, ITSELF)), ["/application/applied_on"]);
    let mut future = submission();
    future.common = on("2026-03-11");
    future.application.applied_on = day("2026-03-11");
    assert_eq!(code(submit(&mut nobody(), future, ITSELF)), "date_in_future");
}

#[test]
fn every_invalid_field_is_told_in_one_answer() {
    let mut command = submission();
    command.application.name.clear();
    command.application.own_class = None;
    command.application.applied_on = day("2026-03-09");
    let pointers = ["/application/name", "/application/own_class", "/application/applied_on"];
    assert_eq!(fields(submit(&mut nobody(), command, ITSELF)), pointers);
}

#[test]
fn the_district_is_known_to_the_register() {
    let mut command = submission();
    command.application.supplement.district = id("north");
    let pointer = "/application/supplement/district".to_owned();
    let expected = Refusal::UnknownReference { pointer, kind: "district", id: "north".to_owned() };
    assert_eq!(submit(&mut nobody(), command, ITSELF), Err(expected));
}

#[test]
fn an_organisation_that_is_no_more_is_refused_and_its_successor_named() {
    let successor = OrganizationId::first_registered(id(samples::OTHER_USCC));
    let cases = [(Gone::Dissolved, None), (Gone::Merged(successor), Some(samples::OTHER_USCC.to_owned()))];
    for (gone, successor) in cases {
        let mut memory = nobody();
        let known = Organization { gone: Some(gone), files: [].into(), ..samples::organization() };
        put_organization(&mut memory, &organization_id(), known);
        let (pointer, id) = ("/uscc".to_owned(), USCC.to_owned());
        let expected = Refusal::ReferenceInactive { pointer, kind: "organization", id, successor };
        assert_eq!(submit(&mut memory, submission(), ITSELF), Err(expected));
    }
}

#[test]
fn a_second_application_while_the_first_is_live_is_refused() {
    for standing in [Standing::Applied, Standing::Nominated, Standing::Member] {
        let mut memory = file(standing, None);
        assert_eq!(code(submit(&mut memory, submission(), ITSELF)), "already_in_cycle");
    }
}

#[test]
fn q31_after_an_early_withdrawal_the_next_attempt_is_counted() {
    let mut memory = file(Standing::Former(Outcome::WithdrawnEarly), Some(SurveyStep::Assigned));
    let events = submit(&mut memory, submission(), ITSELF).unwrap();
    let entered = CycleEvent::ApplicantEntered { organization: organization_id(), attempt: 2 };
    assert_eq!(events.last(), Some(&entered.into()));
    let afresh = stored(&memory);
    assert_eq!((afresh.attempt, afresh.survey, afresh.withdrawn), (2, None, false));
}

#[test]
fn q31_a_fresh_start_is_not_dated_before_the_withdrawal() {
    let dated = |on: &str| {
        let application = Box::new(Application { applied_on: day(on), ..application() });
        SubmitApplication { application, common: samples::on(on), ..submission() }
    };
    let mut memory = file(Standing::Former(Outcome::WithdrawnEarly), None);
    assert_eq!(code(submit(&mut memory, dated("2026-02-28"), ITSELF)), "date_out_of_range");
    assert!(submit(&mut memory, dated("2026-03-01"), ITSELF).is_ok());
}

#[test]
fn q31_after_any_other_end_nobody_applies_again_in_the_cycle() {
    use Outcome::{Completed, Declined, Ended, Lapsed, Removed, Withdrawn};
    for outcome in [Withdrawn, Declined, Removed, Ended, Completed, Lapsed] {
        let mut memory = file(Standing::Former(outcome), None);
        let expected = Refusal::NotAgainInCycle { cycle: cycle_id(), outcome: outcome.into() };
        assert_eq!(submit(&mut memory, submission(), ITSELF), Err(expected));
    }
}

fn after_incident(memory: &mut Memory, occurred_on: &str) {
    let known = testing::with_incident(occurred_on, Determination::Determined { major: true });
    put_organization(memory, &organization_id(), known);
}

#[test]
fn w36_an_application_inside_the_look_back_is_refused_and_told_from_when_it_is_free() {
    let mut memory = nobody();
    after_incident(&mut memory, "2023-03-11");
    let expected = Refusal::LookbackIncident {
        incident: IncidentId::new(nth(7)),
        occurred_on: day("2023-03-11"),
        free_from: day("2026-03-11"),
    };
    assert_eq!(submit(&mut memory, submission(), ITSELF), Err(expected));
}

#[test]
fn w36_on_the_day_that_the_look_back_ends_the_application_is_taken() {
    let mut memory = nobody();
    after_incident(&mut memory, "2023-03-10");
    assert!(submit(&mut memory, submission(), ITSELF).is_ok());
}

#[test]
fn w36_a_must_look_back_cannot_be_waived_but_one_in_principle_can() {
    let waived = SubmitApplication { common: waiving(), ..submission() };
    let mut memory = nobody();
    after_incident(&mut memory, "2026-01-01");
    assert_eq!(code(submit(&mut memory, waived.clone(), OFFICE)), "rule_not_waivable");

    let mut lenient = rulebook();
    lenient.incidents.look_back_rule = Rule { strength: Strength::Principle, ..samples::rule("look-back") };
    put_cycle(&mut memory, cycle_with(lenient));
    assert!(submit(&mut memory, waived.clone(), OFFICE).is_ok());
    assert_eq!(memory.log()[0].meta.waiver, waived.common.waiver);
}

#[test]
fn only_the_office_waives_and_a_waiver_that_no_rule_needs_is_not_recorded() {
    let waived = SubmitApplication { common: waiving(), ..submission() };
    assert_eq!(code(submit(&mut nobody(), waived.clone(), ITSELF)), "not_permitted");
    let mut memory = nobody();
    assert!(submit(&mut memory, waived, OFFICE).is_ok());
    assert_eq!(memory.log()[0].meta.waiver, None);
}

#[test]
fn what_the_form_admits_does_not_stand_in_the_way_of_handing_it_in() {
    let mut command = submission();
    command.application.major_incidents = crate::forms::annex1::NoneOrHas::Has;
    assert!(submit(&mut nobody(), command, ITSELF).is_ok());
}

#[test]
fn a_decision_that_builds_on_an_application_sees_the_file_as_it_will_stand() {
    let mut memory = nobody();
    let mut appended = memory.clone();
    submit(&mut appended, submission(), ITSELF).unwrap();
    for stream in [StreamId::organization(&organization_id()), StreamId::enrolment(&cycle_id(), &organization_id())] {
        let empty = Aggregate::empty(stream.kind());
        memory.put(stream, empty, 0);
    }
    let world = World::new(&memory);
    let context = by(OFFICE);
    let handed_in = hand_in(&submission(), &world, &context).unwrap();
    let foreseen = handed_in.foresee(&world, &context).unwrap();
    assert_eq!(foreseen.file, stored(&appended));
    assert_eq!(foreseen.organization.live_file(&id("sample")), Some(&cycle_id()));
}

#[test]
fn lifecycle_2_the_organisation_amends_until_the_survey_is_filed() {
    let stages = [
        (Standing::Applied, None),
        (Standing::Nominated, None),
        (Standing::Nominated, Some(SurveyStep::Assigned)),
        (Standing::Nominated, Some(SurveyStep::Returned)),
    ];
    for (standing, step) in stages {
        let mut memory = file(standing, step);
        let amended = amend(&mut memory, |c| c.application.name = "Acme & Sons".to_owned());
        assert!(matches!(only(amended), EnrolmentEvent::ApplicationAmended { .. }));
        assert_eq!(stored(&memory).application.unwrap().name, "Acme & Sons");
    }
}

#[test]
fn lifecycle_2_an_application_under_a_filed_or_settled_survey_is_frozen() {
    for step in [SurveyStep::Filed, SurveyStep::Approved] {
        assert_eq!(code(amend(&mut file(Standing::Nominated, Some(step)), |_| {})), "application_frozen");
    }
}

#[test]
fn lifecycle_2_members_and_former_members_amend_nothing() {
    for standing in [Standing::Member, Standing::Former(Outcome::Declined)] {
        assert_eq!(code(amend(&mut file(standing, None), |_| {})), "step_out_of_order");
    }
}

#[test]
fn an_amendment_is_as_complete_as_an_application_and_keeps_its_day() {
    let mut memory = file(Standing::Applied, None);
    let amended = amend(&mut memory, |c| {
        c.application.address.clear();
        c.application.applied_on = day("2026-03-02");
    });
    assert_eq!(fields(amended), ["/application/address", "/application/applied_on"]);
    let elsewhere = amend(&mut memory, |c| c.application.supplement.district = id("north"));
    assert_eq!(code(elsewhere), "unknown_reference");
}

#[test]
fn an_amendment_is_not_dated_before_the_last_step() {
    let mut memory = file(Standing::Nominated, Some(SurveyStep::Assigned));
    assert_eq!(code(amend(&mut memory, |c| c.common = on("2026-03-04"))), "date_out_of_range");
    assert!(amend(&mut memory, |c| c.common = on("2026-03-05")).is_ok());
}

#[test]
fn only_the_organisation_amends_its_application() {
    let mut memory = file(Standing::Applied, None);
    for actor in [OFFICE, STRANGER] {
        let command = AmendApplication {
            cycle: cycle_id(),
            uscc: id(USCC),
            application: Box::new(application()),
            reason: None,
            common: on(testing::TODAY),
        };
        assert_eq!(code(run(&mut memory, EnrolmentCommand::AmendApplication(command), actor)), "not_permitted");
    }
}

#[test]
fn a_file_that_is_not_there_is_not_found() {
    assert_eq!(code(amend(&mut nobody(), |_| {})), "not_found");
}

#[test]
fn a_withdrawn_applicant_keeps_what_departments_found() {
    let mut memory = file(Standing::Former(Outcome::WithdrawnEarly), None);
    let mut before = stored(&memory);
    let check = crate::enrolment::Check { met: false, checked_on: day("2026-03-02") };
    before.checks.insert(id("breach"), check.clone());
    let stream = StreamId::enrolment(&cycle_id(), &organization_id());
    memory.put(stream, Aggregate::Enrolment(Box::new(before)), 5);
    submit(&mut memory, submission(), ITSELF).unwrap();
    assert_eq!(stored(&memory).checks.get(&id("breach")), Some(&check));
}

#[test]
fn an_entry_of_another_organisation_does_not_matter() {
    let mut memory = nobody();
    let mut cycle = cycle_with(rulebook());
    let other = OrganizationId::first_registered(id(samples::OTHER_USCC));
    cycle.entries.insert(other, entry(Standing::Member));
    put_cycle(&mut memory, cycle);
    assert!(submit(&mut memory, submission(), ITSELF).is_ok());
    stands(&mut memory, Standing::Applied);
    assert_eq!(code(submit(&mut memory, submission(), ITSELF)), "already_in_cycle");
}
