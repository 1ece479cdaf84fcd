//! Any list as a spreadsheet: `Accept: text/csv`, or the type of xlsx, exports what its filters show (U4, U10).
//!
//! One layer around the resources: it asks the inner service for the list, page by page, and lays the rows out by
//! their schema in the document. So an export shows what the same reader is shown as JSON, no more and no less, and a
//! new list is exported without a line of its own. See `docs/decisions/0016`.

mod asked;
mod cell;
mod csv;
mod layout;
mod listed;
mod lists;
mod notes;
mod pages;
mod record;
mod sheet;
mod stream;
mod values;
mod words;
mod xlsx;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};
use utoipa::openapi::OpenApi;

use self::asked::Asked;
use self::cell::Cell;
use self::listed::Listed;
use self::pages::{Page, Pages};
pub use self::record::{Exported, Record, logged};
use crate::accept::Accept;
use crate::headers::{POSITION, position_value};
use crate::layers::Limits;
use crate::openapi::{JSON, PerOperation};
use crate::problem::Problem;
use crate::state::Api;

/// The media type of CSV.
pub const CSV: &str = "text/csv";
/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What a list is exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text, handed out as it is read.
    Csv,
    /// A workbook, handed out once it is whole.
    Xlsx,
}

impl Format {
    /// The format that a request prefers to JSON.
    fn preferred(headers: &HeaderMap) -> Option<Self> {
        let accept = Accept::of(headers);
        let mut best = (JSON, None);
        for format in [Self::Csv, Self::Xlsx] {
            if accept.prefers(format.media_type(), best.0) {
                best = (format.media_type(), Some(format));
            }
        }
        best.1
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => CSV,
            Self::Xlsx => XLSX,
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => XLSX,
        }
    }

    /// What the name of a file ends with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// The bounds of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Rows that are read at a time: what they show is of one position.
    pub page_rows: usize,
    /// Rows of a workbook; CSV has no bound.
    pub xlsx_rows: usize,
    /// Workbooks that are written at the same time.
    pub workbooks: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { page_rows: 2_000, xlsx_rows: 50_000, workbooks: 2 }
    }
}

/// What the layer knows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Exports {
    api: Api,
    lists: PerOperation<Option<Arc<Listed>>>,
    bounds: Bounds,
    workbooks: Arc<Semaphore>,
    record: Record,
}

impl Exports {
    /// Exports of the lists of a document.
    pub(crate) fn new(api: Api, document: &OpenApi, bounds: Bounds, record: Record) -> Self {
        let workbooks = Arc::new(Semaphore::new(bounds.workbooks));
        Self { api, lists: listed::all(document), bounds, workbooks, record }
    }
}

/// The columns of a list, by its operation: where each value stands in a row, and its heading.
#[must_use]
pub fn columns(document: &OpenApi, operation: &str) -> Option<Vec<(Vec<String>, String)>> {
    let lists = listed::all(document);
    let listed = lists.values().flatten().find(|listed| listed.operation == operation)?;
    Some(listed.columns.iter().map(|column| (column.path.clone(), column.heading.clone())).collect())
}

/// Answers a list in the format that is asked for. It has to stand inside of all that decides who may read what.
pub(crate) async fn export(State(exports): State<Exports>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let listed = exports.lists.find(&request).filter(|_| reads).and_then(Option::clone);
    let Some(listed) = listed else { return next.run(request).await };
    let mut response = match Format::preferred(request.headers()) {
        None => next.run(request).await,
        Some(format) => serve(exports, listed, format, request, next).await.unwrap_or_else(|refused| refused),
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// An export under way.
struct Export {
    asked: Asked,
    pages: Pages,
    bounds: Bounds,
    record: Record,
    /// The position of the first page.
    position: u64,
}

async fn serve(
    exports: Exports,
    listed: Arc<Listed>,
    format: Format,
    request: Request,
    next: Next,
) -> Result<Response, Response> {
    let whole = *request.method() != Method::HEAD;
    let limits = request.extensions().get::<Limits>().copied().unwrap_or_default();
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&exports.api, listed, format, &mut parts).await;
    let disposition = asked.disposition().map_err(IntoResponse::into_response)?;
    let request = Request::from_parts(parts, body);
    let mut pages = Pages::of(request, next, exports.bounds.page_rows, limits.answer_time);
    // The first page is read before anything is answered: what is refused, is refused with a problem.
    let Some(first) = pages.next().await? else {
        return Err(Problem::internal(&"a list without a first page").into_response());
    };
    let position = first.position;
    let export = Export { asked, pages, bounds: exports.bounds, record: exports.record, position };
    let body = match format {
        _ if !whole => Body::from_stream(futures::stream::empty::<Result<Vec<u8>, std::io::Error>>()),
        Format::Csv => stream::csv(export, first),
        Format::Xlsx => sheet::xlsx(export, first, &exports.workbooks).await?,
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (POSITION, position_value(position)),
    ];
    Ok((headers, body).into_response())
}

impl Export {
    /// The rows of a page, cell by cell.
    async fn rows(&self, page: Vec<Value>) -> Result<Vec<Vec<Cell>>, JoinError> {
        let listed = Arc::clone(&self.asked.listed);
        spawn_blocking(move || {
            let rows = page.into_iter().flat_map(|row| cell::spread(row, listed.spread));
            rows.map(|row| listed.columns.iter().map(|column| Cell::of(column, &row)).collect()).collect()
        })
        .await
    }

    /// Tells of the export: so many rows were handed out, all or not.
    async fn record(&self, rows: usize, complete: bool) {
        let Asked { listed, format, keys, who, request_id, .. } = &self.asked;
        let exported = Exported {
            operation: listed.operation.clone(),
            filters: keys.iter().chain(self.pages.filters()).cloned().collect(),
            format: *format,
            rows,
            complete,
            position: self.position,
            who: who.clone(),
            request_id: request_id.clone(),
        };
        (self.record)(exported).await;
    }
}

#[cfg(test)]
mod tests;
