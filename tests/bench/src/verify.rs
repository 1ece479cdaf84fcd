//! After every load the read models equal the fold of the events, always.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::time::Duration;

use anyhow::ensure;
use store::sql::Sql;
use store::{Db, DbUrl, Store, StoreConfig};

/// Rows that are compared at a time.
const PAGE: usize = 10_000;

/// Rebuilds every read model and compares it, row for row, with what the load left.
pub(crate) async fn same_rebuilt(url: &DbUrl) -> anyhow::Result<()> {
    let store = Store::start(StoreConfig::new(url.clone(), projections::models())).await?;
    let head = store.feed().head().await?;
    ensure!(store.visible(head, Duration::from_mins(1)).await?, "the read models do not come to the head");
    let names: Vec<&str> = store.models().iter().map(|model| model.table().name).collect();
    let mut before = Vec::new();
    for name in &names {
        before.push(digest(store.db(), name).await?);
    }
    store.rebuild_together(&names).await?;
    for (name, before) in names.iter().zip(before) {
        ensure!(digest(store.db(), name).await? == before, "{name} is not what a rebuild makes of the log");
    }
    store.stop().await;
    Ok(())
}

/// What all rows of a table come to, and how many there are.
async fn digest(db: &Db, table: &str) -> anyhow::Result<(u64, usize)> {
    let (mut hasher, mut count, mut last) = (DefaultHasher::new(), 0, String::new());
    loop {
        let mut select = Sql::new(&format!("SELECT key, body FROM {table} WHERE key > "));
        select.bind(last.clone()).push(&format!(" ORDER BY key LIMIT {PAGE}"));
        let rows = select.pairs(db).await?;
        rows.hash(&mut hasher);
        count += rows.len();
        match rows.into_iter().next_back() {
            Some((key, _)) => last = key,
            None => return Ok((hasher.finish(), count)),
        }
    }
}
