//! Pages of a roster and balances per second, beside the same bytes from memory and a bare SELECT.

use std::sync::Arc;

use crate::load::{self, Ask, Make};
use crate::report::{Rounds, ratio, table};
use crate::server::Server;
use crate::writes::open_pool;
use crate::{Bench, Kind};

const CLIENTS: usize = 8;

/// A reader that sees only some rows, through the scope of lists and the second wall.
const NARROW: &str = "station/jinghu-1/li";

/// What is read, by whom.
struct Reading<'a> {
    what: &'static str,
    path: &'a str,
    actor: Option<&'static str>,
    /// The path of the bare SELECT.
    bare: &'static str,
}

impl Reading<'_> {
    fn ask(&self, headers: &[(&'static str, &str)]) -> Ask {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Ask { path: self.path.to_owned(), actor: self.actor.map(str::to_owned), headers, body: None }
    }
}

fn always(ask: Ask) -> Make {
    Arc::new(move |_, _| ask.clone())
}

fn of(path: &str) -> Make {
    always(Ask { path: path.to_owned(), actor: None, headers: Vec::new(), body: None })
}

pub(crate) async fn measure(bench: &Bench, kind: Kind) -> anyhow::Result<()> {
    let (url, pool) = open_pool(bench, kind, "reads").await?;
    let server = Server::hatchery(&bench.hatchery, &url).await?;
    server.ready().await?;
    let select = Server::limit("--serve-select", &bench.place.without_wall(&url)?)?;
    let each = bench.sizes.each;
    let roster = format!("/api/v1/cycles/{}/roster?limit=50", pool.cycle);
    let balance = format!("/api/v1/cycles/{}/balance", pool.cycle);
    let mut connection = load::Connection::open(&server.address).await?;
    let mut rows = Vec::new();
    for reading in [
        Reading { what: "roster, 50 rows", path: &roster, actor: None, bare: "roster" },
        Reading { what: "roster, 50 rows, by a station", path: &roster, actor: Some(NARROW), bare: "roster" },
        Reading { what: "balance", path: &balance, actor: None, bare: "balance" },
    ] {
        let (status, bytes) = connection.send(reading.ask(&[])).await?;
        anyhow::ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&bytes));
        let file = bench.place.folder.path().join("static");
        std::fs::write(&file, &bytes)?;
        let from_memory = Server::limit("--serve-static", &file.display().to_string())?;
        let [mut unchanged, mut fresh, mut memory, mut bare] = std::array::from_fn(|_| Rounds::default());
        for _ in 0..bench.sizes.rounds {
            let ours = std::slice::from_ref(&server.address);
            unchanged.add(load::run(ours, CLIENTS, each, &always(reading.ask(&[]))).await?.rate());
            memory.add(load::run(std::slice::from_ref(&from_memory.address), CLIENTS, each, &of("/")).await?.rate());
            let uncached = always(reading.ask(&[("cache-control", "no-cache")]));
            fresh.add(load::run(ours, CLIENTS, each, &uncached).await?.rate());
            let asking = of(&format!("/{}/{}", reading.bare, pool.cycle));
            bare.add(load::run(std::slice::from_ref(&select.address), CLIENTS, each, &asking).await?.rate());
        }
        rows.push(vec![
            reading.what.to_owned(),
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
