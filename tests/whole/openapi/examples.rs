//! The documented examples, sent one after another to the demo: each is obeyed.
//!
//! They tell the life of one organisation that the demo does not know, on the days of a cycle that begins on 1 January
//! 2025. What an example cannot know is put in its place, by two rules and for all of them alike: an id that the server
//! gave takes the place of the example's, and every day is moved by as many days as the demo's running cycle begins
//! later. Nothing else of a body is touched.
//!
//! Each answer is held against the document: its status and headers are listed, and those listed come.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::DbUrl;
use store::testing::TestDatabase;

use super::operations::{OPERATIONS, Role};
use super::{Operation, operations};
use crate::openid;
use crate::openid::provider::Provider;
use crate::server::{Reply, Server};
use crate::town::{PROGRAM, uscc};

/// How long the demo may take to be told.
const TELLING: Duration = Duration::from_mins(2);
/// The organisation of the examples.
const EXAMPLE: &str = "91340202MA8EXAMP13";
/// The first day of the cycle that the examples are told in.
const BEGINNING: &str = "2025-01-01";
/// Headers of any answer, which say nothing of an operation.
const PLAIN: [&str; 10] = [
    "cache-control",
    "content-disposition",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-frame-options",
];
/// The one header that comes only at times: where read models lag.
const AT_TIMES: &str = "hatchery-visible";
/// Members that name what the server gave an id, or the organisation.
const IDS: [&str; 4] = ["uscc", "incident_id", "document_id", "successor"];

struct Examples {
    server: Server,
    operations: BTreeMap<String, Operation>,
    /// The keys of paths, and ids that the server gave.
    known: BTreeMap<&'static str, String>,
    /// By how much later the demo's running cycle begins than that of the examples.
    later: TimeDelta,
    recommender: &'static str,
    sent: BTreeSet<String>,
}

#[tokio::test]
async fn every_example_is_obeyed_by_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start().await;
    let settings = provider.settings(folder.path());
    let demo = ["demo", "--data-dir", folder.path().to_str().unwrap(), "--config", &settings];
    let database = TestDatabase::at(DbUrl::Sqlite(folder.path().join("hatchery.db")));
    let mut examples = Examples::of(Server::run(demo, &database, TELLING).await).await;
    examples.keys();
    examples.register().await;
    examples.cycle().await;
    examples.application().await;
    examples.survey().await;
    examples.classes().await;
    examples.facts().await;
    examples.incidents().await;
    examples.teaching().await;
    examples.departures().await;
    examples.access().await;
    examples.single_sign_on(&provider).await;
    examples.reads().await;
    examples.people().await;
    examples.closing().await;
    let all: BTreeSet<String> = OPERATIONS.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(examples.sent, all);
}

impl Examples {
    async fn of(server: Server) -> Self {
        let document = server.read("/openapi.json").await;
        let operations = operations(&document).into_iter().map(|operation| (operation.id.clone(), operation)).collect();
        let cycles = server.read(&format!("/cycles?program={PROGRAM}&limit=200")).await;
        let running = cycles["items"].as_array().unwrap().iter().find(|cycle| cycle["closed_on"].is_null()).unwrap();
        let starts_on: NaiveDate = serde_json::from_value(running["starts_on"].clone()).unwrap();
        let known = [("program", PROGRAM), ("cycle", running["cycle"].as_str().unwrap()), ("uscc", EXAMPLE)];
        let known = known.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
        let later = starts_on - BEGINNING.parse::<NaiveDate>().unwrap();
        let sent = BTreeSet::new();
        let mut examples = Self { server, operations, known, later, recommender: "office-quality", sent };
        let office = examples.actor(Role::Office);
        let paper = examples.server.uploads(office.as_deref().unwrap(), "核查意见").await;
        examples.holds("upload_document", office.as_deref(), &paper).await;
        examples.known.insert("document_id", paper.body["result"]["document_id"].as_str().unwrap().to_owned());
        examples
    }

    /// Holds an answer against the document, and reads what its `Location` names.
    async fn holds(&mut self, id: &str, actor: Option<&str>, reply: &Reply) {
        let Reply { status, headers, .. } = reply;
        let listed = self.operations[id].successes.get(status.as_str());
        let listed = listed.unwrap_or_else(|| panic!("{id}: {status} is not documented"));
        let given: BTreeSet<String> = headers.keys().map(ToString::to_string).collect();
        let foreign: Vec<_> = given.iter().filter(|h| !listed.contains(*h) && !PLAIN.contains(&h.as_str())).collect();
        assert!(foreign.is_empty(), "{id} {status}: {foreign:?} is not documented");
        let absent: Vec<_> = listed.iter().filter(|header| !given.contains(*header) && *header != AT_TIMES).collect();
        assert!(absent.is_empty(), "{id} {status}: {absent:?} is documented, and not answered");
        let location = headers.get("location").map(|location| location.to_str().unwrap());
        if let Some(location) = location.filter(|location| location.starts_with('/')) {
            let actor = actor.map(|actor| ("hatchery-actor", actor));
            let found = self.server.send(Method::GET, location, actor.as_slice(), None).await;
            assert_eq!(found.status, StatusCode::OK, "{id}: {location} {:#}", found.body);
        }
        self.sent.insert(id.to_owned());
    }

    /// Keys of paths name the demo's running cycle, and the organisation of the other examples.
    fn keys(&self) {
        for Operation { id, keys, .. } in self.operations.values() {
            for key in ["program", "cycle", "uscc"] {
                let example = keys.get(key);
                assert!(example.is_none_or(|example| *example == self.known[key]), "{id}: {key} {example:?}");
            }
        }
    }

    fn actor(&self, role: Role) -> Option<String> {
        match role {
            Role::Anyone => None,
            Role::Administrator => Some("administrator/all/root".to_owned()),
            Role::Auditor => Some("auditor/all/shen".to_owned()),
            Role::Office => Some(format!("office/{PROGRAM}/zhang")),
            Role::District => Some("district/jinghu/wang".to_owned()),
            Role::Station => Some("station/jinghu-1/li".to_owned()),
            Role::Recommender => Some(format!("recommender/{}/sun", self.recommender)),
            Role::Itself => Some(format!("organization/{}/chen", self.known["uscc"])),
        }
    }

    /// Sends the example of an operation; answers what now stands.
    async fn send(&mut self, id: &str) -> Value {
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
            body
        });
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let reply = self.server.send(method, &path, &headers, body.as_ref()).await;
        assert!(reply.status.is_success(), "{id} {path} {body:#?}\n{} {:#}", reply.status, reply.body);
        self.holds(id, actor.as_deref(), &reply).await;
        reply.body["result"].clone()
    }

    /// Sends, and keeps the id of what was made.
    async fn make(&mut self, id: &str, key: &'static str) -> Value {
        let made = self.send(id).await;
        let given = made.get(key).unwrap_or(&made["id"]).as_str().unwrap_or_else(|| panic!("{id}: {made:#}"));
        self.known.insert(key, given.to_owned());
        made
    }

    /// Puts known ids where an example has its own, and moves its days.
    fn place(&self, body: &mut Value) {
        match body {
            Value::Object(members) => {
                for (name, value) in members {
                    match (name.as_str(), value) {
                        ("documents", value) => *value = json!([self.known["document_id"]]),
                        (id, value) if IDS.contains(&id) && self.known.contains_key(id) => {
                            *value = json!(self.known[id]);
                        }
                        (_, value) => self.place(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.place(item)),
            Value::String(text) => {
                if let Ok(day) = text.parse::<NaiveDate>() {
                    *text = (day + self.later).to_string();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Each entry added is changed, and closed in the end; entries of the demo are merged.
    async fn register(&mut self) {
        for (kind, merged, successor) in [
            ("station", "sanshan-1", "jinghu-1"),
            ("recommender", "association-services", "association-robots"),
            ("expert", "expert-5", "expert-90"),
            ("district", "sanshan", "sanshan-2"),
        ] {
            self.make(&format!("add_{kind}"), "id").await;
            self.send(&format!("change_{kind}")).await;
            self.known.insert("id", merged.to_owned());
            self.known.insert("successor", successor.to_owned());
            self.send(&format!("merge_{kind}")).await;
        }
        self.known.remove("successor");
    }

    async fn cycle(&mut self) {
        for id in ["open_cycle", "extend_cycle", "set_intake", "waive_quota"] {
            self.send(id).await;
        }
        self.make("record_outreach", "outreach_id").await;
        self.send("correct_outreach").await;
        self.send("void_outreach").await;
    }

    async fn application(&mut self) {
        for id in ["nominate_organization", "correct_nomination", "amend_application", "record_condition_check"] {
            self.send(id).await;
        }
        // What the example is one of: every other condition that needs a paper.
        for condition in ["outstanding_results", "social_responsibility"] {
            self.prove(condition).await;
        }
        self.known.insert("uscc", uscc(1));
        self.send("submit_application").await;
        self.recommender = "association-equipment";
        self.send("refuse_recommendation").await;
        self.send("withdraw_organization").await;
        self.known.insert("uscc", uscc(2));
        self.recommender = "office-quality";
        self.send("nominate_organization").await;
        self.send("decline_organization").await;
        self.known.insert("uscc", EXAMPLE.to_owned());
    }

    /// A department's finding, as the office records it.
    async fn prove(&self, condition: &str) {
        let day = "2025-06-18".parse::<NaiveDate>().unwrap() + self.later;
        let body = json!({
            "condition": condition, "met": true, "department": "市质量强市办", "checked_on": day, "occurred_on": day,
            "documents": [self.known["document_id"]],
        });
        let path = format!("/cycles/{}/organizations/{}/condition-checks", self.known["cycle"], self.known["uscc"]);
        self.server.does(&format!("office/{PROGRAM}/zhang"), &path, &body).await;
    }

    async fn survey(&mut self) {
        self.send("assign_survey").await;
        self.make("file_survey", "survey_id").await;
        for id in
            ["return_survey", "file_survey", "approve_survey", "reopen_survey", "file_survey", "file_survey_report"]
        {
            self.send(id).await;
        }
    }

    async fn classes(&mut self) {
        for id in ["classify_organizations", "reclassify_organizations", "correct_classification"] {
            self.send(id).await;
        }
    }

    async fn facts(&mut self) {
        for (record, name, key) in [
            ("record_visit", "visit", "visit_id"),
            ("record_activity", "activity", "activity_id"),
            ("record_self_evaluation", "self_evaluation", "self_evaluation_id"),
            ("request_assistance", "assistance_request", "request_id"),
        ] {
            self.make(record, key).await;
            if key == "request_id" {
                self.send("answer_assistance_request").await;
            }
            self.send(&format!("correct_{name}")).await;
            self.send(&format!("void_{name}")).await;
        }
        self.send("record_honour").await;
    }

    async fn incidents(&mut self) {
        self.make("report_incident", "incident_id").await;
        self.send("correct_incident").await;
        self.send("void_incident").await;
        self.make("report_incident", "incident_id").await;
        for id in ["determine_incident", "remove_organization", "dismiss_incident", "rescind_removal"] {
            self.send(id).await;
        }
    }

    async fn teaching(&mut self) {
        self.make("schedule_session", "session_id").await;
        let session = self.send("record_attendance").await;
        let attendance = session["attendance"][0]["attendance_id"].as_str().unwrap();
        self.known.insert("attendance_id", attendance.to_owned());
        for id in ["correct_attendance", "void_attendance", "assign_session_experts", "record_session_outcome"] {
            self.send(id).await;
        }
        self.make("schedule_session", "session_id").await;
        self.send("reschedule_session").await;
        self.send("cancel_session").await;
    }

    async fn departures(&mut self) {
        self.send("change_organization").await;
        self.send("end_file").await;
    }

    /// Accounts by the administrator, then one's own sign-ins and tokens by the cookie of a sign-in.
    async fn access(&mut self) {
        let made = self.send("create_account").await;
        self.known.insert("account_id", made["account"]["account_id"].as_str().unwrap().to_owned());
        for id in ["set_grants", "disable_account", "enable_account", "reset_password"] {
            self.send(id).await;
        }
        let issued = self.send("issue_account_token").await;
        self.known.insert("token_id", issued["token"]["token_id"].as_str().unwrap().to_owned());
        self.send("revoke_account_token").await;

        let example = self.operations["sign_in"].body.as_ref().unwrap()["example"].clone();
        let (login, password) = (example["login"].as_str().unwrap(), example["password"].as_str().unwrap());
        self.server.keys().await.password(login, password).await;
        let signed_in = self.server.send(Method::POST, "/api/v1/sign-ins", &[], Some(&example)).await;
        self.holds("sign_in", None, &signed_in).await;
        let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let sign_in = signed_in.body["result"]["sign_in"]["sign_in_id"].as_str().unwrap().to_owned();
        let issued = self.by_cookie(&cookie, "issue_token").await;
        self.known.insert("token_id", issued["token"]["token_id"].as_str().unwrap().to_owned());
        self.by_cookie(&cookie, "revoke_token").await;
        self.by_cookie(&cookie, "change_password").await;
        self.known.insert("sign_in_id", sign_in);
        self.by_cookie(&cookie, "end_sign_in").await;
    }

    /// Somebody whose account was linked signs in elsewhere; then the link is taken away.
    async fn single_sign_on(&mut self, provider: &Provider) {
        self.send("link_openid").await;
        let example = self.operations["link_openid"].body.as_ref().unwrap()["example"].clone();
        let begun = openid::begins(&self.server).await;
        self.holds("begin_openid_sign_in", None, &begun).await;
        let (location, cookie) = openid::sent(&begun);
        let query = provider.signs_in(&location, example["subject"].as_str().unwrap());
        let signed_in = openid::comes_back(&self.server, &query, Some(&cookie)).await;
        self.holds("finish_openid_sign_in", None, &signed_in).await;
        self.send("unlink_openid").await;
    }

    /// Sends the example of an operation with a cookie; answers its result.
    async fn by_cookie(&mut self, cookie: &str, id: &str) -> Value {
        let operation = &self.operations[id];
        let mut path = operation.path.clone();
        for (key, value) in &self.known {
            path = path.replace(&format!("{{{key}}}"), value);
        }
        let body = operation.body.as_ref().map(|schema| schema["example"].clone());
        let reply = self.server.send(Method::POST, &path, &[("cookie", cookie)], body.as_ref()).await;
        assert!(reply.status.is_success(), "{id}: {} {:#}", reply.status, reply.body);
        self.holds(id, None, &reply).await;
        reply.body["result"].clone()
    }

    /// Who the demo's first expert is; erased after everything was read.
    async fn people(&mut self) {
        for id in ["disclose_person", "correct_person", "erase_person"] {
            self.send(id).await;
        }
    }

    /// Everything that is read, of what was made above.
    async fn reads(&mut self) {
        let office = self.actor(Role::Office).unwrap();
        let path = format!("/api/v1/programs/{PROGRAM}/experts/expert-1");
        let expert = self.server.send(Method::GET, &path, &[("hatchery-actor", &office)], None).await.body;
        self.known.insert("person_id", expert["person"]["person_id"].as_str().unwrap().to_owned());
        let gets = self.operations.values().filter(|operation| operation.method == "get");
        // The steps of a browser were taken above.
        let gets: Vec<_> = gets.map(|operation| operation.id.clone()).filter(|id| !self.sent.contains(id)).collect();
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
            self.send(&id).await;
        }
    }

    async fn closing(&mut self) {
        for (kind, added) in [
            ("station", "jinghu-2"),
            ("recommender", "association-robots"),
            ("expert", "expert-90"),
            ("district", "sanshan-2"),
        ] {
            self.known.insert("id", added.to_owned());
            self.send(&format!("close_{kind}")).await;
        }
        let opened = self.operations["open_cycle"].body.as_ref().unwrap()["example"]["cycle"].clone();
        self.known.insert("cycle", opened.as_str().unwrap().to_owned());
        self.send("close_cycle").await;
    }
}
