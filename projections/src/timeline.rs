//! All that happened to an organisation: one row per event that concerns it, with what was later put right.

mod concern;

use domain::RecordedEvent;
use domain::event::Event;
use domain::ids::{CycleId, OrganizationId};
use domain::session::SessionEvent;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{Column, Db, Poison, ReadModel, Rows, StoreError, TableDef, Touch, Value, Wall};
use utoipa::ToSchema;

use self::concern::Bearing;
pub(crate) use self::concern::Concern;
use crate::page::{self, Direction, Order, Page, Paging};
use crate::trace::Trace;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum TimelineRow {
    /// An event as it concerns one organisation.
    Entry(Box<TimelineEntry>),
    /// What later events of a session need to know of it.
    Session {
        /// Its cycle.
        cycle: CycleId,
        /// The organisation that an on-site diagnosis is brought to.
        host: Option<OrganizationId>,
    },
}

/// An event as it concerns one organisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// The organisation.
    pub organization: OrganizationId,
    /// The cycle; none for what concerns the organisation at large.
    pub cycle: Option<CycleId>,
    /// Place of the event in the log.
    pub position: u64,
    /// Its type, e.g. `OrganizationNominated`.
    pub event_type: String,
    /// Its stream.
    pub stream: String,
    /// The stream's version after it.
    pub version: u64,
    /// Who recorded it, when, under which decision, on which papers.
    pub trace: Trace,
    /// What it says.
    #[schema(value_type = Object)]
    pub data: Json,
    /// Position of the event that corrected, voided or rescinded it.
    pub corrected_by: Option<u64>,
    /// What it records or decides, so that a later event can be seen to put it right.
    pub subject: Option<String>,
}

/// The read model of timelines.
#[derive(Debug)]
pub struct Timeline;

impl ReadModel for Timeline {
    type Row = TimelineRow;

    const TABLE: TableDef = TableDef {
        name: "timeline",
        version: 1,
        columns: &[
            Column::text("organization"),
            Column::text("cycle"),
            Column::int("position"),
            Column::text("occurred_on"),
            Column::text("subject"),
        ],
        indexes: &[&["organization", "key"], &["subject"]],
        wall: Wall::of_organization("organization"),
    };

    fn columns(row: &TimelineRow) -> Vec<Value> {
        let TimelineRow::Entry(entry) = row else { return vec![Value::Null; Self::TABLE.columns.len()] };
        vec![
            entry.organization.as_str().into(),
            entry.cycle.as_ref().map(CycleId::as_str).into(),
            Value::Int(i64::try_from(entry.position).unwrap_or(i64::MAX)),
            entry.trace.occurred_on.to_string().into(),
            entry.subject.as_deref().into(),
        ]
    }

    fn touches(event: &RecordedEvent) -> Vec<Touch> {
        let concern = Concern::of(event);
        let mut touches: Vec<_> = concern.organizations.iter().map(|id| Touch::New(key(id, event.position))).collect();
        touches.extend(session_key(event).map(Touch::Key));
        match concern.bearing {
            Bearing::Plain | Bearing::Makes(_) => {}
            Bearing::Replaces(subject) | Bearing::Undoes(subject) => touches.push(Touch::Matching("subject", subject)),
        }
        touches
    }

    fn fold(rows: &mut Rows<Self>, event: &RecordedEvent) -> Result<(), Poison> {
        let mut concern = Concern::of(event);
        if let Event::Session(happened) = &event.event {
            know_session(rows, happened, event, &mut concern);
        }
        let subject = match concern.bearing {
            Bearing::Plain => None,
            Bearing::Makes(subject) => Some(subject),
            Bearing::Replaces(subject) => {
                concern.organizations.extend(put_right(rows, &subject, event.position));
                Some(subject)
            }
            Bearing::Undoes(subject) => {
                concern.organizations.extend(put_right(rows, &subject, event.position));
                None
            }
        };
        concern.organizations.sort();
        concern.organizations.dedup();
        for organization in concern.organizations {
            let entry = TimelineEntry {
                data: data(event, &organization)?,
                cycle: concern.cycle.clone(),
                position: event.position,
                event_type: event.event.event_type().to_owned(),
                stream: event.stream.to_string(),
                version: event.version,
                trace: event.into(),
                corrected_by: None,
                subject: subject.clone(),
                organization,
            };
            rows.put(key(&entry.organization, event.position), TimelineRow::Entry(Box::new(entry)));
        }
        Ok(())
    }
}

fn key(organization: &OrganizationId, position: u64) -> String {
    format!("{organization}/{position:020}")
}

fn session_key(event: &RecordedEvent) -> Option<String> {
    match &event.event {
        Event::Session(_) => Some(format!("session/{}", event.stream.id())),
        Event::Register(_) | Event::Organization(_) | Event::Cycle(_) | Event::Enrolment(_) => None,
    }
}

/// Later events of a session do not repeat its cycle and host: a row of its own keeps them.
fn know_session(rows: &mut Rows<Timeline>, happened: &SessionEvent, event: &RecordedEvent, concern: &mut Concern) {
    let Some(key) = session_key(event) else { return };
    if let SessionEvent::SessionScheduled { cycle, plan, .. } = happened {
        rows.put(key, TimelineRow::Session { cycle: cycle.clone(), host: plan.host.clone() });
    } else if let Some(TimelineRow::Session { cycle, host }) = rows.get(&key) {
        concern.cycle = Some(cycle.clone());
        if concern.whole_session {
            concern.organizations.extend(host.clone());
        }
    }
}

/// Marks the last rows of a subject that still stood, and answers whom they concern.
fn put_right(rows: &mut Rows<Timeline>, subject: &str, by: u64) -> Vec<OrganizationId> {
    let keys = rows.matching("subject", subject);
    let position = |key: &String| match rows.get(key) {
        Some(TimelineRow::Entry(entry)) => Some(entry.position).filter(|position| *position < by),
        Some(TimelineRow::Session { .. }) | None => None,
    };
    let Some(last) = keys.iter().filter_map(position).max() else { return Vec::new() };
    let mut concerned = Vec::new();
    for key in &keys {
        if let Some(TimelineRow::Entry(entry)) = rows.get_mut(key)
            && entry.position == last
        {
            entry.corrected_by = Some(by);
            concerned.push(entry.organization.clone());
        }
    }
    concerned
}

/// The event's payload; of a closing, only what it says of this organisation.
fn data(event: &RecordedEvent, organization: &OrganizationId) -> Result<Json, Poison> {
    if let Some(share) = concern::of_closing(event, organization) {
        return Ok(share);
    }
    let poison = |reason: String| Poison { position: event.position, reason };
    let payload = event.event.to_payload().map_err(|error| poison(error.to_string()))?;
    match payload {
        Json::Object(named) => Ok(named.into_iter().next().map_or(Json::Null, |(_, data)| data)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            Err(poison("the payload is not an object".to_owned()))
        }
    }
}

/// The timeline of an organisation. With a cycle: what concerns its file there, or the organisation at large.
pub async fn list(
    db: &Db,
    organization: &OrganizationId,
    cycle: Option<&CycleId>,
    direction: Direction,
    paging: &Paging,
) -> Result<Page<TimelineEntry>, StoreError> {
    let order = Order { column: "key", direction };
    let narrow = |sql: &mut store::sql::Sql| {
        page::equals(sql, "organization", Some(organization.as_str()));
        if let Some(cycle) = cycle {
            sql.push(" AND (cycle IS NULL OR cycle = ").bind(cycle.as_str()).push(")");
        }
    };
    let Page { items, next, total } = page::page::<Timeline>(db, narrow, order, paging).await?;
    let entry = |row| match row {
        TimelineRow::Entry(entry) => Some(*entry),
        TimelineRow::Session { .. } => None,
    };
    Ok(Page { items: items.into_iter().filter_map(entry).collect(), next, total })
}

#[cfg(test)]
mod tests;
