//! 回访, 帮扶 (journey 7): on a phone, with scripts and without, on a bad network, sent twice.

use serde_json::{Value, json};
use store::testing::TestDatabase;

use super::{Browser, PHONE, Stage};
use crate::on_both_databases;
use crate::town::{CYCLE, STATION, itself};

on_both_databases! { u2_a_visit_is_recorded_once_however_often_it_is_sent }

/// A stage with one member and its station signed in.
async fn stage(database: &TestDatabase, browser: Browser) -> Stage {
    let stage = Stage::set(database, browser).await;
    stage.town.member(0, "office-quality", "A").await;
    stage.sign_in(STATION).await;
    stage
}

async fn visits(stage: &Stage) -> Vec<Value> {
    stage.town.server.read(&format!("/cycles/{CYCLE}/visits")).await["items"].as_array().unwrap().clone()
}

async fn fill(stage: &Stage, findings: &str) {
    stage.browser.click("#channel-1").await;
    stage.browser.fill("#findings", findings).await;
}

async fn u2_a_visit_is_recorded_once_however_often_it_is_sent(database: TestDatabase) {
    let stage = stage(&database, Browser::without_scripts(PHONE).await).await;
    stage.go(&format!("/cycles/{CYCLE}/visits")).await;
    stage.browser.says("试行（征求意见稿）").await;
    stage.browser.says("本系统规定").await;
    stage.browser.follow("记录回访").await;
    stage.browser.says("选择组织").await;
    stage.browser.follow("芜湖示例企业0").await;

    // U5: what is missing is said on top and at the field, and what was typed stays.
    stage.browser.fill("#on", "昨天").await;
    stage.browser.fill("#needs", "希望安排培训。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    assert!(stage.browser.title().await.starts_with("错误："));
    assert_eq!(stage.browser.count(".summary a[href='#on'], .summary a[href='#findings']").await, 2);
    assert_eq!(stage.browser.count("#on-error, #channel-error, #findings-error").await, 3);
    assert_eq!(stage.browser.value("#needs").await, "希望安排培训。");

    // U8: a day as people write it. The API's own refusal stands at the field too.
    fill(&stage, "已在两个车间试点。").await;
    stage.browser.fill("#on", "2099年1月1日").await;
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    assert_eq!(stage.browser.count("#on-error").await, 1);
    let day = stage.town.day(100).format("%Y年%-m月%-d日").to_string();
    stage.go(&stage.file(0, "visits/new")).await;
    fill(&stage, "已在两个车间试点。").await;
    stage.browser.fill("#needs", "希望安排培训。").await;
    stage.browser.fill("#on", &day).await;
    stage.browser.send("button.main").await;
    stage.browser.says("回访已记录").await;
    let made = visits(&stage).await;
    assert_eq!((made.len(), &made[0]["occurred_on"]), (1, &json!(stage.town.day(100))));

    // Back, and the same again: the same record. Other content under the same form: nothing.
    let shown = stage.browser.url().await;
    stage.browser.back().await;
    fill(&stage, "已在两个车间试点。").await;
    stage.browser.fill("#needs", "希望安排培训。").await;
    stage.browser.fill("#on", &day).await;
    stage.browser.send("button.main").await;
    stage.browser.says("回访已记录").await;
    assert_eq!(stage.browser.url().await, shown);
    stage.browser.back().await;
    fill(&stage, "别的内容。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("此前已提交过").await;
    assert_eq!(visits(&stage).await, made);
}

#[tokio::test]
async fn u2_a_draft_survives_the_loss_of_the_network() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = stage(&database, Browser::start(PHONE).await).await;
    stage.go(&stage.file(0, "visits/new")).await;
    stage.browser.is_sound().await;
    fill(&stage, "断网时写下的内容。").await;
    stage.browser.set_offline(true).await;
    stage.browser.click("button.main").await;
    stage.browser.says("网络不通").await;
    stage.browser.set_offline(false).await;
    stage.browser.says("回访已记录").await;
    stage.browser.is_sound().await;
    assert_eq!(visits(&stage).await.len(), 1);
    assert_eq!(stage.browser.run("return localStorage.length").await, 0, "a draft that was sent is forgotten");

    // A page that was closed: what was typed is there again, under the same submission id.
    stage.go(&stage.file(0, "visits/new")).await;
    fill(&stage, "没写完就关了。").await;
    let action = stage.browser.run("return document.querySelector('form.form').getAttribute('action')").await;
    stage.go("/").await;
    stage.go(&stage.file(0, "visits/new")).await;
    assert_eq!(stage.browser.value("#findings").await, "没写完就关了。");
    assert_eq!(stage.browser.run("return document.querySelector('form.form').getAttribute('action')").await, action);
}

#[tokio::test]
async fn a_photo_goes_with_a_visit_and_what_is_none_is_said_so() {
    let database = TestDatabase::sqlite().unwrap();
    let stage = stage(&database, Browser::start(PHONE).await).await;
    let folder = tempfile::tempdir().unwrap();
    let (photo, other) = (folder.path().join("现场.pdf"), folder.path().join("现场.jpg"));
    std::fs::write(&photo, b"%PDF-1.4 a paper").unwrap();
    std::fs::write(&other, b"no picture at all").unwrap();
    stage.go(&stage.file(0, "visits/new")).await;
    fill(&stage, "附照片。").await;
    stage.browser.choose("#photo", &other).await;
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    assert_eq!(stage.browser.value("#findings").await, "附照片。");
    stage.browser.choose("#photo", &photo).await;
    stage.browser.send("button.main").await;
    stage.browser.says("回访已记录").await;
    stage.browser.says("现场.pdf").await;
    assert_eq!(visits(&stage).await.len(), 1);
}

#[tokio::test]
async fn who_was_overtaken_sees_both_versions_of_a_visit() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = stage(&database, Browser::start(PHONE).await).await;
    let town = &stage.town;
    let content = |findings: &str| json!({ "station": "jinghu-1", "channel": "phone", "findings": findings });
    let body = json!({ "visit": content("初稿"), "occurred_on": town.day(100) });
    let visit = town.acts(STATION, 0, "visits", body).await["id"].as_str().unwrap().to_owned();
    let path = format!("visits/{visit}");
    stage.go(&stage.file(0, &path)).await;
    stage.browser.follow("更正").await;
    stage.browser.fill("#findings", "我的更正").await;
    stage.browser.fill("#reason", "漏写").await;
    let body = json!({ "visit": content("别人的更正"), "reason": "有误", "occurred_on": town.day(100) });
    stage.town.acts(STATION, 0, &format!("{path}/corrections"), body).await;
    stage.browser.send("button.main").await;
    stage.browser.says("现行内容").await;
    stage.browser.says("别人的更正").await;
    assert_eq!(stage.browser.value("#findings").await, "我的更正");
    stage.browser.is_sound().await;
    stage.browser.send("button.main").await;
    stage.browser.says("更正已记录").await;
    let shown = stage.town.look(0, &path).await;
    assert_eq!((&shown["version"], &shown["content"]["findings"]), (&json!(3), &json!("我的更正")));
}

#[tokio::test]
async fn help_is_asked_for_and_answered() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = stage(&database, Browser::start(PHONE).await).await;
    stage.sign_in(&itself(0)).await;
    stage.go(&stage.file(0, "assistance/new")).await;
    stage.browser.is_sound().await;
    stage.browser.fill("#subject", "测量系统分析").await;
    stage.browser.fill("#description", "希望现场辅导。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("帮扶需求已提交").await;
    stage.browser.says("待答复").await;
    stage.browser.is_sound().await;

    stage.sign_in(STATION).await;
    stage.browser.follow("芜湖示例企业0").await;
    stage.browser.follow("答复").await;
    stage.browser.says("希望现场辅导。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    stage.browser.is_sound().await;
    stage.browser.click("#channel-3").await;
    stage.browser.fill("#answer", "已线上辅导。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("答复已记录").await;
    stage.browser.says("答复用时 0 天").await;
    stage.go(&format!("/cycles/{CYCLE}/assistance")).await;
    stage.browser.says("没有待答复的帮扶需求").await;
    stage.browser.is_sound().await;
}
