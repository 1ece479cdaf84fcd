//! What goes wrong around a server (T2, T6, T8): a full disk, a database that is gone or hangs, a second process on one
//! file, many writers at once, a clock that jumps. Nothing that was acknowledged is lost, and all goes on by itself.

mod disk;

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::access::Policy;
use app::{App, Clock, Request, Rulebooks};
use chrono::{TimeDelta, Utc};
use domain::enrolment::{EnrolmentCommand, RecordVisit};
use domain::forms::facts::{Channel, Visit};
use domain::ids::VisitId;
use reqwest::StatusCode;
use serde_json::{Value, json};
use store::testing::TestDatabase;
use store::testing::cluster::{Cluster, Durability};
use store::{Store, StoreConfig};

use crate::crash::verdict::{findings, same_rebuilt, whole_log};
use crate::on_both_databases;
use crate::pool::{self, CYCLE, Pool, STATION};
use crate::server::{Reply, Server};

on_both_databases! {
    t8_a_clock_that_jumps_reorders_nothing,
}

/// Longer than any bound on a wait in the server.
const PATIENCE: Duration = Duration::from_secs(40);
/// How long the database is gone.
const GONE: Duration = Duration::from_secs(30);

/// A visit to the first member, as `key` says.
async fn visit(server: &Server, pool: &Pool, key: &str) -> Reply {
    visit_to(server, pool, 0, key).await
}

async fn visit_to(server: &Server, pool: &Pool, member: usize, key: &str) -> Reply {
    let visit = json!({ "station": "jinghu-1", "channel": "on_site", "findings": key });
    let body = json!({ "visit": visit, "occurred_on": pool.day });
    let path = format!("/api/v1/cycles/{CYCLE}/organizations/{}/visits", pool.members[member].0);
    let headers = [("hatchery-actor", STATION), ("idempotency-key", key)];
    server.send(reqwest::Method::POST, &path, &headers, Some(&body)).await
}

/// 503 as a client can use it; answers what is known of the outcome.
fn unavailable(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.body);
    assert_eq!(reply.body["code"], "store_unavailable", "{}", reply.body);
    assert!(reply.headers.contains_key("retry-after"));
    reply.body["outcome"].as_str().unwrap().to_owned()
}

/// Tries with the same key until it is carried out.
async fn until_done(server: &Server, pool: &Pool, key: &str) -> Value {
    let done = async {
        loop {
            let reply = visit(server, pool, key).await;
            if reply.status == StatusCode::CREATED {
                return reply.body;
            }
            assert!([StatusCode::SERVICE_UNAVAILABLE, StatusCode::CONFLICT].contains(&reply.status), "{}", reply.body);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("it does not recover by itself")
}

/// The log holds exactly these visits, each once, and the read models are what a rebuild makes of it.
async fn holds(database: &TestDatabase, mut expected: Vec<String>) {
    let store = Store::start(StoreConfig::new(database.url.clone(), projections::models())).await.unwrap();
    let log = whole_log(&store).await;
    let mut visits = findings(&log);
    visits.sort_unstable();
    expected.sort_unstable();
    assert_eq!(visits, expected);
    same_rebuilt(&store).await;
    store.stop().await;
}

async fn member_on(cluster: &Cluster) -> (TestDatabase, Pool, Server) {
    let database = TestDatabase::on(&cluster.url()).await.unwrap();
    let pool = pool::fill(&database, &[("C", 1)]).await;
    let server = Server::start(&database).await;
    (database, pool, server)
}

#[tokio::test]
async fn t6_a_database_that_is_gone_for_half_a_minute_is_said_so_and_comes_back() {
    let cluster = Cluster::start(Durability::Full).unwrap();
    let (database, pool, server) = member_on(&cluster).await;
    assert_eq!(visit(&server, &pool, "before").await.status, StatusCode::CREATED);
    cluster.crash().unwrap();
    let gone = Instant::now();
    let mut refused = 0;
    while gone.elapsed() < GONE {
        let asked = Instant::now();
        unavailable(&visit(&server, &pool, "while-gone").await);
        assert!(asked.elapsed() < PATIENCE, "every wait has a bound");
        refused += 1;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert!(refused > 3, "only {refused} answers in {GONE:?}");
    cluster.up().unwrap();
    until_done(&server, &pool, "while-gone").await;
    until_done(&server, &pool, "after").await;
    server.stop();
    holds(&database, ["before", "while-gone", "after"].map(str::to_owned).into()).await;
}

#[tokio::test]
async fn t6_a_database_that_hangs_is_waited_for_within_a_bound_and_nothing_is_done_twice() {
    let cluster = Cluster::start(Durability::Full).unwrap();
    let (database, pool, server) = member_on(&cluster).await;
    assert_eq!(visit(&server, &pool, "before").await.status, StatusCode::CREATED);
    cluster.signal("STOP").unwrap();
    let asked = Instant::now();
    let outcome = unavailable(&visit(&server, &pool, "while-hung").await);
    assert!(asked.elapsed() < PATIENCE, "{:?}: every wait has a bound", asked.elapsed());
    assert!(["none", "unknown"].contains(&outcome.as_str()), "{outcome}");
    let alive = server.send(reqwest::Method::GET, "/healthz", &[], None).await;
    assert_eq!(alive.status, StatusCode::OK);
    cluster.signal("CONT").unwrap();
    until_done(&server, &pool, "while-hung").await;
    until_done(&server, &pool, "after").await;
    server.stop();
    holds(&database, ["before", "while-hung", "after"].map(str::to_owned).into()).await;
}

#[tokio::test]
async fn t2_a_second_process_on_one_file_is_told_so_and_harms_nothing() {
    let database = TestDatabase::sqlite().unwrap();
    let pool = pool::fill(&database, &[("C", 1)]).await;
    let server = Server::start(&database).await;
    let second = ["serve", "--listen", "127.0.0.1:0", "--database-url", &database.setting()];
    let second = Command::new(env!("CARGO_BIN_EXE_hatchery")).args(second).output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains("in use by another process"), "{said}");
    assert_eq!(visit(&server, &pool, "after").await.status, StatusCode::CREATED);
    server.stop();
    holds(&database, vec!["after".to_owned()]).await;
}

#[tokio::test]
async fn t2_fifty_writers_over_http_never_find_the_file_locked() {
    const WRITERS: usize = 50;
    const EACH: usize = 4;
    let database = TestDatabase::sqlite().unwrap();
    let pool = pool::fill(&database, &[("C", 5)]).await;
    let server = Server::start(&database).await;
    let writers = (0..WRITERS).map(|writer| {
        let (server, pool) = (&server, &pool);
        async move {
            for n in 0..EACH {
                let reply = visit_to(server, pool, writer % 5, &format!("{writer}-{n}")).await;
                assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
            }
        }
    });
    futures::future::join_all(writers).await;
    server.stop();
    holds(&database, (0..WRITERS).flat_map(|w| (0..EACH).map(move |n| format!("{w}-{n}"))).collect()).await;
}

/// The clock of a node jumps by an hour each way between commands; days and order come from the log, not from it.
async fn t8_a_clock_that_jumps_reorders_nothing(database: TestDatabase) {
    let pool = pool::fill(&database, &[("C", 1)]).await;
    let store = Arc::new(Store::start(StoreConfig::new(database.url.clone(), projections::models())).await.unwrap());
    // Noon in Wuhu, so that an hour either way is the same day.
    let noon = pool.day.and_hms_opt(4, 0, 0).unwrap().and_utc();
    let clock = Clock::scripted(noon);
    let app = App::new(
        Arc::clone(&store),
        Arc::new(Rulebooks::load(None).unwrap()),
        Arc::new(Policy::load(None).unwrap()),
        clock.clone(),
    );
    let mut expected = Vec::new();
    let mut last = store.feed().head().await.unwrap();
    for (n, minutes) in [0_i64, 60, -60, 59, -59, 1, -60, 60].into_iter().enumerate() {
        clock.set(noon + TimeDelta::minutes(minutes));
        let findings = format!("{n}");
        let visit = Visit {
            station: "jinghu-1".parse().unwrap(),
            channel: Channel::OnSite,
            findings: findings.clone(),
            needs: None,
            carry_over: None,
        };
        let command = EnrolmentCommand::RecordVisit(RecordVisit {
            cycle: CYCLE.parse().unwrap(),
            uscc: pool.members[0].0.clone(),
            visit_id: VisitId::new(uuid::Uuid::now_v7()),
            visit,
            common: domain::document::Common::on(pool.day),
        });
        let done = app.run(Request::new(STATION.parse().unwrap(), domain::Command::Enrolment(command))).await.unwrap();
        assert!(done.visible);
        assert_eq!(done.committed.position, last + 1, "positions know no clock");
        last += 1;
        expected.push(findings);
    }
    let log = whole_log(&store).await;
    let instants: Vec<_> = log.iter().rev().take(expected.len()).map(|event| event.meta.recorded_at).collect();
    assert!(!instants.is_sorted() && !instants.iter().rev().is_sorted(), "the clock did jump");
    assert!(instants.iter().all(|at| *at <= Utc::now() + TimeDelta::hours(25)));
    store.stop().await;
    drop(app);
    holds(&database, expected).await;
}
