//! Classification and reclassification through REST.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::testing::{CYCLE, DISTRICT, House, MEMBER, OFFICE, uscc};

/// An applicant ready to be admitted, its survey proposing this class.
async fn ready(house: &House, n: u32, class: &str) -> String {
    let number = uscc(n).to_string();
    house.apply(&number, &format!("公司{n}"), "2026-01-10").await;
    house.nominate(&number, "association-equipment", "2026-01-12").await;
    house.survey(&number, class).await;
    number
}

fn batch(entries: &[(&str, &str)]) -> Value {
    let entries: Vec<_> = entries.iter().map(|(uscc, class)| json!({ "uscc": uscc, "class": class })).collect();
    json!({ "entries": entries, "occurred_on": "2026-05-20" })
}

fn moves(entries: &[(&str, &str)]) -> Value {
    let entries: Vec<_> =
        entries.iter().map(|(uscc, to)| json!({ "uscc": uscc, "to": to, "grounds": "年度评估" })).collect();
    json!({ "entries": entries, "occurred_on": "2026-05-25" })
}

fn classifications() -> String {
    format!("/cycles/{CYCLE}/classifications")
}

fn reclassifications() -> String {
    format!("/cycles/{CYCLE}/reclassifications")
}

#[tokio::test]
async fn a_dry_run_answers_what_would_be_and_appends_nothing() {
    let house = House::seeded().await;
    let number = ready(&house, 1, "D").await;
    let before = house.app.store().feed().head().await.unwrap();
    let reply = house.post(OFFICE, &format!("{}?dry_run=true", classifications()), &batch(&[(&number, "D")])).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let answer = reply.ok();
    assert_eq!((&answer["events"], &answer["result"]["dry_run"]), (&json!([]), &json!(true)));
    assert_eq!(answer["result"]["balance"]["before"], json!({ "A": 0, "B": 0, "C": 1, "D": 0 }));
    assert_eq!(answer["result"]["balance"]["after"], json!({ "A": 0, "B": 0, "C": 1, "D": 1 }));
    assert_eq!(house.app.store().feed().head().await.unwrap(), before);

    let real = house.post(OFFICE, &classifications(), &batch(&[(&number, "D")])).await.ok();
    assert_eq!(real["result"]["balance"], answer["result"]["balance"]);
    assert_eq!(real["events"].as_array().unwrap().len(), 2);
    let file = house.get(&format!("/cycles/{CYCLE}/organizations/{number}")).await.ok();
    assert_eq!((&file["stage"], &file["class"]), (&json!("member"), &json!("D")));
}

#[tokio::test]
async fn a_decision_carries_the_tag_of_the_cycle_whether_dry_or_not() {
    let house = House::seeded().await;
    let number = ready(&house, 1, "C").await;
    let path = format!("/cycles/{CYCLE}");
    let before = house.get(&path).await.header("etag").to_owned();
    let admitted = batch(&[(&number, "C")]);
    let tried = house.post(OFFICE, &format!("{}?dry_run=true", classifications()), &admitted).await;
    assert_eq!(tried.header("etag"), before);
    let mut last = before;
    for (path_of, body) in [(classifications(), admitted), (reclassifications(), moves(&[(&number, "D")]))] {
        let decided = house.post(OFFICE, &path_of, &body).await;
        let tag = decided.header("etag").to_owned();
        decided.ok();
        assert_ne!(tag, last, "{path_of}");
        assert_eq!(house.get(&path).await.header("etag"), tag, "{path_of}");
        last = tag;
    }
}

#[tokio::test]
async fn w56_one_member_of_d_too_many_is_refused_dry_or_not() {
    let house = House::seeded().await;
    let (first, second) = (ready(&house, 1, "D").await, ready(&house, 2, "D").await);
    let both = batch(&[(&first, "D"), (&second, "D")]);
    for path in [classifications(), format!("{}?dry_run=true", classifications())] {
        let problem = house.post(OFFICE, &path, &both).await.refused("balance_violated");
        assert_eq!((&problem["excess_before"], &problem["excess_after"]), (&json!(0), &json!(1)));
        assert_eq!(problem["after"]["D"], 2);
    }
    house.post(OFFICE, &classifications(), &batch(&[(&first, "D")])).await.ok();
}

#[tokio::test]
async fn entries_are_refused_by_their_place_and_the_code_of_the_first_is_the_top_code() {
    let house = House::seeded().await;
    let number = ready(&house, 1, "C").await;
    let body = batch(&[(&number, "C"), ("91340202MA8EXAMP13", "C"), (MEMBER, "Z")]);
    let problem = house.post(OFFICE, &classifications(), &body).await.refused("unknown_reference");
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/entries/1", "/entries/2"]);
    assert_eq!(problem["errors"][0]["errors"][0]["pointer"], "/entries/1/uscc");
    house.post(DISTRICT, &classifications(), &batch(&[(&number, "C")])).await.refused("not_permitted");
}

#[tokio::test]
async fn an_entry_rests_on_the_file_that_was_seen() {
    let house = House::seeded().await;
    let number = ready(&house, 1, "C").await;
    let file = house.get(&format!("/cycles/{CYCLE}/organizations/{number}")).await.ok();
    let mut body = batch(&[(&number, "C")]);
    body["entries"][0]["seen"] = "1.1".into();
    let problem = house.post(OFFICE, &classifications(), &body).await.refused("stale_version");
    let current = format!("{}.{}", file["enrolment_version"], file["cycle_version"]);
    assert_eq!(problem["errors"][0]["current"], current.as_str(), "{problem}");
    body["entries"][0]["seen"] = "yesterday".into();
    house.post(OFFICE, &classifications(), &body).await.refused("validation_failed");
    body["entries"][0]["seen"] = current.into();
    house.post(OFFICE, &classifications(), &body).await.ok();
}

#[tokio::test]
async fn a_batch_takes_what_was_seen_by_its_entries_and_no_if_match() {
    let house = House::seeded().await;
    let number = ready(&house, 1, "C").await;
    let tag = house.get(&format!("/cycles/{CYCLE}")).await.header("etag").to_owned();
    let (admitted, moved) = (batch(&[(&number, "C")]), moves(&[(MEMBER, "D")]));
    for (path, body) in [(classifications(), admitted), (reclassifications(), moved)] {
        for path in [path.clone(), format!("{path}?dry_run=true")] {
            house.post_if(OFFICE, &path, &body, Some(&tag)).await.refused("malformed_header");
        }
        house.post(OFFICE, &path, &body).await.ok();
    }
}

#[tokio::test]
async fn w55_members_of_c_move_and_the_grounds_are_kept() {
    let house = House::seeded().await;
    let number = ready(&house, 1, "C").await;
    house.post(OFFICE, &classifications(), &batch(&[(&number, "C")])).await.ok();
    let tried = house.post(OFFICE, &format!("{}?dry_run=true", reclassifications()), &moves(&[(MEMBER, "D")])).await;
    assert_eq!(tried.ok()["result"]["balance"]["after"], json!({ "A": 0, "B": 0, "C": 1, "D": 1 }));
    let moved = house.post(OFFICE, &reclassifications(), &moves(&[(MEMBER, "D")])).await.ok();
    let file = house.get(&format!("/cycles/{CYCLE}/organizations/{MEMBER}")).await.ok();
    assert_eq!(moved["result"]["entries"][0]["class"], "D");
    let tag = format!("{}.{}", file["enrolment_version"], file["cycle_version"]);
    assert_eq!(moved["result"]["entries"][0]["tag"], tag.as_str());
    assert_eq!(file["classes"][1]["grounds"], "年度评估");
    let odd = house.post(OFFICE, &format!("{}?dry_run=maybe", reclassifications()), &moves(&[(MEMBER, "D")])).await;
    odd.refused("invalid_parameter");
}

#[tokio::test]
async fn w56_a_wrong_class_is_corrected_from_the_decision_document() {
    let house = House::seeded().await;
    let path = format!("/cycles/{CYCLE}/classification-corrections");
    let mut body = json!({ "uscc": MEMBER, "class": "B", "reason": "录入错误", "occurred_on": "2026-05-25" });
    house.post(OFFICE, &path, &body).await.refused_at("document_missing", "/documents");
    body["documents"] = json!([house.paper().await]);
    house.post(DISTRICT, &path, &body).await.refused("not_permitted");
    let file = house.post(OFFICE, &path, &body).await.ok();
    assert_eq!(file["result"]["class"], "B");
    assert_eq!(file["result"]["classes"][1]["effective_on"], "2026-03-01");
}
