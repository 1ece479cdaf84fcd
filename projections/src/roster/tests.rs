use domain::cycle::{DeclineGrounds, EndGround, Stage};
use domain::fact::{Corrected, Recorded, Voided};
use domain::forms::annex2::{Conclusion, Survey};
use domain::ids::{AssistanceAnswerId, AssistanceRequestId, IncidentId, SurveyId, VisitId};

use super::*;
use crate::fixtures::{Log, Table, answer, application, class, day, file, id, nth, organization, request, uscc, visit};

mod batches;
mod queries;
mod teaching;

fn model() -> Box<dyn store::AnyModel> {
    store::Model::<Roster>::boxed()
}

fn table(log: &Log) -> Table {
    Table::folded(&*model(), log.events(), &[])
}

fn kept(log: &Log, key: &str) -> File {
    table(log).row::<Kept>(key).into_file().unwrap()
}

fn row(log: &Log, n: u32) -> RosterRow {
    kept(log, &file(n)).row
}

fn due_from(log: &Log, n: u32) -> Value {
    table(log).column(&*model(), &file(n), "visit_due_from")
}

fn recorded(n: u128) -> EnrolmentEvent {
    EnrolmentEvent::VisitRecorded(Recorded { id: VisitId::new(nth(n)), content: visit("jinghu-1") })
}

fn corrected(n: u128) -> EnrolmentEvent {
    let (id, content) = (VisitId::new(nth(n)), visit("jinghu-1"));
    EnrolmentEvent::VisitCorrected(Corrected { id, replaces_version: 1, content, reason: "…".to_owned() })
}

fn voided(n: u128) -> EnrolmentEvent {
    EnrolmentEvent::VisitVoided(Voided { id: VisitId::new(nth(n)), reason: "…".to_owned() })
}

fn asked(n: u128) -> EnrolmentEvent {
    EnrolmentEvent::AssistanceRequested(Recorded { id: AssistanceRequestId::new(nth(n)), content: request() })
}

fn answered(n: u128) -> EnrolmentEvent {
    let (request_id, answer_id) = (AssistanceRequestId::new(nth(n)), AssistanceAnswerId::new(nth(9)));
    EnrolmentEvent::AssistanceAnswered { request_id, answer_id, answer: answer() }
}

fn surveyed(suggestion: Conclusion) -> EnrolmentEvent {
    let conclusion =
        domain::forms::annex2::SurveyConclusion { suggestion, grounds: "…".to_owned(), other_information: None };
    let survey: Survey = serde_json::from_value(serde_json::json!({ "conclusion": conclusion })).unwrap();
    let survey_id = SurveyId::new(nth(1));
    EnrolmentEvent::SurveyFiled { survey_id, revision: 1, station: id("jinghu-1"), survey: Box::new(survey) }
}

fn approved() -> EnrolmentEvent {
    EnrolmentEvent::SurveyApproved {
        survey_id: SurveyId::new(nth(1)),
        revision: 1,
        report_no: "1".to_owned(),
        approved_on: day("2026-03-05"),
    }
}

fn returned() -> EnrolmentEvent {
    EnrolmentEvent::SurveyReturned { survey_id: SurveyId::new(nth(1)), reasons: "…".to_owned() }
}

fn reopened() -> EnrolmentEvent {
    EnrolmentEvent::SurveyReopened { survey_id: SurveyId::new(nth(1)), reasons: "…".to_owned() }
}

fn removed(n: u32) -> CycleEvent {
    let incident_id = IncidentId::new(nth(7));
    CycleEvent::OrganizationRemoved { organization: organization(n), incident_id, reason: Some("事故".to_owned()) }
}

fn rescinded(n: u32) -> CycleEvent {
    CycleEvent::RemovalRescinded { organization: organization(n), reason: "…".to_owned() }
}

#[test]
fn an_application_shows_what_the_form_says() {
    let mut log = Log::open();
    log.applied(1, 1);
    let row = row(&log, 1);
    assert_eq!((row.name.as_str(), row.district.as_str(), &row.uscc), ("Org 1", "jinghu", &uscc(1)));
    assert_eq!((row.stage, row.standing, row.attempt), (Stage::Applied, Standing::Applicant, 1));
    assert_eq!((row.own_class, row.tags), (Some(class("B")), vec!["specialised".to_owned()]));
    assert_eq!((row.number, row.tag.as_str()), (2, "1.2"), "the cycle's version at its entry");
}

#[test]
fn an_amended_application_shows_the_new_form_but_the_organisations_name() {
    let mut log = Log::open();
    log.applied(1, 1);
    let mut form = application("别名", "wanzhi");
    form.own_class = Some(class("A"));
    log.file(1, "2026-02-02", EnrolmentEvent::ApplicationAmended { application: form, reason: None });
    let row = row(&log, 1);
    assert_eq!((row.own_class, row.name.as_str(), row.district.as_str()), (Some(class("A")), "Org 1", "jinghu"));
    assert_eq!(row.tag, "2.2");
}

#[test]
fn the_stage_follows_the_survey_until_admission() {
    let mut log = Log::open();
    log.applied(1, 1).nominated(1, "alpha");
    let mut stages = vec![row(&log, 1).stage];
    log.surveyed_by(1, "jinghu-1");
    stages.push(row(&log, 1).stage);
    for event in [surveyed(Conclusion::BelowA), returned(), surveyed(Conclusion::BelowA), approved(), reopened()] {
        log.file(1, "2026-03-05", event);
        stages.push(row(&log, 1).stage);
    }
    log.file(1, "2026-03-06", approved()).admitted(1, "A");
    stages.push(row(&log, 1).stage);
    let expected = [
        Stage::Nominated,
        Stage::Surveying,
        Stage::SurveyFiled,
        Stage::SurveyReturned,
        Stage::SurveyFiled,
        Stage::SurveyApproved,
        Stage::SurveyReturned,
        Stage::Member,
    ];
    assert_eq!(stages, expected);
}

#[test]
fn the_three_views_of_the_class_stand_side_by_side() {
    let mut log = Log::open();
    log.applied(1, 1).nominated(1, "alpha").surveyed_by(1, "jinghu-1");
    log.file(1, "2026-03-01", surveyed(Conclusion::BelowA));
    assert_eq!((row(&log, 1).station_class, row(&log, 1).station_below_a), (None, true));
    log.file(1, "2026-03-02", surveyed(Conclusion::Class(class("C"))));
    log.admitted(1, "D");
    let row = row(&log, 1);
    assert_eq!((row.own_class, row.station_class, row.class), (Some(class("B")), Some(class("C")), Some(class("D"))));
    assert!(!row.station_below_a, "the last survey counts");
}

#[test]
fn classes_follow_reclassifications_and_corrections() {
    let mut log = Log::open();
    log.member(1, "C");
    let moved = CycleEvent::OrganizationReclassified {
        organization: organization(1),
        from: class("C"),
        to: class("D"),
        grounds: "…".to_owned(),
    };
    log.cycle("2026-06-01", moved);
    assert_eq!(row(&log, 1).class, Some(class("D")));
    let corrected = CycleEvent::ClassificationCorrected {
        organization: organization(1),
        from: class("D"),
        to: class("C"),
        decided_on: day("2026-06-01"),
        reason: "…".to_owned(),
    };
    log.cycle("2026-06-02", corrected);
    assert_eq!(row(&log, 1).class, Some(class("C")));
}

#[test]
fn a_withdrawal_that_frees_the_place_takes_the_recommender_off_and_one_that_does_not_keeps_it() {
    for (place_freed, recommender) in [(true, None), (false, Some(id("alpha")))] {
        let mut log = Log::open();
        log.applied(1, 1).nominated(1, "alpha");
        let reason = "战略调整".to_owned();
        log.cycle("2026-02-20", CycleEvent::NominationWithdrawn { organization: organization(1), reason, place_freed });
        let row = row(&log, 1);
        assert_eq!((row.stage, row.recommender), (Stage::Withdrawn, recommender));
        assert_eq!((row.ended_on, row.ended_reason.as_deref()), (Some(day("2026-02-20")), Some("战略调整")));
    }
}

#[test]
fn a_fresh_start_leaves_nothing_of_the_last_attempt_but_the_number() {
    let mut log = Log::open();
    log.applied(1, 1).nominated(1, "alpha").surveyed_by(1, "jinghu-1");
    log.file(1, "2026-02-15", surveyed(Conclusion::BelowA));
    let reason = "…".to_owned();
    log.cycle(
        "2026-02-20",
        CycleEvent::NominationWithdrawn { organization: organization(1), reason, place_freed: true },
    );
    let number = row(&log, 1).number;
    log.applied(1, 2);
    let row = row(&log, 1);
    assert_eq!((row.attempt, row.number, row.stage), (2, number, Stage::Applied));
    assert_eq!((row.ended_on, row.ended_reason, row.station), (None, None, None));
    assert!(!row.station_below_a);
    assert_eq!(row.tag, "4.5");
}

#[test]
fn a_rescinded_removal_brings_back_standing_class_and_due_visit() {
    let mut log = Log::open();
    log.member(1, "C").cycle("2026-06-01", removed(1));
    let gone = row(&log, 1);
    assert_eq!((gone.stage, gone.standing, gone.ended_on), (Stage::Removed, Standing::Former, Some(day("2026-06-01"))));
    assert_eq!(gone.ended_ground, Some(nth(7).to_string()));
    assert_eq!((gone.class, due_from(&log, 1)), (Some(class("C")), Value::Null));
    log.cycle("2026-07-01", rescinded(1));
    let back = row(&log, 1);
    assert_eq!((back.stage, back.class), (Stage::Member, Some(class("C"))));
    assert_eq!((back.ended_on, back.ended_ground, back.ended_reason), (None, None, None));
    assert_eq!(due_from(&log, 1), Value::from("2026-03-10"));
}

#[test]
fn every_way_out_says_when_and_why() {
    let reason = || "…".to_owned();
    let organization = organization(1);
    let declined = |grounds| CycleEvent::NominationDeclined { organization: organization.clone(), grounds };
    let ended = |ground| CycleEvent::EnrolmentEnded { organization: organization.clone(), ground, reason: reason() };
    let cases: [(CycleEvent, Stage, Option<&str>); 7] = [
        (
            CycleEvent::ApplicantLeft { organization: organization.clone(), reason: Some(reason()) },
            Stage::Withdrawn,
            None,
        ),
        (declined(DeclineGrounds::Condition(id("5a"))), Stage::Declined, Some("5a")),
        (declined(DeclineGrounds::BelowLowestClass), Stage::Declined, Some("below_lowest_class")),
        (declined(DeclineGrounds::Text(reason())), Stage::Declined, None),
        (ended(EndGround::Dissolved), Stage::Ended, Some("dissolved")),
        (ended(EndGround::LeftCity), Stage::Ended, Some("left_city")),
        (CycleEvent::MemberWithdrawn { organization: organization.clone(), reason: reason() }, Stage::Withdrawn, None),
    ];
    for (event, stage, ground) in cases {
        let mut log = Log::open();
        log.applied(1, 1).nominated(1, "alpha").cycle("2026-05-01", event);
        let row = row(&log, 1);
        assert_eq!((row.stage, row.ended_ground.as_deref()), (stage, ground));
        assert_eq!((row.standing, row.ended_on), (Standing::Former, Some(day("2026-05-01"))));
    }
}

#[test]
fn closing_completes_members_and_lapses_applicants() {
    let mut log = Log::open();
    log.member(1, "A").applied(2, 1).applied(3, 1);
    let (completed, lapsed) = (vec![organization(1)], vec![organization(2)]);
    log.cycle("2028-01-01", CycleEvent::CycleClosed { completed, lapsed, reason: Some("到期".to_owned()) });
    assert_eq!((row(&log, 1).stage, row(&log, 1).class), (Stage::Completed, Some(class("A"))));
    assert_eq!(row(&log, 2).stage, Stage::Lapsed);
    assert_eq!(row(&log, 3).stage, Stage::Applied, "not named by the closing");
}

#[test]
fn w74_the_last_visit_follows_corrections_and_voidings() {
    let mut log = Log::open();
    log.member(1, "A");
    assert_eq!((row(&log, 1).last_visit_on, due_from(&log, 1)), (None, Value::from("2026-03-10")));
    log.file(1, "2026-05-01", recorded(1)).file(1, "2026-08-01", recorded(2));
    assert_eq!((row(&log, 1).last_visit_on, due_from(&log, 1)), (Some(day("2026-08-01")), Value::from("2026-08-01")));
    log.file(1, "2026-04-01", corrected(2));
    assert_eq!(row(&log, 1).last_visit_on, Some(day("2026-05-01")), "the other one is later now");
    log.file(1, "2026-09-01", voided(1));
    assert_eq!(row(&log, 1).last_visit_on, Some(day("2026-04-01")), "not the day of the voiding");
    log.file(1, "2026-09-01", voided(2));
    assert_eq!((row(&log, 1).last_visit_on, due_from(&log, 1)), (None, Value::from("2026-03-10")));
}

#[test]
fn w73_a_request_is_open_until_answered_or_voided() {
    let mut log = Log::open();
    log.member(1, "A");
    let request_voided = |n| {
        let id = AssistanceRequestId::new(nth(n));
        EnrolmentEvent::AssistanceVoided(Voided { id, reason: "…".to_owned() })
    };
    for n in 1..=3 {
        log.file(1, "2026-05-01", asked(n));
    }
    assert_eq!(row(&log, 1).open_requests, 3);
    log.file(1, "2026-05-02", answered(1));
    log.file(1, "2026-05-02", request_voided(2));
    assert_eq!(row(&log, 1).open_requests, 1);
    log.file(1, "2026-05-03", request_voided(1));
    assert_eq!(row(&log, 1).open_requests, 1, "what was answered was not open");
}

#[test]
fn what_is_the_organisations_shows_on_all_its_files_and_on_those_opened_later() {
    let mut log = Log::open();
    log.opened("wuhu-2028", "2028-01-01", "2030-01-01").applied(1, 1).applied(2, 1);
    log.organization(1, "2026-05-01", OrganizationEvent::OrganizationRenamed { name: "新名".to_owned() });
    log.organization(1, "2026-05-01", OrganizationEvent::DistrictChanged { district: id("wanzhi") });
    log.organization(1, "2026-05-01", OrganizationEvent::UsccChanged { uscc: uscc(9) });
    log.applied_in("wuhu-2028", 1, 1, "2028-02-01");
    for key in [file(1), format!("wuhu-2028/{}", organization(1))] {
        let row = kept(&log, &key).row;
        assert_eq!((row.name.as_str(), row.district.as_str(), &row.uscc), ("新名", "wanzhi", &uscc(9)), "{key}");
    }
    assert_eq!((row(&log, 2).name.as_str(), row(&log, 2).uscc), ("Org 2", uscc(2)), "another organisation");
    log.organization(1, "2026-06-01", OrganizationEvent::UsccCorrected { uscc: uscc(8), reason: "…".to_owned() });
    assert_eq!(row(&log, 1).uscc, uscc(8));
}

#[test]
fn an_open_survey_stays_with_its_station_when_the_organisation_moves() {
    let mut log = Log::open();
    log.applied(1, 1).nominated(1, "alpha").surveyed_by(1, "jinghu-1");
    log.organization(1, "2026-02-20", OrganizationEvent::DistrictChanged { district: id("wanzhi") });
    assert_eq!(row(&log, 1).station, Some(id("jinghu-1")));
    log.file(1, "2026-03-01", surveyed(Conclusion::BelowA)).file(1, "2026-03-05", approved());
    assert_eq!(row(&log, 1).station, None, "the local one follows");
    log.file(1, "2026-03-06", reopened());
    assert_eq!(row(&log, 1).station, Some(id("jinghu-1")), "open again");
    log.surveyed_by(1, "wanzhi-1").file(1, "2026-03-08", approved());
    assert_eq!(row(&log, 1).station, Some(id("wanzhi-1")));
}

#[test]
fn events_of_a_file_that_is_not_there_change_nothing() {
    let mut log = Log::open();
    log.file(1, "2026-05-01", recorded(1)).nominated(1, "alpha").cycle("2026-06-01", removed(1));
    log.organization(1, "2026-06-01", OrganizationEvent::OrganizationRenamed { name: "…".to_owned() });
    assert_eq!(table(&log), table(&Log::open()));
}

#[test]
fn a_file_with_ten_thousand_visits_and_requests_has_no_row_that_is_larger_for_them() {
    const MANY: u128 = 10_000;
    let mut log = Log::open();
    log.member(1, "A");
    let largest = |table: &Table| table.bodies().map(str::len).max().unwrap();
    let before = largest(&table(&log));
    for n in 1..=MANY {
        log.file(1, "2026-05-01", recorded(n)).file(1, "2026-05-01", asked(n));
    }
    log.file(1, "2026-05-02", recorded(MANY + 1));
    let all = table(&log);
    assert!(largest(&all) <= before + 20, "{} bytes before, {} after", before, largest(&all));
    let shown = row(&log, 1);
    assert_eq!((shown.last_visit_on, shown.open_requests), (Some(day("2026-05-02")), 10_000));
    let known = log.events().len();
    log.file(1, "2026-06-01", voided(MANY + 1));
    let file = Table::folded(&*model(), log.events(), &[known]).row::<Kept>(&file(1)).into_file().unwrap();
    assert_eq!(file.row.last_visit_on, Some(day("2026-05-01")), "voiding the last brings back the one before");
}

#[test]
fn what_was_recorded_of_an_earlier_attempt_does_not_count_for_the_next() {
    let mut log = Log::open();
    log.applied(1, 1).file(1, "2026-05-01", recorded(1)).file(1, "2026-05-01", asked(1));
    log.applied(1, 2).file(1, "2026-04-01", recorded(2));
    assert_eq!((row(&log, 1).last_visit_on, row(&log, 1).open_requests), (Some(day("2026-04-01")), 0));
    let void = Voided { id: AssistanceRequestId::new(nth(1)), reason: "…".to_owned() };
    log.file(1, "2026-05-02", asked(2)).file(1, "2026-05-02", EnrolmentEvent::AssistanceVoided(void));
    log.file(1, "2026-05-02", voided(2));
    assert_eq!((row(&log, 1).last_visit_on, row(&log, 1).open_requests), (None, 1));
}
