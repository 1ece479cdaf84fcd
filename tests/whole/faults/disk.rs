//! A disk that is full (T6): refused with 503, nothing acknowledged that is not kept, and on again once there is room.
//!
//! The disk is small and the test's own: `HATCHERY_TEST_SMALL_DISK` names the folder that it is mounted on.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use reqwest::StatusCode;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use store::DbUrl;
use store::testing::TestDatabase;
use uuid::Uuid;

use super::{holds, unavailable, until_done, visit};
use crate::pool;
use crate::server::Server;

/// What is left of the disk beside the ballast.
const ROOM: u64 = 400 << 10;
/// More commands than fit into it.
const COMMANDS: usize = 2_000;

/// A file that takes all of a disk but [`ROOM`]; gone with this value.
struct Ballast(PathBuf);

impl Ballast {
    fn on(disk: &Path) -> Self {
        let path = disk.join(format!("ballast-{}", Uuid::now_v7()));
        let mut file = File::create(&path).unwrap();
        let block = vec![1; 64 << 10];
        while file.write_all(&block).is_ok() {}
        let full = file.metadata().unwrap().len();
        file.set_len(full.saturating_sub(ROOM)).unwrap();
        Self(path)
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        // The disk goes with the tests.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A folder on a small disk of this name.
fn small_disk(name: &str) -> PathBuf {
    let disks = std::env::var("HATCHERY_TEST_SMALL_DISK")
        .expect("HATCHERY_TEST_SMALL_DISK names no folder of small disks; tests/run mounts them");
    Path::new(&disks).join(name)
}

async fn survives_a_full_disk(database: &TestDatabase, disk: &Path) {
    let pool = pool::fill(database, &[("C", 1)]).await;
    let server = Server::start(database).await;
    let ballast = Ballast::on(disk);
    let mut done = Vec::new();
    for n in 0.. {
        assert!(n < COMMANDS, "the disk does not fill up");
        let key = format!("visit-{n}");
        let reply = visit(&server, &pool, &key).await;
        if reply.status == StatusCode::CREATED {
            done.push(key);
            continue;
        }
        assert_eq!(unavailable(&reply), "none", "a full disk is known to have kept nothing");
        break;
    }
    assert!(!done.is_empty());
    // It stays so, and reads go on.
    unavailable(&visit(&server, &pool, "while-full").await);
    let roster = server.get(&format!("/cycles/{}/roster", pool::CYCLE)).await;
    assert_eq!(roster.status, StatusCode::OK, "{}", roster.body);

    drop(ballast);
    until_done(&server, &pool, "while-full").await;
    done.push("while-full".to_owned());
    server.stop();
    holds(database, done).await;
}

#[tokio::test]
async fn t6_a_full_disk_under_sqlite_refuses_and_recovers() {
    let disk = small_disk("sqlite");
    let database = TestDatabase::at(DbUrl::Sqlite(disk.join("hatchery.db")));
    survives_a_full_disk(&database, &disk).await;
}

/// The tables are on the small disk; PostgreSQL's own log is not, or PostgreSQL itself would stop.
#[tokio::test]
async fn t6_a_full_disk_under_postgres_refuses_and_recovers() {
    let disk = small_disk("postgres");
    let folder = disk.join("tables");
    std::fs::create_dir(&folder).unwrap();
    // Only root can give a folder away, and only root needs to.
    let _ = Command::new("chown").arg("postgres").arg(&folder).stderr(Stdio::null()).status();
    let server = std::env::var("HATCHERY_TEST_POSTGRES").unwrap();
    let mut connection = server.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    for statement in [
        format!("CREATE TABLESPACE small LOCATION '{}'", folder.display()),
        "CREATE DATABASE on_small_disk TABLESPACE small".to_owned(),
    ] {
        sqlx::raw_sql(&statement).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let place = server.rsplit_once('/').unwrap().0;
    let database = TestDatabase::at(DbUrl::Postgres(format!("{place}/on_small_disk")));
    survives_a_full_disk(&database, &disk).await;
}
