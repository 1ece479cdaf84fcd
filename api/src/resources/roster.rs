//! The roster (名册) of a cycle and the balance of its classes, now or at another time.

use axum::extract::State;
use chrono::NaiveDate;
use domain::cycle::Stage;
use domain::forms::annex1::{KeyField, Nature, Sector, Size};
use domain::ids::{ClassId, CycleId, DistrictId, RecommenderId, StationId};
use projections::balance::Balance;
use projections::roster::{self, Census, Line, RosterFilter, RosterRow, RosterSort, Sheet, Standing};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::Db;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::redaction;
use crate::answer::Found;
use crate::headers::{ReadHeaders, Reading};
use crate::keys::{CycleKey, Keys};
use crate::moment::MomentParams;
use crate::openapi::ReadProblems;
use crate::page::{Filter, List, Page};
use crate::problem::Problem;
use crate::query::Query;
use crate::state::Api;

/// Whose files are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Applicants (申请组织).
    Applicant,
    /// Members (孵化组织): the pool.
    Member,
    /// Files that are no longer live.
    Former,
    /// Everybody.
    All,
}

/// Which rows of a roster are listed. A repeated filter means *or*.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct RosterParams {
    /// Whose files; members if not given.
    #[serde(default)]
    #[param(inline)]
    pub standing: Vec<Whose>,
    /// Only files at these stages.
    #[serde(default)]
    #[param(inline)]
    pub stage: Vec<Stage>,
    /// Only files of these classes.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub class: Vec<ClassId>,
    /// Only files of these districts, those merged into them included.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub district: Vec<DistrictId>,
    /// Only files of these stations.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub station: Vec<StationId>,
    /// Only files nominated by these recommenders.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub recommender: Vec<RecommenderId>,
    /// Only these kinds of organisation (组织性质).
    #[serde(default)]
    #[param(inline)]
    pub nature: Vec<Nature>,
    /// Only these sizes (组织规模).
    #[serde(default)]
    #[param(inline)]
    pub size: Vec<Size>,
    /// Only these sectors (所属行业).
    #[serde(default)]
    #[param(inline)]
    pub sector: Vec<Sector>,
    /// Only these key fields (所属先导产业和重点领域).
    #[serde(default)]
    #[param(inline)]
    pub key_field: Vec<KeyField>,
    /// Only files with one of these priority tags.
    #[serde(default)]
    pub tag: Vec<String>,
    /// Only files with one of these texts in the name or number, in any case.
    #[serde(default)]
    pub search: Vec<String>,
    /// Only what had happened by this day, as known now.
    #[serde(default)]
    #[param(required = false, nullable = false, example = "2026-06-30")]
    pub as_of: Option<NaiveDate>,
    /// Only what had been recorded by this position or RFC 3339 instant.
    #[serde(default)]
    #[param(required = false, nullable = false)]
    pub known_at: Option<String>,
}

impl Filter for RosterParams {
    const SORTS: &'static [&'static str] =
        &["number", "name", "uscc", "class", "admitted_on", "last_visit_on", "next_due_on"];
}

impl RosterParams {
    fn moment(&self) -> MomentParams {
        MomentParams { as_of: self.as_of, known_at: self.known_at.clone() }
    }

    fn filter(&self) -> RosterFilter {
        RosterFilter {
            standings: standings(&self.standing),
            stages: self.stage.clone(),
            classes: self.class.clone(),
            districts: self.district.clone(),
            stations: self.station.clone(),
            recommenders: self.recommender.clone(),
            natures: self.nature.clone(),
            sizes: self.size.clone(),
            sectors: self.sector.clone(),
            key_fields: self.key_field.clone(),
            tags: self.tag.clone(),
            search: self.search.clone(),
        }
    }
}

/// The standings wanted; everybody is no filter at all.
fn standings(whose: &[Whose]) -> Vec<Standing> {
    if whose.is_empty() {
        return vec![Standing::Member];
    }
    let standing = |one: &Whose| match one {
        Whose::Applicant => Some(Standing::Applicant),
        Whose::Member => Some(Standing::Member),
        Whose::Former => Some(Standing::Former),
        Whose::All => None,
    };
    whose.iter().map(standing).collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn sort(field: &str) -> RosterSort {
    match field {
        "name" => RosterSort::Name,
        "uscc" => RosterSort::Uscc,
        "class" => RosterSort::Class,
        "admitted_on" => RosterSort::AdmittedOn,
        "last_visit_on" => RosterSort::LastVisitOn,
        "next_due_on" => RosterSort::NextDueOn,
        _ => RosterSort::Number,
    }
}

/// One page of a roster, headed by what the whole cycle adds up to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterPage {
    /// The rows.
    #[schema(value_type = Vec<RosterRow>)]
    pub items: Vec<Line>,
    /// Leads to the next page; null on the last one.
    pub next_cursor: Option<String>,
    /// The position of the event log that this shows.
    pub position: u64,
    /// All rows that the filters leave, if `count=true` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<u64>,
    /// Files of the whole cycle by standing, and members per class, whatever the filters.
    #[schema(value_type = Census)]
    pub totals: Box<RawValue>,
    /// How the class counts of the whole cycle stand to their bounds (W-56).
    #[schema(value_type = Balance)]
    pub balance: Box<RawValue>,
}

/// Lists the files of a cycle: its members, if nothing else is asked for.
#[utoipa::path(get, path = "/cycles/{cycle}/roster", tag = "cycles", extensions(("x-permission" = json!("roster.read"))),
    params(CycleKey, List<RosterParams>, ReadHeaders),
    responses((status = 200, description = "The roster.", body = RosterPage), ReadProblems))]
async fn list_roster(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<RosterParams>,
) -> Result<Found<RosterPage>, Problem> {
    let (db, position) = view(&api, &key.cycle, &list.filter.moment(), &reading).await?;
    let order = (sort(list.sort.field), list.direction());
    let sheet = roster::sheet(&db, &key.cycle, reading.scope(), &list.filter.filter(), order, &list.paging()?).await?;
    let Sheet { rows, totals, balance, position: shown } = sheet.ok_or_else(|| Problem::not_found("cycle"))?;
    let Page { items, next_cursor, position, total } = list.answer(rows, position.unwrap_or(shown));
    let items = redaction::rows(items, reading.admitted.sight)?;
    Ok(Found::projected(RosterPage { items, next_cursor, position, total, totals, balance }, position))
}

/// Shows how the class counts of a cycle stand to their bounds, and what would bring them back (W-56).
#[utoipa::path(get, path = "/cycles/{cycle}/balance", tag = "cycles", extensions(("x-permission" = json!("balance.read"))),
    params(CycleKey, MomentParams, ReadHeaders),
    responses((status = 200, description = "The balance.", body = Balance), ReadProblems))]
async fn get_balance(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    Query(moment): Query<MomentParams>,
) -> Result<Found<Balance>, Problem> {
    let (db, position) = view(&api, &key.cycle, &moment, &reading).await?;
    let (tally, shown) = roster::tally(&db, &key.cycle).await?.ok_or_else(|| Problem::not_found("cycle"))?;
    Ok(Found::projected(tally.balance, position.unwrap_or(shown)))
}

/// Where a cycle is read at a moment, and the position shown; of the present the answer itself says it.
async fn view(
    api: &Api,
    cycle: &CycleId,
    moment: &MomentParams,
    reading: &Reading,
) -> Result<(Db, Option<u64>), Problem> {
    let moment = moment.moment()?;
    if moment.is_now() && reading.min_position.is_none() {
        return Ok((reading.seen(api), None));
    }
    let view = reading.view_at(api, cycle, moment).await?;
    Ok((view.db, (!moment.is_now()).then_some(view.position)))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_roster)).routes(routes!(get_balance))
}

#[cfg(test)]
mod tests;
