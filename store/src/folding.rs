//! A read model's rows in memory, and the fold over them.
//!
//! Whoever folds keeps the rows that it has seen last, as of the last batch confirmed, so that a row in use is
//! neither read nor decoded again. A batch goes in three steps: `begin` says which rows have to be loaded, `fold`
//! answers what changes, `confirm` keeps it once it is durable.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::RecordedEvent;

use crate::projection::{Changes, Poison, ReadModel, Rows, Touch, Written};

/// The rows of one read model in memory, whatever their type.
pub trait Folding: Send + Sync {
    /// Begins a batch and answers the rows that have to be loaded for it; `None` if the model uses no event of it.
    fn begin(&mut self, events: &[&RecordedEvent]) -> Option<BTreeSet<Touch>>;

    /// Folds the batch begun, over the rows at hand and those loaded (key and body). Nothing of it is kept yet.
    fn fold(&mut self, loaded: Vec<(String, String)>, events: &[&RecordedEvent]) -> Result<Changes, Poison>;

    /// The batch is durable: keeps its rows.
    fn confirm(&mut self);

    /// Forgets the rows that an event of somebody else changes.
    fn overtaken(&mut self, event: &RecordedEvent);

    /// Forgets everything.
    fn clear(&mut self);
}

/// The rows of `M` in memory.
pub(crate) struct RowsOf<M: ReadModel> {
    kept: Kept<Arc<M::Row>>,
    batch: Batch<M>,
}

struct Batch<M: ReadModel> {
    /// Which of the events are used, by place.
    used: Vec<bool>,
    /// The keys that they touch.
    keys: BTreeSet<String>,
    /// Those among them that had no row before; a row that was just made is seldom touched again.
    made: BTreeSet<String>,
    /// The rows after the fold.
    after: Rows<M>,
    /// The keys of `after` that it took away.
    deleted: Vec<String>,
}

impl<M: ReadModel> Default for Batch<M> {
    fn default() -> Self {
        Self {
            used: Vec::new(),
            keys: BTreeSet::new(),
            made: BTreeSet::new(),
            after: Rows::default(),
            deleted: Vec::new(),
        }
    }
}

impl<M: ReadModel> RowsOf<M> {
    /// No rows yet; keeps up to twice `room` of them between batches.
    pub(crate) fn new(room: usize) -> Self {
        Self { kept: Kept::new(room), batch: Batch::default() }
    }
}

impl<M: ReadModel> Folding for RowsOf<M> {
    fn begin(&mut self, events: &[&RecordedEvent]) -> Option<BTreeSet<Touch>> {
        self.batch = Batch::default();
        let mut wanted = BTreeSet::new();
        for event in events {
            let touches = M::touches(event);
            self.batch.used.push(!touches.is_empty());
            for touch in touches {
                match touch {
                    Touch::Key(key) => {
                        if self.kept.get(&key).is_none() && !self.batch.made.contains(&key) {
                            wanted.insert(Touch::Key(key.clone()));
                        }
                        self.batch.keys.insert(key);
                    }
                    Touch::New(key) => {
                        self.batch.made.insert(key.clone());
                        self.batch.keys.insert(key);
                    }
                    // Which rows these are, only the table knows.
                    Touch::Matching(..) | Touch::Through(..) => {
                        wanted.insert(touch);
                    }
                }
            }
        }
        self.batch.used.contains(&true).then_some(wanted)
    }

    fn fold(&mut self, loaded: Vec<(String, String)>, events: &[&RecordedEvent]) -> Result<Changes, Poison> {
        let first = events.first().map_or(0, |event| event.position);
        let poison = |key: &str, error: serde_json::Error| Poison {
            position: first,
            reason: format!("row {key} of {}: {error}", M::TABLE.name),
        };
        for (key, body) in loaded {
            let row = serde_json::from_str(&body).map_err(|error| poison(&key, error))?;
            self.batch.keys.insert(key.clone());
            self.kept.set(key, Some(Arc::new(row)));
        }
        let mut rows = Rows::<M>::default();
        for key in &self.batch.keys {
            match self.kept.get(key) {
                Some(Some(row)) => rows.share(key, row),
                Some(None) => {}
                None if self.batch.made.contains(key) => {}
                // It was asked for and not found.
                None => self.kept.set(key.clone(), None),
            }
        }
        for (event, _) in events.iter().zip(&self.batch.used).filter(|(_, used)| **used) {
            M::fold(&mut rows, event)?;
        }
        let mut changes = Changes::default();
        for (key, row) in rows.shared() {
            let kept = self.kept.get(key).and_then(Option::as_ref);
            if !kept.is_some_and(|kept| Arc::ptr_eq(kept, row) || kept == row) {
                let body = serde_json::to_string(row.as_ref()).map_err(|error| poison(key, error))?;
                let row: Arc<M::Row> = Arc::clone(row);
                changes.written.push(Written { key: key.clone(), columns: M::columns(&row), body, row });
            }
        }
        let was = |key: &String| matches!(self.kept.get(key), Some(Some(_))) || self.batch.made.contains(key);
        let gone = |key: &&String| rows.get(key).is_none() && was(key);
        changes.deleted = self.batch.keys.iter().filter(gone).cloned().collect();
        self.batch.deleted.clone_from(&changes.deleted);
        self.batch.after = rows;
        Ok(changes)
    }

    fn confirm(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        for (key, row) in batch.after.into_shared().filter(|(key, _)| !batch.made.contains(key)) {
            self.kept.set(key, Some(row));
        }
        for key in batch.deleted {
            self.kept.set(key, None);
        }
        self.kept.make_room();
    }

    fn overtaken(&mut self, event: &RecordedEvent) {
        for touch in M::touches(event) {
            match touch {
                Touch::Key(key) | Touch::New(key) => self.kept.forget(&key),
                // Not worth a search: such events are rare.
                Touch::Matching(..) | Touch::Through(..) => self.clear(),
            }
        }
    }

    fn clear(&mut self) {
        self.batch = Batch::default();
        self.kept.clear();
    }
}

/// Rows that were seen, and keys that were seen to have none, in two generations: what is not used for as long as it
/// takes to fill one is let go.
struct Kept<R> {
    young: HashMap<String, Option<R>>,
    old: HashMap<String, Option<R>>,
    room: usize,
}

impl<R> Kept<R> {
    fn new(room: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), room }
    }

    fn get(&self, key: &str) -> Option<&Option<R>> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    fn set(&mut self, key: String, row: Option<R>) {
        self.old.remove(&key);
        self.young.insert(key, row);
    }

    fn forget(&mut self, key: &str) {
        self.young.remove(key);
        self.old.remove(key);
    }

    fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }

    /// Between batches only: inside one, what was said to be at hand must stay.
    fn make_room(&mut self) {
        if self.young.len() > self.room {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
