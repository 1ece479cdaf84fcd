//! What cannot be read, was not found, is too late or too large.

use reqwest::Method;
use serde_json::json;

use crate::server::Reply;
use crate::town::{CYCLE, OFFICE, PROGRAM, STATION, Town};

const JSON: (&str, &str) = ("content-type", "application/json");
const ACTOR: (&str, &str) = ("hatchery-actor", OFFICE);

impl Town {
    async fn rejects(
        &self,
        code: &str,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        text: &str,
    ) -> Reply {
        let request = self.server.request(method, path, headers).await;
        let request = if text.is_empty() { request } else { request.body(text.to_owned()) };
        self.server.rejects(code, request).await
    }

    async fn unread(&self, code: &str, path: &str, header: (&'static str, &str)) -> Reply {
        self.rejects(code, Method::GET, path, &[header], "").await
    }
}

pub(super) async fn refuses(town: &Town) {
    bodies(town).await;
    headers(town).await;
    paths_and_queries(town).await;
    versions_and_keys(town).await;
    erased(town).await;
}

async fn erased(town: &Town) {
    let expert = format!("/api/v1/programs/{PROGRAM}/experts/expert-1");
    let shown = town.server.send(Method::GET, &expert, &[ACTOR], None).await.body;
    let person = format!("/persons/{}", shown["person"]["person_id"].as_str().unwrap());
    town.server.does(OFFICE, &format!("{person}/erasures"), &json!({ "ground": "purpose_ended" })).await;
    town.unread("erased", &format!("/api/v1{person}"), ACTOR).await;
    let reason = json!({ "reason": "核对" });
    town.server.refuses("erased", OFFICE, &format!("{person}/disclosures"), &reason).await;
}

async fn bodies(town: &Town) {
    let cycles = "/api/v1/cycles";
    town.rejects("malformed_json", Method::POST, cycles, &[JSON, ACTOR], "{\"cycle\":").await;
    town.rejects("unsupported_media_type", Method::POST, cycles, &[("content-type", "text/plain"), ACTOR], "{}").await;
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    town.rejects("body_too_large", Method::POST, cycles, &[JSON, ACTOR], &large).await;
    let request = town.server.request(Method::POST, "/api/v1/documents", &[ACTOR]).await;
    let part = reqwest::multipart::Part::bytes(b"%PDF-1.4".to_vec()).file_name("a.pdf");
    let form =
        reqwest::multipart::Form::new().part("file", part).text("title", "扫描件").text("sha256", "0".repeat(64));
    town.server.rejects("document_hash_mismatch", request.multipart(form)).await;
}

async fn headers(town: &Town) {
    let cycles = "/api/v1/cycles";
    for header in [
        ("hatchery-actor", "nobody"),
        ("hatchery-actor", "mayor/wuhu/zhang"),
        ("hatchery-min-position", "-1"),
        ("hatchery-min-position", "one"),
    ] {
        let reply = town.unread("malformed_header", cycles, header).await;
        assert!(reply.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", reply.body);
    }
    let body = json!({ "ends_on": town.day(900), "reason": "评审延期。", "occurred_on": town.day(9) }).to_string();
    let extensions = format!("/api/v1/cycles/{CYCLE}/extensions");
    let long = "k".repeat(256);
    for header in [("if-match", "12"), ("idempotency-key", ""), ("idempotency-key", &long)] {
        town.rejects("malformed_header", Method::POST, &extensions, &[JSON, ACTOR, header], &body).await;
    }
    town.rejects("not_authenticated", Method::POST, &extensions, &[JSON], &body).await;
    town.rejects("not_permitted", Method::POST, &extensions, &[JSON, ("hatchery-actor", STATION)], &body).await;
    let reply = town.unread("not_acceptable", cycles, ("accept", "image/png")).await;
    assert!(reply.body["offered"].as_array().is_some_and(|offered| offered.contains(&json!("application/json"))));
}

async fn paths_and_queries(town: &Town) {
    let here = ("accept-language", "en");
    town.unread("unknown_path", "/api/v1/nowhere", here).await;
    let reply = town.unread("not_found", "/api/v1/cycles/wuhu-incubation-nowhere", here).await;
    assert_eq!(reply.body["resource"], "cycle");
    let reply = town.rejects("method_not_allowed", Method::DELETE, "/api/v1/cycles", &[ACTOR], "").await;
    let allow = reply.headers["allow"].to_str().unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    let roster = format!("/api/v1/cycles/{CYCLE}/roster");
    for (code, query) in [
        ("unknown_parameter", "colour=red"),
        ("invalid_parameter", "limit=0"),
        ("invalid_parameter", "limit=201"),
        ("invalid_parameter", "sort=colour"),
        ("invalid_parameter", "as_of=yesterday"),
        ("invalid_cursor", "cursor=zzz"),
        ("position_unknown", "known_at=999999"),
    ] {
        town.unread(code, &format!("{roster}?{query}"), here).await;
    }
    town.unread("position_unknown", &roster, ("hatchery-min-position", "999999")).await;
    let page = town.read("roster?limit=1").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(town.read(&format!("roster?limit=1&cursor={cursor}")).await["items"].as_array().map(Vec::len), Some(1));
    town.unread("cursor_mismatch", &format!("{roster}?limit=1&class=C&cursor={cursor}"), here).await;
    let cycles = format!("/api/v1/cycles?limit=1&cursor={cursor}");
    town.unread("cursor_mismatch", &cycles, here).await;
}

async fn versions_and_keys(town: &Town) {
    let path = format!("/api/v1{}", town.file(0, "visits"));
    let visit = town.visiting("稳步推进。", 50).to_string();
    let actor = ("hatchery-actor", STATION);
    let current = town.server.get(&town.file(0, "")).await.headers["etag"].to_str().unwrap().to_owned();
    let stale = [JSON, actor, ("if-match", "\"1.1\"")];
    let reply = town.rejects("stale_version", Method::POST, &path, &stale, &visit).await;
    assert_eq!(reply.status, 412);
    assert_eq!(format!("\"{}\"", reply.body["current"].as_str().unwrap().trim_matches('"')), current);
    let keyed = [JSON, actor, ("idempotency-key", "a-visit")];
    let done = town.server.request(Method::POST, &path, &keyed).await.body(visit).send().await.unwrap();
    assert_eq!(done.status(), 201);
    let other = town.visiting("另一次回访。", 51).to_string();
    town.rejects("idempotency_key_reused", Method::POST, &path, &keyed, &other).await;
}
