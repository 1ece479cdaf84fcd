//! The audit trail and the hash chain, as operators and auditors meet them (S7, E9).

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::pool::{self, CYCLE, OFFICE, STATION};
use crate::server::Server;

on_both_databases! {
    s7_what_was_done_and_refused_is_in_the_trail,
    e9_tampering_is_found_from_the_command_line,
}

/// Who looks after others.
const AUDITOR: &str = "auditor/all/shen";
/// How long what follows the log may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a command of `hatchery` on a database to its end.
pub(crate) fn hatchery(database: &TestDatabase, command: &[&str]) -> Output {
    let mut run = Command::new(env!("CARGO_BIN_EXE_hatchery"));
    run.args(command).args(["--database-url", &database.setting()]).env_remove("RUST_LOG").output().unwrap()
}

/// Runs a command that must succeed; answers what it printed.
pub(crate) fn succeeds(database: &TestDatabase, command: &[&str]) -> String {
    let done = hatchery(database, command);
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Runs a command that must fail; answers what it complained of.
#[track_caller]
fn fails(database: &TestDatabase, command: &[&str]) -> String {
    let done = hatchery(database, command);
    assert!(!done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stdout));
    String::from_utf8(done.stderr).unwrap()
}

/// Writes the head of a server's chain into a file, once the chain has come to a position.
pub(crate) async fn keep_head(server: &Server, file: &Path, at_least: u64) {
    let until = Instant::now() + PATIENCE;
    loop {
        let reply = server.send(Method::GET, "/api/v1/audit/head", &[("hatchery-actor", AUDITOR)], None).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        if reply.body["position"].as_u64() >= Some(at_least) {
            std::fs::write(file, reply.body.to_string()).unwrap();
            return;
        }
        assert!(Instant::now() < until, "the chain does not come to {at_least}: {}", reply.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn trail(server: &Server, query: &str) -> Vec<Value> {
    let position = server.head().await.to_string();
    let headers = [("hatchery-actor", AUDITOR), ("hatchery-min-position", position.as_str())];
    let reply = server.send(Method::GET, &format!("/api/v1/audit?limit=200{query}"), &headers, None).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.body["items"].as_array().unwrap().clone()
}

fn extension(days: u64) -> Value {
    let today = chrono::Utc::now().date_naive();
    let ends_on = today + chrono::Days::new(800 + days);
    json!({ "ends_on": ends_on, "reason": "延期", "occurred_on": today - chrono::Days::new(1) })
}

async fn s7_what_was_done_and_refused_is_in_the_trail(database: TestDatabase) {
    pool::fill(&database, &[]).await;
    let server = Server::start(&database).await;
    let path = format!("/cycles/{CYCLE}/extensions");
    server.does(OFFICE, &path, &extension(1)).await;
    server.refuses("not_permitted", STATION, &path, &extension(2)).await;
    let url = format!("/api/v1{path}");
    let stranger = server.send(Method::POST, &url, &[("x-request-id", "who-1")], Some(&extension(3))).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);

    let seen = trail(&server, &format!("&cycle={CYCLE}&from=2020-01-01T00:00:00Z&sort=-at")).await;
    let of: Vec<_> = seen
        .iter()
        .take(3)
        .map(|e| (e["outcome"].as_str().unwrap(), e["code"].as_str(), e["actor"]["person"].as_str()))
        .collect();
    let expected = [
        ("refused", Some("not_authenticated"), None),
        ("refused", Some("not_permitted"), Some("li")),
        ("accepted", None, Some("zhang")),
    ];
    assert_eq!(of, expected);
    assert_eq!(seen[0]["request_id"], "who-1");
    assert_eq!(seen[1]["operation"], "POST /api/v1/cycles/{cycle}/extensions");
    assert_eq!(seen[2]["detail"]["events"]["CycleExtended"], 1);
    server.stop();

    // What the node did before it stopped, the next one has.
    let server = Server::start(&database).await;
    let again = trail(&server, &format!("&cycle={CYCLE}&from=2020-01-01T00:00:00Z&sort=-at")).await;
    assert_eq!(again, seen);
    let ended = server.send(Method::DELETE, "/api/v1/audit", &[("hatchery-actor", OFFICE)], None).await;
    assert_eq!(ended.status, StatusCode::METHOD_NOT_ALLOWED);
    server.stop();
}

async fn e9_tampering_is_found_from_the_command_line(database: TestDatabase) {
    pool::fill(&database, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let server = Server::start(&database).await;
    let path = format!("/cycles/{CYCLE}/extensions");
    for days in 0..5 {
        server.does(OFFICE, &path, &extension(days)).await;
    }
    let last = server.head().await;
    keep_head(&server, Path::new(&file("head.json")), last).await;
    // While the server is at work.
    let said = succeeds(&database, &["verify", "--against", &file("head.json")]);
    assert!(said.contains("fits its chain up to position"), "{said}");
    assert!(said.contains("it is the log of"), "{said}");
    succeeds(&database, &["chain-head", "--to", &file("own.json")]);
    server.stop();

    let head: Value = serde_json::from_str(&std::fs::read_to_string(file("own.json")).unwrap()).unwrap();
    let printed: Value = serde_json::from_str(&succeeds(&database, &["chain-head"])).unwrap();
    for member in ["chain_id", "algorithm", "position", "hash"] {
        assert_eq!(head[member], printed[member], "{member}");
    }
    assert_eq!(head["position"], last);
    let taken = fails(&database, &["chain-head", "--to", &file("own.json")]);
    assert!(taken.contains("a head replaces nothing"), "{taken}");
    let none = fails(&database, &["verify", "--against", &file("nothing.json")]);
    assert!(none.contains("nothing.json"), "{none}");

    let tamper = async |statements: &[&str]| database.meddle(statements).await.unwrap();
    tamper(&["UPDATE events SET event_version = '1.1' WHERE position = 3"]).await;
    let found = fails(&database, &["verify"]);
    assert!(found.contains("position 3: the event is not the one that was recorded (content_changed)"), "{found}");
    tamper(&["UPDATE events SET event_version = '1.0' WHERE position = 3"]).await;
    succeeds(&database, &["verify"]);

    // The end is cut off, and everything that tells of it in the database.
    let barrier = match database.url {
        store::DbUrl::Sqlite(_) => "DROP TRIGGER chain_is_not_deleted",
        store::DbUrl::Postgres(_) => "ALTER TABLE chain DISABLE TRIGGER USER",
    };
    let cut = last - 2;
    tamper(&[
        barrier,
        &format!("DELETE FROM events WHERE position > {cut}"),
        &format!("DELETE FROM chain WHERE position > {cut}"),
        &format!("UPDATE head SET position = {cut}"),
        &format!("UPDATE followers SET position = {cut}"),
    ])
    .await;
    succeeds(&database, &["verify"]);
    let found = fails(&database, &["verify", "--against", &file("own.json"), "--against", &file("head.json")]);
    assert!(found.contains(&format!("position {}: ", cut + 1)) && found.contains("(event_missing)"), "{found}");
}
