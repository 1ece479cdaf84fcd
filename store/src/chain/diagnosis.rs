//! What became of an event whose hash does not fit, as far as its neighbours tell.

use std::collections::HashMap;

use super::{Chain, Fault};
use crate::db::Db;
use crate::error::StoreError;
use crate::follower::stored::{self, Stored};
use crate::on_reader;

/// So many positions are looked at to tell where an event went.
const NEIGHBOURS: u32 = 500;

const HASHES: &str =
    "SELECT position, hash FROM chain WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3";

/// Part of the log and of the chain, by position.
pub(super) struct Page {
    events: HashMap<i64, Stored>,
    hashes: HashMap<i64, String>,
}

impl Page {
    /// Up to `limit` positions after one and up to another.
    pub(super) async fn after(db: &Db, after: i64, up_to: i64, limit: u32) -> Result<Self, StoreError> {
        let up_to = up_to.min(after.saturating_add(i64::from(limit)));
        let events = stored::page(db, after, up_to, limit).await?;
        let hashes: Vec<(i64, String)> = on_reader!(db, pool =>
            sqlx::query_as(HASHES).bind(after).bind(up_to).bind(i64::from(limit)).fetch_all(pool).await)?;
        Ok(Self {
            events: events.into_iter().map(|event| (event.position, event)).collect(),
            hashes: hashes.into_iter().collect(),
        })
    }

    pub(super) fn event(&self, position: i64) -> Option<&Stored> {
        self.events.get(&position)
    }

    pub(super) fn hash(&self, position: i64) -> Option<&str> {
        self.hashes.get(&position).map(String::as_str)
    }

    /// Whether an event was once chained at a position.
    fn stood(&self, chain: &Chain, event: &Stored, position: i64) -> bool {
        let (Some(before), Some(kept)) = (self.hash(position - 1), self.hash(position)) else { return false };
        chain.link(before, event, position) == kept
    }
}

/// In what way the event at a position does not fit; the chain fits up to the hash before it.
pub(super) async fn fault(
    db: &Db,
    chain: &Chain,
    before: &str,
    position: i64,
    chained: i64,
) -> Result<Fault, StoreError> {
    let page = Page::after(db, position - 1, chained, NEIGHBOURS).await?;
    let Some(event) = page.event(position) else { return Ok(Fault::EventMissing) };
    let Some(kept) = page.hash(position) else { return Ok(Fault::ChainMissing) };
    // The next event was chained after the hash that this one comes to, so it is this row of the chain that changed.
    let computed = chain.link(before, event, position);
    if let (Some(next), Some(after)) = (page.event(position + 1), page.hash(position + 1))
        && chain.link(&computed, next, position + 1) == after
    {
        return Ok(Fault::ChainChanged);
    }
    let behind = position + 1..=position + i64::from(NEIGHBOURS);
    let moved_to = behind.clone().find(|other| page.stood(chain, event, *other));
    let came_from = behind
        .clone()
        .find(|other| page.event(*other).is_some_and(|found| chain.link(before, found, position) == kept));
    Ok(match (came_from, moved_to) {
        // Its place is taken by one of the later events, and it stands in for another.
        (Some(_), Some(_)) => Fault::OrderChanged,
        (Some(_), None) => Fault::EventInserted,
        (None, Some(_)) => Fault::EventMissing,
        (None, None) => Fault::ContentChanged,
    })
}
