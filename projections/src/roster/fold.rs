//! How the roster changes by events.

use domain::RecordedEvent;
use domain::cycle::{CycleEvent, DeclineGrounds, Outcome, Standing};
use domain::enrolment::{EnrolmentEvent, SurveyStep};
use domain::forms::annex1::Application;
use domain::forms::annex2::Conclusion;
use domain::ids::{ClassId, CycleId, OrganizationId};
use domain::organization::OrganizationEvent;
use store::Rows;

use crate::address::file_key;
use crate::roster::census::{self, Counted};
use crate::roster::{File, Kept, ORGANIZATION, Profile, Roster, care, earlier, teaching};

/// The organisations whose files an event of the cycle changes.
pub(super) fn concerned(event: &CycleEvent) -> impl Iterator<Item = &OrganizationId> {
    let (first, second): (&[OrganizationId], &[OrganizationId]) = match event {
        CycleEvent::ApplicantEntered { organization, .. }
        | CycleEvent::ApplicantLeft { organization, .. }
        | CycleEvent::OrganizationNominated { organization, .. }
        | CycleEvent::NominationCorrected { organization, .. }
        | CycleEvent::NominationWithdrawn { organization, .. }
        | CycleEvent::NominationDeclined { organization, .. }
        | CycleEvent::OrganizationAdmitted { organization }
        | CycleEvent::OrganizationClassified { organization, .. }
        | CycleEvent::OrganizationReclassified { organization, .. }
        | CycleEvent::ClassificationCorrected { organization, .. }
        | CycleEvent::OrganizationRemoved { organization, .. }
        | CycleEvent::RemovalRescinded { organization, .. }
        | CycleEvent::MemberWithdrawn { organization, .. }
        | CycleEvent::EnrolmentEnded { organization, .. } => (std::slice::from_ref(organization), &[]),
        CycleEvent::CycleClosed { completed, lapsed, .. } => (completed, lapsed),
        CycleEvent::CycleOpened { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. } => (&[], &[]),
    };
    first.iter().chain(second)
}

/// Folds an event of a cycle.
pub(super) fn cycle(rows: &mut Rows<Roster>, event: &RecordedEvent, changed: &CycleEvent) {
    census::open(rows, event.stream.id(), changed);
    let due = decided(changed).and_then(|class| census::due(rows, event.stream.id(), class));
    for organization in concerned(changed) {
        change(rows, &file_key(event.stream.id(), organization), |file| {
            file.cycle_version = event.version;
            if decided(changed).is_some() {
                file.due.clone_from(&due);
            }
            entry(file, event, changed);
        });
        if earlier::may_complete(changed) {
            earlier::show(rows, organization);
        }
    }
}

/// The class that an event gives.
fn decided(event: &CycleEvent) -> Option<&ClassId> {
    match event {
        CycleEvent::OrganizationClassified { class, .. } => Some(class),
        CycleEvent::OrganizationReclassified { to, .. } | CycleEvent::ClassificationCorrected { to, .. } => Some(to),
        CycleEvent::CycleOpened { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::ApplicantEntered { .. }
        | CycleEvent::ApplicantLeft { .. }
        | CycleEvent::OrganizationNominated { .. }
        | CycleEvent::NominationCorrected { .. }
        | CycleEvent::NominationWithdrawn { .. }
        | CycleEvent::NominationDeclined { .. }
        | CycleEvent::OrganizationAdmitted { .. }
        | CycleEvent::OrganizationRemoved { .. }
        | CycleEvent::RemovalRescinded { .. }
        | CycleEvent::MemberWithdrawn { .. }
        | CycleEvent::EnrolmentEnded { .. }
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. }
        | CycleEvent::CycleClosed { .. } => None,
    }
}

/// What an event of the cycle changes of one file that it concerns.
fn entry(file: &mut File, event: &RecordedEvent, changed: &CycleEvent) {
    let on = event.meta.occurred_on;
    match changed {
        CycleEvent::ApplicantEntered { attempt, .. } => {
            file.row.attempt = *attempt;
            // A fresh start keeps the number of the first.
            if file.row.number == 0 {
                file.row.number = event.version;
            }
        }
        CycleEvent::ApplicantLeft { reason, .. } => {
            file.end(Outcome::WithdrawnEarly, on, None, reason.as_deref());
        }
        CycleEvent::OrganizationNominated { recommender, .. } => {
            file.standing = Standing::Nominated;
            file.row.recommender = Some(recommender.clone());
        }
        CycleEvent::NominationCorrected { to, .. } => file.row.recommender = Some(to.clone()),
        CycleEvent::NominationWithdrawn { reason, place_freed: true, .. } => {
            file.row.recommender = None;
            file.end(Outcome::WithdrawnEarly, on, None, Some(reason));
        }
        CycleEvent::NominationWithdrawn { reason, place_freed: false, .. }
        | CycleEvent::MemberWithdrawn { reason, .. } => file.end(Outcome::Withdrawn, on, None, Some(reason)),
        CycleEvent::NominationDeclined { grounds, .. } => {
            let (ground, reason) = match grounds {
                DeclineGrounds::Condition(condition) => (Some(condition.to_string()), None),
                DeclineGrounds::BelowLowestClass => (Some("below_lowest_class".to_owned()), None),
                DeclineGrounds::Text(text) => (None, Some(text.as_str())),
            };
            file.end(Outcome::Declined, on, ground, reason);
        }
        CycleEvent::OrganizationAdmitted { .. } => {
            file.standing = Standing::Member;
            file.row.admitted_on = Some(on);
        }
        CycleEvent::OrganizationClassified { .. }
        | CycleEvent::OrganizationReclassified { .. }
        | CycleEvent::ClassificationCorrected { .. } => file.row.class = decided(changed).cloned(),
        CycleEvent::OrganizationRemoved { incident_id, reason, .. } => {
            file.end(Outcome::Removed, on, Some(incident_id.to_string()), reason.as_deref());
        }
        CycleEvent::RemovalRescinded { .. } => file.reinstate(),
        CycleEvent::EnrolmentEnded { ground, reason, .. } => {
            let ground: &'static str = (*ground).into();
            file.end(Outcome::Ended, on, Some(ground.to_owned()), Some(reason));
        }
        CycleEvent::CycleClosed { completed, reason, .. } => {
            let outcome = if completed.contains(&file.row.organization) { Outcome::Completed } else { Outcome::Lapsed };
            file.end(outcome, on, None, reason.as_deref());
        }
        CycleEvent::CycleOpened { .. }
        | CycleEvent::IntakeSet { .. }
        | CycleEvent::CycleExtended { .. }
        | CycleEvent::OutreachRecorded(_)
        | CycleEvent::OutreachCorrected(_)
        | CycleEvent::OutreachVoided(_)
        | CycleEvent::QuotaWaived { .. }
        | CycleEvent::SessionBooked { .. }
        | CycleEvent::SessionReleased { .. } => {}
    }
}

/// Folds an event of a file.
pub(super) fn enrolment(rows: &mut Rows<Roster>, event: &RecordedEvent, changed: &EnrolmentEvent) {
    if let EnrolmentEvent::ApplicationSubmitted { organization, cycle, attempt, application, .. } = changed {
        begin(rows, event, (cycle, organization), *attempt, application);
    }
    let counted = care::counted(rows, event, changed);
    change(rows, event.stream.id(), |file| {
        file.own_version = event.version;
        counted.show_on(file);
        record(file, changed);
    });
}

/// Puts a new file in place; a fresh start leaves nothing of the last attempt but its number.
fn begin(
    rows: &mut Rows<Roster>,
    event: &RecordedEvent,
    (cycle, organization): (&CycleId, &OrganizationId),
    attempt: u32,
    application: &Application,
) {
    let profile = match rows.get(organization.as_str()) {
        Some(Kept::Organization(profile)) => profile.clone(),
        Some(_) | None => Profile {
            organization: organization.clone(),
            name: application.name.clone(),
            uscc: organization.first_uscc().clone(),
            district: application.supplement.district.clone(),
        },
    };
    let mut file = File::of(cycle.clone(), attempt, application, profile);
    file.since = event.version;
    file.rules = census::rules(rows, cycle.as_str());
    teaching::add_up(rows, &mut file);
    let mut counted = None;
    if let Some(Kept::File(last)) = rows.get(event.stream.id()) {
        file.row.number = last.row.number;
        file.cycle_version = last.cycle_version;
        counted = Some(Counted::of(&last.row));
    }
    census::count(rows, cycle.as_str(), counted, Counted::of(&file.row));
    rows.put(event.stream.id(), Kept::File(Box::new(file)));
    earlier::show(rows, organization);
}

/// What an event of the file changes of it.
fn record(file: &mut File, changed: &EnrolmentEvent) {
    match changed {
        EnrolmentEvent::ApplicationAmended { application, .. } => file.take_form(application),
        EnrolmentEvent::SurveyAssigned { station, .. } => {
            file.survey = file.survey.or(Some(SurveyStep::Assigned));
            file.charge(station);
        }
        EnrolmentEvent::SurveyFiled { survey, .. } => {
            file.survey = Some(SurveyStep::Filed);
            (file.row.station_class, file.row.station_below_a) = match survey.conclusion.as_ref() {
                Some(conclusion) => match &conclusion.suggestion {
                    Conclusion::Class(class) => (Some(class.clone()), false),
                    Conclusion::BelowA => (None, true),
                },
                None => (None, false),
            };
        }
        EnrolmentEvent::SurveyReturned { .. } | EnrolmentEvent::SurveyReopened { .. } => {
            file.survey = Some(SurveyStep::Returned);
        }
        EnrolmentEvent::SurveyApproved { .. } => file.survey = Some(SurveyStep::Approved),
        // These are in rows of their own.
        EnrolmentEvent::VisitRecorded(_)
        | EnrolmentEvent::VisitCorrected(_)
        | EnrolmentEvent::VisitVoided(_)
        | EnrolmentEvent::AssistanceRequested(_)
        | EnrolmentEvent::AssistanceAnswered { .. }
        | EnrolmentEvent::AssistanceVoided(_)
        | EnrolmentEvent::ApplicationSubmitted { .. }
        | EnrolmentEvent::RecommendationReceived { .. }
        | EnrolmentEvent::RecommendationRefused { .. }
        | EnrolmentEvent::ApplicationWithdrawn { .. }
        | EnrolmentEvent::ConditionChecked { .. }
        | EnrolmentEvent::ActivityRecorded(_)
        | EnrolmentEvent::ActivityCorrected(_)
        | EnrolmentEvent::ActivityVoided(_)
        | EnrolmentEvent::SelfEvaluationRecorded(_)
        | EnrolmentEvent::SelfEvaluationCorrected(_)
        | EnrolmentEvent::SelfEvaluationVoided(_)
        | EnrolmentEvent::AssistanceCorrected(_) => {}
    }
}

/// Folds an event of an organisation: what it changes shows on all its files.
pub(super) fn organization(rows: &mut Rows<Roster>, event: &RecordedEvent, changed: &OrganizationEvent) {
    let Some(id) = event.stream.as_organization() else { return };
    match changed {
        OrganizationEvent::OrganizationRegistered { uscc, name, district, .. } => {
            let profile = Profile {
                organization: id.clone(),
                name: name.clone(),
                uscc: uscc.clone(),
                district: district.clone(),
            };
            rows.put(id.as_str(), Kept::Organization(profile));
        }
        OrganizationEvent::OrganizationRenamed { name } => everywhere(rows, &id, |kept| match kept {
            Kept::Organization(profile) => profile.name.clone_from(name),
            Kept::File(file) => file.row.name.clone_from(name),
            Kept::Visit(_) | Kept::Request(_) | Kept::Cycle(_) | Kept::Session(_) | Kept::Attendance(_) => {}
        }),
        OrganizationEvent::DistrictChanged { district } => everywhere(rows, &id, |kept| match kept {
            Kept::Organization(profile) => profile.district = district.clone(),
            Kept::File(file) => file.move_to(district),
            Kept::Visit(_) | Kept::Request(_) | Kept::Cycle(_) | Kept::Session(_) | Kept::Attendance(_) => {}
        }),
        OrganizationEvent::UsccChanged { uscc } | OrganizationEvent::UsccCorrected { uscc, .. } => {
            everywhere(rows, &id, |kept| match kept {
                Kept::Organization(profile) => profile.uscc = uscc.clone(),
                Kept::File(file) => file.row.uscc = uscc.clone(),
                Kept::Visit(_) | Kept::Request(_) | Kept::Cycle(_) | Kept::Session(_) | Kept::Attendance(_) => {}
            });
        }
        OrganizationEvent::NumberAssigned { .. }
        | OrganizationEvent::MergedInto { .. }
        | OrganizationEvent::Dissolved { .. }
        | OrganizationEvent::EnrolmentOpened { .. }
        | OrganizationEvent::EnrolmentEnded { .. }
        | OrganizationEvent::EnrolmentReopened { .. }
        | OrganizationEvent::IncidentReported(_)
        | OrganizationEvent::IncidentCorrected(_)
        | OrganizationEvent::IncidentVoided(_)
        | OrganizationEvent::IncidentDetermined { .. }
        | OrganizationEvent::IncidentDismissed { .. }
        | OrganizationEvent::HonourRecorded(_) => {}
    }
}

/// Changes the organisation's row and all its files.
fn everywhere(rows: &mut Rows<Roster>, organization: &OrganizationId, how: impl Fn(&mut Kept)) {
    for key in rows.matching(ORGANIZATION, organization.as_str()) {
        if let Some(kept) = rows.get_mut(&key) {
            how(kept);
            if let Kept::File(file) = kept {
                file.settle();
            }
        }
    }
}

/// Changes one file; an event of a file that is not there changes nothing.
pub(super) fn change(rows: &mut Rows<Roster>, key: &str, how: impl FnOnce(&mut File)) {
    let Some(Kept::File(file)) = rows.get_mut(key) else { return };
    let before = Counted::of(&file.row);
    how(file);
    file.settle();
    let (cycle, after) = (file.row.cycle.clone(), Counted::of(&file.row));
    census::count(rows, cycle.as_str(), Some(before), after);
}
