//! Exports over HTTP, read back by other libraries.

mod sheets;

use std::io::Cursor;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use calamine::{Data, Range, Reader as _, Xlsx, open_workbook_from_rs};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tower::ServiceExt as _;

use super::*;
use store::audit::Who;

use crate::headers::ACTOR;
use crate::layers::REQUEST_ID;
use crate::service::exporting;
use crate::testing::{APPLICANT, CYCLE, House, MEMBER, OFFICE, PROGRAM, uscc};

/// A house whose exports have small bounds and are listened to.
struct Exporting {
    house: House,
    router: Router,
    told: UnboundedReceiver<Exported>,
}

impl Exporting {
    fn over(house: House, bounds: Bounds) -> Self {
        let (tell, told) = unbounded_channel();
        let record: Record = Arc::new(move |exported| {
            tell.send(exported).unwrap();
            Box::pin(std::future::ready(()))
        });
        let router = exporting(Arc::clone(&house.app), Limits::default(), bounds, record).unwrap();
        Self { house, router, told }
    }

    async fn seeded() -> Self {
        Self::over(House::seeded().await, Bounds::default())
    }

    /// With more files than one page has, each of its own number.
    async fn crowded(files: u32, page_rows: usize) -> Self {
        let house = House::seeded().await;
        for n in 1..files {
            house.apply(uscc(n).as_str(), &format!("第{n}家组织"), "2026-05-20").await;
        }
        Self::over(house, Bounds { page_rows, ..Bounds::default() })
    }

    async fn send(&self, request: Builder) -> Response {
        let request = self.house.signed(request.body(Body::empty()).unwrap()).await;
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn ask(&self, path: &str, media_type: &str) -> Response {
        self.send(asking(path, media_type)).await
    }

    async fn csv(&self, path: &str) -> Vec<Vec<String>> {
        csv(&whole(self.ask(path, CSV).await).await)
    }

    async fn xlsx(&self, path: &str) -> Xlsx<Cursor<Vec<u8>>> {
        workbook(whole(self.ask(path, XLSX).await).await)
    }

    async fn problem(&self, request: Builder) -> Value {
        let response = self.send(request).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
}

fn asking(path: &str, media_type: &str) -> Builder {
    Request::get(format!("/api/v1{path}")).header(header::ACCEPT, media_type).header(ACTOR, OFFICE)
}

async fn whole(response: Response) -> Vec<u8> {
    assert_eq!(response.status(), StatusCode::OK, "{:?}", response.extensions().get::<Problem>());
    to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
}

/// The lines of a CSV file, the first one the headings.
fn csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").expect("no byte order mark");
    let reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader.into_records().map(|record| record.unwrap().iter().map(ToOwned::to_owned).collect()).collect()
}

fn workbook(bytes: Vec<u8>) -> Xlsx<Cursor<Vec<u8>>> {
    open_workbook_from_rs(Cursor::new(bytes)).unwrap()
}

/// The column with this heading, without it.
#[track_caller]
fn column(lines: &[Vec<String>], heading: &str) -> Vec<String> {
    let place = lines[0].iter().position(|h| h == heading).unwrap_or_else(|| panic!("{heading}: {:?}", lines[0]));
    lines[1..].iter().map(|line| line[place].clone()).collect()
}

/// The value beside a name on the second sheet.
#[track_caller]
fn note(notes: &Range<Data>, name: &str) -> Data {
    let row = notes.rows().find(|row| row[0] == Data::String(name.to_owned()));
    row.unwrap_or_else(|| panic!("{name}: {notes:?}"))[1].clone()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

fn roster(query: &str) -> String {
    format!("/cycles/{CYCLE}/roster?{query}")
}

#[tokio::test]
async fn u10_a_list_is_exported_where_it_is_preferred_to_json() {
    let exporting = Exporting::seeded().await;
    for (accept, content_type) in [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/*", "text/csv; charset=utf-8; header=present"),
        ("application/json;q=0.1, text/csv;q=0.2", "text/csv; charset=utf-8; header=present"),
        (XLSX, XLSX),
    ] {
        let response = exporting.ask(&roster(""), accept).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], content_type, "{accept}");
        assert!(response.headers().get_all(header::VARY).iter().any(|vary| vary == "accept"), "{accept}");
    }
    let problem = exporting.problem(asking(&roster(""), "text/html")).await;
    assert_eq!(
        (&problem["code"], &problem["offered"]),
        (&"not_acceptable".into(), &serde_json::json!([JSON, CSV, XLSX]))
    );
    let problem = exporting.problem(asking(&format!("/cycles/{CYCLE}"), CSV)).await;
    assert_eq!(problem["code"], "not_acceptable", "one thing is no list");
}

#[tokio::test]
async fn an_export_is_a_file_that_nobody_keeps() {
    let exporting = Exporting::seeded().await;
    for (media_type, extension) in [(CSV, "csv"), (XLSX, "xlsx")] {
        let response = exporting.ask(&roster(""), media_type).await;
        let end = format!("_{CYCLE}_2026-06-01.{extension}");
        assert_eq!(
            response.headers()[header::CONTENT_DISPOSITION],
            format!(
                "attachment; filename=\"cycles-roster{end}\"; \
                 filename*=UTF-8''%E5%AD%B5%E5%8C%96%E5%90%8D%E5%86%8C{end}"
            )
        );
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        assert!(!response.headers().contains_key(header::ETAG));
        let head = exporting.house.app.store().feed().head().await.unwrap();
        assert_eq!(response.headers()[POSITION], head.to_string());
        let unconditional = exporting.send(asking(&roster(""), media_type).header(header::IF_NONE_MATCH, "*")).await;
        assert_eq!(unconditional.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_head_has_the_headers_of_the_export_and_is_none() {
    let mut exporting = Exporting::seeded().await;
    for media_type in [CSV, XLSX] {
        let response = exporting.send(asking(&roster(""), media_type).method(Method::HEAD)).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.headers().contains_key(header::CONTENT_DISPOSITION));
        assert!(!response.headers().contains_key(header::CONTENT_LENGTH));
        assert!(to_bytes(response.into_body(), 10).await.unwrap().is_empty());
    }
    assert!(exporting.told.try_recv().is_err());
    let refused = exporting.send(asking(&roster("sort=price"), CSV).method(Method::HEAD)).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_export_has_all_that_the_filters_show_in_the_order_asked_for() {
    let exporting = Exporting::crowded(6, 2).await;
    let page = exporting.house.get(&roster("standing=applicant&sort=-uscc")).await.ok();
    let shown: Vec<_> = page["items"].as_array().unwrap().iter().map(|row| row["uscc"].as_str().unwrap()).collect();
    assert_eq!(shown.len(), 6);
    let path = roster("limit=1&standing=applicant&cursor=of-no-use&sort=-uscc");
    let lines = exporting.csv(&path).await;
    assert_eq!(column(&lines, "统一社会信用代码"), shown);
    let sheet = exporting.xlsx(&path).await.worksheet_range("孵化名册").unwrap();
    let place = lines[0].iter().position(|heading| heading == "统一社会信用代码").unwrap();
    let exported: Vec<_> = sheet.rows().skip(1).map(|row| row[place].to_string()).collect();
    assert_eq!(exported, shown);
    assert_eq!(column(&exporting.csv(&roster("class=C")).await, "统一社会信用代码"), [MEMBER]);
}

#[tokio::test]
async fn the_two_clocks_are_exported_too() {
    let exporting = Exporting::seeded().await;
    let before = exporting.csv(&roster("as_of=2026-02-28&standing=applicant")).await;
    assert_eq!(column(&before, "统一社会信用代码"), [MEMBER]);
    let head = exporting.house.app.store().feed().head().await.unwrap();
    assert_eq!(exporting.csv(&roster(&format!("known_at={}", head - 1))).await.len(), 1);
    let problem = exporting.problem(asking(&roster("known_at=100000"), XLSX)).await;
    assert_eq!(problem["code"], "position_unknown");
}

#[tokio::test]
async fn an_empty_list_has_its_head() {
    let exporting = Exporting::seeded().await;
    let full = exporting.csv(&roster("")).await;
    let empty = exporting.csv(&roster("standing=former")).await;
    assert_eq!((&empty[0], empty.len()), (&full[0], 1));
    let mut book = exporting.xlsx(&roster("standing=former")).await;
    let sheet = book.worksheet_range("孵化名册").unwrap();
    let headings: Vec<_> = sheet.rows().next().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!((headings, sheet.height()), (full[0].clone(), 1));
    assert_eq!(note(&book.worksheet_range("说明").unwrap(), "行数"), Data::Float(0.0));
}

#[tokio::test]
async fn what_the_inner_service_refuses_is_refused_as_a_problem() {
    let mut exporting = Exporting::seeded().await;
    for media_type in [CSV, XLSX] {
        for (path, code) in [
            (roster("sort=price"), "invalid_parameter"),
            (roster("shape=round"), "unknown_parameter"),
            ("/cycles/wuhu-incubation-1999/roster".to_owned(), "not_found"),
        ] {
            assert_eq!(exporting.problem(asking(&path, media_type)).await["code"], code, "{path}");
        }
        let behind = asking(&roster(""), media_type).header("hatchery-min-position", "1000000");
        assert!(exporting.send(behind).await.status().is_client_error());
    }
    assert!(exporting.told.try_recv().is_err(), "nothing was handed out");
}

#[tokio::test]
async fn a_workbook_has_a_bound_and_csv_has_none() {
    let mut exporting = Exporting::crowded(5, 2).await;
    exporting = Exporting::over(exporting.house, Bounds { page_rows: 2, xlsx_rows: 4, ..Bounds::default() });
    let path = roster("standing=all");
    let problem = exporting.problem(asking(&path, XLSX)).await;
    assert_eq!((&problem["code"], &problem["limit"]), (&"not_acceptable".into(), &4.into()));
    assert_eq!(problem["offered"], serde_json::json!([JSON, CSV]));
    assert!(exporting.told.try_recv().is_err());
    assert_eq!(exporting.csv(&path).await.len(), 1 + 6);
    let applicants = exporting.xlsx(&roster("standing=member")).await.worksheet_range("孵化名册").unwrap();
    assert_eq!(applicants.height(), 2);
}

#[tokio::test]
async fn every_export_is_told_of_once() {
    let mut exporting = Exporting::crowded(3, 2).await;
    for (media_type, format) in [(CSV, Format::Csv), (XLSX, Format::Xlsx)] {
        let path = roster("standing=applicant&search=家&cursor=x");
        let request = asking(&path.replace('家', "%E5%AE%B6"), media_type).header(REQUEST_ID, "mine");
        let exported = whole(exporting.send(request).await).await;
        assert!(!exported.is_empty());
        let pairs = [("cycle", CYCLE), ("standing", "applicant"), ("search", "家")];
        let expected = Exported {
            operation: "list_roster".to_owned(),
            filters: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            format,
            rows: 2,
            complete: true,
            position: exporting.house.app.store().feed().head().await.unwrap(),
            who: Who {
                role: Some("office".to_owned()),
                unit: Some("wuhu-incubation".to_owned()),
                person: Some("zhang".to_owned()),
            },
            request_id: "mine".to_owned(),
        };
        assert_eq!(exporting.told.recv().await, Some(expected));
        assert!(exporting.told.try_recv().is_err());
    }
}

// What happens between two pages. The first part of an answer waits to be read, and the next page with it.

#[tokio::test]
async fn what_is_recorded_between_two_pages_is_neither_missed_nor_doubled() {
    let exporting = Exporting::crowded(4, 1).await;
    let response = exporting.ask(&roster("standing=applicant&sort=uscc"), CSV).await;
    exporting.house.apply(uscc(9).as_str(), "后来的组织", "2026-05-21").await;
    let lines = csv(&whole(response).await);
    let mut expected = vec![APPLICANT.to_owned()];
    expected.extend([1, 2, 3, 9].map(|n| uscc(n).to_string()));
    expected.sort();
    assert_eq!(column(&lines, "统一社会信用代码"), expected);
}

#[tokio::test]
async fn a_page_that_fails_breaks_the_answer_off() {
    let mut exporting = Exporting::crowded(4, 1).await;
    let response = exporting.ask(&roster("standing=applicant"), CSV).await;
    assert_eq!(response.status(), StatusCode::OK);
    exporting.house.meddle("ALTER TABLE roster RENAME TO elsewhere").await;
    assert!(to_bytes(response.into_body(), usize::MAX).await.is_err());
    let told = exporting.told.recv().await.unwrap();
    assert_eq!((told.rows, told.complete), (1, false));
}

#[tokio::test]
async fn a_client_that_leaves_is_told_of() {
    let mut exporting = Exporting::crowded(4, 1).await;
    drop(exporting.ask(&roster("standing=applicant"), CSV).await);
    let told = exporting.told.recv().await.unwrap();
    assert_eq!((told.complete, told.rows < 4), (false, true));
}
