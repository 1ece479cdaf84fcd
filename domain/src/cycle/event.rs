//! Events of a cycle: past tense, in the documents' words.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::cycle::Intake;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::facts::Outreach;
use crate::ids::{
    ClassId, ConditionId, CycleId, IncidentId, OrganizationId, OutreachId, ProgramId, RecommenderId, SessionId,
    SurveyId,
};
use crate::rulebook::Rulebook;

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
    /// Organisations were mobilised for the cycle (W-43).
    OutreachRecorded(Recorded<OutreachId, Outreach>),
    /// What was recorded of it was replaced.
    OutreachCorrected(Corrected<OutreachId, Outreach>),
    /// It no longer counts.
    OutreachVoided(Voided<OutreachId>),
    /// An application came in; the organisation is an applicant.
    ApplicantEntered { organization: OrganizationId, attempt: u32 },
    /// An applicant that was never nominated withdrew.
    ApplicantLeft { organization: OrganizationId, reason: Option<String> },
    /// A recommender used a place for an applicant.
    OrganizationNominated { organization: OrganizationId, recommender: RecommenderId },
    /// The recommender was entered wrongly; the place moves.
    NominationCorrected { organization: OrganizationId, from: RecommenderId, to: RecommenderId, reason: String },
    /// A nominated applicant withdrew; the place is freed only if no survey was ever filed.
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
    /// The file was ended for a ground outside the guide's removal.
    EnrolmentEnded { organization: OrganizationId, ground: EndGround, reason: String },
    /// A recommender was granted extra places.
    QuotaWaived { recommender: RecommenderId, extra: u32, reason: String },
    /// A teaching session was booked, or moved to another day.
    SessionBooked { session_id: SessionId, on: NaiveDate },
    /// A booked session was cancelled.
    SessionReleased { session_id: SessionId },
    /// The cycle was closed.
    CycleClosed { completed: Vec<OrganizationId>, lapsed: Vec<OrganizationId>, reason: Option<String> },
}

/// Why the award office declined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclineGrounds {
    /// An eligibility condition.
    Condition(ConditionId),
    /// The survey concluded: below the lowest class (W-119).
    BelowLowestClass,
    /// In words.
    Text(String),
}

/// Why a file was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EndGround {
    /// The organisation was dissolved.
    Dissolved,
    /// It is no longer registered in the city.
    LeftCity,
}
