//! The walking skeleton: a cycle is opened and read back through every crate.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::Server;

const OFFICE: &str = "office/wuhu-incubation/zhang";

fn cycle(year: i32) -> Value {
    json!({
        "cycle": format!("wuhu-incubation-{year}"),
        "program": "wuhu-incubation",
        "label": format!("{year}"),
        "starts_on": format!("{year}-01-01"),
        "occurred_on": "2020-01-01",
    })
}

on_both_databases! {
    a_cycle_is_opened_and_read_back,
    a_restart_keeps_everything,
    the_same_key_gives_the_identical_answer_even_after_a_kill,
    reads_wait_for_the_position_they_ask_for,
    a_hangzhou_cycle_opens_without_classes,
}

async fn a_cycle_is_opened_and_read_back(database: TestDatabase) {
    let server = Server::start(&database).await;
    let opened = server.post(OFFICE, "/cycles", &cycle(2021)).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    assert_eq!(opened.headers["location"], "/api/v1/cycles/wuhu-incubation-2021");
    assert_eq!(opened.body["result"]["ends_on"], "2023-01-01", "W-42: two years");
    let read = server.get("/cycles/wuhu-incubation-2021").await;
    assert_eq!(read.body, opened.body["result"]);
    assert_eq!(read.headers["etag"], opened.headers["etag"]);
    let overlap = server.refuses("cycle_overlaps", OFFICE, "/cycles", &cycle(2022)).await;
    assert_eq!(overlap["cycle"], "wuhu-incubation-2021");
    server.refuses("cycle_exists", OFFICE, "/cycles", &cycle(2021)).await;
    server.refuses("not_permitted", "station/jinghu-1/li", "/cycles", &cycle(2023)).await;
}

async fn a_restart_keeps_everything(database: TestDatabase) {
    let server = Server::start(&database).await;
    server.does(OFFICE, "/cycles", &cycle(2021)).await;
    let before = server.read("/cycles").await;
    server.stop();
    let server = Server::start(&database).await;
    assert_eq!(server.read("/cycles").await, before);
    server.does(OFFICE, "/cycles", &cycle(2023)).await;
    server.kill();
    let server = Server::start(&database).await;
    assert_eq!(server.read("/cycles").await["items"].as_array().map(Vec::len), Some(2));
}

async fn the_same_key_gives_the_identical_answer_even_after_a_kill(database: TestDatabase) {
    let server = Server::start(&database).await;
    let headers = [("hatchery-actor", OFFICE), ("idempotency-key", "open-2021")];
    let path = "/api/v1/cycles";
    let first = server.send(Method::POST, path, &headers, Some(&cycle(2021))).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let again = server.send(Method::POST, path, &headers, Some(&cycle(2021))).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers["etag"], first.headers["etag"]);
    server.kill();
    let server = Server::start(&database).await;
    let head = server.head().await;
    let after = server.send(Method::POST, path, &headers, Some(&cycle(2021))).await;
    assert_eq!((after.status, &after.body), (first.status, &first.body));
    assert_eq!(server.head().await, head, "nothing was appended again");
    let other = server.send(Method::POST, path, &headers, Some(&cycle(2023))).await;
    assert_eq!(other.body["code"], "idempotency_key_reused");
}

async fn reads_wait_for_the_position_they_ask_for(database: TestDatabase) {
    let server = Server::start(&database).await;
    let opened = server.post(OFFICE, "/cycles", &cycle(2021)).await;
    let position = opened.headers["hatchery-position"].to_str().unwrap().to_owned();
    let headers = [("hatchery-min-position", position.as_str())];
    let seen = server.send(Method::GET, "/api/v1/cycles", &headers, None).await;
    assert_eq!(seen.status, StatusCode::OK);
    let beyond = server.send(Method::GET, "/api/v1/cycles", &[("hatchery-min-position", "999")], None).await;
    assert_eq!(beyond.body["code"], "position_unknown");
}

async fn a_hangzhou_cycle_opens_without_classes(database: TestDatabase) {
    let server = Server::start(&database).await;
    let body = json!({
        "cycle": "hangzhou-cultivation-2025",
        "program": "hangzhou-cultivation",
        "label": "2025",
        "starts_on": "2025-01-01",
        "occurred_on": "2025-01-01",
    });
    let opened = server.does("office/hangzhou-cultivation/zhou", "/cycles", &body).await;
    assert_eq!(opened["result"]["ends_on"], "2026-01-01", "H-14: yearly");
    assert_eq!(opened["result"]["classes"], json!({}));
}
