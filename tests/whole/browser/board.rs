//! 分类看板 (journey 3): classes are decided in two steps, the balance holds, and who was overtaken sees it.

use reqwest::Method;
use serde_json::json;
use store::testing::TestDatabase;

use super::{Browser, DESK, PHONE, Stage};
use crate::on_both_databases;
use crate::town::{CYCLE, DISTRICT, OFFICE, STATION, uscc};

on_both_databases! { w56_classes_are_tried_refused_repaired_and_recorded_once }

impl Stage {
    async fn opens(&self, page: &str) {
        self.go(&format!("/cycles/{CYCLE}/board{page}")).await;
    }

    /// Chooses a class for the `n`th organisation, with grounds.
    async fn picks(&self, n: usize, to: &str, grounds: &str) {
        let select = format!("document.getElementById('to-{}').value = '{to}'", uscc(n));
        self.browser.run(&select).await;
        self.browser.fill(&format!("#grounds-{}", uscc(n)), grounds).await;
    }

    async fn tries(&self) {
        self.browser.send("button[value=preview]").await;
    }

    async fn confirms(&self) {
        self.browser.send("button[value=commit]").await;
        self.browser.says("分类决定已记录").await;
    }
}

async fn w56_classes_are_tried_refused_repaired_and_recorded_once(database: TestDatabase) {
    let stage = Stage::set(&database, Browser::without_scripts(PHONE).await).await;
    stage.town.bring(0, "office-quality", "C").await;
    stage.town.bring(1, "association-food", "D").await;
    stage.sign_in(OFFICE).await;
    stage.browser.follow("孵化周期").await;
    stage.browser.send("tbody a").await;
    stage.browser.follow("分类看板").await;
    stage.browser.says("试行（征求意见稿）").await;
    stage.browser.says("平衡，D类距上限还有 0 家").await;
    assert_eq!(stage.browser.count(".column").await, 5, "four classes, and who waits");
    stage.browser.follow("给申请组织分类").await;
    stage.tries().await;
    stage.browser.says("请至少选择一家组织").await;

    // D > C is refused before anything is recorded: on top with clause and label, and at the choice.
    stage.picks(1, "D", "").await;
    stage.browser.fill("#on", &stage.town.day(20).format("%Y年%-m月%-d日").to_string()).await;
    stage.tries().await;
    assert!(stage.browser.title().await.starts_with("错误："));
    let summary = stage.browser.run("return document.querySelector('.summary').innerText").await.to_string();
    assert!(summary.contains("四（二）1") && summary.contains("试行（征求意见稿）"), "{summary}");
    assert!(summary.contains("D类的数量不能超过C类"), "{summary}");
    assert_eq!(stage.browser.count(&format!("#to-{}-error", uscc(1))).await, 1);
    assert_eq!(stage.browser.value(&format!("#to-{}", uscc(1))).await, "D", "what was chosen stays");

    // Repaired by a C beside it: what would be, the way back, and the same recorded once.
    stage.picks(0, "C", "").await;
    stage.tries().await;
    stage.browser.says("尚未记录").await;
    assert_eq!(stage.town.read("balance").await["counts"]["C"], 0, "nothing is recorded by trying");
    stage.browser.send("button[value=edit]").await;
    assert_eq!(stage.browser.value(&format!("#to-{}", uscc(0))).await, "C");
    stage.tries().await;
    let form = stage
        .browser
        .run("const form = document.querySelector('main form'); return [form.getAttribute('action'), new URLSearchParams(new FormData(form)) + '&step=commit']")
        .await;
    stage.confirms().await;
    let counts = json!({ "A": 0, "B": 0, "C": 1, "D": 1 });
    assert_eq!(stage.town.read("balance").await["counts"], counts);

    // Sent a second time it is the same decision.
    let recorded = stage.town.read("roster").await["position"].clone();
    let cookie = stage.browser.cookies().await;
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let again = stage.town.server.bare(Method::POST, form[0].as_str().unwrap(), &headers);
    let again = again.body(form[1].as_str().unwrap().to_owned()).send().await.unwrap();
    assert!(again.status().is_success() || again.status().is_redirection(), "{}", again.status());
    assert_eq!(stage.town.read("roster").await["position"], recorded);

    // Moves: grounds are asked for, the bound is held, then it is moved.
    stage.browser.follow("调整分类").await;
    stage.picks(1, "C", "").await;
    stage.tries().await;
    stage.browser.says("有以下问题").await;
    assert_eq!(stage.browser.count(&format!("#to-{}-error", uscc(1))).await, 1);
    stage.opens("/moves").await;
    stage.picks(0, "D", "全员导入。").await;
    stage.tries().await;
    stage.browser.says("D类的数量不能超过C类").await;
    stage.opens("/moves").await;
    stage.picks(1, "C", "推广范围有变化。").await;
    stage.tries().await;
    stage.browser.says("推广范围有变化。").await;
    stage.confirms().await;
    stage.browser.says("平衡，D类距上限还有 2 家").await;
    let counts = json!({ "A": 0, "B": 0, "C": 2, "D": 0 });
    assert_eq!(stage.town.read("balance").await["counts"], counts);
}

#[tokio::test]
async fn who_was_overtaken_sees_both_versions_of_a_choice() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    stage.town.bring(0, "office-quality", "C").await;
    stage.town.bring(1, "association-food", "C").await;
    stage.sign_in(OFFICE).await;
    stage.opens("/admissions").await;
    stage.browser.is_sound().await;
    stage.picks(0, "C", "").await;
    stage.picks(1, "C", "").await;
    stage.tries().await;
    stage.browser.says("尚未记录").await;
    stage.browser.is_sound().await;
    stage.town.classify(&[(0, "B", Some("核查。"))], 20).await;
    stage.browser.send("button[value=commit]").await;
    stage.browser.says("没有记录").await;
    stage.browser.says("您打开时").await;
    stage.browser.says("市创奖办 B类").await;
    stage.browser.says("现在不能对它作此决定").await;
    stage.browser.is_sound().await;
    assert_eq!(stage.town.read("balance").await["counts"]["C"], 0);
    assert_eq!(stage.browser.value(&format!("#to-{}", uscc(1))).await, "C", "the rest of the choice stays");
    stage.tries().await;
    stage.confirms().await;
    assert_eq!(stage.town.read("balance").await["counts"], json!({ "A": 0, "B": 1, "C": 1, "D": 0 }));
}

#[tokio::test]
async fn w56_an_unbalanced_pool_says_so_and_leads_to_its_repair() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    stage.town.member(0, "office-quality", "C").await;
    stage.town.member(1, "association-food", "D").await;
    let incident = stage.town.major_incident(0, 40, 50).await;
    stage.town.does(OFFICE, "removals", stage.town.removing(0, &incident, 60)).await;

    for reader in [DISTRICT, STATION] {
        stage.sign_in(reader).await;
        stage.opens("").await;
        stage.browser.says("失衡，D类超出 1 家").await;
        stage.browser.says("芜湖示例企业1").await;
        assert_eq!(stage.browser.count("main .button, main .warning a").await, 0, "{reader} only reads");
        stage.opens("/moves").await;
        stage.browser.says("找不到页面").await;
    }
    stage.sign_in(OFFICE).await;
    stage.opens("").await;
    stage.browser.is_sound().await;
    stage.browser.follow("把 1 家D类调整为C类").await;
    stage.browser.says("只列出：D类").await;
    stage.picks(1, "C", "恢复平衡。").await;
    stage.tries().await;
    stage.confirms().await;
    stage.browser.is_sound().await;
    assert_eq!(stage.town.read("balance").await["excess"], 0);
}

#[tokio::test]
async fn without_classes_there_is_no_board() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    let cycle = json!({
        "cycle": "hangzhou-cultivation-2026", "program": "hangzhou-cultivation", "label": "2026",
        "starts_on": "2026-01-01", "occurred_on": "2025-12-20",
    });
    stage.town.server.does("office/hangzhou-cultivation/mp", "/cycles", &cycle).await;
    stage.sign_in("office/hangzhou-cultivation/mp").await;
    stage.go("/cycles/hangzhou-cultivation-2026/roster").await;
    assert_eq!(stage.browser.count("nav a[href$='/board']").await, 0);
    stage.go("/cycles/hangzhou-cultivation-2026/board").await;
    stage.browser.says("找不到页面").await;
    stage.browser.is_sound().await;
}
