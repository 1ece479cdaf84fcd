//! The layer that records what the log does not: refusals, and what is done without an event (S7).
//!
//! A command that was accepted is in the log, and the audit trail follows it. Everything else passes here on its way
//! out: a refused command; a refused read, where it was for who asked and not for what; a success that left no event,
//! e.g. an upload. It is recorded before it is answered. A handler says by its [`Trail`] what else there is to be known.

mod unknown;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::access::Admitted;
use app::{App, AppError};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::Uscc;
use domain::ids::{CycleId, PersonId, ProgramId, SessionId};
use serde_json::Value;
use store::audit::{Entry, Kind, Outcome, Target, Who};
use tracing::{Instrument as _, Span};

use crate::access::Named;
use crate::export::Record;
use crate::headers::POSITION;
use crate::layers::RequestId;
use crate::problem::{Code, Problem};
use crate::query::Given;
use unknown::Unknown;

/// Marks a `404` that conceals: the resource is there, and not for who asked. It is recorded like a `403`.
#[derive(Debug, Clone, Copy)]
pub struct Concealed;

/// Marks a `429` to somebody who asked too often, whatever it was for: of these not every one is recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hurried;

/// Where refusals are recorded.
#[derive(Clone)]
pub struct Audit(Option<Arc<Kept>>);

struct Kept {
    app: Arc<App>,
    unknown: Unknown,
    hurried: Unknown,
}

impl Audit {
    /// In the audit trail of these use cases.
    #[must_use]
    pub fn of(app: Arc<App>) -> Self {
        Self(Some(Arc::new(Kept { app, unknown: Unknown::default(), hurried: Unknown::default() })))
    }

    /// Nowhere: for a router without use cases.
    #[must_use]
    pub const fn nowhere() -> Self {
        Self(None)
    }
}

/// One request as the trail sees it. Handlers take it as an extractor. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Trail(Arc<Asked>);

#[derive(Debug)]
struct Asked {
    method: Method,
    route: Option<MatchedPath>,
    uri: Uri,
    /// Who asks, as the door found out.
    named: Option<Who>,
    request_id: RequestId,
    /// What was found out of it on the way.
    found: Mutex<Found>,
    recorded: AtomicBool,
}

#[derive(Debug, Default)]
struct Found {
    who: Option<Who>,
    kind: Option<Kind>,
}

impl<S: Send + Sync> FromRequestParts<S> for Trail {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let trail = parts.extensions.get::<Self>().cloned();
        trail.ok_or_else(|| Problem::internal(&"a request went past the audit trail"))
    }
}

impl Trail {
    fn of(request: &Request) -> Self {
        let request_id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
        Self(Arc::new(Asked {
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            uri: request.uri().clone(),
            named: named(request.extensions()),
            request_id,
            found: Mutex::default(),
            recorded: AtomicBool::new(false),
        }))
    }

    /// Says who asks, where it was found out in another way than by `Hatchery-Actor`.
    pub fn acting(&self, who: impl Into<Who>) {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner).who = Some(who.into());
    }

    /// Says what is tried, where it is neither a command nor a plain read. Then it is recorded whatever becomes of it.
    pub fn tries(&self, kind: Kind) {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner).kind = Some(kind);
    }

    /// An entry of this request, as far as it is known; accepted unless said otherwise.
    #[must_use]
    pub fn entry(&self, kind: Kind, at: DateTime<Utc>) -> Entry {
        let asked = &self.0;
        let mut entry = Entry::new(kind, at).by(self.who());
        entry.request_id = Some(asked.request_id.as_str().to_owned());
        if let Some(route) = &asked.route {
            entry.operation = Some(format!("{} {}", asked.method, route.as_str()));
            entry.targets = targets(route.as_str(), asked.uri.path());
        }
        entry
    }

    /// Records an entry now; the answer that follows is not recorded again.
    pub async fn record(&self, app: &App, entry: Entry) -> Result<(), Problem> {
        app.audit(entry).await?;
        self.0.recorded.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn who(&self) -> Who {
        let found = self.0.found.lock().unwrap_or_else(PoisonError::into_inner).who.clone();
        found.or_else(|| self.0.named.clone()).unwrap_or_default()
    }

    fn kind(&self) -> Option<Kind> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner).kind
    }

    /// Whether something is to be changed; trying it out is not.
    fn commands(&self) -> bool {
        let given = || Given::parse(self.0.uri.query().unwrap_or_default()).ok();
        let rehearsed = || given().is_some_and(|given| matches!(given.one("dry_run"), Ok(Some("true"))));
        !self.0.method.is_safe() && !rehearsed()
    }

    /// What is to be recorded of an answer, if anything is.
    fn of_answer(&self, response: &Response, at: DateTime<Utc>) -> Option<Entry> {
        if self.0.recorded.load(Ordering::Relaxed) {
            return None;
        }
        let said = self.kind();
        let commands = self.commands();
        let kind = said.unwrap_or(if commands { Kind::Command } else { Kind::Read });
        let asked_for = said.is_some() || commands;
        let problem = response.extensions().get::<Problem>();
        let recorded = match problem.map(Problem::code) {
            // There is no such command, or the database that would keep the entry is away.
            Some(Code::UnknownPath | Code::MethodNotAllowed) => false,
            _ if response.status() == StatusCode::SERVICE_UNAVAILABLE => false,
            Some(Code::NotAuthenticated | Code::NotPermitted) => true,
            Some(_) => asked_for || concealed(response.extensions()),
            // An event is in the log.
            None if response.headers().contains_key(POSITION) => said.is_some(),
            None => asked_for && self.0.route.is_some(),
        };
        recorded.then(|| {
            let mut entry = self.entry(kind, at);
            let status = response.status();
            entry.status = Some(status.as_u16());
            entry.outcome = match status {
                status if status.is_server_error() => Outcome::Failed,
                status if status.is_client_error() => Outcome::Refused,
                _ => Outcome::Accepted,
            };
            entry.code = problem.map(|problem| problem.code().to_string());
            match problem.and_then(|problem| problem.members().get("rule")) {
                Some(rule) => entry.with("rule", rule.clone()),
                None => entry,
            }
        })
    }
}

/// Who asks: as let in, else as far as was found out before it was refused.
pub(crate) fn named(extensions: &Extensions) -> Option<Who> {
    match extensions.get::<Arc<Admitted>>() {
        Some(admitted) => Some(who(admitted)),
        None => extensions.get::<Named>().map(|Named(who)| who.clone()),
    }
}

fn who(admitted: &Admitted) -> Who {
    let grant = &admitted.holding.grant;
    let (role, unit) = (Some(grant.role.to_string()), Some(grant.unit.clone()));
    Who { role, unit, person: Some(admitted.principal.login.clone()) }
}

/// Records exports: who took which list, filtered how, and how much of it.
pub(crate) fn exports(app: Arc<App>) -> Record {
    Arc::new(move |exported| {
        let app = Arc::clone(&app);
        Box::pin(async move {
            let mut entry = Entry::new(Kind::Export, app.clock().now()).by(exported.who);
            entry.operation = Some(exported.operation);
            entry.request_id = Some(exported.request_id);
            entry.targets = exported.filters.iter().filter_map(|(key, value)| target(key, value)).collect();
            let filters: Vec<Value> = exported.filters.iter().map(|(key, _)| Value::from(key.as_str())).collect();
            let entry = entry
                .with("format", exported.format.extension())
                .with("rows", exported.rows)
                .with("complete", exported.complete)
                .with("position", exported.position)
                .with("filters", filters);
            if let Err(error) = app.audit(entry).await {
                tracing::error!(%error, "an export could not be recorded");
            }
        })
    })
}

fn concealed(extensions: &Extensions) -> bool {
    extensions.get::<Concealed>().is_some()
}

/// What the keys of a path name, where they are keys of their kind; whatever else a client writes there is not kept.
fn targets(route: &str, path: &str) -> Vec<Target> {
    let keys = route.split('/').zip(path.split('/'));
    let named = keys.filter_map(|(key, given)| Some((key.strip_prefix('{')?.strip_suffix('}')?, given)));
    named.filter_map(|(key, given)| target(key, given)).collect()
}

/// What a key names, if it is a key of its kind.
fn target(key: &str, given: &str) -> Option<Target> {
    match key {
        "program" => given.parse::<ProgramId>().ok().map(|id| Target::new("program", &id)),
        "cycle" => given.parse::<CycleId>().ok().map(|id| Target::new("cycle", &id)),
        "uscc" => given.parse::<Uscc>().ok().map(|id| Target::new("organization", &id)),
        "session_id" => given.parse::<SessionId>().ok().map(|id| Target::new("session", &id)),
        "person_id" => given.parse::<PersonId>().ok().map(|id| Target::new("person", &id)),
        _ => None,
    }
}

/// Records what is to be recorded of each request, before it is answered.
pub(crate) async fn audited(State(audit): State<Audit>, mut request: Request, next: Next) -> Response {
    let trail = Trail::of(&request);
    request.extensions_mut().insert(trail.clone());
    let Some(kept) = audit.0 else { return next.run(request).await };
    let changes = !request.method().is_safe();
    let served = async move {
        let response = next.run(request).await;
        let at = kept.app.clock().now();
        let hurried = response.extensions().get::<Hurried>().is_some();
        let bounded = |entry: Entry| match (hurried, &entry.who.person) {
            (true, _) => kept.hurried.admit(entry),
            (false, None) => kept.unknown.admit(entry),
            (false, Some(_)) => Some(entry),
        };
        let Some(entry) = trail.of_answer(&response, at).and_then(bounded) else { return response };
        match kept.app.audit(entry).await {
            Ok(()) => response,
            // What is not in the trail is not answered as if it were.
            Err(error) => unrecorded(error, response.status()).into_response(),
        }
    };
    if !changes {
        return served.await;
    }
    // A client that goes away is recorded all the same.
    let served = tokio::spawn(served.instrument(Span::current()));
    served.await.unwrap_or_else(|error| Problem::internal(&error).into_response())
}

/// The answer in place of one that could not be recorded.
fn unrecorded(error: AppError, status: StatusCode) -> Problem {
    let outcome = if status.is_client_error() { store::Outcome::None } else { store::Outcome::Unknown };
    let away = matches!(error, AppError::StoreUnavailable(_));
    if away { AppError::StoreUnavailable(outcome).into() } else { error.into() }
}

#[cfg(test)]
mod tests;
