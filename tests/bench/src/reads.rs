//! Pages of a roster and balances per second, beside the same bytes from memory and a bare SELECT.

use std::sync::Arc;

use crate::load::{self, Ask, Make};
use crate::report::{Rounds, ratio, table};
use crate::server::{Server, setting};
use crate::writes::open_pool;
use crate::{Bench, Kind};

const CLIENTS: usize = 8;

fn reading(path: &str, headers: &[(&'static str, &str)]) -> Make {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let ask = Ask { path: path.to_owned(), actor: None, headers, body: None };
    Arc::new(move |_, _| ask.clone())
}

pub(crate) async fn measure(bench: &Bench, kind: Kind) -> anyhow::Result<()> {
    let (url, pool) = open_pool(bench, kind, "reads").await?;
    let server = Server::hatchery(&bench.hatchery, &url).await?;
    server.ready().await?;
    let select = Server::limit("--serve-select", &setting(&url))?;
    let each = bench.sizes.each;
    let roster = format!("/api/v1/cycles/{}/roster?limit=50", pool.cycle);
    let balance = format!("/api/v1/cycles/{}/balance", pool.cycle);
    let mut connection = load::Connection::open(&server.address).await?;
    let mut rows = Vec::new();
    for (what, path, bare_path) in [("roster, 50 rows", &roster, "roster"), ("balance", &balance, "balance")] {
        let ask = Ask { path: path.clone(), actor: None, headers: Vec::new(), body: None };
        let (status, bytes) = connection.send(ask).await?;
        anyhow::ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&bytes));
        let file = bench.place.folder.path().join("static");
        std::fs::write(&file, &bytes)?;
        let from_memory = Server::limit("--serve-static", &file.display().to_string())?;
        let [mut unchanged, mut fresh, mut memory, mut bare] = std::array::from_fn(|_| Rounds::default());
        for _ in 0..bench.sizes.rounds {
            let ours = std::slice::from_ref(&server.address);
            unchanged.add(load::run(ours, CLIENTS, each, &reading(path, &[])).await?.rate());
            memory.add(
                load::run(std::slice::from_ref(&from_memory.address), CLIENTS, each, &reading("/", &[])).await?.rate(),
            );
            let uncached = reading(path, &[("cache-control", "no-cache")]);
            fresh.add(load::run(ours, CLIENTS, each, &uncached).await?.rate());
            let asking = reading(&format!("/{bare_path}/{}", pool.cycle), &[]);
            bare.add(load::run(std::slice::from_ref(&select.address), CLIENTS, each, &asking).await?.rate());
        }
        rows.push(vec![
            what.to_owned(),
            bytes.len().to_string(),
            unchanged.shown(),
            memory.shown(),
            ratio(&unchanged, &memory),
            fresh.shown(),
            bare.shown(),
            ratio(&fresh, &bare),
        ]);
    }
    let columns = [
        "what",
        "bytes",
        "unchanged, 1/s",
        "same bytes from memory, 1/s",
        "ratio",
        "afresh, 1/s",
        "axum + sqlx + serde, the same SELECT, 1/s",
        "ratio",
    ];
    table(&format!("Reads, 8 clients, {kind:?}"), &columns, &rows);
    Ok(())
}
