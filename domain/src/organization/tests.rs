//! The organisation's state: what its events leave, and which incident bars.

use super::*;
use crate::event::Meta;
use crate::forms::annex1::Level;
use crate::forms::facts::Holder;
use crate::samples::{OTHER_USCC, USCC, by, day, id, nth, organization};

fn incident_id(n: u128) -> IncidentId {
    IncidentId::new(nth(n))
}

fn evolve(organization: &mut Organization, occurred_on: &str, event: &OrganizationEvent) {
    let context = by("station/east-1/li", occurred_on);
    let meta = Meta {
        decision_id: context.decision_id,
        recorded_at: context.now,
        occurred_on: day(occurred_on),
        actor: context.actor,
        documents: Vec::new(),
        waiver: None,
        decision_size: 1,
        request_id: None,
    };
    organization.evolve(event, At { version: 1, meta: &meta });
}

fn report(organization: &mut Organization, n: u128, occurred_on: &str) {
    let content = Incident { kind: id("quality"), description: "质量事故".to_owned() };
    let event = OrganizationEvent::IncidentReported(Recorded { id: incident_id(n), content });
    evolve(organization, occurred_on, &event);
}

fn determine(organization: &mut Organization, n: u128, major: bool) {
    let event = OrganizationEvent::IncidentDetermined {
        incident_id: incident_id(n),
        authority: "市场监管局".to_owned(),
        document_no: "1".to_owned(),
        major,
        determined_on: day("2026-06-01"),
    };
    evolve(organization, "2026-06-01", &event);
}

fn dismiss(organization: &mut Organization, n: u128) {
    let event = OrganizationEvent::IncidentDismissed {
        incident_id: incident_id(n),
        authority: "市场监管局".to_owned(),
        document_no: "2".to_owned(),
        reason: "unfounded".to_owned(),
    };
    evolve(organization, "2026-07-01", &event);
}

/// An organisation with one incident of 10 May 2026, determined as major.
fn with_major() -> Organization {
    let mut organization = organization();
    report(&mut organization, 1, "2026-05-10");
    determine(&mut organization, 1, true);
    organization
}

#[test]
fn w36_a_major_incident_bars_until_its_third_anniversary() {
    let bars = |on: &str| with_major().barring_incident(day(on), 3);
    let barred = Some((incident_id(1), day("2029-05-10")));
    assert_eq!(bars("2026-05-09"), None, "it had not happened yet");
    assert_eq!(bars("2026-05-10"), barred);
    assert_eq!(bars("2029-05-09"), barred);
    assert_eq!(bars("2029-05-10"), None);
}

#[test]
fn w36_what_the_authority_has_not_determined_as_major_does_not_bar() {
    let on = day("2026-08-01");
    let mut organization = organization();
    report(&mut organization, 1, "2026-05-10");
    assert_eq!(organization.barring_incident(on, 3), None, "reported only");
    determine(&mut organization, 1, false);
    assert_eq!(organization.barring_incident(on, 3), None, "below major");
    determine(&mut organization, 1, true);
    assert!(organization.barring_incident(on, 3).is_some(), "the last determination counts");
    dismiss(&mut organization, 1);
    assert_eq!(organization.barring_incident(on, 3), None, "overturned");
    assert_eq!(organization.incidents[&incident_id(1)].determined_on, None);
}

#[test]
fn w36_of_several_incidents_the_one_that_bars_longest_is_named() {
    let mut organization = with_major();
    report(&mut organization, 2, "2026-05-20");
    determine(&mut organization, 2, true);
    report(&mut organization, 3, "2025-01-01");
    determine(&mut organization, 3, true);
    assert_eq!(organization.barring_incident(day("2026-08-01"), 3), Some((incident_id(2), day("2029-05-20"))));
    assert_eq!(organization.barring_incident(day("2026-05-15"), 3), Some((incident_id(1), day("2029-05-10"))));
}

#[test]
fn w36_a_corrected_day_moves_the_look_back_and_a_voided_incident_has_none() {
    let mut organization = with_major();
    let content = Incident { kind: id("quality"), description: "质量事故".to_owned() };
    let corrected = Corrected { id: incident_id(1), replaces_version: 1, content, reason: "wrong day".to_owned() };
    evolve(&mut organization, "2026-05-12", &OrganizationEvent::IncidentCorrected(corrected));
    let on = day("2026-08-01");
    assert_eq!(organization.barring_incident(on, 3), Some((incident_id(1), day("2029-05-12"))));
    assert_eq!(organization.incident_facts.get(incident_id(1)).map(|f| f.version), Some(2));

    let voided = Voided { id: incident_id(1), reason: "another organisation's".to_owned() };
    evolve(&mut organization, "2026-08-01", &OrganizationEvent::IncidentVoided(voided));
    assert_eq!(organization.barring_incident(on, 3), None);
    assert_eq!(organization.incident_facts.get(incident_id(1)).map(|f| f.voided), Some(true));
}

#[test]
fn a_file_is_live_until_its_end_and_again_after_a_reopening_or_a_fresh_start() {
    let mut organization = Organization::default();
    let (cycle, program) = (id::<CycleId>("sample-2026"), id::<ProgramId>("sample"));
    let opened =
        |attempt| OrganizationEvent::EnrolmentOpened { cycle: cycle.clone(), program: program.clone(), attempt };
    let ended = |outcome| OrganizationEvent::EnrolmentEnded { cycle: cycle.clone(), outcome };

    evolve(&mut organization, "2026-01-10", &opened(1));
    assert_eq!(organization.live_file(&program), Some(&cycle));
    assert_eq!(organization.live_file(&id("other")), None);
    evolve(&mut organization, "2026-01-20", &ended(Outcome::WithdrawnEarly));
    assert_eq!(organization.live_file(&program), None);
    evolve(&mut organization, "2026-02-10", &opened(2));
    assert_eq!(organization.live_file(&program), Some(&cycle));
    assert_eq!(organization.files[&cycle].opened_on, day("2026-02-10"));
    evolve(&mut organization, "2026-06-10", &ended(Outcome::Removed));
    assert_eq!(organization.files[&cycle].outcome, Some(Outcome::Removed));
    evolve(&mut organization, "2026-07-10", &OrganizationEvent::EnrolmentReopened { cycle: cycle.clone() });
    assert_eq!(organization.live_file(&program), Some(&cycle));
}

#[test]
fn a_registered_organisation_has_its_name_number_and_district() {
    let mut organization = Organization::default();
    assert!(organization.registered().is_err());
    let event = OrganizationEvent::OrganizationRegistered {
        uscc: id(USCC),
        name: "Acme".to_owned(),
        district: id("east"),
        program: id("sample"),
    };
    evolve(&mut organization, "2026-01-10", &event);
    assert!(organization.registered().is_ok());
    assert_eq!(organization.numbers, [id::<Uscc>(USCC)]);
    assert_eq!(organization.district, Some(id("east")));
}

#[test]
fn the_number_in_force_stands_last_each_once() {
    let mut organization = organization();
    evolve(&mut organization, "2026-03-01", &OrganizationEvent::UsccChanged { uscc: id(OTHER_USCC) });
    assert_eq!(organization.numbers, [id::<Uscc>(USCC), id(OTHER_USCC)]);
    let back = OrganizationEvent::UsccCorrected { uscc: id(USCC), reason: "mistyped".to_owned() };
    evolve(&mut organization, "2026-03-02", &back);
    assert_eq!(organization.numbers, [id::<Uscc>(OTHER_USCC), id(USCC)]);
}

#[test]
fn honours_are_known_by_id() {
    let mut organization = organization();
    let content = Honour { name: "市长质量奖".to_owned(), level: Level::City, holder: Holder::Organization };
    let honour = HonourId::new(nth(5));
    evolve(&mut organization, "2025-12-01", &OrganizationEvent::HonourRecorded(Recorded { id: honour, content }));
    assert!(organization.honours.contains(&honour));
}
