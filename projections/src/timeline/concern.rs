//! Whom an event concerns, and whether it puts an earlier one right.

use domain::RecordedEvent;
use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::event::Event;
use domain::ids::{CycleId, OrganizationId};
use domain::organization::OrganizationEvent;
use domain::session::SessionEvent;
use serde_json::{Value as Json, json};

use crate::enrolments::named;

/// How an event bears on earlier ones of the same subject.
pub(crate) enum Bearing {
    /// Nothing ever puts it right.
    Plain,
    /// It records or decides something.
    Makes(String),
    /// It does so in place of the last one.
    Replaces(String),
    /// The last one no longer counts.
    Undoes(String),
}

/// Whom an event concerns.
pub(crate) struct Concern {
    pub(crate) organizations: Vec<OrganizationId>,
    pub(crate) cycle: Option<CycleId>,
    pub(super) bearing: Bearing,
    /// Whether it concerns the host of the session.
    pub(super) whole_session: bool,
}

impl Concern {
    pub(crate) fn of(event: &RecordedEvent) -> Self {
        match &event.event {
            Event::Register(_) => Self::nobody(),
            Event::Organization(happened) => Self::at_large(happened, event),
            Event::Cycle(happened) => Self {
                organizations: named(happened).into_iter().cloned().collect(),
                cycle: event.stream.id().parse().ok(),
                bearing: of_cycle(happened, event.stream.id()),
                whole_session: false,
            },
            Event::Enrolment(happened) => {
                let (cycle, organization) = event.stream.as_enrolment().unzip();
                Self {
                    organizations: organization.into_iter().collect(),
                    cycle,
                    bearing: of_file(happened, event.stream.id()),
                    whole_session: false,
                }
            }
            Event::Session(happened) => Self::in_session(happened, event.stream.id()),
        }
    }

    const fn nobody() -> Self {
        Self { organizations: Vec::new(), cycle: None, bearing: Bearing::Plain, whole_session: false }
    }

    fn at_large(happened: &OrganizationEvent, event: &RecordedEvent) -> Self {
        let own = event.stream.as_organization();
        let mut concern = Self { organizations: own.into_iter().collect(), ..Self::nobody() };
        match happened {
            // It stands on the stream of the number, and concerns its holder.
            OrganizationEvent::NumberAssigned { organization } => concern.organizations = vec![organization.clone()],
            OrganizationEvent::MergedInto { organization, .. } => concern.organizations.push(organization.clone()),
            OrganizationEvent::EnrolmentOpened { cycle, .. }
            | OrganizationEvent::EnrolmentEnded { cycle, .. }
            | OrganizationEvent::EnrolmentReopened { cycle } => concern.cycle = Some(cycle.clone()),
            OrganizationEvent::OrganizationRegistered { .. }
            | OrganizationEvent::OrganizationRenamed { .. }
            | OrganizationEvent::DistrictChanged { .. }
            | OrganizationEvent::UsccChanged { .. }
            | OrganizationEvent::UsccCorrected { .. }
            | OrganizationEvent::Dissolved { .. }
            | OrganizationEvent::IncidentReported(_)
            | OrganizationEvent::IncidentCorrected(_)
            | OrganizationEvent::IncidentVoided(_)
            | OrganizationEvent::IncidentDetermined { .. }
            | OrganizationEvent::IncidentDismissed { .. }
            | OrganizationEvent::HonourRecorded(_) => {}
        }
        concern.bearing = of_organization(happened, event.stream.id());
        concern
    }

    fn in_session(happened: &SessionEvent, session: &str) -> Self {
        let one = |organization: &OrganizationId| vec![organization.clone()];
        let whole = Self { whole_session: true, ..Self::nobody() };
        let plan = format!("session/{session}");
        match happened {
            SessionEvent::SessionScheduled { cycle, plan: planned, .. } => Self {
                organizations: planned.host.iter().cloned().collect(),
                cycle: Some(cycle.clone()),
                bearing: Bearing::Makes(plan),
                whole_session: true,
            },
            SessionEvent::SessionRescheduled { .. } => Self { bearing: Bearing::Replaces(plan), ..whole },
            SessionEvent::SessionCancelled { .. } => Self { bearing: Bearing::Undoes(plan), ..whole },
            SessionEvent::ExpertAssigned { .. } => whole,
            SessionEvent::AttendanceRecorded(fact) => Self {
                organizations: one(&fact.content.organization),
                bearing: Bearing::Makes(fact.id.to_string()),
                ..Self::nobody()
            },
            SessionEvent::AttendanceCorrected(fact) => Self {
                organizations: one(&fact.content.organization),
                bearing: Bearing::Replaces(fact.id.to_string()),
                ..Self::nobody()
            },
            SessionEvent::AttendanceVoided(fact) => {
                Self { bearing: Bearing::Undoes(fact.id.to_string()), ..Self::nobody() }
            }
            SessionEvent::OutcomeRecorded(fact) => match &fact.content.organization {
                Some(organization) => Self { organizations: one(organization), ..Self::nobody() },
                None => whole,
            },
        }
    }
}

fn of_cycle(event: &CycleEvent, cycle: &str) -> Bearing {
    let subject = |what: &str, organization: &OrganizationId| format!("{what}/{cycle}/{organization}");
    match event {
        CycleEvent::OrganizationNominated { organization, .. } => Bearing::Makes(subject("nomination", organization)),
        CycleEvent::NominationCorrected { organization, .. } => Bearing::Replaces(subject("nomination", organization)),
        // A move to another class is a decision of its own; the one before was right in its time.
        CycleEvent::OrganizationClassified { organization, .. }
        | CycleEvent::OrganizationReclassified { organization, .. } => Bearing::Makes(subject("class", organization)),
        CycleEvent::ClassificationCorrected { organization, .. } => Bearing::Replaces(subject("class", organization)),
        CycleEvent::OrganizationRemoved { organization, .. } => Bearing::Makes(subject("removal", organization)),
        CycleEvent::RemovalRescinded { organization, .. } => Bearing::Undoes(subject("removal", organization)),
        CycleEvent::CycleOpened { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::ApplicantEntered { .. }
        | CycleEvent::ApplicantLeft { .. }
        | CycleEvent::NominationWithdrawn { .. }
        | CycleEvent::NominationDeclined { .. }
        | CycleEvent::OrganizationAdmitted { .. }
        | CycleEvent::MemberWithdrawn { .. }
        | CycleEvent::EnrolmentEnded { .. }
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. }
        | CycleEvent::CycleClosed { .. } => Bearing::Plain,
    }
}

fn of_file(event: &EnrolmentEvent, file: &str) -> Bearing {
    match event {
        EnrolmentEvent::ApplicationSubmitted { .. } => Bearing::Makes(format!("application/{file}")),
        EnrolmentEvent::ApplicationAmended { .. } => Bearing::Replaces(format!("application/{file}")),
        EnrolmentEvent::SurveyApproved { survey_id, .. } => Bearing::Makes(format!("approval/{survey_id}")),
        EnrolmentEvent::SurveyReopened { survey_id, .. } => Bearing::Undoes(format!("approval/{survey_id}")),
        EnrolmentEvent::VisitRecorded(fact) => Bearing::Makes(fact.id.to_string()),
        EnrolmentEvent::VisitCorrected(fact) => Bearing::Replaces(fact.id.to_string()),
        EnrolmentEvent::VisitVoided(fact) => Bearing::Undoes(fact.id.to_string()),
        EnrolmentEvent::ActivityRecorded(fact) => Bearing::Makes(fact.id.to_string()),
        EnrolmentEvent::ActivityCorrected(fact) => Bearing::Replaces(fact.id.to_string()),
        EnrolmentEvent::ActivityVoided(fact) => Bearing::Undoes(fact.id.to_string()),
        EnrolmentEvent::SelfEvaluationRecorded(fact) => Bearing::Makes(fact.id.to_string()),
        EnrolmentEvent::SelfEvaluationCorrected(fact) => Bearing::Replaces(fact.id.to_string()),
        EnrolmentEvent::SelfEvaluationVoided(fact) => Bearing::Undoes(fact.id.to_string()),
        EnrolmentEvent::AssistanceRequested(fact) => Bearing::Makes(fact.id.to_string()),
        EnrolmentEvent::AssistanceCorrected(fact) => Bearing::Replaces(fact.id.to_string()),
        EnrolmentEvent::AssistanceVoided(fact) => Bearing::Undoes(fact.id.to_string()),
        EnrolmentEvent::RecommendationReceived { .. }
        | EnrolmentEvent::RecommendationRefused { .. }
        | EnrolmentEvent::ApplicationWithdrawn { .. }
        | EnrolmentEvent::ConditionChecked { .. }
        | EnrolmentEvent::SurveyAssigned { .. }
        | EnrolmentEvent::SurveyFiled { .. }
        | EnrolmentEvent::SurveyReturned { .. }
        | EnrolmentEvent::AssistanceAnswered { .. } => Bearing::Plain,
    }
}

fn of_organization(event: &OrganizationEvent, stream: &str) -> Bearing {
    match event {
        OrganizationEvent::OrganizationRegistered { .. } | OrganizationEvent::UsccChanged { .. } => {
            Bearing::Makes(format!("number/{stream}"))
        }
        OrganizationEvent::UsccCorrected { .. } => Bearing::Replaces(format!("number/{stream}")),
        OrganizationEvent::IncidentReported(fact) => Bearing::Makes(fact.id.to_string()),
        OrganizationEvent::IncidentCorrected(fact) => Bearing::Replaces(fact.id.to_string()),
        OrganizationEvent::IncidentVoided(fact) => Bearing::Undoes(fact.id.to_string()),
        OrganizationEvent::IncidentDetermined { incident_id, .. }
        | OrganizationEvent::IncidentDismissed { incident_id, .. } => {
            Bearing::Replaces(format!("determination/{incident_id}"))
        }
        OrganizationEvent::OrganizationRenamed { .. }
        | OrganizationEvent::DistrictChanged { .. }
        | OrganizationEvent::NumberAssigned { .. }
        | OrganizationEvent::MergedInto { .. }
        | OrganizationEvent::Dissolved { .. }
        | OrganizationEvent::EnrolmentOpened { .. }
        | OrganizationEvent::EnrolmentEnded { .. }
        | OrganizationEvent::EnrolmentReopened { .. }
        | OrganizationEvent::HonourRecorded(_) => Bearing::Plain,
    }
}

/// What the closing of a cycle says of one organisation: the others are not its business.
pub(super) fn of_closing(event: &RecordedEvent, organization: &OrganizationId) -> Option<Json> {
    let Event::Cycle(CycleEvent::CycleClosed { completed, lapsed: _, reason }) = &event.event else { return None };
    let outcome = if completed.contains(organization) { "completed" } else { "lapsed" };
    Some(json!({ "outcome": outcome, "reason": reason }))
}
