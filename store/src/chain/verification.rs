//! Computing a chain again, page by page, against the log and against heads kept elsewhere.

use serde::{Deserialize, Serialize};

use super::diagnosis::{self, Page};
use super::{Chain, Head, hash_before};
use crate::db::{Db, signed, unsigned};
use crate::error::StoreError;
use crate::follower::BATCH;
use crate::on_reader;

/// In what way a position does not fit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumIter, strum::IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Fault {
    /// The event is not the one that was chained.
    ContentChanged,
    /// The event that was chained is not there; later ones may have taken its place.
    EventMissing,
    /// An event stands where none was appended.
    EventInserted,
    /// The event stands at another position.
    OrderChanged,
    /// The event is there, its row of the chain is not.
    ChainMissing,
    /// The event fits what comes after it, its row of the chain does not.
    ChainChanged,
    /// The chain has a row that it should not have yet.
    ChainInserted,
    /// The head row says that the log ends before.
    HeadBehind,
    /// The log up to here is not the one that the head kept elsewhere was read of.
    HeadDiffers,
    /// The head kept elsewhere is of another chain.
    OtherChain,
}

/// The first position that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The position.
    pub position: i64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The chain.
    pub chain: Chain,
    /// Where the log ended.
    pub head: u64,
    /// How far the chain stood; what is behind it was not chained yet.
    pub chained: u64,
    /// The hash at that position, as computed; none if something before it does not fit.
    pub hash: Option<String>,
    /// The first position that does not fit, if there is one.
    pub finding: Option<Finding>,
}

impl Verification {
    /// Holds what a head says against a chain that was found to fit: the hash that it has at that position.
    pub async fn against(&self, db: &Db, position: u64, hash: &str) -> Result<Option<Finding>, StoreError> {
        if self.finding.is_some() {
            return Ok(self.finding);
        }
        if position > self.head {
            return Ok(Some(at(signed(self.head) + 1, Fault::EventMissing)));
        }
        if position > self.chained {
            return Ok(Some(at(signed(self.chained) + 1, Fault::ChainMissing)));
        }
        let kept = match position {
            0 => Some(self.chain.origin()),
            _ => hash_before(db, position).await?,
        };
        Ok(if kept.as_deref() == Some(hash) { None } else { Some(at(signed(position), Fault::HeadDiffers)) })
    }
}

/// How far everything goes, at one moment.
#[derive(Debug, sqlx::FromRow)]
struct Bounds {
    chained: Option<i64>,
    chain_first: Option<i64>,
    chain_last: Option<i64>,
    head: Option<i64>,
    log_first: Option<i64>,
    log_last: Option<i64>,
}

const BOUNDS: &str = "SELECT (SELECT position FROM followers WHERE name = 'chain') AS chained, \
     (SELECT MIN(position) FROM chain) AS chain_first, (SELECT MAX(position) FROM chain) AS chain_last, \
     (SELECT position FROM head WHERE id = 1) AS head, (SELECT MIN(position) FROM events) AS log_first, \
     (SELECT MAX(position) FROM events) AS log_last";

const POSITIONS: &str =
    "SELECT position FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT 10000";

/// Computes the chain of a database again and holds it against the log, and against heads kept elsewhere. Reads page
/// by page, and tells of each how far it has come; what is appended meanwhile is left to the next time.
pub async fn verify(db: &Db, heads: &[Head], told: impl Fn(u64) + Send + Sync) -> Result<Verification, StoreError> {
    let chain = Chain::of(db).await?;
    let bounds: Bounds = on_reader!(db, pool => sqlx::query_as(BOUNDS).fetch_one(pool).await)?;
    let (head, chained) = (bounds.head.unwrap_or_default(), bounds.chained.unwrap_or_default());
    let (hash, walked) = match before(&chain, &bounds, heads) {
        Some(finding) => (None, Some(finding)),
        None => walk(db, &chain, chained, heads, told).await?,
    };
    let finding = match walked {
        Some(finding) => Some(finding),
        None => beyond(db, &bounds, heads).await?,
    };
    Ok(Verification { chain, head: unsigned(head), chained: unsigned(chained), hash, finding })
}

const fn at(position: i64, fault: Fault) -> Finding {
    Finding { position, fault }
}

/// What is wrong before the first position.
fn before(chain: &Chain, bounds: &Bounds, heads: &[Head]) -> Option<Finding> {
    if let Some(first) = bounds.log_first.filter(|first| *first < 1) {
        return Some(at(first, Fault::EventInserted));
    }
    if let Some(first) = bounds.chain_first.filter(|first| *first < 1) {
        return Some(at(first, Fault::ChainInserted));
    }
    let same = |head: &Head| head.chain_id == chain.chain_id && head.algorithm == chain.algorithm;
    if heads.iter().any(|head| !same(head)) {
        return Some(at(1, Fault::OtherChain));
    }
    let empty = chain.origin();
    heads
        .iter()
        .any(|head| head.position == 0 && head.hash != empty)
        .then_some(Finding { position: 0, fault: Fault::HeadDiffers })
}

/// Computes the chain from the first position to `chained`; answers the hash there, or what does not fit first.
async fn walk(
    db: &Db,
    chain: &Chain,
    chained: i64,
    heads: &[Head],
    told: impl Fn(u64) + Send + Sync,
) -> Result<(Option<String>, Option<Finding>), StoreError> {
    let mut hash = chain.origin();
    let mut done = 0;
    while done < chained {
        let page = Page::after(db, done, chained, BATCH).await?;
        // Where both are absent, it is the event that is missed.
        let until = chained.min(done + i64::from(BATCH));
        for position in done + 1..=until {
            let Some(event) = page.event(position) else {
                return Ok((None, Some(at(position, Fault::EventMissing))));
            };
            let Some(kept) = page.hash(position) else {
                return Ok((None, Some(at(position, Fault::ChainMissing))));
            };
            let computed = chain.link(&hash, event, position);
            if computed != kept {
                let fault = diagnosis::fault(db, chain, &hash, position, chained).await?;
                return Ok((None, Some(at(position, fault))));
            }
            if heads.iter().any(|head| signed(head.position) == position && head.hash != computed) {
                return Ok((None, Some(at(position, Fault::HeadDiffers))));
            }
            hash = computed;
        }
        done = until;
        told(unsigned(done));
    }
    Ok((Some(hash), None))
}

/// What is wrong behind the chain, all of which fits.
async fn beyond(db: &Db, bounds: &Bounds, heads: &[Head]) -> Result<Option<Finding>, StoreError> {
    let (head, chained) = (bounds.head.unwrap_or_default(), bounds.chained.unwrap_or_default());
    if head < chained {
        return Ok(Some(at(head + 1, Fault::HeadBehind)));
    }
    // Nothing was chained of it yet, but that there is no gap can be seen.
    let mut seen = chained;
    while seen < head {
        let page: Vec<(i64,)> =
            on_reader!(db, pool => sqlx::query_as(POSITIONS).bind(seen).bind(head).fetch_all(pool).await)?;
        let whole = page.iter().zip(seen + 1..).take_while(|((position,), expected)| position == expected).count();
        let gap = whole < page.len() || page.is_empty();
        seen += i64::try_from(whole).unwrap_or_default();
        if gap {
            return Ok(Some(at(seen + 1, Fault::EventMissing)));
        }
    }
    if bounds.log_last.is_some_and(|last| last > head) {
        return Ok(Some(at(head + 1, Fault::EventInserted)));
    }
    let furthest = heads.iter().map(|head| signed(head.position)).max().unwrap_or_default();
    if furthest > head {
        return Ok(Some(at(head + 1, Fault::EventMissing)));
    }
    if furthest > chained {
        return Ok(Some(at(chained + 1, Fault::ChainMissing)));
    }
    if bounds.chain_last.is_some_and(|last| last > chained) {
        return Ok(Some(at(chained + 1, Fault::ChainInserted)));
    }
    Ok(None)
}
