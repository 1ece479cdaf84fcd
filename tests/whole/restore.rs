//! The restore drill (T7): a backup is made while clients write, restored elsewhere, and goes on.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use reqwest::StatusCode;
use serde_json::json;
use store::testing::TestDatabase;
use store::testing::cluster::{Cluster, Durability, program, run};
use store::{DbUrl, Store, StoreConfig};

use crate::audit::{keep_head, succeeds};
use crate::crash::verdict::{findings, same_rebuilt, whole_log};
use crate::pool::{self, CYCLE, Pool, STATION};
use crate::server::{Reply, Server};

const CLIENTS: usize = 6;
/// So many commands are acknowledged before the backup begins, at least.
const BEFORE: usize = 40;

/// What clients were told, and whether they are to go on.
#[derive(Default)]
struct Told {
    acknowledged: Mutex<BTreeSet<String>>,
    enough: AtomicBool,
}

async fn visit(server: &Server, pool: &Pool, member: usize, key: &str, on: NaiveDate) -> Reply {
    let visit = json!({ "station": "jinghu-1", "channel": "on_site", "findings": key });
    let path = format!("/cycles/{CYCLE}/organizations/{}/visits", pool.members[member].0);
    server.post(STATION, &path, &json!({ "visit": visit, "occurred_on": on })).await
}

async fn write(server: Arc<Server>, pool: Arc<Pool>, client: usize, told: Arc<Told>) {
    for n in 0.. {
        if told.enough.load(Ordering::Relaxed) {
            return;
        }
        let key = format!("{client}-{n}");
        let reply = visit(&server, &pool, client, &key, pool.day).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        told.acknowledged.lock().unwrap().insert(key);
    }
}

/// Makes a backup by `back_up` while clients write, and holds what `restore` makes of it against what they were told.
async fn drill(
    database: &TestDatabase,
    back_up: impl FnOnce() + Send + 'static,
    restore: impl FnOnce() -> TestDatabase,
) {
    let pool = Arc::new(pool::fill(database, &[("C", CLIENTS)]).await);
    let server = Arc::new(Server::start(database).await);
    let told = Arc::new(Told::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(write(Arc::clone(&server), Arc::clone(&pool), client, Arc::clone(&told))))
        .collect();
    while told.acknowledged.lock().unwrap().len() < BEFORE {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let before = told.acknowledged.lock().unwrap().clone();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("head.json");
    keep_head(&server, &file, 1).await;
    tokio::task::spawn_blocking(back_up).await.unwrap();
    let meanwhile = told.acknowledged.lock().unwrap().len();
    told.enough.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(meanwhile > before.len(), "nobody wrote while the backup was made");
    Arc::into_inner(server).unwrap().stop();

    let restored = restore();
    let against = ["verify", "--against", file.to_str().unwrap()];
    succeeds(&restored, &against);
    let server = Server::start(&restored).await;
    let head = server.head().await;
    let next = visit(&server, &pool, 0, "goes-on", pool.day).await;
    assert_eq!(next.status, StatusCode::CREATED, "{}", next.body);
    assert_eq!(next.body["events"][0]["position"], head + 1, "positions go on where they were");
    server.stop();
    let goes_on = succeeds(&restored, &against);
    assert!(goes_on.contains(&format!("up to position {}", head + 1)), "{goes_on}");

    let store = Store::start(StoreConfig::new(restored.url.clone(), projections::models())).await.unwrap();
    let log = whole_log(&store).await;
    let there = findings(&log);
    let once: BTreeSet<String> = there.iter().cloned().collect();
    assert_eq!(once.len(), there.len(), "something is there twice");
    assert!(before.is_subset(&once), "lost: {:?}", before.difference(&once).collect::<Vec<_>>());
    let all = told.acknowledged.lock().unwrap().clone();
    let unknown: Vec<_> = once.difference(&all).filter(|key| *key != "goes-on").collect();
    assert!(unknown.is_empty(), "never acknowledged: {unknown:?}");
    same_rebuilt(&store).await;
    store.stop().await;
}

fn back_up(url: &str, to: &Path) -> std::process::Output {
    let command = ["backup", "--database-url", url, "--to", to.to_str().unwrap()];
    Command::new(env!("CARGO_BIN_EXE_hatchery")).args(command).output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t7_a_backup_of_sqlite_made_under_load_is_restored_and_goes_on() {
    let database = TestDatabase::sqlite().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let (url, to) = (database.setting(), copy.clone());
    let make = move || {
        let made = back_up(&url, &to);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    drill(&database, make, || TestDatabase::at(DbUrl::Sqlite(copy))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t7_a_dump_of_postgres_made_under_load_is_restored_into_a_new_cluster_and_goes_on() {
    let database = TestDatabase::postgres().await.unwrap();
    let cluster = Cluster::start(Durability::Kernel).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("dump");
    let (url, to) = (database.administrator(), dump.clone());
    let make = move || run(Command::new(program("pg_dump")).args(["-Fc", "-f"]).arg(to).arg("-d").arg(url)).unwrap();
    let restore = || {
        // The new cluster has other roles.
        run(Command::new(program("pg_restore")).args(["-Ox", "-d", &cluster.url()]).arg(dump)).unwrap();
        TestDatabase::at(DbUrl::Postgres(cluster.url()))
    };
    drill(&database, make, restore).await;
}

#[tokio::test]
async fn a_backup_replaces_nothing_and_leaves_postgres_to_its_own_tools() {
    let database = TestDatabase::sqlite().unwrap();
    pool::fill(&database, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("taken.db");
    std::fs::write(&taken, "something").unwrap();
    let refused = back_up(&database.setting(), &taken);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("exists already"), "{said}");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "something");

    let nowhere = back_up("sqlite:/nowhere/hatchery.db", &folder.path().join("copy.db"));
    assert!(!nowhere.status.success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of it");

    let other = back_up("postgres://localhost/pool", &folder.path().join("copy.db"));
    assert!(!other.status.success());
    let said = String::from_utf8_lossy(&other.stderr);
    assert!(said.contains("pg_dump"), "{said}");
}
