//! The survey (调查摸底) inside a file: who is charged with it, every revision, and what was said of it.

use chrono::NaiveDate;
use domain::RecordedEvent;
use domain::enrolment::SurveyStep;
use domain::forms::annex2::{Conclusion, Survey};
use domain::ids::{DistrictId, ExpertId, StationId, SurveyId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::trace::Trace;

/// What an office said when it gave a survey back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Remark {
    /// Why.
    pub reasons: String,
    /// Who, and when.
    pub trace: Trace,
}

/// The settling of a survey (审定, W-48).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SurveyApproval {
    /// The number of the district's report (W-47, Q-09).
    pub report_no: String,
    /// The revision settled.
    pub revision: u32,
    /// The day.
    pub approved_on: NaiveDate,
    /// The district of the organisation at that time: whose report it is.
    pub district: Option<DistrictId>,
    /// Who settled it, and when.
    pub trace: Trace,
}

/// One revision of a survey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SurveyRevision {
    /// From 1.
    pub revision: u32,
    /// The station that filed it.
    pub station: StationId,
    /// Annex 2.
    pub content: Survey,
    /// Who filed it, and when.
    pub filed: Trace,
    /// Returned by the district office.
    pub returned: Option<Remark>,
    /// Settled by the district office.
    pub approved: Option<SurveyApproval>,
    /// Sent back by the award office.
    pub reopened: Option<Remark>,
}

/// A survey of one attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SurveyFile {
    /// The attempt.
    pub attempt: u32,
    /// The station charged with it (W-45).
    pub station: StationId,
    /// Experts who guide it (W-21).
    pub experts: Vec<ExpertId>,
    /// Whether the station was the only one of the district, and charged without asking.
    pub automatic: bool,
    /// Who charged the station, and when.
    pub assigned: Trace,
    /// Where it stands.
    pub step: SurveyStep,
    /// The day of the last step.
    pub step_on: NaiveDate,
    /// Set once filed; revisions keep the id.
    pub survey_id: Option<SurveyId>,
    /// The last revision filed; 0 before the first.
    pub revision: u32,
    /// The conclusion of the last revision: the class proposed, or below the lowest one (W-118, W-119).
    pub conclusion: Option<Conclusion>,
    /// The settling in force.
    pub approval: Option<SurveyApproval>,
    /// Every revision, the first first; the last is in force.
    pub revisions: Vec<SurveyRevision>,
}

impl SurveyFile {
    pub(super) fn assigned(attempt: u32, station: StationId, at: &RecordedEvent) -> Self {
        Self {
            attempt,
            station,
            experts: Vec::new(),
            automatic: false,
            assigned: at.into(),
            step: SurveyStep::Assigned,
            step_on: at.meta.occurred_on,
            survey_id: None,
            revision: 0,
            conclusion: None,
            approval: None,
            revisions: Vec::new(),
        }
    }

    pub(super) fn file(
        &mut self,
        id: SurveyId,
        revision: u32,
        (station, survey): (&StationId, &Survey),
        at: &RecordedEvent,
    ) {
        self.step(SurveyStep::Filed, at.meta.occurred_on);
        self.survey_id = Some(id);
        self.revision = revision;
        self.conclusion = survey.conclusion.as_ref().map(|section| section.suggestion.clone());
        self.revisions.push(SurveyRevision {
            revision,
            station: station.clone(),
            content: survey.clone(),
            filed: at.into(),
            returned: None,
            approved: None,
            reopened: None,
        });
    }

    pub(super) fn give_back(&mut self, reasons: &str, at: &RecordedEvent) {
        self.step(SurveyStep::Returned, at.meta.occurred_on);
        if let Some(last) = self.revisions.last_mut() {
            last.returned = Some(Remark { reasons: reasons.to_owned(), trace: at.into() });
        }
    }

    pub(super) fn approve(&mut self, approval: SurveyApproval) {
        self.step(SurveyStep::Approved, approval.approved_on);
        if let Some(settled) = self.revisions.iter_mut().find(|known| known.revision == approval.revision) {
            settled.approved = Some(approval.clone());
        }
        self.approval = Some(approval);
    }

    /// The settling no longer counts; the revision keeps it as history.
    pub(super) fn reopen(&mut self, reasons: &str, at: &RecordedEvent) {
        self.step(SurveyStep::Returned, at.meta.occurred_on);
        self.approval = None;
        if let Some(last) = self.revisions.last_mut() {
            last.reopened = Some(Remark { reasons: reasons.to_owned(), trace: at.into() });
        }
    }

    const fn step(&mut self, step: SurveyStep, on: NaiveDate) {
        self.step = step;
        self.step_on = on;
    }
}
