//! Steps 8 to 13: teaching, care, moves between classes, a removal.

use serde_json::json;

use super::{Story, has, row};
use crate::town::{OFFICE, STATION, itself, today, uscc};

impl Story {
    /// Step 8: A is taught the foundation, B improvement, both in year one (W-68).
    pub(super) async fn w68_year_one_teaches_a_and_b(&mut self) {
        let town = &self.town;
        let early = town.teaching("targeted", Some("key_team_members"), 100, 60);
        let refused = town.refuses("session_year_mismatch", OFFICE, "sessions", early).await;
        assert_eq!(refused["waivable"], true, "{refused}");
        let basics = town.book(town.teaching("foundation", Some("key_staff"), 100, 60)).await;
        let methods = town.book(town.teaching("improvement", Some("quality_managers"), 110, 60)).await;
        let booked = town.read("schedule").await;
        assert_eq!(row(&booked, 0)["booked"].as_array().map(Vec::len), Some(1), "{booked:#}");
        let present = town.attending(&[0, 6], Some("key_staff"), 100);
        let session = town.server.does(OFFICE, &format!("/sessions/{basics}/attendance"), &present).await;
        let attendance = session["result"]["attendance"].as_array().unwrap();
        let extra: Vec<_> = attendance.iter().map(|one| &one["content"]["extra"]).collect();
        assert_eq!(extra, [&json!(false), &json!(true)], "who is not owed it is a guest");
        let present = town.attending(&[1], Some("quality_managers"), 110);
        town.server.does(OFFICE, &format!("/sessions/{methods}/attendance"), &present).await;
        let outcome = json!({ "outcome": { "self_assessors_trained": 3 }, "occurred_on": town.day(110) });
        town.server.does(OFFICE, &format!("/sessions/{methods}/outcomes"), &outcome).await;
        assert_eq!(self.untaught().await, [2, 3, 4, 5]);
        self.note(110).await;
    }

    /// Step 10: self-evaluation, activities, help asked and answered (W-71 … W-73).
    pub(super) async fn w71_members_evaluate_and_ask_for_help(&mut self) {
        let town = &self.town;
        town.acts(&itself(1), 1, "self-evaluations", town.evaluating((0, 140), town.day(150))).await;
        let activity = json!({ "kind": "mass_quality_activity", "title": "QC小组成果发布会", "participants": 60 });
        town.acts(&itself(1), 1, "activities", json!({ "activity": activity, "occurred_on": town.day(150) })).await;
        let request = json!({ "subject": "测量系统分析", "description": "希望得到现场辅导。" });
        let asked = json!({ "request": request, "occurred_on": town.day(160) });
        let asked = town.acts(&itself(2), 2, "assistance-requests", asked).await;
        assert_eq!(row(&town.read("roster").await, 2)["open_requests"], 1);
        let answer = json!({ "channel": "on_site", "answer": "已到现场辅导两天。", "experts": ["expert-1"] });
        let answers = format!("assistance-requests/{}/answers", asked["id"].as_str().unwrap());
        let given = json!({ "answer": answer, "occurred_on": town.day(165) });
        let answered = town.acts(STATION, 2, &answers, given.clone()).await;
        assert_eq!(answered["answer"]["response_days"], 5, "{answered}");
        town.bars("already_answered", STATION, 2, &answers, given).await;
        assert_eq!(row(&town.read("roster").await, 2)["open_requests"], 0);
        self.note(165).await;
    }

    /// Step 11: visits, one of them put right, and who is due (W-74).
    pub(super) async fn w74_the_station_visits(&mut self) {
        let town = &self.town;
        let visit = town.acts(STATION, 0, "visits", town.visiting("试点顺利。", 170)).await;
        town.acts(STATION, 2, "visits", town.visiting("稳步推进。", 175)).await;
        let mut correction = town.visiting("试点顺利，已扩至两个车间。", 172);
        correction["reason"] = json!("日期录入有误。");
        let corrections = format!("visits/{}/corrections", visit["id"].as_str().unwrap());
        let corrected = town.acts(STATION, 0, &corrections, correction).await;
        assert_eq!((&corrected["version"], &corrected["occurred_on"]), (&json!(2), &json!(town.day(172))));
        assert_eq!(row(&town.read("roster").await, 0)["last_visit_on"], json!(town.day(172)));
        let due = town.read("visits/due").await;
        let first = row(&due, 0);
        assert_eq!(first["due_on"], json!(town.day(172 + 180)), "{first}");
        assert_eq!(first["days_overdue"], (today() - town.day(172 + 180)).num_days());
        assert_eq!(row(&due, 1)["due_on"], json!(town.day(50 + 180)), "never visited: from its admission");
        assert!(!has(&due, 6) && !has(&due, 7), "members only");
        self.note(175).await;
    }

    /// Step 9: C is taught by the targeted kind, D diagnosed on site, both in year two (W-69).
    pub(super) async fn w69_year_two_teaches_c_and_d(&mut self) {
        let town = &self.town;
        let session = town.book(town.teaching("targeted", Some("key_team_members"), 400, 390)).await;
        let present = town.attending(&[2, 3], Some("key_team_members"), 400);
        town.server.does(OFFICE, &format!("/sessions/{session}/attendance"), &present).await;
        let mut plan = town.teaching("advanced_diagnosis", None, 420, 390);
        plan["plan"]["host"] = json!(uscc(4));
        let diagnosis = town.book(plan).await;
        let present = town.attending(&[4], None, 420);
        town.server.does(OFFICE, &format!("/sessions/{diagnosis}/attendance"), &present).await;
        let outcome =
            json!({ "organization": uscc(4), "findings": "标杆对比不足。", "distilled_model": "“三全四控”模式。" });
        let outcome = json!({ "outcome": outcome, "occurred_on": town.day(420) });
        let told = town.server.does(OFFICE, &format!("/sessions/{diagnosis}/outcomes"), &outcome).await;
        assert_eq!(told["result"]["state"], "held", "{told}");
        assert_eq!(self.untaught().await, [5]);
        self.note(420).await;
    }

    /// Step 12: from D to C and from C to D, never from A or B (W-55).
    pub(super) async fn w55_the_office_moves_between_c_and_d(&mut self) {
        let town = &self.town;
        let refused =
            town.refuses("class_not_movable", OFFICE, "reclassifications", town.moving(&[(0, "C")], 450)).await;
        assert_eq!(refused["strength"], "must", "{refused}");
        town.refuses("balance_violated", OFFICE, "reclassifications", town.moving(&[(2, "D")], 450)).await;
        let moved = town.reclassify(&[(4, "C")], 450).await;
        assert_eq!(moved["balance"]["after"], json!({ "A": 1, "B": 1, "C": 3, "D": 1 }));
        town.reclassify(&[(2, "D")], 460).await;
        self.stands([1, 1, 2, 2], &[(2, "member"), (4, "member")]).await;
        assert_eq!(self.untaught().await, [2, 4, 5], "a moved member owes the teaching of its present class");
        let schedule = self.town.read("schedule").await;
        assert_eq!(row(&schedule, 2)["why"], "reclassified");
        self.note(460).await;
    }

    /// Step 13: reported, determined, removed; the balance that it breaks is shown and repaired (W-28, W-56).
    pub(super) async fn w28_a_major_incident_removes(&mut self) {
        let town = &self.town;
        let incident = town.incident(3, 500).await;
        let removing = town.removing(3, &incident, 510);
        town.refuses("incident_not_determined", OFFICE, "removals", removing).await;
        town.determine(3, &incident, "major", 520).await;
        town.does(OFFICE, "removals", town.removing(3, &incident, 525)).await;
        let balance = town.read("balance").await;
        assert_eq!((&balance["counts"]["C"], &balance["counts"]["D"]), (&json!(1), &json!(2)));
        let moves = balance["moves"].as_array().unwrap();
        assert!(moves.contains(&json!({ "move": "reclassify", "from": "D", "to": "C", "members": 1 })), "{balance}");
        self.stands([1, 1, 1, 2], &[(3, "removed")]).await;
        self.note(525).await;
        self.town.reclassify(&[(5, "C")], 530).await;
        self.stands([1, 1, 2, 1], &[(3, "removed"), (5, "member")]).await;
        assert_eq!(
            self.told(3).await,
            [
                "OrganizationRegistered",
                "EnrolmentOpened",
                "ApplicationSubmitted",
                "ApplicantEntered",
                "OrganizationNominated",
                "RecommendationReceived",
                "SurveyAssigned",
                "SurveyFiled",
                "SurveyApproved",
                "ConditionChecked",
                "ConditionChecked",
                "ConditionChecked",
                "OrganizationAdmitted",
                "OrganizationClassified",
                "AttendanceRecorded",
                "IncidentReported",
                "IncidentDetermined",
                "OrganizationRemoved",
                "EnrolmentEnded",
            ]
        );
        self.note(530).await;
    }
}
