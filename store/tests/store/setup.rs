//! How the databases are set up and opened (T2, points 10 and 13), and how the store stops.

use std::sync::Arc;

use store::documents::{self, Upload};
use store::sql::Sql;
use store::testing::TestDatabase;
use store::{Db, DbUrl, ExecuteError, Store, on_writer};

use crate::harness::*;
use crate::models::{Mood, counter, sound_counter, stations};

on_both_databases! {
    t2_fifty_writers_at_once_never_find_the_database_locked,
    statements_of_queries_run_with_every_kind_of_value,
    a_store_that_stops_finishes_what_waits_and_takes_no_more,
    nothing_is_appended_by_rehearsing_a_command,
}

#[tokio::test]
async fn t2_sqlite_runs_in_wal_and_syncs_fully() {
    let database = TestDatabase::sqlite().unwrap();
    let db = Db::open(&database.url).await.unwrap();
    let (mode,): (String,) =
        on_writer!(&db, pool => sqlx::query_as("PRAGMA journal_mode").fetch_one(pool).await).unwrap();
    let (synchronous,): (i64,) =
        on_writer!(&db, pool => sqlx::query_as("PRAGMA synchronous").fetch_one(pool).await).unwrap();
    assert_eq!((mode.as_str(), synchronous), ("wal", 2), "2 is FULL");
}

#[tokio::test]
async fn a_postgres_that_commits_asynchronously_is_refused() {
    let database = TestDatabase::postgres().await.unwrap();
    let db = Db::open(&database.url).await.unwrap();
    let DbUrl::Postgres(url) = &database.url else { panic!("PostgreSQL") };
    let name = url.rsplit('/').next().unwrap();
    database.meddle(&[&format!("ALTER DATABASE {name} SET synchronous_commit = off")]).await.unwrap();
    db.close().await;
    let error = Db::open(&database.url).await.unwrap_err().to_string();
    assert_eq!(error, "PostgreSQL must run with synchronous_commit on");
}

#[tokio::test]
async fn a_sqlite_file_is_for_one_process_and_says_so() {
    let database = TestDatabase::sqlite().unwrap();
    let first = Db::open(&database.url).await.unwrap();
    let error = Db::open(&database.url).await.unwrap_err().to_string();
    assert!(error.contains("is in use by another process; SQLite is for one process, use PostgreSQL"), "{error}");
    let other_handle = first.clone();
    first.close().await;
    Db::open(&database.url).await.expect("free again");
    drop(other_handle);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let url: DbUrl = "sqlite:/nowhere/at/all/hatchery.db".parse().unwrap();
    let error = Db::open(&url).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot open /nowhere/at/all/hatchery.db.lock"), "{error}");
}

async fn t2_fifty_writers_at_once_never_find_the_database_locked(database: TestDatabase) {
    let store = start(&database, vec![counter()]).await;
    let writers: Vec<_> = (0..50)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let program = Program::new(&format!("p{}", n % 5));
                store.execute(register(program.district(&format!("d{n}")))).await.unwrap();
                // Another transaction that writes, beside the appender's.
                let upload = Upload {
                    document_id: domain::ids::DocumentId::new(uuid::Uuid::now_v7()),
                    media_type: "text/plain",
                    title: "t",
                    uploaded_by: "office/p/somebody",
                    recorded_at: id("2026-07-01T04:00:00Z"),
                    content: &[n],
                };
                documents::put(store.db(), &upload).await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(sound_log(&store).await.len(), 50);
    assert_eq!(sound_counter(store.db(), "counter").await, 50);
    assert_eq!(number(store.db(), "SELECT count(*) FROM documents").await, 50);
}

async fn statements_of_queries_run_with_every_kind_of_value(database: TestDatabase) {
    let store = start(&database, vec![counter(), stations()]).await;
    let program = Program::new("p");
    store.execute(register(program.district("a"))).await.unwrap();
    store.execute(register(program.station("s", "a"))).await.unwrap();
    let db = store.db();

    let mut sql = Sql::new("SELECT key FROM counter WHERE ");
    sql.is_in("kind", ["register", "cycle"].map(str::to_owned)).push(" AND events >= ").bind(2_i64);
    assert_eq!(sql.texts(db).await.unwrap(), ["register:p"]);
    let mut sql = Sql::new("SELECT key FROM counter WHERE ");
    sql.is_in("kind", Vec::new());
    assert!(sql.texts(db).await.unwrap().is_empty(), "none of nothing");
    let mut sql = Sql::new("SELECT kind, events FROM counter WHERE key > ");
    sql.bind("a").push(" LIMIT ").bind(1_u32);
    assert_eq!(sql.counts(db).await.unwrap(), [("register".to_owned(), 2)]);
    let mut sql = Sql::new("SELECT moves FROM stations WHERE name = ");
    sql.bind("s".to_owned()).push(" AND (district = ").bind(None::<String>).push(" OR district IS NOT NULL)");
    assert_eq!(sql.int(db).await.unwrap(), Some(0));
    assert_eq!(Sql::new("SELECT moves FROM stations WHERE key = 'none'").int(db).await.unwrap(), None);
}

async fn a_store_that_stops_finishes_what_waits_and_takes_no_more(database: TestDatabase) {
    let mood = Mood::default();
    let store = start(&database, vec![mood.counter("counter")]).await;
    mood.hold_after(0);
    let under_way = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.execute(register(Program::new("p").district("a"))).await }
    });
    mood.held().await;
    let mut waiting = Box::pin(store.execute(register(Program::new("p").district("c"))));
    assert!(futures::future::poll_immediate(&mut waiting).await.is_none(), "the appender is held");
    let release = async { mood.release() };
    let (answer, (), ()) = tokio::join!(waiting, store.stop(), release);
    answer.unwrap();
    under_way.await.unwrap().unwrap();
    let late = store.execute(register(Program::new("p").district("b"))).await;
    assert!(matches!(late, Err(ExecuteError::ShuttingDown)), "{late:?}");
    let store: Store = Store::start(config(&database, vec![counter()])).await.unwrap();
    assert_eq!(sound_log(&store).await.len(), 2);
    assert_eq!(sound_counter(store.db(), "counter").await, 2);
}

async fn nothing_is_appended_by_rehearsing_a_command(database: TestDatabase) {
    let store = start(&database, Vec::new()).await;
    open(&store).await;
    let submission = apply(1);
    let store::Work::Command(command) = &submission.work else { panic!("a command") };
    let rehearsed = store.rehearse(command, None, &submission.context).await.unwrap();
    assert_eq!(sound_log(&store).await.len(), 3);
    let carried_out = store.execute(apply(1)).await.unwrap();
    assert_eq!(carried_out.events.len(), rehearsed.events.len());
    let members = store.ask(|world| Ok(world.cycle(&id(CYCLE))?.entries.len())).await.unwrap();
    assert_eq!(members, Ok(1));
}
