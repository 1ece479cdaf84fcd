//! Where the read models stand: asked once for all who want to know at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use store::{Store, StoreError};
use tokio::sync::Mutex;

/// Looks at the read models, one look at a time.
///
/// A look counts for everybody who asked before it began, and for nobody else: what is answered is never older than
/// the question, however many ask.
pub(crate) struct Looks {
    store: Arc<Store>,
    /// Looks that have begun.
    begun: AtomicU64,
    last: Mutex<Option<Look>>,
}

/// The look of this number, and what it saw.
#[derive(Debug, Clone, Copy)]
struct Look {
    number: u64,
    /// All of them show everything up to here.
    saw: u64,
}

impl Looks {
    pub(crate) const fn new(store: Arc<Store>) -> Self {
        Self { store, begun: AtomicU64::new(0), last: Mutex::const_new(None) }
    }

    /// Where the read models stand: never less than they did when this was asked.
    pub(crate) async fn now(&self) -> Result<u64, StoreError> {
        let asked_after = self.begun.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if let Some(look) = *last
            && look.number > asked_after
        {
            return Ok(look.saw);
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let saw = self.look().await?;
        *last = Some(Look { number, saw });
        Ok(saw)
    }

    async fn look(&self) -> Result<u64, StoreError> {
        Ok(self.store.checkpoints().await?.iter().map(|checkpoint| checkpoint.position).min().unwrap_or_default())
    }
}
