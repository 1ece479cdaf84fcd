//! The face towards `cqrs-es`: its `EventStore` for one stream, on top of the appender.
//!
//! Tools written for cqrs-es read and append single streams through it; the tables and readers are theirs.
//! Our own write path is [`Store::execute`]: it takes commands over several streams, decides again when it was
//! overtaken, and answers.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use cqrs_es::event_sink::EventSink;
use cqrs_es::persist::{PersistedEventRepository as _, PersistenceError, SerializedEvent};
use cqrs_es::{AggregateContext, AggregateError, DomainEvent, EventEnvelope, EventStore};
use domain::event::EVENT_VERSION;
use domain::{Aggregate, At, Context, Decision, Event, Meta, Refusal, StreamId, StreamKind};
use postgres_es::PostgresEventRepository;
use serde::{Deserialize, Serialize};
use sqlite_es::SqliteEventRepository;

use crate::appender::{Submission, Work};
use crate::db::{Db, PostgresDb};
use crate::documents::sha256;
use crate::error::ExecuteError;
use crate::store::Store;

/// A kind of stream, as a type.
pub trait Kind: Default + Send + Sync + 'static {
    /// The kind.
    const KIND: StreamKind;
    /// Its name in the table.
    const TYPE: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $type:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub struct $name;

        impl Kind for $name {
            const KIND: StreamKind = StreamKind::$name;
            const TYPE: &'static str = $type;
        }
    )+};
}

kinds! {
    /// Registers.
    Register = "register";
    /// Organisations.
    Organization = "organization";
    /// Cycles.
    Cycle = "cycle";
    /// Files.
    Enrolment = "enrolment";
    /// Teaching sessions.
    Session = "session";
}

/// An event as cqrs-es handles it: payload and metadata in their stored form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Name of the event.
    pub event_type: String,
    /// `{ "EventName": { … } }`
    pub payload: serde_json::Value,
    /// Who, when, under which decision.
    pub meta: Meta,
}

impl DomainEvent for StoredEvent {
    fn event_type(&self) -> String {
        self.event_type.clone()
    }

    fn event_version(&self) -> String {
        EVENT_VERSION.to_owned()
    }
}

/// A stream's state as a cqrs-es aggregate. Commands do not go through it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct EsAggregate<K: Kind> {
    #[serde(skip)]
    state: Option<Aggregate>,
    #[serde(skip)]
    version: u64,
    #[serde(skip)]
    kind: PhantomData<K>,
}

impl<K: Kind> Default for EsAggregate<K> {
    fn default() -> Self {
        Self { state: None, version: 0, kind: PhantomData }
    }
}

impl<K: Kind> EsAggregate<K> {
    /// The state; `None` before the first event.
    #[must_use]
    pub const fn state(&self) -> Option<&Aggregate> {
        self.state.as_ref()
    }
}

/// Commands go through [`Store::execute`].
#[derive(Debug, thiserror::Error)]
#[error("commands go through Store::execute")]
pub struct NotHere;

impl<K: Kind> cqrs_es::Aggregate for EsAggregate<K> {
    const TYPE: &'static str = K::TYPE;
    type Command = ();
    type Event = StoredEvent;
    type Error = NotHere;
    type Services = ();

    async fn handle(&mut self, (): (), (): &(), _sink: &EventSink<Self>) -> Result<(), NotHere> {
        Err(NotHere)
    }

    fn apply(&mut self, stored: StoredEvent) {
        self.version += 1;
        // What does not decode was refused when it was loaded.
        if let Ok(event) = Event::from_payload(K::KIND, stored.payload) {
            let at = At { version: self.version, meta: &stored.meta };
            self.state.get_or_insert_with(|| Aggregate::empty(K::KIND)).evolve(&event, at);
        }
    }
}

/// A loaded stream, to be committed to.
pub struct EsContext<K: Kind> {
    aggregate_id: String,
    version: u64,
    aggregate: EsAggregate<K>,
}

impl<K: Kind> AggregateContext<EsAggregate<K>> for EsContext<K> {
    fn aggregate(&mut self) -> &mut EsAggregate<K> {
        &mut self.aggregate
    }
}

/// cqrs-es's `EventStore` for one kind of stream.
pub struct EsStore<K: Kind> {
    store: Arc<Store>,
    kind: PhantomData<K>,
}

impl<K: Kind> EsStore<K> {
    /// The face of `store` for streams of kind `K`.
    #[must_use]
    pub const fn new(store: Arc<Store>) -> Self {
        Self { store, kind: PhantomData }
    }

    async fn serialized(&self, aggregate_id: &str) -> Result<Vec<SerializedEvent>, PersistenceError> {
        match self.store.db() {
            Db::Sqlite(db) => {
                SqliteEventRepository::new(db.reader.clone()).get_events::<EsAggregate<K>>(aggregate_id).await
            }
            Db::Postgres(PostgresDb { pool, .. }) => {
                PostgresEventRepository::new(pool.clone()).get_events::<EsAggregate<K>>(aggregate_id).await
            }
        }
    }
}

impl<K: Kind> EventStore<EsAggregate<K>> for EsStore<K> {
    type AC = EsContext<K>;

    async fn load_events(
        &self,
        aggregate_id: &str,
    ) -> Result<Vec<EventEnvelope<EsAggregate<K>>>, AggregateError<NotHere>> {
        let mut envelopes = Vec::new();
        for stored in self.serialized(aggregate_id).await? {
            let (_, version, event, meta) =
                self.store.codec().decode(stored).map_err(|e| AggregateError::DeserializationError(Box::new(e)))?;
            envelopes.push(EventEnvelope {
                aggregate_id: aggregate_id.to_owned(),
                sequence: usize::try_from(version).unwrap_or(usize::MAX),
                payload: StoredEvent { event_type: event.event_type().to_owned(), payload: event.to_payload()?, meta },
                metadata: HashMap::new(),
            });
        }
        Ok(envelopes)
    }

    async fn load_aggregate(&self, aggregate_id: &str) -> Result<EsContext<K>, AggregateError<NotHere>> {
        let mut aggregate = EsAggregate::default();
        let mut version = 0;
        for envelope in self.load_events(aggregate_id).await? {
            version = u64::try_from(envelope.sequence).unwrap_or(u64::MAX);
            cqrs_es::Aggregate::apply(&mut aggregate, envelope.payload);
        }
        Ok(EsContext { aggregate_id: aggregate_id.to_owned(), version, aggregate })
    }

    /// Appends to the one stream at the version loaded; all events count as one decision, that of the first.
    async fn commit(
        &self,
        events: Vec<StoredEvent>,
        context: EsContext<K>,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<EsAggregate<K>>>, AggregateError<NotHere>> {
        let Some(first) = events.first() else {
            return Ok(Vec::new());
        };
        let stream = StreamId::stored(K::KIND, context.aggregate_id.clone());
        let meta = first.meta.clone();
        let mut decision = Decision {
            events: Vec::new(),
            occurred_on: meta.occurred_on,
            documents: meta.documents,
            waiver: meta.waiver,
            balance: None,
        };
        for event in &events {
            decision.push(stream.clone(), Event::from_payload(K::KIND, event.payload.clone())?);
        }
        // A decision id names one commit; another under the same id is told so, and is not taken for a repetition.
        let fingerprint = sha256(&serde_json::to_vec(&(stream.to_string(), context.version, &events))?);
        let submission = Submission {
            work: Work::Append { stream, expected: context.version, decision },
            precondition: None,
            context: Context { now: meta.recorded_at, actor: meta.actor, decision_id: meta.decision_id },
            key: None,
            fingerprint,
            persons: Vec::new(),
            request_id: meta.request_id,
        };
        self.store.execute(submission).await.map_err(|error| {
            if let ExecuteError::Refused(refused) = &error
                && matches!(*refused.refusal, Refusal::StaleVersion { .. })
            {
                return AggregateError::AggregateConflict;
            }
            AggregateError::UnexpectedError(Box::new(error))
        })?;
        Ok((context.version + 1..)
            .zip(events)
            .map(|(version, payload)| EventEnvelope {
                aggregate_id: context.aggregate_id.clone(),
                sequence: usize::try_from(version).unwrap_or(usize::MAX),
                payload,
                metadata: metadata.clone(),
            })
            .collect())
    }
}
