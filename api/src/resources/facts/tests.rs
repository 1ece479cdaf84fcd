use app::{Done, Keyed, Request as Run};
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, header};
use domain::Command;
use domain::document::Common;
use domain::enrolment::{EnrolmentCommand, RecordVisit};
use domain::ids::VisitId;
use projections::facts::{self, FactKind};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::headers::{ACTOR, IDEMPOTENCY_KEY};
use crate::idempotent::fingerprint;
use crate::state::Api;
use crate::testing::{CYCLE, House, MEMBER, OFFICE, STATION, day, id};

const ITSELF: &str = "organization/91350100M000100Y43/zhou";
const STRANGER: &str = "station/yijiang-1/sun";

fn path(rest: &str) -> String {
    format!("/cycles/{CYCLE}/organizations/{MEMBER}/{rest}")
}

fn visit(findings: &str) -> Value {
    json!({
        "visit": { "station": "jinghu-1", "channel": "phone", "findings": findings },
        "occurred_on": "2026-05-10",
    })
}

/// One body and one actor for each kind, with the collection.
fn kinds() -> [(&'static str, &'static str, &'static str, Value); 5] {
    let on = "2026-05-10";
    [
        ("visits", "visit", STATION, json!({ "visit": visit("稳步推进")["visit"], "occurred_on": on })),
        (
            "activities",
            "activity",
            ITSELF,
            json!({ "activity": { "kind": "skill_training", "title": "自评师培训" }, "occurred_on": on }),
        ),
        (
            "self-evaluations",
            "self_evaluation",
            ITSELF,
            json!({
                "self_evaluation": {
                    "period_from": "2026-01-01", "period_to": "2026-04-30",
                    "strengths": "过程稳定", "gaps": "数据不足", "actions": "补数据",
                },
                "occurred_on": on,
            }),
        ),
        (
            "assistance-requests",
            "request",
            ITSELF,
            json!({ "request": { "subject": "测量", "description": "需要辅导" }, "occurred_on": on }),
        ),
        (
            "incidents",
            "incident",
            STATION,
            json!({ "incident": { "kind": "safety", "description": "仓库起火" }, "occurred_on": on }),
        ),
    ]
}

#[tokio::test]
async fn every_kind_is_recorded_shown_corrected_and_voided() {
    let house = House::seeded().await;
    for (collection, form, actor, mut body) in kinds() {
        let recorded = house.post(actor, &path(collection), &body).await;
        assert_eq!(recorded.status, 201, "{}", recorded.body);
        let location = recorded.header("location").strip_prefix("/api/v1").unwrap().to_owned();
        assert!(location.starts_with(&path(collection)), "{location}");
        assert_eq!(recorded.body["result"]["content"], house.get(&location).await.ok()["content"]);
        assert_eq!(house.get(&path(collection)).await.ok()["items"].as_array().unwrap().len(), 1);

        body["reason"] = "日期有误".into();
        body["occurred_on"] = "2026-05-11".into();
        let corrected = house.post(OFFICE, &format!("{location}/corrections"), &body).await.ok();
        assert_eq!(corrected["result"]["version"], 2, "{collection}");
        assert_eq!(corrected["result"]["occurred_on"], "2026-05-11", "{collection}");
        assert!(body[form].is_object());

        let voiding = json!({ "reason": "重复录入", "occurred_on": "2026-05-12" });
        let voided = house.post(OFFICE, &format!("{location}/voidings"), &voiding).await.ok();
        assert_eq!(voided["result"]["voided"]["reason"], "重复录入", "{collection}");
        assert_eq!(house.get(&path(collection)).await.ok()["items"], json!([]), "{collection}");
        let all = house.get(&path(&format!("{collection}?voided=true&count=true"))).await.ok();
        assert_eq!(all["total"], 1, "{collection}");
    }
}

#[tokio::test]
async fn refusals_name_the_actor_the_reason_and_the_field() {
    let house = House::seeded().await;
    house.post(OFFICE, &path("self-evaluations"), &kinds()[2].3).await.refused("not_permitted");
    house.post(STRANGER, &path("visits"), &visit("好")).await.refused("not_found");
    house.post(STATION, &path("visits"), &visit(" ")).await.refused_at("validation_failed", "/visit/findings");
    let unknown = json!({ "activity": { "kind": "party", "title": "联欢" }, "occurred_on": "2026-05-10" });
    house.post(ITSELF, &path("activities"), &unknown).await.refused_at("validation_failed", "/activity/kind");
    let mut later = visit("好");
    later["occurred_on"] = "2026-06-02".into();
    house.post(STATION, &path("visits"), &later).await.refused_at("date_in_future", "/occurred_on");

    let recorded = house.post(STATION, &path("visits"), &visit("好")).await;
    let location = recorded.header("location").strip_prefix("/api/v1").unwrap().to_owned();
    let silent = json!({ "reason": " ", "occurred_on": "2026-05-12" });
    house.post(STATION, &format!("{location}/voidings"), &silent).await.refused_at("reason_required", "/reason");
}

#[tokio::test]
async fn a_fact_is_found_below_its_own_file_only() {
    let house = House::seeded().await;
    let recorded = house.post(STATION, &path("visits"), &visit("好")).await.ok();
    let id = recorded["result"]["id"].as_str().unwrap();
    let elsewhere = format!("/cycles/{CYCLE}/organizations/{}/visits/{id}", crate::testing::APPLICANT);
    assert_eq!(house.get(&elsewhere).await.refused("not_found")["resource"], "visit");
    let none = house.get(&path("assistance-requests/nothing")).await.refused("not_found");
    assert_eq!(none["resource"], "assistance_request");
    house.get(&format!("/cycles/{CYCLE}/organizations/91340200M000000009/visits")).await.refused("not_found");
}

#[tokio::test]
async fn the_tag_of_the_file_holds_for_one_command() {
    let house = House::seeded().await;
    let recorded = house.post(STATION, &path("visits"), &visit("一")).await;
    let tag = recorded.header("etag").to_owned();
    let again = house.post_if(STATION, &path("visits"), &visit("二"), Some(&tag)).await;
    assert_eq!(again.status, 201, "{}", again.body);
    house.post_if(STATION, &path("visits"), &visit("三"), Some(&tag)).await.refused("stale_version");
}

#[tokio::test]
async fn w73_a_request_is_answered_once_by_the_local_station() {
    let house = House::seeded().await;
    let asked = house.post(ITSELF, &path("assistance-requests"), &kinds()[3].3).await;
    let answers = format!("{}/answers", asked.header("location").strip_prefix("/api/v1").unwrap());
    let mut answer = json!({
        "answer": { "channel": "on_site", "answer": "已辅导", "experts": ["expert-1"] }, "occurred_on": "2026-05-13",
    });
    house.post(STRANGER, &answers, &answer).await.refused("not_found");
    let answered = house.post(STATION, &answers, &answer).await.ok();
    assert_eq!(answered["result"]["answer"]["response_days"], 3, "{answered}");
    house.post(STATION, &answers, &answer).await.refused("already_answered");
    answer["answer"]["experts"] = json!(["nobody"]);
    house.post(STATION, &answers, &answer).await.refused_at("unknown_reference", "/answer/experts/0");
}

#[tokio::test]
async fn w36_the_office_records_what_the_authority_found_on_its_paper() {
    let house = House::seeded().await;
    let reported = house.post(STATION, &path("incidents"), &kinds()[4].3).await;
    let location = reported.header("location").strip_prefix("/api/v1").unwrap().to_owned();
    let determine = json!({
        "finding": "major", "authority": "市应急管理局", "document_no": "1号",
        "determined_on": "2026-05-20", "occurred_on": "2026-05-21",
    });
    let determinations = format!("{location}/determinations");
    house.post(STATION, &determinations, &determine).await.refused("not_permitted");
    house.post(OFFICE, &determinations, &determine).await.refused_at("document_missing", "/documents");

    let paper = house.paper().await;
    let mut determine = determine;
    determine["documents"] = json!([paper]);
    let determined = house.post(OFFICE, &determinations, &determine).await.ok();
    assert_eq!(determined["result"]["determination"]["finding"], "major", "{determined}");
    let dismiss = json!({
        "authority": "市应急管理局", "document_no": "2号", "reason": "复核后不构成事故",
        "occurred_on": "2026-05-25", "documents": [paper],
    });
    let dismissed = house.post(OFFICE, &format!("{location}/dismissals"), &dismiss).await.ok();
    assert_eq!(dismissed["result"]["determination"]["finding"], "dismissed", "{dismissed}");
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_shows_the_fact_recorded_first() {
    let house = House::seeded().await;
    let body = visit("稳步推进");
    let request = || {
        Request::builder()
            .method(Method::POST)
            .header(ACTOR, STATION)
            .header(header::CONTENT_TYPE, "application/json")
            .header(IDEMPOTENCY_KEY, "k-1")
    };
    // Recorded under the key, but the answer was never given.
    let visit_id = VisitId::new(Uuid::now_v7());
    let record = RecordVisit {
        cycle: id(CYCLE),
        uscc: id(MEMBER),
        visit_id,
        visit: serde_json::from_value(body["visit"].clone()).unwrap(),
        common: Common::on(day("2026-05-10")),
    };
    let (parts, ()) = request().uri(path("visits")).body(()).unwrap().into_parts();
    let fingerprint = fingerprint(&parts, &Bytes::from(body.to_string()));
    let mut run = Run::new(id(STATION), Command::Enrolment(EnrolmentCommand::RecordVisit(record)));
    run.keyed = Some(Keyed { key: format!("{STATION} k-1"), fingerprint });
    house.app.run(run).await.unwrap();

    let uri = format!("/api/v1{}", path("visits"));
    let retried = house.send(request().uri(uri).body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(retried.status, 201, "{}", retried.body);
    assert!(retried.header("location").ends_with(&format!("/visits/{visit_id}")), "{retried:?}");
    assert_eq!(house.get(&path("visits?count=true")).await.ok()["total"], 1);
}

#[tokio::test]
async fn where_read_models_lag_the_answer_is_folded_from_the_log() {
    let house = House::seeded().await;
    let visit_id = VisitId::new(Uuid::now_v7());
    let record = RecordVisit {
        cycle: id(CYCLE),
        uscc: id(MEMBER),
        visit_id,
        visit: serde_json::from_value(visit("稳步推进")["visit"].clone()).unwrap(),
        common: Common::on(day("2026-05-10")),
    };
    let done = house.run(STATION, Command::Enrolment(EnrolmentCommand::RecordVisit(record))).await;
    let lagging = Done { visible: false, ..done.clone() };
    let api = Api::new(std::sync::Arc::clone(&house.app));
    let shown = async |done: &Done| {
        let db = api.after(done).await.unwrap();
        facts::get(&db, FactKind::Visits, &visit_id.to_string()).await.unwrap()
    };
    assert_eq!(shown(&lagging).await, shown(&done).await);
    assert!(shown(&lagging).await.is_some());
}
