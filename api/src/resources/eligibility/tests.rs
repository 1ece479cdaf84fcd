//! The eligibility list and condition checks through REST.

use axum::http::header;
use serde_json::{Value, json};

use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, OFFICE};

fn entry<'a>(list: &'a Value, condition: &str) -> &'a Value {
    list["items"].as_array().unwrap().iter().find(|item| item["id"] == condition).unwrap()
}

fn check(paper: &str) -> Value {
    json!({
        "condition": "lawful_and_policy", "met": true, "department": "市生态环境局", "checked_on": "2026-05-24",
        "occurred_on": "2026-05-25", "documents": [paper],
    })
}

#[tokio::test]
async fn every_condition_is_listed_with_its_clause_and_what_is_known() {
    let house = House::seeded().await;
    let list = house.get(&format!("/cycles/{CYCLE}/organizations/{APPLICANT}/eligibility")).await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), house.rulebook().conditions.len());
    assert_eq!(list["applied_on"], "2026-05-20");
    let licence = entry(&list, "registered_and_licensed");
    assert_eq!((&licence["state"], &licence["clause"]), (&json!("met"), &json!("三（一）1")));
    assert_eq!((&licence["strength"], &licence["free_from"]), (&json!("must"), &Value::Null));
    assert_eq!(licence["label"], json!(house.rulebook().label));
    assert_eq!(entry(&list, "lawful_and_policy")["state"], "needs_document");
}

#[tokio::test]
async fn a_check_by_a_department_decides_a_condition() {
    let house = House::seeded().await;
    let file = format!("/cycles/{CYCLE}/organizations/{APPLICANT}");
    let path = format!("{file}/condition-checks");
    let paper = house.paper().await;
    house.post(DISTRICT, &path, &check(&paper)).await.refused("not_permitted");
    let mut bare = check(&paper);
    bare["documents"] = json!([]);
    house.post(OFFICE, &path, &bare).await.refused_at("document_missing", "/documents");
    let mut unknown = check(&paper);
    unknown["condition"] = "tall".into();
    house.post(OFFICE, &path, &unknown).await.refused_at("unknown_reference", "/condition");

    let reply = house.post(OFFICE, &path, &check(&paper)).await;
    let tag = reply.header(header::ETAG).to_owned();
    let list = reply.ok();
    assert_eq!(entry(&list["result"], "lawful_and_policy")["state"], "met");
    assert_eq!(house.get(&file).await.header(header::ETAG), tag, "one tag from the log and from the read model");
    let mut refuted = check(&paper);
    refuted["met"] = false.into();
    let list = house.post(OFFICE, &path, &refuted).await.ok();
    assert_eq!(entry(&list["result"], "lawful_and_policy")["state"], "not_met");
}

#[tokio::test]
async fn a_file_that_is_not_there_has_no_conditions() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/organizations/91340202MA8EXAMP13/eligibility");
    house.get(&path).await.refused("not_found");
}
