//! Nominations through REST.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::testing::{APPLICANT, CYCLE, House, MEMBER, OFFICE, RECOMMENDER, uscc};

fn nomination(of: &str) -> Value {
    json!({
        "uscc": of, "recommender": "office-quality", "opinion": "同意推荐", "signed_on": "2026-05-25",
        "occurred_on": "2026-05-25",
    })
}

fn path() -> String {
    format!("/cycles/{CYCLE}/nominations")
}

#[tokio::test]
async fn a_recommender_nominates_and_the_only_station_is_charged_with_the_survey() {
    let house = House::seeded().await;
    let reply = house.post(RECOMMENDER, &path(), &nomination(APPLICANT)).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let file = reply.ok();
    assert_eq!(file["result"]["stage"], "surveying");
    assert_eq!(file["result"]["survey"]["station"], "jinghu-1");
    let listed = house.get(&format!("{}?recommender=office-quality&count=true", path())).await.ok();
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["items"][1]["recommendation"]["nominated_on"], "2026-05-25");
    assert_eq!(house.get(&format!("{}?recommender=committee-jinghu", path())).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn w41_the_third_nomination_of_one_recommender_is_refused_and_names_the_clause() {
    let house = House::seeded().await;
    house.post(RECOMMENDER, &path(), &nomination(APPLICANT)).await.ok();
    let third = uscc(3);
    house.apply(third.as_str(), "第三家", "2026-05-20").await;
    let problem = house.post(RECOMMENDER, &path(), &nomination(third.as_str())).await.refused("quota_exceeded");
    assert_eq!((&problem["limit"], &problem["used"], &problem["waivable"]), (&json!(2), &json!(2), &json!(true)));
    assert_eq!((&problem["clause"], &problem["program"]), (&json!("三（二）"), &json!("wuhu-incubation")));
    let mut waived = nomination(third.as_str());
    waived["waiver"] = json!({ "reason": "市政府专项工作" });
    house.post(RECOMMENDER, &path(), &waived).await.refused("not_permitted");
    house.post(OFFICE, &path(), &waived).await.ok();
}

#[tokio::test]
async fn nobody_nominates_for_another_recommender() {
    let house = House::seeded().await;
    house.post("recommender/committee-jinghu/xu", &path(), &nomination(APPLICANT)).await.refused("not_permitted");
}

#[tokio::test]
async fn without_an_application_nothing_of_one_is_taken() {
    let house = House::seeded().await;
    let mut body = nomination(APPLICANT);
    body["previous"] = "wuhu-incubation-2024".into();
    house.post(RECOMMENDER, &path(), &body).await.refused_at("validation_failed", "/previous");
    house.post(RECOMMENDER, &path(), &nomination(uscc(9).as_str())).await.refused("application_missing");
}

#[tokio::test]
async fn a_wrong_recommender_is_corrected_with_a_reason() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/organizations/{MEMBER}/nomination-corrections");
    let body = json!({ "to": "association-equipment", "reason": "录入错误", "occurred_on": "2026-05-25" });
    let file = house.post(OFFICE, &path, &body).await.ok();
    assert_eq!(file["result"]["recommendation"]["recommender"], "association-equipment");
    assert_eq!(file["result"]["recommendation"]["corrected_from"], json!(["office-quality"]));
    let unknown = json!({ "to": "nobody", "reason": "录入错误", "occurred_on": "2026-05-25" });
    house.post(OFFICE, &path, &unknown).await.refused_at("unknown_reference", "/to");
    let silent = json!({ "to": "office-quality", "reason": " ", "occurred_on": "2026-05-25" });
    house.post(OFFICE, &path, &silent).await.refused_at("reason_required", "/reason");
    house.post("recommender/association-equipment/du", &path, &body).await.refused("not_permitted");
    house.post(RECOMMENDER, &path, &body).await.refused("not_found");
}
