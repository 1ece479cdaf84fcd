use serde_json::{Value, json};

use crate::testing::{APPLICANT, CYCLE, House, MEMBER, OFFICE, STATION, day};

/// Teaching for class C on its day in the second year.
fn plan(on: &str) -> Value {
    json!({
        "plan": {
            "kind": "targeted", "title": "能力提升班", "on": on, "place": "市民服务中心", "capacity": 2,
            "audiences": ["key_team_members"], "experts": [],
        },
        "occurred_on": "2026-05-20",
    })
}

/// Schedules a session, and answers its path below `/api/v1`.
async fn scheduled(house: &House, on: &str) -> String {
    let answer = house.post(OFFICE, &format!("/cycles/{CYCLE}/sessions"), &plan(on)).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.header("location").strip_prefix("/api/v1").unwrap().to_owned()
}

#[tokio::test]
async fn a_session_is_scheduled_moved_joined_by_an_expert_and_cancelled() {
    let house = House::seeded().await;
    let session = scheduled(&house, "2027-03-01").await;
    let shown = house.get(&session).await;
    assert_eq!(shown.header("etag"), "\"1\"");
    assert_eq!(shown.body["state"], "booked");

    let moving = json!({ "on": "2027-03-08", "place": "二楼", "reason": "场地调整", "occurred_on": "2026-05-21" });
    let moved = house.post_if(OFFICE, &format!("{session}/reschedulings"), &moving, Some("\"1\"")).await;
    assert_eq!(moved.header("etag"), "\"2\"", "{}", moved.body);
    assert_eq!((&moved.body["result"]["on"], &moved.body["result"]["place"]), (&"2027-03-08".into(), &"二楼".into()));
    house.post_if(OFFICE, &format!("{session}/reschedulings"), &moving, Some("\"1\"")).await.refused("stale_version");

    let experts = json!({ "experts": ["expert-1"], "occurred_on": "2026-05-21" });
    let assigned = house.post(OFFICE, &format!("{session}/experts"), &experts).await.ok();
    assert_eq!(assigned["result"]["experts"], json!(["expert-1"]));
    house.post(OFFICE, &format!("{session}/experts"), &experts).await.refused_at("validation_failed", "/experts/0");

    let cancelling = json!({ "reason": "并入下一期", "occurred_on": "2026-05-22" });
    let cancelled = house.post(OFFICE, &format!("{session}/cancellations"), &cancelling).await.ok();
    assert_eq!(cancelled["result"]["state"], "cancelled");
    house
        .post(OFFICE, &format!("{session}/experts"), &json!({ "experts": ["expert-2"], "occurred_on": "2026-05-21" }))
        .await
        .refused("session_cancelled");
    let sessions = format!("/cycles/{CYCLE}/sessions");
    let listed = house.get(&format!("{sessions}?state=cancelled&kind=targeted&from=2027-03-08")).await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(house.get(&format!("{sessions}?state=booked&state=held")).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn scheduling_is_the_offices_and_names_the_field_at_fault() {
    let house = House::seeded().await;
    let sessions = format!("/cycles/{CYCLE}/sessions");
    house.post(STATION, &sessions, &plan("2027-03-01")).await.refused("not_permitted");
    let mut unknown = plan("2027-03-01");
    unknown["plan"]["kind"] = "yoga".into();
    house.post(OFFICE, &sessions, &unknown).await.refused_at("validation_failed", "/plan/kind");
    unknown["plan"]["kind"] = "targeted".into();
    unknown["plan"]["host"] = "91340200M000000009".into();
    house.post(OFFICE, &sessions, &unknown).await.refused("uscc_invalid");
}

#[tokio::test]
async fn w69_teaching_in_another_year_needs_a_waiver_and_shows_the_label_of_the_clause() {
    let house = House::seeded().await;
    let sessions = format!("/cycles/{CYCLE}/sessions");
    let mut early = plan("2026-09-01");
    let refused = house.post(OFFICE, &sessions, &early).await.refused("session_year_mismatch");
    assert_eq!(refused["label"], "试行（征求意见稿）", "{refused}");
    early["waiver"] = json!({ "reason": "专家仅今年可到场" });
    let scheduled = house.post(OFFICE, &sessions, &early).await.ok();
    assert_eq!(scheduled["result"]["scheduled"]["waiver"]["reason"], "专家仅今年可到场");

    let session = scheduled["result"]["session_id"].as_str().unwrap();
    let moving = json!({ "on": "2026-10-01", "place": "二楼", "reason": "场地调整", "occurred_on": "2026-05-21" });
    let refused = house.post(OFFICE, &format!("/sessions/{session}/reschedulings"), &moving).await;
    assert_eq!(refused.refused("session_year_mismatch")["label"], "试行（征求意见稿）");
}

#[tokio::test]
async fn attendance_is_recorded_corrected_and_voided_and_guests_are_extra() {
    let house = House::seeded().await;
    let session = scheduled(&house, "2027-03-01").await;
    let entry = |number: &str| json!({ "uscc": number, "audiences": ["key_team_members"], "participants": 3 });
    let attendance = json!({ "entries": [entry(MEMBER), entry(APPLICANT)], "occurred_on": "2027-03-01" });
    let path = format!("{session}/attendance");
    house.post(OFFICE, &path, &attendance).await.refused("session_not_held_yet");
    house.clock.set(day("2027-03-01").and_hms_opt(8, 0, 0).unwrap().and_utc());

    let mut faulty = attendance.clone();
    faulty["entries"][1]["audiences"] = json!(["nobody"]);
    let refused = house.post(OFFICE, &path, &faulty).await.refused("validation_failed");
    assert_eq!(refused["errors"][0]["pointer"], "/entries/1", "{refused}");
    assert_eq!(refused["errors"][0]["errors"][0]["pointer"], "/entries/1/audiences/0", "{refused}");
    let recorded = house.post(OFFICE, &path, &attendance).await.ok();
    let rows = recorded["result"]["attendance"].as_array().unwrap();
    let extra: Vec<&Value> = rows.iter().map(|row| &row["content"]["extra"]).collect();
    assert_eq!(extra, [&json!(false), &json!(true)], "{recorded}");

    let first = format!("{path}/{}", rows[0]["attendance_id"].as_str().unwrap());
    let mut correction = entry(MEMBER);
    correction["participants"] = 4.into();
    correction["reason"] = "签到表漏登一人".into();
    correction["occurred_on"] = "2027-03-01".into();
    let corrected = house.post(OFFICE, &format!("{first}/corrections"), &correction).await.ok();
    assert_eq!(corrected["result"]["attendance"][0]["content"]["participants"], 4);
    correction["audiences"] = json!(["nobody"]);
    house
        .post(OFFICE, &format!("{first}/corrections"), &correction)
        .await
        .refused_at("validation_failed", "/audiences/0");

    let voiding = json!({ "reason": "未到场", "occurred_on": "2027-03-01" });
    let voided = house.post(OFFICE, &format!("{first}/voidings"), &voiding).await.ok();
    assert_eq!(voided["result"]["attendance"].as_array().unwrap().len(), 1);
    house.post(OFFICE, &format!("{first}/voidings"), &voiding).await.refused("already_voided");
}

#[tokio::test]
async fn w63_an_outcome_says_something() {
    let house = House::seeded().await;
    let session = scheduled(&house, "2027-03-01").await;
    house.clock.set(day("2027-03-02").and_hms_opt(4, 0, 0).unwrap().and_utc());
    let path = format!("{session}/outcomes");
    let silent = json!({ "outcome": {}, "occurred_on": "2027-03-01" });
    house.post(OFFICE, &path, &silent).await.refused_at("validation_failed", "/outcome");
    let outcome = json!({
        "outcome": { "organization": MEMBER, "bottlenecks": "测量指标不成体系" }, "occurred_on": "2027-03-01",
    });
    let recorded = house.post(OFFICE, &path, &outcome).await.ok();
    assert_eq!(recorded["result"]["outcomes"][0]["content"]["bottlenecks"], "测量指标不成体系");
    assert_eq!(recorded["result"]["state"], "held");
}

#[tokio::test]
async fn a_session_that_is_not_there_is_not_found() {
    let house = House::seeded().await;
    let nowhere = "/sessions/01977f6e-7a00-7000-8000-000000000009";
    assert_eq!(house.get(nowhere).await.refused("not_found")["resource"], "session");
    house.get("/sessions/x").await.refused("not_found");
    let cancelling = json!({ "reason": "无", "occurred_on": "2026-05-22" });
    house.post(OFFICE, &format!("{nowhere}/cancellations"), &cancelling).await.refused("not_found");
}
