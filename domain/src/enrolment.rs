//! The enrolment (档案): one organisation's file in one cycle.
//!
//! Holds the application, the recommendation, condition checks, the survey and everything recorded about
//! the organisation in the cycle. Order of steps, completeness of forms and eligibility are held here;
//! whether it is an applicant, a member or former is known to the [`Cycle`](crate::cycle::Cycle).
//!
//! ```text
//!  applied ── nominated ── surveying ── survey_filed ── survey_approved ── (member)
//!                                         │    ↑            │
//!                                         └ survey_returned ┘
//! ```

pub mod application;
pub mod eligibility;
pub mod stage;

mod activities;
mod approval;
mod assistance;
mod condition_check;
mod dossier;
mod membership;
mod reapplication;
mod recommendation;
mod self_evaluations;
pub(crate) mod subject;
mod survey;
#[cfg(test)]
pub(crate) mod testing;
mod visits;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::activities::{CorrectActivity, RecordActivity, VoidActivity};
pub use self::application::{AmendApplication, SubmitApplication};
pub use self::approval::ApproveSurveys;
pub use self::assistance::{AnswerAssistance, CorrectAssistance, RequestAssistance, VoidAssistance};
pub use self::condition_check::{Finding, RecordConditionCheck};
pub use self::recommendation::RefuseRecommendation;
pub use self::self_evaluations::{CorrectSelfEvaluation, RecordSelfEvaluation, VoidSelfEvaluation};
pub use self::survey::{AssignSurvey, FileSurvey, ReopenSurvey, ReturnSurvey};
pub use self::visits::{CorrectVisit, RecordVisit, VoidVisit};
use crate::actor::Actor;
use crate::context::Context;
use crate::document::DocumentRef;
use crate::fact::{Corrected, Facts, Recorded, Voided};
use crate::forms::annex1::Application;
use crate::forms::annex2::{Conclusion, Survey};
use crate::forms::facts::{Activity, AssistanceAnswer, AssistanceRequest, SelfEvaluation, Visit};
use crate::ids::{
    ActivityId, AssistanceAnswerId, AssistanceRequestId, ConditionCheckId, ConditionId, CycleId, ExpertId,
    OrganizationId, RecommenderId, SelfEvaluationId, StationId, SurveyId, VisitId,
};
use crate::stream::At;
use crate::world::{Decision, Stop, World};

/// Events of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
#[allow(missing_docs, reason = "fields carry what the event's name says")]
pub enum EnrolmentEvent {
    /// Annex 1 was handed in, for the first time or afresh (`attempt`).
    ApplicationSubmitted {
        organization: OrganizationId,
        cycle: CycleId,
        attempt: u32,
        application: Box<Application>,
        /// The earlier cycle of a re-application (W-76).
        previous: Option<CycleId>,
        /// Its report for that cycle (W-77).
        self_evaluation: Option<SelfEvaluationId>,
    },
    /// The application was replaced by a whole new one.
    ApplicationAmended {
        application: Box<Application>,
        reason: Option<String>,
    },
    /// A recommender gave its opinion (W-106).
    RecommendationReceived {
        recommender: RecommenderId,
        opinion: String,
        signed_on: NaiveDate,
    },
    /// A recommender refused.
    RecommendationRefused {
        recommender: RecommenderId,
        reason: String,
    },
    /// Withdrawn before a nomination.
    ApplicationWithdrawn {
        reason: Option<String>,
    },
    /// A department checked a condition (由相关部门界定, W-38).
    ConditionChecked {
        check_id: ConditionCheckId,
        condition: ConditionId,
        met: bool,
        department: String,
        checked_on: NaiveDate,
    },
    /// A station was charged with the survey (W-45), with experts where wanted (W-21).
    SurveyAssigned {
        station: StationId,
        experts: Vec<ExpertId>,
        automatic: bool,
        reason: Option<String>,
    },
    /// Annex 2 was filed, for the first time or revised.
    SurveyFiled {
        survey_id: SurveyId,
        revision: u32,
        station: StationId,
        survey: Box<Survey>,
    },
    /// The district office returned it.
    SurveyReturned {
        survey_id: SurveyId,
        reasons: String,
    },
    /// The district office settled it (审定, W-48).
    SurveyApproved {
        survey_id: SurveyId,
        revision: u32,
        report_no: String,
        approved_on: NaiveDate,
    },
    /// The award office sent it back.
    SurveyReopened {
        survey_id: SurveyId,
        reasons: String,
    },
    VisitRecorded(Recorded<VisitId, Visit>),
    VisitCorrected(Corrected<VisitId, Visit>),
    VisitVoided(Voided<VisitId>),
    ActivityRecorded(Recorded<ActivityId, Activity>),
    ActivityCorrected(Corrected<ActivityId, Activity>),
    ActivityVoided(Voided<ActivityId>),
    SelfEvaluationRecorded(Recorded<SelfEvaluationId, SelfEvaluation>),
    SelfEvaluationCorrected(Corrected<SelfEvaluationId, SelfEvaluation>),
    SelfEvaluationVoided(Voided<SelfEvaluationId>),
    AssistanceRequested(Recorded<AssistanceRequestId, AssistanceRequest>),
    AssistanceCorrected(Corrected<AssistanceRequestId, AssistanceRequest>),
    AssistanceVoided(Voided<AssistanceRequestId>),
    /// The station answered a request for help (W-73).
    AssistanceAnswered {
        request_id: AssistanceRequestId,
        answer_id: AssistanceAnswerId,
        answer: AssistanceAnswer,
    },
}

/// Where the survey stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurveyStep {
    /// Assigned, nothing filed since.
    Assigned,
    /// Filed, waiting for the district office.
    Filed,
    /// Returned by the district office, or sent back by the award office.
    Returned,
    /// Settled.
    Approved,
}

/// The survey of the present attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyState {
    /// The station charged with it.
    pub station: StationId,
    /// Experts who guide it.
    pub experts: Vec<ExpertId>,
    /// Where it stands.
    pub step: SurveyStep,
    /// Set once filed; revisions keep the id.
    pub survey_id: Option<SurveyId>,
    /// Revisions filed.
    pub revision: u32,
    /// Who filed the last revision.
    pub filed_by: Option<Actor>,
    /// The conclusion of the last revision (W-118, W-119).
    pub conclusion: Option<Conclusion>,
    /// The day of the last step.
    pub step_on: NaiveDate,
}

/// One check of a condition by a department.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Whether the department found it met.
    pub met: bool,
    /// The day of the check.
    pub checked_on: NaiveDate,
}

/// The state of a file. Of the application only what eligibility and later steps need is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Enrolment {
    /// The application in force, of the present attempt.
    pub application: Option<Box<Application>>,
    /// The day of the application.
    pub applied_on: Option<NaiveDate>,
    /// Papers handed in with it.
    pub documents: Vec<DocumentRef>,
    /// Fresh starts, from 1; 0 before the first.
    pub attempt: u32,
    /// Whether the present attempt was withdrawn before a nomination.
    pub withdrawn: bool,
    /// Whether a survey was ever filed in this cycle, in any attempt (Q-01).
    pub survey_ever_filed: bool,
    /// The survey of the present attempt, once assigned.
    pub survey: Option<SurveyState>,
    /// The last check of each condition.
    pub checks: BTreeMap<ConditionId, Check>,
    /// Follow-up visits.
    pub visits: Facts<VisitId>,
    /// Activities.
    pub activities: Facts<ActivityId>,
    /// Self-evaluations.
    pub self_evaluations: Facts<SelfEvaluationId>,
    /// Requests for help.
    pub assistance: Facts<AssistanceRequestId>,
    /// Requests that were answered.
    pub answered: std::collections::BTreeSet<AssistanceRequestId>,
}

impl Enrolment {
    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, event: &EnrolmentEvent, at: At<'_>) {
        match event {
            EnrolmentEvent::ApplicationSubmitted { attempt, application, .. } => {
                self.begin_attempt(*attempt, application, at);
            }
            EnrolmentEvent::ApplicationAmended { application, .. } => {
                self.application = Some(application.clone());
                self.documents.extend(at.meta.documents.iter().cloned());
            }
            EnrolmentEvent::RecommendationReceived { .. } | EnrolmentEvent::RecommendationRefused { .. } => {}
            EnrolmentEvent::ApplicationWithdrawn { .. } => self.withdrawn = true,
            EnrolmentEvent::ConditionChecked { condition, met, checked_on, .. } => {
                self.checks.insert(condition.clone(), Check { met: *met, checked_on: *checked_on });
            }
            EnrolmentEvent::SurveyAssigned { station, experts, .. } => self.assign_survey(station, experts, at),
            EnrolmentEvent::SurveyFiled { survey_id, revision, survey, .. } => {
                self.survey_ever_filed = true;
                self.step_survey(SurveyStep::Filed, at.meta.occurred_on);
                if let Some(state) = &mut self.survey {
                    state.survey_id = Some(*survey_id);
                    state.revision = *revision;
                    state.filed_by = Some(at.meta.actor.clone());
                    state.conclusion = survey.conclusion.as_ref().map(|section| section.suggestion.clone());
                }
            }
            EnrolmentEvent::SurveyReturned { .. } | EnrolmentEvent::SurveyReopened { .. } => {
                self.step_survey(SurveyStep::Returned, at.meta.occurred_on);
            }
            EnrolmentEvent::SurveyApproved { approved_on, .. } => self.step_survey(SurveyStep::Approved, *approved_on),
            EnrolmentEvent::VisitRecorded(fact) => record(&mut self.visits, fact, at),
            EnrolmentEvent::VisitCorrected(fact) => self.visits.correct(fact.id, at.meta.occurred_on),
            EnrolmentEvent::VisitVoided(fact) => self.visits.void(fact.id),
            EnrolmentEvent::ActivityRecorded(fact) => record(&mut self.activities, fact, at),
            EnrolmentEvent::ActivityCorrected(fact) => self.activities.correct(fact.id, at.meta.occurred_on),
            EnrolmentEvent::ActivityVoided(fact) => self.activities.void(fact.id),
            EnrolmentEvent::SelfEvaluationRecorded(fact) => record(&mut self.self_evaluations, fact, at),
            EnrolmentEvent::SelfEvaluationCorrected(fact) => {
                self.self_evaluations.correct(fact.id, at.meta.occurred_on);
            }
            EnrolmentEvent::SelfEvaluationVoided(fact) => self.self_evaluations.void(fact.id),
            EnrolmentEvent::AssistanceRequested(fact) => record(&mut self.assistance, fact, at),
            EnrolmentEvent::AssistanceCorrected(fact) => self.assistance.correct(fact.id, at.meta.occurred_on),
            EnrolmentEvent::AssistanceVoided(fact) => self.assistance.void(fact.id),
            EnrolmentEvent::AssistanceAnswered { request_id, .. } => {
                self.answered.insert(*request_id);
            }
        }
    }

    /// A fresh start takes a new application and a new survey. What departments found stays true until they
    /// find otherwise, so that nobody sheds a finding by withdrawing.
    fn begin_attempt(&mut self, attempt: u32, application: &Application, at: At<'_>) {
        self.attempt = attempt;
        self.applied_on = Some(application.applied_on);
        self.application = Some(Box::new(application.clone()));
        self.documents.clone_from(&at.meta.documents);
        self.withdrawn = false;
        self.survey = None;
    }

    /// A reassigned survey keeps what was filed of it.
    fn assign_survey(&mut self, station: &StationId, experts: &[ExpertId], at: At<'_>) {
        let survey = self.survey.get_or_insert_with(|| SurveyState {
            station: station.clone(),
            experts: Vec::new(),
            step: SurveyStep::Assigned,
            survey_id: None,
            revision: 0,
            filed_by: None,
            conclusion: None,
            step_on: at.meta.occurred_on,
        });
        survey.station = station.clone();
        survey.experts = experts.to_vec();
        survey.step_on = at.meta.occurred_on;
    }

    fn step_survey(&mut self, step: SurveyStep, on: NaiveDate) {
        if let Some(survey) = &mut self.survey {
            survey.step = step;
            survey.step_on = on;
        }
    }
}

fn record<I: Ord + Copy, C>(facts: &mut Facts<I>, fact: &Recorded<I, C>, at: At<'_>) {
    facts.record(fact.id, at.meta.occurred_on, &at.meta.actor);
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the command that it is named after")]
pub enum EnrolmentCommand {
    SubmitApplication(SubmitApplication),
    AmendApplication(AmendApplication),
    RefuseRecommendation(RefuseRecommendation),
    RecordConditionCheck(RecordConditionCheck),
    AssignSurvey(AssignSurvey),
    FileSurvey(FileSurvey),
    ReturnSurvey(ReturnSurvey),
    ApproveSurveys(ApproveSurveys),
    ReopenSurvey(ReopenSurvey),
    RecordVisit(RecordVisit),
    CorrectVisit(CorrectVisit),
    VoidVisit(VoidVisit),
    RecordActivity(RecordActivity),
    CorrectActivity(CorrectActivity),
    VoidActivity(VoidActivity),
    RecordSelfEvaluation(RecordSelfEvaluation),
    CorrectSelfEvaluation(CorrectSelfEvaluation),
    VoidSelfEvaluation(VoidSelfEvaluation),
    RequestAssistance(RequestAssistance),
    CorrectAssistance(CorrectAssistance),
    VoidAssistance(VoidAssistance),
    AnswerAssistance(AnswerAssistance),
}

impl EnrolmentCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::SubmitApplication(command) => application::submit(command, world, context),
            Self::AmendApplication(command) => application::amend(command, world, context),
            Self::RefuseRecommendation(command) => recommendation::refuse(command, world, context),
            Self::RecordConditionCheck(command) => condition_check::record(command, world, context),
            Self::AssignSurvey(command) => survey::assign(command, world, context),
            Self::FileSurvey(command) => survey::file(command, world, context),
            Self::ReturnSurvey(command) => survey::send_back(command, world, context),
            Self::ApproveSurveys(command) => approval::approve(command, world, context),
            Self::ReopenSurvey(command) => survey::reopen(command, world, context),
            Self::RecordVisit(command) => visits::record(command, world, context),
            Self::CorrectVisit(command) => visits::correct(command, world, context),
            Self::VoidVisit(command) => visits::void(command, world, context),
            Self::RecordActivity(command) => activities::record(command, world, context),
            Self::CorrectActivity(command) => activities::correct(command, world, context),
            Self::VoidActivity(command) => activities::void(command, world, context),
            Self::RecordSelfEvaluation(command) => self_evaluations::record(command, world, context),
            Self::CorrectSelfEvaluation(command) => self_evaluations::correct(command, world, context),
            Self::VoidSelfEvaluation(command) => self_evaluations::void(command, world, context),
            Self::RequestAssistance(command) => assistance::request(command, world, context),
            Self::CorrectAssistance(command) => assistance::correct(command, world, context),
            Self::VoidAssistance(command) => assistance::void(command, world, context),
            Self::AnswerAssistance(command) => assistance::answer(command, world, context),
        }
    }
}
