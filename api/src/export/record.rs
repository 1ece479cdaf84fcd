//! What is told of an export: who took which list, filtered how, and how much of it.

use std::sync::Arc;

use futures::future::BoxFuture;

use store::audit::Who;

use super::Format;

/// An export that was made, or broken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The operation that lists it.
    pub operation: String,
    /// The keys of its path, then its filters in the order given.
    pub filters: Vec<(String, String)>,
    /// The format.
    pub format: Format,
    /// The rows that were handed out.
    pub rows: usize,
    /// Whether that is all of them: a client may go away, a later page may fail.
    pub complete: bool,
    /// The position that the first page shows.
    pub position: u64,
    /// Who exported.
    pub who: Who,
    /// The request's id.
    pub request_id: String,
}

/// Is told of every export once it ended, complete or not, and before the last of it is handed out.
pub type Record = Arc<dyn Fn(Exported) -> BoxFuture<'static, ()> + Send + Sync>;

/// Tells the log that there was an export. Filters and people are none of its business: the request's id leads there.
#[must_use]
pub fn logged() -> Record {
    Arc::new(|exported| {
        Box::pin(async move {
            tracing::info!(
                operation = exported.operation,
                format = exported.format.extension(),
                rows = exported.rows,
                complete = exported.complete,
                position = exported.position,
                request_id = exported.request_id,
                "a list was exported"
            );
        })
    })
}
