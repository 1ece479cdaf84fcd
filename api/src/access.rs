//! Access control around all resources: who a request is from, whether it may, and as what.
//!
//! `identify` stands outside of everything and decides; `admitted` stands right before the resources and refuses.
//! Between the two, answers that are kept may be given to whoever sees the same.

mod hurry;
pub(crate) mod redaction;

use std::sync::Arc;

use app::access::admission::Denied;
use app::access::grant::Office;
use app::access::secrets::Secret;
use app::access::{Admitted, Known, Principal, Resource, Role};
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ids::{CycleId, PersonId, ProgramId, SessionId};
use domain::session::SessionEvent;
use domain::{Actor, Event, Refusal, StreamId, StreamKind, Uscc};
use projections::cycles;
use store::audit::Who;
use store::persons;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use crate::audit::{Concealed, Hurried};
use crate::headers::{awaited, claim};
use crate::layers::Limits;
use crate::openapi::PerOperation;
use crate::problem::{Code, Problem};
use crate::state::{Api, COMMANDS, Target};

/// The cookie of a sign-in. The prefix binds it to this host, this path and TLS.
pub const COOKIE: &str = "__Host-hatchery";
/// Where an operation declares its permission.
pub const PERMISSION: &str = "x-permission";
/// What an operation declares that asks nobody who he is.
const PUBLIC: &str = "public";

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
#[error("operations without a permission that the policy knows: {}", .0.join(", "))]
pub struct Undeclared(Vec<String>);

/// What the doors know: the permission of each operation.
#[derive(Clone)]
pub(crate) struct Doors {
    api: Api,
    permissions: PerOperation<String>,
    limits: Limits,
}

impl Doors {
    /// The doors of the operations of a document.
    ///
    /// # Errors
    /// If one declares no permission, or one that the policy does not know: the service must not start.
    pub(crate) fn new(api: Api, document: &OpenApi, limits: Limits) -> Result<Self, Undeclared> {
        let undeclared: Vec<String> = crate::openapi::all(document)
            .filter(|(.., operation)| {
                let declared = permission(operation);
                declared != PUBLIC && !api.app().policy().knows(&declared)
            })
            .map(|(path, method, _)| format!("{method} {path}"))
            .collect();
        if undeclared.is_empty() {
            Ok(Self { api, permissions: PerOperation::of(document, permission), limits })
        } else {
            Err(Undeclared(undeclared))
        }
    }
}

/// What an operation declares; nothing that a policy could know, if it declares none.
pub(crate) fn permission(operation: &Operation) -> String {
    let declared = operation.extensions.as_ref().and_then(|extensions| extensions.get(PERMISSION));
    declared.and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// A request that was refused at the door; the reason waits until the answer can be written.
#[derive(Clone)]
struct Refused {
    problem: Problem,
    /// Whether it is said not to be there although it may be.
    concealed: bool,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self { problem, concealed: false }
    }
}

/// Who asks, as far as the door found out, let in or not.
#[derive(Clone)]
pub(crate) struct Named(pub(crate) Who);

/// A request of an operation that is for everybody.
#[derive(Clone)]
struct ForEverybody;

/// Finds out who a request is from, and what it was let in as.
pub(crate) async fn identify(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let Some(permission) = doors.permissions.find(&request).cloned() else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    // Where a request comes from depends on whether a proxy says so.
    parts.extensions.insert(doors.limits);
    if permission == PUBLIC {
        match hurry::stranger(&doors.api, &parts) {
            Ok(()) => drop(parts.extensions.insert(ForEverybody)),
            Err(problem) => drop(parts.extensions.insert(Refused::from(problem))),
        }
        return next.run(Request::from_parts(parts, body)).await;
    }
    match let_in(&doors.api, &mut parts, &permission).await {
        Ok(admitted) => {
            parts.extensions.insert(admitted);
        }
        Err(refused) => {
            parts.extensions.insert(refused);
        }
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Serves who was let in, and refuses everybody else.
pub(crate) async fn admitted(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let Some(Refused { problem, concealed }) = extensions.get() {
        if !request.method().is_safe() {
            metrics::counter!(COMMANDS, "outcome" => problem.code().as_str()).increment(1);
        }
        let mut response = problem.clone().into_response();
        if *concealed {
            response.extensions_mut().insert(Concealed);
        }
        if problem.code() == Code::RateLimited {
            response.extensions_mut().insert(Hurried);
        }
        return response;
    }
    if extensions.get::<Arc<Admitted>>().is_none() && extensions.get::<ForEverybody>().is_none() {
        return Problem::internal(&"a request came past the door").into_response();
    }
    next.run(request).await
}

async fn let_in(api: &Api, parts: &mut Parts, permission: &str) -> Result<Arc<Admitted>, Refused> {
    let known = match known(api, parts).await {
        Err(problem) if problem.code() == Code::NotAuthenticated => {
            hurry::stranger(api, parts)?;
            return Err(problem.into());
        }
        known => known?,
    };
    let principal = &known.principal;
    let named = |office: Option<&Office>| Named(who(principal, office));
    parts.extensions.insert(named(None));
    hurry::account(api, principal.account_id)?;
    if principal.must_change && permission != "self" {
        return Err(Problem::of(Code::PasswordChangeRequired).into());
    }
    let claim = claim(parts)?;
    let wanted = claim.as_ref().map(|claim| &claim.office);
    let own = claim.as_ref().is_none_or(|claim| claim.person == principal.login);
    if !own || (wanted.is_some() && principal.using(wanted).is_empty()) {
        return Err(Problem::new(
            Code::NotPermitted,
            "Hatchery-Actor 不是已登录账号的角色。",
            "Hatchery-Actor is not a role of the account that signed in.",
        )
        .into());
    }
    parts.extensions.insert(named(wanted));
    // What there is to be let in to, read models say: no earlier than the reader wants them.
    if let Some(position) = awaited(parts) {
        api.app().caught_up(Some(position)).await.map_err(Problem::from)?;
    }
    let policy = api.app().policy();
    if let Some(person) = person(parts).await? {
        // Whoever may do it where the person is named, may do it.
        for place in places(api, person, principal).await? {
            if let Ok(admitted) = known.admit(policy, permission, wanted, place) {
                return Ok(admitted);
            }
        }
        return Err(Refused { problem: Problem::not_found("person"), concealed: true });
    }
    let resource = resource(api, parts, principal).await?;
    known.admit(policy, permission, wanted, resource).map_err(denied)
}

fn denied(denied: Denied) -> Refused {
    match denied {
        Denied::Unknown(kind) => Refused { problem: Problem::not_found(kind), concealed: true },
        Denied::NotPermitted(Some(role)) => Problem::from(Refusal::NotPermitted { role }).into(),
        Denied::NotPermitted(None) => Problem::of(Code::NotPermitted).into(),
    }
}

/// A principal as the audit trail names it: the role is the one asked with, or the only one held.
fn who(principal: &Principal, office: Option<&Office>) -> Who {
    let only = match principal.holdings.as_slice() {
        [only] => Some(only.grant.office()),
        _ => None,
    };
    let office = office.cloned().or(only);
    Who {
        role: office.as_ref().map(|office| office.role.to_string()),
        unit: office.map(|office| office.unit),
        person: Some(principal.login.clone()),
    }
}

/// Who signed in, by a token or by a cookie.
async fn known(api: &Api, parts: &Parts) -> Result<Arc<Known>, Problem> {
    let gate = api.app().gate();
    let found = match (bearer(parts), cookie(parts)) {
        (Some(token), _) => gate.by_token(&token).await.map_err(app::AppError::from)?,
        (None, Some(cookie)) if !parts.method.is_safe() && is_foreign(parts) => {
            tracing::warn!(
                path = parts.extensions.get::<MatchedPath>().map_or("-", MatchedPath::as_str),
                "a request with a cookie came from another site"
            );
            drop(cookie);
            None
        }
        (None, Some(cookie)) => gate.by_cookie(&cookie).await.map_err(app::AppError::from)?,
        (None, None) => None,
    };
    found.ok_or_else(|| {
        Problem::of(Code::NotAuthenticated).with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    })
}

/// The token of `Authorization: Bearer …`. Any other scheme opens nothing.
fn bearer(parts: &Parts) -> Option<Secret> {
    let given = parts.headers.get(header::AUTHORIZATION)?;
    let token = given.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default();
    Some(Secret::presented(token.trim()))
}

/// The secret in our cookie.
pub(crate) fn cookie(parts: &Parts) -> Option<Secret> {
    cookie_named(parts, COOKIE)
}

/// What a cookie holds.
pub(crate) fn cookie_named(parts: &Parts, wanted: &str) -> Option<Secret> {
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, secret)| Secret::presented(secret))
}

/// Whether a browser says that another site makes the request (CSRF).
fn is_foreign(parts: &Parts) -> bool {
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").map(|(_, place)| place) != Some(host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// The person that the path names, if it names one.
async fn person(parts: &mut Parts) -> Result<Option<PersonId>, Problem> {
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|cause| Problem::internal(&cause))?;
    let named = params.iter().find(|(key, _)| *key == "person_id").map(|(_, value)| value.parse());
    named.transpose().map_err(|_| Problem::not_found("person"))
}

/// The files, organisations and registers that name a person.
async fn places(api: &Api, person: PersonId, principal: &Principal) -> Result<Vec<Resource>, Problem> {
    let db = api.app().store().db();
    let kinds = [StreamKind::Register, StreamKind::Enrolment, StreamKind::Organization];
    let streams = persons::streams_naming(db, &[person], &kinds).await.map_err(app::AppError::from)?;
    let experts = principal.holdings.iter().any(|holding| holding.grant.role == Role::Expert);
    let mut places = Vec::new();
    for (_, stream) in streams {
        let place = if let Some((cycle, organization)) = stream.as_enrolment() {
            let Some(program) = api.program(&Target::Cycle(cycle.clone())) else { continue };
            let uscc = organization.first_uscc();
            Resource::file(db, &program, (&cycle, uscc), experts).await.map_err(app::AppError::from)?
        } else if let Some(organization) = stream.as_organization() {
            Resource::organization(db, organization.first_uscc()).await.map_err(app::AppError::from)?
        } else {
            stream.id().parse().ok().map(Resource::Program)
        };
        places.extend(place);
    }
    Ok(places)
}

/// What the keys of the path name.
async fn resource(api: &Api, parts: &mut Parts, principal: &Principal) -> Result<Resource, Problem> {
    let params = RawPathParams::from_request_parts(parts, &()).await.map_err(|cause| Problem::internal(&cause))?;
    let key = |name: &str| params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
    let db = api.app().store().db();
    if let Some(cycle) = key("cycle") {
        let cycle: CycleId = cycle.parse().map_err(|_| Problem::not_found("cycle"))?;
        let program = match api.program(&Target::Cycle(cycle.clone())) {
            Some(program) => program,
            // Opened under a program whose rulebook is no longer here.
            None => cycles::row(db, &cycle).await?.ok_or_else(|| Problem::not_found("cycle"))?.program,
        };
        let Some(uscc) = key("uscc") else { return Ok(Resource::Cycle(program)) };
        let uscc: Uscc = uscc.parse().map_err(|_| Problem::not_found("organization"))?;
        let experts = principal.holdings.iter().any(|holding| holding.grant.role == Role::Expert);
        let file = Resource::file(db, &program, (&cycle, &uscc), experts).await.map_err(app::AppError::from)?;
        return Ok(file.unwrap_or_else(|| Resource::no_file(program, &uscc)));
    }
    if let Some(program) = key("program") {
        let program: ProgramId = program.parse().map_err(|_| Problem::not_found("program"))?;
        api.rulebook(&program)?;
        return Ok(Resource::Program(program));
    }
    if let Some(session) = key("session_id") {
        let id: SessionId = session.parse().map_err(|_| Problem::not_found("session"))?;
        let known = Resource::session(db, id).await.map_err(app::AppError::from)?;
        return match known {
            Some(session) => Ok(session),
            None => recorded(api, id).await,
        };
    }
    if let Some(uscc) = key("uscc") {
        let uscc: Uscc = uscc.parse().map_err(|_| Problem::not_found("organization"))?;
        let known = Resource::organization(db, &uscc).await.map_err(app::AppError::from)?;
        return known.ok_or_else(|| Problem::not_found("organization"));
    }
    Ok(Resource::Installation)
}

/// A session that read models do not show yet, as its stream begins.
async fn recorded(api: &Api, id: SessionId) -> Result<Resource, Problem> {
    let events = api.app().store().feed().stream(&StreamId::session(id), 0).await.map_err(app::AppError::from)?;
    let begun = events.first().and_then(|event| {
        let Event::Session(SessionEvent::SessionScheduled { program, plan, .. }) = &event.event else { return None };
        let experts = plan.experts.iter().map(ToString::to_string).collect();
        Some(Resource::Session { program: program.clone(), experts })
    });
    begun.ok_or_else(|| Problem::not_found("session"))
}

/// Whether two actors are of the same unit.
pub(crate) fn same_unit(actor: &Actor, uploaded_by: &str) -> bool {
    uploaded_by.parse::<Actor>().is_ok_and(|by| by.role == actor.role && by.unit == actor.unit)
}

#[cfg(test)]
pub(crate) mod testing {
    //! A door for routers without a database: whoever is named is let in as that.

    use std::collections::BTreeSet;

    use super::*;
    use app::access::grant::Claim;
    use app::access::{Grant, Holding, Via};
    use chrono::DateTime;
    use projections::Scope;
    use uuid::Uuid;

    /// Lets a request in as the actor that it names, and one that only reads as an integration.
    pub(crate) async fn as_claimed(request: Request, next: Next) -> Response {
        let (mut parts, body) = request.into_parts();
        match claim(&parts) {
            Err(problem) => return problem.into_response(),
            Ok(Some(claim)) => {
                parts.extensions.insert(Arc::new(let_in_as(&claim)));
            }
            Ok(None) if parts.method.is_safe() => {
                let reader = "integration/all/reader".parse().unwrap();
                parts.extensions.insert(Arc::new(let_in_as(&reader)));
            }
            Ok(None) => {}
        }
        next.run(Request::from_parts(parts, body)).await
    }

    fn let_in_as(claim: &Claim) -> Admitted {
        let grant = Grant { role: claim.office.role, program: None, unit: claim.office.unit.clone() };
        let holding = Holding {
            actor: grant.actor(&claim.person),
            grant,
            districts: BTreeSet::new(),
            stations: BTreeSet::new(),
            recommenders: BTreeSet::new(),
            organization: None,
            within: None,
        };
        let principal = Principal {
            account_id: Uuid::nil(),
            login: claim.person.clone(),
            must_change: false,
            via: Via::SignIn(Uuid::nil()),
            holdings: vec![holding.clone()],
            ends_at: DateTime::UNIX_EPOCH,
        };
        let sight = app::access::admission::Sight::default();
        Admitted { principal: Arc::new(principal), holding: Arc::new(holding), scope: Scope::All, wall: None, sight }
    }
}
