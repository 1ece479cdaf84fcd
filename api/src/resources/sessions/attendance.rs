//! Who attended a session (W-68 … W-70): recorded in batches, corrected and voided one by one.

use axum::extract::State;
use chrono::NaiveDate;
use domain::Uscc;
use domain::ids::{AttendanceId, AudienceId, DocumentId, SessionId};
use domain::session::{AttendanceEntry, CorrectAttendance, RecordAttendance, SessionCommand, VoidAttendance};
use projections::sessions::Session;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::run;
use crate::answer::{Answer, Answered};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, VersionHeader};
use crate::keys::{Keys, SessionKey};
use crate::openapi::CommandProblems;
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::facts::VoidBody;
use crate::state::Api;

/// `/sessions/{session_id}/attendance/{attendance_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct AttendanceKey {
    /// The teaching session.
    #[param(value_type = String, format = "uuid")]
    pub session_id: SessionId,
    /// One organisation's attendance.
    #[param(value_type = String, format = "uuid")]
    pub attendance_id: AttendanceId,
}

/// One organisation's attendance.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttendanceEntryBody {
    /// The organisation, by any of its numbers.
    pub uscc: Uscc,
    /// Who came, of the rulebook's audiences.
    #[schema(max_items = 20)]
    pub audiences: Vec<AudienceId>,
    /// How many came.
    #[schema(minimum = 1, maximum = 100_000)]
    pub participants: u32,
}

impl AttendanceEntryBody {
    fn entry(self, attendance_id: AttendanceId) -> AttendanceEntry {
        AttendanceEntry { attendance_id, uscc: self.uscc, audiences: self.audiences, participants: self.participants }
    }
}

/// Who attended; all of it is recorded, or nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "entries": [{ "uscc": "91340202MA8EXAMP13", "audiences": ["middle_and_senior_managers"], "participants": 3 }],
    "occurred_on": "2026-02-20"
}))]
pub struct RecordAttendanceBody {
    /// The organisations.
    pub entries: Vec<AttendanceEntryBody>,
    /// The day of the session.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// One organisation's attendance as it should have been recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "uscc": "91340202MA8EXAMP13", "audiences": ["middle_and_senior_managers"], "participants": 4,
    "reason": "签到表漏登一人", "occurred_on": "2026-02-20"
}))]
pub struct CorrectAttendanceBody {
    /// The organisation, by any of its numbers.
    pub uscc: Uscc,
    /// Who came, of the rulebook's audiences.
    #[schema(max_items = 20)]
    pub audiences: Vec<AudienceId>,
    /// How many came.
    #[schema(minimum = 1, maximum = 100_000)]
    pub participants: u32,
    /// Why it is corrected.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the session.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Records who attended a session, once its day has come; by the award office.
///
/// Members that are not owed this teaching, and guests, are recorded as `extra`.
#[utoipa::path(post, path = "/sessions/{session_id}/attendance", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(SessionKey, CommandHeaders, VersionHeader), request_body = RecordAttendanceBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn record_attendance(
    State(api): State<Api>,
    Keys(SessionKey { session_id }): Keys<SessionKey>,
    commanding: Commanding,
    Body(body): Body<RecordAttendanceBody>,
) -> Result<Answered<Session>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let entries = body.entries.into_iter().map(|entry| entry.entry(AttendanceId::new(Uuid::now_v7()))).collect();
    let command = RecordAttendance { session_id, entries, common };
    run(&api, commanding, session_id, SessionCommand::RecordAttendance(command)).await
}

/// Corrects one organisation's attendance: whole new content; by the award office.
#[utoipa::path(post, path = "/sessions/{session_id}/attendance/{attendance_id}/corrections", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(AttendanceKey, CommandHeaders, VersionHeader), request_body = CorrectAttendanceBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn correct_attendance(
    State(api): State<Api>,
    Keys(AttendanceKey { session_id, attendance_id }): Keys<AttendanceKey>,
    commanding: Commanding,
    Body(body): Body<CorrectAttendanceBody>,
) -> Result<Answered<Session>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let CorrectAttendanceBody { uscc, audiences, participants, reason, .. } = body;
    let entry = AttendanceEntry { attendance_id, uscc, audiences, participants };
    let command = CorrectAttendance { session_id, entry, reason, common };
    run(&api, commanding, session_id, SessionCommand::CorrectAttendance(command)).await
}

/// Voids one organisation's attendance; by the award office.
#[utoipa::path(post, path = "/sessions/{session_id}/attendance/{attendance_id}/voidings", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(AttendanceKey, CommandHeaders, VersionHeader), request_body = VoidBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn void_attendance(
    State(api): State<Api>,
    Keys(AttendanceKey { session_id, attendance_id }): Keys<AttendanceKey>,
    commanding: Commanding,
    Body(body): Body<VoidBody>,
) -> Result<Answered<Session>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let command = VoidAttendance { session_id, attendance_id, reason: body.reason, common };
    run(&api, commanding, session_id, SessionCommand::VoidAttendance(command)).await
}

/// The paths of this resource.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(record_attendance))
        .routes(routes!(correct_attendance))
        .routes(routes!(void_attendance))
}
