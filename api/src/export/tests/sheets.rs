//! What stands in the cells, and what is said of them.

use chrono::NaiveDate;

use super::*;
use crate::testing::{EXPERT_NAME, day};

/// A number of eighteen figures, as older ones are.
const FIGURES: &str = "914403001922038216";

#[tokio::test]
async fn u4_a_number_stays_a_text_and_a_formula_is_none() {
    let exporting = Exporting::seeded().await;
    let name = "=HYPERLINK(\"http://example.com\",\"点击\")";
    exporting.house.apply(FIGURES, name, "2026-05-21").await;
    let path = roster(&format!("standing=applicant&search={FIGURES}"));
    let lines = exporting.csv(&path).await;
    assert_eq!(column(&lines, "统一社会信用代码"), [format!("'{FIGURES}")]);
    assert_eq!(column(&lines, "组织名称"), [format!("'{name}")]);

    let mut book = exporting.xlsx(&path).await;
    let sheet = book.worksheet_range("孵化名册").unwrap();
    let row: Vec<_> = sheet.rows().nth(1).unwrap().to_vec();
    let at = |heading: &str| &row[lines[0].iter().position(|h| h == heading).unwrap()];
    assert_eq!((at("统一社会信用代码"), at("组织名称")), (&text(FIGURES), &text(name)));
    let formulas = book.worksheet_formula("孵化名册").unwrap();
    assert!(formulas.used_cells().next().is_none(), "{formulas:?}");
}

#[tokio::test]
async fn s11_a_phone_is_masked_in_a_file_too() {
    let exporting = Exporting::seeded().await;
    let path = format!("/programs/{PROGRAM}/experts");
    let lines = exporting.csv(&path).await;
    assert_eq!(column(&lines, "人员·姓名"), [EXPERT_NAME]);
    assert_eq!(column(&lines, "人员·电话"), ["139****0000"]);
    let sheet = exporting.xlsx(&path).await.worksheet_range("专家").unwrap();
    let place = lines[0].iter().position(|heading| heading == "人员·电话").unwrap();
    assert_eq!(sheet.rows().nth(1).unwrap()[place], text("139****0000"));
    // Who does not say who it is sees no people, in a file neither.
    let nobody = Request::get(format!("/api/v1{path}")).header(header::ACCEPT, CSV);
    let lines = csv(&whole(exporting.send(nobody).await).await);
    assert_eq!(column(&lines, "人员·电话"), [""]);
}

#[tokio::test]
async fn days_are_days_numbers_are_numbers_and_values_have_words() {
    let exporting = Exporting::seeded().await;
    let lines = exporting.csv(&roster("")).await;
    let sheet = exporting.xlsx(&roster("")).await.worksheet_range("孵化名册").unwrap();
    let row: Vec<_> = sheet.rows().nth(1).unwrap().to_vec();
    for (heading, in_csv, in_xlsx) in [
        ("序号", "3", Data::Float(3.0)),
        ("类别", "C", text("C")),
        ("身份", "孵化组织", text("孵化组织")),
        ("阶段", "孵化中", text("孵化中")),
        ("教学·已参加次数", "0", Data::Float(0.0)),
        ("教学·欠缺", "是", text("是")),
        ("终止日期", "", Data::Empty),
    ] {
        assert_eq!(column(&lines, heading), [in_csv], "{heading}");
        assert_eq!(row[lines[0].iter().position(|h| h == heading).unwrap()], in_xlsx, "{heading}");
    }
    assert_eq!(column(&lines, "入池日期"), ["2026-03-01"]);
    let admitted = &row[lines[0].iter().position(|heading| heading == "入池日期").unwrap()];
    let Data::DateTime(instant) = admitted else { panic!("{admitted:?}") };
    assert_eq!(instant.as_datetime().unwrap().date(), day("2026-03-01"));
}

#[tokio::test]
async fn the_second_sheet_says_what_was_exported_and_how_the_whole_cycle_stands() {
    let exporting = Exporting::seeded().await;
    let mut book = exporting.xlsx(&roster("standing=member&class=C")).await;
    let notes = book.worksheet_range("说明").unwrap();
    let head = exporting.house.app.store().feed().head().await.unwrap();
    for (name, said) in [
        ("名单", text("孵化名册")),
        ("孵化周期", text(CYCLE)),
        ("筛选·身份", text("孵化组织")),
        ("筛选·类别", text("C")),
        ("行数", Data::Float(1.0)),
        ("事件位置", Data::Float(f64::from(u32::try_from(head).unwrap()))),
        ("导出人", text(OFFICE)),
        ("规则状态", text("试行（征求意见稿）")),
        ("合计·申请组织数", Data::Float(1.0)),
        ("合计·孵化组织数", Data::Float(1.0)),
        ("合计·各类数量", text("A：0；B：0；C：1；D：0")),
        ("平衡·超出数", Data::Float(0.0)),
    ] {
        assert_eq!(note(&notes, name), said, "{name}");
    }
    let Data::DateTime(instant) = note(&notes, "导出时间（UTC）") else { panic!("{notes:?}") };
    let noon: NaiveDate = day("2026-06-01");
    assert_eq!(instant.as_datetime(), noon.and_hms_opt(4, 0, 0));
}

#[tokio::test]
async fn beside_a_clause_stands_what_the_rules_are() {
    let exporting = Exporting::seeded().await;
    let lines = exporting.csv(&format!("/cycles/{CYCLE}/schedule")).await;
    let clauses = column(&lines, "应授教学·规则·条款（试行（征求意见稿））");
    assert!(!clauses.is_empty() && clauses.iter().all(|clause| !clause.is_empty()));
}

#[tokio::test]
async fn lists_inside_of_rows_have_a_row_each_where_they_are_what_is_listed() {
    let exporting = Exporting::seeded().await;
    let lines = exporting.csv(&format!("/cycles/{CYCLE}/survey-reports")).await;
    assert_eq!(column(&lines, "报告·报告文号"), ["镜质办〔2026〕1号"]);
    assert_eq!(column(&lines, "报告·档案·统一社会信用代码"), [MEMBER]);
    assert_eq!(column(&lines, "报告·档案·调查结论·建议类别"), ["C"]);
}

#[tokio::test]
async fn a_text_that_is_too_long_for_a_cell_is_cut_there_and_whole_as_csv() {
    use super::super::xlsx::{Step, workbook as written};

    let long = "长".repeat(40_000) + "𠮷";
    let (steps, taken) = tokio::sync::mpsc::channel(2);
    let now = chrono::DateTime::UNIX_EPOCH;
    let cells = vec![Cell::Text(long.clone()), Cell::Number(u64::MAX.into()), Cell::Day(day("1899-01-01"))];
    steps.send(Step::Rows(vec![cells.clone()])).await.unwrap();
    steps.send(Step::Notes(Vec::new())).await.unwrap();
    let headings = ["文", "数", "日"].map(ToOwned::to_owned);
    let bytes = spawn_blocking(move || written("长文", &headings, taken, now)).await.unwrap().unwrap().unwrap();
    let sheet = workbook(bytes).worksheet_range("长文").unwrap();
    let row: Vec<_> = sheet.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!((row[1].as_str(), row[2].as_str()), ("18446744073709551615", "1899-01-01"));
    assert_eq!(row[0].encode_utf16().count(), 32_767);
    assert!(row[0].ends_with("…（内容过长，全文见 CSV）"));
    let lines = super::super::csv::rows(&[cells]).unwrap();
    assert!(String::from_utf8(lines).unwrap().contains(&long));
}

#[tokio::test]
async fn signs_that_xml_has_no_place_for_do_not_spoil_a_workbook() {
    use super::super::xlsx::{Step, workbook as written};

    let odd = "a\u{1}b\u{b}c<&>\"'_x0041_\u{FFFE}d\r\ne\tf";
    let (steps, taken) = tokio::sync::mpsc::channel(2);
    steps.send(Step::Rows(vec![vec![Cell::Text(odd.to_owned())]])).await.unwrap();
    steps.send(Step::Notes(vec![("注".to_owned(), Cell::Text(odd.to_owned()))])).await.unwrap();
    let headings = ["文".to_owned()];
    let now = chrono::DateTime::UNIX_EPOCH;
    let bytes = spawn_blocking(move || written("怪字", &headings, taken, now)).await.unwrap().unwrap().unwrap();
    let mut book = workbook(bytes);
    let shown = book.worksheet_range("怪字").unwrap().rows().nth(1).unwrap()[0].to_string();
    let legal: String = shown.chars().filter(|c| *c != '\u{FFFD}').collect();
    assert!(legal.contains("c<&>\"'_x0041_") && legal.contains('d') && legal.ends_with("e\tf"), "{shown:?}");
    assert_eq!(book.worksheet_range("说明").unwrap().rows().next().unwrap()[1].to_string(), shown);
}

#[tokio::test]
async fn the_headings_stay_in_sight_and_filter_and_a_formula_is_marked_as_a_text() {
    let exporting = Exporting::seeded().await;
    exporting.house.apply(uscc(7).as_str(), "=1+1", "2026-05-21").await;
    let bytes = whole(exporting.ask(&roster("standing=applicant"), XLSX).await).await;
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| std::io::read_to_string(parts.by_name(name).unwrap()).unwrap();
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(sheet.contains("ySplit=\"1\"") && sheet.contains("state=\"frozen\""), "{sheet}");
    assert!(sheet.contains("<autoFilter ref=\"A1:AH3\""), "{sheet}");
    // Columns of one width side by side share an element.
    assert!(sheet.contains(" max=\"34\""), "{sheet}");
    assert!(part("xl/styles.xml").contains("quotePrefix=\"1\""));
    assert!(part("docProps/core.xml").contains("2026-06-01T04:00:00Z"));
}
