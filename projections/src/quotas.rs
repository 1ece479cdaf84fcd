//! The recommenders' quota (原则上每个推荐单位每个孵化周期内推荐不超过2个组织, §三（二）, W-41, Q-01).
//!
//! The table keeps the extra places that the award office granted. The places used are those of the files that
//! name a recommender in the roster, so a nomination has one place; a withdrawal that frees it takes the name
//! off the file. Places of merged recommenders add up, by the register, when asked.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Uscc;
use domain::cycle::{CycleEvent, Stage};
use domain::ids::{CycleId, OrganizationId, RecommenderId, RecommenderKindId};
use domain::{Event, RecordedEvent};
use serde::{Deserialize, Serialize};
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};
use utoipa::ToSchema;

use crate::register::{self, Directory, EntryKind};
use crate::roster::{self, RosterRow};
use crate::scope::Scope;
use crate::{address, cycles, page};

/// The extra places of one recommender in one cycle, as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtraPlaces {
    /// The cycle.
    pub cycle: CycleId,
    /// The recommender, as named by the grants.
    pub recommender: RecommenderId,
    /// Each grant, in order.
    pub grants: Vec<Grant>,
}

/// Extra places granted by the award office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    /// How many.
    pub extra: u32,
    /// Why.
    pub reason: String,
    /// The day of the decision.
    pub granted_on: NaiveDate,
}

/// One recommender's places in a cycle, those of the ones merged into it included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaRow {
    /// The recommender.
    pub recommender: RecommenderId,
    /// Its name.
    pub name: Option<String>,
    /// Which kind it is.
    pub recommender_kind: Option<RecommenderKindId>,
    /// Whether it can nominate at all: neither closed nor merged.
    pub active: bool,
    /// Recommenders merged into it.
    pub merged: Vec<RecommenderId>,
    /// Places by the rulebook; none where the program has no quota.
    pub limit: Option<u32>,
    /// Extra places granted.
    pub extra: u32,
    /// Places used; may be above the limit after a merger.
    pub used: u32,
    /// Places left; none where the program has no quota.
    pub left: Option<u32>,
    /// The grants.
    pub grants: Vec<Grant>,
    /// The nominations that use the places.
    pub nominations: Vec<Nomination>,
}

/// A nomination that uses a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Nomination {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its present USCC.
    pub uscc: Uscc,
    /// Its present name.
    pub name: String,
    /// How far its file is.
    pub stage: Stage,
    /// The recommender as nominated, before any merger.
    pub nominated_by: RecommenderId,
}

/// The read model.
#[derive(Debug)]
pub struct Quotas;

const TABLE: TableDef = TableDef {
    name: "quotas",
    version: 1,
    columns: &[Column::text("cycle")],
    indexes: &[&["cycle"]],
    wall: Wall::SCOPED,
};

impl ReadModel for Quotas {
    type Row = ExtraPlaces;

    const TABLE: TableDef = TABLE;

    fn columns(row: &ExtraPlaces) -> Vec<Value> {
        vec![row.cycle.as_str().into()]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        match &event.event {
            Event::Cycle(CycleEvent::QuotaWaived { recommender, .. }) => {
                vec![Touch::Key(key(event.stream.id(), recommender))]
            }
            Event::Cycle(
                CycleEvent::CycleOpened { .. }
                | CycleEvent::IntakeSet { .. }
                | CycleEvent::CycleExtended { .. }
                | CycleEvent::OutreachRecorded(_)
                | CycleEvent::OutreachCorrected(_)
                | CycleEvent::OutreachVoided(_)
                | CycleEvent::ApplicantEntered { .. }
                | CycleEvent::ApplicantLeft { .. }
                | CycleEvent::OrganizationNominated { .. }
                | CycleEvent::NominationCorrected { .. }
                | CycleEvent::NominationWithdrawn { .. }
                | CycleEvent::NominationDeclined { .. }
                | CycleEvent::OrganizationAdmitted { .. }
                | CycleEvent::OrganizationClassified { .. }
                | CycleEvent::OrganizationReclassified { .. }
                | CycleEvent::ClassificationCorrected { .. }
                | CycleEvent::OrganizationRemoved { .. }
                | CycleEvent::RemovalRescinded { .. }
                | CycleEvent::MemberWithdrawn { .. }
                | CycleEvent::EnrolmentEnded { .. }
                | CycleEvent::SessionBooked { .. }
                | CycleEvent::SessionReleased { .. }
                | CycleEvent::CycleClosed { .. },
            )
            | Event::Register(_)
            | Event::Organization(_)
            | Event::Enrolment(_)
            | Event::Session(_) => Vec::new(),
        }
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        if let Event::Cycle(CycleEvent::QuotaWaived { recommender, extra, reason }) = &event.event {
            let key = key(event.stream.id(), recommender);
            let mut row = match rows.remove(&key) {
                Some(row) => row,
                None => {
                    ExtraPlaces { cycle: address::cycle(event)?, recommender: recommender.clone(), grants: Vec::new() }
                }
            };
            row.grants.push(Grant { extra: *extra, reason: reason.clone(), granted_on: event.meta.occurred_on });
            rows.put(key, row);
        }
        Ok(())
    }
}

fn key(cycle: &str, recommender: &RecommenderId) -> String {
    format!("{cycle}/{recommender}")
}

/// The places of every recommender that is active or has used or been granted any, by id.
///
/// A recommender sees its own; who sees only some files, only those among the nominations.
pub async fn list(db: &Db, cycle: &CycleId, scope: &Scope) -> Result<Option<Vec<QuotaRow>>, StoreError> {
    let Some(row) = cycles::row(db, cycle).await? else { return Ok(None) };
    let directory = register::directory(db, &row.program).await?;
    let granted = page::all::<Quotas>(db, |sql| page::equals(sql, "cycle", Some(cycle.as_str()))).await?;
    let nominated = roster::nominated(db, cycle).await?;
    let mut quotas = add_up(row.places, &directory, granted, nominated);
    if let Scope::Recommenders(own) = scope {
        quotas.retain(|quota| own.iter().any(|own| own == quota.recommender.as_str()));
    }
    if let Some(seen) = roster::seen(db, cycle, scope).await? {
        for quota in &mut quotas {
            quota.nominations.retain(|nomination| seen.contains(&nomination.organization));
        }
    }
    Ok(Some(quotas))
}

/// Adds up places under the recommender that stands for each today.
fn add_up(
    limit: Option<u32>,
    directory: &Directory,
    granted: Vec<ExtraPlaces>,
    nominated: Vec<RosterRow>,
) -> Vec<QuotaRow> {
    let mut sums: BTreeMap<RecommenderId, (Vec<Grant>, Vec<Nomination>)> = directory
        .of_kind(EntryKind::Recommender)
        .filter(|entry| entry.active)
        .filter_map(|entry| Some((entry.id.parse().ok()?, Default::default())))
        .collect();
    let current = |recommender: &RecommenderId| {
        let current = directory.current(EntryKind::Recommender, recommender.as_str());
        current.parse().unwrap_or_else(|_| recommender.clone())
    };
    for places in granted {
        sums.entry(current(&places.recommender)).or_default().0.extend(places.grants);
    }
    for row in nominated {
        let Some(nominated_by) = row.recommender else { continue };
        let nomination = Nomination {
            organization: row.organization,
            uscc: row.uscc,
            name: row.name,
            stage: row.stage,
            nominated_by,
        };
        sums.entry(current(&nomination.nominated_by)).or_default().1.push(nomination);
    }
    sums.into_iter()
        .map(|(recommender, (grants, nominations))| quota(limit, directory, recommender, grants, nominations))
        .collect()
}

fn quota(
    limit: Option<u32>,
    directory: &Directory,
    recommender: RecommenderId,
    grants: Vec<Grant>,
    nominations: Vec<Nomination>,
) -> QuotaRow {
    let entry = directory.entry(EntryKind::Recommender, recommender.as_str());
    let extra = grants.iter().fold(0_u32, |sum, grant| sum.saturating_add(grant.extra));
    let used = u32::try_from(nominations.len()).unwrap_or(u32::MAX);
    let merged = directory.merged_with(EntryKind::Recommender, recommender.as_str());
    QuotaRow {
        name: entry.and_then(|entry| entry.name.clone()),
        recommender_kind: entry.and_then(|entry| entry.recommender_kind.clone()),
        active: entry.is_some_and(|entry| entry.active),
        merged: merged.into_iter().skip(1).filter_map(|id| id.parse().ok()).collect(),
        limit,
        extra,
        used,
        left: limit.map(|limit| limit.saturating_add(extra).saturating_sub(used)),
        grants,
        nominations,
        recommender,
    }
}

#[cfg(test)]
mod tests;
