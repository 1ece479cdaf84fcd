use serde_json::{Value, json};

use crate::testing::{APPLICANT, CYCLE, House, MEMBER, OFFICE, PROGRAM, STATION, uscc};

const ITSELF: &str = "organization/91350100M000100Y43/zhou";

fn change(change: &Value) -> Value {
    json!({ "program": PROGRAM, "change": change, "occurred_on": "2026-05-20" })
}

fn path(rest: &str) -> String {
    format!("/organizations/{MEMBER}{rest}")
}

#[tokio::test]
async fn an_organisation_shows_its_files_and_both_numbers_resolve() {
    let house = House::seeded().await;
    assert_eq!(house.get(&path("")).await.ok()["files"][0]["cycle"], CYCLE);
    let number = uscc(3);
    let renumbered = change(&json!({ "kind": "new_uscc", "uscc": number }));
    let changed = house.post(OFFICE, &path("/changes"), &renumbered).await.ok();
    assert_eq!(changed["result"]["uscc"], number.as_str());
    for name in [MEMBER, number.as_str()] {
        assert_eq!(house.get(&format!("/organizations/{name}")).await.ok()["organization"], MEMBER, "{name}");
    }
    assert_eq!(
        house.get(&format!("/organizations/{}", uscc(4))).await.refused("not_found")["resource"],
        "organization"
    );
}

#[tokio::test]
async fn a_change_has_the_tag_that_a_read_of_the_organisation_has_and_an_honour_one_of_its_own() {
    let house = House::seeded().await;
    let renamed = change(&json!({ "kind": "rename", "name": "新名称" }));
    let changed = house.post(OFFICE, &path("/changes"), &renamed).await;
    assert!(changed.header("etag").starts_with("W/\"p"), "{changed:?}");
    assert_eq!(changed.header("etag"), house.get(&path("")).await.header("etag"));
    let tag_of = async |name: &str| {
        let honour = json!({ "name": name, "level": "city", "holder": { "kind": "organization" } });
        let body = json!({ "program": PROGRAM, "honour": honour, "occurred_on": "2026-05-20" });
        house.post(OFFICE, &path("/honours"), &body).await.header("etag").to_owned()
    };
    let first = tag_of("政府质量奖").await;
    assert!(first.starts_with("W/\"h"), "{first}");
    assert_ne!(first, tag_of("质量标杆").await);
}

#[tokio::test]
async fn every_change_is_taken_and_shown() {
    let house = House::seeded().await;
    let changes = [
        (json!({ "kind": "rename", "name": "新名称" }), "/name", json!("新名称")),
        (json!({ "kind": "district", "district": "yijiang" }), "/district", json!("yijiang")),
        (json!({ "kind": "new_uscc", "uscc": uscc(3) }), "/uscc", json!(uscc(3))),
        (json!({ "kind": "uscc_correction", "uscc": MEMBER, "reason": "误录" }), "/uscc", json!(MEMBER)),
        (json!({ "kind": "merger", "into": APPLICANT, "reason": "吸收合并" }), "/gone/into", json!(APPLICANT)),
    ];
    for (wanted, place, expected) in changes {
        let shown = house.post(OFFICE, &path("/changes"), &change(&wanted)).await.ok();
        assert_eq!(shown["result"].pointer(place), Some(&expected), "{wanted}");
    }
    let dissolve = change(&json!({ "kind": "dissolution", "reason": "注销" }));
    house.post(OFFICE, &path("/changes"), &dissolve).await.refused("step_out_of_order");
    let dissolved = house.post(OFFICE, &format!("/organizations/{APPLICANT}/changes"), &dissolve).await.ok();
    assert_eq!(dissolved["result"]["gone"]["kind"], "dissolved");
}

#[tokio::test]
async fn a_refused_change_points_into_the_body_as_it_was_sent() {
    let house = House::seeded().await;
    let changes = path("/changes");
    let renamed = change(&json!({ "kind": "rename", "name": " " }));
    house.post(ITSELF, &changes, &renamed).await.refused_at("validation_failed", "/change/name");
    let moved = change(&json!({ "kind": "district", "district": "nowhere" }));
    house.post(OFFICE, &changes, &moved).await.refused_at("unknown_reference", "/change/district");
    house.post(ITSELF, &changes, &moved).await.refused("not_permitted");
    let taken = change(&json!({ "kind": "new_uscc", "uscc": APPLICANT }));
    house.post(OFFICE, &changes, &taken).await.refused_at("validation_failed", "/change/uscc");
    let silent = change(&json!({ "kind": "dissolution", "reason": " " }));
    house.post(OFFICE, &changes, &silent).await.refused_at("reason_required", "/change/reason");
    let mut later = change(&json!({ "kind": "rename", "name": "新名称" }));
    later["occurred_on"] = "2026-06-02".into();
    house.post(OFFICE, &changes, &later).await.refused_at("date_in_future", "/occurred_on");
    later["program"] = "nowhere".into();
    house.post(OFFICE, &changes, &later).await.refused_at("validation_failed", "/program");
    let other = change(&json!({ "kind": "rename", "name": "新名称", "uscc": MEMBER }));
    house.post(OFFICE, &changes, &other).await.refused("validation_failed");
}

#[tokio::test]
async fn incidents_of_all_files_stand_together() {
    let house = House::seeded().await;
    let incident = json!({ "incident": { "kind": "quality", "description": "抽检" }, "occurred_on": "2026-05-10" });
    let file = format!("/cycles/{CYCLE}/organizations/{MEMBER}/incidents");
    let reported = house.post(STATION, &file, &incident).await.ok();
    let listed = house.get(&path("/incidents")).await.ok();
    assert_eq!(listed["items"][0]["id"], reported["result"]["id"], "{listed}");
    assert_eq!(house.get(&path("/incidents?from=2026-05-11")).await.ok()["items"], json!([]));
}

fn honour(holder: &Value) -> Value {
    json!({
        "program": PROGRAM,
        "honour": { "name": "市长质量奖", "level": "city", "holder": holder },
        "occurred_on": "2026-05-10",
    })
}

#[tokio::test]
async fn the_person_who_holds_an_honour_is_kept_beside_the_events() {
    let house = House::seeded().await;
    let person = honour(&json!({ "kind": "person", "person": { "name": "何某某" } }));
    let recorded = house.post(ITSELF, &path("/honours"), &person).await.ok();
    assert_eq!(recorded["result"]["holder"]["person"]["name"], "何某某");
    let events = house.app.store().feed().after(0, 1000).await.unwrap();
    assert!(!serde_json::to_string(&events.last().unwrap().event.to_payload().unwrap()).unwrap().contains("何某某"));

    let organization = honour(&json!({ "kind": "organization" }));
    house.post(OFFICE, &path("/honours"), &organization).await.ok();
    let listed = house.get_as(OFFICE, &path("/honours?count=true")).await.ok();
    assert_eq!(listed["total"], 2);
    assert_eq!(listed["items"][0]["holder"]["person"]["name"], "何某某", "{listed}");
    let unseen = house.get(&path("/honours")).await.ok();
    assert_eq!(unseen["items"][0]["holder"]["person"]["name"], json!(null));
    assert_eq!(unseen["items"][1]["holder"], json!({ "kind": "organization" }));
}

#[tokio::test]
async fn an_honour_is_refused_with_its_field_and_to_strangers() {
    let house = House::seeded().await;
    let mut nameless = honour(&json!({ "kind": "organization" }));
    house.post(STATION, &path("/honours"), &nameless).await.refused("not_permitted");
    nameless["honour"]["name"] = " ".into();
    house.post(OFFICE, &path("/honours"), &nameless).await.refused_at("validation_failed", "/honour/name");
}
