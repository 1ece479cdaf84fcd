//! 登录, 退出, 改密码, 我的登录 (journey 1), and a sign-in that ends in the middle of a form.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use store::testing::TestDatabase;

use super::{Browser, DESK, PASSWORD, PHONE, Stage};
use crate::on_both_databases;
use crate::town::{CYCLE, OFFICE, STATION};

on_both_databases! {
    one_signs_in_changes_the_password_and_ends_other_sign_ins,
    what_was_typed_comes_back_after_signing_in_again,
}

async fn one_signs_in_changes_the_password_and_ends_other_sign_ins(database: TestDatabase) {
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    let login = stage.account(OFFICE).await;

    stage.go("/cycles?sort=x").await;
    assert_eq!(stage.browser.title().await, "登录 - 创奖孵化池管理");
    stage.browser.is_sound().await;
    stage.enter(&login, "wrong").await;
    stage.browser.says("账号或密码不对").await;
    assert!(stage.browser.title().await.starts_with("错误："));
    assert_eq!(stage.browser.value("#login").await, login, "what was typed stays");
    stage.browser.is_sound().await;
    stage.enter(&login, PASSWORD).await;
    stage.browser.says("孵化周期").await;
    assert_eq!(stage.browser.url().await, stage.at("/cycles?sort=x"), "one goes on to where one was going");

    stage.go("/account/password").await;
    stage.browser.is_sound().await;
    stage.browser.fill("#present_password", PASSWORD).await;
    stage.browser.fill("#new_password", "short").await;
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    stage.browser.fill("#present_password", PASSWORD).await;
    stage.browser.fill("#new_password", "another sentence that nobody else knows").await;
    stage.browser.send("button.main").await;
    stage.browser.says("密码已更改").await;

    // Another sign-in, as from another device.
    let body = serde_json::json!({ "login": login, "password": "another sentence that nobody else knows" });
    let elsewhere = stage.town.server.bare(Method::POST, "/api/v1/sign-ins", &[]).json(&body).send().await.unwrap();
    let cookie = elsewhere.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    stage.go("/account/sign-ins").await;
    assert_eq!(stage.browser.count("tbody tr").await, 2);
    stage.browser.is_sound().await;
    stage.browser.send("tbody button").await;
    stage.browser.says("该登录已结束").await;
    let me = stage.town.server.bare(Method::GET, "/api/v1/me", &[("cookie", &cookie)]).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::UNAUTHORIZED);

    stage.go("/language/en?back=/cycles").await;
    assert_eq!(stage.browser.title().await, "Cycles - Award incubation pools");
    assert_eq!(stage.browser.run("return document.documentElement.lang").await, "en");
    stage.go("/nowhere").await;
    stage.browser.says("Page not found").await;
    stage.browser.is_sound().await;
    stage.go("/language/zh?back=/").await;
    stage.browser.send(".who form[action='/sign-out'] button").await;
    stage.browser.says("您已退出").await;
    stage.go("/").await;
    assert!(stage.browser.url().await.contains("/sign-in?next="));
}

async fn what_was_typed_comes_back_after_signing_in_again(database: TestDatabase) {
    let stage = Stage::set(&database, Browser::without_scripts(PHONE).await).await;
    stage.town.member(0, "office-quality", "A").await;
    stage.sign_in(STATION).await;
    stage.go(&stage.file(0, "visits/new")).await;
    let form = stage.browser.url().await;
    stage.browser.click("#channel-2").await;
    stage.browser.fill("#findings", "已在两个车间试点。").await;
    stage.browser.fill("#needs", "希望安排培训。").await;

    // The sign-in ends meanwhile, and the browser has forgotten it.
    stage.browser.forget().await;
    stage.browser.send("button.main").await;
    stage.browser.says("刚才填写的内容已保留").await;
    stage.enter("li", "wrong").await;
    stage.browser.says("账号或密码不对").await;
    stage.enter("li", PASSWORD).await;
    stage.browser.says("回到填写的表单").await;
    stage.browser.send("button.main").await;
    assert_eq!(stage.browser.url().await, form, "under the same submission id");
    assert_eq!(stage.browser.value("#findings").await, "已在两个车间试点。");
    assert_eq!(stage.browser.value("#needs").await, "希望安排培训。");
    assert_eq!(stage.browser.count("#channel-2:checked").await, 1);
    assert_eq!(stage.town.read("visits").await["items"].as_array().unwrap().len(), 0, "nothing is recorded yet");
    stage.browser.send("button.main").await;
    stage.browser.says("回访已记录").await;
    let visits = stage.town.server.read(&format!("/cycles/{CYCLE}/visits")).await;
    assert_eq!(visits["items"][0]["content"]["findings"], "已在两个车间试点。");

    // The same where the browser still has its cookie, and the server has ended the sign-in.
    stage.go(&stage.file(0, "visits/new")).await;
    stage.browser.fill("#findings", "第二次。").await;
    let cookie = stage.browser.cookies().await;
    let asks = |method, path: &str| stage.town.server.bare(method, path, &[("cookie", cookie.as_str())]);
    let all: Value = asks(Method::GET, "/api/v1/sign-ins").send().await.unwrap().json().await.unwrap();
    let present = all["items"].as_array().unwrap().iter().find(|sign_in| sign_in["current"] == true).unwrap();
    let id = present["sign_in_id"].as_str().unwrap();
    asks(Method::POST, &format!("/api/v1/sign-ins/{id}/ending")).send().await.unwrap();
    stage.browser.send("button.main").await;
    stage.browser.says("刚才填写的内容已保留").await;
    stage.enter("li", PASSWORD).await;
    stage.browser.send("button.main").await;
    assert_eq!(stage.browser.value("#findings").await, "第二次。");
}

#[tokio::test]
async fn who_holds_several_roles_chooses_one() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    stage.account("station/yijiang-1/li").await;
    stage.sign_in(STATION).await;
    stage.browser.is_sound().await;
    assert_eq!(stage.browser.count("#office option").await, 2);
    let (first, other) = match stage.browser.value("#office").await.as_str() {
        STATION => (STATION, "station/yijiang-1/li"),
        _ => ("station/yijiang-1/li", STATION),
    };
    assert_eq!(stage.browser.value("#office").await, first);
    stage.browser.run(&format!("document.getElementById('office').value = '{other}'")).await;
    stage.browser.send(".who form[action='/office'] button").await;
    assert_eq!(stage.browser.value("#office").await, other);
    stage.go("/cycles").await;
    assert_eq!(stage.browser.value("#office").await, other, "it stays chosen");
}

#[tokio::test]
async fn s6_a_form_is_taken_from_our_own_pages_only() {
    let database = TestDatabase::sqlite().unwrap();
    let stage = Stage::set(&database, Browser::start(DESK).await).await;
    let login = stage.account(OFFICE).await;
    let server = &stage.town.server;
    let body = format!("login={login}&password={}", PASSWORD.replace(' ', "+"));
    let post = |headers: &[(&'static str, &str)]| {
        let form = ("content-type", "application/x-www-form-urlencoded");
        server.bare(Method::POST, "/sign-in", &[headers, &[form]].concat()).body(body.clone())
    };
    let without = post(&[]).send().await.unwrap();
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED, "without a token");
    assert!(
        !without.headers().get_all("set-cookie").iter().any(|c| c.to_str().unwrap().starts_with("__Host-hatchery="))
    );
    let foreign = post(&[("sec-fetch-site", "cross-site")]).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);

    let page = server.bare(Method::GET, "/sign-in", &[]).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    let cookie = page.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-hatchery-form=") && cookie.contains("SameSite=Strict"), "{cookie}");
}
