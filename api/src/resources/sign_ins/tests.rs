use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::testing::{House, Reply};

const ADMIN: &str = "administrator/all/root";
const PASSWORD: &str = "a long sentence for tests";

/// An account of a station with a password of its own; its id.
async fn account(house: &House, login: &str) -> String {
    let body = json!({ "login": login,
        "grants": [{ "role": "station", "program": "wuhu-incubation", "unit": "jinghu-1" }] });
    let made = house.post(ADMIN, "/accounts", &body).await.ok();
    let one_time = made["result"]["one_time_password"].as_str().unwrap().to_owned();
    let cookie = cookie(&sign_in(house, login, &one_time).await);
    let change = json!({ "present": one_time, "new": PASSWORD });
    with_cookie(house, Method::POST, "/password-changes", &cookie, &change).await.ok();
    made["result"]["account"]["account_id"].as_str().unwrap().to_owned()
}

async fn sign_in(house: &House, login: &str, password: &str) -> Reply {
    let request = Request::post("/api/v1/sign-ins").header(header::CONTENT_TYPE, "application/json");
    let body = json!({ "login": login, "password": password });
    house.send_as_is(request.body(Body::from(body.to_string())).unwrap()).await
}

/// What the browser keeps of an answer.
fn cookie(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let set = reply.header(header::SET_COOKIE);
    for part in ["__Host-hatchery=hats_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    set.split(';').next().unwrap().to_owned()
}

async fn with_cookie(house: &House, method: Method, path: &str, cookie: &str, body: &Value) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/json");
    house.send_as_is(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn me(house: &House, cookie: &str) -> Reply {
    with_cookie(house, Method::GET, "/me", cookie, &Value::Null).await
}

#[tokio::test]
async fn wrong_is_wrong_whatever_was() {
    let house = House::seeded().await;
    let id = account(&house, "li").await;
    let wrong = [("li", "not the sentence at all"), ("nobody", PASSWORD)];
    for (login, password) in wrong {
        let refused = sign_in(&house, login, password).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.refused("not_authenticated")["detail"], "账号或密码不对。");
    }
    house.post(ADMIN, &format!("/accounts/{id}/disabling"), &json!({})).await.ok();
    assert_eq!(sign_in(&house, "li", PASSWORD).await.refused("not_authenticated")["detail"], "账号或密码不对。");
}

#[tokio::test]
async fn a_one_time_password_opens_nothing_but_its_change() {
    let house = House::seeded().await;
    let body = json!({ "login": "wei", "grants": [{ "role": "auditor", "unit": "all" }] });
    let made = house.post(ADMIN, "/accounts", &body).await.ok();
    let one_time = made["result"]["one_time_password"].as_str().unwrap();
    let signed_in = sign_in(&house, "wei", one_time).await;
    let cookie = cookie(&signed_in);
    assert_eq!(signed_in.body["result"]["must_change_password"], true);
    let cycles = || with_cookie(&house, Method::GET, "/cycles", &cookie, &Value::Null);
    cycles().await.refused("password_change_required");
    let change = |present: &str, new: &str| json!({ "present": present, "new": new });
    let post = |body: Value| {
        let (house, cookie) = (&house, &cookie);
        async move { with_cookie(house, Method::POST, "/password-changes", cookie, &body).await }
    };
    post(change("wrong", PASSWORD)).await.refused("not_authenticated");
    let weak = post(change(one_time, "short")).await.refused("validation_failed");
    assert_eq!(
        (&weak["errors"][0]["pointer"], &weak["errors"][0]["code"]),
        (&json!("/new"), &json!("weak_password")),
        "{weak}"
    );
    post(change(one_time, one_time)).await.refused("validation_failed");
    post(change(one_time, PASSWORD)).await.ok();
    cycles().await.ok();
    sign_in(&house, "wei", one_time).await.refused("not_authenticated");
}

#[tokio::test]
async fn a_sign_in_ends_when_it_is_ended_unused_or_old() {
    let house = House::seeded().await;
    account(&house, "li").await;
    let one = cookie(&sign_in(&house, "li", PASSWORD).await);
    let signed_in = sign_in(&house, "li", PASSWORD).await;
    let two = cookie(&signed_in);
    me(&house, &one).await.ok();
    let list = with_cookie(&house, Method::GET, "/sign-ins", &one, &Value::Null).await.ok();
    let own: Vec<_> = list["items"].as_array().unwrap().iter().filter(|item| item["current"] == true).collect();
    assert_eq!(own.len(), 1, "{list}");

    let other = signed_in.body["result"]["sign_in"]["sign_in_id"].as_str().unwrap().to_owned();
    with_cookie(&house, Method::POST, &format!("/sign-ins/{other}/ending"), &one, &json!({})).await.ok();
    me(&house, &two).await.refused("not_authenticated");
    with_cookie(&house, Method::POST, &format!("/sign-ins/{other}/ending"), &one, &json!({}))
        .await
        .refused("not_found");

    // Used every twenty minutes it goes on; left alone for half an hour it ends.
    for _ in 0..3 {
        house.clock.set(house.clock.now() + TimeDelta::minutes(20));
        house.app.gate().forget();
        me(&house, &one).await.ok();
    }
    house.clock.set(house.clock.now() + TimeDelta::minutes(31));
    house.app.gate().forget();
    me(&house, &one).await.refused("not_authenticated");

    let three = cookie(&sign_in(&house, "li", PASSWORD).await);
    for _ in 0..35 {
        house.clock.set(house.clock.now() + TimeDelta::minutes(20));
        house.app.gate().forget();
        me(&house, &three).await.ok();
    }
    house.clock.set(house.clock.now() + TimeDelta::minutes(20));
    me(&house, &three).await.refused("not_authenticated");
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away() {
    let house = House::seeded().await;
    account(&house, "li").await;
    let signed_in = sign_in(&house, "li", PASSWORD).await;
    let cookie = cookie(&signed_in);
    let id = signed_in.body["result"]["sign_in"]["sign_in_id"].as_str().unwrap().to_owned();
    let out = with_cookie(&house, Method::POST, &format!("/sign-ins/{id}/ending"), &cookie, &json!({})).await;
    assert!(out.header(header::SET_COOKIE).contains("Max-Age=0"), "{}", out.header(header::SET_COOKIE));
    me(&house, &cookie).await.refused("not_authenticated");
}

#[tokio::test]
async fn a_changed_password_and_a_disabled_account_end_sign_ins_at_once() {
    let house = House::seeded().await;
    let id = account(&house, "li").await;
    let (one, two) = (sign_in(&house, "li", PASSWORD).await, sign_in(&house, "li", PASSWORD).await);
    let (one, two) = (cookie(&one), cookie(&two));
    let change = json!({ "present": PASSWORD, "new": "yet another long sentence" });
    with_cookie(&house, Method::POST, "/password-changes", &one, &change).await.ok();
    me(&house, &two).await.refused("not_authenticated");
    me(&house, &one).await.ok();
    house.post(ADMIN, &format!("/accounts/{id}/disabling"), &json!({})).await.ok();
    me(&house, &one).await.refused("not_authenticated");
    house.post(ADMIN, &format!("/accounts/{id}/enabling"), &json!({})).await.ok();
    me(&house, &one).await.refused("not_authenticated");
    cookie(&sign_in(&house, "li", "yet another long sentence").await);
}

#[tokio::test]
async fn who_guesses_waits_and_keeps_nobody_else_out() {
    let house = House::seeded().await;
    account(&house, "li").await;
    for _ in 0..5 {
        sign_in(&house, "li", "a wrong sentence").await.refused("not_authenticated");
    }
    let waits = sign_in(&house, "li", PASSWORD).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    let seconds: i64 = waits.header(header::RETRY_AFTER).parse().unwrap();
    waits.refused("rate_limited");
    assert!((1..=901).contains(&seconds), "{seconds}");
    account(&house, "wang").await;
    house.clock.set(house.clock.now() + TimeDelta::seconds(seconds));
    cookie(&sign_in(&house, "li", PASSWORD).await);
}

#[tokio::test]
async fn a_cookie_is_of_no_use_to_another_site() {
    let house = House::seeded().await;
    account(&house, "li").await;
    let cookie = cookie(&sign_in(&house, "li", PASSWORD).await);
    let from = |name: &'static str, value: &'static str| {
        Request::post("/api/v1/tokens")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::HOST, "pool.example.cn")
            .header(name, value)
            .body(Body::from(json!({ "title": "t", "days": 1 }).to_string()))
            .unwrap()
    };
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        house.send_as_is(from(name, value)).await.refused("not_authenticated");
    }
    for (name, value) in [("origin", "https://pool.example.cn"), ("sec-fetch-site", "same-origin")] {
        house.send_as_is(from(name, value)).await.ok();
    }
}
