//! 孵化池名册: the files of a cycle, filtered, sorted, page by page, now or at another time; exported as shown.

mod row;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use projections::balance::Balance;
use projections::roster::{Census, RosterRow};
use serde::Deserialize;

use self::row::{Heading, Row};
use self::view::{Asked, Clock, Filter, Tab};
use super::frame::Frame;
use crate::failure::Failure;
use crate::query::Query;
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words;

/// The media type of an export.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Rows of a page.
const PAGE: &str = "50";

/// A page of the roster, as the API answers it.
#[derive(Debug, Deserialize)]
pub(super) struct RosterRead {
    pub(super) items: Vec<RosterRow>,
    pub(super) next_cursor: Option<String>,
    #[serde(default)]
    pub(super) total: Option<u64>,
    pub(super) totals: Census,
    pub(super) balance: Balance,
}

#[derive(Template)]
#[template(path = "roster.html")]
struct RosterPage {
    shell: Shell,
    w: &'static words::Roster,
    tabs: Vec<Tab>,
    /// Members per class, in words.
    classes: Vec<(String, u32)>,
    excess: u32,
    path: String,
    search: String,
    filters: Vec<Filter>,
    folded: Vec<Filter>,
    clocks: Vec<Clock>,
    unfolded: bool,
    kept: Vec<(&'static str, String)>,
    past: Option<String>,
    total: u64,
    headings: Vec<Heading>,
    rows: Vec<Row>,
    export: String,
    clear: String,
    first: Option<String>,
    next: Option<String>,
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/cycles/{cycle}/roster", get(show_roster))
        .route("/cycles/{cycle}/roster.xlsx", get(export_roster))
}

async fn show_roster(user: User, Path(cycle): Path<String>, query: Query) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let w = words::Roster::of(user.language());
    let asked = Asked::of(query, &frame);
    let question = asked.question().with("count", "true").with("limit", PAGE);
    let path = frame.path("/roster");
    let read: RosterRead = user.read(&question.after(&path)).await?;
    let mut shell = frame.shell(&user, w.title);
    shell.faulty = asked.is_faulty();
    let template = RosterPage {
        shell,
        w,
        tabs: asked.tabs(&path, &read.totals, w),
        classes: read.totals.classes.iter().map(|(class, count)| (frame.class(class.as_str()), *count)).collect(),
        excess: read.balance.excess,
        search: asked.search(),
        filters: asked.filters(&frame, w),
        folded: asked.folded(w, user.language()),
        clocks: asked.clocks(w),
        unfolded: asked.is_unfolded(),
        kept: asked.kept(),
        past: asked.past(w),
        total: read.total.unwrap_or_default(),
        headings: row::headings(&asked, &path, &frame, w),
        rows: read.items.iter().map(|found| Row::of(found, &asked, &frame, w)).collect(),
        export: asked.shown().after(&frame.path("/roster.xlsx")),
        clear: asked.cleared().after(&path),
        first: asked.is_later_page().then(|| asked.shown().after(&path)),
        next: read.next_cursor.map(|cursor| asked.shown().with("cursor", cursor).after(&path)),
        path,
    };
    Ok(page(StatusCode::OK, &template))
}

/// What is shown, as a spreadsheet: the API's own export, under the same filters.
async fn export_roster(user: User, Path(cycle): Path<String>, query: Query) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let asked = Asked::of(query, &frame);
    user.fetch(&asked.question().without("cursor").after(&frame.path("/roster")), XLSX).await
}
