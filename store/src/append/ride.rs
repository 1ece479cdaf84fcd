//! Read models that ride along with an append, one by one: the careful way, for a group whose batch was not taken.
//!
//! Each model is folded behind a savepoint: one that cannot take an event is stopped, alone.

use std::sync::Arc;

use domain::RecordedEvent;

use super::{Head, blames_the_row, guarded, raise_epoch};
use crate::db::{Tx, signed};
use crate::error::StoreError;
use crate::folding::Folding;
use crate::on_tx;
use crate::projection::AnyModel;
use crate::table::TableSql;

/// The models that ride along with an append from `base`, and whom it leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Riding {
    /// The epoch that this is true of.
    pub(crate) epoch: i64,
    /// Places among the node's models.
    pub(crate) models: Vec<usize>,
    /// Whether these are all of the node's models that are not stopped: then whatever is answered can be read.
    pub(crate) complete: bool,
    /// Models that ride along and that this node does not fold, those of a newer or older program: they are to
    /// be left behind, and whoever folds them must learn of it.
    pub(crate) left_behind: Vec<String>,
}

/// All models that ride along, whoever folds them. The head row is held.
pub(crate) async fn riders(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT model FROM checkpoints WHERE position IS NULL";
    let riders: Vec<(String,)> = on_tx!(tx, conn => sqlx::query_as(sql).fetch_all(conn).await)?;
    Ok(riders.into_iter().map(|(model,)| model).collect())
}

/// Finds out who rides along from the head.
pub(crate) async fn riding(tx: &mut Tx, models: &[Arc<dyn AnyModel>], head: Head) -> Result<Riding, StoreError> {
    let live: Vec<(String, String, Option<i64>)> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT model, definition, position FROM checkpoints WHERE status = 'live'")
            .fetch_all(conn).await)?;
    let mut riding = Riding { epoch: head.epoch, complete: true, ..Riding::default() };
    for (name, definition, position) in live {
        let rides = position.is_none();
        // Another definition is that of another program on another node; its projector does the work.
        let own = models.iter().position(|m| m.table().name == name && m.table().definition() == definition);
        match own {
            Some(model) if rides => riding.models.push(model),
            None if rides => riding.left_behind.push(name.clone()),
            Some(_) | None => {}
        }
        if models.iter().any(|m| m.table().name == name) && !own.is_some_and(|m| riding.models.contains(&m)) {
            riding.complete = false;
        }
    }
    riding.models.sort_unstable();
    Ok(riding)
}

/// Folds the events into the models that ride along, one by one. One that stops stays at `base`.
pub(crate) async fn one_by_one(
    tx: &mut Tx,
    models: &[Arc<dyn AnyModel>],
    riding: &Riding,
    events: &[RecordedEvent],
    base: u64,
) -> Result<(), StoreError> {
    for model in riding.models.iter().filter_map(|place| models.get(*place)) {
        let table = TableSql::live(model.table());
        if let Err(reason) = fold_batch(tx, model.as_ref(), &table, events).await? {
            stop(tx, table.name(), base, &reason).await?;
        }
    }
    for model in &riding.left_behind {
        stand(tx, model, Some(base)).await?;
    }
    if !riding.left_behind.is_empty() {
        raise_epoch(tx).await?;
    }
    Ok(())
}

/// Says where a read model stands; without a position it rides along from here on. The head row is held, or the
/// model was not riding along.
pub(crate) async fn stand(tx: &mut Tx, model: &str, position: Option<u64>) -> Result<(), StoreError> {
    let position = position.map(signed);
    on_tx!(tx, conn => sqlx::query("UPDATE checkpoints SET position = $1 WHERE model = $2")
        .bind(position).bind(model).execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Marks a read model as stopped after `position` by a poison event; only a rebuild starts it again.
pub(crate) async fn stop(tx: &mut Tx, model: &str, position: u64, reason: &str) -> Result<(), StoreError> {
    tracing::error!(model, position, reason, "a read model stopped at a poison event");
    let sql = "UPDATE checkpoints SET status = 'stopped', error = $1, position = $2 WHERE model = $3";
    let position = signed(position);
    on_tx!(tx, conn => sqlx::query(sql).bind(reason).bind(position).bind(model).execute(conn).await.map(|_| ()))?;
    raise_epoch(tx).await
}

/// Folds events into one table: loads the rows they touch, folds, writes. `Ok(Err(reason))` is a poison event,
/// with the transaction as it was before.
pub(crate) async fn fold_batch(
    tx: &mut Tx,
    model: &dyn AnyModel,
    table: &TableSql,
    events: &[RecordedEvent],
) -> Result<Result<(), String>, StoreError> {
    fold_rows(tx, model.folding(0).as_mut(), table, events).await
}

/// The same on rows in memory; whoever keeps them confirms the batch once it is durable.
pub(crate) async fn fold_rows(
    tx: &mut Tx,
    rows: &mut dyn Folding,
    table: &TableSql,
    events: &[RecordedEvent],
) -> Result<Result<(), String>, StoreError> {
    let events: Vec<&RecordedEvent> = events.iter().collect();
    let wanted = match guarded(|| rows.begin(&events)) {
        Ok(None) => return Ok(Ok(())),
        Ok(Some(wanted)) => wanted,
        Err(reason) => return Ok(Err(reason)),
    };
    tx.run("SAVEPOINT fold").await?;
    let outcome = async {
        let loaded = table.load(tx, &wanted).await?;
        match guarded(|| rows.fold(loaded, &events)) {
            Ok(Ok(changes)) => table.write(tx, changes).await.map(Ok),
            Ok(Err(poison)) => Ok(Err(poison.to_string())),
            Err(reason) => Ok(Err(reason)),
        }
    }
    .await;
    match outcome {
        Ok(Ok(())) => {
            tx.run("RELEASE SAVEPOINT fold").await?;
            Ok(Ok(()))
        }
        Ok(Err(reason)) => {
            tx.run("ROLLBACK TO SAVEPOINT fold").await?;
            Ok(Err(reason))
        }
        Err(error) if blames_the_row(&error) => {
            tx.run("ROLLBACK TO SAVEPOINT fold").await?;
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(error),
    }
}
