//! Whatever is done to the log or its chain by SQL is found, and the first position named (E9).

use domain::event::EVENT_VERSION;
use domain::register::RegisterEvent;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::chain::{Algorithm, Chain, Fault, Finding, Head, verify};
use store::testing::TestDatabase;
use store::{Db, Store, import, on_reader};

use crate::harness::*;

on_both_databases! {
    e9_an_untouched_log_fits_its_chain,
    e9_an_edited_event_is_named,
    e9_a_deleted_event_is_named,
    e9_an_inserted_event_is_named,
    e9_swapped_events_are_named,
    e9_a_tail_that_was_cut_is_found,
    e9_a_log_rewritten_with_its_chain_is_found_by_a_head_kept_elsewhere,
    e9_a_chain_that_was_tampered_with_is_found,
    e9_a_fault_in_a_long_log_is_named,
    e9_the_chain_goes_on_as_it_was_begun,
    a_verification_does_not_mind_what_is_appended_meanwhile,
}

/// Events of the log that most tests tamper with.
const EVENTS: u32 = 12;

/// A log of so many events, all of them chained, that nobody is at work on.
async fn chained(database: &TestDatabase, events: u32) -> Db {
    chained_by(database, events, None).await
}

async fn chained_by(database: &TestDatabase, events: u32, chain_hash: Option<Algorithm>) -> Db {
    let store = Store::start(store::StoreConfig { chain_hash, ..config(database, Vec::new()) }).await.unwrap();
    let program = Program::new("p");
    for n in 0..events {
        store.execute(register(program.district(&format!("d{n}")))).await.unwrap();
    }
    store.stop().await;
    let db = database.beside().await.unwrap();
    let result = verify(&db, &[], |_| ()).await.unwrap();
    assert_eq!((result.head, result.chained, result.finding), (events.into(), events.into(), None));
    db
}

async fn head(db: &Db) -> Head {
    Chain::of(db).await.unwrap().head(db).await.unwrap()
}

/// Changes the database behind everybody's back, each statement in turn.
async fn tamper(db: &Db, statements: &[&str]) {
    let mut tx = db.begin().await.unwrap();
    for sql in statements {
        tx.run(sql).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Takes away the barrier that keeps others from changing the chain by accident.
async fn without_barrier(db: &Db) {
    match db {
        Db::Sqlite(_) => {
            tamper(
                db,
                &[
                    "DROP TRIGGER chain_is_not_changed",
                    "DROP TRIGGER chain_is_not_deleted",
                    "DROP TRIGGER chain_origin_is_not_changed",
                    "DROP TRIGGER chain_origin_is_not_deleted",
                ],
            )
            .await;
        }
        Db::Postgres(_) => {
            tamper(
                db,
                &["ALTER TABLE chain DISABLE TRIGGER chain_stays", "ALTER TABLE chain_origin DISABLE TRIGGER USER"],
            )
            .await;
        }
    }
}

#[track_caller]
fn found(db: &Db, heads: &[Head]) -> impl Future<Output = Option<(i64, Fault)>> {
    let (db, heads) = (db.clone(), heads.to_vec());
    async move {
        let result = verify(&db, &heads, |_| ()).await.unwrap();
        result.finding.map(|Finding { position, fault }| (position, fault))
    }
}

/// Moves all events from a position on by one, up or down.
async fn shift(db: &Db, from: i64, by: i64) {
    tamper(
        db,
        &[
            &format!("UPDATE events SET position = -(position + {by}) WHERE position >= {from}"),
            "UPDATE events SET position = -position WHERE position < 0",
        ],
    )
    .await;
}

/// A copy of the first event, as a later one of its stream, at a position.
fn insertion(position: i64) -> String {
    format!(
        "INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
         position) SELECT aggregate_type, aggregate_id, 1000, event_type, event_version, payload, metadata, {position} \
         FROM events WHERE position = 1"
    )
}

const CLOSE_GAP: &str = "UPDATE head SET position = position - 1";

async fn e9_an_untouched_log_fits_its_chain(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    let now = head(&db).await;
    assert_eq!((now.position, now.hash.len()), (EVENTS.into(), 64));
    assert_eq!(found(&db, &[now]).await, None);
    let seen = std::sync::Mutex::new(Vec::new());
    let result = verify(&db, &[], |to| seen.lock().unwrap().push(to)).await.unwrap();
    assert_eq!(result.hash, Some(head(&db).await.hash));
    assert_eq!(*seen.lock().unwrap(), [u64::from(EVENTS)]);
    // As it is held against from outside, while others are at work.
    let beside = Db::open_to_read(&database.url).await.unwrap();
    assert_eq!(found(&beside, &[]).await, None);
    let refused = beside.begin().await;
    if let Ok(mut tx) = refused {
        tx.run("UPDATE head SET position = 0").await.expect_err("it only reads");
    }
}

async fn e9_an_edited_event_is_named(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    let json = if matches!(db, Db::Postgres(_)) { "::json" } else { "" };
    for (position, column) in [(5, "payload"), (1, "metadata"), (12, "payload")] {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM events WHERE position = {position}");
        let (text,): (String,) = on_reader!(&db, pool => sqlx::query_as(&sql).fetch_one(pool).await).unwrap();
        let changed = text.replacen("d4", "d5", 1).replacen("somebody", "nobody", 1).replacen("d11", "d77", 1);
        assert_ne!(changed, text);
        let set = |text: &str| format!("UPDATE events SET {column} = '{text}'{json} WHERE position = {position}");
        tamper(&db, &[&set(&changed)]).await;
        assert_eq!(found(&db, &[]).await, Some((position, Fault::ContentChanged)));
        tamper(&db, &[&set(&text)]).await;
        assert_eq!(found(&db, &[]).await, None, "as it was");
    }
}

async fn e9_a_deleted_event_is_named(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    tamper(&db, &["DELETE FROM events WHERE position = 7"]).await;
    assert_eq!(found(&db, &[]).await, Some((7, Fault::EventMissing)));
    // The gap is closed, and the log made to look whole.
    shift(&db, 8, -1).await;
    tamper(&db, &[CLOSE_GAP]).await;
    assert_eq!(found(&db, &[]).await, Some((7, Fault::EventMissing)));
}

async fn e9_an_inserted_event_is_named(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    tamper(&db, &[&insertion(13)]).await;
    assert_eq!(found(&db, &[]).await, Some((13, Fault::EventInserted)), "at the end, past the head");
    tamper(&db, &["DELETE FROM events WHERE position = 13", &insertion(0)]).await;
    assert_eq!(found(&db, &[]).await, Some((0, Fault::EventInserted)), "before the beginning");
    tamper(&db, &["DELETE FROM events WHERE position = 0"]).await;
    assert_eq!(found(&db, &[]).await, None);
    shift(&db, 4, 1).await;
    tamper(&db, &[&insertion(4), "UPDATE head SET position = position + 1"]).await;
    assert_eq!(found(&db, &[]).await, Some((4, Fault::EventInserted)), "in the middle");
}

async fn e9_swapped_events_are_named(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    for (one, other) in [(3, 4), (2, 11)] {
        let swap = [
            format!("UPDATE events SET position = -{one} WHERE position = {one}"),
            format!("UPDATE events SET position = {one} WHERE position = {other}"),
            format!("UPDATE events SET position = {other} WHERE position = -{one}"),
        ];
        let swap = swap.each_ref().map(String::as_str);
        tamper(&db, &swap).await;
        assert_eq!(found(&db, &[]).await, Some((one, Fault::OrderChanged)));
        tamper(&db, &swap).await;
        assert_eq!(found(&db, &[]).await, None, "as it was");
    }
}

async fn e9_a_tail_that_was_cut_is_found(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    let kept = head(&db).await;
    tamper(&db, &["DELETE FROM events WHERE position > 9"]).await;
    assert_eq!(found(&db, &[]).await, Some((10, Fault::EventMissing)), "of the log alone");
    tamper(&db, &["UPDATE head SET position = 9"]).await;
    assert_eq!(found(&db, &[]).await, Some((10, Fault::EventMissing)), "of the log and its head row");
    without_barrier(&db).await;
    tamper(&db, &["DELETE FROM chain WHERE position > 9"]).await;
    assert_eq!(found(&db, &[]).await, Some((10, Fault::EventMissing)), "the chain is not where it was");
    tamper(&db, &["UPDATE followers SET position = 9"]).await;
    assert_eq!(found(&db, &[]).await, None, "nothing in the database tells of it any more");
    assert_eq!(found(&db, std::slice::from_ref(&kept)).await, Some((10, Fault::EventMissing)), "the head does");

    // What is appended later does not hide it.
    db.close().await;
    let store = start(&database, Vec::new()).await;
    districts(&store, &Program::new("q"), 0..9).await;
    store.stop().await;
    let db = Db::open(&database.url).await.unwrap();
    assert_eq!(found(&db, &[]).await, None);
    assert_eq!(found(&db, &[kept]).await, Some((12, Fault::HeadDiffers)));
}

async fn e9_a_log_rewritten_with_its_chain_is_found_by_a_head_kept_elsewhere(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    let kept = head(&db).await;
    without_barrier(&db).await;
    let rewritten = "UPDATE events SET event_type = 'Else' WHERE position = 3";
    tamper(&db, &[rewritten, "DELETE FROM chain", "UPDATE followers SET position = 0 WHERE name = 'chain'"]).await;
    db.close().await;
    // A node that starts makes the chain anew.
    start(&database, Vec::new()).await.stop().await;
    let db = database.beside().await.unwrap();
    let result = verify(&db, &[], |_| ()).await.unwrap();
    assert_eq!((result.chained, result.finding), (EVENTS.into(), None), "by itself it fits");
    assert_eq!(found(&db, std::slice::from_ref(&kept)).await, Some((12, Fault::HeadDiffers)));
    let against = |position, hash: &str| {
        let (db, result, hash) = (db.clone(), result.clone(), hash.to_owned());
        async move { result.against(&db, position, &hash).await.unwrap().map(|f| (f.position, f.fault)) }
    };
    assert_eq!(against(12, &kept.hash).await, Some((12, Fault::HeadDiffers)));
    assert_eq!(against(12, &head(&db).await.hash).await, None);
    assert_eq!(against(13, &kept.hash).await, Some((13, Fault::EventMissing)));
    assert_eq!(against(0, &kept.hash).await, Some((0, Fault::HeadDiffers)));

    tamper(&db, &["UPDATE chain_origin SET chain_id = 'another'"]).await;
    assert_eq!(found(&db, &[kept]).await, Some((1, Fault::OtherChain)));
}

async fn e9_a_chain_that_was_tampered_with_is_found(database: TestDatabase) {
    let db = chained(&database, EVENTS).await;
    for change in ["UPDATE chain SET hash = 'x'", "DELETE FROM chain", "UPDATE chain_origin SET algorithm = 'sm3'"] {
        let mut tx = db.begin().await.unwrap();
        let refused = tx.run(change).await.unwrap_err().to_string();
        assert!(refused.contains("is only ever added to"), "{refused}");
        tx.rollback().await.unwrap();
    }
    without_barrier(&db).await;
    tamper(&db, &["INSERT INTO chain (position, hash) VALUES (13, 'x')"]).await;
    assert_eq!(found(&db, &[]).await, Some((13, Fault::ChainInserted)));
    tamper(&db, &["INSERT INTO chain (position, hash) VALUES (0, 'x')"]).await;
    assert_eq!(found(&db, &[]).await, Some((0, Fault::ChainInserted)));
    tamper(&db, &["DELETE FROM chain WHERE position IN (0, 13)", "UPDATE head SET position = 10"]).await;
    assert_eq!(found(&db, &[]).await, Some((11, Fault::HeadBehind)));
    tamper(&db, &["UPDATE head SET position = 12", "UPDATE chain SET hash = 'x' WHERE position = 6"]).await;
    assert_eq!(found(&db, &[]).await, Some((6, Fault::ChainChanged)));
    tamper(&db, &["DELETE FROM chain WHERE position = 6"]).await;
    assert_eq!(found(&db, &[]).await, Some((6, Fault::ChainMissing)));
    tamper(&db, &["UPDATE head SET position = 14"]).await;
    assert_eq!(found(&db, &[]).await, Some((6, Fault::ChainMissing)), "the first comes first");
}

async fn e9_a_fault_in_a_long_log_is_named(database: TestDatabase) {
    const LONG: u64 = 1_203;
    let store = start(&database, Vec::new()).await;
    let events: Vec<_> = (1..=LONG)
        .map(|position| {
            let event =
                RegisterEvent::Closed { entry: domain::register::EntryId::District(id("a")), reason: "…".to_owned() };
            let stream = domain::StreamId::register(&id(&format!("p{position}")));
            domain::RecordedEvent { position, ..recorded(stream, 1, event) }
        })
        .collect();
    assert_eq!(import::append(store.db(), &events).await.unwrap(), LONG);
    store.stop().await;
    let db = database.beside().await.unwrap();
    let result = verify(&db, &[], |_| ()).await.unwrap();
    assert_eq!((result.chained, result.finding), (LONG, None));
    for (position, set, fault) in [
        (500, "event_version = '1.1'", Fault::ContentChanged),
        (501, "sequence = 2", Fault::ContentChanged),
        (1_001, "position = -5", Fault::EventInserted),
    ] {
        let undo = if set.starts_with("position") { -5 } else { position };
        tamper(&db, &[&format!("UPDATE events SET {set} WHERE position = {position}")]).await;
        let named = if fault == Fault::EventInserted { -5 } else { position };
        assert_eq!(found(&db, &[]).await, Some((named, fault)));
        let back = format!(
            "UPDATE events SET event_version = '{EVENT_VERSION}', sequence = 1, position = {position} WHERE position = {undo}"
        );
        tamper(&db, &[&back]).await;
    }
    assert_eq!(found(&db, &[]).await, None);
}

async fn e9_the_chain_goes_on_as_it_was_begun(database: TestDatabase) {
    let db = chained_by(&database, 3, Some(Algorithm::Sm3)).await;
    assert_eq!(head(&db).await.algorithm, Algorithm::Sm3);
    tamper(&db, &["UPDATE events SET event_type = 'Else' WHERE position = 2"]).await;
    assert_eq!(found(&db, &[]).await, Some((2, Fault::ContentChanged)));
    db.close().await;
    let other = store::StoreConfig { chain_hash: Some(Algorithm::Sha256), ..config(&database, Vec::new()) };
    let refused = Store::start(other).await.err().map(|error| error.to_string()).unwrap();
    assert_eq!(refused, "the hash chain of this database was begun with sm3; it cannot go on with sha-256");
    let store = start(&database, Vec::new()).await;
    assert_eq!(store.chain().algorithm, Algorithm::Sm3, "nothing said, nothing changed");
    store.stop().await;
}

async fn a_verification_does_not_mind_what_is_appended_meanwhile(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    let program = Program::new("p");
    let writer = tokio::spawn({
        let (store, program) = (std::sync::Arc::clone(&store), program.clone());
        async move { districts(&store, &program, 0..300).await }
    });
    while !writer.is_finished() {
        let result = verify(store.db(), &[], |_| ()).await.unwrap();
        assert_eq!(result.finding, None);
        assert!(result.chained <= result.head);
    }
    writer.await.unwrap();
    store.stop().await;
}

/// A change of one column of one event, as SQL that makes it and SQL that takes it back.
#[derive(Debug, Clone)]
struct Change {
    position: u32,
    column: usize,
    letter: char,
    place: prop::sample::Index,
}

const COLUMNS: [&str; 8] =
    ["aggregate_type", "aggregate_id", "sequence", "event_type", "event_version", "payload", "metadata", "position"];

fn change() -> impl Strategy<Value = Change> {
    (1..=EVENTS, 0..COLUMNS.len(), prop::char::range('a', 'z'), any::<prop::sample::Index>())
        .prop_map(|(position, column, letter, place)| Change { position, column, letter, place })
}

async fn any_change_of_a_column_is_found(db: &Db, change: &Change) {
    let (position, column) = (i64::from(change.position), COLUMNS[change.column]);
    let json = matches!(db, Db::Postgres(_)) && ["payload", "metadata"].contains(&column);
    let cast = if json { "::json" } else { "" };
    let now = |position: i64, value: &str| format!("UPDATE events SET {column} = {value} WHERE position = {position}");
    let (set, back, named) = match column {
        "position" => (now(position, "900"), now(900, &position.to_string()), position),
        "sequence" => (now(position, "900"), now(position, &position.to_string()), position),
        _ => {
            let sql = format!("SELECT CAST({column} AS TEXT) FROM events WHERE position = {position}");
            let (text,): (String,) = on_reader!(db, pool => sqlx::query_as(&sql).fetch_one(pool).await).unwrap();
            let quoted = |text: &str| format!("'{}'{cast}", text.replace('\'', "''"));
            let changed = if json {
                // It must stay JSON; white space says nothing, and is found all the same.
                format!("{text} ")
            } else {
                let mut letters: Vec<char> = text.chars().collect();
                letters.insert(change.place.index(letters.len() + 1), change.letter);
                letters.into_iter().collect()
            };
            (now(position, &quoted(&changed)), now(position, &quoted(&text)), position)
        }
    };
    tamper(db, &[&set]).await;
    let found = found(db, &[]).await;
    tamper(db, &[&back]).await;
    assert_eq!(found.map(|(position, _)| position), Some(named), "{change:?}");
}

/// Tries many changes on one log, each taken back again.
fn on_changes(database: impl Future<Output = TestDatabase>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (db, _database) = runtime.block_on(async {
        let database = database.await;
        (chained(&database, EVENTS).await, database)
    });
    let mut runner = TestRunner::new(Config { cases: 96, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&change(), |change| {
        runtime.block_on(any_change_of_a_column_is_found(&db, &change));
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(runtime.block_on(found(&db, &[])), None, "every change was taken back");
}

#[test]
fn e9_any_change_of_a_column_is_found_on_sqlite() {
    on_changes(async { TestDatabase::sqlite().unwrap() });
}

#[test]
fn e9_any_change_of_a_column_is_found_on_postgres() {
    on_changes(async { TestDatabase::postgres().await.unwrap() });
}

/// Text that is no text at all, which SQLite keeps.
#[tokio::test]
async fn e9_bytes_that_nobody_can_read_are_found() {
    let database = TestDatabase::sqlite().unwrap();
    let db = chained(&database, EVENTS).await;
    tamper(&db, &["UPDATE events SET payload = CAST(x'ff00fe' AS TEXT) WHERE position = 8"]).await;
    assert_eq!(found(&db, &[]).await, Some((8, Fault::ContentChanged)));
}
