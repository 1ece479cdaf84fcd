//! Declines, withdrawals and endings through REST.

use serde_json::json;

use crate::testing::{APPLICANT, CYCLE, House, MEMBER, OFFICE, RECOMMENDER};

#[tokio::test]
async fn an_applicant_withdraws_and_may_come_again() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/withdrawals");
    let body = json!({ "uscc": APPLICANT, "occurred_on": "2026-05-25" });
    house.post(RECOMMENDER, &path, &body).await.refused("not_permitted");
    let file = house.post(&format!("organization/{APPLICANT}/zhou"), &path, &body).await.ok();
    assert_eq!((&file["result"]["stage"], &file["result"]["standing"]), (&json!("withdrawn"), &json!("former")));
    house.apply(APPLICANT, "示范申请组织", "2026-05-28").await;
    let file = house.get(&format!("/cycles/{CYCLE}/organizations/{APPLICANT}")).await.ok();
    assert_eq!((&file["attempt"], &file["stage"]), (&json!(2), &json!("applied")));
}

#[tokio::test]
async fn a_nominated_applicant_is_declined_on_a_condition_of_the_rulebook() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/declines");
    let body = |grounds| json!({ "uscc": APPLICANT, "grounds": grounds, "occurred_on": "2026-05-28" });
    let met = body(json!({ "condition": "no_other_breach" }));
    assert_eq!(house.post(OFFICE, &path, &met).await.refused("step_out_of_order")["stage"], "applied");
    house.nominate(APPLICANT, "committee-jinghu", "2026-05-25").await;
    let unknown = body(json!({ "condition": "tall" }));
    house.post(OFFICE, &path, &unknown).await.refused_at("unknown_reference", "/grounds/condition");
    let silent = body(json!({ "text": " " }));
    house.post(OFFICE, &path, &silent).await.refused_at("reason_required", "/grounds/text");
    house.post(OFFICE, &path, &body(json!("because"))).await.refused("validation_failed");
    house.post(RECOMMENDER, &path, &met).await.refused("not_permitted");
    let file = house.post(OFFICE, &path, &met).await.ok();
    assert_eq!(file["result"]["outcome"]["declined"], json!({ "condition": "no_other_breach" }));
}

#[tokio::test]
async fn q30_a_file_ends_with_a_document_only() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/endings");
    let mut body = json!({ "uscc": MEMBER, "ground": "left_city", "reason": "迁出", "occurred_on": "2026-05-28" });
    house.post(OFFICE, &path, &body).await.refused_at("document_missing", "/documents");
    body["documents"] = json!([house.paper().await]);
    let file = house.post(OFFICE, &path, &body).await.ok();
    assert_eq!(
        (&file["result"]["stage"], &file["result"]["outcome"]["ground"]),
        (&json!("ended"), &json!("left_city"))
    );
    body["ground"] = "bored".into();
    house.post(OFFICE, &path, &body).await.refused_at("validation_failed", "/ground");
}
