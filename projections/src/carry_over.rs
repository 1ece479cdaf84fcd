//! What one cycle hands to the next (W-75): per station and organisation, what visits found and what is left open.
//!
//! A question over other read models; it has no table.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Uscc;
use domain::cycle::Outcome;
use domain::forms::facts::{AssistanceRequest, SelfEvaluation, Visit};
use domain::ids::{ClassId, CycleId, OrganizationId, StationId};
use serde::{Deserialize, Serialize};
use store::{Db, StoreError};
use utoipa::ToSchema;

use crate::enrolments::{self, Enrolment};
use crate::facts::{self, Content, Fact, FactKind};
use crate::schedule::{self, Due, Owing, ScheduleFilter};
use crate::scope::Scope;

/// A visit's findings, needs and notes for the next cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VisitNote {
    /// The day.
    pub occurred_on: NaiveDate,
    /// The visit.
    pub visit: Visit,
}

/// A request for help that nobody has answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpenRequest {
    /// The request's id.
    pub id: String,
    /// The day.
    pub occurred_on: NaiveDate,
    /// What is needed.
    pub request: AssistanceRequest,
}

/// The last self-evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LastSelfEvaluation {
    /// Its id.
    pub id: String,
    /// The day.
    pub occurred_on: NaiveDate,
    /// What it says.
    pub content: SelfEvaluation,
}

/// What is carried over of one organisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CarryOver {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// The class at the end, or now while the cycle runs.
    pub class: Option<ClassId>,
    /// How the membership ended; none while it lasts.
    pub outcome: Option<Outcome>,
    /// Visits that count, the first first.
    pub visits: Vec<VisitNote>,
    /// Requests without an answer, the oldest first.
    pub open_requests: Vec<OpenRequest>,
    /// Teaching owed and not given.
    pub missing_teaching: Option<Due>,
    /// The last self-evaluation that counts.
    pub last_self_evaluation: Option<LastSelfEvaluation>,
}

/// What is carried over of one station's organisations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StationCarryOver {
    /// The station that visited last, else the one that made the survey; none where there is neither.
    pub station: Option<StationId>,
    /// Its organisations, by id.
    pub organizations: Vec<CarryOver>,
}

/// The report of a cycle, by station; of any of these stations, or of all where none is named. Everybody who was ever
/// admitted is in it.
pub async fn report(
    db: &Db,
    cycle: &CycleId,
    scope: &Scope,
    stations: &[StationId],
) -> Result<Vec<StationCarryOver>, StoreError> {
    let mut visits = by_organization(facts::of_cycle(db, FactKind::Visits, cycle).await?);
    let mut requests = by_organization(facts::of_cycle(db, FactKind::AssistanceRequests, cycle).await?);
    let mut evaluations = by_organization(facts::of_cycle(db, FactKind::SelfEvaluations, cycle).await?);
    let missing = ScheduleFilter { owing: Owing::Missing, ..ScheduleFilter::default() };
    let schedule = schedule::list(db, cycle, scope, &missing).await?.into_iter();
    let mut owed: BTreeMap<_, _> = schedule.map(|entry| (entry.organization, entry.due)).collect();

    let mut report: BTreeMap<Option<StationId>, Vec<CarryOver>> = BTreeMap::new();
    for file in enrolments::admitted(db, cycle, scope).await? {
        let id = &file.organization;
        let visits = visits.remove(id).unwrap_or_default();
        let station = responsible(&file, &visits);
        let wanted = stations.is_empty() || station.as_ref().is_some_and(|station| stations.contains(station));
        if !wanted {
            continue;
        }
        let requests = requests.remove(id).unwrap_or_default();
        let evaluations = evaluations.remove(id).unwrap_or_default();
        report.entry(station).or_default().push(CarryOver {
            visits: visits.into_iter().filter_map(visit_note).collect(),
            open_requests: requests.into_iter().filter_map(open_request).collect(),
            missing_teaching: owed.remove(id).flatten(),
            last_self_evaluation: evaluations.into_iter().rev().find_map(self_evaluation),
            class: file.class,
            outcome: file.outcome.map(|ending| ending.outcome),
            uscc: file.uscc,
            name: file.name,
            organization: file.organization,
        });
    }
    Ok(report.into_iter().map(|(station, organizations)| StationCarryOver { station, organizations }).collect())
}

/// Facts of each organisation, the earliest first.
fn by_organization(facts: Vec<Fact>) -> BTreeMap<OrganizationId, Vec<Fact>> {
    let mut by_organization: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for fact in facts {
        by_organization.entry(fact.organization.clone()).or_default().push(fact);
    }
    for facts in by_organization.values_mut() {
        facts.sort_by_key(|fact| (fact.occurred_on, fact.recorded.position));
    }
    by_organization
}

fn responsible(file: &Enrolment, visits: &[Fact]) -> Option<StationId> {
    let visitor = visits.last().and_then(|visit| visit.station.clone());
    visitor.or_else(|| file.survey.as_ref().map(|survey| survey.station.clone()))
}

fn visit_note(fact: Fact) -> Option<VisitNote> {
    let Content::Visit(visit) = fact.content else { return None };
    Some(VisitNote { occurred_on: fact.occurred_on, visit })
}

fn open_request(fact: Fact) -> Option<OpenRequest> {
    let (None, Content::AssistanceRequest(request)) = (fact.answer, fact.content) else { return None };
    Some(OpenRequest { id: fact.id, occurred_on: fact.occurred_on, request })
}

fn self_evaluation(fact: Fact) -> Option<LastSelfEvaluation> {
    let Content::SelfEvaluation(content) = fact.content else { return None };
    Some(LastSelfEvaluation { id: fact.id, occurred_on: fact.occurred_on, content })
}

#[cfg(test)]
mod tests;
