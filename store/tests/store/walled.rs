//! The second wall on PostgreSQL (S2): a role that owns nothing, and rows that are there only for who says what it sees.

use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use store::sql::Sql;
use store::testing::TestDatabase;
use store::{Db, DbUrl, Store};

use crate::harness::{Program, config, districts, open, register, start};
use crate::models::{counter, sound_counter, stations};

/// What a person types as the role that servers run as.
async fn typed(url: &str) -> PgConnection {
    PgConnectOptions::from_str(url).unwrap().connect().await.unwrap()
}

async fn count(connection: &mut PgConnection, table: &str) -> Result<i64, sqlx::Error> {
    let sql = format!("SELECT count(*) FROM {table}");
    sqlx::query_as(&sql).fetch_one(connection).await.map(|(count,): (i64,)| count)
}

/// Every table of ours but the list of migrations, which says nothing of anybody.
async fn tables(connection: &mut PgConnection) -> Vec<String> {
    let sql = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'models') \
               AND tablename <> '_sqlx_migrations' ORDER BY 1";
    let all: Vec<(String,)> = sqlx::query_as(sql).fetch_all(connection).await.unwrap();
    all.into_iter().map(|(table,)| table).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s2_the_servers_role_sees_no_row_of_any_table_unless_it_says_what_it_may_see() {
    let database = TestDatabase::postgres().await.unwrap();
    let store = start(&database, vec![counter(), stations()]).await;
    open(&store).await;
    districts(&store, &Program::new("p"), 0..3).await;
    store.stop().await;

    let mut all_powerful = typed(&database.administrator()).await;
    let mut server = typed(&database.setting()).await;
    let (mut filled, tables) = (Vec::new(), tables(&mut all_powerful).await);
    for table in &tables {
        if count(&mut all_powerful, table).await.unwrap() > 0 {
            filled.push(table.as_str());
        }
        assert_eq!(count(&mut server, table).await.unwrap(), 0, "{table} as the server's role, without a scope");
    }
    assert!(tables.len() > 20, "{tables:?}");
    for table in ["public.events", "public.head", "public.chain", "public.audit", "models.counter"] {
        assert!(filled.contains(&table), "{table} is tried with rows in it: {filled:?}");
    }
    // It can say so itself: the wall stands against queries that forget, and against readers that were let in for less.
    sqlx::query("SET hatchery.scope = 'all'").execute(&mut server).await.unwrap();
    assert!(count(&mut server, "events").await.unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s2_not_even_the_owner_sees_rows_without_a_scope() {
    let database = TestDatabase::postgres().await.unwrap();
    let store = start(&database, vec![counter()]).await;
    open(&store).await;
    store.stop().await;
    let mut owner = typed(&database.administrator()).await;
    sqlx::query("SET ROLE hatchery_owner").execute(&mut owner).await.unwrap();
    for table in tables(&mut owner).await {
        assert_eq!(count(&mut owner, &table).await.unwrap(), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s2_the_servers_role_owns_nothing_and_rewrites_nothing() {
    let database = TestDatabase::postgres().await.unwrap();
    let store = start(&database, vec![counter()]).await;
    open(&store).await;
    assert_eq!(store.rebuild("counter").await.unwrap(), store.feed().head().await.unwrap());
    let mut server = typed(&database.setting()).await;
    sqlx::query("SET hatchery.scope = 'all'").execute(&mut server).await.unwrap();
    let owned = "SELECT count(*) FROM pg_class WHERE pg_has_role(relowner, 'USAGE')";
    let (owned,): (i64,) = sqlx::query_as(owned).fetch_one(&mut server).await.unwrap();
    assert_eq!(owned, 0);
    for (forbidden, reason) in [
        ("UPDATE events SET payload = '{}'", "permission denied"),
        ("DELETE FROM events", "permission denied"),
        ("TRUNCATE events", "permission denied"),
        ("DELETE FROM chain", "permission denied"),
        ("DELETE FROM audit", "permission denied"),
        ("DROP TABLE models.counter", "must be owner"),
        ("ALTER TABLE events NO FORCE ROW LEVEL SECURITY", "must be owner"),
        ("ALTER TABLE events DISABLE TRIGGER USER", "must be owner"),
        ("CREATE TABLE mine (a int)", "permission denied"),
        ("CREATE TABLE models.mine (a int)", "permission denied"),
        ("SELECT hatchery_grant('hatchery_server')", "permission denied"),
        ("SET ROLE hatchery_owner", "permission denied"),
    ] {
        let refused = sqlx::query(forbidden).execute(&mut server).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{forbidden}: {refused}");
    }
    // What makes read models reaches nothing else.
    sqlx::query("SELECT hatchery_drop_model('events')").execute(&mut server).await.unwrap();
    assert!(count(&mut server, "events").await.unwrap() > 0);
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s2_a_narrow_reader_changes_nothing_and_never_reads_with_the_scope_of_another() {
    let database = TestDatabase::postgres().await.unwrap();
    let store = start(&database, vec![counter()]).await;
    open(&store).await;
    let narrow = |district: &str| Some(Arc::from(format!(r#"{{"districts":["{district}"]}}"#)));
    let (one, other) = (store.db().seen_by(narrow("a")), store.db().seen_by(narrow("b")));
    let said = "SELECT current_setting('hatchery.scope', true)";
    for _ in 0..8 {
        for (db, scope) in [(&one, r#"{"districts":["a"]}"#), (&other, r#"{"districts":["b"]}"#), (store.db(), "all")] {
            assert_eq!(Sql::new(said).texts(db).await.unwrap(), [scope]);
        }
    }
    for db in [&one, &other] {
        assert_eq!(Sql::new("SELECT key FROM counter").texts(db).await.unwrap(), [""; 0], "the table is the system's");
        let deleted = "WITH gone AS (DELETE FROM counter RETURNING key) SELECT key FROM gone";
        assert_eq!(Sql::new(deleted).texts(db).await.unwrap(), [""; 0]);
        let added =
            "WITH new AS (INSERT INTO counter (key, body) VALUES ('x', '{}') RETURNING key) SELECT key FROM new";
        let refused = Sql::new(added).texts(db).await.unwrap_err().to_string();
        assert!(refused.contains("row-level security"), "{refused}");
    }
    // A scope that is no JSON sees nothing, and says so.
    let garbled = store.db().seen_by(Some(Arc::from("{")));
    assert_eq!(Sql::new("SELECT key FROM counter").texts(&garbled).await.unwrap(), [""; 0]);
    assert!(sound_counter(store.db(), "counter").await > 0);
    store.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_owns_nothing_does_not_start_on_tables_of_another_version() {
    let database = TestDatabase::without_tables().await.unwrap();
    let refused = Store::start(config(&database, Vec::new())).await.err().unwrap().to_string();
    assert!(refused.contains("run `hatchery migrate` as the role that owns them"), "{refused}");

    let database = TestDatabase::postgres().await.unwrap();
    database.meddle(&["DELETE FROM _sqlx_migrations WHERE version = 7"]).await.unwrap();
    let refused = Store::start(config(&database, Vec::new())).await.err().unwrap().to_string();
    assert!(refused.contains("run `hatchery migrate` as the role that owns them"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_owns_the_tables_may_serve_too() {
    let database = TestDatabase::without_tables().await.unwrap();
    let owner = DbUrl::Postgres(database.setting().replace("hatchery_server", "hatchery_owner"));
    let db = Db::open(&owner).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    let alone = TestDatabase::at(owner);
    let store = start(&alone, vec![counter()]).await;
    open(&store).await;
    store.execute(register(Program::new("p").district("a"))).await.unwrap();
    assert!(sound_counter(store.db(), "counter").await > 0);
    store.stop().await;
}
