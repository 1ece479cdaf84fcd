use serde_json::json;

use crate::testing::{CYCLE, House, MEMBER, STATION};

#[tokio::test]
async fn w75_what_visits_found_and_what_is_open_is_carried_over_by_station() {
    let house = House::seeded().await;
    let file = format!("/cycles/{CYCLE}/organizations/{MEMBER}");
    let visit = json!({
        "visit": { "station": "jinghu-1", "channel": "phone", "findings": "试点顺利", "carry_over": "扩大试点" },
        "occurred_on": "2026-05-10",
    });
    house.post(STATION, &format!("{file}/visits"), &visit).await.ok();
    let request = json!({ "request": { "subject": "测量", "description": "辅导" }, "occurred_on": "2026-05-11" });
    house.post(&format!("organization/{MEMBER}/zhou"), &format!("{file}/assistance-requests"), &request).await.ok();

    let report = house.get(&format!("/cycles/{CYCLE}/carry-over?station=jinghu-1")).await.ok();
    assert_eq!(report["items"][0]["station"], "jinghu-1", "{report}");
    let organization = &report["items"][0]["organizations"][0];
    assert_eq!(organization["visits"][0]["visit"]["carry_over"], "扩大试点");
    assert_eq!(organization["open_requests"][0]["request"]["subject"], "测量");
    assert_eq!(organization["missing_teaching"]["kind"], "targeted");
    let elsewhere = house.get(&format!("/cycles/{CYCLE}/carry-over?station=yijiang-1")).await.ok();
    assert_eq!(elsewhere["items"], json!([]));
    house.get("/cycles/wuhu-incubation-1999/carry-over").await.refused("not_found");
}
