//! 工作台, 名册, 档案: what the award office looks at (journeys 1, 2 and 4).

use serde_json::{Value, json};
use store::testing::TestDatabase;

use super::{Browser, DESK, Stage};
use crate::on_both_databases;
use crate::pool;
use crate::server::Server;
use crate::town::{CYCLE, OFFICE, PROGRAM, STATION, Town, itself};

on_both_databases! { the_roster_is_filtered_sorted_looked_at_in_the_past_and_exported }

async fn the_roster_is_filtered_sorted_looked_at_in_the_past_and_exported(database: TestDatabase) {
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    for (n, class) in [(0, "A"), (1, "C"), (2, "D")] {
        stage.town.member(n, ["office-quality", "association-food", "association-equipment"][n], class).await;
    }
    stage.town.apply(3, "B", 30).await;
    stage.sign_in(OFFICE).await;
    stage.browser.follow("孵化周期").await;
    stage.browser.is_sound().await;
    stage.browser.send("tbody a").await;
    assert_eq!(stage.browser.count("tbody tr").await, 3);
    stage.browser.is_sound().await;

    stage.browser.run("document.getElementById('class').value = 'D'").await;
    stage.browser.send(".filters button").await;
    assert_eq!(stage.browser.count("tbody tr").await, 1);
    stage.browser.says("芜湖示例企业2").await;
    stage.browser.follow("清除").await;
    stage.browser.follow("申请组织").await;
    stage.browser.says("芜湖示例企业3").await;
    assert_eq!(stage.browser.count("tbody tr").await, 1);

    let roster = format!("/cycles/{CYCLE}/roster");
    stage.go(&format!("{roster}?sort=-class")).await;
    stage.browser.says("芜湖示例企业2").await;
    assert_eq!(stage.browser.count("th[aria-sort=descending]").await, 1);
    let day = stage.town.day(15).format("%Y年%-m月%-d日").to_string();
    stage.go(&format!("{roster}?as_of={day}")).await;
    stage.browser.says("您看到的是过去的情况").await;
    stage.browser.says("没有符合条件的组织").await;
    stage.browser.is_sound().await;
    stage.go(&format!("{roster}?as_of=someday")).await;
    assert!(stage.browser.title().await.starts_with("错误："));
    assert_eq!(stage.browser.count(".summary a[href='#as_of']").await, 1);
    stage.browser.is_sound().await;

    let cookie = stage.browser.cookies().await;
    let export = format!("{roster}.xlsx?class=C&sort=name");
    let file = stage.town.server.bare(reqwest::Method::GET, &export, &[("cookie", &cookie)]).send().await.unwrap();
    assert_eq!(file.status(), 200);
    assert!(file.headers()["content-disposition"].to_str().unwrap().contains(".xlsx"));
    let content = file.bytes().await.unwrap().to_vec();
    let book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(content)).unwrap();
    let text = rows(book);
    assert!(text.contains("芜湖示例企业1") && !text.contains("芜湖示例企业2"), "{text}");
}

fn rows(mut book: calamine::Xlsx<std::io::Cursor<Vec<u8>>>) -> String {
    use calamine::Reader as _;
    let sheets: Vec<_> = book.worksheets().into_iter().map(|(_, range)| range).collect();
    sheets.iter().flat_map(|range| range.rows()).flatten().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Scores of a self-evaluation: half of the points of each category.
async fn half_of_all_points(town: &Town) -> Value {
    let rulebook = town.server.read(&format!("/programs/{PROGRAM}")).await;
    let half =
        |category: &Value| json!({ "category": category["id"], "points": category["points"].as_i64().unwrap() / 2 });
    rulebook["scores"]["categories"].as_array().unwrap().iter().map(half).collect()
}

#[tokio::test]
async fn the_desk_tells_each_role_what_waits_and_the_file_what_happened() {
    let database = TestDatabase::sqlite().unwrap();
    let mut stage = Stage::set(&database, Browser::start(DESK).await).await;
    let town = &stage.town;
    town.member(0, "office-quality", "A").await;
    town.apply(1, "B", 30).await;
    town.bring(2, "association-food", "B").await;
    town.apply(3, "B", 30).await;
    town.nominate(3, "association-equipment", 31).await;
    town.survey(3, "B", 40).await;
    let on = town.day(50);
    let request = json!({ "subject": "测量系统分析", "description": "希望现场辅导。" });
    town.acts(&itself(0), 0, "assistance-requests", json!({ "request": request, "occurred_on": on })).await;
    let evaluation = json!({
        "period_from": town.day(20), "period_to": town.day(200), "strengths": "优势", "gaps": "差距", "actions": "措施",
        "scores": half_of_all_points(town).await,
    });
    let body = json!({ "self_evaluation": evaluation, "occurred_on": town.day(201) });
    town.acts(&itself(0), 0, "self-evaluations", body).await;

    stage.sign_in(OFFICE).await;
    for waits in ["待分类入池", "尚无推荐的申报", "待审定的调查", "待答复的帮扶需求", "待回访", "逾期"]
    {
        stage.browser.says(waits).await;
    }
    stage.browser.is_sound().await;
    stage.go(&stage.file(0, "")).await;
    for told in ["芜湖示例企业0", "入池", "审定调查", "提出帮扶需求", "记录于", "服务站"] {
        stage.browser.says(told).await;
    }
    assert_eq!(stage.browser.count("svg.chart circle").await, 1);
    stage.browser.is_sound().await;

    let own = itself(0);
    for (actor, waits) in [
        ("district/jinghu/wang", "待审定的调查"),
        (STATION, "待答复的帮扶需求"),
        ("recommender/office-quality/sun", "剩余名额 1"),
        (own.as_str(), "我的档案"),
        ("expert/expert-1/mx", "目前没有等您办理的事项"),
        ("auditor/all/ma", "您的身份只查看"),
        ("administrator/all/mm", "账号管理"),
    ] {
        stage.sign_in(actor).await;
        stage.browser.says(waits).await;
        stage.browser.is_sound().await;
    }
}

#[tokio::test]
async fn a_program_without_classes_shows_none_and_fifty_rows_are_small() {
    let database = TestDatabase::sqlite().unwrap();
    let members = pool::fill(&database, &[("A", 48), ("C", 2), ("D", 2)]).await.members.len();
    let mut stage = Stage { town: Town::over(Server::start(&database).await), browser: Browser::start(DESK).await };
    stage.sign_in(OFFICE).await;
    stage.go(&format!("/cycles/{}/roster", pool::CYCLE)).await;
    stage.browser.says(&format!("{members} 家组织")).await;
    assert_eq!(stage.browser.count("tbody tr").await, 50);
    let size = stage.browser.run("return new Blob([document.documentElement.outerHTML]).size").await.as_u64().unwrap();
    assert!(size <= 100 * 1024, "{size} bytes for 50 rows");
    let asked = stage
        .browser
        .run("return performance.getEntriesByType('resource').map(e => new URL(e.name).origin === location.origin)")
        .await;
    assert!(asked.as_array().unwrap().iter().all(|own| *own == true), "a page asked elsewhere: {asked}");
    stage.browser.is_sound().await;
    stage.browser.follow("下一页").await;
    assert_eq!(stage.browser.count("tbody tr").await, members - 50);
    stage.browser.follow("第一页").await;
    assert_eq!(stage.browser.count("tbody tr").await, 50);
    stage.go(&format!("/cycles/{}/roster?sort=nothing", pool::CYCLE)).await;
    stage.browser.says("地址中有读不出来的内容").await;

    // All of them are due for a visit, and more than one page.
    stage.go(&format!("/cycles/{}/visits", pool::CYCLE)).await;
    assert_eq!(stage.browser.count("tbody tr").await, 50);
    stage.browser.follow("下一页").await;
    assert_eq!(stage.browser.count("tbody tr").await, members - 50);

    let cycle = json!({
        "cycle": "hangzhou-cultivation-2026", "program": "hangzhou-cultivation", "label": "2026",
        "starts_on": "2026-01-01", "occurred_on": "2025-12-20",
    });
    stage.town.server.does("office/hangzhou-cultivation/mp", "/cycles", &cycle).await;
    stage.sign_in("office/hangzhou-cultivation/mp").await;
    stage.go("/cycles/hangzhou-cultivation-2026/roster").await;
    stage.browser.says("没有符合条件的组织").await;
    assert_eq!(stage.browser.count("#class, ul.numbers").await, 0, "no class, no balance");
    stage.browser.is_sound().await;
}
