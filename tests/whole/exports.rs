//! Every list of the demo as CSV and as a workbook, read back by other libraries and held against its JSON, cell by
//! cell (U4, U10); and a roster of a thousand.

mod held;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use app::access::Policy;
use app::{App, Clock, Request, Rulebooks};
use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use domain::Command;
use domain::document::Common;
use domain::enrolment::{EnrolmentCommand, SubmitApplication};
use domain::forms::samples;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use store::testing::TestDatabase;
use store::{Store, StoreConfig};
use utoipa::openapi::OpenApi;

use crate::on_both_databases;
use crate::pool;
use crate::server::Server;
use crate::town::today;
use held::Held;

on_both_databases! {
    u10_every_list_of_the_demo_is_exported_as_it_is_shown,
    u10_a_roster_of_a_thousand_is_exported_whole,
}

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Who reads and exports: an auditor, who sees every row.
const READER: &str = "auditor/all/shen";
/// How long the demo may take to tell its story.
const STORY: Duration = Duration::from_mins(2);

/// Lists whose rows hold lists that have a row each.
const SPREAD: [(&str, &[&str]); 2] =
    [("get_carry_over", &["organizations"]), ("list_survey_reports", &["reports", "files"])];

/// A list and how it was exported.
struct Exported {
    items: Vec<Value>,
    csv: Vec<Vec<String>>,
    xlsx: Vec<Vec<Data>>,
}

async fn bytes(server: &Server, path: &str, media_type: &str) -> Vec<u8> {
    let headers = [("hatchery-actor", READER), ("accept", media_type)];
    let response = server.request(Method::GET, path, &headers).await.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{media_type} {path}");
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with(media_type));
    response.bytes().await.unwrap().to_vec()
}

/// All rows of a list, page by page.
async fn items(server: &Server, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    let more = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = bytes(server, &format!("{path}{more}limit=200{cursor}"), "application/json").await;
        let mut page: Value = serde_json::from_slice(&page).unwrap();
        items.append(page["items"].as_array_mut().unwrap());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

async fn export(server: &Server, path: &str) -> Exported {
    let text = bytes(server, path, CSV).await;
    let text = text.strip_prefix(b"\xEF\xBB\xBF").expect("no byte order mark");
    let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let csv = reader.into_records().map(|line| line.unwrap().iter().map(ToOwned::to_owned).collect()).collect();
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes(server, path, XLSX).await)).unwrap();
    let [sheet, notes] = <[String; 2]>::try_from(book.sheet_names()).unwrap();
    assert_eq!(notes, "说明");
    assert!(book.worksheet_formula(&sheet).unwrap().used_cells().next().is_none(), "{path}");
    let xlsx = book.worksheet_range(&sheet).unwrap().rows().map(<[Data]>::to_vec).collect();
    Exported { items: items(server, path).await, csv, xlsx }
}

/// One row for each element of the lists named, one list inside of the other.
fn spread(row: &Value, lists: &[&str]) -> Vec<Value> {
    let Some((list, inner)) = lists.split_first() else { return vec![row.clone()] };
    let mut bare = row.clone();
    let elements = bare.as_object_mut().unwrap().remove(*list).unwrap();
    let elements = elements.as_array().unwrap();
    if elements.is_empty() {
        return vec![bare];
    }
    let rows = elements.iter().flat_map(|element| spread(element, inner));
    rows.map(|element| {
        let mut row = bare.clone();
        row[*list] = element;
        row
    })
    .collect()
}

/// Holds an export against the rows of the list; answers how many there were.
fn hold(document: &OpenApi, operation: &str, path: &str, exported: &Exported) -> usize {
    let lists = SPREAD.iter().find(|(known, _)| *known == operation).map_or(&[][..], |(_, lists)| lists);
    let rows: Vec<Value> = exported.items.iter().flat_map(|item| spread(item, lists)).collect();
    let columns = api::export::columns(document, operation).unwrap();
    let headings: Vec<&str> = columns.iter().map(|(_, heading)| heading.as_str()).collect();
    // Beside the heading of a clause stands the label of the rules.
    let same = |shown: &str, heading: &str| shown == heading || shown.starts_with(&format!("{heading}（"));
    assert!(exported.csv[0].iter().zip(&headings).all(|(shown, heading)| same(shown, heading)), "{path}");
    assert_eq!(exported.csv.len(), rows.len() + 1, "{path}");
    assert_eq!(exported.xlsx.len(), rows.len() + 1, "{path}");
    let mut held = Held::new(&columns);
    for (number, row) in rows.iter().enumerate() {
        held.row(row, &exported.csv[number + 1], &exported.xlsx[number + 1], &format!("{path} row {number}"));
    }
    rows.len()
}

/// The values of the keys of paths.
async fn keys(server: &Server) -> BTreeMap<&'static str, Vec<String>> {
    let of = |items: Vec<Value>, field: &str| {
        let values: BTreeSet<String> = items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect();
        values.into_iter().collect::<Vec<_>>()
    };
    let cycles = of(items(server, "/api/v1/cycles").await, "cycle");
    let programs = of(items(server, "/api/v1/programs").await, "program");
    BTreeMap::from([("cycle", cycles), ("program", programs)])
}

/// Every address of a list: each key in turn.
async fn addresses(server: &Server, path: &str, keys: &BTreeMap<&'static str, Vec<String>>) -> Vec<String> {
    let mut paths = vec![path.to_owned()];
    for (key, values) in keys {
        let place = format!("{{{key}}}");
        if path.contains(&place) {
            paths = paths.iter().flat_map(|path| values.iter().map(|value| path.replace(&place, value))).collect();
        }
    }
    if !path.contains("{uscc}") {
        return paths;
    }
    let mut of_files = BTreeSet::new();
    for cycle in &keys["cycle"] {
        for file in items(server, &format!("/api/v1/cycles/{cycle}/roster?standing=all")).await {
            let of_cycle =
                paths.iter().filter(|path| !path.contains("/cycles/") || path.contains(&format!("/{cycle}/")));
            of_files.extend(of_cycle.map(|path| path.replace("{uscc}", file["uscc"].as_str().unwrap())));
        }
    }
    of_files.into_iter().collect()
}

async fn u10_every_list_of_the_demo_is_exported_as_it_is_shown(database: TestDatabase) {
    let server = Server::run(["demo", "--database-url", &database.setting()], &database, STORY).await;
    let document = api::service::openapi();
    let keys = keys(&server).await;
    let mut counts = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        let Some(operation) = item.get.as_ref().and_then(|get| get.operation_id.as_deref()) else { continue };
        // Lists of accounts are read by others; the audit trail grows with every export.
        let of_access =
            item.get.as_ref().is_some_and(|get| get.tags.iter().flatten().any(|tag| tag == "access" || tag == "audit"));
        if of_access || api::export::columns(&document, operation).is_none() {
            continue;
        }
        for address in addresses(&server, path, &keys).await {
            let rows = hold(&document, operation, &address, &export(&server, &address).await);
            *counts.entry(operation).or_default() += rows;
        }
    }
    assert_eq!(counts.len(), 26, "{counts:?}");
    let empty: Vec<_> = counts.iter().filter(|(_, rows): &(_, &usize)| **rows == 0).collect();
    assert!(empty.is_empty(), "nothing was compared of {empty:?}");
    // What the demo voided and merged is exported where it is asked for.
    let voided = "/api/v1/cycles/wuhu-incubation-2025/visits?voided=true&sort=-occurred_on";
    assert!(hold(&document, "list_visits", voided, &export(&server, voided).await) > 0);
    server.stop();
}

async fn u10_a_roster_of_a_thousand_is_exported_whole(database: TestDatabase) {
    const FILES: usize = 1_000;
    pool::fill(&database, &[]).await;
    let store = Arc::new(Store::start(StoreConfig::new(database.url.clone(), projections::models())).await.unwrap());
    let policy = Arc::new(Policy::load(None).unwrap());
    let app = App::new(Arc::clone(&store), Arc::new(Rulebooks::load(None).unwrap()), policy, Clock::System);
    let own_class = Some("B".parse().unwrap());
    let applied = (0..FILES).map(|n| {
        let (uscc, on) = (pool::uscc(n), today());
        let submit = SubmitApplication {
            cycle: pool::CYCLE.parse().unwrap(),
            uscc: uscc.clone(),
            application: Box::new(samples::application(
                &format!("企业{n}"),
                "jinghu".parse().unwrap(),
                own_class.clone(),
                on,
            )),
            previous: None,
            self_evaluation: None,
            common: Common::on(on),
        };
        let actor = format!("organization/{uscc}/chen").parse().unwrap();
        app.run(Request::new(actor, Command::Enrolment(EnrolmentCommand::SubmitApplication(submit))))
    });
    for applied in futures::future::join_all(applied).await {
        applied.unwrap();
    }
    store.stop().await;
    let server = Server::start(&database).await;
    let path = format!("/api/v1/cycles/{}/roster?standing=applicant&sort=-uscc", pool::CYCLE);
    let exported = export(&server, &path).await;
    assert_eq!(hold(&api::service::openapi(), "list_roster", &path, &exported), FILES);
    server.stop();
}
