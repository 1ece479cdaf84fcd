//! What the tests of read models begin with: a small program, its organisations, a log, and a table in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::cycle::{CycleEvent, Intake};
use domain::enrolment::EnrolmentEvent;
use domain::forms::annex1::Application;
use domain::forms::facts::{AssistanceAnswer, AssistanceRequest, Channel, Visit};
use domain::ids::{ClassId, CycleId, DecisionId, OrganizationId};
use domain::organization::OrganizationEvent;
use domain::register::{Details, EntryId, RegisterEvent};
use domain::{Event, Meta, RecordedEvent, Rulebook, StreamId, Uscc};
use serde_json::json;
use store::testing::TestDatabase;
use store::{AnyModel, Db, Store, StoreConfig, TableDef, Touch, Value, on_writer};
use uuid::Uuid;

/// The cycle of most tests.
pub(crate) const CYCLE: &str = "wuhu-2026";

pub(crate) fn id<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn class(text: &str) -> ClassId {
    id(text)
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn nth(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// The `n`th organisation's number, with its right check character.
pub(crate) fn uscc(n: u32) -> Uscc {
    let body = format!("91340200MA{n:07}");
    let check = Uscc::check_character(&body).unwrap();
    id(&format!("{body}{check}"))
}

pub(crate) fn organization(n: u32) -> OrganizationId {
    OrganizationId::first_registered(uscc(n))
}

/// The key of an organisation's file in the cycle of most tests.
pub(crate) fn file(n: u32) -> String {
    format!("{CYCLE}/{}", organization(n))
}

/// Two places per recommender, classes A to D with D ≤ C, a visit every 180 days.
pub(crate) fn rulebook() -> Rulebook {
    let rule = json!({ "clause": "三（二）", "text": "…", "strength": "must" });
    let name = |text: &str| json!({ "zh": text, "en": text });
    let class = |text: &str| json!({ "id": text, "name": name(text), "conditions": rule });
    serde_json::from_value(json!({
        "program": "wuhu", "edition": "1", "name": name("芜湖"), "pool": name("池"), "office": name("办"),
        "label": "试行（征求意见稿）", "sources": [], "time_zone": "+08:00",
        "cycle": {
            "months": 24, "rule": rule, "late_entry_days": 90, "late_entry_rule": rule,
            "reapplication": "after_end", "reapplication_needs_self_evaluation": true, "reapplication_rule": rule,
        },
        "steps": { "recommendation": true, "survey": true, "rule": rule },
        "recommenders": { "kinds": [], "rule": rule, "quota": { "limit": 2, "rule": rule } },
        "incidents": { "kinds": [], "removal_rule": rule, "look_back_years": 3, "look_back_rule": rule },
        "classes": {
            "list": [class("A"), class("B"), class("C"), class("D")], "rule": rule,
            "movable_from": { "classes": ["C", "D"], "rule": rule },
            "movable_to": { "classes": ["C", "D"], "rule": rule },
            "constraints": [{ "class": "D", "not_above": "C", "rule": rule }],
            "grounds_rule": rule,
        },
        "visits": { "interval_days": 180, "rule": rule, "interval_rule": rule },
        "award": { "members_only": false, "rule": rule },
        "batch_limit": 200,
    }))
    .unwrap()
}

/// The form of an organisation of that name in a district, dated 2026-02-01.
pub(crate) fn application(name: &str, district: &str) -> Box<Application> {
    let person = nth(1).to_string();
    serde_json::from_value(json!({
        "name": name, "address": "芜湖", "contact": { "person": person },
        "nature": "enterprise", "enterprise_type": "private", "size": "medium", "sector": "manufacturing",
        "key_field": "materials", "profitable": "yes", "major_incidents": "none",
        "complaints_or_dishonesty": "none",
        "standardization": { "in_committee": "no", "practice_rating": "not_rated" },
        "certifications": {}, "testing": { "not_applicable": true },
        "own_class": "B", "applied_on": "2026-02-01",
        "supplement": {
            "district": district,
            "licence": { "name": "照", "number": "1", "held_since": "2010-01-01" },
            "model_introduced_on": "2020-01-01",
            "spot_check_failures": "none", "serious_breaches": "none",
            "legal_representative": { "person": person, "no_criminal_record": true },
            "tags": ["specialised"],
        },
    }))
    .unwrap()
}

pub(crate) fn visit(station: &str) -> Visit {
    Visit { station: id(station), channel: Channel::OnSite, findings: "…".to_owned(), needs: None, carry_over: None }
}

pub(crate) fn request() -> AssistanceRequest {
    AssistanceRequest { subject: "…".to_owned(), description: "…".to_owned() }
}

pub(crate) fn answer() -> AssistanceAnswer {
    AssistanceAnswer { channel: Channel::Phone, answer: "…".to_owned(), experts: Vec::new() }
}

/// A log in the making.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    events: Vec<RecordedEvent>,
    versions: HashMap<StreamId, u64>,
}

impl Log {
    /// A log whose first event opens the cycle, from 2026-01-01 for two years.
    pub(crate) fn open() -> Self {
        let mut log = Self::default();
        log.opened(CYCLE, "2026-01-01", "2028-01-01");
        log
    }

    pub(crate) fn events(&self) -> &[RecordedEvent] {
        &self.events
    }

    /// Appends an event of a day.
    pub(crate) fn push(&mut self, on: &str, stream: StreamId, event: impl Into<Event>) -> &mut Self {
        let version = self.versions.entry(stream.clone()).or_default();
        *version += 1;
        let position = self.events.len() as u64 + 1;
        let meta = Meta {
            decision_id: DecisionId::new(nth(u128::from(position))),
            recorded_at: day(on).and_hms_opt(4, 0, 0).unwrap().and_utc(),
            occurred_on: day(on),
            actor: id("office/wuhu/li"),
            documents: Vec::new(),
            waiver: None,
            decision_size: 1,
            request_id: None,
        };
        self.events.push(RecordedEvent { position, stream, version: *version, meta, event: event.into() });
        self
    }

    /// An event of the cycle.
    pub(crate) fn cycle(&mut self, on: &str, event: CycleEvent) -> &mut Self {
        self.push(on, StreamId::cycle(&id(CYCLE)), event)
    }

    /// An event of an organisation's file in the cycle.
    pub(crate) fn file(&mut self, n: u32, on: &str, event: EnrolmentEvent) -> &mut Self {
        self.push(on, StreamId::enrolment(&id(CYCLE), &organization(n)), event)
    }

    /// An event of an organisation.
    pub(crate) fn organization(&mut self, n: u32, on: &str, event: OrganizationEvent) -> &mut Self {
        self.push(on, StreamId::organization(&organization(n)), event)
    }

    /// An event of the register.
    pub(crate) fn register(&mut self, on: &str, event: RegisterEvent) -> &mut Self {
        self.push(on, StreamId::register(&id("wuhu")), event)
    }

    pub(crate) fn opened(&mut self, cycle: &str, starts_on: &str, ends_on: &str) -> &mut Self {
        let opened = CycleEvent::CycleOpened {
            cycle: id(cycle),
            program: id("wuhu"),
            label: cycle.to_owned(),
            starts_on: day(starts_on),
            ends_on: day(ends_on),
            intake: Intake::default(),
            rulebook: Arc::new(rulebook()),
        };
        self.push(starts_on, StreamId::cycle(&id(cycle)), opened)
    }

    pub(crate) fn district(&mut self, district: &str) -> &mut Self {
        let details = Details::District { name: district.to_uppercase() };
        self.register("2026-01-01", RegisterEvent::Registered { entry: EntryId::District(id(district)), details })
    }

    pub(crate) fn station(&mut self, station: &str, district: &str) -> &mut Self {
        let details = Details::Station { name: station.to_uppercase(), district: id(district) };
        self.register("2026-01-01", RegisterEvent::Registered { entry: EntryId::Station(id(station)), details })
    }

    pub(crate) fn recommender(&mut self, recommender: &str) -> &mut Self {
        let (name, recommender_kind) = (recommender.to_uppercase(), id("association"));
        let details = Details::Recommender { name, recommender_kind, district: None };
        let entry = EntryId::Recommender(id(recommender));
        self.register("2026-01-01", RegisterEvent::Registered { entry, details })
    }

    /// Hands in an application, as the domain appends it.
    pub(crate) fn applied(&mut self, n: u32, attempt: u32) -> &mut Self {
        self.applied_in(CYCLE, n, attempt, "2026-02-01")
    }

    pub(crate) fn applied_in(&mut self, cycle: &str, n: u32, attempt: u32, on: &str) -> &mut Self {
        let (cycle, organization): (CycleId, _) = (id(cycle), organization(n));
        let form = application(&format!("Org {n}"), "jinghu");
        let own = StreamId::organization(&organization);
        if !self.versions.contains_key(&own) {
            let (name, district) = (form.name.clone(), form.supplement.district.clone());
            let registered =
                OrganizationEvent::OrganizationRegistered { uscc: uscc(n), name, district, program: id("wuhu") };
            self.push(on, own.clone(), registered);
        }
        let opened = OrganizationEvent::EnrolmentOpened { cycle: cycle.clone(), program: id("wuhu"), attempt };
        let submitted = EnrolmentEvent::ApplicationSubmitted {
            organization: organization.clone(),
            cycle: cycle.clone(),
            attempt,
            application: form,
            previous: None,
            self_evaluation: None,
        };
        self.push(on, own, opened);
        self.push(on, StreamId::enrolment(&cycle, &organization), submitted);
        self.push(on, StreamId::cycle(&cycle), CycleEvent::ApplicantEntered { organization, attempt })
    }

    pub(crate) fn nominated(&mut self, n: u32, recommender: &str) -> &mut Self {
        let event = CycleEvent::OrganizationNominated { organization: organization(n), recommender: id(recommender) };
        self.cycle("2026-02-10", event)
    }

    pub(crate) fn surveyed_by(&mut self, n: u32, station: &str) -> &mut Self {
        let event =
            EnrolmentEvent::SurveyAssigned { station: id(station), experts: Vec::new(), automatic: true, reason: None };
        self.file(n, "2026-02-10", event)
    }

    /// Admitted and classified on 2026-03-10.
    pub(crate) fn admitted(&mut self, n: u32, class: &str) -> &mut Self {
        let organization = organization(n);
        self.cycle("2026-03-10", CycleEvent::OrganizationAdmitted { organization: organization.clone() });
        let event = CycleEvent::OrganizationClassified { organization, class: id(class), survey: None, grounds: None };
        self.cycle("2026-03-10", event)
    }

    /// A member from application to admission, nominated by `alpha`.
    pub(crate) fn member(&mut self, n: u32, class: &str) -> &mut Self {
        self.applied(n, 1).nominated(n, "alpha").admitted(n, class)
    }
}

/// A read model's table in memory: key to columns and body.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table(BTreeMap<String, (Vec<Value>, String)>);

impl Table {
    /// The table after a log, folded in batches that end after these counts of events.
    pub(crate) fn folded(model: &dyn AnyModel, events: &[RecordedEvent], batches: &[usize]) -> Self {
        let mut table = Self::default();
        let mut rest = events;
        for size in batches {
            let (batch, after) = rest.split_at((*size).min(rest.len()));
            table.fold(model, batch);
            rest = after;
        }
        table.fold(model, rest);
        table
    }

    /// Folds a batch as the store does: loads what the events touch, writes what changed.
    fn fold(&mut self, model: &dyn AnyModel, batch: &[RecordedEvent]) {
        let touches: BTreeSet<Touch> = batch.iter().flat_map(|event| model.touches(event)).collect();
        let place = |column: &str| model.table().columns.iter().position(|c| c.name == column).unwrap();
        let loaded = self.0.iter().filter(|(key, (columns, _))| {
            touches.iter().any(|touch| match touch {
                Touch::Key(wanted) => wanted == *key,
                Touch::New(_) => false,
                Touch::Matching(column, value) => columns[place(column)] == Value::from(value.as_str()),
                Touch::Through(column, row) => {
                    let row = self.0.get(row);
                    row.is_some_and(|(columns, _)| columns[place(column)] == Value::from(key.as_str()))
                }
            })
        });
        let loaded = loaded.map(|(key, (_, body))| (key.clone(), body.clone())).collect();
        let changes = model.fold(loaded, batch).unwrap();
        for row in changes.written {
            assert_eq!(row.columns.len(), model.table().columns.len(), "{}", model.table().name);
            self.0.insert(row.key, (row.columns, row.body));
        }
        for key in changes.deleted {
            self.0.remove(&key);
        }
    }

    /// The row of a key.
    pub(crate) fn row<R: serde::de::DeserializeOwned>(&self, key: &str) -> R {
        let (_, body) = self.0.get(key).unwrap_or_else(|| panic!("no row {key}"));
        serde_json::from_str(body).unwrap()
    }

    /// The bodies of all rows, by key.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(|(_, body)| body.as_str())
    }

    /// All rows, by key.
    pub(crate) fn rows<R: serde::de::DeserializeOwned>(&self) -> Vec<R> {
        self.0.values().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
    }

    /// The value of a column.
    pub(crate) fn column(&self, model: &dyn AnyModel, key: &str, column: &str) -> Value {
        let place = model.table().columns.iter().position(|c| c.name == column).unwrap();
        self.0[key].0[place].clone()
    }
}

/// Runs each of these tests, `async fn name(database: TestDatabase)`, on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($name:ident)+) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(store::testing::TestDatabase::sqlite().unwrap()).await;
                }
            )+
        }
        mod postgresql {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(store::testing::TestDatabase::postgres().await.unwrap()).await;
                }
            )+
        }
    };
}
pub(crate) use on_both_databases;

/// A store on a database whose read models show a log.
pub(crate) async fn showing(database: &TestDatabase, log: &Log) -> Store {
    let store = Store::start(StoreConfig::new(database.url.clone(), crate::models())).await.unwrap();
    show(&store, log).await;
    store
}

/// Makes the read models show another log.
pub(crate) async fn show(store: &Store, log: &Log) {
    show_events(store, log.events()).await;
}

/// Makes the read models show these events.
pub(crate) async fn show_events(store: &Store, events: &[RecordedEvent]) {
    for model in crate::models() {
        run(store.db(), &format!("DELETE FROM {}", model.table().name)).await;
        for (key, (columns, body)) in Table::folded(&*model, events, &[]).0 {
            insert(store.db(), model.table(), key, columns, body).await;
        }
    }
}

async fn insert(db: &Db, table: TableDef, key: String, columns: Vec<Value>, body: String) {
    let names: Vec<&str> = ["key"].into_iter().chain(table.columns.iter().map(|c| c.name)).chain(["body"]).collect();
    let values = [Value::Text(key)].into_iter().chain(columns).chain([Value::Text(body)]);
    let literals: Vec<String> = values
        .map(|value| match value {
            Value::Null => "NULL".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        })
        .collect();
    run(db, &format!("INSERT INTO {} ({}) VALUES ({})", table.name, names.join(", "), literals.join(", "))).await;
}

async fn run(db: &Db, sql: &str) {
    on_writer!(db, pool => sqlx::raw_sql(sql).execute(pool).await.map(|_| ())).unwrap();
}
