//! 事故与移出 (journey 8): reported by a station, determined with its paper, removed, and the removal rescinded.

use serde_json::json;
use store::testing::TestDatabase;

use super::{Browser, PHONE, Stage};
use crate::town::{OFFICE, STATION};

#[tokio::test]
async fn w28_an_incident_leads_through_determination_to_removal_and_back() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = Stage::set(&database, Browser::start(PHONE).await).await;
    stage.town.member(0, "office-quality", "C").await;
    stage.town.member(1, "association-food", "D").await;
    let folder = tempfile::tempdir().unwrap();
    let paper = folder.path().join("认定书.pdf");
    std::fs::write(&paper, b"%PDF-1.4 a paper").unwrap();

    // The station reports, corrects its report, and can do no more.
    stage.sign_in(STATION).await;
    stage.go(&stage.file(0, "")).await;
    stage.browser.follow("事故与移出").await;
    stage.browser.says("没有事故记录").await;
    stage.browser.is_sound().await;
    stage.browser.follow("报告事故").await;
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    stage.browser.is_sound().await;
    stage.browser.click("input[name=kind][value=safety]").await;
    stage.browser.fill("#description", "仓库起火。").await;
    stage.browser.fill("#on", &stage.town.day(40).to_string()).await;
    stage.browser.send("button.main").await;
    stage.browser.says("事故已记录").await;
    stage.browser.says("待认定").await;
    assert_eq!(stage.browser.count("a[href$='/determination'], a[href$='/removal']").await, 0);
    stage.browser.follow("更正报告").await;
    assert_eq!(stage.browser.value("#description").await, "仓库起火。");
    stage.browser.fill("#description", "仓库起火，无人伤亡。").await;
    stage.browser.fill("#reason", "补充经过。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("已更正，现为第 2 版").await;

    // The office records the determination; its paper is required.
    stage.sign_in(OFFICE).await;
    stage.go(&stage.file(0, "incidents")).await;
    assert_eq!(stage.browser.count("a[href$='/removal']").await, 0, "nothing is determined yet");
    stage.browser.follow("登记认定").await;
    stage.browser.click("input[name=finding][value=major]").await;
    stage.browser.fill("#authority", "市应急管理局").await;
    stage.browser.fill("#document_no", "芜应急〔1〕号").await;
    for field in ["#determined_on", "#on"] {
        stage.browser.fill(field, &stage.town.day(50).to_string()).await;
    }
    stage.browser.send("button.main").await;
    stage.browser.says("有以下问题").await;
    assert_eq!(stage.browser.count("#paper-error").await, 1);
    stage.browser.choose("#paper", &paper).await;
    stage.browser.send("button.main").await;
    stage.browser.says("认定已登记").await;
    stage.browser.says("重大事故").await;
    stage.browser.says("认定书.pdf").await;
    stage.browser.is_sound().await;

    // What it does to the balance is seen before; who was overtaken by another decision sees the new counts.
    stage.browser.follow("移出孵化池").await;
    stage.browser.says("移出后的数量平衡").await;
    stage.browser.says("失衡，D类超出 1 家").await;
    stage.browser.is_sound().await;
    stage.town.member(2, "association-equipment", "C").await;
    stage.browser.fill("#on", &stage.town.day(60).to_string()).await;
    stage.browser.send("button.main").await;
    stage.browser.says("孵化池有了新的决定").await;
    stage.browser.says("平衡，D类距上限还有 0 家").await;
    stage.browser.send("button.main").await;
    stage.browser.says("该组织已移出孵化池").await;
    assert_eq!(stage.town.look(0, "").await["stage"], "removed");
    assert_eq!(stage.town.read("balance").await["counts"], json!({ "A": 0, "B": 0, "C": 1, "D": 1 }));

    // Overturned: the office records it, and rescinds the removal.
    stage.browser.follow("登记不成立").await;
    stage.browser.fill("#authority", "市应急管理局").await;
    stage.browser.fill("#document_no", "芜应急〔2〕号").await;
    stage.browser.fill("#reason", "经复核，不构成事故。").await;
    stage.browser.fill("#on", &stage.town.day(70).to_string()).await;
    stage.browser.choose("#paper", &paper).await;
    stage.browser.send("button.main").await;
    stage.browser.says("已登记为不成立").await;
    stage.browser.follow("撤销移出").await;
    stage.browser.says("平衡，D类距上限还有 1 家").await;
    stage.browser.fill("#reason", "认定已撤销。").await;
    stage.browser.fill("#on", &stage.town.day(71).to_string()).await;
    stage.browser.choose("#paper", &paper).await;
    stage.browser.send("button.main").await;
    stage.browser.says("该组织重新在池").await;
    let file = stage.town.look(0, "").await;
    assert_eq!((&file["stage"], &file["class"]), (&json!("member"), &json!("C")));

    stage.browser.follow("作废报告").await;
    stage.browser.fill("#reason", "重复报告。").await;
    stage.browser.send("button.main").await;
    stage.browser.says("该报告已作废").await;
    stage.browser.says("已作废：重复报告。").await;
    stage.browser.is_sound().await;
}
