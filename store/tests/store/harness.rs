//! What every test of the store uses: databases, commands, and what must always hold of the log.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use domain::cycle::{CycleCommand, ExtendCycle, Intake, OpenCycle, SetIntake};
use domain::document::Common;
use domain::enrolment::{EnrolmentCommand, SubmitApplication};
use domain::event::EVENT_VERSION;
use domain::ids::{DecisionId, ProgramId};
use domain::register::{
    AddEntry, ChangeEntry, CloseEntry, Details, EntryChange, EntryId, MergeEntries, RegisterCommand,
};
use domain::{Command, Context, Event, Meta, RecordedEvent, Rulebook, StreamId, Uscc};
use store::db::Tx;
use store::testing::TestDatabase;
use store::{AnyModel, Committed, Db, ExecuteError, Store, StoreConfig, Submission, Work, on_reader, on_tx};
use uuid::Uuid;

/// Runs each `async fn name(database: TestDatabase)` on both databases.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(store::testing::TestDatabase::sqlite().unwrap()).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                super::$name(store::testing::TestDatabase::postgres().await.unwrap()).await;
            })+
        }
    };
}

/// The longest that anything may take before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// The cycle of [`open_cycle`].
pub(crate) const CYCLE: &str = "wuhu-incubation-2026";
const WUHU: &str = include_str!("../../../domain/rulebooks/wuhu-incubation.toml");

/// The settings of a test: no read model unless given, quick to look again.
pub(crate) fn config(database: &TestDatabase, models: Vec<Box<dyn AnyModel>>) -> StoreConfig {
    StoreConfig { poll: Duration::from_millis(50), ..StoreConfig::new(database.url.clone(), models) }
}

/// A running store.
pub(crate) async fn start(database: &TestDatabase, models: Vec<Box<dyn AnyModel>>) -> Arc<Store> {
    Arc::new(Store::start(config(database, models)).await.unwrap())
}

/// Looks until `look` answers something.
#[track_caller]
pub(crate) fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(tokio::time::Instant::now() < until, "{place}: never came about: {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub(crate) fn id<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The award office of every program, on 1 July 2026, with a decision of its own.
pub(crate) fn office(program: &str) -> Context {
    by(&format!("office/{program}/somebody"))
}

pub(crate) fn by(actor: &str) -> Context {
    Context { now: id("2026-07-01T04:00:00Z"), actor: id(actor), decision_id: DecisionId::new(Uuid::now_v7()) }
}

fn today() -> Common {
    Common::on(id("2026-07-01"))
}

/// The rules of Wuhu, as those of `program`.
pub(crate) fn rulebook(program: &str) -> Arc<Rulebook> {
    let mut rulebook = domain::rulebook::load::parse("wuhu-incubation.toml", WUHU).unwrap();
    rulebook.program = id::<ProgramId>(program);
    Arc::new(rulebook)
}

/// Commands on the register of one program: one stream.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) rulebook: Arc<Rulebook>,
}

impl Program {
    pub(crate) fn new(program: &str) -> Self {
        Self { rulebook: rulebook(program) }
    }

    pub(crate) fn stream(&self) -> StreamId {
        StreamId::register(&self.rulebook.program)
    }

    fn add(&self, entry: EntryId, details: Details) -> RegisterCommand {
        RegisterCommand::Add(AddEntry { rulebook: Arc::clone(&self.rulebook), entry, details, common: today() })
    }

    pub(crate) fn district(&self, district: &str) -> RegisterCommand {
        self.add(EntryId::District(id(district)), Details::District { name: district.to_owned() })
    }

    pub(crate) fn station(&self, station: &str, district: &str) -> RegisterCommand {
        self.add(EntryId::Station(id(station)), Details::Station { name: station.to_owned(), district: id(district) })
    }

    pub(crate) fn rename(&self, entry: EntryId, name: &str) -> RegisterCommand {
        RegisterCommand::Change(ChangeEntry {
            rulebook: Arc::clone(&self.rulebook),
            entry,
            change: EntryChange::Rename { name: name.to_owned() },
            common: today(),
        })
    }

    pub(crate) fn reassign(&self, entry: EntryId, district: &str) -> RegisterCommand {
        RegisterCommand::Change(ChangeEntry {
            rulebook: Arc::clone(&self.rulebook),
            entry,
            change: EntryChange::Reassign { district: id(district) },
            common: today(),
        })
    }

    pub(crate) fn close(&self, entry: EntryId) -> RegisterCommand {
        RegisterCommand::Close(CloseEntry {
            rulebook: Arc::clone(&self.rulebook),
            entry,
            reason: "并入".to_owned(),
            common: today(),
        })
    }

    pub(crate) fn merge(&self, entry: EntryId, successor: EntryId) -> RegisterCommand {
        RegisterCommand::Merge(MergeEntries { rulebook: Arc::clone(&self.rulebook), entry, successor, common: today() })
    }
}

/// Opens [`CYCLE`]: two streams in one decision.
pub(crate) fn open_cycle(program: &Program) -> CycleCommand {
    CycleCommand::Open(OpenCycle {
        cycle: id(CYCLE),
        program: program.rulebook.program.clone(),
        label: "2026—2027".to_owned(),
        starts_on: id("2026-01-01"),
        ends_on: None,
        intake: Intake { from: None, to: None },
        rulebook: Arc::clone(&program.rulebook),
        common: today(),
    })
}

/// One event on the cycle's stream, again and again.
pub(crate) fn set_intake() -> CycleCommand {
    CycleCommand::SetIntake(SetIntake { cycle: id(CYCLE), intake: Intake { from: None, to: None }, common: today() })
}

/// One event on the cycle's stream and one on the register's: the cycle ends `n` days later than at its opening.
pub(crate) fn extend_cycle(n: u32) -> CycleCommand {
    let opened_until: chrono::NaiveDate = id("2028-01-01");
    let ends_on = opened_until + chrono::Days::new(u64::from(n) + 1);
    CycleCommand::Extend(ExtendCycle { cycle: id(CYCLE), ends_on, reason: "评审延期".to_owned(), common: today() })
}

/// The `n`th organisation's number.
pub(crate) fn uscc(n: u32) -> Uscc {
    let seventeen = format!("91340200M{n:08}");
    let check = Uscc::check_character(&seventeen).unwrap();
    id(&format!("{seventeen}{check}"))
}

/// The `n`th organisation applies: four events on three streams, one of them the cycle's.
pub(crate) fn apply(n: u32) -> Submission {
    let command = EnrolmentCommand::SubmitApplication(SubmitApplication {
        cycle: id(CYCLE),
        uscc: uscc(n),
        application: Box::new(domain::forms::samples::application(
            &format!("第{n}组织"),
            id("jinghu"),
            Some(id("B")),
            id("2026-07-01"),
        )),
        previous: None,
        self_evaluation: None,
        common: today(),
    });
    submission(Command::Enrolment(command), by(&format!("organization/{}/somebody", uscc(n))))
}

pub(crate) fn submission(command: Command, context: Context) -> Submission {
    Submission {
        work: Work::Command(command),
        precondition: None,
        context,
        key: None,
        fingerprint: String::new(),
        persons: Vec::new(),
        request_id: None,
    }
}

/// A command on the register, by its program's office.
pub(crate) fn register(command: RegisterCommand) -> Submission {
    let program = match &command {
        RegisterCommand::Add(command) => &command.rulebook.program,
        RegisterCommand::Change(command) => &command.rulebook.program,
        RegisterCommand::Merge(command) => &command.rulebook.program,
        RegisterCommand::Close(command) => &command.rulebook.program,
    };
    let context = office(program.as_str());
    submission(Command::Register(command), context)
}

/// A command on [`CYCLE`], by its office.
pub(crate) fn cycle(command: CycleCommand) -> Submission {
    submission(Command::Cycle(command), office("wuhu-incubation"))
}

/// The code of a refusal; anything else fails the test.
#[track_caller]
pub(crate) fn refusal(answer: Result<Committed, ExecuteError>) -> &'static str {
    match answer {
        Err(ExecuteError::Refused(refused)) => refused.refusal.code(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A cycle that takes applications.
pub(crate) async fn open(store: &Store) {
    let program = Program::new("wuhu-incubation");
    store.execute(cycle(open_cycle(&program))).await.unwrap();
    store.execute(register(program.district("jinghu"))).await.unwrap();
}

/// Adds districts `d{from}` … in groups as large as they come.
pub(crate) async fn districts(store: &Arc<Store>, program: &Program, numbers: std::ops::Range<u32>) {
    let commands = numbers.map(|n| {
        let (store, command) = (Arc::clone(store), program.district(&format!("d{n}")));
        tokio::spawn(async move { store.execute(register(command)).await })
    });
    for command in commands.collect::<Vec<_>>() {
        command.await.unwrap().unwrap();
    }
}

/// The whole log, after checking what must hold of it whatever happened: positions are dense, versions of each
/// stream consecutive, decisions whole and together.
pub(crate) async fn sound_log(store: &Store) -> Vec<RecordedEvent> {
    let log = store.feed().after(0, u32::MAX).await.unwrap();
    let positions: Vec<u64> = log.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=log.len() as u64).collect::<Vec<_>>(), "positions are dense");
    assert_eq!(store.feed().head().await.unwrap(), log.len() as u64, "the head is the last position");
    let mut versions = BTreeMap::new();
    for event in &log {
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.version, *version, "versions of {} are consecutive", event.stream);
    }
    let mut rest = log.as_slice();
    while let Some(first) = rest.first() {
        let (decision, after) = rest.split_at(first.meta.decision_size as usize);
        assert!(decision.iter().all(|e| e.meta.decision_id == first.meta.decision_id), "decisions are whole");
        rest = after;
    }
    log
}

/// A decision as an old or foreign program would write it: one event, in a transaction that others must wait for.
pub(crate) async fn append_raw(tx: &mut Tx, event_version: &str, event: &RecordedEvent, payload: &serde_json::Value) {
    let (json, sign) = match tx {
        Tx::Sqlite(_) => ("", ""),
        Tx::Postgres(_) => ("::json", "FOR UPDATE"),
    };
    let head = format!("SELECT position FROM head WHERE id = 1 {sign}");
    let (head,): (i64,) = on_tx!(tx, conn => sqlx::query_as(&head).fetch_one(conn).await).unwrap();
    let insert = format!(
        "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
         position) VALUES ($1, $2, $3, $4, $5, $6{json}, $7{json}, $8)"
    );
    on_tx!(tx, conn => sqlx::query(&insert)
        .bind(event.stream.kind().to_string())
        .bind(event.stream.id())
        .bind(i64::try_from(event.version).unwrap())
        .bind(event.event.event_type())
        .bind(event_version)
        .bind(payload.to_string())
        .bind(serde_json::to_string(&event.meta).unwrap())
        .bind(head + 1)
        .execute(conn).await.map(|_| ()))
    .unwrap();
    // It folds nothing: whatever rode along is left behind.
    let leave = "UPDATE checkpoints SET position = $1 WHERE position IS NULL";
    let left =
        on_tx!(tx, conn => sqlx::query(leave).bind(head).execute(conn).await.map(|done| done.rows_affected())).unwrap();
    on_tx!(tx, conn => sqlx::query("UPDATE head SET position = $1, epoch = epoch + $2")
        .bind(head + 1).bind(i64::from(left > 0)).execute(conn).await.map(|_| ()))
    .unwrap();
}

/// The same in the present shape.
pub(crate) async fn append_foreign(tx: &mut Tx, event: &RecordedEvent) {
    append_raw(tx, EVENT_VERSION, event, &event.event.to_payload().unwrap()).await;
}

/// An event that the office of `stream` records by itself.
pub(crate) fn recorded(stream: StreamId, version: u64, event: impl Into<Event>) -> RecordedEvent {
    let context = office("wuhu-incubation");
    let meta = Meta {
        decision_id: context.decision_id,
        recorded_at: context.now,
        occurred_on: id("2026-07-01"),
        actor: context.actor,
        documents: Vec::new(),
        waiver: None,
        decision_size: 1,
        request_id: None,
    };
    RecordedEvent { position: 0, stream, version, meta, event: event.into() }
}

/// Tells every node that other models ride along now: the next group is written under the head row.
pub(crate) async fn ride_anew(store: &Store) {
    let mut tx = store.db().begin().await.unwrap();
    tx.run("UPDATE head SET epoch = epoch + 1").await.unwrap();
    tx.commit().await.unwrap();
}

/// One integer from the database.
pub(crate) async fn number(db: &Db, sql: &str) -> i64 {
    let (number,): (i64,) = on_reader!(db, pool => sqlx::query_as(sql).fetch_one(pool).await).unwrap();
    number
}

/// Key and body of all rows of a read model, by key.
pub(crate) async fn rows(db: &Db, table: &str) -> Vec<(String, String)> {
    store::sql::Sql::new(&format!("SELECT key, body FROM {table} ORDER BY key")).pairs(db).await.unwrap()
}

/// Waits until `count` connections of this PostgreSQL database wait for a lock. SQLite's one writer queues in
/// the pool, in order, where nobody can look; there this answers at once.
pub(crate) async fn lock_waiters(db: &Db, count: i64) {
    if let Db::Postgres(_) = db {
        let sql =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("somebody waits for a lock", || async { (number(db, sql).await >= count).then_some(()) }).await;
    }
}
