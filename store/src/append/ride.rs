//! Read models that ride along with an append, one by one: the careful way, for a group whose batch was not taken.
//!
//! Each model is folded behind a savepoint: one that cannot take an event is stopped, alone.

use std::sync::Arc;

use domain::RecordedEvent;
use serde_json::json;

use super::{Head, blames_the_row, guarded, raise_epoch};
use crate::db::Tx;
use crate::error::StoreError;
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
    /// Whether a model stands at the head that this node does not fold, one of a newer or older program: whoever
    /// folds it must learn that it was left behind.
    pub(crate) leaves_behind: bool,
}

/// Finds out who rides along from the head.
pub(crate) async fn riding(tx: &mut Tx, models: &[Arc<dyn AnyModel>], head: Head) -> Result<Riding, StoreError> {
    let live: Vec<(String, String, i64)> = on_tx!(tx, conn =>
        sqlx::query_as("SELECT model, definition, position FROM checkpoints WHERE status = 'live'")
            .fetch_all(conn).await)?;
    let mut riding = Riding { epoch: head.epoch, complete: true, ..Riding::default() };
    for (name, definition, position) in live {
        let at_head = u64::try_from(position) == Ok(head.position);
        // Another definition is that of another program on another node; its projector does the work.
        let own = models.iter().position(|m| m.table().name == name && m.table().definition() == definition);
        match own {
            Some(model) if at_head => riding.models.push(model),
            None if at_head => riding.leaves_behind = true,
            Some(_) | None => {}
        }
        if models.iter().any(|m| m.table().name == name) && !own.is_some_and(|m| riding.models.contains(&m)) {
            riding.complete = false;
        }
    }
    riding.models.sort_unstable();
    Ok(riding)
}

/// Folds the events into the models that ride along, one by one, and moves their checkpoints to `to`.
pub(crate) async fn one_by_one(
    tx: &mut Tx,
    models: &[Arc<dyn AnyModel>],
    riding: &Riding,
    events: &[RecordedEvent],
    (base, to): (u64, u64),
) -> Result<(), StoreError> {
    let mut arrived = Vec::new();
    for model in riding.models.iter().filter_map(|place| models.get(*place)) {
        let table = TableSql::live(model.table());
        match fold_batch(tx, model.as_ref(), &table, events).await? {
            Ok(()) => arrived.push(table.name().to_owned()),
            Err(reason) => stop(tx, table.name(), &reason).await?,
        }
    }
    if riding.leaves_behind {
        raise_epoch(tx).await?;
    }
    move_checkpoints(tx, &arrived, base, to).await
}

async fn move_checkpoints(tx: &mut Tx, models: &[String], base: u64, to: u64) -> Result<(), StoreError> {
    if models.is_empty() {
        return Ok(());
    }
    let list = match tx {
        Tx::Sqlite(_) => "SELECT value FROM json_each($3)",
        Tx::Postgres(_) => "SELECT jsonb_array_elements_text($3::jsonb)",
    };
    let sql = format!("UPDATE checkpoints SET position = $1 WHERE position = $2 AND model IN ({list})");
    let (base, to) = (i64::try_from(base).unwrap_or(i64::MAX), i64::try_from(to).unwrap_or(i64::MAX));
    on_tx!(tx, conn => sqlx::query(&sql).bind(to).bind(base).bind(json!(models).to_string())
        .execute(conn).await.map(|_| ()))?;
    Ok(())
}

/// Marks a read model as stopped by a poison event; only a rebuild starts it again.
pub(crate) async fn stop(tx: &mut Tx, model: &str, reason: &str) -> Result<(), StoreError> {
    tracing::error!(model, reason, "a read model stopped at a poison event");
    on_tx!(tx, conn => sqlx::query("UPDATE checkpoints SET status = 'stopped', error = $1 WHERE model = $2")
        .bind(reason).bind(model).execute(conn).await.map(|_| ()))?;
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
    let events: Vec<&RecordedEvent> = events.iter().collect();
    let mut rows = model.folding(0);
    let wanted = match guarded(|| rows.begin(&events)) {
        Ok(None) => return Ok(Ok(())),
        Ok(Some(wanted)) => wanted,
        Err(reason) => return Ok(Err(reason)),
    };
    tx.run("SAVEPOINT fold").await?;
    let outcome = async {
        let loaded = table.load(tx, &wanted).await?;
        match guarded(|| rows.fold(loaded, &events)) {
            Ok(Ok(changes)) => table.write(tx, &changes).await.map(Ok),
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
