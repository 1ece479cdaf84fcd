//! What commands answer where read models lag: what they did, all the same, and that it does not show yet.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::headers::{ACTOR, MIN_POSITION, VISIBLE};
use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, MEMBER, OFFICE, PROGRAM, RECOMMENDER, STATION, uscc};

/// A command: who, where, what; and what its answer says where.
type Case = (&'static str, String, Value, &'static str, Value);

/// The small pool with a second member of class C, so that one may move to D.
async fn pool() -> House {
    let house = House::seeded().await;
    let second = uscc(2).to_string();
    house.apply(&second, "第二孵化组织", "2026-01-10").await;
    house.nominate(&second, "association-equipment", "2026-01-12").await;
    house.survey(&second, "C").await;
    let entries = json!([{ "uscc": second, "class": "C" }]);
    let admission = json!({ "entries": entries, "occurred_on": "2026-05-20" });
    house.post(OFFICE, &format!("/cycles/{CYCLE}/classifications"), &admission).await.ok();
    house
}

fn cases(paper: &str) -> Vec<Case> {
    let cycle = |rest: &str| format!("/cycles/{CYCLE}/{rest}");
    let on = "2026-05-30";
    let visit = json!({ "station": "jinghu-1", "channel": "phone", "findings": "已试点" });
    let check = json!({
        "condition": "lawful_and_policy", "met": true, "department": "市生态环境局", "checked_on": "2026-05-24",
        "occurred_on": "2026-05-25", "documents": [paper],
    });
    let moved = json!([{ "uscc": MEMBER, "to": "D", "grounds": "年度评估" }]);
    let plan = json!({
        "kind": "targeted", "title": "能力提升班", "on": "2027-03-01", "place": "市民服务中心", "capacity": 2,
        "audiences": ["key_team_members"], "experts": [],
    });
    let nomination = json!({
        "uscc": APPLICANT, "recommender": "office-quality", "opinion": "同意推荐", "signed_on": "2026-05-25",
        "occurred_on": "2026-05-25",
    });
    vec![
        (
            OFFICE,
            format!("/programs/{PROGRAM}/districts"),
            json!({ "id": "new", "name": "新区", "occurred_on": on }),
            "/result/name",
            "新区".into(),
        ),
        (
            OFFICE,
            cycle("extensions"),
            json!({ "ends_on": "2028-06-01", "reason": "延期", "occurred_on": on }),
            "/result/ends_on",
            "2028-06-01".into(),
        ),
        (
            STATION,
            cycle(&format!("organizations/{MEMBER}/visits")),
            json!({ "visit": visit, "occurred_on": on }),
            "/result/content/findings",
            "已试点".into(),
        ),
        (RECOMMENDER, cycle("nominations"), nomination, "/result/stage", "surveying".into()),
        (
            OFFICE,
            cycle(&format!("organizations/{APPLICANT}/condition-checks")),
            check,
            "/result/applied_on",
            "2026-05-20".into(),
        ),
        (
            OFFICE,
            cycle("reclassifications"),
            json!({ "entries": moved, "occurred_on": on }),
            "/result/entries/0/class",
            "D".into(),
        ),
        (
            OFFICE,
            cycle("outreach"),
            json!({ "outreach": { "title": "宣讲会", "held_by": "市经信局" }, "occurred_on": on }),
            "/result/version",
            1.into(),
        ),
        (OFFICE, cycle("sessions"), json!({ "plan": plan, "occurred_on": on }), "/result/state", "booked".into()),
        (
            OFFICE,
            format!("/organizations/{MEMBER}/changes"),
            json!({ "program": PROGRAM, "change": { "kind": "rename", "name": "新名" }, "occurred_on": on }),
            "/result/name",
            "新名".into(),
        ),
    ]
}

#[tokio::test]
async fn a_command_tells_what_it_did_though_read_models_lag() {
    let house = pool().await;
    let cases = cases(&house.paper().await);
    house.leave_behind().await;
    let house = &house;
    let answers = cases.iter().map(|(actor, path, body, ..)| house.post(actor, path, body));
    for (answer, (_, path, _, pointer, expected)) in futures::future::join_all(answers).await.iter().zip(&cases) {
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        assert_eq!(answer.header(VISIBLE), "false", "{path}");
        assert_eq!(answer.body.pointer(pointer), Some(expected), "{path}: {}", answer.body);
    }
    // They lag indeed: a read shows nothing of it.
    let cycle = house.get(&format!("/cycles/{CYCLE}")).await.ok();
    assert_ne!(cycle["ends_on"], "2028-06-01");
}

#[tokio::test]
async fn a_file_that_read_models_do_not_show_yet_is_waited_for_by_those_who_see_only_some() {
    let house = pool().await;
    house.leave_behind().await;
    let later = uscc(3).to_string();
    house.apply(&later, "后来者", "2026-05-20").await;
    let position = house.app.store().feed().head().await.unwrap();
    let file = format!("/api/v1/cycles/{CYCLE}/organizations/{later}");
    let asks = |actor: &str, position: Option<u64>| {
        let mut request = Request::get(&file).header(ACTOR, actor);
        if let Some(position) = position {
            request = request.header(MIN_POSITION, position);
        }
        house.send(request.body(Body::empty()).unwrap())
    };
    let own = format!("organization/{later}/sun");
    // Together, for each waits as long as a read may.
    let told = [own.as_str(), DISTRICT, OFFICE].map(async |actor| {
        asks(actor, None).await.refused("not_found");
        asks(actor, Some(position)).await.refused("read_model_behind");
        asks(actor, Some(position + 1)).await.refused("position_unknown");
    });
    futures::future::join_all(told).await;
}

#[tokio::test]
async fn a_command_tells_nothing_of_visibility_where_it_shows() {
    let house = pool().await;
    for (actor, path, body, pointer, expected) in cases(&house.paper().await) {
        let answer = house.post(actor, &path, &body).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        assert_eq!(answer.header(VISIBLE), "", "{path}");
        assert_eq!(answer.body.pointer(pointer), Some(&expected), "{path}: {}", answer.body);
    }
    assert_eq!(house.get(&format!("/cycles/{CYCLE}")).await.ok()["ends_on"], "2028-06-01");
}
