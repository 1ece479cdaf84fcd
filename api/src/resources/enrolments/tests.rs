//! Files and timelines, read.

use axum::http::header;
use serde_json::json;

use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, MEMBER, OFFICE};

#[tokio::test]
async fn a_file_is_read_with_the_tag_that_commands_on_it_take() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/organizations/{APPLICANT}");
    let reply = house.get(&path).await;
    let tag = reply.header(header::ETAG).to_owned();
    let file = reply.ok();
    assert_eq!((&file["stage"], &file["standing"]), (&json!("applied"), &json!("applicant")));
    assert_eq!(tag, format!("\"{}.{}\"", file["enrolment_version"], file["cycle_version"]));

    let refusal = json!({ "recommender": "office-quality", "reason": "非本行业", "occurred_on": "2026-05-21" });
    let recommender = "recommender/office-quality/chen";
    let refusals = format!("{path}/recommendation-refusals");
    let reply = house.post_if(recommender, &refusals, &refusal, Some(&tag)).await;
    assert_ne!(reply.header(header::ETAG), tag);
    assert_eq!(reply.ok()["result"]["refusals"][0]["recommender"], "office-quality");
    let stale = house.post_if(recommender, &refusals, &refusal, Some(&tag)).await.refused("stale_version");
    assert_eq!(stale["status"], 412);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let house = House::seeded().await;
    let unknown = house.get(&format!("/cycles/{CYCLE}/organizations/91340202MA8EXAMP13")).await;
    assert_eq!(unknown.refused("not_found")["resource"], "organization");
    let elsewhere = house.get(&format!("/cycles/wuhu-incubation-2030/organizations/{MEMBER}")).await;
    assert_eq!(elsewhere.refused("not_found")["resource"], "enrolment");
    let never = house.get(&format!("/cycles/{CYCLE}/organizations/nothing/timeline")).await;
    assert_eq!(never.refused("not_found")["resource"], "organization");
}

#[tokio::test]
async fn a_timeline_goes_on_page_by_page_and_backwards() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/organizations/{MEMBER}/timeline");
    let all = house.get(&format!("{path}?limit=200&count=true")).await.ok();
    let items = all["items"].as_array().unwrap();
    assert_eq!(all["total"], items.len());
    assert_eq!(items[0]["event_type"], "OrganizationRegistered");
    let first = house.get(&format!("{path}?limit=3")).await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let next = house.get(&format!("{path}?limit=3&cursor={cursor}")).await.ok();
    assert_eq!(next["items"][0], items[3]);
    let last = house.get(&format!("{path}?sort=-position&limit=1")).await.ok();
    assert_eq!(last["items"][0]["event_type"], "OrganizationClassified");
    let foreign = house.get(&format!("/cycles/{CYCLE}/organizations/{APPLICANT}/timeline?cursor={cursor}")).await;
    foreign.refused("cursor_mismatch");
}

#[tokio::test]
async fn a_tag_of_a_cycle_is_no_tag_of_a_file() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/organizations/{MEMBER}/survey-reopenings");
    let body = json!({ "reasons": "复核", "occurred_on": "2026-05-21" });
    house.post_if(OFFICE, &path, &body, Some("\"3\"")).await.refused("malformed_header");
    house.post(DISTRICT, &path, &body).await.refused("not_permitted");
}
