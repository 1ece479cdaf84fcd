//! Every way in which a rule or a form refuses a command.
//!
//! One variant per stable code of the error catalogue; variants carry the values that an answer shows.
//! The mapping to HTTP status, title and text lives in one place, in the `api` crate.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::cycle::Counts;
use crate::ids::{ClassId, ConditionId, CycleId, IncidentId, OrganizationId, RecommenderId, SessionId};
use crate::rulebook::{Rule, Strength};
use crate::uscc::{InvalidUscc, Uscc};

/// A refusal, with the rule that it rests on where the rulebook has one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{refusal}")]
pub struct Refused {
    /// What is refused, and why.
    pub refusal: Box<Refusal>,
    /// The rule of the rulebook that refuses.
    pub rule: Option<Box<CitedRule>>,
}

/// The rule that a refusal cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedRule {
    /// Its key in the rulebook, e.g. `quota`.
    pub key: String,
    /// Its clause, text and strength.
    pub rule: Rule,
}

impl CitedRule {
    /// Whether the award office may waive it with a reason.
    #[must_use]
    pub fn waivable(&self) -> bool {
        self.rule.strength == Strength::Principle
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal: Box::new(refusal), rule: None }
    }
}

impl Refusal {
    /// The same refusal, citing the rule that it rests on.
    #[must_use]
    pub fn by(self, key: &str, rule: &Rule) -> Refused {
        Refused { refusal: Box::new(self), rule: Some(Box::new(CitedRule { key: key.to_owned(), rule: rule.clone() })) }
    }
}

/// What is wrong with one field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FieldCode {
    /// Missing or empty.
    Required,
    /// Longer than allowed.
    TooLong,
    /// Not among the values offered.
    NotOneOf,
    /// Not a day or not an instant.
    NotADate,
    /// Not a number.
    NotANumber,
    /// A number, date or count outside its bounds.
    OutOfRange,
    /// Excludes another answer that was given.
    Exclusive,
    /// Needs another answer that was not given.
    RequiresOther,
    /// Not a field of this form.
    UnknownField,
}

/// One invalid field: a JSON pointer into the body, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the command's body, e.g. `/application/address`.
    pub pointer: String,
    /// What is wrong.
    pub code: FieldCode,
    /// The clause or form field that asks for it, e.g. `附件1 W-80`; may be empty.
    pub clause: &'static str,
}

impl FieldError {
    /// An invalid field.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: FieldCode, clause: &'static str) -> Self {
        Self { pointer: pointer.into(), code, clause }
    }
}

/// One entry of a batch that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRefused {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Why.
    pub refused: Refused,
}

/// One eligibility condition that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionState {
    /// The condition.
    pub id: ConditionId,
    /// Its clause.
    pub clause: String,
    /// `not_met` or `needs_document`.
    pub state: &'static str,
}

/// Why a command is refused. The stable code of a variant is its name in snake case.
#[derive(Debug, Clone, PartialEq, thiserror::Error, strum::IntoStaticStr, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are the values that the message of the variant shows")]
pub enum Refusal {
    // Who and where.
    /// Known, but not allowed.
    #[error("the role {role} may not do this here")]
    NotPermitted { role: Role },
    /// Not there or not yours.
    #[error("no such {resource}")]
    NotFound { resource: &'static str },
    /// `If-Match` or `seen` names another version than the current one.
    #[error("changed since version {given}; now {current}")]
    StaleVersion { given: String, current: String },

    // Forms and dates.
    /// Field errors.
    #[error("{} field(s) are not valid", .0.len())]
    ValidationFailed(Vec<FieldError>),
    /// Not a USCC.
    #[error("not a valid USCC: {reason}")]
    UsccInvalid { pointer: String, reason: InvalidUscc },
    /// Something named in the body does not exist.
    #[error("unknown {kind}: {id}")]
    UnknownReference { pointer: String, kind: &'static str, id: String },
    /// It exists but was closed or merged.
    #[error("{kind} {id} is no longer active")]
    ReferenceInactive { pointer: String, kind: &'static str, id: String, successor: Option<String> },
    /// A day after today in the program's time zone.
    #[error("{date} is after today, {today}")]
    DateInFuture { pointer: &'static str, date: NaiveDate, today: NaiveDate },
    /// A day outside cycle or membership, or before the step that it follows.
    #[error("{date} is outside the days allowed")]
    DateOutOfRange { pointer: &'static str, date: NaiveDate, from: Option<NaiveDate>, to: Option<NaiveDate> },
    /// Return, decline, withdrawal, waiver, correction without text.
    #[error("a reason is required")]
    ReasonRequired { pointer: &'static str },
    /// A document that the rule asks for.
    #[error("a document is required: {what}")]
    DocumentMissing { pointer: &'static str, what: &'static str },

    // Cycle and order of steps.
    #[error("cycle {cycle} exists already")]
    CycleExists { cycle: CycleId },
    #[error("the period overlaps that of {other}")]
    CycleOverlaps { other: CycleId, starts_on: NaiveDate, ends_on: NaiveDate },
    #[error("cycle {cycle} is closed")]
    CycleClosed { cycle: CycleId },
    #[error("the cycle starts on {starts_on}")]
    CycleNotStarted { starts_on: NaiveDate },
    #[error("applicants or booked sessions remain")]
    CycleHasOpenItems { applicants: Vec<OrganizationId>, sessions: Vec<SessionId> },
    #[error("the cycle ends on {ends_on}; closing earlier needs a reason")]
    CycleEndsLater { ends_on: NaiveDate },
    #[error("applications are taken from {from:?} to {to:?}")]
    IntakeClosed { from: Option<NaiveDate>, to: Option<NaiveDate> },
    #[error("this step does not fit the stage {stage}")]
    StepOutOfOrder { stage: &'static str, allowed_stages: Vec<&'static str> },
    #[error("not a member: {standing}")]
    NotAMember { organization: OrganizationId, standing: &'static str },

    // Application, nomination, eligibility.
    #[error("no application to nominate")]
    ApplicationMissing,
    #[error("the survey was filed; have it returned first")]
    ApplicationFrozen,
    #[error("already has a live file in {cycle}")]
    AlreadyInCycle { cycle: CycleId },
    #[error("already has a live file in {cycle}")]
    AlreadyInProgram { cycle: CycleId },
    #[error("not again in this cycle: {outcome}")]
    NotAgainInCycle { cycle: CycleId, outcome: &'static str },
    #[error("{recommender} has used {used} of {limit} places")]
    QuotaExceeded { recommender: RecommenderId, limit: u32, used: u32 },
    #[error("{} condition(s) not met", conditions.len())]
    EligibilityNotMet { conditions: Vec<ConditionState> },
    #[error("{} condition(s) lack proof", conditions.len())]
    EligibilityOpen { conditions: Vec<ConditionState> },
    #[error("an incident of {occurred_on} lies inside the look-back; free from {free_from}")]
    LookbackIncident { incident: IncidentId, occurred_on: NaiveDate, free_from: NaiveDate },
    #[error("the self-evaluation report for {cycle} is missing")]
    SelfEvaluationMissing { cycle: CycleId },
    #[error("this rule cannot be waived")]
    RuleNotWaivable,

    // Survey and class.
    #[error("no station is assigned to the survey")]
    SurveyNotAssigned,
    #[error("station {station} is not responsible here")]
    StationNotResponsible { station: String, responsible: Option<String> },
    #[error("{} section(s) are missing", sections.len())]
    SurveyIncomplete { sections: Vec<FieldError> },
    #[error("the survey is not approved")]
    SurveyNotApproved { organizations: Vec<OrganizationId> },
    #[error("who filed a survey does not approve it")]
    SelfApproval,
    #[error("{class} is not a class of this program")]
    ClassUnknown { class: ClassId, known: Vec<ClassId> },
    #[error("class {class} does not move")]
    ClassNotMovable { class: ClassId, movable: Vec<ClassId> },
    #[error("already in class {class}")]
    ClassUnchanged { class: ClassId },
    #[error("grounds are required where the office differs from the station")]
    GroundsRequired { station: Option<ClassId>, office: Option<ClassId> },
    #[error("class counts would break the rule")]
    BalanceViolated { before: Counts, after: Counts, excess_before: u32, excess_after: u32 },
    #[error("{organization} stands twice in the batch")]
    DuplicateInBatch { organization: Uscc },
    #[error("a batch has 1 to {limit} entries, not {actual}")]
    BatchSize { limit: usize, actual: usize },
    /// Entries of a batch, each with its own refusal.
    #[error("{} entries of the batch are refused", .0.len())]
    Batch(Vec<EntryRefused>),

    // Incident, removal.
    #[error("the incident is not determined yet")]
    IncidentNotDetermined { incident: IncidentId },
    #[error("the incident was not determined as major")]
    IncidentNotMajor { incident: IncidentId },
    #[error("the incident of {occurred_on} lies outside the membership")]
    IncidentOutsideMembership { incident: IncidentId, occurred_on: NaiveDate, from: NaiveDate, to: Option<NaiveDate> },
    #[error("there is no removal to rescind")]
    RemovalNotFound,

    // Teaching, visits, self-evaluation.
    #[error("this kind of teaching belongs to other classes")]
    SessionClassMismatch { class: ClassId, kind_classes: Vec<ClassId> },
    #[error("this kind of teaching belongs to year {due} of the cycle, not {actual}")]
    SessionYearMismatch { due: u32, actual: u32 },
    #[error("the session has {capacity} places")]
    SessionFull { capacity: u32, actual: u32 },
    #[error("the session was cancelled")]
    SessionCancelled,
    #[error("the session is on {on}")]
    SessionNotHeldYet { on: NaiveDate },
    #[error("attendance was recorded")]
    SessionHasAttendance,
    #[error("the audience is not that of the class")]
    AudienceMismatch { audience: String, expected: Vec<String> },
    #[error("{category} has {limit} points, not {actual}")]
    ScoresOutOfRange { category: String, limit: u32, actual: i64 },
    #[error("score all categories or none")]
    ScoresIncomplete { missing: Vec<String> },
    #[error("already answered")]
    AlreadyAnswered,
    #[error("already voided")]
    AlreadyVoided,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        // The code of a batch is that of its first entry.
        if let Self::Batch(entries) = self {
            return entries.first().map_or("batch_size", |e| e.refused.refusal.code());
        }
        self.into()
    }

    /// A single invalid field.
    #[must_use]
    pub fn field(pointer: impl Into<String>, code: FieldCode, clause: &'static str) -> Self {
        Self::ValidationFailed(vec![FieldError::new(pointer, code, clause)])
    }

    /// Refuses an empty reason.
    pub fn unless_reason(text: &str, pointer: &'static str) -> Result<(), Refused> {
        if text.trim().is_empty() { Err(Self::ReasonRequired { pointer }.into()) } else { Ok(()) }
    }
}
