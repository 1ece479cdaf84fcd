//! Applications through REST: Annex 1 with the people in it.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use super::submission;
use crate::resources::nominations;
use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, OFFICE, RECOMMENDER};

const USCC: &str = "91340202MA8EXAMP13";
const ITSELF: &str = "organization/91340202MA8EXAMP13/zhou";

fn path() -> String {
    format!("/cycles/{CYCLE}/applications")
}

fn amendment() -> Value {
    json!({ "application": submission()["application"], "reason": "更正", "occurred_on": "2026-03-09" })
}

#[tokio::test]
async fn the_example_is_accepted_and_opens_a_file() {
    let house = House::seeded().await;
    let reply = house.post(ITSELF, &path(), &submission()).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    assert_eq!(reply.header(header::LOCATION), format!("/api/v1/cycles/{CYCLE}/organizations/{USCC}"));
    let tag = format!("\"1.{}\"", reply.body["result"]["cycle_version"]);
    assert_eq!(reply.header(header::ETAG), tag);
    let answer = reply.ok();
    assert_eq!(answer["result"]["stage"], "applied");
    let types: Vec<_> = answer["events"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["OrganizationRegistered", "EnrolmentOpened", "ApplicationSubmitted", "ApplicantEntered"]);
    let listed = house.get(&format!("{}?sort=applied_on&district=jinghu", path())).await.ok();
    let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|row| row["uscc"].as_str().unwrap()).collect();
    assert_eq!(listed[0], USCC, "the earliest application comes first");
    assert!(listed.contains(&APPLICANT));
}

#[tokio::test]
async fn w82_people_stand_beside_the_events_and_only_who_works_with_the_file_sees_them() {
    let house = House::seeded().await;
    let answer = house.post(ITSELF, &path(), &submission()).await;
    assert!(!String::from_utf8(answer.bytes).unwrap().contains("示例联系人"), "{}", answer.body);
    let alone = format!("/cycles/{CYCLE}/organizations/{USCC}/application");
    for reader in [OFFICE, DISTRICT, ITSELF] {
        let shown = house.get_as(reader, &alone).await.ok();
        assert_eq!(shown["contact"]["phone"], "0553-*****00", "{reader}");
        assert_eq!(shown["contact"]["email"], "c******@example.com");
        assert_eq!(shown["legal_representative"]["name"], "示例法定代表人");
        assert_eq!(shown["contact"]["person_id"], shown["application"]["form"]["contact"]["person"]);
    }
    for stranger in ["district/yijiang/wu", "office/hangzhou-cultivation/qian", "station/yijiang-1/li"] {
        house.get_as(stranger, &alone).await.refused("not_found");
    }
    for stranger in [RECOMMENDER, "station/jinghu-1/li"] {
        let shown = house.get_as(stranger, &alone).await.ok();
        assert_eq!(shown["contact"]["name"], Value::Null, "{stranger}");
        assert_ne!(shown["contact"]["person_id"], Value::Null);
    }
    let unnamed = house.get(&alone).await;
    assert_ne!(unnamed.header(header::ETAG), house.get_as(OFFICE, &alone).await.header(header::ETAG));
    assert_eq!(unnamed.ok()["contact"]["name"], Value::Null);
}

#[tokio::test]
async fn another_organisation_does_not_apply_for_it() {
    let house = House::seeded().await;
    let other = format!("organization/{APPLICANT}/zhou");
    assert_eq!(house.post(&other, &path(), &submission()).await.refused("not_permitted")["status"], 403);
}

#[tokio::test]
async fn faults_of_the_form_are_told_at_once_with_their_pointers() {
    let house = House::seeded().await;
    let mut body = submission();
    body["application"]["contact"]["phone"] = " ".into();
    body["application"]["supplement"]["legal_representative"] = json!({ "name": "某某" });
    body["application"]["colour"] = "red".into();
    let problem = house.post(ITSELF, &path(), &body).await.refused("validation_failed");
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        pointers,
        [
            "/application/colour",
            "/application/contact/phone",
            "/application/supplement/legal_representative/no_criminal_record",
        ]
    );
    let mut body = submission();
    body["application"]["testing"] = json!({ "not_applicable": true, "description": "有实验室" });
    house.post(ITSELF, &path(), &body).await.refused_at("validation_failed", "/application/testing/description");
}

#[tokio::test]
async fn a_paper_that_nobody_uploaded_is_refused_where_the_form_names_it() {
    let house = House::seeded().await;
    for pointer in ["/application/sealed_form", "/application/supplement/certificate/document_id"] {
        let mut body = submission();
        *body.pointer_mut(pointer).unwrap() = "01980000-0000-7000-8000-000000000001".into();
        house.post(ITSELF, &path(), &body).await.refused_at("unknown_reference", pointer);
    }
}

#[tokio::test]
async fn an_amendment_replaces_the_form_until_the_survey_is_filed() {
    let house = House::seeded().await;
    house.post(ITSELF, &path(), &submission()).await.ok();
    let amendments = format!("/cycles/{CYCLE}/organizations/{USCC}/amendments");
    let mut body = amendment();
    body["application"]["contact"]["name"] = "新联系人".into();
    let file = house.post(ITSELF, &amendments, &body).await.ok();
    assert_eq!(file["result"]["application"]["amendments"], 1);
    let shown = house.get_as(OFFICE, &format!("/cycles/{CYCLE}/organizations/{USCC}/application")).await.ok();
    assert_eq!(shown["contact"]["name"], "新联系人");
    house.post(OFFICE, &amendments, &body).await.refused("not_permitted");

    house.nominate(USCC, "association-equipment", "2026-03-12").await;
    let survey = crate::resources::surveys::filing_on("2026-04-20");
    house.post("station/jinghu-1/li", &format!("/cycles/{CYCLE}/organizations/{USCC}/surveys"), &survey).await.ok();
    body["occurred_on"] = "2026-04-21".into();
    house.post(ITSELF, &amendments, &body).await.refused("application_frozen");
}

#[tokio::test]
async fn both_seals_of_a_paper_form_are_taken_in_one_step() {
    let house = House::seeded().await;
    let nominations = format!("/cycles/{CYCLE}/nominations");
    let reply = house.post(OFFICE, &nominations, &nominations::paper_form()).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    assert_eq!(reply.ok()["result"]["recommendation"]["recommender"], "office-quality");
}
