//! Teaching sessions (教学, §四（二）2, W-57 … W-70): scheduled, moved, cancelled, with experts and outcomes.

mod attendance;
mod bodies;

use std::collections::BTreeSet;

use app::Done;
use axum::extract::State;
use chrono::NaiveDate;
use domain::event::Event;
use domain::ids::{CycleId, OrganizationId, OutcomeId, SessionId, TeachingKindId};
use domain::session::{
    AssignExperts, CancelSession, RecordOutcome, RescheduleSession, ScheduleSession, SessionCommand, SessionEvent,
};
use domain::{Command, RecordedEvent};
use projections::sessions::{self, Session, SessionSort, SessionState};
use projections::{Scope, roster};
use serde::Deserialize;
use store::Db;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub use attendance::{AttendanceEntryBody, AttendanceKey, CorrectAttendanceBody, RecordAttendanceBody};
pub use bodies::{
    AssignExpertsBody, CancelSessionBody, PlanBody, RecordOutcomeBody, RescheduleSessionBody, ScheduleSessionBody,
};

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag, VersionHeader};
use crate::keys::{CycleKey, Keys, SessionKey};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Direction, Filter, List, Page};
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

/// Which sessions are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct SessionsFilter {
    /// Only teaching of these kinds.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub kind: Vec<TeachingKindId>,
    /// Only sessions in these states.
    #[serde(default)]
    #[param(inline)]
    pub state: Vec<SessionState>,
    /// Not before this day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Not after this day.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

impl Filter for SessionsFilter {
    const SORTS: &'static [&'static str] = &["on"];
}

/// Lists the sessions of a cycle, the earliest first.
#[utoipa::path(get, path = "/cycles/{cycle}/sessions", tag = "sessions", extensions(("x-permission" = json!("sessions.read"))),
    params(CycleKey, List<SessionsFilter>, ReadHeaders),
    responses((status = 200, description = "The sessions.", body = Page<Session>), ReadProblems))]
async fn list_sessions(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<SessionsFilter>,
) -> Result<Found<Page<Session>>, Problem> {
    let view = reading.view(&api).await?;
    super::cycles::shown(&api, &view.db, &key.cycle).await?;
    let filter = sessions::SessionFilter {
        kinds: list.filter.kind.clone(),
        from: list.filter.from,
        to: list.filter.to,
        states: list.filter.state.clone(),
    };
    let sort = match list.sort.direction {
        Direction::Ascending => SessionSort::On,
        Direction::Descending => SessionSort::OnDescending,
    };
    let page = sessions::list(&view.db, &key.cycle, reading.scope(), &filter, sort, &list.paging()?).await?;
    let seen = seen(&view.db, &key.cycle, reading.scope()).await?;
    let page = page.map(|session| as_seen(session, seen.as_ref()));
    Ok(list.found(page, view.position))
}

/// Schedules a session; by the award office. Class, year and audience are those of the rulebook, in principle.
#[utoipa::path(post, path = "/cycles/{cycle}/sessions", tag = "sessions", extensions(("x-permission" = json!("session.schedule"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = ScheduleSessionBody,
    responses((status = 201, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn schedule_session(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<ScheduleSessionBody>,
) -> Result<Answered<Session>, Problem> {
    let session_id = SessionId::new(Uuid::now_v7());
    let command = ScheduleSession {
        session_id,
        cycle: key.cycle.clone(),
        plan: body.plan.into(),
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Session(SessionCommand::Schedule(command));
    let done = api.run(commanding, &Target::Cycle(key.cycle), command, Vec::new()).await?;
    // A key that was used before is answered for the session scheduled then.
    let session_id = api.recorded(&done).await?.iter().find_map(scheduled).unwrap_or(session_id);
    let answer = shown(&api, &done, session_id).await?;
    Ok(answer.created(format!("/api/v1/sessions/{session_id}")))
}

/// Shows a session: plan, moves, attendance, outcomes.
#[utoipa::path(get, path = "/sessions/{session_id}", tag = "sessions", extensions(("x-permission" = json!("session.read"))), params(SessionKey, ReadHeaders),
    responses((status = 200, description = "The session.", body = Session), ReadProblems))]
async fn get_session(
    State(api): State<Api>,
    Keys(key): Keys<SessionKey>,
    reading: Reading,
) -> Result<Found<Session>, Problem> {
    let view = reading.view(&api).await?;
    let session = sessions::get(&view.db, key.session_id).await?.ok_or_else(|| Problem::not_found("session"))?;
    let tag = Tag::Stream(session.session_version);
    let seen = seen(&view.db, &session.cycle, reading.scope()).await?;
    Ok(Found::tagged(as_seen(session, seen.as_ref()), tag, view.position))
}

/// The organisations whose attendance a reader may see; an expert sees all of the sessions that it is assigned to.
async fn seen(db: &Db, cycle: &CycleId, scope: &Scope) -> Result<Option<BTreeSet<OrganizationId>>, Problem> {
    if scope.expert().is_some() {
        return Ok(None);
    }
    Ok(roster::seen(db, cycle, scope).await?)
}

/// A session with the attendance that a reader may see.
fn as_seen(mut session: Session, seen: Option<&BTreeSet<OrganizationId>>) -> Session {
    if let Some(seen) = seen {
        session.attendance.retain(|attended| seen.contains(&attended.content.organization));
        session.host = session.host.filter(|host| seen.contains(host));
    }
    session
}

/// Moves a session to another day or place, until attendance is recorded; by the award office.
#[utoipa::path(post, path = "/sessions/{session_id}/reschedulings", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(SessionKey, CommandHeaders, VersionHeader), request_body = RescheduleSessionBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn reschedule_session(
    State(api): State<Api>,
    Keys(SessionKey { session_id }): Keys<SessionKey>,
    commanding: Commanding,
    Body(body): Body<RescheduleSessionBody>,
) -> Result<Answered<Session>, Problem> {
    let command = RescheduleSession {
        session_id,
        on: body.on,
        place: body.place,
        reason: body.reason,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    run(&api, commanding, session_id, SessionCommand::Reschedule(command)).await
}

/// Cancels a session, until attendance is recorded; by the award office.
#[utoipa::path(post, path = "/sessions/{session_id}/cancellations", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(SessionKey, CommandHeaders, VersionHeader), request_body = CancelSessionBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn cancel_session(
    State(api): State<Api>,
    Keys(SessionKey { session_id }): Keys<SessionKey>,
    commanding: Commanding,
    Body(body): Body<CancelSessionBody>,
) -> Result<Answered<Session>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let command = CancelSession { session_id, reason: body.reason, common };
    run(&api, commanding, session_id, SessionCommand::Cancel(command)).await
}

/// Assigns further experts of the register to a session (§四（五）, W-20, W-22); by the award office.
#[utoipa::path(post, path = "/sessions/{session_id}/experts", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(SessionKey, CommandHeaders, VersionHeader), request_body = AssignExpertsBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn assign_session_experts(
    State(api): State<Api>,
    Keys(SessionKey { session_id }): Keys<SessionKey>,
    commanding: Commanding,
    Body(body): Body<AssignExpertsBody>,
) -> Result<Answered<Session>, Problem> {
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let command = AssignExperts { session_id, experts: body.experts, common };
    run(&api, commanding, session_id, SessionCommand::AssignExperts(command)).await
}

/// Records what came of a session (W-62 … W-66), as a whole or for one organisation; by the award office.
#[utoipa::path(post, path = "/sessions/{session_id}/outcomes", tag = "sessions", extensions(("x-permission" = json!("session.manage"))),
    params(SessionKey, CommandHeaders, VersionHeader), request_body = RecordOutcomeBody,
    responses((status = 200, description = "The session.", body = Answer<Session>), CommandProblems))]
async fn record_session_outcome(
    State(api): State<Api>,
    Keys(SessionKey { session_id }): Keys<SessionKey>,
    commanding: Commanding,
    Body(body): Body<RecordOutcomeBody>,
) -> Result<Answered<Session>, Problem> {
    let command = RecordOutcome {
        session_id,
        outcome_id: OutcomeId::new(Uuid::now_v7()),
        outcome: body.outcome,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    run(&api, commanding, session_id, SessionCommand::RecordOutcome(command)).await
}

/// Runs a command on a session, and answers it as it then stands.
async fn run(
    api: &Api,
    commanding: Commanding,
    session_id: SessionId,
    command: SessionCommand,
) -> Result<Answered<Session>, Problem> {
    match api.run(commanding, &Target::Session(session_id), Command::Session(command), Vec::new()).await {
        Ok(done) => shown(api, &done, session_id).await,
        // The id of a session does not tell its program; the label beside a clause is the program's.
        Err(problem) => Err(match sessions::get(api.app().store().db(), session_id).await? {
            Some(session) => api.labelled(problem, &Target::Program(session.program)),
            None => problem,
        }),
    }
}

/// The session as it stands after a command, with its tag.
async fn shown(api: &Api, done: &Done, session_id: SessionId) -> Result<Answered<Session>, Problem> {
    let session = sessions::get(&api.after(done).await?, session_id).await?;
    let session = session.ok_or_else(|| Problem::not_found("session"))?;
    let tag = Tag::Stream(session.session_version);
    Ok(answered(done, session).tagged(tag))
}

/// The session that an event schedules.
fn scheduled(event: &RecordedEvent) -> Option<SessionId> {
    match &event.event {
        Event::Session(SessionEvent::SessionScheduled { session_id, .. }) => Some(*session_id),
        Event::Session(_) | Event::Register(_) | Event::Organization(_) | Event::Cycle(_) | Event::Enrolment(_) => None,
    }
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(schedule_session, list_sessions))
        .routes(routes!(get_session))
        .routes(routes!(reschedule_session))
        .routes(routes!(cancel_session))
        .routes(routes!(assign_session_experts))
        .routes(routes!(record_session_outcome))
        .merge(attendance::routes())
}

#[cfg(test)]
mod tests;
