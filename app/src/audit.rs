//! Recording what was tried, and holding the log against its hash chain.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use store::audit::Entry;
use store::chain::{Head, Verification, verify};
use store::{Outcome, Store, StoreError};
use tokio::sync::watch;

use crate::error::AppError;
use crate::hatchery::App;

/// How far a verification is.
#[derive(Debug, Clone)]
pub struct Progress {
    /// When it began.
    pub began_at: DateTime<Utc>,
    /// Everything up to here fits.
    pub verified_to: u64,
    /// What it came to; none while it is under way.
    pub result: Option<Arc<Verification>>,
}

/// One verification.
#[derive(Clone)]
struct Run {
    began_at: DateTime<Utc>,
    seen: watch::Receiver<Seen>,
    /// Whether somebody was told what it came to.
    told: Arc<AtomicBool>,
}

/// How far a run is, and what it came to.
#[derive(Default)]
struct Seen {
    to: u64,
    result: Option<Result<Arc<Verification>, StoreError>>,
}

/// One verification at a time, for all who ask meanwhile: it reads all of the log.
#[derive(Default)]
pub(crate) struct Verifier(Mutex<Option<Run>>);

impl Verifier {
    /// The run under way, or one that has ended and that nobody was told of; else a new one.
    fn join(&self, store: &Arc<Store>, now: DateTime<Utc>) -> Run {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = &*last {
            let ended = run.seen.borrow().result.is_some();
            // One whose task has gone without a result will never have one.
            let over = if ended { run.told.load(Ordering::Relaxed) } else { run.seen.has_changed().is_err() };
            if !over {
                return run.clone();
            }
        }
        let (tell, seen) = watch::channel(Seen::default());
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let result = verify(store.db(), &[], |to| tell.send_modify(|seen| seen.to = to)).await;
            tell.send_modify(|seen| seen.result = Some(result.map(Arc::new)));
        });
        let run = Run { began_at: now, seen, told: Arc::default() };
        *last = Some(run.clone());
        run
    }
}

impl App {
    /// Adds an entry to the audit trail. Whoever does something that must be in it waits for this first.
    pub async fn audit(&self, entry: Entry) -> Result<(), AppError> {
        Ok(self.store().record(entry).await?)
    }

    /// Holds all of the log against its hash chain. What is not done in time goes on, and is answered to whoever asks
    /// next.
    pub async fn verification(&self, patience: Duration) -> Result<Progress, AppError> {
        let mut run = self.verifier().join(self.store(), self.clock().now());
        let ended = tokio::time::timeout(patience, run.seen.wait_for(|seen| seen.result.is_some())).await;
        // An error means that its task has gone without a result.
        let in_time = ended.map(|ended| ended.is_ok());
        let seen = run.seen.borrow();
        let progress = |result| Progress { began_at: run.began_at, verified_to: seen.to, result };
        match (&seen.result, in_time) {
            (Some(Ok(result)), _) => {
                run.told.store(true, Ordering::Relaxed);
                Ok(progress(Some(Arc::clone(result))))
            }
            (Some(Err(error)), _) => {
                run.told.store(true, Ordering::Relaxed);
                tracing::warn!(%error, "the log could not be verified");
                Err(if error.is_away() { AppError::StoreUnavailable(Outcome::None) } else { AppError::Internal })
            }
            (None, Err(_elapsed)) => Ok(progress(None)),
            (None, Ok(_)) => Err(AppError::Internal),
        }
    }

    /// Where the hash chain stands.
    pub async fn chain_head(&self) -> Result<Head, AppError> {
        Ok(self.store().chain().head(self.store().db()).await?)
    }
}
