//! How events change files.

use domain::RecordedEvent;
use domain::cycle::{CycleEvent, Outcome};
use domain::enrolment::EnrolmentEvent;
use domain::forms::annex1::Application;
use domain::ids::{ClassId, CycleId, OrganizationId, SelfEvaluationId, StationId};
use store::Rows;

use super::row::{
    Admission, ClassChange, ClassDecision, ConditionCheck, Ending, Enrolment, EnrolmentsRow, HandedIn, Recommendation,
    RecommendationRefused, Removal, Versions,
};
use super::survey::{SurveyApproval, SurveyFile};
use super::{Enrolments, key, named, organization_key, versions_key};
use crate::identity::Identity;
use crate::organizations::Brief;
use crate::trace::Paper;

fn file<'r>(rows: &'r mut Rows<Enrolments>, key: &str) -> Option<&'r mut Enrolment> {
    match rows.get_mut(key) {
        Some(EnrolmentsRow::File(file)) => Some(file),
        Some(EnrolmentsRow::Organization(_) | EnrolmentsRow::Versions(_)) | None => None,
    }
}

fn versions<'r>(rows: &'r mut Rows<Enrolments>, file: &str) -> Option<&'r mut Versions> {
    match rows.get_mut(&versions_key(file)) {
        Some(EnrolmentsRow::Versions(versions)) => Some(versions),
        Some(EnrolmentsRow::Organization(_) | EnrolmentsRow::File(_)) | None => None,
    }
}

/// Name, district and number of all files follow the organisation.
pub(super) fn by_organization(rows: &mut Rows<Enrolments>, organization: &OrganizationId, told: &Identity<'_>) {
    let key = organization_key(organization);
    if let Identity::Registered { uscc, name, district } = told {
        let brief = Brief { uscc: (*uscc).clone(), name: (*name).to_owned(), district: (*district).clone() };
        rows.put(key, EnrolmentsRow::Organization(brief));
        return;
    }
    let Some(EnrolmentsRow::Organization(known)) = rows.get_mut(&key) else { return };
    match told {
        Identity::Registered { .. } => {}
        Identity::Name(name) => (*name).clone_into(&mut known.name),
        Identity::District(district) => known.district = (*district).clone(),
        Identity::Number(uscc) => known.uscc = (*uscc).clone(),
    }
    let known = known.clone();
    for key in rows.matching("organization", organization.as_str()) {
        if let Some(file) = file(rows, &key) {
            file.know(known.clone());
        }
    }
}

pub(super) fn by_file(rows: &mut Rows<Enrolments>, happened: &EnrolmentEvent, event: &RecordedEvent) {
    let Some((cycle, organization)) = event.stream.as_enrolment() else { return };
    let key = key(&cycle, &organization);
    if let Some(versions) = versions(rows, &key) {
        versions.enrolment = event.version;
    } else {
        let versions = Versions { enrolment: event.version, cycle: 0 };
        rows.put(versions_key(&key), EnrolmentsRow::Versions(versions));
    }
    if is_fact(happened) {
        return;
    }
    if rows.get(&key).is_none() {
        let known = match rows.get(&organization_key(&organization)) {
            Some(EnrolmentsRow::Organization(known)) => Some(known.clone()),
            Some(EnrolmentsRow::File(_) | EnrolmentsRow::Versions(_)) | None => None,
        };
        let mut file = Enrolment::blank(cycle, organization);
        if let Some(known) = known {
            file.know(known);
        }
        rows.put(&key, EnrolmentsRow::File(Box::new(file)));
    }
    let Some(file) = file(rows, &key) else { return };
    file.take(happened, event);
    file.settle();
}

pub(super) fn by_cycle(rows: &mut Rows<Enrolments>, happened: &CycleEvent, event: &RecordedEvent) {
    let cycle = event.stream.id();
    for organization in named(happened) {
        let key = format!("{cycle}/{organization}");
        if let Some(versions) = versions(rows, &key) {
            versions.cycle = event.version;
        }
        let Some(file) = file(rows, &key) else { continue };
        file.stand(happened, event);
        file.settle();
    }
}

/// Whether an event moves the version of a file and leaves the rest of it as it is.
pub(super) const fn is_fact(event: &EnrolmentEvent) -> bool {
    match event {
        EnrolmentEvent::VisitRecorded(_)
        | EnrolmentEvent::VisitCorrected(_)
        | EnrolmentEvent::VisitVoided(_)
        | EnrolmentEvent::ActivityRecorded(_)
        | EnrolmentEvent::ActivityCorrected(_)
        | EnrolmentEvent::ActivityVoided(_)
        | EnrolmentEvent::SelfEvaluationRecorded(_)
        | EnrolmentEvent::SelfEvaluationCorrected(_)
        | EnrolmentEvent::SelfEvaluationVoided(_)
        | EnrolmentEvent::AssistanceRequested(_)
        | EnrolmentEvent::AssistanceCorrected(_)
        | EnrolmentEvent::AssistanceVoided(_)
        | EnrolmentEvent::AssistanceAnswered { .. } => true,
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
        | EnrolmentEvent::SurveyReopened { .. } => false,
    }
}

impl Enrolment {
    fn know(&mut self, known: Brief) {
        self.uscc = known.uscc;
        self.name = known.name;
        self.district = Some(known.district);
    }

    /// Changes by an event of the file's own stream.
    fn take(&mut self, happened: &EnrolmentEvent, at: &RecordedEvent) {
        match happened {
            EnrolmentEvent::ApplicationSubmitted { attempt, application, previous, self_evaluation, .. } => {
                self.begin(*attempt, application, (previous.as_ref(), *self_evaluation), at);
            }
            EnrolmentEvent::ApplicationAmended { application, .. } => self.amend(application, at),
            EnrolmentEvent::RecommendationReceived { recommender, opinion, signed_on } => {
                let known = self.recommendation.get_or_insert_with(|| recommended_by(recommender.clone()));
                known.opinion = Some(opinion.clone());
                known.signed_on = Some(*signed_on);
            }
            EnrolmentEvent::RecommendationRefused { recommender, reason } => {
                self.refusals.push(RecommendationRefused {
                    recommender: recommender.clone(),
                    reason: reason.clone(),
                    attempt: self.attempt,
                    trace: at.into(),
                });
            }
            EnrolmentEvent::ApplicationWithdrawn { reason } => {
                self.end(Outcome::WithdrawnEarly, reason.clone(), at);
            }
            EnrolmentEvent::ConditionChecked { check_id, condition, met, department, checked_on } => {
                self.checks.push(ConditionCheck {
                    check_id: *check_id,
                    condition: condition.clone(),
                    met: *met,
                    department: department.clone(),
                    checked_on: *checked_on,
                    trace: at.into(),
                });
            }
            EnrolmentEvent::SurveyAssigned { station, experts, automatic, .. } => {
                let survey = self.charge(station, at);
                survey.experts.clone_from(experts);
                survey.automatic = *automatic;
            }
            EnrolmentEvent::SurveyFiled { .. }
            | EnrolmentEvent::SurveyReturned { .. }
            | EnrolmentEvent::SurveyApproved { .. }
            | EnrolmentEvent::SurveyReopened { .. } => self.survey_step(happened, at),
            // Facts have a read model of their own; here they only move the version, which is in a row apart.
            EnrolmentEvent::VisitRecorded(_)
            | EnrolmentEvent::VisitCorrected(_)
            | EnrolmentEvent::VisitVoided(_)
            | EnrolmentEvent::ActivityRecorded(_)
            | EnrolmentEvent::ActivityCorrected(_)
            | EnrolmentEvent::ActivityVoided(_)
            | EnrolmentEvent::SelfEvaluationRecorded(_)
            | EnrolmentEvent::SelfEvaluationCorrected(_)
            | EnrolmentEvent::SelfEvaluationVoided(_)
            | EnrolmentEvent::AssistanceRequested(_)
            | EnrolmentEvent::AssistanceCorrected(_)
            | EnrolmentEvent::AssistanceVoided(_)
            | EnrolmentEvent::AssistanceAnswered { .. } => {}
        }
    }

    fn begin(
        &mut self,
        attempt: u32,
        application: &Application,
        (previous, self_evaluation): (Option<&CycleId>, Option<SelfEvaluationId>),
        at: &RecordedEvent,
    ) {
        self.attempt = attempt;
        self.application = Some(HandedIn {
            form: application.clone(),
            applied_on: application.applied_on,
            previous: previous.cloned(),
            self_evaluation,
            documents: at.meta.documents.iter().map(Paper::from).collect(),
            amendments: 0,
            trace: at.into(),
        });
        self.recommendation = None;
        self.earlier_surveys.extend(self.survey.take());
        self.outcome = None;
    }

    fn amend(&mut self, application: &Application, at: &RecordedEvent) {
        if let Some(handed_in) = &mut self.application {
            handed_in.form = application.clone();
            handed_in.applied_on = application.applied_on;
            handed_in.documents.extend(at.meta.documents.iter().map(Paper::from));
            handed_in.amendments += 1;
            handed_in.trace = at.into();
        }
    }

    /// A reassigned survey keeps what was filed of it.
    fn charge(&mut self, station: &StationId, at: &RecordedEvent) -> &mut SurveyFile {
        let attempt = self.attempt;
        let survey = self.survey.get_or_insert_with(|| SurveyFile::assigned(attempt, station.clone(), at));
        survey.station = station.clone();
        survey.assigned = at.into();
        survey.step_on = at.meta.occurred_on;
        survey
    }

    fn survey_step(&mut self, happened: &EnrolmentEvent, at: &RecordedEvent) {
        let district = self.district.clone();
        let Some(known) = &mut self.survey else { return };
        if let EnrolmentEvent::SurveyFiled { survey_id, revision, station, survey } = happened {
            known.file(*survey_id, *revision, (station, survey), at);
        } else if let EnrolmentEvent::SurveyReturned { reasons, .. } = happened {
            known.give_back(reasons, at);
        } else if let EnrolmentEvent::SurveyReopened { reasons, .. } = happened {
            known.reopen(reasons, at);
        } else if let EnrolmentEvent::SurveyApproved { revision, report_no, approved_on, .. } = happened {
            let (revision, approved_on) = (*revision, *approved_on);
            let report_no = report_no.clone();
            known.approve(SurveyApproval { report_no, revision, approved_on, district, trace: at.into() });
        }
    }

    /// Changes by an event of the cycle that names the organisation.
    fn stand(&mut self, happened: &CycleEvent, at: &RecordedEvent) {
        match happened {
            CycleEvent::ApplicantEntered { attempt, .. } => self.attempt = *attempt,
            CycleEvent::ApplicantLeft { reason, .. } => self.end(Outcome::WithdrawnEarly, reason.clone(), at),
            CycleEvent::OrganizationNominated { recommender, .. } => {
                let known = self.recommendation.get_or_insert_with(|| recommended_by(recommender.clone()));
                known.nominated_on = Some(at.meta.occurred_on);
                known.place_used = true;
            }
            CycleEvent::NominationCorrected { from, to, .. } => {
                if let Some(known) = &mut self.recommendation {
                    known.corrected_from.push(from.clone());
                    known.recommender = to.clone();
                }
            }
            CycleEvent::NominationWithdrawn { reason, place_freed, .. } => {
                if let Some(known) = &mut self.recommendation {
                    known.place_used = !place_freed;
                }
                let outcome = if *place_freed { Outcome::WithdrawnEarly } else { Outcome::Withdrawn };
                self.end(outcome, Some(reason.clone()), at);
            }
            CycleEvent::NominationDeclined { grounds, .. } => {
                self.end(Outcome::Declined, None, at);
                self.outcome.iter_mut().for_each(|ending| ending.declined = Some(grounds.clone()));
            }
            CycleEvent::OrganizationAdmitted { .. } => {
                let (admitted_on, decision_id) = (at.meta.occurred_on, at.meta.decision_id);
                self.admission = Some(Admission { admitted_on, decision_id });
            }
            CycleEvent::OrganizationClassified { .. }
            | CycleEvent::OrganizationReclassified { .. }
            | CycleEvent::ClassificationCorrected { .. } => self.class_step(happened, at),
            CycleEvent::OrganizationRemoved { incident_id, reason, .. } => {
                self.end(Outcome::Removed, reason.clone(), at);
                self.removals.push(Removal {
                    incident_id: *incident_id,
                    reason: reason.clone(),
                    trace: at.into(),
                    rescinded_because: None,
                    rescinded: None,
                });
            }
            CycleEvent::RemovalRescinded { reason, .. } => {
                self.outcome = None;
                if let Some(removal) = self.removals.last_mut() {
                    removal.rescinded_because = Some(reason.clone());
                    removal.rescinded = Some(at.into());
                }
            }
            CycleEvent::MemberWithdrawn { reason, .. } => self.end(Outcome::Withdrawn, Some(reason.clone()), at),
            CycleEvent::EnrolmentEnded { ground, reason, .. } => {
                self.end(Outcome::Ended, Some(reason.clone()), at);
                self.outcome.iter_mut().for_each(|ending| ending.ground = Some(*ground));
            }
            CycleEvent::CycleClosed { completed, reason, .. } => {
                let member = completed.contains(&self.organization);
                let outcome = if member { Outcome::Completed } else { Outcome::Lapsed };
                self.end(outcome, reason.clone(), at);
            }
            // These name no organisation.
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

    fn class_step(&mut self, happened: &CycleEvent, at: &RecordedEvent) {
        let on = at.meta.occurred_on;
        let decision = |change, from: Option<&ClassId>, to: &ClassId, grounds: Option<&String>| ClassDecision {
            change,
            decision_id: at.meta.decision_id,
            from: from.cloned(),
            to: to.clone(),
            effective_on: on,
            grounds: grounds.cloned(),
            survey_id: None,
            survey_revision: None,
            corrected_by: None,
            trace: at.into(),
        };
        let made = if let CycleEvent::OrganizationClassified { class, survey, grounds, .. } = happened {
            let classified = decision(ClassChange::Classified, None, class, grounds.as_ref());
            let (survey_id, survey_revision) = survey.unzip();
            ClassDecision { survey_id, survey_revision, ..classified }
        } else if let CycleEvent::OrganizationReclassified { from, to, grounds, .. } = happened {
            decision(ClassChange::Reclassified, Some(from), to, Some(grounds))
        } else if let CycleEvent::ClassificationCorrected { from, to, decided_on, reason, .. } = happened {
            if let Some(wrong) = self.classes.last_mut() {
                wrong.corrected_by = Some(at.meta.decision_id);
            }
            let corrected = decision(ClassChange::Corrected, Some(from), to, Some(reason));
            ClassDecision { effective_on: *decided_on, ..corrected }
        } else {
            return;
        };
        self.class = Some(made.to.clone());
        self.classes.push(made);
    }

    fn end(&mut self, outcome: Outcome, reason: Option<String>, at: &RecordedEvent) {
        let ended_on = at.meta.occurred_on;
        self.outcome = Some(Ending { outcome, ended_on, reason, declined: None, ground: None, trace: at.into() });
    }
}

const fn recommended_by(recommender: domain::ids::RecommenderId) -> Recommendation {
    Recommendation {
        recommender,
        opinion: None,
        signed_on: None,
        nominated_on: None,
        place_used: false,
        corrected_from: Vec::new(),
    }
}
