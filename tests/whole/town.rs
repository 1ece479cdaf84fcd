//! A small town over HTTP only: its register, a cycle, and the verbs of those who act in it.
//!
//! Days are counted from the first day of the cycle, so that a story can be read by them.

mod verbs;

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
    format!("organization/{}/chen-{n}", uscc(n))
}

/// Somebody of a recommending unit.
pub(crate) fn of(recommender: &str) -> String {
    format!("recommender/{recommender}/sun-{recommender}")
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

    /// A town that was filled before its server started.
    pub(crate) fn over(server: Server) -> Self {
        Self { server, cycle: pool::CYCLE.to_owned(), start: today() - Days::new(400), paper: String::new() }
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
}
