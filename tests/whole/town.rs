//! A small town over HTTP only: its register, a cycle, and the verbs of those who act in it.
//!
//! Days are counted from the first day of the cycle, so that a story can be read by them.

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use domain::forms::samples;
use serde_json::{Value, json};

use crate::pool;
pub(crate) use crate::pool::{DISTRICT, OFFICE, STATION};
use crate::server::Server;

/// The program.
pub(crate) const PROGRAM: &str = "wuhu-incubation";
/// The cycle that every town begins with.
pub(crate) const CYCLE: &str = "wuhu-incubation-first";
/// Conditions that no form can prove.
const PROVED: [&str; 3] = ["lawful_and_policy", "outstanding_results", "social_responsibility"];

/// A server with a register and one open cycle.
pub(crate) struct Town {
    pub(crate) server: Server,
    /// The cycle that verbs speak of.
    pub(crate) cycle: String,
    /// Its first day.
    pub(crate) start: NaiveDate,
    /// A paper that the award office uploaded.
    pub(crate) paper: String,
}

/// Today in Wuhu.
pub(crate) fn today() -> NaiveDate {
    (Utc::now() + TimeDelta::hours(8)).date_naive()
}

/// The number of the `n`th organisation.
pub(crate) fn uscc(n: usize) -> String {
    pool::uscc(n).to_string()
}

/// Somebody of the `n`th organisation.
pub(crate) fn itself(n: usize) -> String {
    format!("organization/{}/chen", uscc(n))
}

/// Somebody of a recommending unit.
pub(crate) fn of(recommender: &str) -> String {
    format!("recommender/{recommender}/sun")
}

/// Annex 1 of the `n`th organisation as it is sent, dated `on`, with the scan of its certificate; it meets every
/// condition that a form can prove.
pub(crate) fn application(n: usize, own_class: Option<&str>, on: NaiveDate, scan: &str) -> Value {
    let class = own_class.map(|class| class.parse().unwrap());
    let form = samples::application(&format!("芜湖示例企业{n}"), "jinghu".parse().unwrap(), class, on);
    let mut form = serde_json::to_value(form).unwrap();
    form["contact"] = json!({
        "name": "示例联系人", "department": "质量部", "phone": "0553-0000000", "email": "contact@example.com",
    });
    form["supplement"]["legal_representative"] = json!({ "name": "示例法定代表人", "no_criminal_record": true });
    form["supplement"]["certificate"]["document_id"] = json!(scan);
    form
}

/// Annex 2 as it is filed, with its nine sections; `below_a` is no class.
pub(crate) fn survey(conclusion: &str, on: NaiveDate) -> Value {
    let conclusion = match conclusion {
        "below_a" => json!("below_a"),
        class => json!({ "class": class }),
    };
    serde_json::to_value(samples::survey(serde_json::from_value(conclusion).unwrap(), on)).unwrap()
}

impl Town {
    /// Fills the register and opens the cycle on `start`.
    pub(crate) async fn settle(server: Server, start: NaiveDate) -> Self {
        let paper = server.upload(OFFICE, "核查意见").await;
        let town = Self { server, cycle: CYCLE.to_owned(), start, paper };
        for district in ["jinghu", "yijiang"] {
            town.register("districts", json!({ "id": district, "name": format!("{district}区") })).await;
            let station = json!({ "id": format!("{district}-1"), "name": "服务站", "district": district });
            town.register("stations", station).await;
        }
        for (id, kind) in [
            ("office-quality", "office_member"),
            ("committee-jinghu", "district_committee"),
            ("association-equipment", "industry_association"),
            ("association-food", "industry_association"),
        ] {
            let district = (kind == "district_committee").then_some("jinghu");
            let entry = json!({ "id": id, "name": id, "recommender_kind": kind, "district": district });
            town.register("recommenders", entry).await;
        }
        let expert = json!({ "id": "expert-1", "person": { "name": "何某某" }, "expert_kind": "city_expert_pool" });
        town.register("experts", expert).await;
        town.open(CYCLE, start, start - Days::new(20)).await;
        town
    }

    /// A cycle that began a year ago, in a town where nothing has happened yet.
    pub(crate) async fn begun_a_year_ago(server: Server) -> Self {
        Self::settle(server, today() - Days::new(400)).await
    }

    async fn register(&self, kind: &str, mut entry: Value) {
        entry["occurred_on"] = json!(self.start - Days::new(30));
        self.server.does(OFFICE, &format!("/programs/{PROGRAM}/{kind}"), &entry).await;
    }

    /// Opens a cycle of the program.
    pub(crate) async fn open(&self, cycle: &str, starts_on: NaiveDate, on: NaiveDate) -> Value {
        let label = cycle.trim_start_matches("wuhu-incubation-");
        let body = json!({
            "cycle": cycle, "program": PROGRAM, "label": label, "starts_on": starts_on, "occurred_on": on,
        });
        self.server.does(OFFICE, "/cycles", &body).await["result"].clone()
    }

    /// The day `n` of the cycle.
    pub(crate) fn day(&self, n: i64) -> NaiveDate {
        self.start + TimeDelta::days(n)
    }

    /// A path under the cycle.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/cycles/{}/{rest}", self.cycle)
    }

    /// A path under the file of the `n`th organisation.
    pub(crate) fn file(&self, n: usize, rest: &str) -> String {
        let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
        format!("/cycles/{}/organizations/{}{rest}", self.cycle, uscc(n))
    }

    /// Commands under the cycle; answers what now stands.
    pub(crate) async fn does(&self, actor: &str, path: &str, body: Value) -> Value {
        self.server.does(actor, &self.path(path), &body).await["result"].clone()
    }

    /// Commands on a file; answers what now stands.
    pub(crate) async fn acts(&self, actor: &str, n: usize, path: &str, body: Value) -> Value {
        self.server.does(actor, &self.file(n, path), &body).await["result"].clone()
    }

    /// Must be refused under the cycle.
    pub(crate) async fn refuses(&self, code: &str, actor: &str, path: &str, body: Value) -> Value {
        self.server.refuses(code, actor, &self.path(path), &body).await
    }

    /// Must be refused on a file.
    pub(crate) async fn bars(&self, code: &str, actor: &str, n: usize, path: &str, body: Value) -> Value {
        self.server.refuses(code, actor, &self.file(n, path), &body).await
    }

    /// Reads under the cycle.
    pub(crate) async fn read(&self, path: &str) -> Value {
        self.server.read(&self.path(path)).await
    }

    /// Reads under a file.
    pub(crate) async fn look(&self, n: usize, path: &str) -> Value {
        self.server.read(&self.file(n, path)).await
    }

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
