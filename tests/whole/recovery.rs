//! What a server does while its database is away, while it is told to stop, and beside a second node (O2, R5).
//!
//! On PostgreSQL only: there a test can hold the lock of the head row, and so a command in the middle of its way.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use store::testing::TestDatabase;

use crate::server::{Reply, Server};
use crate::town::{OFFICE, STATION, Town};

/// Longer than any bound on a wait in the server.
const PATIENCE: Duration = Duration::from_secs(40);
const TICK: Duration = Duration::from_millis(50);

/// Access to the database past the server.
struct Beside {
    /// Of the test server, to whom all databases belong.
    server: PgConnection,
    name: String,
    url: String,
}

impl Beside {
    async fn of(database: &TestDatabase) -> Self {
        let url = database.administrator();
        let name = url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let server = connect(&std::env::var("HATCHERY_TEST_POSTGRES").unwrap()).await;
        Self { server, name, url }
    }

    /// Lets nobody in, and throws out whoever is there.
    async fn away(&mut self) {
        self.allow(false).await;
        let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        sqlx::query(terminate).bind(&self.name).execute(&mut self.server).await.unwrap();
    }

    async fn back(&mut self) {
        self.allow(true).await;
    }

    async fn allow(&mut self, connections: bool) {
        let allow = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {connections}", self.name);
        sqlx::raw_sql(&allow).execute(&mut self.server).await.unwrap();
    }

    /// Holds the head row: until `release`, every append waits.
    async fn hold(&self) -> PgConnection {
        let mut holder = connect(&self.url).await;
        sqlx::raw_sql("BEGIN; SELECT position FROM head WHERE id = 1 FOR UPDATE").execute(&mut holder).await.unwrap();
        holder
    }

    /// Waits until so many appends wait for the head row.
    async fn appends_wait(&mut self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'";
        tokio::time::timeout(PATIENCE, async {
            loop {
                let count: i64 =
                    sqlx::query_scalar(waiting).bind(&self.name).fetch_one(&mut self.server).await.unwrap();
                if count > 0 {
                    return;
                }
                tokio::time::sleep(TICK).await;
            }
        })
        .await
        .expect("no append waits for the head row");
    }
}

async fn connect(url: &str) -> PgConnection {
    url.parse::<PgConnectOptions>().unwrap().connect().await.unwrap()
}

async fn release(mut holder: PgConnection) {
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
}

/// A town with one member, its database, and a way past the server.
async fn town() -> (TestDatabase, Town, Beside) {
    let database = TestDatabase::postgres().await.unwrap();
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    town.member(0, "office-quality", "C").await;
    let beside = Beside::of(&database).await;
    (database, town, beside)
}

/// Records a visit under a key.
async fn visit(town: &Town, key: &str) -> Reply {
    let headers = [("hatchery-actor", STATION), ("idempotency-key", key)];
    let path = format!("/api/v1{}", town.file(0, "visits"));
    town.server.send(Method::POST, &path, &headers, Some(&town.visiting(key, 100))).await
}

/// What all visits recorded say, sorted.
async fn visits(server: &Server, town: &Town) -> Vec<String> {
    let listed = server.read(&town.file(0, "visits?limit=200")).await;
    let findings = |visit: &Value| visit["content"]["findings"].as_str().unwrap().to_owned();
    let mut visits: Vec<_> = listed["items"].as_array().unwrap().iter().map(findings).collect();
    visits.sort_unstable();
    visits
}

fn is_away(reply: &Reply) -> bool {
    let away = reply.status == StatusCode::SERVICE_UNAVAILABLE;
    if away {
        assert_eq!(reply.body["code"], "store_unavailable", "{}", reply.body);
        assert!(reply.headers.contains_key("retry-after"), "{:?}", reply.headers);
    }
    away
}

#[tokio::test]
async fn a_database_away_for_a_while_is_said_so_and_comes_back() {
    let (_database, town, mut beside) = town().await;
    let shown = town.read("roster").await;
    beside.away().await;
    // What is kept may be answered until the node notices; this may not.
    let afresh = [("cache-control", "no-cache")];
    let path = format!("/api/v1{}", town.path("roster"));
    let read = town.server.send(Method::GET, &path, &afresh, None).await;
    assert!(is_away(&read), "{} {}", read.status, read.body);
    let command = visit(&town, "while-away").await;
    assert!(is_away(&command), "{} {}", command.status, command.body);
    assert!(["none", "unknown"].contains(&command.body["outcome"].as_str().unwrap()), "{}", command.body);
    let ready = town.server.send(Method::GET, "/readyz", &[], None).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let alive = town.server.send(Method::GET, "/healthz", &[], None).await;
    assert_eq!(alive.status, StatusCode::OK);

    beside.back().await;
    tokio::time::timeout(PATIENCE, async {
        while is_away(&visit(&town, "while-away").await) {
            tokio::time::sleep(TICK).await;
        }
    })
    .await
    .expect("the server does not come back");
    assert_eq!(visits(&town.server, &town).await, ["while-away"]);
    assert_eq!(town.read("balance").await["counts"], shown["balance"]["counts"]);
}

#[tokio::test]
async fn connections_cut_in_the_middle_lose_nothing_and_double_nothing() {
    const CLIENTS: usize = 8;
    const EACH: usize = 6;
    let (_database, town, mut beside) = town().await;
    let done = AtomicBool::new(false);
    let away = AtomicUsize::new(0);
    let cutting = async {
        while !done.load(Ordering::Relaxed) {
            tokio::time::sleep(TICK * 4).await;
            beside.away().await;
            beside.back().await;
        }
    };
    let recording = async {
        let clients = (0..CLIENTS).map(|client| {
            let (town, away) = (&town, &away);
            async move {
                let mut recorded = Vec::new();
                // However fast the machine is: until somebody has met a cut.
                while recorded.len() < EACH || away.load(Ordering::Relaxed) == 0 {
                    let key = format!("visit-{client}-{:04}", recorded.len());
                    // The same key until it is known to be recorded: 503 says try again.
                    loop {
                        let reply = visit(town, &key).await;
                        if !is_away(&reply) {
                            assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
                            break;
                        }
                        away.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(TICK).await;
                    }
                    recorded.push(key);
                }
                recorded
            }
        });
        let recorded = futures::future::join_all(clients).await;
        done.store(true, Ordering::Relaxed);
        recorded.concat()
    };
    let both = futures::future::join(cutting, recording);
    let ((), mut expected) = tokio::time::timeout(PATIENCE * 3, both).await.expect("it never gets through");
    expected.sort_unstable();
    assert_eq!(visits(&town.server, &town).await, expected);
}

#[tokio::test]
async fn a_key_in_work_is_refused_to_a_second_request() {
    let (_database, town, mut beside) = town().await;
    let holder = beside.hold().await;
    let second = async {
        beside.appends_wait().await;
        let refused = visit(&town, "once").await;
        release(holder).await;
        refused
    };
    let (first, refused) = futures::future::join(visit(&town, "once"), second).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(refused.body["code"], "idempotency_in_flight", "{}", refused.body);
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let again = visit(&town, "once").await;
    assert_eq!((again.status, again.body), (first.status, first.body));
    assert_eq!(visits(&town.server, &town).await, ["once"]);
}

#[tokio::test]
async fn a_read_model_that_stopped_is_said_so_until_it_is_rebuilt() {
    let (database, town, beside) = town().await;
    let mut connection = connect(&beside.url).await;
    // As a node does that meets an event which the model cannot take.
    let poison = "UPDATE checkpoints SET status = 'stopped', error = 'an event that it cannot fold', \
                  position = (SELECT position FROM head) WHERE model = 'roster'; UPDATE head SET epoch = epoch + 1";
    sqlx::raw_sql(poison).execute(&mut connection).await.unwrap();
    let before = town.server.head().await;
    assert_eq!(visit(&town, "unseen").await.status, StatusCode::CREATED, "the log goes on without it");
    assert_eq!(town.server.head().await, before, "reads say up to where all read models are");
    let ready = town.server.send(Method::GET, "/readyz", &[], None).await;
    assert_eq!((ready.status, &ready.body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("read_model_behind")));
    assert_eq!(ready.body["models"][0]["model"], "roster", "{}", ready.body);

    let rebuild = ["rebuild", "roster", "--database-url", &database.setting()];
    let done = Command::new(env!("CARGO_BIN_EXE_hatchery")).args(rebuild).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let ready = town.server.send(Method::GET, "/readyz", &[], None).await;
    assert_eq!(ready.status, StatusCode::OK, "{}", ready.body);
    assert_eq!(town.read("roster").await["items"][0]["last_visit_on"], json!(town.day(100)));
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_is_under_way() {
    let (database, town, mut beside) = town().await;
    let holder = beside.hold().await;
    let stopping = async {
        beside.appends_wait().await;
        town.server.tell_to_stop();
        // It takes no new connection, or says that it stops.
        tokio::time::timeout(PATIENCE, async {
            while let Ok(ready) = reqwest::get(format!("{}/readyz", town.server.base())).await {
                if ready.status() == StatusCode::SERVICE_UNAVAILABLE {
                    return;
                }
                tokio::time::sleep(TICK).await;
            }
        })
        .await
        .expect("it goes on as if nothing was said");
        release(holder).await;
    };
    let (under_way, ()) = futures::future::join(visit(&town, "last"), stopping).await;
    assert_eq!(under_way.status, StatusCode::CREATED, "{}", under_way.body);
    let next = Server::start(&database).await;
    assert_eq!(visits(&next, &town).await, ["last"]);
    town.server.stopped();
}

#[tokio::test]
async fn two_nodes_see_what_the_other_wrote() {
    let (database, town, _beside) = town().await;
    let other = Server::start(&database).await;
    for n in 0..20 {
        let written = visit(&town, &format!("visit-{n:02}")).await;
        let position = written.headers["hatchery-position"].to_str().unwrap();
        let path = format!("/api/v1{}", town.file(0, "visits?limit=200"));
        let read = other.send(Method::GET, &path, &[("hatchery-min-position", position)], None).await;
        assert_eq!(read.body["items"].as_array().map(Vec::len), Some(n + 1), "{}", read.body);
    }
    let closing = json!({ "occurred_on": crate::town::today(), "reason": "提前结束。" });
    other.does(OFFICE, &town.path("closure"), &closing).await;
    let late = visit(&town, "after-the-closing").await;
    assert_eq!(late.status, StatusCode::CREATED, "late entries are taken");
    town.refuses("cycle_closed", OFFICE, "closure", closing).await;
}
