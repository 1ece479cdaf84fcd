//! The hash chain over the log (E9): what was recorded cannot be changed without being found out.
//!
//! Beside the log, one row for each event: a hash of the event as it is stored and of the hash before it. So the last
//! one stands for all of the log. [`verify`] computes them again and names the first position that does not fit. Who
//! can rewrite the log can rewrite the chain too; a [`Head`] that was kept elsewhere shows it.
//!
//! ```text
//! hash₀ = H("hatchery chain", chain id)
//! hashₙ = H(hashₙ₋₁, position, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
//! ```
//!
//! Each part is a text, the hash before in hexadecimal digits and numbers in decimal ones, with its length in bytes
//! (eight bytes, the highest first) before it: no two lists of parts are one text.

mod diagnosis;
mod verification;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sm3::Sm3;
use uuid::Uuid;

use crate::db::{Db, Tx, signed};
use crate::error::StoreError;
use crate::follower::stored::Stored;
use crate::follower::{self, Follower};
use crate::table::Dialect;
use crate::wide::{Bound, Filled, Wide};
use crate::{on_reader, on_writer};

pub use verification::{Fault, Finding, Verification, verify};

/// What hashes are made by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString)]
pub enum Algorithm {
    /// SHA-256 (FIPS 180-4).
    #[default]
    #[serde(rename = "sha-256")]
    #[strum(serialize = "sha-256")]
    Sha256,
    /// SM3 (GB/T 32905-2016).
    #[serde(rename = "sm3")]
    #[strum(serialize = "sm3")]
    Sm3,
}

impl Algorithm {
    /// The hash of a list of parts, in hexadecimal digits.
    fn hash(self, parts: &[&[u8]]) -> String {
        match self {
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sm3 => hash::<Sm3>(parts),
        }
    }
}

fn hash<D: Digest>(parts: &[&[u8]]) -> String {
    let mut hash = D::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// The chain of a database: what it was begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its id; a database that was restored from a copy has the same.
    pub chain_id: String,
    /// What its hashes are made by.
    pub algorithm: Algorithm,
}

/// The end of a chain at some time, to be kept elsewhere and checked against later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Whose end it is.
    pub chain_id: String,
    /// What its hash was made by.
    pub algorithm: Algorithm,
    /// The position of the last event chained.
    pub position: u64,
    /// The hash of that event and all before it.
    pub hash: String,
    /// When it was read.
    pub at: DateTime<Utc>,
}

impl Chain {
    /// The hash before the first event.
    fn origin(&self) -> String {
        self.algorithm.hash(&[b"hatchery chain", self.chain_id.as_bytes()])
    }

    /// The hash of an event after the one of that hash, as if it stood at `position`.
    fn link(&self, before: &str, event: &Stored, position: i64) -> String {
        self.algorithm.hash(&[
            before.as_bytes(),
            position.to_string().as_bytes(),
            &event.aggregate_type,
            &event.aggregate_id,
            event.sequence.to_string().as_bytes(),
            &event.event_type,
            &event.event_version,
            &event.payload,
            &event.metadata,
        ])
    }

    /// The chain of a database.
    ///
    /// # Errors
    /// If none was begun there.
    pub async fn of(db: &Db) -> Result<Self, StoreError> {
        let sql = "SELECT chain_id, algorithm FROM chain_origin WHERE id = 1";
        let found: Option<(String, String)> = on_reader!(db, pool => sqlx::query_as(sql).fetch_optional(pool).await)?;
        let (chain_id, algorithm) =
            found.ok_or_else(|| StoreError::Setup("this database has no hash chain yet".to_owned()))?;
        let algorithm = algorithm
            .parse()
            .map_err(|_| StoreError::Setup(format!("the hash chain was begun with {algorithm}, which is unknown")))?;
        Ok(Self { chain_id, algorithm })
    }

    /// The chain of a database, begun where there is none.
    ///
    /// # Errors
    /// If it was begun with another algorithm than the one wished for.
    pub(crate) async fn begin(db: &Db, wish: Option<Algorithm>) -> Result<Self, StoreError> {
        let sql = "INSERT INTO chain_origin (id, chain_id, algorithm, began_at) VALUES (1, $1, $2, $3) \
             ON CONFLICT (id) DO NOTHING";
        on_writer!(db, pool => sqlx::query(sql)
            .bind(Uuid::now_v7().to_string())
            .bind(wish.unwrap_or_default().to_string())
            .bind(Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true))
            .execute(pool).await.map(|_| ()))?;
        follower::begin(db, Self::NAME).await?;
        let chain = Self::of(db).await?;
        match wish {
            Some(wish) if wish != chain.algorithm => Err(StoreError::Setup(format!(
                "the hash chain of this database was begun with {}; it cannot go on with {wish}",
                chain.algorithm
            ))),
            Some(_) | None => Ok(chain),
        }
    }

    /// Where the chain stands.
    pub async fn head(&self, db: &Db) -> Result<Head, StoreError> {
        let position = follower::position(db, Self::NAME).await?;
        let found = hash_before(db, position).await?;
        Ok(Head {
            chain_id: self.chain_id.clone(),
            algorithm: self.algorithm,
            position,
            hash: found.unwrap_or_else(|| self.origin()),
            at: Utc::now(),
        })
    }
}

/// The hash that a chain has at a position, or, where there is a gap, before it.
async fn hash_before(db: &Db, position: u64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT hash FROM chain WHERE position <= $1 ORDER BY position DESC LIMIT 1";
    let found: Option<(String,)> =
        on_reader!(db, pool => sqlx::query_as(sql).bind(signed(position)).fetch_optional(pool).await)?;
    Ok(found.map(|(hash,)| hash))
}

impl Follower for Chain {
    const NAME: &'static str = "chain";
    type Rows = Vec<(i64, String)>;

    async fn read(&self, db: &Db, after: u64, events: &[Stored]) -> Result<Option<(u64, Self::Rows)>, StoreError> {
        let Some(last) = events.last() else { return Ok(None) };
        // Where the chain was cut, it goes on all the same: the gap stays, and is found.
        let mut hash = hash_before(db, after).await?.unwrap_or_else(|| self.origin());
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            hash = self.link(&hash, event, event.position);
            rows.push((event.position, hash.clone()));
        }
        Ok(Some((crate::db::unsigned(last.position), rows)))
    }

    async fn write(&self, tx: &mut Tx, rows: Self::Rows) -> Result<(), StoreError> {
        let (positions, hashes): (Vec<_>, Vec<_>) = rows.into_iter().map(|(p, hash)| (Some(p), Some(hash))).unzip();
        let mut wide = Wide::new(Dialect::from(&*tx));
        let columns = vec![Filled::new("position", Bound::Ints(positions)), Filled::new("hash", Bound::Texts(hashes))];
        wide.insert("chain", "", columns, "");
        wide.run(tx).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_algorithms_give_their_known_answers() {
        // FIPS 180-4 and GB/T 32905-2016, appendix A.
        for (algorithm, text, known) in [
            ("sha-256", "abc".to_owned(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            ("sm3", "abc".to_owned(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
            ("sm3", "abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        ] {
            let algorithm: Algorithm = algorithm.parse().unwrap();
            let hash = match algorithm {
                Algorithm::Sha256 => hex::encode(Sha256::digest(&text)),
                Algorithm::Sm3 => hex::encode(Sm3::digest(&text)),
            };
            assert_eq!(hash, known);
            // A list of parts is hashed as the text of all lengths and parts.
            let whole = [&3_u64.to_be_bytes()[..], b"abc", &0_u64.to_be_bytes()[..]].concat();
            let expected = match algorithm {
                Algorithm::Sha256 => hex::encode(Sha256::digest(&whole)),
                Algorithm::Sm3 => hex::encode(Sm3::digest(&whole)),
            };
            assert_eq!(algorithm.hash(&[b"abc", b""]), expected);
        }
    }

    #[test]
    fn what_moves_from_one_part_to_the_next_changes_the_hash() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
            assert_ne!(algorithm.hash(&[b"ab", b"c"]), algorithm.hash(&[b"a", b"bc"]));
            assert_ne!(algorithm.hash(&[b"a"]), algorithm.hash(&[b"a", b""]));
        }
    }

    #[test]
    fn algorithms_are_named_alike_in_settings_databases_and_files() {
        for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.to_string());
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
    }
}
