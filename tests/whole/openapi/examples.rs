//! The documented examples, sent one after another to the demo: each is obeyed.
//!
//! They tell the life of one organisation that the demo does not know. What an example cannot know is put in its place:
//! ids that the server gave, the organisation, and days, since the demo is told up to yesterday.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{Days, NaiveDate};
use reqwest::Method;
use serde_json::{Value, json};

use super::operations::{OPERATIONS, Role};
use super::{Operation, operations};
use crate::server::Server;
use crate::town::{PROGRAM, today, uscc};

/// How long the demo may take to be told.
const TELLING: Duration = Duration::from_mins(2);
/// The organisation of the examples.
const EXAMPLE: &str = "91340202MA8EXAMP13";
const CYCLE: &str = "wuhu-incubation-2025";
/// Members that say when something happened.
const DAYS: [&str; 6] = ["occurred_on", "approved_on", "checked_on", "determined_on", "signed_on", "applied_on"];

struct Examples {
    server: Server,
    operations: BTreeMap<String, Operation>,
    /// The keys of paths, and ids that the server gave.
    known: BTreeMap<&'static str, String>,
    recommender: &'static str,
    sent: BTreeSet<String>,
}

#[tokio::test]
async fn every_example_is_obeyed_by_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let demo = ["demo", "--data-dir", folder.path().to_str().unwrap()];
    let mut examples = Examples::of(Server::run(demo, TELLING).await).await;
    examples.register().await;
    examples.cycle().await;
    examples.application().await;
    examples.survey().await;
    examples.classes().await;
    examples.facts().await;
    examples.incidents().await;
    examples.teaching().await;
    examples.departures().await;
    examples.reads().await;
    examples.closing().await;
    let all: BTreeSet<String> = OPERATIONS.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(examples.sent, all);
}

impl Examples {
    async fn of(server: Server) -> Self {
        let document = server.read("/openapi.json").await;
        let operations = operations(&document).into_iter().map(|operation| (operation.id.clone(), operation)).collect();
        let known = BTreeMap::from([("program", PROGRAM), ("cycle", CYCLE), ("uscc", EXAMPLE)]);
        let known = known.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
        let mut examples = Self { server, operations, known, recommender: "office-quality", sent: BTreeSet::new() };
        let paper = examples.server.upload("office/wuhu-incubation/zhang", "核查意见").await;
        examples.sent.insert("upload_document".to_owned());
        examples.known.insert("document_id", paper);
        examples
    }

    fn actor(&self, role: Role) -> Option<String> {
        match role {
            Role::Anyone => None,
            Role::Office => Some(format!("office/{PROGRAM}/zhang")),
            Role::District => Some("district/jinghu/wang".to_owned()),
            Role::Station => Some("station/jinghu-1/li".to_owned()),
            Role::Recommender => Some(format!("recommender/{}/sun", self.recommender)),
            Role::Itself => Some(format!("organization/{}/chen", self.known["uscc"])),
        }
    }

    /// Sends the example of an operation with what it cannot know; answers what now stands.
    async fn send(&mut self, id: &str, unknown: Value) -> Value {
        let operation = &self.operations[id];
        let mut path = operation.path.clone();
        for (key, value) in &self.known {
            path = path.replace(&format!("{{{key}}}"), value);
        }
        assert!(!path.contains('{'), "{id}: {path}");
        let (_, role) = OPERATIONS.iter().find(|(known, _)| *known == id).unwrap();
        let actor = self.actor(*role);
        let headers: Vec<_> = actor.iter().map(|actor| ("hatchery-actor", actor.as_str())).collect();
        let body = operation.body.as_ref().map(|schema| {
            let mut body = schema.get("example").unwrap_or_else(|| panic!("{id} has no example")).clone();
            self.place(&mut body);
            merge(&mut body, unknown);
            body
        });
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let reply = self.server.send(method, &path, &headers, body.as_ref()).await;
        assert!(reply.status.is_success(), "{id} {path} {body:#?}\n{} {:#}", reply.status, reply.body);
        self.sent.insert(id.to_owned());
        reply.body["result"].clone()
    }

    /// Sends, and keeps the id of what was made.
    async fn make(&mut self, id: &str, key: &'static str, unknown: Value) -> Value {
        let made = self.send(id, unknown).await;
        let given = made.get(key).unwrap_or(&made["id"]).as_str().unwrap_or_else(|| panic!("{id}: {made:#}"));
        self.known.insert(key, given.to_owned());
        made
    }

    /// Puts the organisation, papers and days of this run where an example has its own.
    fn place(&self, body: &mut Value) {
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    match name.as_str() {
                        "uscc" => *value = json!(self.known["uscc"]),
                        "documents" => *value = json!([self.known["document_id"]]),
                        day if DAYS.contains(&day) => *value = json!(today()),
                        _ => self.place(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.place(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    async fn register(&mut self) {
        let entries = [
            ("station", "sanshan-1", "jinghu-2"),
            ("recommender", "association-services", "association-robots"),
            ("expert", "expert-5", "expert-90"),
            ("district", "sanshan", "sanshan-2"),
        ];
        for (kind, successor, added) in entries {
            self.make(&format!("add_{kind}"), "id", json!({})).await;
            if kind == "expert" {
                // An expert has neither a name nor a district that could change: the one operation without a success.
                let path = format!("/programs/{PROGRAM}/experts/{added}/changes");
                let body = json!({ "name": "更名后的名称", "occurred_on": today() });
                let office = format!("office/{PROGRAM}/zhang");
                self.server.refuses("validation_failed", &office, &path, &body).await;
                self.sent.insert("change_expert".to_owned());
            } else {
                self.send(&format!("change_{kind}"), json!({})).await;
            }
            // The survey of the example is for the one or the other of two stations.
            if kind != "station" {
                self.send(&format!("merge_{kind}"), json!({ "successor": successor })).await;
            }
        }
        let spare = json!({ "id": "jinghu-3" });
        self.make("add_station", "id", spare).await;
        self.send("merge_station", json!({ "successor": "jinghu-2" })).await;
        for kind in ["station", "recommender", "expert", "district"] {
            let spare = json!({ "id": format!("{kind}-spare") });
            self.make(&format!("add_{kind}"), "id", spare).await;
            self.send(&format!("close_{kind}"), json!({})).await;
        }
        self.known.insert("id", "jinghu".to_owned());
    }

    async fn cycle(&mut self) {
        let cycle = self.server.read(&format!("/cycles/{CYCLE}")).await;
        let ends_on: NaiveDate = serde_json::from_value(cycle["ends_on"].clone()).unwrap();
        let later = ends_on + Days::new(180);
        self.send("extend_cycle", json!({ "ends_on": later })).await;
        self.send("open_cycle", json!({ "starts_on": later })).await;
        self.send("set_intake", json!({ "intake": { "from": cycle["starts_on"], "to": later } })).await;
        self.send("waive_quota", json!({})).await;
    }

    async fn application(&mut self) {
        let valid = json!({ "supplement": { "certificate": { "valid_until": today() + Days::new(365) } } });
        let form = json!({ "application": valid });
        self.send("nominate_organization", form.clone()).await;
        self.send("correct_nomination", json!({ "to": "committee-jingkai" })).await;
        self.send("amend_application", form.clone()).await;
        for condition in ["lawful_and_policy", "excellence_model", "outstanding_results", "social_responsibility"] {
            self.send("record_condition_check", json!({ "condition": condition })).await;
        }
        self.known.insert("uscc", uscc(1));
        self.send("submit_application", form.clone()).await;
        self.recommender = "association-equipment";
        self.send("refuse_recommendation", json!({})).await;
        self.send("withdraw_organization", json!({})).await;
        self.known.insert("uscc", uscc(2));
        self.recommender = "office-quality";
        self.send("nominate_organization", form).await;
        self.send("decline_organization", json!({})).await;
        self.known.insert("uscc", EXAMPLE.to_owned());
    }

    async fn survey(&mut self) {
        self.send("assign_survey", json!({})).await;
        self.make("file_survey", "survey_id", json!({})).await;
        self.send("return_survey", json!({})).await;
        self.send("file_survey", json!({})).await;
        self.send("approve_survey", json!({})).await;
        self.send("reopen_survey", json!({})).await;
        self.send("file_survey", json!({})).await;
        self.send("file_survey_report", json!({})).await;
    }

    async fn classes(&mut self) {
        self.send("classify_organizations", json!({})).await;
        self.send("reclassify_organizations", json!({})).await;
        self.send("correct_classification", json!({})).await;
    }

    async fn facts(&mut self) {
        let period = json!({ "self_evaluation": { "period_from": today(), "period_to": today() } });
        for (record, name, key, content) in [
            ("record_visit", "visit", "visit_id", json!({})),
            ("record_activity", "activity", "activity_id", json!({})),
            ("record_self_evaluation", "self_evaluation", "self_evaluation_id", period),
            ("request_assistance", "assistance_request", "request_id", json!({})),
        ] {
            self.make(record, key, content.clone()).await;
            if key == "request_id" {
                self.send("answer_assistance_request", json!({})).await;
            }
            self.send(&format!("correct_{name}"), content).await;
            self.send(&format!("void_{name}"), json!({})).await;
        }
        self.send("record_honour", json!({})).await;
    }

    async fn incidents(&mut self) {
        self.make("report_incident", "incident_id", json!({})).await;
        self.send("correct_incident", json!({})).await;
        self.send("void_incident", json!({})).await;
        self.make("report_incident", "incident_id", json!({})).await;
        self.send("determine_incident", json!({})).await;
        let incident = json!({ "incident_id": self.known["incident_id"] });
        self.send("remove_organization", incident).await;
        self.send("dismiss_incident", json!({})).await;
        self.send("rescind_removal", json!({})).await;
    }

    async fn teaching(&mut self) {
        let now = json!({ "plan": { "on": today() } });
        self.make("schedule_session", "session_id", now.clone()).await;
        let session = self.send("record_attendance", json!({})).await;
        let attendance = session["attendance"][0]["attendance_id"].as_str().unwrap();
        self.known.insert("attendance_id", attendance.to_owned());
        self.send("correct_attendance", json!({})).await;
        self.send("void_attendance", json!({})).await;
        self.send("assign_session_experts", json!({})).await;
        self.send("record_session_outcome", json!({})).await;
        self.make("schedule_session", "session_id", now).await;
        self.send("reschedule_session", json!({ "on": today() + Days::new(1) })).await;
        self.send("cancel_session", json!({})).await;
    }

    async fn departures(&mut self) {
        self.send("change_organization", json!({})).await;
        self.send("end_file", json!({})).await;
    }

    /// Everything that is read, of what was made above.
    async fn reads(&mut self) {
        let gets = self.operations.values().filter(|operation| operation.method == "get");
        let gets: Vec<_> = gets.map(|operation| operation.id.clone()).collect();
        for id in gets {
            for (kind, entry) in [
                ("district", "jinghu"),
                ("station", "jinghu-1"),
                ("recommender", "office-quality"),
                ("expert", "expert-1"),
            ] {
                if id.ends_with(kind) {
                    self.known.insert("id", entry.to_owned());
                }
            }
            self.send(&id, json!({})).await;
        }
    }

    async fn closing(&mut self) {
        let opened = self.operations["open_cycle"].body.as_ref().unwrap()["example"]["cycle"].clone();
        self.known.insert("cycle", opened.as_str().unwrap().to_owned());
        self.send("close_cycle", json!({})).await;
    }
}

/// Lays `over` upon `under`, member by member.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                merge(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
