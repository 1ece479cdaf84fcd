use crate::scope::Scope;
use chrono::NaiveDate;
use domain::cycle::{CycleEvent, DeclineGrounds, EndGround, Outcome, Stage};
use domain::enrolment::{EnrolmentEvent, SurveyStep};
use domain::forms::annex2::Conclusion;
use domain::forms::samples;
use domain::ids::{ConditionCheckId, DecisionId};
use domain::organization::OrganizationEvent;

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::page::{Count, Paging};
use crate::testing::{
    ACME, BOLT, CRUX, LATER, Log, cycle, day, file_key, id, nth, org, recorded, survey_id, visit, visit_id,
};

#[track_caller]
fn file(log: &Log, uscc: &str) -> Enrolment {
    let table = log.table::<Enrolments>();
    match (table.row(&file_key(uscc)), table.row(&versions_key(&file_key(uscc)))) {
        (EnrolmentsRow::File(file), EnrolmentsRow::Versions(versions)) => file.at(versions),
        rows => panic!("{rows:?}"),
    }
}

fn amendment(name: &str, district: &str, applied_on: NaiveDate) -> EnrolmentEvent {
    let application = Box::new(samples::application(name, id(district), Some(id("C")), applied_on));
    EnrolmentEvent::ApplicationAmended { application, reason: None }
}

#[test]
fn a_file_passes_through_the_stages_of_the_lifecycle() {
    let mut log = Log::opened();
    let stage = |log: &Log| (file(log, ACME).stage.name(), file(log, ACME).standing);
    log.applied(ACME, 1);
    assert_eq!(stage(&log), ("applied", "applicant".to_owned()));
    log.nominated(ACME, "guild");
    assert_eq!(stage(&log).0, "nominated");
    log.charged(ACME, "jinghu-1");
    assert_eq!(stage(&log).0, "surveying");
    log.surveyed(ACME, 1, "C");
    assert_eq!(stage(&log).0, "survey_filed");
    log.approved(ACME, 1, "1号");
    assert_eq!(stage(&log).0, "survey_approved");
    log.classified(ACME, "C");
    assert_eq!(stage(&log), ("member", "member".to_owned()));
    log.closed(&[ACME], &[]);
    assert_eq!(stage(&log), ("completed", "former".to_owned()));
}

#[test]
fn the_tag_is_the_version_of_the_file_and_that_of_the_cycle_when_it_last_named_the_organisation() {
    let mut log = Log::opened();
    log.applied(ACME, 1).applied(BOLT, 1);
    assert_eq!((file(&log, ACME).tag(), file(&log, BOLT).tag()), ("1.2".to_owned(), "1.3".to_owned()));
    log.nominated(ACME, "guild");
    assert_eq!((file(&log, ACME).tag(), file(&log, BOLT).tag()), ("2.4".to_owned(), "1.3".to_owned()));
    log.file(BOLT, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("jinghu-1", "良好"))));
    assert_eq!(file(&log, BOLT).tag(), "2.3");
    log.closed(&[], &[ACME, BOLT]);
    assert_eq!((file(&log, ACME).tag(), file(&log, BOLT).tag()), ("2.5".to_owned(), "2.5".to_owned()));
}

#[test]
fn a_fact_moves_the_version_and_does_not_write_the_forms_again() {
    let mut log = Log::opened();
    log.member(ACME, "C");
    let before = log.table::<Enrolments>();
    log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("jinghu-1", "良好"))));
    let visited = log.events.last().unwrap();
    assert_eq!(Enrolments::touches(visited), [Touch::Key(versions_key(&file_key(ACME)))]);
    let after = log.table::<Enrolments>();
    assert_eq!(before.row::<EnrolmentsRow>(&file_key(ACME)), after.row(&file_key(ACME)));
    assert_ne!(before, after);
}

#[test]
fn an_amendment_replaces_the_form_and_keeps_the_papers() {
    let mut log = Log::opened();
    log.registered(ACME, "甲").with_paper("申报表").applied(ACME, 1);
    log.on("2026-04-09").with_paper("补正").file(ACME, amendment("新名", "yijiang", day("2026-04-08")));
    let file = file(&log, ACME);
    let application = file.application.unwrap();
    let form = &application.form;
    assert_eq!((form.name.as_str(), &form.supplement.district), ("新名", &id("yijiang")));
    assert_eq!((file.name.as_str(), file.district), ("甲", Some(id("jinghu"))), "these are the organisation's");
    assert_eq!((application.amendments, application.applied_on), (1, day("2026-04-08")));
    let titles: Vec<_> = application.documents.iter().map(|paper| paper.title.as_str()).collect();
    assert_eq!(titles, ["申报表", "补正"]);
}

#[test]
fn a_fresh_attempt_sheds_the_recommendation_and_the_survey_but_no_check_and_no_refusal() {
    let mut log = Log::opened();
    let check = |met| EnrolmentEvent::ConditionChecked {
        check_id: ConditionCheckId::new(nth(5)),
        condition: id("lawful_and_policy"),
        met,
        department: "市生态环境局".to_owned(),
        checked_on: day("2026-04-01"),
    };
    let refusal = EnrolmentEvent::RecommendationRefused { recommender: id("bureau"), reason: "不符".to_owned() };
    log.applied(ACME, 1).file(ACME, refusal).nominated(ACME, "guild").charged(ACME, "jinghu-1");
    log.file(ACME, check(false)).cycle(CycleEvent::NominationWithdrawn {
        organization: org(ACME),
        reason: "计划有变".to_owned(),
        place_freed: true,
    });
    let withdrawn = file(&log, ACME);
    assert_eq!(withdrawn.stage, Stage::Withdrawn);
    assert_eq!(withdrawn.outcome.map(|ending| ending.outcome), Some(Outcome::WithdrawnEarly));
    assert_eq!(withdrawn.recommendation.map(|r| r.place_used), Some(false));

    log.applied(ACME, 2);
    let afresh = file(&log, ACME);
    assert_eq!((afresh.stage, afresh.attempt), (Stage::Applied, 2));
    assert_eq!((afresh.recommendation, afresh.survey, afresh.outcome), (None, None, None));
    assert_eq!((afresh.checks.len(), afresh.refusals.len(), afresh.earlier_surveys.len()), (1, 1, 1));
}

#[test]
fn a_withdrawal_after_a_survey_keeps_the_place_used() {
    let mut log = Log::opened();
    log.applied(ACME, 1).nominated(ACME, "guild").cycle(CycleEvent::NominationWithdrawn {
        organization: org(ACME),
        reason: "计划有变".to_owned(),
        place_freed: false,
    });
    let file = file(&log, ACME);
    assert_eq!(file.outcome.map(|ending| ending.outcome), Some(Outcome::Withdrawn));
    assert_eq!(file.recommendation.map(|r| r.place_used), Some(true));
}

#[test]
fn an_applicant_that_leaves_before_a_nomination_may_come_back() {
    let mut log = Log::opened();
    log.applied(ACME, 1)
        .file(ACME, EnrolmentEvent::ApplicationWithdrawn { reason: None })
        .cycle(CycleEvent::ApplicantLeft { organization: org(ACME), reason: Some("无暇".to_owned()) });
    let ending = file(&log, ACME).outcome.unwrap();
    assert_eq!((ending.outcome, ending.reason), (Outcome::WithdrawnEarly, Some("无暇".to_owned())));
    log.applied(ACME, 2);
    assert_eq!(file(&log, ACME).stage, Stage::Applied);
}

#[test]
fn a_corrected_nomination_names_the_right_recommender_and_keeps_the_opinion() {
    let mut log = Log::opened();
    log.applied(ACME, 1).nominated(ACME, "guild").cycle(CycleEvent::NominationCorrected {
        organization: org(ACME),
        from: id("guild"),
        to: id("bureau"),
        reason: "误录".to_owned(),
    });
    let recommendation = file(&log, ACME).recommendation.unwrap();
    assert_eq!(recommendation.recommender, id("bureau"));
    assert_eq!(recommendation.corrected_from, [id("guild")]);
    assert_eq!(recommendation.opinion.as_deref(), Some("同意推荐"));
}

#[test]
fn w48_a_returned_survey_is_filed_again_and_settled_and_the_award_office_may_send_it_back() {
    let mut log = Log::opened();
    log.applied(ACME, 1).nominated(ACME, "guild").charged(ACME, "jinghu-1").surveyed(ACME, 1, "B");
    let reasons = || "补充营收".to_owned();
    log.file(ACME, EnrolmentEvent::SurveyReturned { survey_id: survey_id(ACME), reasons: reasons() });
    assert_eq!(file(&log, ACME).survey.unwrap().step, SurveyStep::Returned);
    log.surveyed(ACME, 2, "C").approved(ACME, 2, "7号");
    let survey = file(&log, ACME).survey.unwrap();
    assert_eq!((survey.revision, survey.conclusion), (2, Some(Conclusion::Class(id("C")))));
    assert_eq!(survey.revisions[0].returned.as_ref().map(|remark| remark.reasons.clone()), Some(reasons()));
    assert_eq!(survey.approval.map(|approval| (approval.report_no, approval.revision)), Some(("7号".to_owned(), 2)));

    log.file(ACME, EnrolmentEvent::SurveyReopened { survey_id: survey_id(ACME), reasons: "复核".to_owned() });
    let reopened = file(&log, ACME);
    assert_eq!(reopened.stage, Stage::SurveyReturned);
    let survey = reopened.survey.unwrap();
    assert_eq!(survey.approval, None);
    assert!(survey.revisions[1].approved.is_some() && survey.revisions[1].reopened.is_some());
}

#[test]
fn a_reassigned_survey_keeps_what_was_filed() {
    let mut log = Log::opened();
    log.applied(ACME, 1).nominated(ACME, "guild").charged(ACME, "jinghu-1").surveyed(ACME, 1, "B");
    log.charged(ACME, "jinghu-2");
    let survey = file(&log, ACME).survey.unwrap();
    assert_eq!((survey.station, survey.revisions.len(), survey.step), (id("jinghu-2"), 1, SurveyStep::Filed));
}

#[test]
fn a_class_moves_and_a_wrong_entry_is_put_right_from_the_day_that_it_was_decided_on() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C");
    log.on("2027-03-01").cycle(CycleEvent::OrganizationReclassified {
        organization: org(ACME),
        from: id("C"),
        to: id("B"),
        grounds: "推广情况".to_owned(),
    });
    let wrong = log.events.last().unwrap().meta.decision_id;
    log.on("2027-03-09").cycle(CycleEvent::ClassificationCorrected {
        organization: org(ACME),
        from: id("B"),
        to: id("D"),
        decided_on: day("2027-03-01"),
        reason: "误录".to_owned(),
    });
    let right = log.events.last().unwrap().meta.decision_id;
    let file = file(&log, ACME);
    assert_eq!(file.class, Some(id("D")));
    let decisions: Vec<_> = file.classes.iter().map(|d| (d.change, d.effective_on, d.corrected_by)).collect();
    assert_eq!(
        decisions,
        [
            (ClassChange::Classified, day("2026-06-01"), None),
            (ClassChange::Reclassified, day("2027-03-01"), Some(right)),
            (ClassChange::Corrected, day("2027-03-01"), None),
        ]
    );
    assert_ne!(wrong, right);
    assert_eq!((file.classes[0].survey_id, file.classes[0].survey_revision), (Some(survey_id(ACME)), Some(1)));
}

#[test]
fn w28_a_removed_member_whose_removal_is_rescinded_is_a_member_again_in_its_class() {
    let mut log = Log::opened();
    log.member(ACME, "C").removed(ACME);
    assert_eq!((file(&log, ACME).stage, file(&log, ACME).class), (Stage::Removed, Some(id("C"))));
    log.rescinded(ACME);
    let back = file(&log, ACME);
    assert_eq!((back.stage, back.class, back.outcome), (Stage::Member, Some(id("C")), None));
    assert_eq!(back.removals[0].rescinded_because.as_deref(), Some("改判"));
}

#[test]
fn a_file_ends_with_its_ground() {
    let mut log = Log::opened();
    log.applied(ACME, 1)
        .nominated(ACME, "guild")
        .cycle(CycleEvent::NominationDeclined { organization: org(ACME), grounds: DeclineGrounds::BelowLowestClass });
    log.member(BOLT, "C").cycle(CycleEvent::EnrolmentEnded {
        organization: org(BOLT),
        ground: EndGround::LeftCity,
        reason: "迁出".to_owned(),
    });
    log.member(CRUX, "C").cycle(CycleEvent::MemberWithdrawn { organization: org(CRUX), reason: "自愿".to_owned() });
    let ending = |uscc| file(&log, uscc).outcome.unwrap();
    assert_eq!(ending(ACME).declined, Some(DeclineGrounds::BelowLowestClass));
    assert_eq!((ending(BOLT).outcome, ending(BOLT).ground), (Outcome::Ended, Some(EndGround::LeftCity)));
    assert_eq!(ending(CRUX).outcome, Outcome::Withdrawn);
}

#[test]
fn the_closing_completes_members_and_lapses_applicants() {
    let mut log = Log::opened();
    log.member(ACME, "C").applied(BOLT, 1).closed(&[ACME], &[BOLT]);
    assert_eq!((file(&log, ACME).stage, file(&log, BOLT).stage), (Stage::Completed, Stage::Lapsed));
}

#[test]
fn name_district_and_number_follow_the_organisation_also_in_files_opened_later() {
    let mut log = Log::opened();
    log.registered(ACME, "甲")
        .applied(ACME, 1)
        .organization(ACME, OrganizationEvent::OrganizationRenamed { name: "更名".to_owned() })
        .organization(ACME, OrganizationEvent::DistrictChanged { district: id("nanling") })
        .organization(ACME, OrganizationEvent::UsccChanged { uscc: id(LATER) });
    let known = file(&log, ACME);
    assert_eq!((known.name.as_str(), known.district, known.uscc.as_str()), ("更名", Some(id("nanling")), LATER));

    let mut log = Log::opened();
    log.registered(ACME, "甲").organization(ACME, OrganizationEvent::UsccChanged { uscc: id(LATER) }).applied(ACME, 1);
    assert_eq!((file(&log, ACME).uscc.as_str(), file(&log, ACME).name.as_str()), (LATER, "甲"));
    log.organization(ACME, OrganizationEvent::UsccCorrected { uscc: id(ACME), reason: "误录".to_owned() });
    assert_eq!(file(&log, ACME).uscc.as_str(), ACME);
}

on_both_databases! {
    applications_are_listed_by_stage_and_district_page_by_page
    nominations_are_listed_by_recommender_as_it_was_corrected
    w47_a_district_s_reports_hold_its_settled_surveys_by_number_whatever_moves_later
    a_survey_of_an_earlier_attempt_is_still_found
}

async fn applications_are_listed_by_stage_and_district_page_by_page(database: TestDatabase) {
    let mut log = Log::opened();
    log.registered(ACME, "甲").registered(BOLT, "乙").registered(CRUX, "丙");
    log.on("2026-04-02").applied(BOLT, 1).on("2026-04-03").applied(ACME, 1).on("2026-04-04").applied(CRUX, 1);
    log.nominated(CRUX, "guild").organization(BOLT, OrganizationEvent::DistrictChanged { district: id("nanling") });
    let store = log.shown_on(&database).await;
    let db = store.db();
    let listed = async |filter: ApplicationFilter, sort, paging: &Paging| {
        let page = applications(db, &cycle(), &Scope::All, &filter, sort, paging).await.unwrap();
        let usccs: Vec<_> = page.items.iter().map(|file| file.uscc.to_string()).collect();
        (usccs, page.next, page.total)
    };
    let all = ApplicationFilter::default;
    let (first, next, total) =
        listed(all(), ApplicationSort::AppliedOn, &Paging { count: Count::Total, ..Paging::first(2) }).await;
    assert_eq!((first, total), (vec![BOLT.to_owned(), ACME.to_owned()], Some(3)));
    let rest = Paging { after: next, ..Paging::first(2) };
    assert_eq!(listed(all(), ApplicationSort::AppliedOn, &rest).await, (vec![CRUX.to_owned()], None, None));
    let (last_first, ..) = listed(all(), ApplicationSort::AppliedOnDescending, &Paging::first(1)).await;
    assert_eq!(last_first, [CRUX]);
    let applied = ApplicationFilter { stages: vec![Stage::Applied], districts: vec![id("jinghu")] };
    assert_eq!(listed(applied, ApplicationSort::Name, &Paging::first(9)).await.0, [ACME]);
}

async fn nominations_are_listed_by_recommender_as_it_was_corrected(database: TestDatabase) {
    let mut log = Log::opened();
    log.applied(ACME, 1).applied(BOLT, 1).applied(CRUX, 1).nominated(ACME, "guild").nominated(BOLT, "guild");
    log.cycle(CycleEvent::NominationCorrected {
        organization: org(BOLT),
        from: id("guild"),
        to: id("bureau"),
        reason: "误录".to_owned(),
    });
    let store = log.shown_on(&database).await;
    let db = store.db();
    for (recommender, expected) in [("guild", ACME), ("bureau", BOLT)] {
        let page =
            nominations(db, &cycle(), &Scope::All, &[id(recommender)], NominationSort::NominatedOn, &Paging::first(9))
                .await;
        let usccs: Vec<_> = page.unwrap().items.iter().map(|file| file.uscc.to_string()).collect();
        assert_eq!(usccs, [expected]);
    }
}

async fn w47_a_district_s_reports_hold_its_settled_surveys_by_number_whatever_moves_later(database: TestDatabase) {
    let mut log = Log::opened();
    for uscc in [ACME, BOLT, CRUX] {
        log.registered(uscc, uscc)
            .applied(uscc, 1)
            .nominated(uscc, uscc)
            .charged(uscc, "jinghu-1")
            .surveyed(uscc, 1, "C");
    }
    log.approved(ACME, 1, "1号").approved(BOLT, 1, "1号").approved(CRUX, 1, "2号");
    log.organization(ACME, OrganizationEvent::DistrictChanged { district: id("nanling") });
    log.file(CRUX, EnrolmentEvent::SurveyReopened { survey_id: survey_id(CRUX), reasons: "复核".to_owned() });
    let store = log.shown_on(&database).await;
    let db = store.db();
    let bundles = bundle(db, &cycle(), &Scope::All, &[]).await.unwrap();
    let [SurveyBundle { district, reports }] = &bundles[..] else { panic!("one district: {bundles:?}") };
    let [report] = &reports[..] else { panic!("one report: {reports:?}") };
    assert_eq!((district, report.report_no.as_str()), (&id("jinghu"), "1号"));
    let files: Vec<_> = report.files.iter().map(|file| file.organization.clone()).collect();
    assert_eq!(files, [org(BOLT), org(ACME)]);
    assert!(bundle(db, &cycle(), &Scope::All, &[id("nanling")]).await.unwrap().is_empty());
}

async fn a_survey_of_an_earlier_attempt_is_still_found(database: TestDatabase) {
    let mut log = Log::opened();
    log.applied(ACME, 1).nominated(ACME, "guild").charged(ACME, "jinghu-1").surveyed(ACME, 1, "B").applied(ACME, 2);
    let store = log.shown_on(&database).await;
    let db = store.db();
    let found = survey(db, &cycle(), &org(ACME), survey_id(ACME)).await.unwrap();
    assert_eq!(found.map(|survey| (survey.attempt, survey.revision)), Some((1, 1)));
    let other = domain::ids::SurveyId::new(nth(1));
    assert_eq!(survey(db, &cycle(), &org(ACME), other).await.unwrap(), None);
    assert_eq!(get(db, &cycle(), &org(BOLT)).await.unwrap(), None);
}

#[test]
fn admission_names_its_decision() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C");
    let decision: DecisionId = log.events[log.events.len() - 2].meta.decision_id;
    let admission = file(&log, ACME).admission.unwrap();
    assert_eq!((admission.admitted_on, admission.decision_id), (day("2026-06-01"), decision));
}
