//! Classes, their balance, and removals.

use serde_json::json;

use crate::town::{OFFICE, Town, uscc};

pub(super) async fn refuses(town: &Town) {
    w56_balance(town).await;
    w55_moves(town).await;
    w28_removals(town).await;
}

/// There is one member of C and one of D; 5 is to be a second D.
async fn w56_balance(town: &Town) {
    let classes = "classifications";
    let second = town.classifying(&[(5, "D", None)], 30);
    let refused = town.refuses("balance_violated", OFFICE, classes, second.clone()).await;
    assert_eq!(refused["before"], json!({ "A": 1, "B": 0, "C": 1, "D": 1 }));
    assert_eq!(refused["after"], json!({ "A": 1, "B": 0, "C": 1, "D": 2 }));
    assert_eq!((&refused["excess_before"], &refused["excess_after"]), (&json!(0), &json!(1)));
    assert_eq!((&refused["strength"], &refused["waivable"]), (&json!("must"), &json!(false)));
    let mut waived = second;
    waived["waiver"] = json!({ "reason": "特殊情况。" });
    town.refuses("rule_not_waivable", OFFICE, classes, waived).await;
    town.refuses("class_unknown", OFFICE, classes, town.classifying(&[(5, "Z", Some("试验。"))], 30)).await;
    town.refuses("grounds_required", OFFICE, classes, town.classifying(&[(5, "A", None)], 30)).await;
    let twice = town.classifying(&[(5, "C", Some("核查。")), (5, "C", Some("核查。"))], 30);
    let refused = town.refuses("duplicate_in_batch", OFFICE, classes, twice).await;
    assert_eq!(refused["errors"][0]["pointer"], "/entries/1", "{refused}");
    town.refuses("batch_size", OFFICE, classes, town.classifying(&[], 30)).await;
}

async fn w55_moves(town: &Town) {
    let moves = "reclassifications";
    let refused = town.refuses("class_not_movable", OFFICE, moves, town.moving(&[(2, "C")], 30)).await;
    assert!(refused["clause"].as_str().is_some_and(|clause| clause.contains("四（二）1")), "{refused}");
    town.refuses("class_unchanged", OFFICE, moves, town.moving(&[(0, "C")], 30)).await;
    let mut stale = town.classifying(&[(5, "C", Some("核查。"))], 30);
    stale["entries"][0]["seen"] = json!("1.1");
    let refused = town.refuses("stale_version", OFFICE, "classifications", stale).await;
    assert!(refused["errors"][0]["current"].is_string() || refused["current"].is_string(), "{refused}");
}

async fn w28_removals(town: &Town) {
    let open = town.incident(0, 40).await;
    town.refuses("incident_not_determined", OFFICE, "removals", town.removing(0, &open, 60)).await;
    town.determine(0, &open, "below_major", 50).await;
    town.refuses("incident_not_major", OFFICE, "removals", town.removing(0, &open, 60)).await;
    let before = town.major_incident(0, 19, 50).await;
    let refused = town.refuses("incident_outside_membership", OFFICE, "removals", town.removing(0, &before, 60)).await;
    assert_eq!(refused["from"], json!(town.day(20)), "{refused}");
    let rescission =
        json!({ "uscc": uscc(0), "reason": "认定已撤销。", "occurred_on": town.day(60), "documents": [town.paper] });
    town.refuses("removal_not_found", OFFICE, "removal-rescissions", rescission).await;
}
