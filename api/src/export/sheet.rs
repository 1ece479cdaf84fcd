//! A workbook, made page by page and handed out once it is whole.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::spawn_blocking;

use super::notes::{self, Shown};
use super::xlsx::{Step, workbook};
use super::{CSV, Export, Page};
use crate::openapi::JSON;
use crate::problem::{Code, Problem};

/// The workbook of a list. Only so many are made at a time: each takes a processor.
pub(super) async fn xlsx(mut export: Export, first: Page, workbooks: &Semaphore) -> Result<Body, Response> {
    let _turn = workbooks.acquire().await.map_err(|closed| Problem::internal(&closed).into_response())?;
    let (listed, now) = (Arc::clone(&export.asked.listed), export.asked.now);
    let headings = export.asked.headings();
    let (steps, taken) = channel(1);
    let written = spawn_blocking(move || workbook(&listed.name, &headings, taken, now));
    let count = pour(&mut export, first, steps).await?;
    let written = written.await.map_err(|error| Problem::internal(&error).into_response())?;
    let content = written.map_err(|error| Problem::internal(&error).into_response())?;
    let Some(content) = content else {
        return Err(Problem::internal(&"a workbook without its end").into_response());
    };
    export.record(count, true).await;
    Ok(content.into())
}

/// Hands all rows to the writer. Where that has failed it takes no more, and says why itself.
async fn pour(export: &mut Export, first: Page, steps: Sender<Step>) -> Result<usize, Response> {
    let mut count = 0;
    let mut shown = Vec::new();
    let Page { mut items, mut position, head, .. } = first;
    loop {
        let rows = export.rows(items).await.map_err(|error| Problem::internal(&error).into_response())?;
        count += rows.len();
        if count > export.bounds.xlsx_rows {
            return Err(too_long(export.bounds.xlsx_rows).into_response());
        }
        notes::add(&mut shown, Shown { rows: rows.len(), position });
        if steps.send(Step::Rows(rows)).await.is_err() {
            return Ok(count);
        }
        match export.pages.next().await? {
            Some(page) => (items, position) = (page.items, page.position),
            None => break,
        }
    }
    let notes = notes::lines(&export.asked, export.pages.filters(), &shown, head);
    // The writer's own answer tells whether it took them.
    _ = steps.send(Step::Notes(notes)).await;
    Ok(count)
}

fn too_long(limit: usize) -> Problem {
    Problem::new(
        Code::NotAcceptable,
        format!("Excel 文件最多 {limit} 行：请缩小筛选范围，或改取 CSV。"),
        format!("A workbook has at most {limit} rows: narrow the filters, or ask for CSV."),
    )
    .with("limit", limit)
    .with("offered", [JSON, CSV])
}
