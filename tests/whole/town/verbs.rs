//! What those who act in a town do, and what they send for it.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{DISTRICT, OFFICE, STATION, Town, application, itself, of, survey, uscc};

/// Conditions that no form can prove.
const PROVED: [&str; 3] = ["lawful_and_policy", "outstanding_results", "social_responsibility"];

impl Town {
    /// What [`Town::apply`] sends.
    pub(crate) fn applying(&self, n: usize, own_class: &str, day: i64) -> Value {
        let on = self.day(day);
        json!({ "uscc": uscc(n), "application": application(n, Some(own_class), on, &self.paper), "occurred_on": on })
    }

    /// The organisation hands in Annex 1.
    pub(crate) async fn apply(&self, n: usize, own_class: &str, day: i64) -> Value {
        self.does(&itself(n), "applications", self.applying(n, own_class, day)).await
    }

    /// What [`Town::nominate`] sends.
    pub(crate) fn nominating(&self, n: usize, recommender: &str, day: i64) -> Value {
        let on = self.day(day);
        json!({
            "uscc": uscc(n), "recommender": recommender, "opinion": "同意推荐。", "signed_on": on, "occurred_on": on,
        })
    }

    /// A recommender nominates; the only station of the district is charged with the survey.
    pub(crate) async fn nominate(&self, n: usize, recommender: &str, day: i64) -> Value {
        self.does(&of(recommender), "nominations", self.nominating(n, recommender, day)).await
    }

    /// What [`Town::survey`] sends.
    pub(crate) fn surveying(&self, conclusion: &str, day: i64) -> Value {
        json!({ "survey": survey(conclusion, self.day(day)), "occurred_on": self.day(day) })
    }

    /// The station files Annex 2.
    pub(crate) async fn survey(&self, n: usize, conclusion: &str, day: i64) -> Value {
        self.acts(STATION, n, "surveys", self.surveying(conclusion, day)).await
    }

    /// What [`Town::approve`] sends.
    pub(crate) fn approving(&self, who: &[usize], report_no: &str, day: i64) -> Value {
        let entries: Vec<_> = who.iter().map(|n| json!({ "uscc": uscc(*n) })).collect();
        let on = self.day(day);
        json!({ "entries": entries, "report_no": report_no, "approved_on": on, "occurred_on": on })
    }

    /// The district office settles a list of surveys under one report number.
    pub(crate) async fn approve(&self, who: &[usize], report_no: &str, day: i64) -> Value {
        self.does(DISTRICT, "survey-reports", self.approving(who, report_no, day)).await
    }

    /// The award office records what departments found of the conditions that no form can prove.
    pub(crate) async fn prove(&self, n: usize, day: i64) {
        for condition in PROVED {
            self.acts(OFFICE, n, "condition-checks", self.checking(condition, true, day)).await;
        }
    }

    /// What a department's finding is recorded by.
    pub(crate) fn checking(&self, condition: &str, met: bool, day: i64) -> Value {
        json!({
            "condition": condition, "met": met, "department": "主管部门", "checked_on": self.day(day),
            "occurred_on": self.day(day), "documents": [self.paper],
        })
    }

    /// What [`Town::classify`] sends: class, and grounds where the office differs from the station.
    pub(crate) fn classifying(&self, entries: &[(usize, &str, Option<&str>)], day: i64) -> Value {
        let entry = |(n, class, grounds): &(usize, &str, Option<&str>)| json!({ "uscc": uscc(*n), "class": class, "grounds": grounds });
        json!({ "entries": entries.iter().map(entry).collect::<Vec<_>>(), "occurred_on": self.day(day) })
    }

    /// The award office admits and classifies in one decision.
    pub(crate) async fn classify(&self, entries: &[(usize, &str, Option<&str>)], day: i64) -> Value {
        self.does(OFFICE, "classifications", self.classifying(entries, day)).await
    }

    /// What [`Town::reclassify`] sends.
    pub(crate) fn moving(&self, moves: &[(usize, &str)], day: i64) -> Value {
        let entries: Vec<_> =
            moves.iter().map(|(n, to)| json!({ "uscc": uscc(*n), "to": to, "grounds": "导入情况有变化。" })).collect();
        json!({ "entries": entries, "occurred_on": self.day(day) })
    }

    /// The award office moves members between classes.
    pub(crate) async fn reclassify(&self, moves: &[(usize, &str)], day: i64) -> Value {
        self.does(OFFICE, "reclassifications", self.moving(moves, day)).await
    }

    /// From nothing to a settled survey that proposes `class`, by day 12.
    pub(crate) async fn bring(&self, n: usize, recommender: &str, class: &str) {
        self.apply(n, class, 1).await;
        self.nominate(n, recommender, 2).await;
        self.survey(n, class, 10).await;
        self.prove(n, 11).await;
        self.approve(&[n], &format!("镜质办〔{n}〕号"), 12).await;
    }

    /// From nothing into the pool, on day 20.
    pub(crate) async fn member(&self, n: usize, recommender: &str, class: &str) {
        self.bring(n, recommender, class).await;
        self.classify(&[(n, class, None)], 20).await;
    }

    /// Reports an incident and records that it is major; answers its id.
    pub(crate) async fn major_incident(&self, n: usize, day: i64, determined: i64) -> String {
        let id = self.incident(n, day).await;
        self.determine(n, &id, "major", determined).await;
        id
    }

    /// The station reports an incident; answers its id.
    pub(crate) async fn incident(&self, n: usize, day: i64) -> String {
        let incident = json!({ "kind": "safety", "description": "仓库起火。" });
        let body = json!({ "incident": incident, "occurred_on": self.day(day) });
        self.acts(STATION, n, "incidents", body).await["id"].as_str().unwrap().to_owned()
    }

    /// The award office records what the authority found of an incident.
    pub(crate) async fn determine(&self, n: usize, incident: &str, finding: &str, day: i64) -> Value {
        let body = json!({
            "finding": finding, "authority": "市应急管理局", "document_no": "芜应急〔1〕号", "determined_on": self.day(day),
            "occurred_on": self.day(day), "documents": [self.paper],
        });
        self.acts(OFFICE, n, &format!("incidents/{incident}/determinations"), body).await
    }

    /// What a removal is asked by.
    pub(crate) fn removing(&self, n: usize, incident: &str, day: i64) -> Value {
        json!({ "uscc": uscc(n), "incident_id": incident, "occurred_on": self.day(day) })
    }

    /// What a withdrawal is asked by.
    pub(crate) fn leaving(&self, n: usize, day: i64) -> Value {
        json!({ "uscc": uscc(n), "reason": "经营计划调整。", "occurred_on": self.day(day) })
    }

    /// What a session is booked by.
    pub(crate) fn teaching(&self, kind: &str, audience: Option<&str>, on: i64, day: i64) -> Value {
        let audiences: Vec<_> = audience.into_iter().collect();
        json!({
            "plan": { "kind": kind, "title": "教学", "on": self.day(on), "place": "市民服务中心", "audiences": audiences },
            "occurred_on": self.day(day),
        })
    }

    /// The award office books a session; answers its id.
    pub(crate) async fn book(&self, body: Value) -> String {
        self.does(OFFICE, "sessions", body).await["session_id"].as_str().unwrap().to_owned()
    }

    /// What attendance of some organisations is recorded by.
    pub(crate) fn attending(&self, who: &[usize], audience: Option<&str>, day: i64) -> Value {
        let audiences: Vec<_> = audience.into_iter().collect();
        let entry = |n: &usize| json!({ "uscc": uscc(*n), "audiences": audiences, "participants": 3 });
        json!({ "entries": who.iter().map(entry).collect::<Vec<_>>(), "occurred_on": self.day(day) })
    }

    /// What a visit of the station is recorded by.
    pub(crate) fn visiting(&self, findings: &str, day: i64) -> Value {
        json!({
            "visit": { "station": "jinghu-1", "channel": "on_site", "findings": findings, "carry_over": "扩大导入范围。" },
            "occurred_on": self.day(day),
        })
    }

    /// What a self-evaluation over some days of the cycle is recorded by.
    pub(crate) fn evaluating(&self, (from, to): (i64, i64), on: NaiveDate) -> Value {
        json!({
            "self_evaluation": {
                "period_from": self.day(from), "period_to": self.day(to),
                "strengths": "过程稳定。", "gaps": "数据不足。", "actions": "补充数据。",
            },
            "occurred_on": on,
        })
    }
}
