//! The follower that makes an entry of each decision in the log.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{StreamId, StreamKind};
use serde::Deserialize;
use serde_json::json;
use uuid::{Builder, Uuid};

use super::{Decided, Entry, Kind, Target, Who, recorder};
use crate::db::{Db, Tx, unsigned};
use crate::error::StoreError;
use crate::follower::Follower;
use crate::follower::stored::Stored;

/// Follows the log for the audit trail.
pub(crate) struct Trail;

/// What an entry needs of an event's metadata, whatever else is in it.
#[derive(Debug, Default, Deserialize)]
struct Metadata {
    decision_id: Option<String>,
    decision_size: Option<usize>,
    recorded_at: Option<DateTime<Utc>>,
    actor: Option<Who>,
    request_id: Option<String>,
}

impl Metadata {
    /// What nobody can read is still told of.
    fn of(event: &Stored) -> Self {
        serde_json::from_slice(&event.metadata).unwrap_or_default()
    }

    fn same_decision(&self, other: &Self) -> bool {
        self.decision_id.is_some() && self.decision_id == other.decision_id
    }
}

impl Follower for Trail {
    const NAME: &'static str = "audit";
    type Rows = Vec<Entry>;

    async fn read(&self, _db: &Db, _after: u64, events: &[Stored]) -> Result<Option<(u64, Self::Rows)>, StoreError> {
        let read: Vec<(&Stored, Metadata)> = events.iter().map(|event| (event, Metadata::of(event))).collect();
        let mut decisions: Vec<_> = read.chunk_by(|(_, one), (_, next)| one.same_decision(next)).collect();
        // Its other events come with the next part.
        let cut = |decision: &[(&Stored, Metadata)]| {
            decision.first().is_some_and(|(_, meta)| meta.decision_size.is_some_and(|size| decision.len() < size))
        };
        decisions.pop_if(|last| cut(last));
        let last = decisions.last().and_then(|decision| decision.last()).map(|(event, _)| unsigned(event.position));
        Ok(last.map(|last| (last, decisions.into_iter().filter_map(entry).collect())))
    }

    async fn write(&self, tx: &mut Tx, rows: Self::Rows) -> Result<(), StoreError> {
        recorder::write(tx, rows.iter()).await
    }
}

/// The entry of one decision.
fn entry(decision: &[(&Stored, Metadata)]) -> Option<Entry> {
    let ((first, meta), (last, _)) = (decision.first()?, decision.last()?);
    let at = meta.recorded_at.unwrap_or_else(Utc::now);
    let mut entry = Entry::new(Kind::Command, at).by(meta.actor.clone().unwrap_or_default());
    entry.audit_id = id(at, first.position);
    entry.request_id.clone_from(&meta.request_id);
    entry.decided = Some(Decided {
        decision_id: meta.decision_id.clone().unwrap_or_default(),
        first_position: unsigned(first.position),
        last_position: unsigned(last.position),
    });
    let mut types: BTreeMap<String, u32> = BTreeMap::new();
    let mut targets = BTreeSet::new();
    for (event, _) in decision {
        *types.entry(String::from_utf8_lossy(&event.event_type).into_owned()).or_default() += 1;
        targets.extend(concerned(event));
    }
    entry.targets = targets.into_iter().collect();
    Some(entry.with("events", json!(types)))
}

fn concerned(event: &Stored) -> Vec<Target> {
    let kind = std::str::from_utf8(&event.aggregate_type).ok().and_then(|kind| kind.parse::<StreamKind>().ok());
    let id = String::from_utf8_lossy(&event.aggregate_id).into_owned();
    kind.map_or_else(Vec::new, |kind| Target::of(&StreamId::stored(kind, id)))
}

/// An id that goes by time, as every entry's does, and that a decision gets once whoever makes the entry.
fn id(at: DateTime<Utc>, position: i64) -> Uuid {
    let mut rest = [0; 10];
    rest[2..].copy_from_slice(&position.to_be_bytes());
    Builder::from_unix_timestamp_millis(u64::try_from(at.timestamp_millis()).unwrap_or_default(), &rest).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(position: i64, decision: &str, size: usize) -> Stored {
        let metadata = json!({
            "decision_id": decision, "decision_size": size, "recorded_at": "2026-07-01T04:00:00Z",
            "actor": { "role": "office", "unit": "p", "person": "li" }, "occurred_on": "2026-07-01",
        });
        Stored {
            position,
            aggregate_type: b"cycle".to_vec(),
            aggregate_id: b"p-2026".to_vec(),
            sequence: position,
            event_type: b"IntakeSet".to_vec(),
            event_version: b"1.0".to_vec(),
            payload: b"{}".to_vec(),
            metadata: metadata.to_string().into_bytes(),
        }
    }

    async fn read(events: &[Stored]) -> Option<(u64, Vec<(u64, u64)>)> {
        let db = Db::scratch().await.unwrap();
        let (to, entries) = Trail.read(&db, 0, events).await.unwrap()?;
        let spans = entries.iter().filter_map(|e| e.decided.as_ref()).map(|d| (d.first_position, d.last_position));
        Some((to, spans.collect()))
    }

    #[tokio::test]
    async fn a_decision_that_is_cut_by_the_end_of_a_part_waits_for_the_next() {
        let events = [stored(1, "a", 1), stored(2, "b", 3), stored(3, "b", 3)];
        assert_eq!(read(&events).await, Some((1, vec![(1, 1)])));
        assert_eq!(read(&events[1..]).await, None, "a longer part is needed");
        let whole = [stored(2, "b", 2), stored(3, "b", 2), stored(4, "c", 1)];
        assert_eq!(read(&whole).await, Some((4, vec![(2, 3), (4, 4)])));
    }

    #[tokio::test]
    async fn what_cannot_be_read_holds_up_nothing() {
        let mut broken = stored(1, "a", 1);
        broken.metadata = b"\xff".to_vec();
        broken.aggregate_type = b"else".to_vec();
        let half = stored(2, "b", 9);
        assert_eq!(read(&[broken, half, stored(3, "c", 1)]).await, Some((3, vec![(1, 1), (2, 2), (3, 3)])));
    }

    #[test]
    fn ids_go_by_time_and_are_one_for_a_position() {
        let at: DateTime<Utc> = "2026-07-01T04:00:00Z".parse().unwrap();
        let later = at + chrono::TimeDelta::milliseconds(1);
        assert_eq!(id(at, 7), id(at, 7));
        assert!(id(at, 7) < id(at, 8) && id(at, 8) < id(later, 1));
        assert_eq!(id(at, i64::MAX).get_version_num(), 7);
    }
}
