//! A resource as resources are written: keys, filter, body, answer, handlers, routes.

use axum::extract::State;
use axum::routing::get;
use chrono::NaiveDate;
use domain::ids::ProgramId;
use domain::{Refusal, Uscc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Answered, Appended, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag, VersionHeader};
use crate::keys::Keys;
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page, Read};
use crate::problem::Problem;

/// What handlers use; a real resource takes the slice of the application that it needs.
#[derive(Debug, Clone)]
pub(super) struct Ponds;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PoolKey {
    /// The pool.
    #[param(value_type = String)]
    pool: ProgramId,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PondKey {
    /// The pool.
    #[param(value_type = String)]
    pool: ProgramId,
    /// The pond's number.
    #[param(value_type = String)]
    uscc: Uscc,
}

#[derive(Debug, Deserialize, IntoParams)]
struct PondFilter {
    /// Only ponds of these names.
    #[serde(default)]
    name: Vec<String>,
}

impl Filter for PondFilter {
    const SORTS: &'static [&'static str] = &["name"];
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DigPond {
    uscc: Uscc,
    occurred_on: NaiveDate,
    #[schema(min_length = 1)]
    name: String,
    #[serde(default)]
    depth: Option<u32>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct PondRow {
    name: String,
    dug_on: Option<NaiveDate>,
    depth: Option<u32>,
}

/// Digs a pond.
#[utoipa::path(
    post,
    path = "/pools/{pool}/ponds",
    tag = "facts",
    params(PoolKey, CommandHeaders, VersionHeader),
    request_body = DigPond,
    responses((status = 201, description = "The pond.", body = Answer<PondRow>), CommandProblems)
)]
async fn dig_pond(
    State(Ponds): State<Ponds>,
    Keys(key): Keys<PoolKey>,
    commanding: Commanding,
    Body(command): Body<DigPond>,
) -> Result<Answered<PondRow>, Problem> {
    if command.name == "third" {
        let recommender = commanding.actor.unit.parse().map_err(|e| Problem::internal(&e))?;
        return Err(Refusal::QuotaExceeded { recommender, limit: 2, used: 2 }.into());
    }
    let location = format!("/api/v1/pools/{}/ponds/{}", key.pool, command.uscc);
    let row = PondRow { name: command.name, dug_on: Some(command.occurred_on), depth: command.depth };
    let event = Appended { r#type: "PondDug".to_owned(), stream: "pond:1".to_owned(), version: 1, position: 41 };
    let tag = commanding.if_match.unwrap_or(Tag::Stream(1));
    Ok(Answered::new(row, vec![event]).created(location).tagged(tag))
}

/// Lists ponds.
#[utoipa::path(
    get,
    path = "/pools/{pool}/ponds",
    tag = "facts",
    params(PoolKey, List<PondFilter>, ReadHeaders),
    responses((status = 200, description = "The ponds.", body = Page<PondRow>), ReadProblems)
)]
async fn list_ponds(
    State(Ponds): State<Ponds>,
    Keys(_key): Keys<PoolKey>,
    _reading: Reading,
    list: List<PondFilter>,
) -> Result<Found<Page<PondRow>>, Problem> {
    let after: Option<String> = list.after()?;
    let rows = ["a", "b", "c", "d", "e"]
        .into_iter()
        .filter(|name| list.filter.name.is_empty() || list.filter.name.iter().any(|wanted| wanted == name))
        .filter(|name| after.as_deref().is_none_or(|after| *name > after))
        .map(|name| PondRow { name: name.to_owned(), dug_on: None, depth: None })
        .take(list.fetch())
        .collect();
    Ok(list.page(rows, |row| row.name.clone(), Read { position: 9, total: None }).into())
}

/// Shows a pond.
#[utoipa::path(
    get,
    path = "/pools/{pool}/ponds/{uscc}",
    tag = "facts",
    params(PondKey, ReadHeaders),
    responses((status = 200, description = "The pond.", body = PondRow), ReadProblems)
)]
async fn get_pond(State(Ponds): State<Ponds>, Keys(key): Keys<PondKey>) -> Result<Found<PondRow>, Problem> {
    let row = PondRow { name: format!("{} {}", key.pool, key.uscc), dug_on: None, depth: None };
    Ok(Found::tagged(row, Tag::Stream(3), 9))
}

/// What a resource file ends with.
pub(super) fn described() -> OpenApiRouter<Ponds> {
    OpenApiRouter::new().routes(routes!(dig_pond, list_ponds)).routes(routes!(get_pond))
}

/// The resource, and two handlers that go wrong.
pub(super) fn routes() -> OpenApiRouter<Ponds> {
    described().route("/panic", get(fail)).route("/slow", get(hang))
}

async fn fail() {
    panic!("the bottom fell out");
}

async fn hang() {
    std::future::pending::<()>().await;
}
