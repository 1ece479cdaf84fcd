//! The feed over HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use domain::register::{Details, EntryId};
use futures::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::headers::MIN_POSITION;
use crate::testing::{EXPERT_NAME, House, id};

async fn batch(house: &House, query: &str) -> Vec<Value> {
    house.get(&format!("/events?{query}")).await.ok().as_array().unwrap().clone()
}

#[tokio::test]
async fn the_feed_is_read_to_its_end_without_gap_or_repetition() {
    let house = House::seeded().await;
    let head = house.app.store().feed().head().await.unwrap();
    let (mut seen, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let events = batch(&house, &format!("after={after}&limit=7")).await;
        let Some(last) = events.last() else { break };
        after = last["id"].as_str().unwrap().to_owned();
        seen.extend(events.iter().map(|e| e["id"].as_str().unwrap().parse::<u64>().unwrap()));
    }
    assert_eq!(seen, (1..=head).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_event_is_a_cloud_event() {
    let house = House::seeded().await;
    let reply = house.get("/events?limit=1").await;
    assert_eq!(reply.header(header::CONTENT_TYPE), "application/cloudevents-batch+json");
    assert_eq!(reply.header("hatchery-position"), "1");
    let event = reply.ok()[0].clone();
    assert_eq!(
        (&event["specversion"], &event["id"], &event["source"]),
        (&"1.0".into(), &"1".into(), &"/api/v1/events".into())
    );
    assert_eq!(
        (&event["type"], &event["subject"]),
        (&"hatchery.register.Registered".into(), &"register:wuhu-incubation".into())
    );
    assert_eq!(event["time"], "2026-06-01T04:00:00Z");
    let data = &event["data"];
    assert_eq!(
        (&data["occurred_on"], &data["version"], &data["decision_size"]),
        (&"2025-11-01".into(), &1.into(), &1.into())
    );
    assert_eq!((&data["actor"]["role"], &data["actor"]["unit"]), (&"office".into(), &"wuhu-incubation".into()));
    assert_eq!(data["content"]["entry"]["id"], "jinghu");
}

#[tokio::test]
async fn no_data_of_people_and_no_account_is_in_the_feed() {
    let house = House::seeded().await;
    let events = batch(&house, "limit=1000").await;
    let streams: BTreeSet<_> =
        events.iter().map(|e| e["subject"].as_str().unwrap().split(':').next().unwrap()).collect();
    assert!(streams.is_superset(&["register", "cycle", "enrolment", "organization"].into()), "{streams:?}");
    let text = serde_json::to_string(&events).unwrap();
    for secret in [EXPERT_NAME, "13900000000", "zhang", "chen"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_client_that_knows_only_json_is_served() {
    let house = House::seeded().await;
    let request = Request::get("/api/v1/events").header(header::ACCEPT, "application/json");
    let reply = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.header(header::CONTENT_TYPE), "application/json");
    let xml = Request::get("/api/v1/events").header(header::ACCEPT, "application/xml");
    assert_eq!(house.send(xml.body(Body::empty()).unwrap()).await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_place_that_is_none_or_beyond_the_log_is_refused() {
    let house = House::seeded().await;
    let head = house.app.store().feed().head().await.unwrap();
    assert_eq!(batch(&house, &format!("after={head}")).await, Vec::<Value>::new());
    house.get(&format!("/events?after={}", head + 1)).await.refused("position_unknown");
    for text in ["x", "-1", "%2B1", ""] {
        house.get(&format!("/events?after={text}")).await.refused("invalid_cursor");
    }
    for limit in [0, 1001] {
        house.get(&format!("/events?limit={limit}")).await.refused("invalid_parameter");
    }
}

#[tokio::test]
async fn a_position_to_have_seen_that_is_none_or_beyond_the_log_is_refused() {
    let house = House::seeded().await;
    let head = house.app.store().feed().head().await.unwrap();
    for accept in ["application/json", "text/event-stream"] {
        let request = |position: &str| {
            let request = Request::get("/api/v1/events").header(header::ACCEPT, accept);
            request.header(MIN_POSITION, position).body(Body::empty()).unwrap()
        };
        house.send(request(&(head + 1).to_string())).await.refused("position_unknown");
        house.send(request("soon")).await.refused("malformed_header");
        let response = house.router().oneshot(house.signed(request(&head.to_string())).await).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{accept}");
    }
}

/// The next frame of a stream that is not a mere sign of life.
async fn frame(stream: &mut BodyDataStream) -> String {
    let next = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.expect("an event in time");
    String::from_utf8(next.unwrap().unwrap().to_vec()).unwrap()
}

async fn listen(house: &House, query: &str, last: Option<u64>) -> BodyDataStream {
    let mut request = Request::get(format!("/api/v1/events?{query}")).header(header::ACCEPT, "text/event-stream");
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last.to_string());
    }
    let response = house.router().oneshot(house.signed(request.body(Body::empty()).unwrap()).await).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body().into_data_stream()
}

#[tokio::test]
async fn a_listener_gets_what_is_there_and_then_what_comes() {
    let house = House::seeded().await;
    let head = house.app.store().feed().head().await.unwrap();
    let mut stream = listen(&house, &format!("after={}", head - 1), None).await;
    let there = frame(&mut stream).await;
    assert!(
        there.contains(&format!("id: {head}\n")) && there.contains("event: hatchery.cycle.OrganizationClassified\n"),
        "{there}"
    );
    house.register(EntryId::District(id("wanzhi")), Details::District { name: "湾沚区".to_owned() }).await;
    let came = frame(&mut stream).await;
    assert!(came.contains(&format!("id: {}\n", head + 1)) && came.contains("湾沚区"), "{came}");
}

#[tokio::test]
async fn a_listener_that_comes_back_goes_on_after_its_last_event() {
    let house = House::seeded().await;
    let mut stream = listen(&house, "after=0", Some(3)).await;
    assert!(frame(&mut stream).await.contains("id: 4\n"));
    let lost = Request::get("/api/v1/events").header(header::ACCEPT, "text/event-stream").header("Last-Event-ID", "x");
    house.send(lost.body(Body::empty()).unwrap()).await.refused("invalid_cursor");
}
