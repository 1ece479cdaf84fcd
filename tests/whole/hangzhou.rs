//! Hangzhou's pool: a program without recommenders, surveys and classes (H-10, H-14).

use chrono::Days;
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::Server;
use crate::town::{application, itself, today, uscc};

const OFFICE: &str = "office/hangzhou-cultivation/zhou";
const CYCLE: &str = "hangzhou-cultivation-now";

on_both_databases! {
    h14_an_organisation_is_admitted_without_a_class,
}

async fn h14_an_organisation_is_admitted_without_a_class(database: TestDatabase) {
    let server = Server::start(&database).await;
    let start = today() - Days::new(100);
    let path = |rest: &str| format!("/cycles/{CYCLE}/{rest}");
    let district = json!({ "id": "jinghu", "name": "示范区", "occurred_on": start });
    server.does(OFFICE, "/programs/hangzhou-cultivation/districts", &district).await;
    let cycle = json!({
        "cycle": CYCLE, "program": "hangzhou-cultivation", "label": "本年度", "starts_on": start, "occurred_on": start,
    });
    server.does(OFFICE, "/cycles", &cycle).await;

    let scan = server.upload(OFFICE, "认证证书").await;
    for n in 0..2 {
        let form = application(n, None, start, &scan);
        let body = json!({ "uscc": uscc(n), "application": form, "occurred_on": start });
        server.does(&itself(n), &path("applications"), &body).await;
    }
    let admitting = |n: usize, class: Value| json!({ "entries": [{ "uscc": uscc(n), "class": class }], "occurred_on": start + Days::new(10) });
    server.refuses("class_unknown", OFFICE, &path("classifications"), &admitting(0, json!("D"))).await;
    let decided = server.does(OFFICE, &path("classifications"), &admitting(0, Value::Null)).await;
    let types: Vec<_> = decided["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(types, [&json!("OrganizationAdmitted")], "no class is decided (Q-24)");

    let roster = server.read(&path("roster")).await;
    assert_eq!(roster["items"].as_array().map(Vec::len), Some(1));
    assert_eq!((&roster["items"][0]["uscc"], &roster["items"][0]["class"]), (&json!(uscc(0)), &Value::Null));
    assert_eq!((&roster["totals"]["members"], &roster["totals"]["applicants"]), (&json!(1), &json!(1)));
    let balance = server.read(&path("balance")).await;
    assert_eq!(balance, json!({ "counts": {}, "headroom": {}, "excess": 0, "moves": [] }));
    assert_eq!(server.read(&path("schedule")).await["items"][0]["due"], Value::Null, "nothing is owed");
    assert_eq!(server.read(&path("visits/due")).await["items"], json!([]));
}
