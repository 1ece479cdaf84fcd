use serde_json::json;

use crate::testing::{APPLICANT, CYCLE, House, MEMBER, STATION, day};

async fn visited(house: &House, on: &str) -> String {
    let visit = json!({
        "visit": { "station": "jinghu-1", "channel": "on_site", "findings": "稳步推进" }, "occurred_on": on,
    });
    let recorded = house.post(STATION, &format!("/cycles/{CYCLE}/organizations/{MEMBER}/visits"), &visit).await;
    recorded.ok()["result"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn w74_the_log_shows_what_its_filters_leave() {
    let house = House::seeded().await;
    let first = visited(&house, "2026-03-10").await;
    let second = visited(&house, "2026-05-10").await;
    let log = async |query: &str| {
        let page = house.get(&format!("/cycles/{CYCLE}/visits{query}")).await.ok();
        page["items"].as_array().unwrap().iter().map(|visit| visit["id"].as_str().unwrap().to_owned()).collect()
    };
    let ids = |ids: &[&String]| -> Vec<String> { ids.iter().map(|id| (*id).clone()).collect() };
    let all: Vec<String> = log("?sort=-occurred_on").await;
    assert_eq!(all, ids(&[&second, &first]));
    let from: Vec<String> = log("?from=2026-03-11&to=2026-05-10").await;
    assert_eq!(from, ids(&[&second]));
    let of_either: Vec<String> = log(&format!("?organization={APPLICANT}&organization={MEMBER}")).await;
    assert_eq!(of_either, ids(&[&first, &second]));
    for nobody in [format!("?organization={APPLICANT}"), "?station=yijiang-1".to_owned()] {
        let none: Vec<String> = log(&nobody).await;
        assert_eq!(none, ids(&[]), "{nobody}");
    }
    house.get("/cycles/wuhu-incubation-1999/visits").await.refused("not_found");
}

#[tokio::test]
async fn w74_a_visit_is_due_from_the_day_in_the_program_that_the_interval_has_passed() {
    let house = House::seeded().await;
    visited(&house, "2026-05-31").await;
    let due = format!("/cycles/{CYCLE}/visits/due");
    // 180 days later, which in Wuhu begins at 16:00 UTC the day before.
    let begins = day("2026-11-26").and_hms_opt(16, 0, 0).unwrap().and_utc();
    house.clock.set(begins - chrono::Duration::seconds(1));
    let before = house.get(&due).await;
    let tag = before.header("etag").to_owned();
    assert_eq!(before.ok()["items"], json!([]));
    assert_eq!(house.get(&format!("{due}?due_by=2026-11-27")).await.ok()["items"].as_array().unwrap().len(), 1);
    house.clock.set(begins);
    let found = house.get(&format!("{due}?station=jinghu-1")).await.ok();
    assert_eq!(found["items"][0]["uscc"], MEMBER, "{found}");
    assert_eq!(found["items"][0]["days_overdue"], 0);
    assert_ne!(house.get(&due).await.header("etag"), tag, "what is due changed, if by no event");
    assert_eq!(house.get(&format!("{due}?station=yijiang-1")).await.ok()["items"], json!([]));
    house.clock.set(begins + chrono::Duration::days(3));
    assert_eq!(house.get(&format!("{due}?sort=-due_on")).await.ok()["items"][0]["days_overdue"], 3);
}

#[tokio::test]
async fn the_station_of_a_district_answers_for_whoever_moved_there() {
    let house = House::seeded().await;
    let moved = json!({
        "program": "wuhu-incubation", "change": { "kind": "district", "district": "yijiang" },
        "occurred_on": "2026-05-01",
    });
    house.post(crate::testing::OFFICE, &format!("/organizations/{MEMBER}/changes"), &moved).await.ok();
    let due = |station: &str| format!("/cycles/{CYCLE}/visits/due?due_by=2027-01-01&station={station}");
    assert_eq!(house.get(&due("yijiang-1")).await.ok()["items"][0]["uscc"], MEMBER);
    assert_eq!(house.get(&due("jinghu-1")).await.ok()["items"], json!([]));
}
