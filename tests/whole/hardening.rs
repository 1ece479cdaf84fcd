//! What keeps the server from being asked too often, or by pages of other sites.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, StatusCode};
use serde_json::json;
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::{Reply, Server, read};

on_both_databases! {
    who_asks_too_often_waits_and_nobody_else_does,
    who_is_not_signed_in_is_counted_by_address,
    pages_of_other_sites_may_ask_where_the_settings_name_them,
}

const ONE: &str = "integration/all/one";
const OTHER: &str = "integration/all/other";
/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

async fn limited(database: &TestDatabase, more: &[&str]) -> Server {
    let url = database.setting();
    let mut command = vec!["serve", "--database-url", &url, "--rate-per-account", "20", "--rate-per-address", "20"];
    command.extend(more);
    Server::run(command, database, PATIENCE).await
}

#[track_caller]
fn has_to_wait(reply: &Reply) -> u64 {
    assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "{}", reply.body);
    assert_eq!(reply.headers["content-type"], "application/problem+json");
    assert_eq!(reply.body["code"], "rate_limited");
    let seconds: u64 = reply.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert_eq!(reply.body["retry_after"], seconds);
    assert!((1..=60).contains(&seconds), "{seconds}");
    seconds
}

async fn who_asks_too_often_waits_and_nobody_else_does(database: TestDatabase) {
    let server = limited(&database, &[]).await;
    let ask = async |actor| server.send(Method::GET, "/api/v1/cycles", &[("hatchery-actor", actor)], None).await;
    let mut count = 0;
    let refused = loop {
        let reply = ask(ONE).await;
        if reply.status != StatusCode::OK {
            break reply;
        }
        count += 1;
        assert!(count < 200, "it is never refused");
    };
    assert!(count >= 20, "{count}");
    let seconds = has_to_wait(&refused);
    // A command is refused as well, and whatever else that account asks; another one is served, and so are operators.
    has_to_wait(&server.post(ONE, "/tokens", &json!({ "title": "t", "days": 1 })).await);
    assert_eq!(ask(OTHER).await.status, StatusCode::OK);
    for _ in 0..30 {
        for path in ["/readyz", "/healthz", "/metrics"] {
            assert_eq!(server.bare(Method::GET, path, &[]).send().await.unwrap().status(), StatusCode::OK);
        }
    }
    let metrics = read(server.bare(Method::GET, "/metrics", &[])).await.body;
    assert!(metrics.as_str().unwrap().contains(r#"hatchery_rate_limited_total{by="principal"}"#), "{metrics}");
    // The allowance comes back.
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert_eq!(ask(ONE).await.status, StatusCode::OK);
}

async fn who_is_not_signed_in_is_counted_by_address(database: TestDatabase) {
    let server = limited(&database, &["--behind-proxy"]).await;
    server.keys().await.token(ONE).await;
    let guess = async |address: &str| {
        let headers = [("x-forwarded-for", address), ("authorization", "Bearer hatt_guessed")];
        read(server.bare(Method::GET, "/api/v1/cycles", &headers)).await
    };
    let sign_in = async |address: &str| {
        let body = json!({ "login": "nobody", "password": "whatever" });
        read(server.bare(Method::POST, "/api/v1/sign-ins", &[("x-forwarded-for", address)]).json(&body)).await
    };
    let guesser = "198.51.100.7, 192.0.2.1";
    let mut count = 0;
    while guess(guesser).await.status == StatusCode::UNAUTHORIZED {
        count += 1;
        assert!(count < 200, "it is never refused");
    }
    assert!(count >= 20, "{count}");
    has_to_wait(&guess(guesser).await);
    has_to_wait(&sign_in(guesser).await);
    has_to_wait(&read(server.bare(Method::GET, "/api/v1/cycles", &[("x-forwarded-for", "192.0.2.1")])).await);
    // Another address is not kept out, and neither is who is signed in at the same one.
    assert_eq!(guess("192.0.2.2").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in("192.0.2.2").await.status, StatusCode::UNAUTHORIZED);
    let headers = [("hatchery-actor", ONE), ("x-forwarded-for", guesser)];
    assert_eq!(server.send(Method::GET, "/api/v1/cycles", &headers, None).await.status, StatusCode::OK);
}

async fn pages_of_other_sites_may_ask_where_the_settings_name_them(database: TestDatabase) {
    const TOOLS: &str = "https://tools.example.cn";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hatchery.toml");
    std::fs::write(&file, format!("cors_origins = [\"{TOOLS}\"]\n")).unwrap();
    let about = async |server: &Server, method: Method, from: &str| {
        let headers = [("origin", from), ("access-control-request-method", "POST")];
        let response = server.bare(method, "/api/v1/cycles", &headers).send().await.unwrap();
        let allowed =
            response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
        let any = response.headers().keys().any(|name| name.as_str().starts_with("access-control-"));
        (allowed, any)
    };
    let closed = Server::start(&database).await;
    for method in [Method::GET, Method::OPTIONS] {
        assert_eq!(about(&closed, method, TOOLS).await, (None, false));
    }
    closed.stop();
    let settings = file.to_str().unwrap();
    let open =
        Server::run(["serve", "--database-url", &database.setting(), "--config", settings], &database, PATIENCE).await;
    for method in [Method::GET, Method::OPTIONS] {
        assert_eq!(about(&open, method.clone(), TOOLS).await.0.as_deref(), Some(TOOLS));
        assert_eq!(about(&open, method, "https://evil.example").await.0, None);
    }
}
