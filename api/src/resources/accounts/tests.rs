use axum::body::Body;
use axum::http::{Method, Request, header};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::testing::{APPLICANT, CYCLE, DISTRICT, House, MEMBER, OFFICE, RECOMMENDER, Reply, STATION};

const ADMIN: &str = "administrator/all/root";

async fn make(house: &House, login: &str, grants: Value) -> Value {
    let body = json!({ "login": login, "grants": grants, "without_password": true });
    house.post(ADMIN, "/accounts", &body).await.ok()["result"]["account"].clone()
}

fn station() -> Value {
    json!([{ "role": "station", "program": "wuhu-incubation", "unit": "jinghu-1" }])
}

async fn issue(house: &House, account: &Value, token: Value) -> Value {
    let path = format!("/accounts/{}/tokens", account["account_id"].as_str().unwrap());
    house.post(ADMIN, &path, &token).await.ok()["result"].clone()
}

async fn with_token(house: &House, secret: &str, method: Method, path: &str, actor: Option<&str>) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {secret}"))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(actor) = actor {
        request = request.header("hatchery-actor", actor);
    }
    house.send_as_is(request.body(Body::from("{}")).unwrap()).await
}

fn secret(issued: &Value) -> &str {
    issued["secret"].as_str().unwrap()
}

#[tokio::test]
async fn an_account_signs_in_by_token_until_it_ends_is_revoked_or_the_account_is_disabled() {
    let house = House::seeded().await;
    let account = make(&house, "li", station()).await;
    let day = json!({ "title": "一天", "days": 1 });
    let (one, two) = (issue(&house, &account, day.clone()).await, issue(&house, &account, day).await);
    let me = |token: &Value| {
        let (house, secret) = (&house, secret(token).to_owned());
        async move { with_token(house, &secret, Method::GET, "/me", None).await }
    };
    assert_eq!(me(&one).await.ok()["person"], "li");
    let id = account["account_id"].as_str().unwrap();
    let revoke = format!("/accounts/{id}/tokens/{}/revocation", two["token"]["token_id"].as_str().unwrap());
    house.post(ADMIN, &revoke, &json!({})).await.ok();
    me(&two).await.refused("not_authenticated");
    house.post(ADMIN, &format!("/accounts/{id}/disabling"), &json!({})).await.ok();
    me(&one).await.refused("not_authenticated");
    house.post(ADMIN, &format!("/accounts/{id}/enabling"), &json!({})).await.ok();
    me(&one).await.ok();
    house.clock.set(house.clock.now() + TimeDelta::days(1));
    me(&one).await.refused("not_authenticated");
    for forged in ["", "hatt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        with_token(&house, forged, Method::GET, "/me", None).await.refused("not_authenticated");
    }
}

#[tokio::test]
async fn secrets_are_shown_once_and_kept_as_hashes() {
    let house = House::seeded().await;
    let account = make(&house, "li", station()).await;
    let issued = issue(&house, &account, json!({ "title": "一次", "days": 1 })).await;
    let path = format!("/accounts/{}/tokens", account["account_id"].as_str().unwrap());
    let list = house.get_as(ADMIN, &path).await.ok();
    assert_eq!(list["items"][0]["title"], "一次");
    assert!(!list.to_string().contains(secret(&issued)));
    let known = store::access::tokens::find(house.app.store().db(), secret(&issued)).await.unwrap();
    assert!(known.is_none(), "it is not kept as it is");
}

#[tokio::test]
async fn a_token_may_be_narrower_than_its_account() {
    let house = House::seeded().await;
    let office = json!([{ "role": "office", "program": "wuhu-incubation", "unit": "wuhu-incubation" }]);
    let account = make(&house, "zhao", office).await;
    let narrow = json!({ "title": "镜湖", "days": 1, "district": "yijiang" });
    let elsewhere = issue(&house, &account, narrow).await;
    let reader = issue(&house, &account, json!({ "title": "只读", "days": 1, "reads_only": true })).await;
    let file = format!("/cycles/{CYCLE}/organizations/{MEMBER}");
    with_token(&house, secret(&elsewhere), Method::GET, &file, None).await.refused("not_found");
    let roster = format!("/cycles/{CYCLE}/roster");
    let rows = |reply: Reply| reply.ok()["items"].as_array().unwrap().len();
    assert_eq!(rows(with_token(&house, secret(&elsewhere), Method::GET, &roster, None).await), 0);
    assert_eq!(rows(with_token(&house, secret(&reader), Method::GET, &roster, None).await), 1);
    with_token(&house, secret(&reader), Method::GET, &file, None).await.ok();
    let change = format!("/cycles/{CYCLE}/extensions");
    with_token(&house, secret(&reader), Method::POST, &change, None).await.refused("not_permitted");
    // A token issues no tokens, and only an administrator makes accounts.
    with_token(&house, secret(&reader), Method::POST, "/accounts", None).await.refused("not_permitted");
}

#[tokio::test]
async fn nobody_acts_as_what_the_account_is_not() {
    let house = House::seeded().await;
    let account = make(&house, "li", station()).await;
    let token = issue(&house, &account, json!({ "title": "t", "days": 1 })).await;
    for forged in [OFFICE, DISTRICT, STATION.replace("jinghu", "yijiang").as_str(), "station/jinghu-1/wang"] {
        let reply = with_token(&house, secret(&token), Method::GET, "/me", Some(forged)).await;
        assert_eq!(reply.refused("not_permitted")["status"], 403, "{forged}");
    }
    with_token(&house, secret(&token), Method::GET, "/me", Some("station/jinghu-1/li")).await.ok();
}

#[tokio::test]
async fn what_is_not_ones_own_is_not_there() {
    let house = House::seeded().await;
    let file = |uscc: &str| format!("/cycles/{CYCLE}/organizations/{uscc}");
    let member = format!("organization/{MEMBER}/zhou");
    house.get_as(&member, &file(MEMBER)).await.ok();
    house.get_as(&member, &file(APPLICANT)).await.refused("not_found");
    house.get_as(&member, &format!("/organizations/{APPLICANT}")).await.refused("not_found");
    house.get_as("station/yijiang-1/he", &file(MEMBER)).await.refused("not_found");
    house.get_as("district/yijiang/gao", &file(MEMBER)).await.refused("not_found");
    house.get_as("recommender/association-equipment/du", &file(MEMBER)).await.refused("not_found");
    for own in [STATION, DISTRICT, RECOMMENDER, OFFICE] {
        house.get_as(own, &file(MEMBER)).await.ok();
    }
    let roster = house.get_as("station/yijiang-1/he", &format!("/cycles/{CYCLE}/roster?standing=all")).await.ok();
    assert_eq!(roster["items"], json!([]));
    let office = "office/hangzhou-cultivation/lu";
    house.get_as(office, &file(MEMBER)).await.refused("not_found");
    house.get_as(office, &format!("/cycles/{CYCLE}/roster")).await.refused("not_permitted");
}

#[tokio::test]
async fn an_administrator_looks_after_others_and_decides_nothing() {
    let house = House::seeded().await;
    let grants = json!([{ "role": "administrator", "unit": "all" }]);
    let account = make(&house, "second", grants.clone()).await;
    let path = |rest: &str| format!("/accounts/{}/{rest}", account["account_id"].as_str().unwrap());
    let own = "administrator/all/second";
    house.post(own, &path("grants"), &json!({ "grants": grants })).await.refused("own_account");
    house.post(own, &path("disabling"), &json!({})).await.refused("own_account");
    house.get_as(own, &format!("/cycles/{CYCLE}/roster")).await.refused("not_permitted");
    house.get_as(OFFICE, "/accounts").await.refused("not_permitted");
    let again = json!({ "login": "second", "grants": grants });
    house.post(ADMIN, "/accounts", &again).await.refused("login_taken");
    for (wrong, pointer) in [
        (json!({ "role": "king", "unit": "all" }), "/grants/0/role"),
        (json!({ "role": "station", "unit": "jinghu-1" }), "/grants/0/program"),
        (json!({ "role": "organization", "unit": "91350100M000100Y44" }), "/grants/0/unit"),
    ] {
        let body = json!({ "login": "third", "grants": [wrong] });
        house.post(ADMIN, "/accounts", &body).await.refused_at("validation_failed", pointer);
    }
}
