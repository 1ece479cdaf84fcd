//! What the life of a file does not allow, over HTTP: every step that is not there, by the right actor and in time.

use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::Server;
use crate::town::{DISTRICT, OFFICE, STATION, Town, itself, of, today, uscc};

on_both_databases! {
    nobody_is_admitted_without_a_settled_survey,
    w55_nobody_moves_from_a_or_b,
    an_applicant_is_declined_and_never_removed,
    only_an_early_withdrawal_lets_an_organisation_start_afresh,
    after_the_closing_nothing_of_a_file_is_decided,
}

async fn nobody_is_admitted_without_a_settled_survey(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    let cannot_be_admitted = async |stage: &str| {
        assert_eq!(town.look(0, "").await["stage"], stage);
        let admitting = town.classifying(&[(0, "C", None)], 40);
        town.refuses("survey_not_approved", OFFICE, "classifications", admitting).await;
    };
    town.apply(0, "C", 1).await;
    town.prove(0, 1).await;
    cannot_be_admitted("applied").await;
    town.nominate(0, "office-quality", 2).await;
    cannot_be_admitted("surveying").await;
    town.survey(0, "C", 30).await;
    cannot_be_admitted("survey_filed").await;
    let back = json!({ "reasons": "来源未写明。", "occurred_on": town.day(31) });
    town.acts(DISTRICT, 0, "survey-returns", back.clone()).await;
    cannot_be_admitted("survey_returned").await;
    town.survey(0, "C", 32).await;
    town.approve(&[0], "1", 33).await;
    town.acts(OFFICE, 0, "survey-reopenings", json!({ "reasons": "数据有误。", "occurred_on": town.day(34) })).await;
    cannot_be_admitted("survey_returned").await;
    town.survey(0, "C", 35).await;
    town.approve(&[0], "2", 36).await;
    town.classify(&[(0, "C", None)], 40).await;
}

async fn w55_nobody_moves_from_a_or_b(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    town.member(0, "office-quality", "A").await;
    town.member(1, "office-quality", "B").await;
    town.member(2, "committee-jinghu", "C").await;
    for (n, own) in [(0, "A"), (1, "B")] {
        town.refuses("class_unchanged", OFFICE, "reclassifications", town.moving(&[(n, own)], 100)).await;
        for to in ["A", "B", "C", "D"].into_iter().filter(|to| *to != own) {
            let mut moving = town.moving(&[(n, to)], 100);
            town.refuses("class_not_movable", OFFICE, "reclassifications", moving.clone()).await;
            moving["waiver"] = json!({ "reason": "特殊情况。" });
            town.refuses("rule_not_waivable", OFFICE, "reclassifications", moving).await;
        }
    }
    let down = town.moving(&[(2, "B")], 100);
    let refused = town.refuses("class_not_movable", OFFICE, "reclassifications", down.clone()).await;
    assert_eq!(refused["strength"], "principle", "to C or D only is our reading (Q-04)");
    let mut waived = down;
    waived["waiver"] = json!({ "reason": "推广停滞，经研究调整。" });
    town.does(OFFICE, "reclassifications", waived).await;
}

async fn an_applicant_is_declined_and_never_removed(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    town.bring(0, "office-quality", "C").await;
    let incident = town.major_incident(0, 5, 15).await;
    town.refuses("not_a_member", OFFICE, "removals", town.removing(0, &incident, 20)).await;
    let decline = json!({
        "uscc": uscc(0), "grounds": { "condition": "no_major_incident" }, "occurred_on": town.day(20),
    });
    let file = town.does(OFFICE, "declines", decline).await;
    assert_eq!(file["outcome"]["declined"]["condition"], "no_major_incident", "{file:#}");
}

async fn only_an_early_withdrawal_lets_an_organisation_start_afresh(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    let again = |n: usize| town.applying(n, "C", 60);

    town.apply(0, "C", 1).await;
    town.does(&itself(0), "withdrawals", town.leaving(0, 2)).await;
    assert_eq!(town.apply(0, "C", 3).await["attempt"], 2, "withdrawn before a nomination");
    town.nominate(0, "office-quality", 4).await;
    let file = town.does(&of("office-quality"), "withdrawals", town.leaving(0, 5)).await;
    assert_eq!(file["stage"], "withdrawn");
    assert_eq!(town.apply(0, "C", 6).await["attempt"], 3, "withdrawn before a survey");
    let places = town.read("recommenders?recommender=office-quality").await;
    assert_eq!(places["items"][0]["used"], 0, "its place is free again (Q-01)");

    town.bring(1, "office-quality", "C").await;
    town.does(&itself(1), "withdrawals", town.leaving(1, 20)).await;
    town.refuses("not_again_in_cycle", &itself(1), "applications", again(1)).await;

    town.bring(2, "office-quality", "C").await;
    let decline = json!({ "uscc": uscc(2), "grounds": { "text": "材料不实。" }, "occurred_on": town.day(20) });
    town.does(OFFICE, "declines", decline).await;
    town.refuses("not_again_in_cycle", &itself(2), "applications", again(2)).await;

    town.member(3, "committee-jinghu", "C").await;
    let incident = town.major_incident(3, 30, 35).await;
    town.does(OFFICE, "removals", town.removing(3, &incident, 40)).await;
    town.refuses("not_again_in_cycle", &itself(3), "applications", again(3)).await;

    town.member(4, "committee-jinghu", "C").await;
    town.does(&itself(4), "withdrawals", town.leaving(4, 50)).await;
    town.refuses("not_again_in_cycle", &itself(4), "applications", again(4)).await;

    let ending = json!({
        "uscc": uscc(0), "ground": "left_city", "reason": "迁往外市。", "occurred_on": town.day(51),
        "documents": [town.paper],
    });
    town.does(OFFICE, "endings", ending).await;
    town.refuses("not_again_in_cycle", &itself(0), "applications", again(0)).await;
}

/// Commands 1 to 22 of a file, each by the one who may give it; 25, after lapsing, is the first of them.
fn decisions(town: &Town, incident: &str) -> Vec<(String, String, Value)> {
    let cycle = |actor: &str, path: &str, body: Value| (actor.to_owned(), town.path(path), body);
    let file = |actor: &str, n: usize, path: &str, body: Value| (actor.to_owned(), town.file(n, path), body);
    let day = town.day(390);
    let mut amended = town.applying(1, "C", 1);
    amended.as_object_mut().unwrap().remove("uscc");
    let mut paper_form = town.nominating(9, "association-food", 390);
    paper_form["application"] = town.applying(9, "C", 390)["application"].clone();
    let reasons = json!({ "reasons": "须重新核实。", "occurred_on": day });
    let reason = json!({ "uscc": uscc(3), "reason": "认定已撤销。", "occurred_on": day, "documents": [town.paper] });
    let mut correction = town.leaving(0, 390);
    correction["class"] = json!("C");
    correction["documents"] = json!([town.paper]);
    let mut ending = correction.clone();
    ending.as_object_mut().unwrap().remove("class");
    ending["ground"] = json!("dissolved");
    vec![
        cycle(&itself(1), "applications", town.applying(1, "C", 390)),
        file(&itself(1), 1, "amendments", amended),
        cycle(&of("association-food"), "nominations", town.nominating(1, "association-food", 390)),
        file(
            &of("association-food"),
            1,
            "recommendation-refusals",
            json!({ "recommender": "association-food", "reason": "不属于本行业。", "occurred_on": day }),
        ),
        cycle(&of("association-food"), "nominations", paper_form),
        cycle(&itself(1), "withdrawals", town.leaving(1, 390)),
        cycle(OFFICE, "declines", json!({ "uscc": uscc(2), "grounds": "below_lowest_class", "occurred_on": day })),
        file(OFFICE, 2, "survey-assignments", json!({ "station": "jinghu-1", "occurred_on": day })),
        file(STATION, 2, "surveys", town.surveying("C", 390)),
        file(DISTRICT, 2, "survey-returns", reasons.clone()),
        cycle(DISTRICT, "survey-reports", town.approving(&[2], "1", 390)),
        file(OFFICE, 2, "survey-reopenings", reasons),
        file(OFFICE, 2, "condition-checks", town.checking("lawful_and_policy", true, 390)),
        cycle(OFFICE, "classifications", town.classifying(&[(2, "C", None)], 390)),
        cycle(OFFICE, "reclassifications", town.moving(&[(0, "D")], 390)),
        cycle(OFFICE, "classification-corrections", correction),
        cycle(OFFICE, "removals", town.removing(0, incident, 390)),
        cycle(OFFICE, "removal-rescissions", reason),
        cycle(&itself(0), "withdrawals", town.leaving(0, 390)),
        cycle(OFFICE, "endings", ending),
        cycle(OFFICE, "closure", json!({ "occurred_on": day, "reason": "再次结束。" })),
        cycle(OFFICE, "extensions", json!({ "ends_on": town.day(900), "reason": "延期。", "occurred_on": day })),
        cycle(OFFICE, "intake", json!({ "intake": {}, "occurred_on": day })),
        cycle(OFFICE, "sessions", town.teaching("targeted", None, 391, 390)),
    ]
}

async fn after_the_closing_nothing_of_a_file_is_decided(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    town.member(0, "office-quality", "C").await;
    town.apply(1, "C", 1).await;
    town.bring(2, "office-quality", "C").await;
    town.member(3, "committee-jinghu", "C").await;
    let incident = town.major_incident(3, 100, 110).await;
    town.does(OFFICE, "removals", town.removing(3, &incident, 120)).await;
    let incident = town.major_incident(0, 200, 210).await;
    let closing = json!({ "occurred_on": today(), "reason": "提前结束。", "applicants": "lapse" });
    town.does(OFFICE, "closure", closing).await;
    for (actor, path, body) in decisions(&town, &incident) {
        town.server.refuses("cycle_closed", &actor, &path, &body).await;
    }
    // What the next application rests on is still taken, and so are facts entered late.
    town.acts(&itself(0), 0, "self-evaluations", town.evaluating((0, 390), today())).await;
    town.incident(0, 300).await;
    town.acts(STATION, 0, "visits", town.visiting("补录。", 300)).await;
}
