//! Who may do what (S1): every operation of the document, by every role, in its own unit and in another one.
//!
//! What must come of each is written down in `access/matrix.txt`, one operation a line, to be read by people. An
//! operation that has no line there fails the test, and so does a line without an operation.
//!
//! A body is never needed: a request is let in, or not, before its body is read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::Server;
use crate::town::{CYCLE, OFFICE, PROGRAM, Town, uscc};

on_both_databases! {
    s1_every_operation_by_every_role_in_its_own_unit_and_in_another_one,
}

const MATRIX: &str = include_str!("access/matrix.txt");

/// Who asks, by the letter of the column: small where the unit is another one.
fn columns() -> Vec<(char, Option<String>)> {
    let actor = |text: &str| Some(text.to_owned());
    vec![
        ('O', actor("office/wuhu-incubation/mo")),
        ('o', actor("office/hangzhou-cultivation/mp")),
        ('D', actor("district/jinghu/md")),
        ('d', actor("district/yijiang/me")),
        ('S', actor("station/jinghu-1/ms")),
        ('s', actor("station/yijiang-1/mt")),
        ('R', actor("recommender/office-quality/mr")),
        ('r', actor("recommender/association-food/mq")),
        ('I', Some(format!("organization/{}/mi", uscc(0)))),
        ('i', Some(format!("organization/{}/mj", uscc(1)))),
        ('E', actor("expert/expert-1/mx")),
        ('e', actor("expert/expert-2/my")),
        ('A', actor("auditor/all/ma")),
        ('a', actor("auditor/hangzhou-cultivation/mb")),
        ('X', actor("integration/all/mc")),
        ('x', actor("integration/hangzhou-cultivation/mf")),
        ('M', actor("administrator/all/mm")),
        ('-', None),
    ]
}

/// Keys of paths that name what belongs to the units of the large letters.
struct Owned {
    session: String,
    keys: BTreeMap<&'static str, String>,
}

async fn s1_every_operation_by_every_role_in_its_own_unit_and_in_another_one(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    let owned = owned(&town).await;
    let document = town.server.read("/openapi.json").await;
    let mut found = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let line = row(&town, &owned, path, method, operation).await;
            writeln!(found, "{line}").unwrap();
        }
    }
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let mut lines: Vec<String> = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        lines.sort();
        lines
    };
    if let Ok(file) = std::env::var("HATCHERY_WRITE_MATRIX") {
        std::fs::write(file, &found).unwrap();
    }
    let (expected, found) = (lines(MATRIX), lines(&found));
    let missing: Vec<_> = expected.iter().filter(|line| !found.contains(line)).collect();
    let other: Vec<_> = found.iter().filter(|line| !expected.contains(line)).collect();
    assert!(missing.is_empty() && other.is_empty(), "expected\n{missing:#?}\nfound\n{other:#?}");
}

/// Method, path, and for each column what came of it: `+` let in, `.` not permitted, `?` not even there, `!` not
/// authenticated.
async fn row(town: &Town, owned: &Owned, path: &str, method: &str, operation: &Value) -> String {
    assert!(operation["x-permission"].is_string(), "{method} {path}");
    let verb = if method == "get" { Method::GET } else { Method::POST };
    let address = owned.fill(path);
    let mut signs = String::new();
    for (letter, actor) in columns() {
        let reply = match &actor {
            Some(actor) => {
                let headers = [("hatchery-actor", actor.as_str()), ("content-type", "application/json")];
                let request = town.server.request(verb.clone(), &address, &headers).await;
                request.body(if verb == Method::POST { "{" } else { "" }).send().await.unwrap()
            }
            None => town.server.bare(verb.clone(), &address, &[]).send().await.unwrap(),
        };
        let status = reply.status();
        assert!(status.as_u16() < 500, "{letter} {method} {path}: {status}");
        let problem: Value = reply.json().await.unwrap_or_default();
        let hidden = ["enrolment", "session", "organization", "document", "person"]
            .iter()
            .any(|kind| problem["resource"] == *kind);
        signs.push(match status {
            StatusCode::UNAUTHORIZED => '!',
            StatusCode::FORBIDDEN => '.',
            StatusCode::NOT_FOUND if hidden => '?',
            _ => '+',
        });
    }
    format!("{} {} {signs}", method.to_uppercase(), path.trim_start_matches("/api/v1"))
}

impl Owned {
    fn fill(&self, path: &str) -> String {
        let mut filled = path.to_owned();
        for (key, value) in &self.keys {
            filled = filled.replace(&format!("{{{key}}}"), value);
        }
        let filled = filled.replace("{session_id}", &self.session);
        // What is left names something below what was named: any id does.
        let mut parts = filled.split('{');
        let mut address = parts.next().unwrap().to_owned();
        for part in parts {
            let (_, rest) = part.split_once('}').unwrap();
            address.push_str("01980000-0000-7000-8000-0000000000ff");
            address.push_str(rest);
        }
        address
    }
}

/// A member of `jinghu`, nominated by `office-quality`; another organisation that only has an account; a session of
/// `expert-1`; the contact of the member.
async fn owned(town: &Town) -> Owned {
    town.member(0, "office-quality", "A").await;
    let session = town.book(town.teaching("foundation", Some("key_staff"), 40, 30)).await;
    let assign = json!({ "experts": ["expert-1"], "occurred_on": town.day(31) });
    town.server.does(OFFICE, &format!("/sessions/{session}/experts"), &assign).await;
    let headers = [("hatchery-actor", OFFICE)];
    let form = format!("/api/v1{}", town.file(0, "application"));
    let form = town.server.send(Method::GET, &form, &headers, None).await.body;
    let keys = [
        ("person_id", form["contact"]["person_id"].as_str().unwrap().to_owned()),
        ("program", PROGRAM.to_owned()),
        ("cycle", CYCLE.to_owned()),
        ("uscc", uscc(0)),
        ("id", "jinghu".to_owned()),
        ("document_id", town.paper.clone()),
        ("code", "not_found".to_owned()),
    ];
    Owned { session, keys: keys.into_iter().collect() }
}
