//! Recorded facts by kind: visits, activities, self-evaluations, requests for help, incidents, honours.
//!
//! A row shows what is in force and how it came about: every version, the voiding, the answer of the station to a
//! request (W-73), the authority's determination of an incident.

mod content;
mod step;

use std::sync::Arc;

use chrono::NaiveDate;
use domain::forms::facts::AssistanceAnswer;
use domain::ids::{AssistanceAnswerId, CycleId, OrganizationId, StationId};
use domain::{RecordedEvent, Role};
use serde::{Deserialize, Serialize};
use store::sql::Sql;
use store::{Column, Db, Poison, ReadModel, Rows, Shown, StoreError, TableDef, Touch, Value, Wall};
use utoipa::ToSchema;

pub use content::{Content, FactKind};

use self::step::{Step, step};
use crate::page::{self, Order, Page, Paging};
use crate::scope::Scope;
use crate::trace::Trace;

/// One version of a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FactVersion {
    /// From 1.
    pub version: u32,
    /// What it said.
    pub content: Content,
    /// Why it replaced the version before.
    pub reason: Option<String>,
    /// Who recorded it, when, on which papers; the day is the fact's.
    pub trace: Trace,
}

/// Why a fact no longer counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Voiding {
    /// Why.
    pub reason: String,
    /// Who voided it, and when.
    pub trace: Trace,
}

/// A station's answer to a request for help.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnswerGiven {
    /// The answer.
    pub answer_id: AssistanceAnswerId,
    /// What was done.
    pub content: AssistanceAnswer,
    /// Days from the request to the answer (W-73: 及时).
    pub response_days: i64,
    /// Who answered, and when.
    pub trace: Trace,
}

/// What the competent authority said of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// A major incident (重大事故).
    Major,
    /// An incident below that.
    BelowMajor,
    /// No incident, or the report was unfounded.
    Dismissed,
}

/// The determination of an incident, as recorded by the award office. The last one counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundByAuthority {
    /// What it found.
    pub finding: Finding,
    /// The authority.
    pub authority: String,
    /// The number of its paper.
    pub document_no: String,
    /// The day of its paper, where it determined one.
    pub determined_on: Option<NaiveDate>,
    /// Why it dismissed the incident.
    pub reason: Option<String>,
    /// Who recorded it, and when.
    pub trace: Trace,
}

/// A fact with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    /// Its kind.
    pub kind: FactKind,
    /// Its id.
    pub id: String,
    /// The cycle that it belongs to; none for incidents and honours, which concern the organisation at large.
    pub cycle: Option<CycleId>,
    /// The organisation.
    pub organization: OrganizationId,
    /// The station that visited, or that answered a request.
    pub station: Option<StationId>,
    /// The day of the version in force.
    pub occurred_on: NaiveDate,
    /// The version in force, from 1.
    pub version: u32,
    /// What it says now.
    pub content: Content,
    /// Set once it no longer counts.
    pub voided: Option<Voiding>,
    /// Who recorded it first, and when.
    pub recorded: Trace,
    /// Every version, the first first.
    pub history: Vec<FactVersion>,
    /// The answer to a request for help.
    pub answer: Option<AnswerGiven>,
    /// What the authority found of an incident.
    pub determination: Option<FoundByAuthority>,
}

impl Fact {
    /// Whether it counts.
    #[must_use]
    pub const fn in_force(&self) -> bool {
        self.voided.is_none()
    }

    fn rewrite(&mut self, version: FactVersion) {
        self.version = version.version;
        self.occurred_on = version.trace.occurred_on;
        if let Some(station) = version.content.station() {
            self.station = Some(station);
        }
        self.content = version.content.clone();
        self.history.push(version);
        self.measure_response();
    }

    fn measure_response(&mut self) {
        if let Some(answer) = &mut self.answer {
            answer.response_days = (answer.trace.occurred_on - self.occurred_on).num_days();
        }
    }
}

/// The read model of recorded facts.
#[derive(Debug)]
pub struct Facts;

impl ReadModel for Facts {
    type Row = Fact;

    const TABLE: TableDef = TableDef {
        name: "facts",
        version: 1,
        columns: &[
            Column::text("kind"),
            Column::text("cycle"),
            Column::text("organization"),
            Column::text("station"),
            Column::text("occurred_on"),
            Column::int("voided"),
        ],
        indexes: &[&["kind", "cycle", "occurred_on", "key"], &["organization", "kind", "occurred_on", "key"]],
        wall: Wall::OF_CYCLE,
    };

    fn columns(row: &Fact) -> Vec<Value> {
        vec![
            row.kind.as_str().into(),
            row.cycle.as_ref().map(CycleId::as_str).into(),
            row.organization.as_str().into(),
            row.station.as_ref().map(StationId::as_str).into(),
            row.occurred_on.to_string().into(),
            i64::from(!row.in_force()).into(),
        ]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let touch = |(kind, id, step): (FactKind, String, Step)| match step {
            Step::Write { version: 1, .. } => Touch::New(key(kind, &id)),
            Step::Write { .. } | Step::Void { .. } | Step::Answer { .. } | Step::Determine(_) => {
                Touch::Key(key(kind, &id))
            }
        };
        step(event).map(touch).into_iter().collect()
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let Some((kind, id, step)) = step(event) else { return Ok(()) };
        let key = key(kind, &id);
        match step {
            Step::Write { content, reason, version } => {
                let version = FactVersion { version, content, reason, trace: event.into() };
                // The first version makes the fact, whatever is there.
                let known = rows.get_mut(&key).filter(|_| version.version > 1);
                if let Some(fact) = known {
                    fact.rewrite(version);
                } else if let Some(fact) = first(kind, id, version, event) {
                    rows.put(key, fact);
                }
            }
            Step::Void { reason } => change(rows, &key, |fact| {
                fact.voided = Some(Voiding { reason, trace: event.into() });
            }),
            Step::Answer { answer_id, answer } => change(rows, &key, |fact| {
                let trace = Trace::from(event);
                let actor = &event.meta.actor;
                fact.station = if actor.role == Role::Station { actor.unit.parse().ok() } else { None };
                fact.answer = Some(AnswerGiven { answer_id, content: answer, response_days: 0, trace });
                fact.measure_response();
            }),
            Step::Determine(found) => change(rows, &key, |fact| fact.determination = Some(found)),
        }
        Ok(())
    }
}

/// The fact as its first known version makes it; a correction alone makes it too, for a reader who was shown the
/// log from a later day on. `None` on a stream whose name is of no organisation.
fn first(kind: FactKind, id: String, version: FactVersion, event: &RecordedEvent) -> Option<Fact> {
    let (cycle, organization) = match event.stream.as_enrolment() {
        Some((cycle, organization)) => (Some(cycle), organization),
        None => (None, event.stream.as_organization()?),
    };
    Some(Fact {
        kind,
        id,
        cycle,
        organization,
        station: version.content.station(),
        occurred_on: event.meta.occurred_on,
        version: version.version,
        content: version.content.clone(),
        voided: None,
        recorded: version.trace.clone(),
        history: vec![version],
        answer: None,
        determination: None,
    })
}

fn change(rows: &mut Rows<Facts>, key: &str, how: impl FnOnce(&mut Fact)) {
    if let Some(fact) = rows.get_mut(key) {
        how(fact);
    }
}

fn key(kind: FactKind, id: &str) -> String {
    format!("{}/{id}", kind.as_str())
}

/// The fact that an event records, corrects, voids, answers or determines, if it does.
#[must_use]
pub fn named_by(event: &RecordedEvent) -> Option<(FactKind, String)> {
    step(event).map(|(kind, id, _)| (kind, id))
}

/// Whether facts that no longer count are listed too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Voids {
    /// Only what counts.
    #[default]
    Hidden,
    /// Everything.
    Shown,
}

/// Which facts of a kind are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactFilter {
    /// Of this cycle.
    pub cycle: Option<CycleId>,
    /// Of any of these organisations.
    pub organizations: Vec<OrganizationId>,
    /// Of any of these stations.
    pub stations: Vec<StationId>,
    /// Not before this day.
    pub from: Option<NaiveDate>,
    /// Not after this day.
    pub to: Option<NaiveDate>,
    /// Whether voided ones are listed.
    pub voids: Voids,
}

/// How facts are sorted: by day, then id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactSort {
    /// The earliest first.
    OccurredOn,
    /// The latest first.
    OccurredOnDescending,
}

/// The fact of a kind with that id.
pub async fn get(db: &Db, kind: FactKind, id: &str) -> Result<Option<Fact>, StoreError> {
    page::get::<Facts>(db, &key(kind, id)).await
}

/// The same, as a command has just written it; none where it did not, or read models lag.
#[must_use]
pub fn shown(shown: &Shown, kind: FactKind, id: &str) -> Option<Fact> {
    shown.row::<Facts>(&key(kind, id)).map(Arc::unwrap_or_clone)
}

/// Facts of one kind; for visits of a cycle this is the visits log (W-74). A scope lets through what names its cycle.
pub async fn list(
    db: &Db,
    scope: &Scope,
    kind: FactKind,
    filter: &FactFilter,
    sort: FactSort,
    paging: &Paging,
) -> Result<Page<Fact>, StoreError> {
    let order = match sort {
        FactSort::OccurredOn => Order::up("occurred_on"),
        FactSort::OccurredOnDescending => Order::down("occurred_on"),
    };
    page::page::<Facts>(
        db,
        |sql| {
            narrow(sql, kind, filter);
            scope.by_file(sql, "(cycle || '/' || organization)");
        },
        order,
        paging,
    )
    .await
}

/// All facts of a kind in a cycle that count, by key.
pub(crate) async fn of_cycle(db: &Db, kind: FactKind, cycle: &CycleId) -> Result<Vec<Fact>, StoreError> {
    let filter = FactFilter { cycle: Some(cycle.clone()), ..FactFilter::default() };
    page::all::<Facts>(db, |sql| narrow(sql, kind, &filter)).await
}

fn narrow(sql: &mut Sql, kind: FactKind, filter: &FactFilter) {
    page::equals(sql, "kind", Some(kind.as_str()));
    page::equals(sql, "cycle", filter.cycle.as_ref().map(CycleId::as_str));
    page::any_of(sql, "organization", &filter.organizations);
    page::any_of(sql, "station", &filter.stations);
    if let Some(from) = filter.from {
        sql.push(" AND occurred_on >= ").bind(from.to_string());
    }
    if let Some(to) = filter.to {
        sql.push(" AND occurred_on <= ").bind(to.to_string());
    }
    if filter.voids == Voids::Hidden {
        sql.push(" AND voided = 0");
    }
}

#[cfg(test)]
mod tests;
