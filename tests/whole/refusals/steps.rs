//! Cycles, and the order of steps from the application to a settled survey.

use chrono::Days;
use serde_json::json;

use crate::town::{CYCLE, DISTRICT, OFFICE, PROGRAM, STATION, Town, itself, of, today, uscc};

const PAST: &str = "wuhu-incubation-past";
const COMING: &str = "wuhu-incubation-coming";

pub(super) async fn refuses(town: &Town) {
    cycles(town).await;
    other_cycles(town).await;
    applications(town).await;
    w41_nominations(town).await;
    w48_surveys(town).await;
}

async fn cycles(town: &Town) {
    let cycle = |id: &str, starts_on| {
        json!({
            "cycle": id, "program": PROGRAM, "label": "另一周期", "starts_on": starts_on, "occurred_on": town.day(-20),
        })
    };
    let server = &town.server;
    server.refuses("cycle_exists", OFFICE, "/cycles", &cycle(CYCLE, town.start)).await;
    let refused = server.refuses("cycle_overlaps", OFFICE, "/cycles", &cycle(COMING, town.day(100))).await;
    assert_eq!(refused["cycle"], CYCLE);
    let closing = json!({ "occurred_on": today() });
    town.refuses("cycle_ends_later", OFFICE, "closure", closing).await;
    let early = json!({ "occurred_on": today(), "reason": "提前结束。" });
    let refused = town.refuses("cycle_has_open_items", OFFICE, "closure", early).await;
    assert_eq!(refused["applicants"].as_array().map(Vec::len), Some(3), "{refused}");
}

/// One that has long ended, and one that has not begun.
async fn other_cycles(town: &Town) {
    let server = &town.server;
    town.open(PAST, today() - Days::new(1300), today() - Days::new(1300)).await;
    let closing = json!({ "occurred_on": today() - Days::new(500) });
    server.does(OFFICE, &format!("/cycles/{PAST}/closure"), &closing).await;
    let late = town.applying(7, "B", 1);
    server.refuses("cycle_closed", &itself(7), &format!("/cycles/{PAST}/applications"), &late).await;

    town.open(COMING, town.day(800), town.day(0)).await;
    let applications = format!("/cycles/{COMING}/applications");
    let refused = server.refuses("already_in_program", &itself(0), &applications, &town.applying(0, "B", 30)).await;
    assert_eq!(refused["cycle"], CYCLE);
    let window = json!({ "intake": { "from": town.day(700) }, "occurred_on": town.day(0) });
    server.does(OFFICE, &format!("/cycles/{COMING}/intake"), &window).await;
    server.refuses("intake_closed", &itself(7), &applications, &town.applying(7, "B", 30)).await;
    let session = town.teaching("foundation", None, 790, 30);
    server.refuses("cycle_not_started", OFFICE, &format!("/cycles/{COMING}/sessions"), &session).await;
}

async fn applications(town: &Town) {
    town.refuses("already_in_cycle", &itself(0), "applications", town.applying(0, "B", 30)).await;
    town.refuses("not_again_in_cycle", &itself(6), "applications", town.applying(6, "B", 30)).await;
    town.refuses("not_permitted", &itself(1), "applications", town.applying(7, "B", 30)).await;
    let mut amended = town.applying(5, "C", 1);
    amended.as_object_mut().unwrap().remove("uscc");
    amended["occurred_on"] = json!(town.day(15));
    town.bars("application_frozen", &itself(5), 5, "amendments", amended).await;
}

async fn w41_nominations(town: &Town) {
    let by = of("office-quality");
    let refused = town.refuses("quota_exceeded", &by, "nominations", town.nominating(4, "office-quality", 5)).await;
    assert_eq!((&refused["limit"], &refused["used"]), (&json!(2), &json!(2)));
    // A declined nomination keeps its place: 5 and 6 are both its.
    let by = of("association-equipment");
    town.refuses("quota_exceeded", &by, "nominations", town.nominating(4, "association-equipment", 5)).await;
    let again = town.nominating(3, "association-equipment", 5);
    town.refuses("step_out_of_order", &by, "nominations", again).await;

    for (id, kind) in [("association-eight", "industry_association"), ("association-nine", "other")] {
        let entry = json!({ "id": id, "name": id, "recommender_kind": kind, "occurred_on": town.day(-5) });
        town.server.does(OFFICE, &format!("/programs/{PROGRAM}/recommenders"), &entry).await;
    }
    let by = of("association-eight");
    town.refuses("application_missing", &by, "nominations", town.nominating(12, "association-eight", 5)).await;
    let mut young = town.applying(8, "B", 1);
    young["application"]["supplement"]["licence"]["held_since"] = json!(town.day(-700));
    town.does(&itself(8), "applications", young).await;
    let refused =
        town.refuses("eligibility_not_met", &by, "nominations", town.nominating(8, "association-eight", 5)).await;
    assert_eq!(refused["conditions"][0]["id"], "registered_and_licensed", "{refused}");
    town.apply(9, "B", 1).await;
    town.major_incident(9, -30, 2).await;
    let refused =
        town.refuses("lookback_incident", &by, "nominations", town.nominating(9, "association-eight", 5)).await;
    assert!(refused["free_from"].is_string(), "{refused}");
}

async fn w48_surveys(town: &Town) {
    let settling = json!({ "report_no": "1", "approved_on": town.day(12), "occurred_on": town.day(12) });
    let refused = town.bars("step_out_of_order", DISTRICT, 3, "survey-approvals", settling.clone()).await;
    assert_eq!(refused["stage"], "surveying", "{refused}");
    town.bars("not_found", "station/yijiang-1/xu", 3, "surveys", town.surveying("B", 10)).await;

    let second = json!({ "id": "yijiang-2", "name": "第二服务站", "district": "yijiang", "occurred_on": town.day(-5) });
    town.server.does(OFFICE, &format!("/programs/{PROGRAM}/stations"), &second).await;
    let mut across = town.applying(10, "B", 1);
    across["application"]["supplement"]["district"] = json!("yijiang");
    town.does(&itself(10), "applications", across).await;
    town.nominate(10, "association-eight", 2).await;
    town.bars("survey_not_assigned", "station/yijiang-1/xu", 10, "surveys", town.surveying("B", 10)).await;
    let assign = json!({ "station": "yijiang-1", "occurred_on": town.day(4) });
    town.acts(OFFICE, 10, "survey-assignments", assign).await;
    town.bars("station_not_responsible", "station/yijiang-2/he", 10, "surveys", town.surveying("B", 10)).await;

    town.survey(3, "B", 10).await;
    town.bars("self_approval", "district/jinghu/li", 3, "survey-approvals", settling).await;
    let pending =
        town.refuses("survey_not_approved", OFFICE, "classifications", town.classifying(&[(3, "B", None)], 20));
    assert_eq!(pending.await["organizations"], json!([uscc(3)]));
    town.apply(11, "B", 1).await;
    town.nominate(11, "association-eight", 2).await;
    town.survey(11, "B", 10).await;
    town.approve(&[11], "2", 12).await;
    let refused =
        town.refuses("eligibility_open", OFFICE, "classifications", town.classifying(&[(11, "B", None)], 20)).await;
    assert_eq!(refused["conditions"].as_array().map(Vec::len), Some(3), "{refused}");
    town.bars("not_a_member", STATION, 3, "visits", town.visiting("尚未入池。", 30)).await;
}
