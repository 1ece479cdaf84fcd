use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::ids::IncidentId;
use domain::organization::OrganizationEvent;
use domain::session::Plan;

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::testing::{
    ACME, BOLT, LATER, Log, attendance, attendance_id, corrected, cycle, day, id, nth, org, plan, recorded, scheduled,
    survey_id, visit, visit_id, voided,
};

/// Type and corrector of the entries of an organisation, in order.
#[track_caller]
fn story(log: &Log, uscc: &str) -> Vec<(String, Option<u64>)> {
    let rows: Vec<TimelineRow> = log.table::<Timeline>().rows();
    let entries = rows.into_iter().filter_map(|row| match row {
        TimelineRow::Entry(entry) if entry.organization == org(uscc) => Some(*entry),
        TimelineRow::Entry(_) | TimelineRow::Session { .. } => None,
    });
    entries.map(|entry| (entry.event_type, entry.corrected_by)).collect()
}

/// What the last events say of the organisation: type, and how many events later it was put right.
#[track_caller]
fn last(log: &Log, uscc: &str, n: usize) -> Vec<(String, Option<u64>)> {
    let story = story(log, uscc);
    story[story.len() - n..].to_vec()
}

fn told(entries: &[(&str, Option<u64>)]) -> Vec<(String, Option<u64>)> {
    entries.iter().map(|(name, by)| ((*name).to_owned(), *by)).collect()
}

#[test]
fn an_entry_tells_who_did_what_when_on_which_papers() {
    let mut log = Log::opened();
    log.on("2026-06-01").by("station/jinghu-1/li").with_paper("照片");
    log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("jinghu-1", "良好"))));
    let TimelineRow::Entry(entry) = log.row::<Timeline>(&key(&org(ACME), 2)) else { panic!("an entry") };
    assert_eq!((entry.cycle, entry.event_type.as_str(), entry.version), (Some(cycle()), "VisitRecorded", 1));
    assert_eq!((entry.trace.actor.as_str(), entry.trace.occurred_on), ("station/jinghu-1/li", day("2026-06-01")));
    assert_eq!(entry.trace.documents[0].title, "照片");
    assert_eq!(entry.data["content"]["findings"], "良好");
}

#[test]
fn corrections_and_voidings_of_facts_mark_what_they_put_right() {
    let mut log = Log::opened();
    let correction = || EnrolmentEvent::VisitCorrected(corrected(visit_id(1), visit("jinghu-1", "一般")));
    log.file(ACME, EnrolmentEvent::VisitRecorded(recorded(visit_id(1), visit("jinghu-1", "良好"))))
        .file(ACME, correction())
        .file(ACME, correction())
        .file(ACME, EnrolmentEvent::VisitVoided(voided(visit_id(1))));
    assert_eq!(
        story(&log, ACME),
        told(&[
            ("VisitRecorded", Some(3)),
            ("VisitCorrected", Some(4)),
            ("VisitCorrected", Some(5)),
            ("VisitVoided", None)
        ])
    );
}

#[test]
fn decisions_that_are_put_right_are_marked_too() {
    let mut log = Log::opened();
    log.member(ACME, "C").cycle(CycleEvent::OrganizationReclassified {
        organization: org(ACME),
        from: id("C"),
        to: id("B"),
        grounds: "推广情况".to_owned(),
    });
    let reclassified = log.events.len() as u64;
    log.cycle(CycleEvent::ClassificationCorrected {
        organization: org(ACME),
        from: id("B"),
        to: id("D"),
        decided_on: day("2026-04-01"),
        reason: "误录".to_owned(),
    });
    log.removed(ACME).rescinded(ACME).cycle(CycleEvent::NominationCorrected {
        organization: org(ACME),
        from: id("guild"),
        to: id("bureau"),
        reason: "误录".to_owned(),
    });
    assert_eq!(
        last(&log, ACME, 6),
        told(&[
            ("OrganizationClassified", None),
            ("OrganizationReclassified", Some(reclassified + 1)),
            ("ClassificationCorrected", None),
            ("OrganizationRemoved", Some(reclassified + 3)),
            ("RemovalRescinded", None),
            ("NominationCorrected", None),
        ])
    );
    let nominated = story(&log, ACME).into_iter().find(|(name, _)| name == "OrganizationNominated");
    assert_eq!(nominated.and_then(|(_, by)| by), Some(reclassified + 4));
}

#[test]
fn a_second_removal_is_not_marked_by_the_first_one_s_rescission() {
    let mut log = Log::opened();
    log.member(ACME, "C").removed(ACME).rescinded(ACME).removed(ACME);
    let first = log.events.len() as u64 - 2;
    let marks = [("OrganizationRemoved", Some(first + 1)), ("RemovalRescinded", None), ("OrganizationRemoved", None)];
    assert_eq!(last(&log, ACME, 3), told(&marks));
    log.rescinded(ACME);
    assert_eq!(last(&log, ACME, 2), told(&[("OrganizationRemoved", Some(first + 3)), ("RemovalRescinded", None)]));
}

#[test]
fn a_reopened_survey_marks_its_approval() {
    let mut log = Log::opened();
    log.surveyed(ACME, 1, "C").approved(ACME, 1, "1号");
    log.file(ACME, EnrolmentEvent::SurveyReopened { survey_id: survey_id(ACME), reasons: "复核".to_owned() });
    let marks = [("SurveyFiled", None), ("SurveyApproved", Some(4)), ("SurveyReopened", None)];
    assert_eq!(story(&log, ACME), told(&marks));
}

#[test]
fn a_dismissal_overturns_the_determination_before_it() {
    let mut log = Log::opened();
    let incident_id = IncidentId::new(nth(1));
    let authority = || "市应急管理局".to_owned();
    log.organization(
        ACME,
        OrganizationEvent::IncidentDetermined {
            incident_id,
            authority: authority(),
            document_no: "1号".to_owned(),
            major: true,
            determined_on: day("2026-04-01"),
        },
    )
    .organization(
        ACME,
        OrganizationEvent::IncidentDismissed {
            incident_id,
            authority: authority(),
            document_no: "2号".to_owned(),
            reason: "复议".to_owned(),
        },
    );
    assert_eq!(story(&log, ACME), told(&[("IncidentDetermined", Some(3)), ("IncidentDismissed", None)]));
}

#[test]
fn attendance_concerns_its_organisation_and_a_session_its_host() {
    let mut log = Log::opened();
    let at_acme = Plan { host: Some(org(ACME)), ..plan("advanced_diagnosis", "2027-08-01") };
    log.session(1, scheduled(1, at_acme))
        .session(
            1,
            SessionEvent::SessionRescheduled {
                on: day("2027-08-02"),
                place: "南陵".to_owned(),
                reason: "场地".to_owned(),
            },
        )
        .session(1, SessionEvent::AttendanceRecorded(recorded(attendance_id(1), attendance(ACME))))
        .session(1, SessionEvent::AttendanceCorrected(corrected(attendance_id(1), attendance(BOLT))))
        .session(1, SessionEvent::AttendanceVoided(voided(attendance_id(1))));
    assert_eq!(
        story(&log, ACME),
        told(&[
            ("SessionScheduled", Some(3)),
            ("SessionRescheduled", None),
            ("AttendanceRecorded", Some(5)),
            ("AttendanceCorrected", Some(6)),
            ("AttendanceVoided", None),
        ])
    );
    assert_eq!(story(&log, BOLT), told(&[("AttendanceCorrected", Some(6)), ("AttendanceVoided", None)]));
    let TimelineRow::Entry(voiding) = log.row::<Timeline>(&key(&org(BOLT), 6)) else { panic!("an entry") };
    assert_eq!(voiding.cycle, Some(cycle()));
}

#[test]
fn the_closing_tells_each_organisation_only_its_own_outcome() {
    let mut log = Log::opened();
    log.closed(&[ACME], &[BOLT]);
    for (uscc, outcome) in [(ACME, "completed"), (BOLT, "lapsed")] {
        let TimelineRow::Entry(entry) = log.row::<Timeline>(&key(&org(uscc), 2)) else { panic!("an entry") };
        assert_eq!(entry.data, serde_json::json!({ "outcome": outcome, "reason": null }));
    }
}

#[test]
fn a_later_number_and_a_merger_concern_their_organisations() {
    let mut log = Log::opened();
    log.organization(LATER, OrganizationEvent::NumberAssigned { organization: org(ACME) })
        .organization(ACME, OrganizationEvent::MergedInto { organization: org(BOLT), reason: "合并".to_owned() });
    assert_eq!(story(&log, ACME), told(&[("NumberAssigned", None), ("MergedInto", None)]));
    assert_eq!(story(&log, BOLT), told(&[("MergedInto", None)]));
}

on_both_databases! {
    a_timeline_is_read_page_by_page_and_by_cycle
}

async fn a_timeline_is_read_page_by_page_and_by_cycle(database: TestDatabase) {
    let mut log = Log::opened();
    log.registered(ACME, "甲").applied(ACME, 1).registered(BOLT, "乙").applied(BOLT, 1);
    let other = OrganizationEvent::EnrolmentOpened { cycle: id("other-2026"), program: id("other"), attempt: 1 };
    log.organization(ACME, other);
    let store = log.shown_on(&database).await;
    let db = store.db();
    let names =
        |page: &Page<TimelineEntry>| page.items.iter().map(|entry| entry.event_type.clone()).collect::<Vec<_>>();
    let read = async |cycle: Option<&CycleId>, direction, paging: Paging| {
        list(db, &org(ACME), cycle, direction, &paging).await.unwrap()
    };
    let first = read(None, Direction::Ascending, Paging::first(3)).await;
    assert_eq!(names(&first), ["OrganizationRegistered", "ApplicationSubmitted", "EnrolmentOpened"]);
    let rest = read(None, Direction::Ascending, Paging { after: first.next, ..Paging::first(3) }).await;
    assert_eq!((names(&rest), rest.next), (vec!["ApplicantEntered".to_owned(), "EnrolmentOpened".to_owned()], None));
    let of_cycle = read(Some(&cycle()), Direction::Descending, Paging::first(9)).await;
    assert_eq!(
        names(&of_cycle),
        ["ApplicantEntered", "EnrolmentOpened", "ApplicationSubmitted", "OrganizationRegistered"]
    );
}
