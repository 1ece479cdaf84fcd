//! Surveys through REST: filed, returned, settled, sent back, read.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::filing_on;
use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, OFFICE, STATION};

/// The file of the applicant, nominated on 1 April.
async fn nominated() -> (House, String) {
    let house = House::seeded().await;
    let number = "91340202MA8EXAMP13";
    house.apply(number, "示例公司", "2026-03-02").await;
    house.nominate(number, "association-equipment", "2026-04-01").await;
    (house, format!("/cycles/{CYCLE}/organizations/{number}"))
}

fn approval() -> Value {
    json!({ "report_no": "镜质办〔2026〕3号", "approved_on": "2026-05-06", "occurred_on": "2026-05-08" })
}

fn give_back(on: &str) -> Value {
    json!({ "reasons": "第八项未写明来源", "occurred_on": on })
}

#[tokio::test]
async fn a_survey_keeps_its_address_through_a_return_and_is_settled() {
    let (house, file) = nominated().await;
    let reply = house.post(STATION, &format!("{file}/surveys"), &filing_on("2026-04-20")).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let address = reply.header(header::LOCATION).strip_prefix("/api/v1").unwrap().to_owned();
    let id = reply.ok()["result"]["survey_id"].clone();
    assert_eq!(address, format!("{file}/surveys/{}", id.as_str().unwrap()));

    let returned = house.post(DISTRICT, &format!("{file}/survey-returns"), &give_back("2026-04-28")).await.ok();
    assert_eq!(returned["result"]["step"], "returned");
    let mut again = filing_on("2026-04-20");
    again["occurred_on"] = "2026-04-30".into();
    let revised = house.post(STATION, &format!("{file}/surveys"), &again).await;
    assert_eq!(revised.status, StatusCode::OK);
    assert_eq!(revised.ok()["result"]["survey_id"], id);
    let settled = house.post(DISTRICT, &format!("{file}/survey-approvals"), &approval()).await.ok();
    assert_eq!(settled["result"]["approval"]["revision"], 2);
    let reopened = house.post(OFFICE, &format!("{file}/survey-reopenings"), &give_back("2026-05-10")).await.ok();
    assert_eq!(reopened["result"]["approval"], Value::Null);

    let shown = house.get(&address).await.ok();
    assert_eq!(shown["revisions"][0]["returned"]["reasons"], "第八项未写明来源");
    assert_eq!(shown["revisions"][1]["reopened"]["trace"]["actor"], OFFICE);
    let listed = house.get(&format!("{file}/surveys?count=true")).await.ok();
    assert_eq!((&listed["total"], &listed["items"][0]["survey_id"]), (&json!(1), &id));
    house.get(&format!("{file}/surveys/01980000-0000-7000-8000-000000000001")).await.refused("not_found");
}

#[tokio::test]
async fn an_incomplete_survey_names_its_sections() {
    let (house, file) = nominated().await;
    let mut body = filing_on("2026-04-20");
    body["survey"].as_object_mut().unwrap().remove("analysis");
    let problem = house.post(STATION, &format!("{file}/surveys"), &body).await.refused("survey_incomplete");
    assert_eq!(problem["sections"], json!(["/survey/analysis"]));
    house.post("station/yijiang-1/li", &format!("{file}/surveys"), &filing_on("2026-04-20")).await.refused("not_found");
    house.post(OFFICE, &format!("{file}/surveys"), &filing_on("2026-04-20")).await.refused("not_permitted");
}

#[tokio::test]
async fn who_filed_a_survey_does_not_settle_it_and_is_told_without_an_entrys_place() {
    let (house, file) = nominated().await;
    house.post(STATION, &format!("{file}/surveys"), &filing_on("2026-04-20")).await.ok();
    let path = format!("{file}/survey-approvals");
    let problem = house.post("district/jinghu/li", &path, &approval()).await.refused("self_approval");
    assert_eq!(problem["errors"], Value::Null, "{problem}");
    let mut early = approval();
    early["approved_on"] = "2026-04-19".into();
    house.post(DISTRICT, &path, &early).await.refused_at("date_out_of_range", "/approved_on");
    house.post("district/yijiang/wu", &path, &approval()).await.refused("not_found");
}

#[tokio::test]
async fn w45_only_a_station_of_the_district_is_charged_and_another_one_with_a_reason() {
    let house = House::seeded().await;
    house.nominate(APPLICANT, "committee-jinghu", "2026-05-25").await;
    let path = format!("/cycles/{CYCLE}/organizations/{APPLICANT}/survey-assignments");
    let mut body = json!({ "station": "yijiang-1", "occurred_on": "2026-05-26" });
    house.post(DISTRICT, &path, &body).await.refused_at("reason_required", "/reason");
    body["reason"] = "人手不足".into();
    let problem = house.post(DISTRICT, &path, &body).await.refused("station_not_responsible");
    assert_eq!(problem["responsible"], "jinghu-1");
    body["station"] = "jinghu-1".into();
    body["experts"] = json!(["expert-1"]);
    let survey = house.post(DISTRICT, &path, &body).await.ok();
    assert_eq!(survey["result"]["experts"], json!(["expert-1"]));
}
