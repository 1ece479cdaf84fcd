use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::headers::{ACTOR, MIN_POSITION, POSITION};
use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, MEMBER, OFFICE};

const AUDITOR: &str = "auditor/all/jian";

impl House {
    /// The trail, once it shows all that was appended.
    async fn trail(&self, query: &str) -> Vec<Value> {
        let head = self.app.store().feed().head().await.unwrap();
        let request = Request::get(format!("/api/v1/audit?limit=200{query}"))
            .header(ACTOR, AUDITOR)
            .header(MIN_POSITION, head)
            .body(Body::empty());
        let body = self.send(request.unwrap()).await.ok();
        assert!(body["position"].as_u64() >= Some(head), "{body}");
        body["items"].as_array().unwrap().clone()
    }
}

fn extension() -> Value {
    json!({ "ends_on": "2028-06-01", "reason": "延期", "occurred_on": "2026-06-01" })
}

#[tokio::test]
async fn an_accepted_command_is_in_the_trail_with_its_request() {
    let house = House::seeded().await;
    let request = Request::post(format!("/api/v1/cycles/{CYCLE}/extensions"))
        .header(ACTOR, OFFICE)
        .header("x-request-id", "mine-1")
        .header(header::CONTENT_TYPE, "application/json");
    let done = house.send(request.body(Body::from(extension().to_string())).unwrap()).await;
    let position: u64 = done.header(POSITION).parse().unwrap();
    done.ok();
    let entries = house.trail("&request_id=mine-1").await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(
        (&entry["kind"], &entry["outcome"], &entry["code"]),
        (&json!("command"), &json!("accepted"), &Value::Null)
    );
    assert_eq!(entry["actor"], json!({ "role": "office", "unit": "wuhu-incubation", "person": "zhang" }));
    assert_eq!(entry["decision"]["last_position"], position);
    assert_eq!(entry["detail"]["events"]["CycleExtended"], 1);
    assert!(entry["targets"].as_array().unwrap().contains(&json!({ "kind": "cycle", "id": CYCLE })), "{entry}");
}

#[tokio::test]
async fn a_refused_command_is_in_the_trail_before_it_is_answered() {
    let house = House::seeded().await;
    let before = house.trail("").await.len();
    let path = format!("/cycles/{CYCLE}/extensions");
    let problem = house.post(DISTRICT, &path, &extension()).await.refused("not_permitted");
    house.post(OFFICE, &path, &json!({ "ends_on": 7 })).await.refused("validation_failed");
    let mut early = extension();
    early["ends_on"] = "2026-07-01".into();
    let ruled = house.post(OFFICE, &path, &early).await.body;
    house.post_if(OFFICE, &path, &extension(), Some("\"1\"")).await.refused("stale_version");
    house.post(OFFICE, "/cycles/wuhu-incubation-1999/extensions", &extension()).await.refused("not_found");
    let unknown = Request::post(format!("/api/v1{path}?x=1")).header(ACTOR, OFFICE).body(Body::empty()).unwrap();
    house.send(unknown).await.refused("unknown_parameter");
    let entries = house.trail("&kind=command&outcome=refused").await;
    let codes: Vec<&str> = entries.iter().filter_map(|entry| entry["code"].as_str()).collect();
    let ruled = ruled["code"].as_str().unwrap();
    let expected = ["not_permitted", "validation_failed", ruled, "stale_version", "not_found", "unknown_parameter"];
    assert_eq!(codes, expected);
    assert_eq!(house.trail("").await.len(), before + expected.len());
    let first = &entries[0];
    assert_eq!(first["operation"], "POST /api/v1/cycles/{cycle}/extensions");
    assert_eq!(first["status"], 403);
    assert_eq!(first["request_id"], problem["instance"]);
    assert_eq!(first["actor"], json!({ "role": "district", "unit": "jinghu", "person": "wang" }));
    assert_eq!(first["targets"], json!([{ "kind": "cycle", "id": CYCLE }]));
    assert_eq!(first["decision"], Value::Null);
}

#[tokio::test]
async fn who_is_not_authenticated_is_in_the_trail_too() {
    let house = House::seeded().await;
    let path = format!("/api/v1/cycles/{CYCLE}/extensions");
    let request = Request::post(&path).header(header::CONTENT_TYPE, "application/json");
    house.send(request.body(Body::from(extension().to_string())).unwrap()).await.refused("not_authenticated");
    house.get_as_nobody("/me").await.refused("not_authenticated");
    let entries = house.trail("&code=not_authenticated").await;
    let seen: Vec<_> =
        entries.iter().map(|e| (e["kind"].as_str().unwrap(), &e["operation"], &e["actor"]["person"])).collect();
    assert_eq!(
        seen,
        [
            ("command", &json!("POST /api/v1/cycles/{cycle}/extensions"), &Value::Null),
            ("read", &json!("GET /api/v1/me"), &Value::Null),
        ]
    );
}

#[tokio::test]
async fn a_dry_run_and_a_read_that_finds_nothing_are_no_commands() {
    let house = House::seeded().await;
    let before = house.trail("").await;
    let entry = json!({ "uscc": APPLICANT, "class": "A" });
    let body = json!({ "entries": [entry], "occurred_on": "2026-06-01" });
    let rehearsed = house.post(OFFICE, &format!("/cycles/{CYCLE}/classifications?dry_run=true"), &body).await;
    assert!(rehearsed.status.is_client_error(), "{}", rehearsed.body);
    house.get("/cycles/wuhu-incubation-1999").await.refused("not_found");
    house.post(OFFICE, "/nowhere", &body).await.refused("unknown_path");
    assert_eq!(house.trail("").await, before);
}

#[tokio::test]
async fn what_is_done_without_an_event_is_in_the_trail() {
    let house = House::seeded().await;
    let content = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n证明\r\n--b\r\nContent-Disposition: \
         form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\r\n--b--\r\n";
    let upload = Request::post("/api/v1/documents")
        .header(ACTOR, OFFICE)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    house.send(upload.body(Body::from(content)).unwrap()).await.ok();
    let entries = house.trail("&outcome=accepted&person=zhang&from=2026-01-01T00:00:00Z").await;
    let uploads: Vec<_> = entries.iter().filter(|entry| entry["operation"] == "POST /api/v1/documents").collect();
    assert_eq!(uploads.len(), 1, "{entries:?}");
    assert_eq!((&uploads[0]["status"], &uploads[0]["decision"]), (&json!(201), &Value::Null));
}

#[tokio::test]
async fn a_retry_that_is_answered_as_before_is_one_command() {
    let house = House::seeded().await;
    let before = house.trail("").await.len();
    for _ in 0..2 {
        let request = Request::post(format!("/api/v1/cycles/{CYCLE}/extensions"))
            .header(ACTOR, OFFICE)
            .header("idempotency-key", "k-1")
            .header(header::CONTENT_TYPE, "application/json");
        house.send(request.body(Body::from(extension().to_string())).unwrap()).await.ok();
    }
    assert_eq!(house.trail("").await.len(), before + 1);
}

#[tokio::test]
async fn the_trail_is_listed_like_everything_else() {
    let house = House::seeded().await;
    let all = house.trail("").await;
    assert!(all.len() > 5, "{all:?}");
    let mut paged = Vec::new();
    let mut path = "/audit?limit=3&count=true&sort=-at".to_owned();
    loop {
        let page = house.get_as(AUDITOR, &path).await.ok();
        assert_eq!(page["total"], all.len());
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/audit?limit=3&count=true&sort=-at&cursor={cursor}");
    }
    paged.reverse();
    assert_eq!(paged, all);
    let of_member = house.trail(&format!("&uscc={MEMBER}")).await;
    let of_applicant = house.trail(&format!("&uscc={APPLICANT}&cycle={CYCLE}")).await;
    assert!(of_member.len() > of_applicant.len() && !of_applicant.is_empty());
    for (query, code) in [
        ("colour=red", "unknown_parameter"),
        ("kind=dance", "invalid_parameter"),
        ("from=yesterday", "invalid_parameter"),
        ("uscc=1", "invalid_parameter"),
        ("sort=person", "invalid_parameter"),
        ("cursor=x", "invalid_cursor"),
    ] {
        house.get_as(AUDITOR, &format!("/audit?{query}")).await.refused(code);
    }
    house.get_as_nobody("/audit").await.refused("not_authenticated");
    let beyond = Request::get("/api/v1/audit").header(ACTOR, AUDITOR).header(MIN_POSITION, 9_999).body(Body::empty());
    house.send(beyond.unwrap()).await.refused("position_unknown");
}

#[tokio::test]
async fn the_log_is_verified_and_held_against_a_head_kept_elsewhere() {
    let house = House::seeded().await;
    house.trail("").await;
    let head = loop {
        let head = house.get_as(AUDITOR, "/audit/head").await.ok();
        if head["position"].as_u64() == Some(house.app.store().feed().head().await.unwrap()) {
            break head;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert_eq!(head["algorithm"], "sha-256");
    let (position, hash) = (head["position"].as_u64().unwrap(), head["hash"].as_str().unwrap());
    let fits = house.get_as(AUDITOR, "/audit/verification").await.ok();
    assert_eq!((&fits["status"], &fits["finding"]), (&json!("ok"), &Value::Null));
    assert_eq!((&fits["hash"], &fits["chained"], &fits["head"]), (&head["hash"], &json!(position), &json!(position)));
    let verified = async |position: u64, hash: &str| {
        let path = format!("/audit/verification?position={position}&hash={hash}");
        house.get_as(AUDITOR, &path).await.ok()
    };
    assert_eq!(verified(position, hash).await["status"], "ok");
    let other = verified(position, &"0".repeat(64)).await;
    assert_eq!(
        (&other["status"], &other["finding"]),
        (&json!("broken"), &json!({ "position": position, "fault": "head_differs" }))
    );
    let cut = verified(position + 9, hash).await;
    assert_eq!(cut["finding"], json!({ "position": position + 1, "fault": "event_missing" }));
    for query in ["position=3", "hash=00", "position=3&hash=zz", "position=-1&hash=00"] {
        house.get_as(AUDITOR, &format!("/audit/verification?{query}")).await.refused("invalid_parameter");
    }

    house.meddle("UPDATE events SET metadata = replace(metadata, 'zhang', 'wang') WHERE position = 4").await;
    let broken = house.get_as(AUDITOR, "/audit/verification").await.ok();
    assert_eq!((&broken["status"], &broken["verified_to"]), (&json!("broken"), &json!(0)));
    assert_eq!(broken["finding"], json!({ "position": 4, "fault": "content_changed" }));
    house.get_as_nobody("/audit/verification").await.refused("not_authenticated");
    house.get_as_nobody("/audit/head").await.refused("not_authenticated");
}
