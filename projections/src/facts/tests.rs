use crate::scope::Scope;
use domain::enrolment::EnrolmentEvent;
use domain::forms::annex1::Level;
use domain::forms::facts::{Activity, AssistanceRequest, Holder, Honour, Incident, SelfEvaluation};
use domain::ids::{ActivityId, AssistanceRequestId, HonourId, IncidentId, SelfEvaluationId};
use domain::organization::OrganizationEvent;

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::testing::{ACME, BOLT, Log, corrected, cycle, day, id, nth, org, recorded, visit, visit_id, voided};
use domain::forms::facts::Channel;

#[track_caller]
fn fact(log: &Log, kind: FactKind, n: u128) -> Fact {
    log.row::<Facts>(&key(kind, &nth(n).to_string()))
}

fn request() -> AssistanceRequest {
    AssistanceRequest { subject: "自评".to_owned(), description: "请求辅导".to_owned() }
}

fn answer(request: u128) -> EnrolmentEvent {
    EnrolmentEvent::AssistanceAnswered {
        request_id: AssistanceRequestId::new(nth(request)),
        answer_id: AssistanceAnswerId::new(nth(99)),
        answer: AssistanceAnswer { channel: Channel::Phone, answer: "已辅导".to_owned(), experts: Vec::new() },
    }
}

fn incident(description: &str) -> Incident {
    Incident { kind: id("quality"), description: description.to_owned() }
}

fn incident_id() -> IncidentId {
    IncidentId::new(nth(3))
}

#[test]
fn w74_a_visit_shows_its_latest_version_and_keeps_all_of_them() {
    let mut log = Log::opened();
    log.on("2026-06-01").by("station/jinghu-1/li");
    log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("jinghu-1", "良好"))));
    log.on("2026-05-30").by("office/wuhu-incubation/zhang");
    log.file(ACME, EnrolmentEvent::VisitCorrected(corrected(visit_id(1), visit("jinghu-2", "一般"))));
    let visited = fact(&log, FactKind::Visits, 1);
    assert_eq!((visited.version, visited.occurred_on), (2, day("2026-05-30")));
    assert_eq!(visited.content, Content::Visit(visit("jinghu-2", "一般")));
    assert_eq!(visited.station, Some(id("jinghu-2")));
    assert_eq!(visited.recorded.actor, "station/jinghu-1/li");
    let versions: Vec<_> = visited.history.iter().map(|v| (v.version, v.trace.occurred_on)).collect();
    assert_eq!(versions, [(1, day("2026-06-01")), (2, day("2026-05-30"))]);
    assert_eq!(visited.history[1].reason.as_deref(), Some("put right"));
}

#[test]
fn every_kind_of_fact_can_be_corrected_and_voided_where_its_stream_allows() {
    let mut log = Log::opened();
    let activity =
        |title: &str| Activity { kind: id("contest"), title: title.to_owned(), description: None, participants: None };
    let evaluation = |gaps: &str| SelfEvaluation {
        period_from: day("2026-05-01"),
        period_to: day("2026-12-31"),
        strengths: "体系".to_owned(),
        gaps: gaps.to_owned(),
        actions: "改进".to_owned(),
        scores: Vec::new(),
    };
    let (activity_id, evaluation_id) = (ActivityId::new(nth(1)), SelfEvaluationId::new(nth(2)));
    let request_id = AssistanceRequestId::new(nth(4));
    let wider = AssistanceRequest { description: "更多".to_owned(), ..request() };
    log.file(ACME, EnrolmentEvent::ActivityRecorded(recorded(activity_id, activity("竞赛"))))
        .file(ACME, EnrolmentEvent::SelfEvaluationRecorded(recorded(evaluation_id, evaluation("数据"))))
        .organization(ACME, OrganizationEvent::IncidentReported(recorded(incident_id(), incident("召回"))))
        .file(ACME, EnrolmentEvent::AssistanceRequested(recorded(request_id, request())));
    log.file(ACME, EnrolmentEvent::ActivityCorrected(corrected(activity_id, activity("技能竞赛"))))
        .file(ACME, EnrolmentEvent::SelfEvaluationCorrected(corrected(evaluation_id, evaluation("过程"))))
        .organization(ACME, OrganizationEvent::IncidentCorrected(corrected(incident_id(), incident("停产"))))
        .file(ACME, EnrolmentEvent::AssistanceCorrected(corrected(request_id, wider.clone())));
    let expected = [
        (FactKind::Activities, 1, Content::Activity(activity("技能竞赛"))),
        (FactKind::SelfEvaluations, 2, Content::SelfEvaluation(evaluation("过程"))),
        (FactKind::Incidents, 3, Content::Incident(incident("停产"))),
        (FactKind::AssistanceRequests, 4, Content::AssistanceRequest(wider)),
    ];
    for (kind, n, content) in expected.clone() {
        let corrected = fact(&log, kind, n);
        assert_eq!((corrected.content.clone(), corrected.version, corrected.in_force()), (content, 2, true));
    }
    log.file(ACME, EnrolmentEvent::ActivityVoided(voided(activity_id)))
        .file(ACME, EnrolmentEvent::SelfEvaluationVoided(voided(evaluation_id)))
        .organization(ACME, OrganizationEvent::IncidentVoided(voided(incident_id())))
        .file(ACME, EnrolmentEvent::AssistanceVoided(voided(request_id)));
    for (kind, n, content) in expected {
        let gone = fact(&log, kind, n);
        assert_eq!(gone.content, content, "what it said stays readable");
        assert_eq!(gone.voided.map(|voiding| voiding.reason), Some("never happened".to_owned()));
    }
}

#[test]
fn w73_the_response_time_follows_a_corrected_day() {
    let mut log = Log::opened();
    let id_ = AssistanceRequestId::new(nth(4));
    log.on("2026-06-01").file(ACME, EnrolmentEvent::AssistanceRequested(recorded(id_, request())));
    log.on("2026-06-08").by("station/jinghu-1/li").file(ACME, answer(4));
    let answered = fact(&log, FactKind::AssistanceRequests, 4);
    assert_eq!(answered.answer.map(|answer| answer.response_days), Some(7));
    assert_eq!(answered.station, Some(id("jinghu-1")));
    log.on("2026-06-05").file(ACME, EnrolmentEvent::AssistanceCorrected(corrected(id_, request())));
    let answered = fact(&log, FactKind::AssistanceRequests, 4);
    assert_eq!(answered.answer.map(|answer| answer.response_days), Some(3));
}

#[test]
fn q14_the_last_determination_of_an_incident_counts() {
    let mut log = Log::opened();
    log.organization(ACME, OrganizationEvent::IncidentReported(recorded(incident_id(), incident("召回"))));
    assert_eq!(fact(&log, FactKind::Incidents, 3).determination, None);
    log.organization(
        ACME,
        OrganizationEvent::IncidentDetermined {
            incident_id: incident_id(),
            authority: "市应急管理局".to_owned(),
            document_no: "1号".to_owned(),
            major: true,
            determined_on: day("2026-04-01"),
        },
    );
    let found = |log: &Log| fact(log, FactKind::Incidents, 3).determination.map(|found| found.finding);
    assert_eq!(found(&log), Some(Finding::Major));
    log.organization(
        ACME,
        OrganizationEvent::IncidentDismissed {
            incident_id: incident_id(),
            authority: "市应急管理局".to_owned(),
            document_no: "2号".to_owned(),
            reason: "复议".to_owned(),
        },
    );
    assert_eq!(found(&log), Some(Finding::Dismissed));
}

#[test]
fn q22_an_honour_belongs_to_the_organisation_and_to_no_cycle() {
    let mut log = Log::opened();
    let honour = Honour { name: "市长质量奖".to_owned(), level: Level::City, holder: Holder::Organization };
    log.organization(ACME, OrganizationEvent::HonourRecorded(recorded(HonourId::new(nth(8)), honour.clone())));
    let honoured = fact(&log, FactKind::Honours, 8);
    assert_eq!((honoured.cycle, honoured.organization, honoured.content), (None, org(ACME), Content::Honour(honour)));
}

#[test]
fn a_correction_without_its_first_version_makes_the_fact() {
    let mut log = Log::opened();
    log.file(ACME, EnrolmentEvent::VisitCorrected(corrected(visit_id(1), visit("jinghu-1", "良好"))));
    assert_eq!(fact(&log, FactKind::Visits, 1).version, 2);
}

on_both_databases! {
    w74_the_log_of_visits_is_listed_by_station_and_day_without_voided_ones
}

async fn w74_the_log_of_visits_is_listed_by_station_and_day_without_voided_ones(database: TestDatabase) {
    let mut log = Log::opened();
    let visits =
        [(1, ACME, "jinghu-1", "2026-06-03"), (2, BOLT, "jinghu-2", "2026-06-02"), (3, BOLT, "jinghu-1", "2026-06-01")];
    for (n, uscc, station, on) in visits {
        log.on(on).file(uscc, EnrolmentEvent::VisitRecorded(recorded(visit_id(n), visit(station, "良好"))));
    }
    log.file(BOLT, EnrolmentEvent::VisitVoided(voided(visit_id(3))));
    let store = log.shown_on(&database).await;
    let db = store.db();
    let listed = async |filter: FactFilter, sort| {
        let filter = FactFilter { cycle: Some(cycle()), ..filter };
        let page = list(db, &Scope::All, FactKind::Visits, &filter, sort, &Paging::first(9)).await.unwrap();
        page.items.into_iter().map(|fact| fact.id).collect::<Vec<_>>()
    };
    let ids = |ns: &[u128]| ns.iter().map(|n| nth(*n).to_string()).collect::<Vec<_>>();
    assert_eq!(listed(FactFilter::default(), FactSort::OccurredOn).await, ids(&[2, 1]));
    assert_eq!(listed(FactFilter::default(), FactSort::OccurredOnDescending).await, ids(&[1, 2]));
    let station = || FactFilter { stations: vec![id("jinghu-1")], ..FactFilter::default() };
    assert_eq!(listed(station(), FactSort::OccurredOn).await, ids(&[1]));
    assert_eq!(listed(FactFilter { voids: Voids::Shown, ..station() }, FactSort::OccurredOn).await, ids(&[3, 1]));
    let from = FactFilter { from: Some(day("2026-06-03")), ..FactFilter::default() };
    assert_eq!(listed(from, FactSort::OccurredOn).await, ids(&[1]));
    let to = FactFilter { to: Some(day("2026-06-02")), organizations: vec![org(BOLT)], ..FactFilter::default() };
    assert_eq!(listed(to, FactSort::OccurredOn).await, ids(&[2]));
    let voided = get(db, FactKind::Visits, &nth(3).to_string()).await.unwrap();
    assert!(voided.is_some_and(|fact| !fact.in_force()), "a voided visit is still found by its id");
    assert_eq!(get(db, FactKind::Activities, &nth(1).to_string()).await.unwrap(), None);
}
