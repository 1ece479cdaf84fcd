//! CSV, handed out page by page as it is read.

use std::io;

use axum::body::{Body, Bytes};
use futures::stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;
use tracing::Instrument as _;

use super::csv::{BOM, head, rows};
use super::{Export, Page};

type Part = Result<Bytes, io::Error>;

/// Why an export did not come to its end.
enum Broken {
    /// Nobody reads it any more.
    Left,
    /// A page could not be read or written.
    Failed(String),
}

/// A body that is filled by a task of its own, so that what became of the export is told whatever the client does.
pub(super) fn csv(export: Export, first: Page) -> Body {
    let (hand_out, handed_out) = channel(1);
    tokio::spawn(fill(export, first, hand_out).in_current_span());
    Body::from_stream(stream::unfold(handed_out, next))
}

async fn next(mut handed_out: Receiver<Part>) -> Option<(Part, Receiver<Part>)> {
    let part = handed_out.recv().await?;
    Some((part, handed_out))
}

async fn fill(mut export: Export, first: Page, hand_out: Sender<Part>) {
    let mut count = 0;
    let poured = pour(&mut export, first, &hand_out, &mut count).await;
    let complete = poured.is_ok();
    if let Err(Broken::Failed(cause)) = poured {
        tracing::warn!(cause, "an export broke off");
        // The answer breaks off too: half a list must not pass for a whole one.
        _ = hand_out.send(Err(io::Error::other("the export broke off"))).await;
    }
    // The answer does not end before this was told.
    export.record(count, complete).await;
}

async fn pour(export: &mut Export, first: Page, hand_out: &Sender<Part>, count: &mut usize) -> Result<(), Broken> {
    let headings = export.asked.headings();
    let mut opening = BOM.as_bytes().to_vec();
    opening.extend(head(headings.iter().map(String::as_str)).map_err(failed)?);
    send(hand_out, opening).await?;
    let mut page = Some(first);
    while let Some(Page { items, .. }) = page {
        let cells = export.rows(items).await.map_err(failed)?;
        let more = cells.len();
        let lines = spawn_blocking(move || rows(&cells)).await.map_err(failed)?;
        send(hand_out, lines.map_err(failed)?).await?;
        *count += more;
        page =
            export.pages.next().await.map_err(|refused| failed(format!("a page was answered {}", refused.status())))?;
    }
    Ok(())
}

async fn send(hand_out: &Sender<Part>, part: Vec<u8>) -> Result<(), Broken> {
    if part.is_empty() {
        return Ok(());
    }
    hand_out.send(Ok(part.into())).await.map_err(|_| Broken::Left)
}

fn failed(cause: impl std::fmt::Display) -> Broken {
    Broken::Failed(cause.to_string())
}
