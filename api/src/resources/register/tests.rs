//! The four kinds over HTTP.

use serde_json::{Value, json};

use crate::testing::{DISTRICT, EXPERT_NAME, House, OFFICE, PROGRAM};

fn path(rest: &str) -> String {
    format!("/programs/{PROGRAM}/{rest}")
}

fn station(id: &str, district: &str) -> Value {
    json!({ "id": id, "name": "第二服务站", "district": district, "occurred_on": "2026-05-01" })
}

#[tokio::test]
async fn an_entry_is_added_shown_changed_and_closed() {
    let house = House::seeded().await;
    let reply = house.post(OFFICE, &path("stations"), &station("jinghu-2", "jinghu")).await;
    let location = reply.header("location").to_owned();
    assert_eq!((reply.status.as_u16(), &location), (201, &format!("/api/v1{}", path("stations/jinghu-2"))));
    let answer = reply.ok();
    assert_eq!((&answer["result"]["kind"], &answer["result"]["active"]), (&"station".into(), &true.into()));
    assert_eq!(answer["events"][0]["type"], "Registered");

    let moved = json!({ "district": "yijiang", "occurred_on": "2026-05-02" });
    let answer = house.post(OFFICE, &path("stations/jinghu-2/changes"), &moved).await.ok();
    assert_eq!(answer["result"]["district"], "yijiang");
    let renamed = json!({ "name": "弋江第二服务站", "occurred_on": "2026-05-02" });
    house.post(OFFICE, &path("stations/jinghu-2/changes"), &renamed).await.ok();
    let closed = json!({ "reason": "合并办公", "occurred_on": "2026-05-03" });
    house.post(OFFICE, &path("stations/jinghu-2/closure"), &closed).await.ok();

    let shown = house.get(&path("stations/jinghu-2")).await.ok();
    assert_eq!((&shown["name"], &shown["active"]), (&"弋江第二服务站".into(), &false.into()));
    assert_eq!((&shown["closed_reason"], &shown["ended_on"]), (&"合并办公".into(), &"2026-05-03".into()));
}

#[tokio::test]
async fn an_answer_has_the_tag_that_a_read_of_the_entry_has() {
    let house = House::seeded().await;
    let added = house.post(OFFICE, &path("stations"), &station("jinghu-2", "jinghu")).await;
    let shown = house.get(&path("stations/jinghu-2")).await;
    assert!(shown.header("etag").starts_with("W/\"h"), "{shown:?}");
    assert_eq!(added.header("etag"), shown.header("etag"));
    let retrained = json!({ "field": "精益生产", "occurred_on": "2026-05-02" });
    let changed = house.post(OFFICE, &path("experts/expert-1/changes"), &retrained).await;
    assert_eq!(changed.header("etag"), house.get_as(OFFICE, &path("experts/expert-1")).await.header("etag"));
    let into = json!({ "successor": "jinghu-1", "occurred_on": "2026-05-03" });
    let merged = house.post(OFFICE, &path("stations/jinghu-2/mergers"), &into).await;
    assert_ne!(merged.header("etag"), added.header("etag"));
    assert_eq!(merged.header("etag"), house.get(&path("stations/jinghu-2")).await.header("etag"));
}

#[tokio::test]
async fn every_kind_is_listed_by_its_own_path_with_filters() {
    let house = House::seeded().await;
    for (many, expected) in [("districts", 2), ("stations", 2), ("recommenders", 3), ("experts", 1)] {
        let page = house.get(&path(&format!("{many}?count=true"))).await.ok();
        assert_eq!(page["total"], expected, "{many}");
    }
    let local = house.get(&path("stations?district=jinghu&active=true")).await.ok();
    assert_eq!((&local["items"][0]["id"], local["items"].as_array().unwrap().len()), (&"jinghu-1".into(), 1));
    let count =
        async |query: &str| house.get(&path(&format!("stations?count=true&{query}"))).await.ok()["total"].clone();
    let closed = json!({ "reason": "合并办公", "occurred_on": "2026-05-03" });
    house.post(OFFICE, &path("stations/jinghu-1/closure"), &closed).await.ok();
    assert_eq!((count("active=true").await, count("active=true&active=false").await), (1.into(), 2.into()));
    assert_eq!(house.get(&path("districts?sort=-id")).await.ok()["items"][0]["id"], "yijiang");
    house.get(&path("districts?district=jinghu")).await.refused("unknown_parameter");
    house.get("/programs/nowhere/districts").await.refused("not_found");
}

#[tokio::test]
async fn a_merged_entry_names_its_successor() {
    let house = House::seeded().await;
    let merger = json!({ "successor": "office-quality", "occurred_on": "2026-05-01" });
    let answer = house.post(OFFICE, &path("recommenders/association-equipment/mergers"), &merger).await.ok();
    assert_eq!(
        (&answer["result"]["successor"], &answer["result"]["active"]),
        (&"office-quality".into(), &false.into())
    );
    let itself = house.post(OFFICE, &path("recommenders/office-quality/mergers"), &merger).await;
    itself.refused_at("validation_failed", "/successor");
}

#[tokio::test]
async fn who_an_expert_is_stands_beside_the_log_and_is_shown_to_actors_only() {
    let house = House::seeded().await;
    let expert = json!({ "id": "expert-2", "person": { "name": "许某某", "email": "xu@example.org" },
        "expert_kind": "city_expert_pool", "field": "标准化", "occurred_on": "2026-05-01" });
    let answer = house.post(OFFICE, &path("experts"), &expert).await.ok();
    assert_eq!(answer["result"]["person"]["name"], "许某某");

    let list = house.get_as(OFFICE, &path("experts")).await.ok();
    assert_eq!(list["items"][0]["person"]["name"], EXPERT_NAME);
    let anonymous = house.get(&path("experts/expert-2")).await.ok();
    assert_eq!(anonymous["person"]["person_id"], answer["result"]["person"]["person_id"]);
    assert_eq!((&anonymous["person"]["name"], &anonymous["person"]["email"]), (&Value::Null, &Value::Null));

    let log = serde_json::to_string(&house.get("/events?limit=1000").await.ok()).unwrap();
    assert!(log.contains("expert-2") && !log.contains("许某某") && !log.contains("xu@example.org"));
}

#[tokio::test]
async fn an_expert_gets_another_name_and_field_and_the_log_says_neither_name() {
    let house = House::seeded().await;
    let changes = path("experts/expert-1/changes");
    let named = json!({ "person": { "name": "许某某" }, "occurred_on": "2026-05-01" });
    let before = house.get_as(OFFICE, &path("experts/expert-1")).await.ok();
    let answer = house.post(OFFICE, &changes, &named).await.ok();
    assert_eq!(answer["events"][0]["type"], "ExpertChanged");
    assert_eq!((&answer["result"]["person"]["name"], &answer["result"]["field"]), (&json!("许某某"), &before["field"]));
    let moved = json!({ "field": "计量", "occurred_on": "2026-05-02" });
    let answer = house.post(OFFICE, &changes, &moved).await.ok();
    assert_eq!((&answer["result"]["person"]["name"], &answer["result"]["field"]), (&json!("许某某"), &json!("计量")));
    let log = serde_json::to_string(&house.get("/events?limit=1000").await.ok()).unwrap();
    assert!(!log.contains("许某某") && !log.contains(EXPERT_NAME));

    let nothing = json!({ "occurred_on": "2026-05-02" });
    house.post(OFFICE, &changes, &nothing).await.refused_at("validation_failed", "/person");
    let renamed = json!({ "name": "许某某", "occurred_on": "2026-05-02" });
    house.post(OFFICE, &changes, &renamed).await.refused_at("validation_failed", "/name");
    house.post(DISTRICT, &changes, &moved).await.refused("not_permitted");
}

#[tokio::test]
async fn what_the_register_refuses_points_at_its_field() {
    let house = House::seeded().await;
    let stations = path("stations");
    house.post(DISTRICT, &stations, &station("jinghu-2", "jinghu")).await.refused("not_permitted");
    house.post(OFFICE, &stations, &station("jinghu-1", "jinghu")).await.refused_at("validation_failed", "/id");
    house.post(OFFICE, &stations, &station("x-1", "nowhere")).await.refused_at("unknown_reference", "/district");
    house.post(OFFICE, &stations, &station("x 1", "jinghu")).await.refused_at("validation_failed", "/id");
    let unknown = json!({ "name": "无", "occurred_on": "2026-05-01" });
    house.post(OFFICE, &path("stations/nowhere-1/changes"), &unknown).await.refused("not_found");
    house
        .post(OFFICE, &path("stations/no where/changes".replace(' ', "%20").as_str()), &unknown)
        .await
        .refused("not_found");
    house.get(&path("experts/nobody")).await.refused("not_found");

    let changes = path("stations/jinghu-1/changes");
    let nothing = json!({ "occurred_on": "2026-05-01" });
    house.post(OFFICE, &changes, &nothing).await.refused_at("validation_failed", "/name");
    let both = json!({ "name": "新名", "district": "yijiang", "occurred_on": "2026-05-01" });
    house.post(OFFICE, &changes, &both).await.refused_at("validation_failed", "/district");
    let closing = json!({ "reason": "撤销", "occurred_on": "2026-05-01" });
    house.post(OFFICE, &path("districts/jinghu/closure"), &closing).await.refused("step_out_of_order");
    let silent = json!({ "reason": " ", "occurred_on": "2026-05-01" });
    house.post(OFFICE, &path("stations/jinghu-1/closure"), &silent).await.refused_at("reason_required", "/reason");
}
