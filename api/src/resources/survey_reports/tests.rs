//! Survey reports through REST: a list under one number, all or nothing.

use serde_json::{Value, json};

use crate::resources::surveys::filing_on;
use crate::testing::{CYCLE, DISTRICT, House, MEMBER, OFFICE, STATION, uscc};

async fn filed(house: &House, n: u32) -> String {
    let number = uscc(n).to_string();
    house.apply(&number, &format!("公司{n}"), "2026-03-02").await;
    house.nominate(&number, "association-equipment", "2026-04-01").await;
    house
        .post(STATION, &format!("/cycles/{CYCLE}/organizations/{number}/surveys"), &filing_on("2026-04-20"))
        .await
        .ok();
    number
}

fn report(of: &[&str]) -> Value {
    let entries: Vec<_> = of.iter().map(|uscc| json!({ "uscc": uscc })).collect();
    json!({ "entries": entries, "report_no": "镜质办〔2026〕9号", "approved_on": "2026-05-06", "occurred_on": "2026-05-08" })
}

#[tokio::test]
async fn q09_a_district_settles_a_list_under_one_number_and_the_bundle_shows_it() {
    let house = House::seeded().await;
    let (first, second) = (filed(&house, 1).await, filed(&house, 2).await);
    let path = format!("/cycles/{CYCLE}/survey-reports");
    let reply = house.post(DISTRICT, &path, &report(&[&first, &second])).await;
    assert_eq!(reply.header("etag"), house.get(&format!("/cycles/{CYCLE}")).await.header("etag"));
    let answer = reply.ok();
    assert_eq!(answer["events"].as_array().unwrap().len(), 2);
    assert_eq!(answer["result"][0]["reports"].as_array().unwrap().len(), 1, "only this report: {answer}");
    assert_eq!(answer["result"][0]["reports"][0]["files"].as_array().unwrap().len(), 2);
    let bundles = house.get(&format!("{path}?district=jinghu&count=true")).await.ok();
    assert_eq!(bundles["total"], 1);
    let numbers: Vec<_> = bundles["items"][0]["reports"].as_array().unwrap().iter().map(|r| &r["report_no"]).collect();
    assert_eq!(numbers, ["镜质办〔2026〕1号", "镜质办〔2026〕9号"]);
    assert_eq!(house.get(&format!("{path}?district=yijiang")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn one_wrong_entry_refuses_the_whole_report_and_is_named() {
    let house = House::seeded().await;
    let first = filed(&house, 1).await;
    let path = format!("/cycles/{CYCLE}/survey-reports");
    let problem = house.post(DISTRICT, &path, &report(&[&first, MEMBER, &first])).await.refused("step_out_of_order");
    let errors: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| (&e["pointer"], &e["code"])).collect();
    let expected =
        [("/entries/1", "step_out_of_order"), ("/entries/2", "duplicate_in_batch")].map(|(p, c)| (json!(p), json!(c)));
    assert_eq!(errors, expected.iter().map(|(p, c)| (p, c)).collect::<Vec<_>>());
    house.post(DISTRICT, &path, &report(&[&first])).await.ok();
}

#[tokio::test]
async fn a_day_of_the_whole_report_is_pointed_to_beside_the_entries() {
    let house = House::seeded().await;
    let first = filed(&house, 1).await;
    let mut early = report(&[&first]);
    early["approved_on"] = "2026-04-19".into();
    let problem = house.post(DISTRICT, &format!("/cycles/{CYCLE}/survey-reports"), &early).await;
    let problem = problem.refused("date_out_of_range");
    assert_eq!(problem["errors"][0]["errors"][0]["pointer"], "/approved_on", "{problem}");
}

#[tokio::test]
async fn only_a_district_reports_and_not_nothing() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/survey-reports");
    house.post(OFFICE, &path, &report(&[MEMBER])).await.refused("not_permitted");
    house.post(DISTRICT, &path, &report(&[])).await.refused("batch_size");
}

#[tokio::test]
async fn an_entry_rests_on_the_file_that_was_seen() {
    let house = House::seeded().await;
    let (first, second) = (filed(&house, 1).await, filed(&house, 2).await);
    let path = format!("/cycles/{CYCLE}/survey-reports");
    let file = house.get(&format!("/cycles/{CYCLE}/organizations/{second}")).await.ok();
    let current = format!("{}.{}", file["enrolment_version"], file["cycle_version"]);
    let mut body = report(&[&first, &second]);
    body["entries"][1]["seen"] = "2.1".into();
    let problem = house.post(DISTRICT, &path, &body).await.refused("stale_version");
    assert_eq!((&problem["status"], &problem["errors"][0]["pointer"]), (&json!(412), &json!("/entries/1")));
    assert_eq!(problem["errors"][0]["current"], current.as_str());
    body["entries"][1]["seen"] = "12".into();
    house.post(DISTRICT, &path, &body).await.refused_at("validation_failed", "/entries/1/seen");
    for half in [format!("\"{current}"), format!("{current}\""), format!("W/\"{current}\"")] {
        body["entries"][1]["seen"] = half.into();
        house.post(DISTRICT, &path, &body).await.refused_at("validation_failed", "/entries/1/seen");
    }
    // As the header of the file gave it, quotes and all.
    let shown = house.get(&format!("/cycles/{CYCLE}/organizations/{second}")).await;
    body["entries"][1]["seen"] = shown.header(axum::http::header::ETAG).into();
    assert_eq!(body["entries"][1]["seen"], format!("\"{current}\""));
    house.post(DISTRICT, &path, &body).await.ok();
}
