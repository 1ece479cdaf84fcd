//! Cycles over HTTP.

use serde_json::{Value, json};

use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, OFFICE, PROGRAM};

fn path(rest: &str) -> String {
    format!("/cycles/{CYCLE}/{rest}")
}

fn next() -> Value {
    json!({ "cycle": "wuhu-incubation-2028", "program": PROGRAM, "label": "2028—2029",
        "starts_on": "2028-01-01", "occurred_on": "2026-06-01" })
}

#[tokio::test]
async fn w42_a_cycle_is_opened_for_two_years_and_listed() {
    let house = House::seeded().await;
    let reply = house.post(OFFICE, "/cycles", &next()).await;
    assert_eq!(reply.header("location"), "/api/v1/cycles/wuhu-incubation-2028");
    let answer = reply.ok();
    assert_eq!(answer["result"]["ends_on"], "2030-01-01");
    assert_eq!(answer["result"]["rulebook"]["label"], "试行（征求意见稿）");
    let list = house.get("/cycles?program=wuhu-incubation&state=open&sort=-starts_on&count=true").await.ok();
    assert_eq!((&list["items"][0]["cycle"], &list["total"]), (&"wuhu-incubation-2028".into(), &2.into()));
}

#[tokio::test]
async fn a_repeated_state_means_or() {
    let house = House::seeded().await;
    for (query, total) in [("", 1), ("state=open", 1), ("state=closed", 0), ("state=open&state=closed", 1)] {
        assert_eq!(house.get(&format!("/cycles?count=true&{query}")).await.ok()["total"], total, "{query}");
    }
    house.get("/cycles?state=open&state=ajar").await.refused("invalid_parameter");
}

#[tokio::test]
async fn what_the_opening_refuses_points_at_its_field() {
    let house = House::seeded().await;
    house.post(DISTRICT, "/cycles", &next()).await.refused("not_permitted");
    let mut wrong = next();
    wrong["intake"] = json!({ "from": "2028-02-01", "to": "2028-01-01" });
    house.post(OFFICE, "/cycles", &wrong).await.refused_at("validation_failed", "/intake/to");
    let mut overlapping = next();
    overlapping["starts_on"] = "2027-12-31".into();
    house.post(OFFICE, "/cycles", &overlapping).await.refused("cycle_overlaps");
}

#[tokio::test]
async fn the_intake_is_set_on_the_version_that_was_seen() {
    let house = House::seeded().await;
    let tag = house.get(&format!("/cycles/{CYCLE}")).await.header("etag").to_owned();
    let window = json!({ "intake": { "from": "2026-01-01", "to": "2026-05-31" }, "occurred_on": "2026-06-01" });
    let reply = house.post_if(OFFICE, &path("intake"), &window, Some(&tag)).await;
    assert_ne!(reply.header("etag"), tag);
    assert_eq!(reply.ok()["result"]["intake_to"], "2026-05-31");
    house.post_if(OFFICE, &path("intake"), &window, Some(&tag)).await.refused("stale_version");
    let turned = json!({ "intake": { "from": "2026-02-01", "to": "2026-01-31" }, "occurred_on": "2026-06-01" });
    house.post(OFFICE, &path("intake"), &turned).await.refused_at("validation_failed", "/intake/to");
    house.post(DISTRICT, &path("intake"), &window).await.refused("not_permitted");
}

#[tokio::test]
async fn a_cycle_is_extended_to_a_later_day() {
    let house = House::seeded().await;
    let until = |day: &str| json!({ "ends_on": day, "reason": "评审延期", "occurred_on": "2026-06-01" });
    assert_eq!(
        house.post(OFFICE, &path("extensions"), &until("2028-02-01")).await.ok()["result"]["ends_on"],
        "2028-02-01"
    );
    house.post(OFFICE, &path("extensions"), &until("2028-01-31")).await.refused_at("date_out_of_range", "/ends_on");
    house.post("office/other/li", &path("extensions"), &until("2028-03-01")).await.refused("not_permitted");
    house.post(OFFICE, "/cycles/wuhu-incubation-1999/extensions", &until("2028-03-01")).await.refused("not_found");
}

#[tokio::test]
async fn a_cycle_closes_once_nothing_is_open_and_for_a_reason_before_its_end() {
    let house = House::seeded().await;
    house.post(OFFICE, &path("closure"), &json!({ "occurred_on": "2026-06-01" })).await.refused("cycle_ends_later");
    let early = json!({ "occurred_on": "2026-06-01", "reason": "政策调整" });
    let problem = house.post(OFFICE, &path("closure"), &early).await.refused("cycle_has_open_items");
    assert_eq!(problem["applicants"], json!([APPLICANT]));
    let lapsing = json!({ "occurred_on": "2026-06-01", "reason": "政策调整", "applicants": "lapse" });
    house.post(DISTRICT, &path("closure"), &lapsing).await.refused("not_permitted");
    let closed = house.post(OFFICE, &path("closure"), &lapsing).await.ok();
    assert_eq!((&closed["result"]["closed_on"], &closed["result"]["former"]), (&"2026-06-01".into(), &2.into()));
    house.post(OFFICE, &path("closure"), &lapsing).await.refused("cycle_closed");
}
