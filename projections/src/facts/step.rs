//! What events do to facts.

use domain::RecordedEvent;
use domain::enrolment::EnrolmentEvent;
use domain::event::Event;
use domain::fact::{Corrected, Recorded, Voided};
use domain::forms::facts::AssistanceAnswer;
use domain::ids::AssistanceAnswerId;
use domain::organization::OrganizationEvent;

use super::{Content, FactKind, Finding, FoundByAuthority};

/// What an event does to one fact.
pub(super) enum Step {
    /// Recorded, or corrected where there is a reason; `version` is the one that the event makes.
    Write {
        content: Content,
        reason: Option<String>,
        version: u32,
    },
    Void {
        reason: String,
    },
    Answer {
        answer_id: AssistanceAnswerId,
        answer: AssistanceAnswer,
    },
    Determine(FoundByAuthority),
}

pub(super) type Found = (FactKind, String, Step);

fn recorded<I: ToString, C: Clone + Into<Content>>(kind: FactKind, fact: &Recorded<I, C>) -> Found {
    let step = Step::Write { content: fact.content.clone().into(), reason: None, version: 1 };
    (kind, fact.id.to_string(), step)
}

fn corrected<I: ToString, C: Clone + Into<Content>>(kind: FactKind, fact: &Corrected<I, C>) -> Found {
    let version = fact.replaces_version.saturating_add(1);
    let step = Step::Write { content: fact.content.clone().into(), reason: Some(fact.reason.clone()), version };
    (kind, fact.id.to_string(), step)
}

fn voided<I: ToString>(kind: FactKind, fact: &Voided<I>) -> Found {
    (kind, fact.id.to_string(), Step::Void { reason: fact.reason.clone() })
}

pub(super) fn step(event: &RecordedEvent) -> Option<Found> {
    match &event.event {
        Event::Enrolment(enrolment) => enrolment_step(enrolment),
        Event::Organization(organization) => organization_step(organization, event),
        Event::Register(_) | Event::Cycle(_) | Event::Session(_) => None,
    }
}

fn enrolment_step(event: &EnrolmentEvent) -> Option<Found> {
    match event {
        EnrolmentEvent::VisitRecorded(fact) => Some(recorded(FactKind::Visits, fact)),
        EnrolmentEvent::VisitCorrected(fact) => Some(corrected(FactKind::Visits, fact)),
        EnrolmentEvent::VisitVoided(fact) => Some(voided(FactKind::Visits, fact)),
        EnrolmentEvent::ActivityRecorded(fact) => Some(recorded(FactKind::Activities, fact)),
        EnrolmentEvent::ActivityCorrected(fact) => Some(corrected(FactKind::Activities, fact)),
        EnrolmentEvent::ActivityVoided(fact) => Some(voided(FactKind::Activities, fact)),
        EnrolmentEvent::SelfEvaluationRecorded(fact) => Some(recorded(FactKind::SelfEvaluations, fact)),
        EnrolmentEvent::SelfEvaluationCorrected(fact) => Some(corrected(FactKind::SelfEvaluations, fact)),
        EnrolmentEvent::SelfEvaluationVoided(fact) => Some(voided(FactKind::SelfEvaluations, fact)),
        EnrolmentEvent::AssistanceRequested(fact) => Some(recorded(FactKind::AssistanceRequests, fact)),
        EnrolmentEvent::AssistanceCorrected(fact) => Some(corrected(FactKind::AssistanceRequests, fact)),
        EnrolmentEvent::AssistanceVoided(fact) => Some(voided(FactKind::AssistanceRequests, fact)),
        EnrolmentEvent::AssistanceAnswered { request_id, answer_id, answer } => {
            let step = Step::Answer { answer_id: *answer_id, answer: answer.clone() };
            Some((FactKind::AssistanceRequests, request_id.to_string(), step))
        }
        EnrolmentEvent::ApplicationSubmitted { .. }
        | EnrolmentEvent::ApplicationAmended { .. }
        | EnrolmentEvent::RecommendationReceived { .. }
        | EnrolmentEvent::RecommendationRefused { .. }
        | EnrolmentEvent::ApplicationWithdrawn { .. }
        | EnrolmentEvent::ConditionChecked { .. }
        | EnrolmentEvent::SurveyAssigned { .. }
        | EnrolmentEvent::SurveyFiled { .. }
        | EnrolmentEvent::SurveyReturned { .. }
        | EnrolmentEvent::SurveyApproved { .. }
        | EnrolmentEvent::SurveyReopened { .. } => None,
    }
}

fn organization_step(event: &OrganizationEvent, at: &RecordedEvent) -> Option<Found> {
    match event {
        OrganizationEvent::IncidentReported(fact) => Some(recorded(FactKind::Incidents, fact)),
        OrganizationEvent::IncidentCorrected(fact) => Some(corrected(FactKind::Incidents, fact)),
        OrganizationEvent::IncidentVoided(fact) => Some(voided(FactKind::Incidents, fact)),
        OrganizationEvent::IncidentDetermined { incident_id, authority, document_no, major, determined_on } => {
            let found = FoundByAuthority {
                finding: if *major { Finding::Major } else { Finding::BelowMajor },
                authority: authority.clone(),
                document_no: document_no.clone(),
                determined_on: Some(*determined_on),
                reason: None,
                trace: at.into(),
            };
            Some((FactKind::Incidents, incident_id.to_string(), Step::Determine(found)))
        }
        OrganizationEvent::IncidentDismissed { incident_id, authority, document_no, reason } => {
            let found = FoundByAuthority {
                finding: Finding::Dismissed,
                authority: authority.clone(),
                document_no: document_no.clone(),
                determined_on: None,
                reason: Some(reason.clone()),
                trace: at.into(),
            };
            Some((FactKind::Incidents, incident_id.to_string(), Step::Determine(found)))
        }
        OrganizationEvent::HonourRecorded(fact) => Some(recorded(FactKind::Honours, fact)),
        OrganizationEvent::OrganizationRegistered { .. }
        | OrganizationEvent::OrganizationRenamed { .. }
        | OrganizationEvent::DistrictChanged { .. }
        | OrganizationEvent::UsccChanged { .. }
        | OrganizationEvent::UsccCorrected { .. }
        | OrganizationEvent::NumberAssigned { .. }
        | OrganizationEvent::MergedInto { .. }
        | OrganizationEvent::Dissolved { .. }
        | OrganizationEvent::EnrolmentOpened { .. }
        | OrganizationEvent::EnrolmentEnded { .. }
        | OrganizationEvent::EnrolmentReopened { .. } => None,
    }
}
