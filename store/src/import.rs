//! Bringing in a history that was decided elsewhere, e.g. by a generator or from another system.

use domain::RecordedEvent;

use crate::append::batch::{self, Batch};
use crate::append::{self, Ready, ride};
use crate::db::Db;
use crate::error::StoreError;

/// Appends the next part of a history at the end of the log; answers the new head. Read models catch up by themselves.
///
/// Nothing is decided again: the events are trusted to be what the domain would have decided, with positions and
/// versions without a gap. Whole decisions only.
///
/// # Errors
/// If the log does not end right before the first of them; then nothing was written.
pub async fn append(db: &Db, events: &[RecordedEvent]) -> Result<u64, StoreError> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(StoreError::Setup("there is nothing to bring in".to_owned()));
    };
    if !events.is_sorted_by(|one, next| one.position + 1 == next.position) {
        return Err(StoreError::Setup("there is a gap in the positions".to_owned()));
    }
    let mut tx = db.begin().await?;
    let at = append::take_head(&mut tx).await?;
    if at.position + 1 != first.position {
        return Err(StoreError::Setup(format!("the log ends at {}, not right before {}", at.position, first.position)));
    }
    let decisions = events.chunk_by(|one, next| one.meta.decision_id == next.meta.decision_id);
    let group: Vec<Ready> = decisions
        .filter_map(|decision| {
            let key = decision.first()?.meta.decision_id.to_string();
            let events = decision.to_vec();
            Some(Ready { events, key, keyed: false, fingerprint: String::new(), persons: Vec::new() })
        })
        .collect();
    // Nobody folds here: every read model that rode along is left behind.
    let riders = ride::riders(&mut tx).await?;
    let batch = Batch {
        group: group.iter().collect(),
        base: at.position,
        head: last.position,
        epoch: at.epoch,
        rows: Vec::new(),
        left_behind: &riders,
    };
    batch::within(&mut tx, batch).await?;
    tx.commit().await?;
    Ok(last.position)
}
