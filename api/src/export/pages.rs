//! The pages of a list, asked of the inner service one after another, as whoever exports may read them.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use crate::openapi::JSON;
use crate::page::PageRows;
use crate::problem::{Code, Problem};

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    /// The position of the event log that it shows.
    pub(super) position: u64,
    next_cursor: Option<String>,
    /// What it says beside its rows.
    #[serde(flatten)]
    pub(super) head: Map<String, Value>,
}

/// Where the list is to be gone on with.
enum At {
    Beginning,
    After(String),
    End,
}

/// All pages of a list.
pub(super) struct Pages {
    next: Next,
    parts: Parts,
    /// The query without what chooses a page.
    filters: Vec<(String, String)>,
    /// The time that a page may take.
    time: Duration,
    at: At,
}

impl Pages {
    /// The pages that a request asks for, with so many rows each.
    pub(super) fn of(request: Request, next: Next, rows: usize, time: Duration) -> Self {
        let (mut parts, _) = request.into_parts();
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let chosen = query.filter(|(name, _)| !matches!(&**name, "limit" | "cursor"));
        let filters = chosen.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        parts.method = Method::GET;
        parts.extensions.insert(PageRows(rows));
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static(JSON));
        Self { next, parts, filters, time, at: At::Beginning }
    }

    /// What the list is filtered and sorted by.
    pub(super) fn filters(&self) -> &[(String, String)] {
        &self.filters
    }

    /// The next page, if there is one. A refusal is that of the inner service.
    pub(super) async fn next(&mut self) -> Result<Option<Page>, Response> {
        let cursor = match std::mem::replace(&mut self.at, At::End) {
            At::Beginning => None,
            At::After(cursor) => Some(cursor),
            At::End => return Ok(None),
        };
        let request = self.request(cursor.as_deref()).map_err(IntoResponse::into_response)?;
        let answer = tokio::time::timeout(self.time, self.next.clone().run(request)).await;
        let answer = answer.map_err(|_| Problem::of(Code::StoreUnavailable).retry_after(1).into_response())?;
        if answer.status() != StatusCode::OK {
            return Err(answer);
        }
        let page = read(answer).await.map_err(IntoResponse::into_response)?;
        if let Some(cursor) = &page.next_cursor {
            self.at = At::After(cursor.clone());
        }
        Ok(Some(page))
    }

    fn request(&self, cursor: Option<&str>) -> Result<Request, Problem> {
        let mut parts = self.parts.clone();
        let mut query = Serializer::new(String::new());
        query.extend_pairs(&self.filters);
        query.extend_pairs(cursor.map(|cursor| ("cursor", cursor)));
        let query = query.finish();
        parts.uri = asking(&parts.uri, &query)?;
        if let Some(OriginalUri(uri)) = parts.extensions.get_mut::<OriginalUri>() {
            *uri = asking(uri, &query)?;
        }
        Ok(Request::from_parts(parts, Body::empty()))
    }
}

/// The same address with another query.
fn asking(uri: &Uri, query: &str) -> Result<Uri, Problem> {
    let mut parts = uri.clone().into_parts();
    let path = PathAndQuery::try_from(format!("{}?{query}", uri.path()));
    parts.path_and_query = Some(path.map_err(|error| Problem::internal(&error))?);
    Uri::from_parts(parts).map_err(|error| Problem::internal(&error))
}

async fn read(answer: Response) -> Result<Page, Problem> {
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.map_err(|error| Problem::internal(&error))?;
    let page = spawn_blocking(move || serde_json::from_slice(&bytes)).await;
    page.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))
}
