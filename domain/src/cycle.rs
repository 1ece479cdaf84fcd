//! The cycle (孵化周期): everything that compares its organisations with one another.
//!
//! It holds the recommenders' quota (W-41), the bound between class counts (W-56), which classes move (W-55),
//! and who is an applicant, a member or former. It never holds a form.
//!
//! ```text
//!  (none) ── applied ── nominated ── member ── completed | removed | withdrawn | ended
//!               │           │           ↑ rescinded ↲
//!               └─ withdrawn └─ declined | withdrawn | ended | lapsed
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::ids::{
    ClassId, CycleId, DecisionId, IncidentId, OrganizationId, ProgramId, RecommenderId, SessionId, SurveyId,
};
use crate::refusal::{Refusal, Refused};
use crate::rulebook::Rulebook;
use crate::stream::At;
use crate::world::{Decision, Stop, World};

/// Members per class; every class of the rulebook has an entry, in the rulebook's order of ids.
pub type Counts = BTreeMap<ClassId, u32>;

/// Why and how a file stopped being live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Withdrawn before any survey was filed; a fresh start in the same cycle is possible.
    WithdrawnEarly,
    /// Withdrawn after a survey was filed, or as a member.
    Withdrawn,
    /// Declined by the award office.
    Declined,
    /// Removed after a major incident.
    Removed,
    /// Ended: dissolved or no longer registered in the city.
    Ended,
    /// A member when the cycle closed.
    Completed,
    /// An applicant when the cycle closed.
    Lapsed,
}

/// How an organisation stands in the cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Has applied; no recommendation yet.
    Applied,
    /// Nominated, not yet admitted.
    Nominated,
    /// Admitted, not ended.
    Member,
    /// No longer live.
    Former(Outcome),
}

impl Standing {
    /// `applicant`, `member` or `former`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Applied | Self::Nominated => "applicant",
            Self::Member => "member",
            Self::Former(_) => "former",
        }
    }
}

/// What the cycle knows of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// How it stands.
    pub standing: Standing,
    /// Fresh starts in this cycle, from 1.
    pub attempt: u32,
    /// Who nominated it.
    pub recommender: Option<RecommenderId>,
    /// Its class; kept after the membership ended.
    pub class: Option<ClassId>,
    /// The day of admission, from the first decision on.
    pub admitted_on: Option<NaiveDate>,
    /// The day that the membership or file ended on.
    pub ended_on: Option<NaiveDate>,
    /// The removal in force, if any: the incident, and the class before.
    pub removed_for: Option<IncidentId>,
    /// The day of the last decision on it; the next one is not dated before.
    pub last_decision_on: NaiveDate,
    /// The cycle's version at which this entry last changed: half of the file's `ETag`.
    pub changed_at: u64,
}

/// One recommender's places in the cycle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Places used.
    pub used: u32,
    /// Extra places granted by the award office.
    pub extra: u32,
}

/// The state of a cycle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cycle {
    /// Set by the opening.
    pub opened: Option<Opened>,
    /// Organisations by id.
    pub entries: BTreeMap<OrganizationId, Entry>,
    /// Members per class.
    pub counts: Counts,
    /// Places per recommender, as nominated; mergers are added up by the rule, not here.
    pub places: BTreeMap<RecommenderId, Places>,
    /// Sessions booked and not cancelled, with their day.
    pub sessions: BTreeMap<SessionId, NaiveDate>,
    /// Set by the closing.
    pub closed_on: Option<NaiveDate>,
}

/// What the opening of a cycle fixes.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The cycle.
    pub cycle: CycleId,
    /// Its program.
    pub program: ProgramId,
    /// First day.
    pub starts_on: NaiveDate,
    /// The day after the last; extensions move it.
    pub ends_on: NaiveDate,
    /// Intake window, either end open.
    pub intake: Intake,
    /// The rules in force.
    pub rulebook: Arc<Rulebook>,
}

/// The days on which applications are taken; an open end is `None` (Q-27).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

/// Events of a cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
#[allow(missing_docs, reason = "fields carry what the event's name says")]
pub enum CycleEvent {
    /// A cycle was opened under the rules copied here.
    CycleOpened {
        cycle: CycleId,
        program: ProgramId,
        label: String,
        starts_on: NaiveDate,
        ends_on: NaiveDate,
        intake: Intake,
        rulebook: Arc<Rulebook>,
    },
    /// The intake window was set.
    IntakeSet { intake: Intake },
    /// The cycle was made longer.
    CycleExtended { ends_on: NaiveDate, reason: String },
    /// An application came in; the organisation is an applicant.
    ApplicantEntered { organization: OrganizationId, attempt: u32 },
    /// An applicant that was never nominated withdrew.
    ApplicantLeft { organization: OrganizationId, reason: Option<String> },
    /// A recommender used a place for an applicant.
    OrganizationNominated { organization: OrganizationId, recommender: RecommenderId },
    /// The recommender was entered wrongly; the place moves.
    NominationCorrected { organization: OrganizationId, from: RecommenderId, to: RecommenderId, reason: String },
    /// A nominated applicant withdrew; the place is freed only if no survey was ever filed (Q-01).
    NominationWithdrawn { organization: OrganizationId, reason: String, place_freed: bool },
    /// The award office declined; the place stays used.
    NominationDeclined { organization: OrganizationId, grounds: DeclineGrounds },
    /// Admitted to the pool.
    OrganizationAdmitted { organization: OrganizationId },
    /// Classified at admission.
    OrganizationClassified {
        organization: OrganizationId,
        class: ClassId,
        /// The approved survey that it rests on, with its revision.
        survey: Option<(SurveyId, u32)>,
        /// Given where the office differs from the station.
        grounds: Option<String>,
    },
    /// Moved between classes.
    OrganizationReclassified { organization: OrganizationId, from: ClassId, to: ClassId, grounds: String },
    /// A class entered wrongly was put right; it counts from the day of the decision it corrects.
    ClassificationCorrected {
        organization: OrganizationId,
        from: ClassId,
        to: ClassId,
        decided_on: NaiveDate,
        reason: String,
    },
    /// Removed from the pool after a major incident.
    OrganizationRemoved { organization: OrganizationId, incident_id: IncidentId, reason: Option<String> },
    /// The removal was rescinded; the organisation is a member again, in the class that it had.
    RemovalRescinded { organization: OrganizationId, reason: String },
    /// A member left of its own will.
    MemberWithdrawn { organization: OrganizationId, reason: String },
    /// The file was ended for a ground outside the guide's removal (Q-30).
    EnrolmentEnded { organization: OrganizationId, ground: EndGround, reason: String },
    /// A recommender was granted extra places (Q-01).
    QuotaWaived { recommender: RecommenderId, extra: u32, reason: String },
    /// A teaching session was booked, or moved to another day.
    SessionBooked { session_id: SessionId, on: NaiveDate },
    /// A booked session was cancelled.
    SessionReleased { session_id: SessionId },
    /// The cycle was closed.
    CycleClosed { completed: Vec<OrganizationId>, lapsed: Vec<OrganizationId>, reason: Option<String> },
}

/// Why the award office declined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineGrounds {
    /// An eligibility condition.
    Condition(crate::ids::ConditionId),
    /// The survey concluded: below the lowest class (W-119).
    BelowLowestClass,
    /// In words.
    Text(String),
}

/// Why a file was ended (Q-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EndGround {
    /// The organisation was dissolved.
    Dissolved,
    /// It is no longer registered in the city.
    LeftCity,
}

/// What a decision on classes would record; all entries of a batch share one id.
pub type ClassDecision = DecisionId;

impl Cycle {
    /// What the opening fixed; refuses where the cycle does not exist.
    pub fn opened(&self) -> Result<&Opened, Refused> {
        self.opened.as_ref().ok_or_else(|| Refusal::NotFound { resource: "cycle" }.into())
    }

    /// The same, and refuses where the cycle has been closed.
    pub fn running(&self) -> Result<&Opened, Refused> {
        let opened = self.opened()?;
        if self.closed_on.is_some() {
            return Err(Refusal::CycleClosed { cycle: opened.cycle.clone() }.into());
        }
        Ok(opened)
    }

    /// What the cycle knows of an organisation; refuses where it has no file here.
    pub fn entry(&self, organization: &OrganizationId) -> Result<&Entry, Refused> {
        self.entries.get(organization).ok_or_else(|| Refusal::NotFound { resource: "enrolment" }.into())
    }

    /// The entry of a member; refuses for anybody else.
    pub fn member(&self, organization: &OrganizationId) -> Result<&Entry, Refused> {
        let entry = self.entry(organization)?;
        match entry.standing {
            Standing::Member => Ok(entry),
            Standing::Applied | Standing::Nominated | Standing::Former(_) => {
                Err(Refusal::NotAMember { organization: organization.clone(), standing: entry.standing.name() }.into())
            }
        }
    }

    /// Evolves by one event. Total; holds no rule.
    pub fn evolve(&mut self, _event: &CycleEvent, _at: At<'_>) {}
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
pub enum CycleCommand {}

impl CycleCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, _world: &World<'_>, _context: &Context) -> Result<Decision, Stop> {
        match *self {}
    }
}
