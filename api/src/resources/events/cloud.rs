//! An event in the envelope of CloudEvents 1.0.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::DecisionId;
use domain::{RecordedEvent, Role};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::resources::documents::Document;

/// Where events come from; with `id` it names an event for good.
const SOURCE: &str = "/api/v1/events";

/// One event (CloudEvents 1.0, JSON format).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CloudEvent {
    /// `1.0`
    #[schema(example = "1.0")]
    pub specversion: &'static str,
    /// Its position in the log: dense, from 1.
    #[schema(example = "121")]
    pub id: String,
    /// Where it comes from.
    #[schema(format = "uri-reference", example = "/api/v1/events")]
    pub source: &'static str,
    /// `hatchery.{kind of stream}.{name}`
    #[schema(example = "hatchery.cycle.OrganizationNominated")]
    pub r#type: String,
    /// Its stream.
    #[schema(example = "cycle:wuhu-incubation-2025")]
    pub subject: String,
    /// The instant of recording.
    pub time: DateTime<Utc>,
    /// `application/json`
    #[schema(example = "application/json")]
    pub datacontenttype: &'static str,
    /// What happened.
    pub data: EventData,
}

/// What happened, and under which decision.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventData {
    /// The day that it happened on, in the program's time zone.
    pub occurred_on: NaiveDate,
    /// The stream's version after it.
    pub version: u64,
    /// Shared by all events of one decision.
    pub decision_id: DecisionId,
    /// How many events the decision has in all.
    pub decision_size: u32,
    /// Who decided; the person's account stays inside.
    pub actor: EventActor,
    /// Papers that belong to the decision.
    pub documents: Vec<Document>,
    /// The reason for breaking a `principle` rule, if one was broken.
    pub waiver_reason: Option<String>,
    /// The event's own fields.
    #[schema(value_type = Object)]
    pub content: Value,
}

/// The role that decided, and for which unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventActor {
    /// The role.
    #[schema(value_type = String, example = "office")]
    pub role: Role,
    /// The unit that the role is held for.
    #[schema(example = "wuhu-incubation")]
    pub unit: String,
}

impl TryFrom<RecordedEvent> for CloudEvent {
    type Error = Problem;

    fn try_from(recorded: RecordedEvent) -> Result<Self, Problem> {
        let RecordedEvent { position, stream, version, meta, event } = recorded;
        let payload = event.to_payload().map_err(|cause| Problem::internal(&cause))?;
        Ok(Self {
            specversion: "1.0",
            id: position.to_string(),
            source: SOURCE,
            r#type: format!("hatchery.{}.{}", event.kind(), event.event_type()),
            subject: stream.to_string(),
            time: meta.recorded_at,
            datacontenttype: "application/json",
            data: EventData {
                occurred_on: meta.occurred_on,
                version,
                decision_id: meta.decision_id,
                decision_size: meta.decision_size,
                actor: EventActor { role: meta.actor.role, unit: meta.actor.unit },
                documents: meta.documents.into_iter().map(Document::from).collect(),
                waiver_reason: meta.waiver.map(|waiver| waiver.reason),
                content: content(payload),
            },
        })
    }
}

/// A stored payload is `{ "EventName": { … } }`; the name stands in the envelope already.
fn content(payload: Value) -> Value {
    match payload {
        Value::Object(named) => named.into_iter().next().map_or(Value::Null, |(_, content)| content),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Value::Null,
    }
}
