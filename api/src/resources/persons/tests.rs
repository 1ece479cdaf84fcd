//! Data of people through REST.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use store::sql::Sql;

use crate::headers::{ACTOR, IDEMPOTENCY_KEY};
use crate::resources::applications;
use crate::testing::{APPLICANT, CYCLE, EXPERT_NAME, House, MEMBER, OFFICE, PROGRAM, Reply};

const USCC: &str = "91340202MA8EXAMP13";
const ITSELF: &str = "organization/91340202MA8EXAMP13/zhou";

fn expert(rest: &str) -> String {
    format!("/programs/{PROGRAM}/experts{rest}")
}

/// The person of an expert.
async fn person_of(house: &House, expert_id: &str) -> String {
    let shown = house.get_as(OFFICE, &expert(&format!("/{expert_id}"))).await.ok();
    shown["person"]["person_id"].as_str().unwrap().to_owned()
}

async fn keyed(house: &House, key: &str, path: &str, body: &Value) -> Reply {
    let request = Request::post(format!("/api/v1{path}"))
        .header(ACTOR, OFFICE)
        .header(IDEMPOTENCY_KEY, key)
        .header(header::CONTENT_TYPE, "application/json");
    house.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn count(house: &House, sql: &str) -> i64 {
    Sql::new(sql).int(house.app.store().db()).await.unwrap().unwrap()
}

/// The contact and the legal representative of the example's file.
async fn people_of_the_file(house: &House) -> (String, String) {
    let shown = house.get_as(OFFICE, &format!("/cycles/{CYCLE}/organizations/{USCC}/application")).await.ok();
    let id = |who: &str| shown[who]["person_id"].as_str().unwrap().to_owned();
    (id("contact"), id("legal_representative"))
}

fn erasing() -> Value {
    json!({ "ground": "consent_withdrawn" })
}

#[tokio::test]
async fn s11_a_person_is_shown_masked_to_who_acts_and_kept_by_nobody() {
    let house = House::seeded().await;
    let path = format!("/persons/{}", person_of(&house, "expert-1").await);
    let reply = house.get_as(OFFICE, &path).await;
    assert_eq!(reply.header(header::CACHE_CONTROL), "no-store");
    let shown = reply.ok();
    assert_eq!((&shown["name"], &shown["phone"]), (&EXPERT_NAME.into(), &"139****0000".into()));
    assert_eq!(shown["email"], Value::Null);
    house.get_as_nobody(&path).await.refused("not_authenticated");
    house.get(&path).await.refused("not_found");
    let nobody = "/persons/01980000-0000-7000-8000-000000000001";
    assert_eq!(house.get_as(OFFICE, nobody).await.refused("not_found")["resource"], "person");
    house.get_as(OFFICE, "/persons/nobody").await.refused("not_found");
}

#[tokio::test]
async fn s11_a_person_is_shown_in_full_for_a_reason_that_is_written_down() {
    let house = House::seeded().await;
    let person = format!("/persons/{}", person_of(&house, "expert-1").await);
    let disclosures = format!("{person}/disclosures");
    let asked = json!({ "reason": "电话通知评审时间" });
    let reply = house.post(OFFICE, &disclosures, &asked).await;
    assert_eq!(reply.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(reply.header(header::ETAG), house.get_as(OFFICE, &person).await.header(header::ETAG));
    let id = reply.header("x-request-id").to_owned();
    let answer = reply.ok();
    assert_eq!((&answer["result"]["phone"], &answer["events"]), (&"13900000000".into(), &json!([])));
    let written = format!(
        "SELECT count(*) FROM disclosures WHERE request_id = '{id}' AND reason = '电话通知评审时间' \
         AND disclosed_to = '{OFFICE}'"
    );
    assert_eq!(count(&house, &written).await, 1);

    let all = "SELECT count(*) FROM disclosures";
    house.post(OFFICE, &disclosures, &json!({})).await.refused_at("validation_failed", "/reason");
    house.post(OFFICE, &disclosures, &json!({ "reason": " " })).await.refused_at("reason_required", "/reason");
    for reason in [format!("联系{EXPERT_NAME}老师"), "打13900000000".to_owned()] {
        let problem = house.post(OFFICE, &disclosures, &json!({ "reason": reason })).await.refused("validation_failed");
        assert_eq!(problem["errors"][0]["code"], "personal_data");
    }
    assert_eq!(count(&house, all).await, 1, "nothing was shown");
    // A key does not make two looks one, and no answer in full is kept.
    for _ in ["once", "twice"] {
        keyed(&house, "look", &disclosures, &asked).await.ok();
    }
    assert_eq!(count(&house, all).await, 3);
    assert_eq!(count(&house, "SELECT count(*) FROM idempotency").await, 0);
}

#[tokio::test]
async fn a_person_is_put_right_in_part_and_no_masked_number_is_taken() {
    let house = House::seeded().await;
    let person = format!("/persons/{}", person_of(&house, "expert-1").await);
    let corrections = format!("{person}/corrections");
    let right = json!({ "phone": "13711112222", "reason": "本人来函更正" });
    let first = keyed(&house, "right", &corrections, &right).await;
    let again = keyed(&house, "right", &corrections, &right).await;
    assert_eq!((&again.bytes, again.status), (&first.bytes, StatusCode::OK));
    assert_eq!(again.header(header::CACHE_CONTROL), first.header(header::CACHE_CONTROL));
    let other = json!({ "phone": null, "reason": "无电话" });
    keyed(&house, "right", &corrections, &other).await.refused("idempotency_key_reused");
    let shown = first.ok();
    assert_eq!((&shown["result"]["name"], &shown["result"]["phone"]), (&EXPERT_NAME.into(), &"137****2222".into()));
    assert_eq!(count(&house, "SELECT count(*) FROM corrections").await, 1);
    assert_eq!(house.get_as(OFFICE, &expert("/expert-1")).await.ok()["person"]["phone"], "137****2222");
    let shown = house.post(OFFICE, &corrections, &other).await.ok();
    assert_eq!(shown["result"]["phone"], Value::Null);

    let masked = json!({ "phone": "137****2222", "reason": "更正" });
    house.post(OFFICE, &corrections, &masked).await.refused_at("validation_failed", "/phone");
    let named = json!({ "name": "许某某", "reason": "更名为许某某" });
    house.post(OFFICE, &corrections, &named).await.refused_at("validation_failed", "/reason");
    house.post(OFFICE, &corrections, &json!({ "reason": "无" })).await.refused_at("validation_failed", "/name");
    let nameless = json!({ "name": null, "reason": "无" });
    house.post(OFFICE, &corrections, &nameless).await.refused_at("validation_failed", "/name");
    let silent = json!({ "name": "许某某", "reason": "" });
    house.post(OFFICE, &corrections, &silent).await.refused_at("reason_required", "/reason");
}

#[tokio::test]
async fn e8_who_was_erased_is_gone_and_stays_so_whoever_asks() {
    let house = House::seeded().await;
    let new = json!({ "id": "expert-2", "person": { "name": "许某某", "phone": "13711112222" },
        "expert_kind": "city_expert_pool", "occurred_on": "2026-05-01" });
    let added = keyed(&house, "add", &expert(""), &new).await;
    assert_eq!(keyed(&house, "add", &expert(""), &new).await.bytes, added.bytes);
    let id = person_of(&house, "expert-2").await;
    let person = format!("/persons/{id}");
    let erasures = format!("{person}/erasures");
    house.post(OFFICE, &erasures, &json!({ "ground": "never mind" })).await.refused_at("validation_failed", "/ground");

    let erased = keyed(&house, "erase", &erasures, &erasing()).await;
    let first = erased.body.clone();
    assert_eq!((&first["result"]["person_id"], &first["result"]["records"]), (&json!(id), &json!([id])), "{first}");
    house.clock.set(house.clock.now() + chrono::TimeDelta::days(1));
    assert_eq!(keyed(&house, "erase", &erasures, &erasing()).await.bytes, erased.bytes, "the same key");
    let again = house.post(OFFICE, &erasures, &json!({ "ground": "other_law" })).await.ok();
    assert_eq!(again, first, "what is erased is erased once");

    house.get_as(OFFICE, &person).await.refused("erased");
    house.post(OFFICE, &format!("{person}/disclosures"), &json!({ "reason": "核对" })).await.refused("erased");
    let right = json!({ "name": "许某", "reason": "更正" });
    house.post(OFFICE, &format!("{person}/corrections"), &right).await.refused("erased");
    assert_eq!(keyed(&house, "add", &expert(""), &new).await.refused("erased")["status"], 410);
    let shown = house.get_as(OFFICE, &expert("/expert-2")).await.ok();
    assert_eq!((&shown["person"]["person_id"], &shown["person"]["name"]), (&json!(id), &Value::Null));
    assert_eq!(house.get_as(OFFICE, &expert("/expert-1")).await.ok()["person"]["name"], EXPERT_NAME);
    // An answer that shows an erased person by reference only is kept as any other.
    let field = json!({ "field": "计量", "occurred_on": "2026-05-02" });
    let described = keyed(&house, "field", &expert("/expert-2/changes"), &field).await;
    assert_eq!(keyed(&house, "field", &expert("/expert-2/changes"), &field).await.bytes, described.bytes);
    described.ok();
    let nobody = "/persons/01980000-0000-7000-8000-000000000001/erasures";
    house.post(OFFICE, nobody, &erasing()).await.refused("not_found");
}

#[tokio::test]
async fn an_expert_is_one_person_whatever_it_is_called() {
    let house = House::seeded().await;
    let before = person_of(&house, "expert-1").await;
    let named = json!({ "person": { "name": "许某某", "phone": "13711112222" }, "occurred_on": "2026-05-01" });
    let answer = house.post(OFFICE, &expert("/expert-1/changes"), &named).await.ok();
    assert_eq!(
        answer["result"]["person"],
        json!({ "person_id": before, "name": "许某某", "phone": "137****2222", "email": null })
    );
    assert_eq!(count(&house, &format!("SELECT count(*) FROM persons WHERE name = '{EXPERT_NAME}'")).await, 0);

    house.post(OFFICE, &format!("/persons/{before}/erasures"), &erasing()).await.ok();
    // Given anew, it is a record anew; what was erased stays so.
    let answer = house.post(OFFICE, &expert("/expert-1/changes"), &named).await.ok();
    let after = answer["result"]["person"]["person_id"].as_str().unwrap();
    assert_ne!(after, before);
    house.get_as(OFFICE, &format!("/persons/{before}")).await.refused("erased");
    // Who had two records is erased in both.
    let erased = house.post(OFFICE, &format!("/persons/{after}/erasures"), &erasing()).await.ok();
    assert_eq!(erased["result"]["records"], json!([after]), "the other one was erased before, by an act of its own");
    assert_eq!(count(&house, "SELECT count(*) FROM persons WHERE name = '许某某'").await, 0);
}

#[tokio::test]
async fn e8_an_expert_that_was_described_by_several_records_is_erased_in_all() {
    let house = House::seeded().await;
    let known = person_of(&house, "expert-1").await;
    // As it was recorded before experts were described in place.
    let old = domain::ids::PersonId::new(uuid::Uuid::now_v7());
    let command = domain::register::ChangeEntry {
        rulebook: house.rulebook(),
        entry: domain::register::EntryId::Expert(crate::testing::id("expert-1")),
        change: domain::register::EntryChange::Describe { person: Some(old), field: None },
        common: domain::document::Common::on(crate::testing::day("2026-05-01")),
    };
    let command = domain::Command::Register(domain::register::RegisterCommand::Change(command));
    let person = store::persons::Person {
        person_id: old,
        name: Some("另一名".to_owned()),
        phone: None,
        email: None,
        recorded_at: house.clock.now(),
    };
    let run = app::Request { persons: vec![person], ..app::Request::new(crate::testing::id(OFFICE), command) };
    house.app.run(run).await.unwrap();
    let erased = house.post(OFFICE, &format!("/persons/{old}/erasures"), &erasing()).await.ok();
    let mut both = [known, old.to_string()];
    both.sort();
    assert_eq!(erased["result"]["records"], json!(both));
}

#[tokio::test]
async fn e8_all_records_of_the_same_person_go_together_and_a_namesake_stays() {
    let house = House::seeded().await;
    let file = format!("/cycles/{CYCLE}/organizations/{USCC}");
    let mut body = applications::submission();
    // The legal representative is the contact, too; the record has the name only.
    body["application"]["supplement"]["legal_representative"]["name"] = "示例联系人".into();
    house.post(ITSELF, &format!("/cycles/{CYCLE}/applications"), &body).await.ok();
    let (first, _) = people_of_the_file(&house).await;
    let mut form = body["application"].clone();
    form["contact"]["phone"] = "13711112222".into();
    form["contact"]["email"] = "other@example.org".into();
    form["supplement"]["legal_representative"]["name"] = "新法定代表人".into();
    let amendment = json!({ "application": form, "reason": "更正", "occurred_on": "2026-03-09" });
    house.post(ITSELF, &format!("{file}/amendments"), &amendment).await.ok();
    let (contact, representative) = people_of_the_file(&house).await;
    let honour = |name: &str, phone: &str| {
        json!({ "program": PROGRAM, "occurred_on": "2026-05-01", "honour": { "name": "质量奖个人", "level": "city",
            "holder": { "kind": "person", "person": { "name": name, "phone": phone } } } })
    };
    // Of another organisation: reached by the same phone it is the same person, else a namesake.
    let holder = async |uscc: &str, phone: &str| {
        let answer =
            house.post(OFFICE, &format!("/organizations/{uscc}/honours"), &honour("示例联系人", phone)).await.ok();
        answer["result"]["holder"]["person"]["person_id"].as_str().unwrap().to_owned()
    };
    let (same, namesake) = (holder(MEMBER, "13711112222").await, holder(APPLICANT, "13899998888").await);

    let erased = house.post(OFFICE, &format!("/persons/{contact}/erasures"), &erasing()).await.ok();
    let records: Vec<&str> =
        erased["result"]["records"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(records.len(), 4, "both contacts, the first representative, the holder: {records:?}");
    for id in [&first, &contact, &same] {
        assert!(records.contains(&id.as_str()), "{id}");
    }
    for id in [&representative, &namesake] {
        assert!(!records.contains(&id.as_str()), "{id}");
        house.get_as(OFFICE, &format!("/persons/{id}")).await.ok();
    }
    assert_eq!(count(&house, "SELECT count(*) FROM persons WHERE name = '示例联系人'").await, 1);
    // Asked for by another of the records, the answer tells of the same act.
    let again = house.post(OFFICE, &format!("/persons/{same}/erasures"), &erasing()).await.ok();
    assert_eq!(again["result"]["records"], erased["result"]["records"]);
    assert_eq!(again["result"]["erasure_id"], erased["result"]["erasure_id"]);
    let shown = house.get_as(OFFICE, &format!("{file}/application")).await.ok();
    assert_eq!((&shown["contact"]["name"], &shown["contact"]["person_id"]), (&Value::Null, &json!(contact)));
    assert_eq!(shown["legal_representative"]["name"], "新法定代表人");
}

#[tokio::test]
async fn masked_data_that_is_sent_back_is_refused() {
    let house = House::seeded().await;
    let mut body = applications::submission();
    body["application"]["contact"]["phone"] = "0553-*****00".into();
    body["application"]["contact"]["email"] = "c******@example.com".into();
    let applications = format!("/cycles/{CYCLE}/applications");
    let problem = house.post(ITSELF, &applications, &body).await.refused("validation_failed");
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/application/contact/email", "/application/contact/phone"]);
    let named = json!({ "person": { "name": "许某某", "phone": "137****2222" }, "occurred_on": "2026-05-01" });
    house.post(OFFICE, &expert("/expert-1/changes"), &named).await.refused_at("validation_failed", "/person/phone");
}

/// Answers that are kept under a key are searched for it when somebody is erased.
#[test]
fn e8_whatever_shows_a_person_says_whom_by_person_id() {
    let document = serde_json::to_value(crate::service::openapi()).unwrap();
    let mut shown = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let has = |property: &str| schema["properties"][property].is_object();
        // What comes in has a name of its own, and is kept by the fingerprint of its request only.
        let comes_in = name.ends_with("Body");
        if (has("phone") || has("email")) && !comes_in {
            assert!(has("person_id"), "{name}");
            shown.push(name.as_str());
        }
    }
    assert_eq!(shown, ["PersonRecord", "PersonView"]);
}

#[tokio::test]
async fn s1_people_are_for_those_who_may_see_where_they_are_named() {
    let house = House::seeded().await;
    house.post(ITSELF, &format!("/cycles/{CYCLE}/applications"), &applications::submission()).await.ok();
    let person = format!("/persons/{}", people_of_the_file(&house).await.0);
    let asked = json!({ "reason": "电话约定回访" });
    let path = format!("{person}/disclosures");
    for stranger in
        ["station/yijiang-1/he", "district/yijiang/gao", "office/hangzhou-cultivation/lu", "auditor/all/shen"]
    {
        house.get_as(stranger, &person).await.refused("not_found");
        house.post(stranger, &path, &asked).await.refused("not_found");
    }
    house.post("station/jinghu-1/li", &format!("{person}/erasures"), &erasing()).await.refused("not_found");
    for own in [ITSELF, "district/jinghu/wang", OFFICE] {
        house.get_as(own, &person).await.ok();
        house.post(own, &path, &asked).await.ok();
    }
    house.post(OFFICE, &format!("{person}/erasures"), &erasing()).await.ok();
}
