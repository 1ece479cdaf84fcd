//! After every load the read models equal the fold of the events, always.

use std::time::Duration;

use anyhow::ensure;
use store::sql::Sql;
use store::{DbUrl, Store, StoreConfig};

/// Rebuilds every read model and compares it, row for row, with what the load left.
pub(crate) async fn same_rebuilt(url: &DbUrl) -> anyhow::Result<()> {
    let store = Store::start(StoreConfig::new(url.clone(), projections::models())).await?;
    let head = store.feed().head().await?;
    ensure!(store.visible(head, Duration::from_mins(1)).await?, "the read models do not come to the head");
    for model in store.models() {
        let name = model.table().name;
        let select = format!("SELECT key, body FROM {name} ORDER BY key");
        let before = Sql::new(&select).pairs(store.db()).await?;
        store.rebuild(name).await?;
        ensure!(Sql::new(&select).pairs(store.db()).await? == before, "{name} is not what a rebuild makes of the log");
    }
    store.stop().await;
    Ok(())
}
