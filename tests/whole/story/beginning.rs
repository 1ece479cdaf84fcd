//! Steps 1 to 7: from an open cycle to a classified pool.

use serde_json::json;

use super::{Story, row};
use crate::town::{CYCLE, DISTRICT, OFFICE, STATION, itself, of, uscc};

impl Story {
    /// Step 1 (W-42), and step 2 has no record of its own (W-43).
    pub(super) async fn w42_the_cycle_lasts_two_years(&mut self) {
        let cycle = self.town.server.read(&format!("/cycles/{CYCLE}")).await;
        assert_eq!(cycle["starts_on"], json!(self.town.start));
        let ends_on = self.town.start.checked_add_months(chrono::Months::new(24)).unwrap();
        assert_eq!(cycle["ends_on"], json!(ends_on));
        self.note(0).await;
    }

    /// Step 3: Annex 1, with the class that the organisation gives itself (W-30, W-104).
    pub(super) async fn w30_organisations_apply(&mut self) {
        for (n, own) in ["A", "B", "C", "C", "D", "D", "A", "B"].into_iter().enumerate() {
            let file = self.town.apply(n, own, 1).await;
            assert_eq!((&file["stage"], &file["attempt"]), (&json!("applied"), &json!(1)));
        }
        let shown = self.town.server.read(&self.town.file(0, "application")).await;
        assert_eq!(shown["contact"]["person"]["name"], json!(null), "people are shown to those who act only");
        self.stands([0, 0, 0, 0], &[(0, "applied"), (7, "applied")]).await;
        self.note(1).await;
    }

    /// Step 4: at most two nominations by one recommender, in principle (W-41).
    pub(super) async fn w41_recommenders_nominate_two_each(&mut self) {
        let town = &self.town;
        town.nominate(0, "office-quality", 3).await;
        town.nominate(1, "office-quality", 3).await;
        let third = town.nominating(2, "office-quality", 4);
        let refused = town.refuses("quota_exceeded", &of("office-quality"), "nominations", third.clone()).await;
        assert_eq!((&refused["limit"], &refused["used"]), (&json!(2), &json!(2)));
        assert_eq!((&refused["waivable"], &refused["strength"]), (&json!(true), &json!("principle")));
        let waiver = json!({
            "recommender": "office-quality", "extra": 1, "reason": "重点产业链龙头组织，经专题会议研究同意。",
            "occurred_on": town.day(4),
        });
        town.refuses("not_permitted", &of("office-quality"), "quota-waivers", waiver.clone()).await;
        let places = town.does(OFFICE, "quota-waivers", waiver).await;
        assert_eq!((&places["used"], &places["left"]), (&json!(2), &json!(1)));
        let file = town.does(&of("office-quality"), "nominations", third).await;
        assert_eq!(file["stage"], "surveying", "its district has one station (W-45)");
        town.nominate(3, "committee-jinghu", 5).await;
        town.nominate(4, "committee-jinghu", 5).await;
        town.nominate(5, "association-equipment", 5).await;
        town.nominate(6, "association-equipment", 5).await;
        let refusal = json!({
            "recommender": "association-food", "reason": "不属于本行业。", "occurred_on": town.day(6),
        });
        let file = town.acts(&of("association-food"), 7, "recommendation-refusals", refusal).await;
        assert_eq!(file["stage"], "applied", "another one may still recommend it");
        let places = town.read("recommenders?recommender=office-quality").await;
        assert_eq!(places["items"][0]["nominations"].as_array().map(Vec::len), Some(3), "{places}");
        self.note(6).await;
    }

    /// Step 5: nine sections, a class or below A (W-45, W-118, W-119).
    pub(super) async fn w45_the_station_surveys(&mut self) {
        let town = &self.town;
        let mut eight = town.surveying("A", 20);
        eight["survey"].as_object_mut().unwrap().remove("analysis");
        let refused = town.bars("survey_incomplete", STATION, 0, "surveys", eight).await;
        assert_eq!(refused["sections"], json!(["/survey/analysis"]));
        for (n, conclusion) in ["A", "B", "C", "C", "D", "C", "below_a"].into_iter().enumerate() {
            let survey = town.survey(n, conclusion, 20).await;
            assert_eq!(survey["revision"], 1, "{survey}");
        }
        let back = json!({ "reasons": "第八项未写明信息提供来源。", "occurred_on": town.day(25) });
        town.acts(DISTRICT, 1, "survey-returns", back).await;
        self.stands([0, 0, 0, 0], &[(0, "survey_filed"), (1, "survey_returned")]).await;
        let revised = self.town.survey(1, "B", 28).await;
        assert_eq!(revised["revision"], 2, "{revised}");
        self.note(28).await;
    }

    /// Step 6: one list under one number goes up to the award office (W-47, W-48).
    pub(super) async fn w48_the_district_settles_a_list(&mut self) {
        let town = &self.town;
        let all = [0, 1, 2, 3, 4, 5, 6];
        town.refuses("not_permitted", "district/yijiang/wu", "survey-reports", town.approving(&all, "1", 40)).await;
        let bundles = town.approve(&all, "镜湖质发〔1〕号", 40).await;
        assert_eq!(bundles[0]["reports"][0]["files"].as_array().map(Vec::len), Some(all.len()), "{bundles}");
        let listed = town.read("survey-reports").await;
        assert_eq!(listed["items"][0]["reports"][0]["report_no"], "镜湖质发〔1〕号");
        for n in all {
            town.prove(n, 45).await;
        }
        let eligibility = town.look(0, "eligibility").await;
        let states: Vec<_> = eligibility["items"].as_array().unwrap().iter().map(|item| &item["state"]).collect();
        assert_eq!(states, [&json!("met"); 9], "{eligibility:#}");
        self.stands([0, 0, 0, 0], &[(6, "survey_approved"), (7, "applied")]).await;
        self.note(45).await;
    }

    /// Step 7: all in one decision, grounds where the office differs, D never above C (W-50, W-56).
    pub(super) async fn w56_the_office_classifies(&mut self) {
        let town = &self.town;
        let too_many = [(2, "C", None), (3, "D", Some("全员导入。")), (4, "D", None), (5, "D", Some("全员导入。"))];
        let refused =
            town.refuses("balance_violated", OFFICE, "classifications", town.classifying(&too_many, 50)).await;
        assert_eq!(refused["before"], json!({ "A": 0, "B": 0, "C": 0, "D": 0 }));
        assert_eq!(refused["after"], json!({ "A": 0, "B": 0, "C": 1, "D": 3 }));
        assert_eq!((&refused["excess_before"], &refused["excess_after"]), (&json!(0), &json!(2)));

        let silent = [(0, "A", None), (5, "D", None)];
        let refused = town.refuses("grounds_required", OFFICE, "classifications", town.classifying(&silent, 50)).await;
        assert_eq!(refused["errors"][0]["pointer"], "/entries/1", "{refused}");

        let six = [
            (0, "A", None),
            (1, "B", None),
            (2, "C", None),
            (3, "C", None),
            (4, "D", None),
            (5, "D", Some("现场核查：已全员导入。")),
        ];
        let path = town.path("classifications?dry_run=true");
        let tried = town.server.does(OFFICE, &path, &town.classifying(&six, 50)).await;
        assert_eq!(tried["result"]["balance"]["after"], json!({ "A": 1, "B": 1, "C": 2, "D": 2 }));
        self.stands([0, 0, 0, 0], &[(5, "survey_approved")]).await;
        self.town.classify(&six, 50).await;
        let grounds = json!({ "uscc": uscc(6), "grounds": "below_lowest_class", "occurred_on": self.town.day(50) });
        self.town.does(OFFICE, "declines", grounds).await;
        self.stands([1, 1, 2, 2], &[(5, "member"), (6, "declined"), (7, "applied")]).await;

        let roster = self.town.read("roster").await;
        let views = row(&roster, 5);
        assert_eq!(
            (&views["own_class"], &views["station_class"], &views["class"]),
            (&json!("D"), &json!("C"), &json!("D"))
        );
        assert_eq!(self.untaught().await, [0, 1, 2, 3, 4, 5]);
        let again = self.town.applying(6, "A", 60);
        self.town.refuses("not_again_in_cycle", &itself(6), "applications", again).await;
        self.note(50).await;
    }
}
