//! The row of a file.

use chrono::NaiveDate;
use domain::Uscc;
use domain::cycle::{DeclineGrounds, EndGround, Outcome, Stage, Standing};
use domain::forms::annex1::Application;
use domain::ids::{
    ClassId, ConditionCheckId, ConditionId, CycleId, DecisionId, DistrictId, IncidentId, OrganizationId, RecommenderId,
    SelfEvaluationId, SurveyId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::survey::SurveyFile;
use crate::organizations::Brief;
use crate::trace::{Paper, Trace};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum EnrolmentsRow {
    /// A file.
    File(Box<Enrolment>),
    /// Number, name and district in force of an organisation: files opened later begin with them.
    Organization(Brief),
    /// The versions of a file.
    Versions(Versions),
}

/// The two versions of a file, which make its `ETag`. They are apart from it: a visit moves them, and the forms need
/// not be written again for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Version of the file's own stream.
    pub enrolment: u64,
    /// Version of the cycle's stream at the last event that names the organisation.
    pub cycle: u64,
}

/// The application in force, and how it was handed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HandedIn {
    /// Annex 1.
    pub form: Application,
    /// 申报日期; look-backs run to it.
    pub applied_on: NaiveDate,
    /// The earlier cycle of a re-application (W-76).
    pub previous: Option<CycleId>,
    /// Its report for that cycle (W-77).
    pub self_evaluation: Option<SelfEvaluationId>,
    /// Papers of this attempt, amendments' included.
    pub documents: Vec<Paper>,
    /// How often it was amended.
    pub amendments: u32,
    /// Who handed in the form in force, and when.
    pub trace: Trace,
}

/// The recommendation (W-106).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recommendation {
    /// Who recommends.
    pub recommender: RecommenderId,
    /// 推荐单位意见
    pub opinion: Option<String>,
    /// The day of its seal.
    pub signed_on: Option<NaiveDate>,
    /// The day of the nomination.
    pub nominated_on: Option<NaiveDate>,
    /// Whether a place of the recommender is used.
    pub place_used: bool,
    /// Wrong entries of the recommender, the first first.
    pub corrected_from: Vec<RecommenderId>,
}

/// A recommender's refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecommendationRefused {
    /// Who refused.
    pub recommender: RecommenderId,
    /// Why.
    pub reason: String,
    /// The attempt that it refused.
    pub attempt: u32,
    /// Who recorded it, and when.
    pub trace: Trace,
}

/// A condition checked by a department (由相关部门界定).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConditionCheck {
    /// The check.
    pub check_id: ConditionCheckId,
    /// The condition.
    pub condition: ConditionId,
    /// Whether the department found it met.
    pub met: bool,
    /// The department.
    pub department: String,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// Who recorded it, on which papers.
    pub trace: Trace,
}

/// The admission to the pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Admission {
    /// The day.
    pub admitted_on: NaiveDate,
    /// The decision.
    pub decision_id: DecisionId,
}

/// What a decision did to the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassChange {
    /// Classified at admission.
    Classified,
    /// Moved during the cycle (W-55).
    Reclassified,
    /// A decision entered wrongly was put right.
    Corrected,
}

/// One decision on the class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClassDecision {
    /// What it did.
    pub change: ClassChange,
    /// The decision; a correction names its own.
    pub decision_id: DecisionId,
    /// The class before.
    pub from: Option<ClassId>,
    /// The class since.
    pub to: ClassId,
    /// The day from which the class counts.
    pub effective_on: NaiveDate,
    /// Why; for a correction, what went wrong.
    pub grounds: Option<String>,
    /// The settled survey that it rests on.
    pub survey_id: Option<SurveyId>,
    /// The revision of that survey.
    pub survey_revision: Option<u32>,
    /// The decision that put this one right.
    pub corrected_by: Option<DecisionId>,
    /// Who decided, and when.
    pub trace: Trace,
}

/// A removal, rescinded or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Removal {
    /// The incident that it cites.
    pub incident_id: IncidentId,
    /// More words.
    pub reason: Option<String>,
    /// Who removed it, and when.
    pub trace: Trace,
    /// Why it was rescinded, if it was.
    pub rescinded_because: Option<String>,
    /// Who rescinded it, and when.
    pub rescinded: Option<Trace>,
}

/// How the file ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// When.
    pub ended_on: NaiveDate,
    /// Why, in words.
    pub reason: Option<String>,
    /// The ground of a decline.
    pub declined: Option<DeclineGrounds>,
    /// The ground of an ending.
    pub ground: Option<EndGround>,
    /// Who decided, and when.
    pub trace: Trace,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Enrolment {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation's id.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// Its district in force.
    pub district: Option<DistrictId>,
    /// Where the file stands.
    pub stage: Stage,
    /// `applicant`, `member` or `former`.
    pub standing: String,
    /// Fresh starts in the cycle, from 1.
    pub attempt: u32,
    /// The application of the present attempt.
    pub application: Option<HandedIn>,
    /// The recommendation of the present attempt.
    pub recommendation: Option<Recommendation>,
    /// Refusals to recommend, of all attempts.
    pub refusals: Vec<RecommendationRefused>,
    /// Condition checks, of all attempts: what a department found stays true until it finds otherwise.
    pub checks: Vec<ConditionCheck>,
    /// The survey of the present attempt.
    pub survey: Option<SurveyFile>,
    /// Surveys of earlier attempts.
    pub earlier_surveys: Vec<SurveyFile>,
    /// The admission.
    pub admission: Option<Admission>,
    /// The class in force; kept after the membership ended.
    pub class: Option<ClassId>,
    /// Decisions on the class, the first first.
    pub classes: Vec<ClassDecision>,
    /// Removals, rescinded ones too.
    pub removals: Vec<Removal>,
    /// How it ended; none while it is live.
    pub outcome: Option<Ending>,
    /// Version of the file's own stream.
    pub enrolment_version: u64,
    /// Version of the cycle's stream at the last event that names the organisation.
    pub cycle_version: u64,
}

impl Enrolment {
    pub(super) fn blank(cycle: CycleId, organization: OrganizationId) -> Self {
        Self {
            uscc: organization.first_uscc().clone(),
            cycle,
            organization,
            name: String::new(),
            district: None,
            stage: Stage::Applied,
            standing: "applicant".to_owned(),
            attempt: 1,
            application: None,
            recommendation: None,
            refusals: Vec::new(),
            checks: Vec::new(),
            survey: None,
            earlier_surveys: Vec::new(),
            admission: None,
            class: None,
            classes: Vec::new(),
            removals: Vec::new(),
            outcome: None,
            enrolment_version: 0,
            cycle_version: 0,
        }
    }

    /// With its versions; they are not kept in its own row.
    pub(super) const fn at(mut self, versions: Versions) -> Self {
        self.enrolment_version = versions.enrolment;
        self.cycle_version = versions.cycle;
        self
    }

    /// The tag of the file, without quotes: `{enrolment version}.{cycle version}`.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("{}.{}", self.enrolment_version, self.cycle_version)
    }

    /// Puts stage and standing in line with the rest.
    pub(super) fn settle(&mut self) {
        let standing = match (&self.outcome, &self.admission, &self.recommendation) {
            (Some(ending), _, _) => Standing::Former(ending.outcome),
            (None, Some(_), _) => Standing::Member,
            (None, None, Some(_)) => Standing::Nominated,
            (None, None, None) => Standing::Applied,
        };
        self.stage = Stage::of(&standing, self.survey.as_ref().map(|survey| survey.step));
        standing.name().clone_into(&mut self.standing);
    }
}
