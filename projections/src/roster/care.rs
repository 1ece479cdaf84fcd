//! Visits and requests for help: a small row each, and what a file shows of them.
//!
//! A row is stamped with the application that it belongs to, for a fresh start begins without any.

use chrono::NaiveDate;
use domain::RecordedEvent;
use domain::enrolment::EnrolmentEvent;
use domain::ids::{AssistanceRequestId, VisitId};
use serde::{Deserialize, Serialize};
use store::{Rows, Touch};

use crate::roster::{FILE, File, Kept, Roster};

/// A visit that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// The key of its file.
    pub(super) file: String,
    /// Its day.
    on: NaiveDate,
    /// `File::since` of the attempt that it belongs to.
    since: u64,
}

/// A request for help that is open; one that was answered has no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `File::since` of the attempt that it belongs to.
    since: u64,
}

fn visit_key(file: &str, id: VisitId) -> String {
    format!("visit/{file}/{id}")
}

fn request_key(file: &str, id: AssistanceRequestId) -> String {
    format!("request/{file}/{id}")
}

/// The rows that an event of a file changes, other than its application. Where a visit is put right or taken back,
/// the last one is looked for among all of the file.
pub(super) fn touches(file: &str, changed: &EnrolmentEvent) -> Vec<Touch> {
    let mut touches = vec![Touch::Key(file.to_owned())];
    match changed {
        EnrolmentEvent::VisitRecorded(visit) => touches.push(Touch::New(visit_key(file, visit.id))),
        EnrolmentEvent::VisitCorrected(_) | EnrolmentEvent::VisitVoided(_) => {
            touches.push(Touch::Matching(FILE, file.to_owned()));
        }
        EnrolmentEvent::AssistanceRequested(request) => touches.push(Touch::New(request_key(file, request.id))),
        EnrolmentEvent::AssistanceAnswered { request_id, .. } => {
            touches.push(Touch::Key(request_key(file, *request_id)));
        }
        EnrolmentEvent::AssistanceVoided(request) => touches.push(Touch::Key(request_key(file, request.id))),
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
        | EnrolmentEvent::SurveyReopened { .. }
        | EnrolmentEvent::ActivityRecorded(_)
        | EnrolmentEvent::ActivityCorrected(_)
        | EnrolmentEvent::ActivityVoided(_)
        | EnrolmentEvent::SelfEvaluationRecorded(_)
        | EnrolmentEvent::SelfEvaluationCorrected(_)
        | EnrolmentEvent::SelfEvaluationVoided(_)
        | EnrolmentEvent::AssistanceCorrected(_) => {}
    }
    touches
}

/// What an event changes of what the file shows.
pub(super) enum Counted {
    /// Nothing.
    Nothing,
    /// A visit more, of this day.
    Visited(NaiveDate),
    /// The last visit is this one now.
    LastVisit(Option<NaiveDate>),
    /// A request more is open.
    Asked,
    /// A request less is open.
    Settled,
}

impl Counted {
    pub(super) fn show_on(self, file: &mut File) {
        let row = &mut file.row;
        match self {
            Self::Nothing => {}
            Self::Visited(on) => row.last_visit_on = row.last_visit_on.max(Some(on)),
            Self::LastVisit(on) => row.last_visit_on = on,
            Self::Asked => row.open_requests += 1,
            Self::Settled => row.open_requests = row.open_requests.saturating_sub(1),
        }
    }
}

/// Changes the rows of visits and requests by an event of their file; those of a file that is not there have none.
pub(super) fn counted(rows: &mut Rows<Roster>, event: &RecordedEvent, changed: &EnrolmentEvent) -> Counted {
    let file = event.stream.id();
    let Some(Kept::File(known)) = rows.get(file) else { return Counted::Nothing };
    let since = known.since;
    let on = event.meta.occurred_on;
    match changed {
        EnrolmentEvent::VisitRecorded(visit) => {
            rows.put(visit_key(file, visit.id), Kept::Visit(Visit { file: file.to_owned(), on, since }));
            Counted::Visited(on)
        }
        EnrolmentEvent::VisitCorrected(visit) => {
            if let Some(Kept::Visit(known)) = rows.get_mut(&visit_key(file, visit.id)) {
                known.on = on;
            }
            Counted::LastVisit(last_visit(rows, file, since))
        }
        EnrolmentEvent::VisitVoided(visit) => {
            rows.remove(&visit_key(file, visit.id));
            Counted::LastVisit(last_visit(rows, file, since))
        }
        EnrolmentEvent::AssistanceRequested(request) => {
            rows.put(request_key(file, request.id), Kept::Request(Request { since }));
            Counted::Asked
        }
        EnrolmentEvent::AssistanceAnswered { request_id, .. } => settled(rows, &request_key(file, *request_id), since),
        EnrolmentEvent::AssistanceVoided(request) => settled(rows, &request_key(file, request.id), since),
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
        | EnrolmentEvent::SurveyReopened { .. }
        | EnrolmentEvent::ActivityRecorded(_)
        | EnrolmentEvent::ActivityCorrected(_)
        | EnrolmentEvent::ActivityVoided(_)
        | EnrolmentEvent::SelfEvaluationRecorded(_)
        | EnrolmentEvent::SelfEvaluationCorrected(_)
        | EnrolmentEvent::SelfEvaluationVoided(_)
        | EnrolmentEvent::AssistanceCorrected(_) => Counted::Nothing,
    }
}

/// A request that is not open any more; if it was.
fn settled(rows: &mut Rows<Roster>, key: &str, since: u64) -> Counted {
    match rows.remove(key) {
        Some(Kept::Request(request)) if request.since == since => Counted::Settled,
        Some(_) | None => Counted::Nothing,
    }
}

/// The day of the last visit of an attempt. All visits of the file are at hand.
fn last_visit(rows: &Rows<Roster>, file: &str, since: u64) -> Option<NaiveDate> {
    let visits = rows.iter().filter_map(|(_, kept)| {
        let Kept::Visit(visit) = kept else { return None };
        (visit.since == since && visit.file == file).then_some(visit.on)
    });
    visits.max()
}
