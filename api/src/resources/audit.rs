//! The audit trail (S7), for those who look after others: who did what, when, and what became of it.
//!
//! It is only read here; nothing changes or removes an entry.

pub mod chain;

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::Uscc;
use domain::ids::{CycleId, SessionId};
use projections::organizations;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Db;
use store::audit::{self, Entry, Filter as Wanted, Kind, Order, Outcome, Place, Target};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use app::AppError;

use crate::answer::Found;
use crate::headers::{ReadHeaders, Reading};
use crate::openapi::ReadProblems;
use crate::page::{Count, Direction, Filter, List, Page, Read};
use crate::problem::Problem;
use crate::state::Api;

/// How long a read waits for the trail to come to the position that it asks for.
const BEHIND: Duration = Duration::from_secs(5);

/// Which entries are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct AuditFilter {
    /// Accounts of persons.
    #[serde(default)]
    pub person: Vec<String>,
    /// Roles.
    #[serde(default)]
    pub role: Vec<String>,
    /// `command`, `read` (where it was refused), `sign_in`, `unmasking`, `export`.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub kind: Vec<Kind>,
    /// `accepted`, `refused`, `failed`.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub outcome: Vec<Outcome>,
    /// Codes of problem documents.
    #[serde(default)]
    pub code: Vec<String>,
    /// Ids of requests.
    #[serde(default)]
    pub request_id: Vec<String>,
    /// Cycles that it concerns.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub cycle: Vec<CycleId>,
    /// Organisations that it concerns, by any of their numbers.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub uscc: Vec<Uscc>,
    /// Sessions that it concerns.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub session_id: Vec<SessionId>,
    /// From this instant on (RFC 3339).
    #[serde(default)]
    #[param(required = false, nullable = false)]
    pub from: Option<DateTime<Utc>>,
    /// Before this instant (RFC 3339).
    #[serde(default)]
    #[param(required = false, nullable = false)]
    pub to: Option<DateTime<Utc>>,
}

impl Filter for AuditFilter {
    const SORTS: &'static [&'static str] = &["at"];
}

/// One entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub audit_id: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What was tried: `command`, `read`, `sign_in`, `unmasking`, `export`.
    #[schema(value_type = String, example = "command")]
    pub kind: Kind,
    /// What became of it: `accepted`, `refused`, `failed`.
    #[schema(value_type = String, example = "refused")]
    pub outcome: Outcome,
    /// The code of the problem that it was answered with.
    #[schema(example = "quota_exceeded")]
    pub code: Option<String>,
    /// The HTTP status that it was answered with; none of a command in the log, which was answered 200 or 201.
    pub status: Option<u16>,
    /// Who.
    pub actor: AuditActor,
    /// The id of the request.
    pub request_id: Option<String>,
    /// Method and path, with names in place of keys; none of a command in the log, whose events say what it did.
    #[schema(example = "POST /api/v1/cycles/{cycle}/nominations")]
    pub operation: Option<String>,
    /// What it concerns.
    pub targets: Vec<AuditTarget>,
    /// The decision, where it left one in the log.
    pub decision: Option<AuditDecision>,
    /// What else is to be known; for a command in the log `events`: how many of each type.
    #[schema(value_type = Object)]
    pub detail: Map<String, Value>,
}

/// Who did it, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditActor {
    /// The role.
    #[schema(example = "recommender")]
    pub role: Option<String>,
    /// The unit that the role is held for.
    #[schema(example = "office-quality")]
    pub unit: Option<String>,
    /// The account of the person.
    #[schema(example = "chen")]
    pub person: Option<String>,
}

/// Something that an entry concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditTarget {
    /// `program`, `cycle`, `organization` or `session`.
    #[schema(example = "cycle")]
    pub kind: String,
    /// Its id; an organisation's is a number of it.
    pub id: String,
}

/// A decision in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditDecision {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub decision_id: String,
    /// The position of its first event.
    pub first_position: u64,
    /// The position of its last event.
    pub last_position: u64,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        Self {
            audit_id: entry.audit_id.to_string(),
            at: entry.at,
            kind: entry.kind,
            outcome: entry.outcome,
            code: entry.code,
            status: entry.status,
            actor: AuditActor { role: entry.who.role, unit: entry.who.unit, person: entry.who.person },
            request_id: entry.request_id,
            operation: entry.operation,
            targets: entry.targets.into_iter().map(|Target { kind, id }| AuditTarget { kind, id }).collect(),
            decision: entry.decided.map(|decided| AuditDecision {
                decision_id: decided.decision_id,
                first_position: decided.first_position,
                last_position: decided.last_position,
            }),
            detail: entry.detail,
        }
    }
}

/// Lists the audit trail: every command, accepted or refused, refused reads, sign-ins, unmaskings and exports, by time.
///
/// `position` tells up to where the commands of the log are in it; what was refused is in it at once.
#[utoipa::path(get, path = "/audit", tag = "audit", params(List<AuditFilter>, ReadHeaders),
    responses((status = 200, description = "The entries.", body = Page<AuditEntry>), ReadProblems),
    extensions(("x-permission" = json!("audit.read"))))]
async fn list_audit(
    State(api): State<Api>,
    reading: Reading,
    wanted: List<AuditFilter>,
) -> Result<Found<Page<AuditEntry>>, Problem> {
    let position = stands(&api, reading.min_position).await?;
    let db = api.app().store().db();
    let filter = filter(db, &wanted.filter).await?;
    let order = match wanted.sort.direction {
        Direction::Ascending => Order::Ascending,
        Direction::Descending => Order::Descending,
    };
    let total = match wanted.count {
        Count::Page => None,
        Count::All => Some(audit::count(db, &filter).await?),
    };
    let after: Option<Place> = wanted.after()?;
    let limit = u32::try_from(wanted.fetch()).unwrap_or(u32::MAX);
    let entries = audit::list(db, &filter, order, after.as_ref(), limit).await?;
    let page = wanted.page(entries, Place::of, Read { position, total });
    let Page { items, next_cursor, position, total } = page;
    let items = items.into_iter().map(AuditEntry::from).collect();
    // By content, not by position: what was refused leaves no event.
    Ok(Found::projected(Page { items, next_cursor, position, total }, position).hashed())
}

/// Where the trail stands, once it has come to the position that is asked for.
async fn stands(api: &Api, min_position: Option<u64>) -> Result<u64, Problem> {
    let given = min_position.unwrap_or_default();
    let head = api.app().store().feed().head().await?;
    if given > head {
        return Err(AppError::PositionUnknown { given, head }.into());
    }
    let stands = api.app().store().audited(given, BEHIND).await?;
    if stands < given { Err(AppError::ReadModelBehind(given).into()) } else { Ok(stands) }
}

async fn filter(db: &Db, wanted: &AuditFilter) -> Result<Wanted, Problem> {
    let mut targets = vec![
        wanted.cycle.iter().map(|id| Target::new("cycle", id)).collect(),
        wanted.session_id.iter().map(|id| Target::new("session", id)).collect(),
        numbers(db, &wanted.uscc).await?,
    ];
    targets.retain(|one_of: &Vec<Target>| !one_of.is_empty());
    Ok(Wanted {
        persons: wanted.person.clone(),
        roles: wanted.role.clone(),
        kinds: wanted.kind.clone(),
        outcomes: wanted.outcome.clone(),
        codes: wanted.code.clone(),
        request_ids: wanted.request_id.clone(),
        targets,
        from: wanted.from,
        to: wanted.to,
    })
}

/// The organisations of these numbers, by all of the numbers that each has or had.
async fn numbers(db: &Db, given: &[Uscc]) -> Result<Vec<Target>, Problem> {
    let mut targets: Vec<_> = given.iter().map(|number| Target::new("organization", number)).collect();
    for number in given {
        let Some(id) = organizations::resolve(db, number).await? else { continue };
        let numbers = organizations::get(db, &id).await?.map(|organization| organization.numbers).unwrap_or_default();
        targets.extend(numbers.iter().map(|held| Target::new("organization", &held.uscc)));
    }
    targets.sort();
    targets.dedup();
    Ok(targets)
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_audit)).merge(chain::routes())
}

#[cfg(test)]
mod tests;
