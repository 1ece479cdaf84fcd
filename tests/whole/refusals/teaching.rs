//! Teaching that does not fit, and facts that were dealt with before.

use chrono::Days;
use serde_json::{Value, json};

use crate::town::{OFFICE, STATION, Town, itself, today, uscc};

pub(super) async fn refuses(town: &Town) {
    w68_plans(town).await;
    attendance(town).await;
    w73_facts(town).await;
}

async fn w68_plans(town: &Town) {
    let early = town.teaching("targeted", Some("key_team_members"), 100, 30);
    let refused = town.refuses("session_year_mismatch", OFFICE, "sessions", early).await;
    assert_eq!((&refused["strength"], &refused["waivable"]), (&json!("principle"), &json!(true)));
    let strange = town.teaching("foundation", Some("quality_managers"), 100, 30);
    town.refuses("audience_mismatch", OFFICE, "sessions", strange).await;
    let mut hosted = town.teaching("advanced_diagnosis", None, 390, 30);
    hosted["plan"]["host"] = json!(uscc(2));
    town.refuses("session_class_mismatch", OFFICE, "sessions", hosted).await;
}

async fn attendance(town: &Town) {
    let audience = Some("key_staff");
    let on = |session: &str, what: &str| format!("/sessions/{session}/{what}");
    let mut small = town.teaching("foundation", audience, 100, 30);
    small["plan"]["capacity"] = json!(1);
    let small = town.book(small).await;
    let two = town.attending(&[0, 2], audience, 100);
    town.server.refuses("session_full", OFFICE, &on(&small, "attendance"), &two).await;
    town.server.does(OFFICE, &on(&small, "attendance"), &town.attending(&[2], audience, 100)).await;
    let moving = json!({ "on": town.day(120), "place": "二楼", "reason": "场地调整。", "occurred_on": town.day(90) });
    town.server.refuses("session_has_attendance", OFFICE, &on(&small, "reschedulings"), &moving).await;

    let mut later = town.teaching("targeted", None, 0, 30);
    later["plan"]["on"] = json!(today() + Days::new(30));
    let later = town.book(later).await;
    let early = town.attending(&[0], None, 390);
    town.server.refuses("session_not_held_yet", OFFICE, &on(&later, "attendance"), &early).await;
    let cancelling = json!({ "reason": "并入下一期。", "occurred_on": town.day(390) });
    town.server.does(OFFICE, &on(&later, "cancellations"), &cancelling).await;
    town.server.refuses("session_cancelled", OFFICE, &on(&later, "cancellations"), &cancelling).await;
}

async fn w73_facts(town: &Town) {
    let request = json!({ "request": { "subject": "测量", "description": "需要辅导。" }, "occurred_on": town.day(50) });
    let asked = town.acts(&itself(0), 0, "assistance-requests", request).await;
    let answers = format!("assistance-requests/{}/answers", id(&asked));
    let answer = json!({ "answer": { "channel": "phone", "answer": "已答复。" }, "occurred_on": town.day(55) });
    town.acts(STATION, 0, &answers, answer.clone()).await;
    town.bars("already_answered", STATION, 0, &answers, answer).await;
    let visit = town.acts(STATION, 0, "visits", town.visiting("重复录入。", 60)).await;
    let voidings = format!("visits/{}/voidings", id(&visit));
    let voiding = json!({ "reason": "重复录入。", "occurred_on": town.day(61) });
    town.acts(STATION, 0, &voidings, voiding.clone()).await;
    town.bars("already_voided", STATION, 0, &voidings, voiding).await;
}

fn id(fact: &Value) -> &str {
    fact["id"].as_str().unwrap()
}
