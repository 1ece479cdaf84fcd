//! Whatever the batches, a read model ends in the same rows (E12).

use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::forms::annex1::Level;
use domain::forms::facts::{AssistanceAnswer, AssistanceRequest, Channel, Holder, Honour, Incident};
use domain::forms::samples;
use domain::ids::{AssistanceAnswerId, AssistanceRequestId, ConditionCheckId, HonourId, IncidentId};
use domain::organization::OrganizationEvent;
use domain::session::SessionEvent;
use proptest::prelude::*;

use crate::fixtures::Table;

use super::{
    ACME, BOLT, CRUX, LATER, Log, attendance, attendance_id, corrected, cycle, day, id, nth, org, plan, recorded,
    scheduled, survey_id, visit, visit_id, voided,
};

/// One event of each kind that the read models use, for two organisations that share a cycle and sessions.
fn everything() -> Vec<RecordedEvent> {
    let mut log = Log::opened();
    log.member(ACME, "D").member(BOLT, "C").applied(CRUX, 1);
    for (uscc, n) in [(ACME, 1), (BOLT, 2)] {
        about_the_file(&mut log, uscc, n);
        about_the_organization(&mut log, uscc, n);
        in_the_cycle(&mut log, uscc);
        log.session(n, scheduled(n, plan("foundation", "2026-08-01")))
            .session(n, SessionEvent::AttendanceRecorded(recorded(attendance_id(n), attendance(uscc))))
            .session(n, SessionEvent::AttendanceCorrected(corrected(attendance_id(n), attendance(BOLT))))
            .session(n, SessionEvent::AttendanceVoided(voided(attendance_id(n))))
            .session(
                n,
                SessionEvent::SessionRescheduled {
                    on: day("2026-08-02"),
                    place: "南陵".to_owned(),
                    reason: "场地".to_owned(),
                },
            )
            .session(n, SessionEvent::SessionCancelled { reason: "台风".to_owned() });
    }
    log.organization(LATER, OrganizationEvent::NumberAssigned { organization: org(ACME) });
    log.closed(&[ACME, BOLT], &[CRUX]);
    log.events
}

fn about_the_file(log: &mut Log, uscc: &str, n: u128) {
    let request = AssistanceRequest { subject: "自评".to_owned(), description: "辅导".to_owned() };
    let request_id = AssistanceRequestId::new(nth(300 + n));
    let survey_id = survey_id(uscc);
    let amended = samples::application("新名", id("yijiang"), Some(id("C")), day("2026-04-02"));
    log.on("2026-06-01")
        .file(uscc, EnrolmentEvent::VisitRecorded(recorded(visit_id(n), visit("jinghu-1", "良好"))))
        .file(uscc, EnrolmentEvent::VisitCorrected(corrected(visit_id(n), visit("jinghu-2", "一般"))))
        .file(uscc, EnrolmentEvent::VisitVoided(voided(visit_id(n))))
        .file(uscc, EnrolmentEvent::AssistanceRequested(recorded(request_id, request.clone())))
        .file(uscc, EnrolmentEvent::AssistanceCorrected(corrected(request_id, request)))
        .file(
            uscc,
            EnrolmentEvent::AssistanceAnswered {
                request_id,
                answer_id: AssistanceAnswerId::new(nth(400 + n)),
                answer: AssistanceAnswer { channel: Channel::Phone, answer: "已答".to_owned(), experts: Vec::new() },
            },
        )
        .file(
            uscc,
            EnrolmentEvent::ConditionChecked {
                check_id: ConditionCheckId::new(nth(500 + n)),
                condition: id("lawful_and_policy"),
                met: true,
                department: "市生态环境局".to_owned(),
                checked_on: day("2026-06-01"),
            },
        )
        .file(uscc, EnrolmentEvent::ApplicationAmended { application: Box::new(amended), reason: None })
        .file(uscc, EnrolmentEvent::RecommendationRefused { recommender: id("guild"), reason: "不符".to_owned() })
        .file(uscc, EnrolmentEvent::SurveyReturned { survey_id, reasons: "补充".to_owned() })
        .file(uscc, EnrolmentEvent::SurveyReopened { survey_id, reasons: "复核".to_owned() })
        .file(uscc, EnrolmentEvent::ApplicationWithdrawn { reason: None });
}

fn about_the_organization(log: &mut Log, uscc: &str, n: u128) {
    let incident = Incident { kind: id("quality"), description: "召回".to_owned() };
    let incident_id = IncidentId::new(nth(600 + n));
    let honour = Honour { name: "市长质量奖".to_owned(), level: Level::City, holder: Holder::Organization };
    log.organization(uscc, OrganizationEvent::OrganizationRenamed { name: "更名".to_owned() })
        .organization(uscc, OrganizationEvent::DistrictChanged { district: id("wuhu-county") })
        .organization(uscc, OrganizationEvent::UsccChanged { uscc: id(LATER) })
        .organization(uscc, OrganizationEvent::UsccCorrected { uscc: id(uscc), reason: "误录".to_owned() })
        .organization(uscc, OrganizationEvent::IncidentReported(recorded(incident_id, incident.clone())))
        .organization(uscc, OrganizationEvent::IncidentCorrected(corrected(incident_id, incident)))
        .organization(
            uscc,
            OrganizationEvent::IncidentDetermined {
                incident_id,
                authority: "市应急管理局".to_owned(),
                document_no: "1号".to_owned(),
                major: true,
                determined_on: day("2026-06-02"),
            },
        )
        .organization(
            uscc,
            OrganizationEvent::IncidentDismissed {
                incident_id,
                authority: "市应急管理局".to_owned(),
                document_no: "2号".to_owned(),
                reason: "复议".to_owned(),
            },
        )
        .organization(uscc, OrganizationEvent::IncidentVoided(voided(incident_id)))
        .organization(uscc, OrganizationEvent::HonourRecorded(recorded(HonourId::new(nth(700 + n)), honour)))
        .organization(uscc, OrganizationEvent::EnrolmentReopened { cycle: cycle() })
        .organization(uscc, OrganizationEvent::MergedInto { organization: org(CRUX), reason: "合并".to_owned() });
}

fn in_the_cycle(log: &mut Log, uscc: &str) {
    let organization = org(uscc);
    let moved = (id("C"), id("D"));
    log.cycle(CycleEvent::OrganizationReclassified {
        organization: organization.clone(),
        from: id("D"),
        to: moved.0,
        grounds: "推广情况".to_owned(),
    })
    .cycle(CycleEvent::ClassificationCorrected {
        organization: organization.clone(),
        from: id("C"),
        to: moved.1,
        decided_on: day("2026-06-01"),
        reason: "误录".to_owned(),
    })
    .cycle(CycleEvent::NominationCorrected {
        organization: organization.clone(),
        from: id("guild"),
        to: id("bureau"),
        reason: "误录".to_owned(),
    })
    .cycle(CycleEvent::NominationWithdrawn {
        organization: organization.clone(),
        reason: "计划".to_owned(),
        place_freed: false,
    })
    .cycle(CycleEvent::CycleExtended { ends_on: day("2028-08-01"), reason: "延长".to_owned() })
    .removed(uscc)
    .rescinded(uscc)
    .cycle(CycleEvent::MemberWithdrawn { organization, reason: "自愿".to_owned() });
}

/// The events at these places, as a log: positions and versions run on whatever the order.
fn log_of(places: &[prop::sample::Index], from: &[RecordedEvent]) -> Vec<RecordedEvent> {
    let mut versions = std::collections::HashMap::new();
    let chosen = places.iter().map(|place| place.get(from)).enumerate();
    chosen
        .map(|(index, event)| {
            let version: &mut u64 = versions.entry(event.stream.clone()).or_default();
            *version += 1;
            RecordedEvent { position: index as u64 + 1, version: *version, ..event.clone() }
        })
        .collect()
}

#[test]
fn a_true_history_ends_in_the_same_rows_whatever_the_batches() {
    let events = everything();
    for model in crate::models() {
        let by = |size: usize| Table::folded(&*model, &events, &vec![size; events.len().div_ceil(size)]);
        let one_by_one = by(1);
        for size in [2, 5, 17, events.len()] {
            assert_eq!(by(size), one_by_one, "{} by {size}", model.table().name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Orders that no command would lead to are folded too: a fold rests on no order.
    #[test]
    fn any_history_ends_in_the_same_rows_whatever_the_batches(
        places in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        sizes in prop::collection::vec(1_usize..12, 0..30),
    ) {
        let mut events = everything();
        let opening = events.len().min(30);
        let random = log_of(&places, &events);
        events.truncate(opening);
        let shift = events.len() as u64;
        events.extend(random.into_iter().map(|event| RecordedEvent { position: event.position + shift, ..event }));
        for model in crate::models() {
            let one_by_one = Table::folded(&*model, &events, &vec![1; events.len()]);
            let batched = Table::folded(&*model, &events, &sizes);
            prop_assert_eq!(batched, one_by_one, "{}", model.table().name);
        }
    }
}
