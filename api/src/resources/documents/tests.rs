//! Papers over HTTP.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use store::documents::sha256;

use crate::headers::{ACTOR, MIN_POSITION, POSITION};
use crate::testing::{House, OFFICE, Reply};

const PDF: &[u8] = b"%PDF-1.7 a sealed form";

/// A form of named parts.
fn form(parts: &[(&str, &[u8])]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let file = if *name == "file" { "; filename=\"../evil.exe\"" } else { "" };
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").into_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    Request::post("/api/v1/documents")
        .header(ACTOR, OFFICE)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap()
}

async fn upload(house: &House, parts: &[(&str, &[u8])]) -> Reply {
    house.send(form(parts)).await
}

#[tokio::test]
async fn w25_a_paper_is_kept_and_answered_as_a_download() {
    let house = House::empty().await;
    let hash = sha256(PDF);
    let parts = [("title", "盖章申报表 1".as_bytes()), ("file", PDF), ("sha256", hash.as_bytes())];
    let reply = upload(&house, &parts).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(reply.header(header::ETAG), format!("\"{hash}\""));
    let location = reply.header(header::LOCATION).strip_prefix("/api/v1").unwrap().to_owned();
    let paper = reply.ok()["result"].clone();
    assert_eq!(
        (&paper["media_type"], &paper["size"], &paper["sha256"]),
        (&"application/pdf".into(), &22.into(), &hash.as_str().into())
    );

    assert_eq!(house.get_as(OFFICE, &format!("{location}/metadata")).await.ok(), paper);
    let content = house.get_as(OFFICE, &location).await;
    assert_eq!(content.bytes, PDF);
    assert_eq!(content.header(header::CONTENT_TYPE), "application/pdf");
    assert_eq!(content.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(content.header(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
    let name = "%E7%9B%96%E7%AB%A0%E7%94%B3%E6%8A%A5%E8%A1%A8%201.pdf";
    assert_eq!(content.header(header::CONTENT_DISPOSITION), format!("attachment; filename*=UTF-8''{name}"));
    assert_eq!(content.header(header::ETAG), format!("\"{hash}\""));
}

#[tokio::test]
async fn a_download_minds_the_position_to_have_seen_as_other_reads_do() {
    let house = House::seeded().await;
    let paper = upload(&house, &[("title", b"decision"), ("file", PDF)]).await;
    let location = paper.header(header::LOCATION).to_owned();
    let head = house.app.store().feed().head().await.unwrap();
    let read = |path: &str, position: &str| {
        let request = Request::get(path).header(ACTOR, OFFICE).header(MIN_POSITION, position);
        house.send(request.body(Body::empty()).unwrap())
    };
    for path in [location.clone(), format!("{location}/metadata")] {
        read(&path, "soon").await.refused("malformed_header");
        read(&path, &(head + 1).to_string()).await.refused("position_unknown");
        let reply = read(&path, &head.to_string()).await;
        assert_eq!((reply.status, reply.header(POSITION)), (StatusCode::OK, head.to_string().as_str()), "{path}");
    }
}

#[tokio::test]
async fn an_uploaded_paper_can_be_named_by_a_command() {
    let house = House::empty().await;
    let paper = upload(&house, &[("title", b"decision"), ("file", PDF)]).await.ok();
    let id = paper["result"]["document_id"].clone();
    let mut district = json!({ "id": "d-1", "name": "某区", "occurred_on": "2026-05-01", "documents": [id] });
    house.post(OFFICE, "/programs/wuhu-incubation/districts", &district).await.ok();
    let feed = house.get("/events").await.ok();
    assert_eq!(feed[0]["data"]["documents"][0]["sha256"], sha256(PDF));
    district["documents"] = json!(["01890000-0000-7000-8000-000000000000"]);
    house
        .post(OFFICE, "/programs/wuhu-incubation/districts", &district)
        .await
        .refused_at("unknown_reference", "/documents/0");
}

#[tokio::test]
async fn content_decides_whether_a_paper_is_taken() {
    let house = House::empty().await;
    let html = [("title", b"form".as_slice()), ("file", b"<html><script>")];
    let reply = upload(&house, &html).await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    reply.refused("unsupported_media_type");
    let other = [("title", b"form".as_slice()), ("file", PDF), ("sha256", b"00")];
    upload(&house, &other).await.refused_at("document_hash_mismatch", "/sha256");
}

#[tokio::test]
async fn a_paper_may_be_as_large_as_the_limit_and_no_larger() {
    let house = House::empty().await;
    let mut content = PDF.to_vec();
    content.resize(app::upload::LIMIT, b' ');
    upload(&house, &[("title", b"large"), ("file", &content)]).await.ok();
    content.push(b' ');
    let reply = upload(&house, &[("title", b"large"), ("file", &content)]).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reply.refused("body_too_large")["limit"], app::upload::LIMIT);
    content.resize(app::upload::LIMIT * 2, b' ');
    upload(&house, &[("title", b"large"), ("file", &content)]).await.refused("body_too_large");
}

#[tokio::test]
async fn what_a_form_lacks_or_has_too_much_is_pointed_at() {
    let house = House::empty().await;
    upload(&house, &[("title", b"t")]).await.refused_at("validation_failed", "/file");
    upload(&house, &[("file", PDF)]).await.refused_at("validation_failed", "/title");
    upload(&house, &[("file", PDF), ("title", "题".repeat(201).as_bytes())])
        .await
        .refused_at("validation_failed", "/title");
    upload(&house, &[("file", PDF), ("title", "题".repeat(200).as_bytes())]).await.ok();
    upload(&house, &[("file", PDF), ("title", b"t"), ("name", b"x")]).await.refused_at("validation_failed", "/name");
    upload(&house, &[("title", b"t"), ("title", b"u")]).await.refused_at("validation_failed", "/title");
    house.post(OFFICE, "/documents", &json!({})).await.refused("unsupported_media_type");
    let broken = Request::post("/api/v1/documents")
        .header(ACTOR, OFFICE)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from("--b\r\nnothing"));
    house.send(broken.unwrap()).await.refused("malformed_json");
}

#[tokio::test]
async fn papers_are_for_those_who_say_who_they_are() {
    let house = House::empty().await;
    let mut nobody = form(&[("title", b"t"), ("file", PDF)]);
    nobody.headers_mut().remove(ACTOR);
    house.send(nobody).await.refused("not_authenticated");
    let nowhere = "/documents/01890000-0000-7000-8000-000000000000";
    house.get_as_nobody(nowhere).await.refused("not_authenticated");
    house.get(nowhere).await.refused("not_permitted");
    house.get_as(OFFICE, nowhere).await.refused("not_found");
    house.get_as(OFFICE, "/documents/none").await.refused("not_found");
}
