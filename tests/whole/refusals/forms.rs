//! Forms that are not complete, references that lead nowhere, days that cannot be.

use chrono::Days;
use serde_json::{Value, json};

use crate::town::{DISTRICT, OFFICE, PROGRAM, STATION, Town, itself, of, today, uscc};

pub(super) async fn refuses(town: &Town) {
    numbers_and_fields(town).await;
    references(town).await;
    days(town).await;
    w45_nine_sections(town).await;
    papers_and_reasons(town).await;
}

async fn numbers_and_fields(town: &Town) {
    let mut wrong = town.applying(7, "B", 1);
    let number = uscc(7);
    let (first, check) = number.split_at(17);
    let other = if check == "0" { "1" } else { "0" };
    wrong["uscc"] = json!(format!("{first}{other}"));
    let refused = town.refuses("uscc_invalid", OFFICE, "applications", wrong).await;
    assert_eq!(refused["errors"][0]["pointer"], "/uscc");
    assert_eq!(refused["errors"][0]["expected_check"], check);

    let mut faulty = town.applying(7, "B", 1);
    faulty["application"]["size"] = json!("gigantic");
    faulty["application"]["colour"] = json!("red");
    faulty["application"].as_object_mut().unwrap().remove("address");
    let refused = town.refuses("validation_failed", &itself(7), "applications", faulty).await;
    let mut found: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|e| (&e["pointer"], &e["code"])).collect();
    found.sort_by_key(|(pointer, _)| pointer.as_str());
    let expected = [
        (json!("/application/address"), json!("required")),
        (json!("/application/colour"), json!("unknown_field")),
        (json!("/application/size"), json!("not_one_of")),
    ];
    assert_eq!(found, expected.iter().map(|(p, c)| (p, c)).collect::<Vec<_>>(), "{refused:#}");

    let mut scored = town.evaluating((0, 90), town.day(100));
    scored["self_evaluation"]["scores"] = json!([{ "category": "leadership", "points": 50 }]);
    town.bars("scores_incomplete", &itself(0), 0, "self-evaluations", scored.clone()).await;
    let all = [
        "leadership",
        "strategy",
        "customers_and_market",
        "resources",
        "process_management",
        "measurement_analysis_improvement",
        "results",
    ];
    let all: Vec<Value> = all.iter().map(|c| json!({ "category": c, "points": 100 })).collect();
    scored["self_evaluation"]["scores"] = json!(all);
    town.bars("scores_out_of_range", &itself(0), 0, "self-evaluations", scored).await;
}

async fn references(town: &Town) {
    let refused =
        town.refuses("unknown_reference", &of("nobody"), "nominations", town.nominating(4, "nobody", 5)).await;
    assert_eq!(refused["errors"][0]["pointer"], "/recommender");
    let mut unseen = town.checking("lawful_and_policy", true, 5);
    unseen["documents"] = json!(["01980000-0000-7000-8000-00000000ffff"]);
    let refused = town.bars("unknown_reference", OFFICE, 4, "condition-checks", unseen).await;
    assert_eq!(refused["errors"][0]["pointer"], "/documents/0");
    let closing = json!({ "reason": "协会注销。", "occurred_on": town.day(0) });
    let path = format!("/programs/{PROGRAM}/recommenders/association-food/closure");
    town.server.does(OFFICE, &path, &closing).await;
    let by = of("association-food");
    town.refuses("reference_inactive", &by, "nominations", town.nominating(4, "association-food", 5)).await;
}

async fn days(town: &Town) {
    let tomorrow = today() + Days::new(1);
    let mut visit = town.visiting("明日回访。", 0);
    visit["occurred_on"] = json!(tomorrow);
    let refused = town.bars("date_in_future", STATION, 0, "visits", visit).await;
    assert_eq!(refused["errors"][0]["pointer"], "/occurred_on", "{refused}");
    let early = town.visiting("入池之前。", 19);
    let refused = town.bars("date_out_of_range", STATION, 0, "visits", early).await;
    assert_eq!(refused["from"], json!(town.day(20)), "{refused}");
}

/// Each of the nine sections is asked for by its own pointer (W-107 … W-120).
async fn w45_nine_sections(town: &Town) {
    let sections = town.surveying("B", 10)["survey"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(sections.len(), 9);
    for section in &sections {
        let mut survey = town.surveying("B", 10);
        survey["survey"].as_object_mut().unwrap().remove(section);
        let refused = town.bars("survey_incomplete", STATION, 3, "surveys", survey).await;
        assert_eq!(refused["sections"], json!([format!("/survey/{section}")]));
        assert_eq!(refused["errors"][0]["pointer"], format!("/survey/{section}"));
    }
}

async fn papers_and_reasons(town: &Town) {
    let mut bare = town.checking("lawful_and_policy", true, 5);
    bare["documents"] = json!([]);
    town.bars("document_missing", OFFICE, 4, "condition-checks", bare).await;
    let silent = json!({ "reasons": " ", "occurred_on": town.day(13) });
    town.bars("reason_required", DISTRICT, 5, "survey-returns", silent).await;
}
