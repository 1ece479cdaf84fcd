use crate::scope::Scope;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::forms::facts::{AssistanceAnswer, Channel};
use domain::ids::{AssistanceAnswerId, AssistanceRequestId, SelfEvaluationId};
use domain::session::SessionEvent;

use super::*;
use crate::testing::{
    ACME, BOLT, CRUX, Log, attendance, attendance_id, cycle, id, nth, org, plan, recorded, scheduled, visit, visit_id,
    voided,
};

fn request(n: u128) -> EnrolmentEvent {
    let request = AssistanceRequest { subject: "自评".to_owned(), description: "请求辅导".to_owned() };
    EnrolmentEvent::AssistanceRequested(recorded(AssistanceRequestId::new(nth(n)), request))
}

fn evaluation(n: u128, gaps: &str) -> EnrolmentEvent {
    let evaluation = SelfEvaluation {
        period_from: crate::testing::day("2026-05-01"),
        period_to: crate::testing::day("2026-12-31"),
        strengths: "体系".to_owned(),
        gaps: gaps.to_owned(),
        actions: "改进".to_owned(),
        scores: Vec::new(),
    };
    EnrolmentEvent::SelfEvaluationRecorded(recorded(SelfEvaluationId::new(nth(n)), evaluation))
}

async fn of(log: &Log, stations: &[StationId]) -> Vec<StationCarryOver> {
    report(&log.database().await, &cycle(), &Scope::All, stations).await.unwrap()
}

#[tokio::test]
async fn w75_what_is_left_open_is_handed_on_with_the_class_at_the_end() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C");
    log.on("2026-09-01").file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("jinghu-1", "良好"))));
    log.on("2026-08-01").file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(2), visit("jinghu-1", "起步"))));
    log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(3), visit("jinghu-2", "误录"))))
        .file(ACME, EnrolmentEvent::VisitVoided(voided(visit_id(3))));
    log.file(ACME, request(4)).file(ACME, request(5)).file(
        ACME,
        EnrolmentEvent::AssistanceAnswered {
            request_id: AssistanceRequestId::new(nth(4)),
            answer_id: AssistanceAnswerId::new(nth(6)),
            answer: AssistanceAnswer { channel: Channel::Phone, answer: "已答".to_owned(), experts: Vec::new() },
        },
    );
    log.on("2027-01-05").file(ACME, evaluation(7, "过程")).on("2026-10-05").file(ACME, evaluation(8, "数据"));
    log.on("2028-05-01").closed(&[ACME], &[]);

    let [StationCarryOver { station, organizations }] = &of(&log, &[]).await[..] else { panic!("one station") };
    assert_eq!(station, &Some(id("jinghu-1")));
    let [handed_on] = &organizations[..] else { panic!("one organisation") };
    assert_eq!((&handed_on.class, handed_on.outcome), (&Some(id("C")), Some(Outcome::Completed)));
    let findings: Vec<_> = handed_on.visits.iter().map(|note| note.visit.findings.as_str()).collect();
    assert_eq!(findings, ["起步", "良好"]);
    let open: Vec<_> = handed_on.open_requests.iter().map(|request| request.id.clone()).collect();
    assert_eq!(open, [nth(5).to_string()]);
    assert_eq!(handed_on.missing_teaching.as_ref().map(|due| due.kind.as_str()), Some("targeted"));
    assert_eq!(handed_on.last_self_evaluation.as_ref().map(|last| last.content.gaps.as_str()), Some("过程"));
}

#[tokio::test]
async fn teaching_that_was_given_is_not_handed_on() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "A").session(1, scheduled(1, plan("foundation", "2026-08-01")));
    log.session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))));
    let report = of(&log, &[]).await;
    assert_eq!(report[0].organizations[0].missing_teaching, None);
}

#[tokio::test]
async fn an_organisation_goes_with_the_station_that_visited_last_and_applicants_are_left_out() {
    let mut log = Log::opened();
    log.on("2026-06-01").member(ACME, "C").member(BOLT, "C").applied(CRUX, 1);
    log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("nanling-1", "良好"))));
    log.cycle(CycleEvent::MemberWithdrawn { organization: org(BOLT), reason: "自愿".to_owned() });
    let shown = |report: Vec<StationCarryOver>| {
        let stations = report.into_iter().map(|part| {
            let usccs: Vec<_> = part.organizations.iter().map(|carried| carried.uscc.to_string()).collect();
            (part.station.map(|station| station.to_string()), usccs)
        });
        stations.collect::<Vec<_>>()
    };
    let (surveyor, visitor) = (Some("jinghu-1".to_owned()), Some("nanling-1".to_owned()));
    let acme = (visitor, vec![ACME.to_owned()]);
    assert_eq!(shown(of(&log, &[]).await), [(surveyor, vec![BOLT.to_owned()]), acme.clone()]);
    assert_eq!(shown(of(&log, &[id("nanling-1")]).await), [acme]);
}
