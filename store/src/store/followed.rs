//! What follows the log, and what is recorded beside it: the hash chain and the audit trail.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Store;
use crate::audit::trail::Trail;
use crate::audit::{self, recorder};
use crate::chain::Chain;
use crate::error::{ExecuteError, Outcome, StoreError};
use crate::follower::{self, Follower as _, Follows};

/// How often is looked whether the audit trail has come to a position.
const AUDIT_LOOK: Duration = Duration::from_millis(20);
/// How long the log is followed when the store stops.
const LAST_LOOK: Duration = Duration::from_secs(2);

impl Store {
    /// The hash chain over the log.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How far the hash chain and the audit trail have come.
    pub async fn followers(&self) -> Result<Vec<Follows>, StoreError> {
        follower::positions(&self.db).await
    }

    /// Waits until the audit trail has come to a position; answers how far it has come by then.
    pub async fn audited(&self, position: u64, bound: Duration) -> Result<u64, StoreError> {
        let until = Instant::now() + bound;
        loop {
            let stands = follower::position(&self.db, Trail::NAME).await?;
            if stands >= position || Instant::now() + AUDIT_LOOK > until {
                return Ok(stands);
            }
            tokio::time::sleep(AUDIT_LOOK).await;
        }
    }

    /// Adds an entry to the audit trail; it is durable when this returns.
    pub async fn record(&self, entry: audit::Entry) -> Result<(), ExecuteError> {
        let (answer, answered) = oneshot::channel();
        let entries = self.entries.lock().await.clone().ok_or(ExecuteError::ShuttingDown)?;
        let written = async {
            entries.send(recorder::Waiting { entry, answer }).await.map_err(|_| ExecuteError::Internal)?;
            drop(entries);
            answered.await.unwrap_or(Err(ExecuteError::Internal))
        };
        match tokio::time::timeout(self.wait, written).await {
            Ok(result) => result,
            Err(_) => Err(ExecuteError::Unavailable(Outcome::Unknown)),
        }
    }

    /// Lets the chain and the trail take in what was appended last; what they cannot in time, they do after the next
    /// start.
    pub(super) async fn follow_to_the_end(&self) {
        let followed = async {
            // A transaction of the task that was ended a moment ago may still be on its way.
            while follower::catch_up(&self.db, &self.chain).await?.is_none() {
                tokio::time::sleep(AUDIT_LOOK).await;
            }
            while follower::catch_up(&self.db, &Trail).await?.is_none() {
                tokio::time::sleep(AUDIT_LOOK).await;
            }
            Ok::<_, StoreError>(())
        };
        match tokio::time::timeout(LAST_LOOK, followed).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the log was not followed to its end"),
            Err(_) => tracing::info!("the log was not followed to its end in time"),
        }
    }
}
