//! The enrolment (档案): one organisation's file in one cycle.
//!
//! Holds the application, the recommendation, condition checks, the survey and everything recorded about
//! the organisation in the cycle. Order of steps, completeness of forms and eligibility are held here;
//! whether it is an applicant, a member or former is known to the [`Cycle`](crate::cycle::Cycle).

mod activities;
mod assistance;
pub mod eligibility;
mod membership;
mod self_evaluations;
pub(crate) mod subject;
mod visits;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::activities::{CorrectActivity, RecordActivity, VoidActivity};
pub use self::assistance::{AnswerAssistance, CorrectAssistance, RequestAssistance, VoidAssistance};
pub use self::self_evaluations::{CorrectSelfEvaluation, RecordSelfEvaluation, VoidSelfEvaluation};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether a survey was ever filed in this cycle, in any attempt.
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
    pub fn evolve(&mut self, _event: &EnrolmentEvent, _at: At<'_>) {}
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the command that it is named after")]
pub enum EnrolmentCommand {
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
