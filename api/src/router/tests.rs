//! A small resource, and every way in which the transport refuses a request to it.

mod safe;
mod sample;

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use futures::stream;
use serde_json::{Value, json};
use tower::ServiceExt;
use utoipa::openapi::RefOr;
use utoipa::openapi::header::Header;

use super::*;
use crate::access::testing::as_claimed;
use crate::headers::{ACTOR, IDEMPOTENCY_KEY, MIN_POSITION, POSITION};
use crate::layers::REQUEST_ID;
use crate::openapi::gaps;

const LIST: &str = "/api/v1/pools/p-1/ponds";

fn api(limits: Limits) -> Router {
    router(sample::routes().layer(from_fn(as_claimed)), Router::new(), sample::Ponds, Audit::nowhere(), limits)
}

/// Limits that a test can pass.
fn limits() -> Limits {
    Limits { body_bytes: 2000, ..Limits::default() }
}

/// Time that a request which waits for ever has used up at once.
const SHORT: Duration = Duration::from_millis(5);

fn get_from(uri: &str) -> Builder {
    Request::builder().uri(uri)
}

/// A command that is right in all but what a test changes.
fn post() -> Builder {
    get_from(LIST).method(Method::POST).header(header::CONTENT_TYPE, "application/json").header(ACTOR, "office/wuhu/li")
}

fn pond() -> Value {
    json!({ "uscc": "91350100M000100Y43", "occurred_on": "2026-05-01", "name": "一号" })
}

async fn send(request: Request<Body>) -> Response {
    api(limits()).oneshot(request).await.unwrap()
}

async fn body(response: Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| panic!("not JSON: {bytes:?}"))
}

/// The problem document of a refusal, checked for what every one has.
async fn refused(request: Request<Body>) -> Value {
    problem(send(request).await).await
}

async fn problem(response: Response) -> Value {
    let (status, headers) = (response.status(), response.headers().clone());
    let document = body(response).await;
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{document}");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(document["status"], status.as_u16());
    assert_eq!(document["instance"], headers[REQUEST_ID].to_str().unwrap());
    assert_eq!(document["type"], format!("/problems/{}", document["code"].as_str().unwrap()));
    assert!(!document["title"].as_str().unwrap().is_empty());
    assert!(!document["detail"].as_str().unwrap().is_empty());
    document
}

async fn code(request: Request<Body>) -> String {
    refused(request).await["code"].as_str().unwrap().to_owned()
}

fn empty(builder: Builder) -> Request<Body> {
    builder.body(Body::empty()).unwrap()
}

fn with(builder: Builder, value: &Value) -> Request<Body> {
    builder.body(Body::from(value.to_string())).unwrap()
}

// What is accepted.

#[tokio::test]
async fn a_command_is_answered_with_result_events_and_headers() {
    let response = send(with(post().header(IDEMPOTENCY_KEY, "k-1").header(header::IF_MATCH, "\"3.7\""), &pond())).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()[header::LOCATION], "/api/v1/pools/p-1/ponds/91350100M000100Y43");
    assert_eq!(response.headers()[header::ETAG], "\"3.7\"");
    assert_eq!(response.headers()[POSITION], "41");
    let answer = body(response).await;
    assert_eq!(answer["result"]["name"], "一号");
    assert_eq!(answer["events"][0], json!({ "type": "PondDug", "stream": "pond:1", "version": 1, "position": 41 }));
}

#[tokio::test]
async fn a_list_is_paged_by_its_cursor_without_gap_or_repetition() {
    let filter = "limit=2&name=a&name=b&name=d&name=e";
    let mut uri = format!("{LIST}?{filter}");
    let mut names = Vec::new();
    loop {
        let page = body(send(empty(get_from(&uri))).await).await;
        names.extend(page["items"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        uri = format!("{LIST}?{filter}&cursor={cursor}");
    }
    assert_eq!(names, ["a", "b", "d", "e"]);
}

#[tokio::test]
async fn a_read_with_a_tag_that_holds_is_answered_304_by_weak_comparison() {
    for tag in ["W/\"p9\"", "\"p9\"", "\"x\", W/\"p9\"", "*"] {
        let response = send(empty(get_from(LIST).header(header::IF_NONE_MATCH, tag))).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{tag}");
        assert_eq!(response.headers()[header::ETAG], "W/\"p9\"");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "private, no-cache");
        assert!(axum::body::to_bytes(response.into_body(), 10).await.unwrap().is_empty());
    }
    let response = send(empty(get_from(LIST).header(header::IF_NONE_MATCH, "W/\"p8\""))).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_request_keeps_its_id_if_it_is_fit_for_a_log() {
    let response = send(empty(get_from(LIST).header(REQUEST_ID, "trace-7"))).await;
    assert_eq!(response.headers()[REQUEST_ID], "trace-7");
    let response = send(empty(get_from(LIST).header(REQUEST_ID, "a b"))).await;
    assert_eq!(response.headers()[REQUEST_ID].len(), 36);
}

// Paths and methods.

#[tokio::test]
async fn an_unknown_path_is_a_problem_inside_and_outside_the_prefix() {
    for uri in ["/nowhere", "/api/v1/nowhere", "/api/v1/pools/p-1/ponds/x/y", "/docs/nowhere.js", "/%ff", "/api/v1/%zz"]
    {
        assert_eq!(code(empty(get_from(uri))).await, "unknown_path", "{uri}");
    }
}

#[tokio::test]
async fn an_unreadable_key_names_nothing_that_exists() {
    for (uri, resource) in [
        ("/api/v1/pools/no%20slug/ponds", "pool"),
        ("/api/v1/pools/%ff/ponds", "pool"),
        ("/api/v1/pools/p-1/ponds/91350100M000100Y44", "organization"),
        ("/api/v1/pools/p-1/ponds/%zz", "organization"),
        ("/api/v1/pools/p-1/ponds/%00", "organization"),
    ] {
        let document = refused(empty(get_from(uri))).await;
        assert_eq!(
            (document["code"].as_str(), document["resource"].as_str()),
            (Some("not_found"), Some(resource)),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_allowed() {
    for (uri, allow) in [(LIST, "POST,GET,HEAD"), ("/healthz", "GET,HEAD"), ("/problems/internal", "GET,HEAD")] {
        let response = send(empty(get_from(uri).method(Method::DELETE))).await;
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[header::ALLOW], allow);
        assert_eq!(problem(response).await["code"], "method_not_allowed");
    }
}

#[tokio::test]
async fn a_format_that_is_not_offered_is_refused_with_those_that_are() {
    let document = refused(empty(get_from(LIST).header(header::ACCEPT, "text/html"))).await;
    assert_eq!(document["code"], "not_acceptable");
    assert_eq!(document["offered"], json!(["application/json", crate::export::CSV, crate::export::XLSX]));
    for accept in ["text/csv", "application/*", "text/html, */*;q=0.1"] {
        assert_eq!(send(empty(get_from(LIST).header(header::ACCEPT, accept))).await.status(), StatusCode::OK);
    }
    assert_eq!(code(with(post().header(header::ACCEPT, "text/csv"), &pond())).await, "not_acceptable");
}

// Headers.

#[tokio::test]
async fn a_command_without_an_actor_is_not_authenticated() {
    let request = get_from(LIST).method(Method::POST).header(header::CONTENT_TYPE, "application/json");
    assert_eq!(code(with(request, &pond())).await, "not_authenticated");
}

#[tokio::test]
async fn unreadable_headers_are_refused_by_name() {
    let long = "k".repeat(256);
    for (name, value) in [
        (ACTOR, "king/a/b"),
        (IDEMPOTENCY_KEY, ""),
        (IDEMPOTENCY_KEY, "two words"),
        (IDEMPOTENCY_KEY, long.as_str()),
        (header::IF_MATCH, "12"),
        (header::IF_MATCH, "W/\"12\""),
        (header::IF_MATCH, "\"1\", \"2\""),
        (header::IF_MATCH, "\"a\""),
    ] {
        let mut request = with(post(), &pond());
        request.headers_mut().insert(name.clone(), value.parse().unwrap());
        let document = refused(request).await;
        assert_eq!(
            (&document["code"], &document["header"]),
            (&json!("malformed_header"), &json!(name.as_str())),
            "{value}"
        );
    }
    for value in ["-1", "+1", "x", "1.5"] {
        let document = refused(empty(get_from(LIST).header(MIN_POSITION, value))).await;
        assert_eq!(document["code"], "malformed_header", "{value}");
    }
}

// Queries.

#[tokio::test]
async fn queries_are_refused_by_the_name_of_the_parameter() {
    for (query, expected, name) in [
        ("shape=round", "unknown_parameter", "shape"),
        ("limit=201", "invalid_parameter", "limit"),
        ("limit=0", "invalid_parameter", "limit"),
        ("sort=depth", "invalid_parameter", "sort"),
    ] {
        let document = refused(empty(get_from(&format!("{LIST}?{query}")))).await;
        assert_eq!((&document["code"], &document["parameter"]), (&json!(expected), &json!(name)), "{query}");
    }
}

#[tokio::test]
async fn an_operation_without_parameters_refuses_any() {
    let pond = format!("{LIST}/91350100M000100Y43?shape=round");
    let dug = with(post().uri(format!("{LIST}?shape=round")), &self::pond());
    for request in [empty(get_from(&pond)), empty(get_from(&pond).method(Method::HEAD)), dug] {
        let head = *request.method() == Method::HEAD;
        let response = send(request).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        if !head {
            let document = problem(response).await;
            assert_eq!((&document["code"], &document["parameter"]), (&json!("unknown_parameter"), &json!("shape")));
            assert_eq!(document["known"], json!([]));
        }
    }
}

#[tokio::test]
async fn a_cursor_is_refused_where_it_is_unreadable_or_belongs_elsewhere() {
    assert_eq!(code(empty(get_from(&format!("{LIST}?cursor=abc")))).await, "invalid_cursor");
    let page = body(send(empty(get_from(&format!("{LIST}?limit=1")))).await).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(code(empty(get_from(&format!("{LIST}?name=a&cursor={cursor}")))).await, "cursor_mismatch");
    let other = format!("/api/v1/pools/p-2/ponds?cursor={cursor}");
    assert_eq!(code(empty(get_from(&other))).await, "cursor_mismatch");
}

// Bodies.

#[tokio::test]
async fn a_body_that_is_not_json_names_line_and_column() {
    let document = refused(post().body(Body::from("{\n  \"name\": x")).unwrap()).await;
    assert_eq!(document["code"], "malformed_json");
    assert_eq!((&document["line"], &document["column"]), (&json!(2), &json!(11)));
    for text in [&b""[..], b"{\"a\":\xff}", b"{} {}"] {
        assert_eq!(code(post().body(Body::from(text)).unwrap()).await, "malformed_json");
    }
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let request = get_from(LIST).method(Method::POST).header(ACTOR, "office/wuhu/li");
    assert_eq!(code(with(request, &pond())).await, "unsupported_media_type");
    for (media_type, status) in [
        ("text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json; charset=utf-8", StatusCode::CREATED),
        ("application/vnd.hatchery+json", StatusCode::CREATED),
    ] {
        let mut request = with(post(), &pond());
        request.headers_mut().insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        assert_eq!(send(request).await.status(), status, "{media_type}");
    }
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_whether_announced_or_not() {
    let mut large = pond();
    large["name"] = "x".repeat(2001).into();
    assert_eq!(code(with(post(), &large)).await, "body_too_large");
    let pieces = stream::iter((0..30).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 100]))));
    assert_eq!(code(post().body(Body::from_stream(pieces)).unwrap()).await, "body_too_large");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let never = stream::pending::<Result<Bytes, std::io::Error>>();
    let api = api(Limits { body_time: SHORT, ..limits() });
    let response = api.oneshot(post().body(Body::from_stream(never)).unwrap()).await.unwrap();
    assert_eq!(problem(response).await["code"], "request_timeout");
}

#[tokio::test]
async fn all_faults_of_a_form_are_answered_at_once() {
    let form = json!({ "uscc": "91350100M000100Y44", "occurred_on": "soon", "depth": "deep", "colour": "blue" });
    let document = refused(with(post(), &form)).await;
    assert_eq!(document["code"], "validation_failed");
    let errors = document["errors"].as_array().unwrap();
    let faults: Vec<_> = errors.iter().map(|e| (e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap())).collect();
    assert_eq!(
        faults,
        [
            ("/colour", "unknown_field"),
            ("/depth", "not_a_number"),
            ("/name", "required"),
            ("/occurred_on", "not_a_date"),
            ("/uscc", "uscc_invalid"),
        ]
    );
}

#[tokio::test]
async fn a_wrong_uscc_has_its_own_code_and_names_the_right_check_character() {
    let mut form = pond();
    form["uscc"] = "91350100M000100Y44".into();
    let document = refused(with(post(), &form)).await;
    assert_eq!(document["code"], "uscc_invalid");
    assert_eq!(document["errors"][0]["pointer"], "/uscc");
    assert_eq!(document["errors"][0]["expected_check"], "3");
}

#[tokio::test]
async fn what_a_schema_cannot_say_is_still_a_fault_of_a_field() {
    let mut form = pond();
    form["depth"] = 5_000_000_000_i64.into();
    let document = refused(with(post(), &form)).await;
    assert_eq!((&document["code"], &document["errors"][0]["pointer"]), (&json!("validation_failed"), &json!("/depth")));
}

// Refusals of rules, failures.

#[tokio::test]
async fn a_refusal_of_the_domain_keeps_its_members() {
    let mut form = pond();
    form["name"] = "third".into();
    let document = refused(with(post(), &form)).await;
    assert_eq!(
        (&document["code"], &document["limit"], &document["used"]),
        (&json!("quota_exceeded"), &json!(2), &json!(2))
    );
}

#[tokio::test]
async fn titles_and_details_come_in_the_language_asked_for() {
    for (accept, tag, title) in
        [("", "zh-CN", "没有这个路径"), ("en-GB, zh;q=0.5", "en", "No such path"), ("fr", "zh-CN", "没有这个路径")]
    {
        let response = send(empty(get_from("/nowhere").header(header::ACCEPT_LANGUAGE, accept))).await;
        assert_eq!(response.headers()[header::CONTENT_LANGUAGE], tag);
        let vary = response.headers().get_all(header::VARY);
        assert!(vary.iter().any(|v| v.to_str().unwrap().contains("accept-language")));
        assert_eq!(problem(response).await["title"], title, "{accept}");
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_problem_that_tells_nothing() {
    let document = refused(empty(get_from("/api/v1/panic").header(header::ACCEPT_LANGUAGE, "en"))).await;
    assert_eq!(document["code"], "internal");
    assert!(!document.to_string().contains("the bottom fell out"));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_503_with_nothing_written_by_a_read() {
    let api = api(Limits { answer_time: SHORT, ..limits() });
    let response = api.oneshot(empty(get_from("/api/v1/slow"))).await.unwrap();
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let document = problem(response).await;
    assert_eq!((&document["code"], &document["outcome"]), (&json!("store_unavailable"), &json!("none")));
}

// The document and the pages beside it.

#[test]
fn the_document_lists_every_status_of_every_operation() {
    let document = document(sample::described());
    assert_eq!(gaps(&document), Vec::<String>::new());
}

#[test]
fn an_operation_without_its_problems_is_a_gap() {
    let mut document = document(sample::described());
    let list = document.paths.paths.get_mut("/api/v1/pools/{pool}/ponds").and_then(|item| item.get.as_mut()).unwrap();
    list.responses.responses.remove("503");
    list.tags = None;
    assert_eq!(
        gaps(&document),
        ["GET /api/v1/pools/{pool}/ponds: no 503", "GET /api/v1/pools/{pool}/ponds: no tag of the list"]
    );
}

#[test]
fn a_success_that_lists_too_few_headers_or_one_that_is_not_answered_is_a_gap() {
    let mut document = document(sample::described());
    let item = document.paths.paths.get_mut("/api/v1/pools/{pool}/ponds").unwrap();
    let Some(RefOr::T(dug)) = item.post.as_mut().unwrap().responses.responses.get_mut("201") else { panic!() };
    dug.headers.remove("Location");
    let Some(RefOr::T(listed)) = item.get.as_mut().unwrap().responses.responses.get_mut("200") else { panic!() };
    listed.headers.insert("Location".to_owned(), Header::default().into());
    assert_eq!(
        gaps(&document),
        ["GET /api/v1/pools/{pool}/ponds: 200 with Location", "POST /api/v1/pools/{pool}/ponds: 201 without Location"]
    );
}

#[tokio::test]
async fn the_document_that_is_served_lists_the_headers_of_successes_too() {
    let served = body(send(empty(get_from("/api/v1/openapi.json"))).await).await;
    let printed = serde_json::to_value(document(sample::described())).unwrap();
    assert_eq!(served["paths"], printed["paths"]);
    assert_eq!(served["components"]["headers"], printed["components"]["headers"]);
}

#[tokio::test]
async fn the_document_is_served_and_all_its_references_resolve() {
    let response = send(empty(get_from("/api/v1/openapi.json"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    let document = body(response).await;
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
}

#[tokio::test]
async fn the_pages_of_the_document_need_no_internet() {
    assert_eq!(send(empty(get_from("/docs"))).await.status(), StatusCode::SEE_OTHER);
    let response = send(empty(get_from("/docs/"))).await;
    assert_eq!(response.status(), StatusCode::OK);
    let html = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let html = String::from_utf8(html.to_vec()).unwrap();
    assert!(!html.contains("https://"), "{html}");
    assert_eq!(send(empty(get_from("/docs/swagger-ui.css"))).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_problem_type_leads_to_its_page_for_browsers_and_others() {
    let response =
        send(empty(get_from("/problems/quota_exceeded").header(header::ACCEPT, "text/html,*/*;q=0.8"))).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let page =
        body(send(empty(get_from("/problems/quota_exceeded").header(header::ACCEPT_LANGUAGE, "en"))).await).await;
    assert_eq!((&page["status"], &page["title"]), (&json!(422), &json!("The quota is used up")));
    let all = body(send(empty(get_from("/problems"))).await).await;
    assert_eq!(all.as_array().unwrap().len(), 92);
    assert_eq!(code(empty(get_from("/problems/invented"))).await, "not_found");
}

#[tokio::test]
async fn the_pages_of_problems_are_below_the_prefix_as_well() {
    for page in ["/problems", "/problems/quota_exceeded"] {
        let beside = body(send(empty(get_from(page))).await).await;
        assert_eq!(body(send(empty(get_from(&format!("/api/v1{page}")))).await).await, beside);
    }
    assert_eq!(code(empty(get_from("/api/v1/problems/invented"))).await, "not_found");
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_those_who_take_it() {
    let request = get_from("/api/v1/openapi.json").header(header::ACCEPT_ENCODING, "gzip");
    assert_eq!(send(empty(request)).await.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn health_is_answered_without_anything_behind_it() {
    assert_eq!(body(send(empty(get_from("/healthz"))).await).await, json!({ "status": "ok" }));
}
