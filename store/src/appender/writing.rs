//! Writing a group: ahead, on the state in memory, in one go; or under the head row, after looking what others wrote.

use std::collections::HashSet;

use domain::{RecordedEvent, StreamId};

use super::{Appender, Decided, Failure, Plan, Waiting};
use crate::append::batch::{self, Batch, Unwritten};
use crate::append::ride::{self, Riding};
use crate::append::{self, Head, Ready, Shown, guarded};
use crate::db::{Tx, signed};
use crate::error::StoreError;
use crate::feed;
use crate::folding::Folding;
use crate::projection::{Changes, Poison, TableDef};
use crate::table::{Load, TableSql};

/// How many foreign events are applied under the head row before forgetting everything is cheaper.
const CATCH_UP: u64 = 2_000;

/// Where rows are loaded from.
enum Source<'t> {
    /// What is committed.
    Committed,
    /// The transaction that holds the head row.
    Within(&'t mut Tx),
}

/// Why no batch was made.
enum NoBatch {
    /// A read model cannot take an event.
    Poison,
    /// The database failed.
    Failed(StoreError),
}

impl From<StoreError> for NoBatch {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Appender {
    /// Writes the group on what is in memory, in one go. Answers the new head; `None` if that way is closed: the log
    /// or the models that ride along have moved on, or something must be looked at closely. Then nothing was written.
    pub(super) async fn write_ahead(&mut self, group: &[Waiting], plan: &mut Plan) -> Result<Option<u64>, Failure> {
        // A command that is refused may have been carried out before, under the same key: only the log knows.
        let mut answers = group.iter().zip(&plan.decided);
        if answers.any(|(waiting, decided)| waiting.may_repeat() && !matches!(decided, Decided::Accepted { .. })) {
            return Ok(None);
        }
        let base = self.warm.seen();
        let Some(riding) = self.riding.clone() else { return Ok(None) };
        let Some(head) = plan.place(base) else { return Ok(None) };
        let at = Head { position: base, epoch: riding.epoch };
        let rows = match self.fold(Source::Committed, &riding, plan).await {
            Ok(rows) => rows,
            Err(NoBatch::Poison) => return Ok(None),
            Err(NoBatch::Failed(error)) if append::blames_the_row(&error) => return Ok(None),
            Err(NoBatch::Failed(error)) => return Err(error.into()),
        };
        let shown = Shown::of(&rows);
        let written = batch::at_once(&self.db, batch(plan, at, head, &riding, rows)).await;
        match written {
            Ok(true) => {
                self.keep_rows(riding, plan, shown);
                Ok(Some(head))
            }
            Ok(false) => Ok(None),
            Err(Unwritten::Before(error)) if append::blames_the_row(&error) => Ok(None),
            Err(unwritten) => Err(unwritten.into()),
        }
    }

    /// Writes the group under the head row: first what other nodes wrote and which keys are known, then, on that,
    /// what is decided. Answers the new head.
    pub(super) async fn write_under_head(&mut self, group: &mut Vec<Waiting>, plan: &mut Plan) -> Result<u64, Failure> {
        let mut tx = self.db.begin().await?;
        let at = match self.look(&mut tx, group, plan).await {
            Ok(at) => at,
            Err(error) => return Err(undone(tx, error).await),
        };
        let Some(head) = plan.place(at.position) else {
            // Only refusals: they rest on the present head, and there is nothing to write or to undo.
            let _ = tx.rollback().await;
            return Ok(at.position);
        };
        let riding = match self.who_rides(&mut tx, at).await {
            Ok(riding) => riding,
            Err(error) => return Err(undone(tx, error).await),
        };
        match self.write_whole(&mut tx, plan, at, head, &riding).await {
            Ok(shown) => {
                tx.commit().await.map_err(uncommitted)?;
                self.keep_rows(riding, plan, shown);
            }
            Err(NoBatch::Failed(error)) if !append::blames_the_row(&error) => return Err(undone(tx, error).await),
            Err(NoBatch::Poison | NoBatch::Failed(_)) => {
                // One model is to blame, or the log itself will say so. Nobody overtakes: the head row is taken again
                // at once, and if somebody was faster, the group is decided again.
                let _ = tx.rollback().await;
                return self.write_carefully(group, plan).await;
            }
        }
        Ok(head)
    }

    /// Writes the log first, then folds the models one by one, each behind a savepoint.
    async fn write_carefully(&mut self, group: &mut Vec<Waiting>, plan: &mut Plan) -> Result<u64, Failure> {
        let mut tx = self.db.begin().await?;
        let outcome = async {
            let at = self.look(&mut tx, group, plan).await?;
            let Some(head) = plan.place(at.position) else { return Ok(at.position) };
            let riding = ride::riding(&mut tx, &self.models, at).await?;
            let alone = Riding { epoch: riding.epoch, ..Riding::default() };
            batch::within(&mut tx, batch(plan, at, head, &alone, Vec::new())).await?;
            let events: Vec<RecordedEvent> = plan.events().cloned().collect();
            ride::one_by_one(&mut tx, &self.models, &riding, &events, at.position).await?;
            plan.visible = riding.complete;
            Ok(head)
        }
        .await;
        let head = match outcome {
            Ok(head) => head,
            Err(error) => return Err(undone(tx, error).await),
        };
        tx.commit().await.map_err(uncommitted)?;
        // Who rides along now is found out with the next group.
        self.riding = None;
        self.rows.iter_mut().for_each(|rows| rows.clear());
        Ok(head)
    }

    async fn write_whole(
        &mut self,
        tx: &mut Tx,
        plan: &Plan,
        at: Head,
        head: u64,
        riding: &Riding,
    ) -> Result<Shown, NoBatch> {
        let rows = self.fold(Source::Within(tx), riding, plan).await?;
        let shown = Shown::of(&rows);
        if !batch::within(tx, batch(plan, at, head, riding, rows)).await? {
            return Err(StoreError::Setup("the head moved while it was held".to_owned()).into());
        }
        Ok(shown)
    }

    /// Takes the head row and sees to it that the plan rests on what is there: what other nodes wrote is applied,
    /// commands that were committed before are answered, and if either touches what the group rests on, it is
    /// decided again.
    async fn look(&mut self, tx: &mut Tx, group: &mut Vec<Waiting>, plan: &mut Plan) -> Result<Head, StoreError> {
        let at = append::take_head(tx).await?;
        let overtaken = self.catch_up_in(tx, at.position, &plan.read).await?;
        let keys: Vec<String> = group.iter().filter(|w| w.may_repeat()).map(Waiting::key).collect();
        let found = append::find_keys(tx, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let repeated = self.answer_repeated(tx, group, &found, None).await?;
        if overtaken || repeated {
            *plan = self.decide_in(tx, group).await?;
        }
        Ok(at)
    }

    /// Who rides along from the head, asked anew only where that may have changed.
    async fn who_rides(&mut self, tx: &mut Tx, at: Head) -> Result<Riding, StoreError> {
        if let Some(riding) = self.riding.take().filter(|riding| riding.epoch == at.epoch) {
            return Ok(riding);
        }
        self.rows.iter_mut().for_each(|rows| rows.clear());
        ride::riding(tx, &self.models, at).await
    }

    /// Applies what other nodes wrote since; answers whether any of it touches what the group read.
    async fn catch_up_in(&mut self, tx: &mut Tx, base: u64, read: &HashSet<StreamId>) -> Result<bool, StoreError> {
        let seen = self.warm.seen();
        if base == seen {
            return Ok(false);
        }
        if base < seen || base - seen > CATCH_UP {
            self.forget(base);
            return Ok(true);
        }
        let limit = signed(base - seen);
        let foreign = match feed::after_in(tx, &self.codec, seen, limit).await {
            Ok(foreign) => foreign,
            // Perhaps by a newer program: only who needs that stream must fail.
            Err(StoreError::Undecodable { .. } | StoreError::Stream(_)) => {
                self.forget(base);
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        self.warm.advance(&foreign);
        for rows in &mut self.rows {
            if guarded(|| foreign.iter().for_each(|event| rows.overtaken(event))).is_err() {
                rows.clear();
            }
        }
        Ok(foreign.iter().any(|e| read.contains(&e.stream)))
    }

    /// Folds the group into the models that ride along, on rows in memory; those that are not are loaded together.
    async fn fold(
        &mut self,
        source: Source<'_>,
        riding: &Riding,
        plan: &Plan,
    ) -> Result<Vec<(TableDef, Changes)>, NoBatch> {
        let events: Vec<&RecordedEvent> = plan.events().collect();
        let mut load = Load::new((&self.db).into());
        let mut begun = Vec::new();
        for place in &riding.models {
            let (Some(model), Some(rows)) = (self.models.get(*place), self.rows.get_mut(*place)) else { continue };
            if let Some(wanted) = trusting(rows.as_mut(), |rows| Ok(rows.begin(&events)))? {
                load.add(&TableSql::live(model.table()), &wanted);
                begun.push(*place);
            }
        }
        let mut loaded: Vec<Vec<(String, String)>> = begun.iter().map(|_| Vec::new()).collect();
        let found = match source {
            Source::Committed => load.committed(&self.db).await?,
            Source::Within(tx) => load.within(tx).await?,
        };
        for (table, key, body) in found {
            if let Some(rows) = usize::try_from(table).ok().and_then(|table| loaded.get_mut(table)) {
                rows.push((key, body));
            }
        }
        let mut tables = Vec::new();
        for (place, loaded) in begun.into_iter().zip(loaded) {
            let (Some(model), Some(rows)) = (self.models.get(place), self.rows.get_mut(place)) else { continue };
            let changes = trusting(rows.as_mut(), |rows| rows.fold(loaded, &events))?;
            if !changes.is_empty() {
                tables.push((model.table(), changes));
            }
        }
        Ok(tables)
    }

    /// The batch is durable: its rows are those that the next one is folded on.
    fn keep_rows(&mut self, riding: Riding, plan: &mut Plan, shown: Shown) {
        for place in &riding.models {
            if let Some(rows) = self.rows.get_mut(*place) {
                rows.confirm();
            }
        }
        plan.visible = riding.complete;
        plan.shown = if riding.complete { shown } else { Shown::default() };
        // Whoever was left behind does not stand at the head any more.
        self.riding = riding.left_behind.is_empty().then_some(riding);
    }
}

/// All that the plan writes.
fn batch<'p>(plan: &'p Plan, at: Head, head: u64, riding: &'p Riding, rows: Vec<(TableDef, Changes)>) -> Batch<'p> {
    Batch {
        group: plan.ready().collect(),
        base: at.position,
        head,
        epoch: at.epoch,
        rows,
        left_behind: &riding.left_behind,
    }
}

/// Runs code of a read model; if it fails, what it holds is not to be trusted.
fn trusting<T>(rows: &mut dyn Folding, run: impl FnOnce(&mut dyn Folding) -> Result<T, Poison>) -> Result<T, NoBatch> {
    if let Ok(Ok(value)) = guarded(|| run(&mut *rows)) {
        return Ok(value);
    }
    rows.clear();
    Err(NoBatch::Poison)
}

/// What is known after a commit that failed.
fn uncommitted(error: StoreError) -> Failure {
    if batch::certainly_undone(&error) { Failure::Before(error) } else { Failure::During(error) }
}

/// Rolls back: nothing was written.
async fn undone(tx: Tx, error: StoreError) -> Failure {
    let _ = tx.rollback().await;
    Failure::Before(error)
}

impl Plan {
    /// The accepted decisions.
    pub(super) fn ready(&self) -> impl Iterator<Item = &Ready> {
        self.decided.iter().filter_map(|decided| match decided {
            Decided::Accepted { ready, .. } => Some(ready),
            Decided::Refused(_) | Decided::Failed => None,
        })
    }

    /// Their events, in order.
    fn events(&self) -> impl Iterator<Item = &RecordedEvent> {
        self.ready().flat_map(|ready| &ready.events)
    }

    /// Gives the events the positions after `base`; answers the last one, `None` if there is no event.
    fn place(&mut self, base: u64) -> Option<u64> {
        let mut position = base;
        for decided in &mut self.decided {
            if let Decided::Accepted { ready, .. } = decided {
                for event in &mut ready.events {
                    position += 1;
                    event.position = position;
                }
            }
        }
        (position > base).then_some(position)
    }
}
