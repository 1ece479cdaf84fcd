//! Facts of a file (档案): visits, activities, self-evaluations, requests for help, incidents.
//!
//! All five kinds are recorded, listed, shown, corrected and voided alike. What they share stands here: the answers
//! as functions, the five operations as the macro `fact_operations`, which each kind spells out with its own names, form and
//! commands. An incident belongs to the organisation at large, so every file of it shows it.

pub mod activities;
pub mod assistance_requests;
pub mod incidents;
mod operations;
pub mod self_evaluations;
pub mod visits;

use app::Done;
use chrono::NaiveDate;
use domain::Command;
use domain::ids::{CycleId, DocumentId};
use projections::Scope;
use projections::enrolments;
use projections::facts::{self, Fact, FactFilter, FactKind, FactSort, Voids};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::access::redaction;
use crate::answer::{Answered, Found};
use crate::headers::{Commanding, Reading};
use crate::keys::EnrolmentKey;
use crate::page::{Direction, Filter, List, Page, Sort};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::enrolments::{address, file_named, tag_at};
use crate::state::{Api, Target, answered};

/// Why a fact no longer counts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "重复录入", "occurred_on": "2026-03-31" }))]
pub struct VoidBody {
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the voiding.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Which facts of a file are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct FactsFilter {
    /// Not before this day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Not after this day.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Whether voided ones are listed too.
    #[serde(default)]
    #[param(required = false)]
    pub voided: bool,
}

impl Filter for FactsFilter {
    const SORTS: &'static [&'static str] = &["occurred_on"];
}

/// Whether voided facts are listed.
pub(crate) const fn voids(shown: bool) -> Voids {
    if shown { Voids::Shown } else { Voids::Hidden }
}

/// The order of a list of facts.
pub(crate) const fn order(sort: Sort) -> FactSort {
    match sort.direction {
        Direction::Ascending => FactSort::OccurredOn,
        Direction::Descending => FactSort::OccurredOnDescending,
    }
}

/// Records a new fact: it has an address of its own.
async fn record(
    api: &Api,
    commanding: Commanding,
    file: &EnrolmentKey,
    (kind, id): (FactKind, String),
    command: Command,
) -> Result<Answered<Fact>, Problem> {
    let done = run(api, commanding, file, command).await?;
    let fact = fact_of(api, &done, kind, id).await?;
    let collection = kind.as_str().replace('_', "-");
    let location = format!("{}/{collection}/{}", address(&file.cycle, &file.uscc), fact.id);
    Ok(answer(api, &done, &file.cycle, fact).await?.created(location))
}

/// Carries out what changes a fact, answers or determines it.
async fn change(
    api: &Api,
    commanding: Commanding,
    file: &EnrolmentKey,
    (kind, id): (FactKind, String),
    command: Command,
) -> Result<Answered<Fact>, Problem> {
    let done = run(api, commanding, file, command).await?;
    let fact = fact_of(api, &done, kind, id).await?;
    answer(api, &done, &file.cycle, fact).await
}

async fn run(api: &Api, commanding: Commanding, file: &EnrolmentKey, command: Command) -> Result<Done, Problem> {
    let target = Target::Enrolment(file.cycle.clone(), file.uscc.clone());
    api.run(commanding, &target, command, Vec::new()).await
}

/// The fact as it now stands. A key that was used before is answered for the fact recorded then, whatever id was made
/// for it now.
async fn fact_of(api: &Api, done: &Done, kind: FactKind, id: String) -> Result<Fact, Problem> {
    if let Some(fact) = facts::shown(&done.committed.shown, kind, &id) {
        return Ok(fact);
    }
    let first = if done.committed.repeated { api.recorded(done).await? } else { Vec::new() };
    let id = first.iter().find_map(facts::named_by).map_or(id, |(_, id)| id);
    facts::get(&api.after(done).await?, kind, &id).await?.ok_or_else(|| not_found(kind))
}

/// The answer carries the tag of the file, which is what the next command may name.
async fn answer(api: &Api, done: &Done, cycle: &CycleId, fact: Fact) -> Result<Answered<Fact>, Problem> {
    let organization = fact.organization.clone();
    let answer = answered(done, fact);
    // Where read models lag, the tag that they know is not the one after this command.
    if !done.visible {
        return Ok(answer);
    }
    let versions = match enrolments::versions_shown(&done.committed.shown, cycle, &organization) {
        None => enrolments::versions(api.app().store().db(), cycle, &organization).await?,
        shown => shown,
    };
    Ok(answer.tagged(tag_at(versions.ok_or_else(|| Problem::not_found("enrolment"))?)))
}

/// The facts of a kind of one file.
async fn list(
    api: &Api,
    file: &EnrolmentKey,
    kind: FactKind,
    reading: Reading,
    wanted: List<FactsFilter>,
) -> Result<Found<Page<Fact>>, Problem> {
    let view = reading.view(api).await?;
    let organization = file_named(api, &file.cycle, &file.uscc).await?;
    let filter = FactFilter {
        cycle: of_cycle(kind, &file.cycle).cloned(),
        organizations: vec![organization],
        from: wanted.filter.from,
        to: wanted.filter.to,
        voids: voids(wanted.filter.voided),
        ..FactFilter::default()
    };
    let page = facts::list(&view.db, &Scope::All, kind, &filter, order(wanted.sort), &wanted.paging()?).await?;
    let page = page.map(|fact| redaction::fact(fact, kind, reading.admitted.sight));
    Ok(wanted.found(page, view.position))
}

/// One fact of a file, voided or not.
async fn get(
    api: &Api,
    file: &EnrolmentKey,
    (kind, id): (FactKind, String),
    reading: Reading,
) -> Result<Found<Fact>, Problem> {
    let view = reading.view(api).await?;
    let organization = file_named(api, &file.cycle, &file.uscc).await?;
    let fact = facts::get(&view.db, kind, &id).await?;
    let belongs = |fact: &Fact| fact.organization == organization && fact.cycle.as_ref() == of_cycle(kind, &file.cycle);
    let fact = fact.filter(belongs).ok_or_else(|| not_found(kind))?;
    Ok(Found::projected(redaction::fact(fact, kind, reading.admitted.sight), view.position))
}

/// The cycle that facts of a kind are of; incidents and honours concern the organisation at large.
const fn of_cycle(kind: FactKind, cycle: &CycleId) -> Option<&CycleId> {
    match kind {
        FactKind::Visits | FactKind::Activities | FactKind::SelfEvaluations | FactKind::AssistanceRequests => {
            Some(cycle)
        }
        FactKind::Incidents | FactKind::Honours => None,
    }
}

fn not_found(kind: FactKind) -> Problem {
    Problem::not_found(match kind {
        FactKind::Visits => "visit",
        FactKind::Activities => "activity",
        FactKind::SelfEvaluations => "self_evaluation",
        FactKind::AssistanceRequests => "assistance_request",
        FactKind::Incidents => "incident",
        FactKind::Honours => "honour",
    })
}

/// The paths of these resources.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .merge(visits::routes())
        .merge(activities::routes())
        .merge(self_evaluations::routes())
        .merge(assistance_requests::routes())
        .merge(incidents::routes())
}

#[cfg(test)]
mod tests;
