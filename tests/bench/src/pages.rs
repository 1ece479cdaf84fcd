//! A page of a roster as organisations and cycles become more.

use std::time::Instant;

use anyhow::ensure;

use crate::generator::{History, Life};
use crate::load::{Ask, Connection};
use crate::report::{Rounds, number, table};
use crate::server::Server;
use crate::writes::bring_in;
use crate::{Bench, Kind};

/// Members of each cycle, by class.
const POOL: [usize; 4] = [25; 4];
/// Pages asked of each size in a round.
const SAMPLES: usize = 200;

/// A server on so many cycles.
struct Filled {
    server: Server,
    cycles: Vec<String>,
    latencies: Rounds,
}

async fn fill(bench: &Bench, kind: Kind, cycles: usize) -> anyhow::Result<Filled> {
    let url = bench.place.database(kind, &format!("pages_{cycles}")).await?;
    let mut history = History::begin(bench.sizes.seed)?;
    let mut names = Vec::with_capacity(cycles);
    bring_in(&url, || {
        if names.len() == cycles {
            return Ok(None);
        }
        names.push(history.pool(POOL, Life::Admitted)?.cycle.to_string());
        Ok(Some(history.take()))
    })
    .await?;
    let server = Server::hatchery(&bench.hatchery, &url).await?;
    server.ready().await?;
    Ok(Filled { server, cycles: names, latencies: Rounds::default() })
}

/// Asks for pages of cycles far apart, one after another.
async fn ask(filled: &mut Filled) -> anyhow::Result<()> {
    let mut connection = Connection::open(&filled.server.address).await?;
    for n in 0..SAMPLES {
        let cycle = &filled.cycles[n * 7 % filled.cycles.len()];
        let ask = Ask {
            path: format!("/api/v1/cycles/{cycle}/roster?limit=50"),
            actor: None,
            headers: vec![("cache-control", "no-cache".to_owned())],
            body: None,
        };
        let began = Instant::now();
        let (status, body) = connection.send(ask).await?;
        filled.latencies.add(began.elapsed().as_secs_f64() * 1_000.0);
        ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
    }
    Ok(())
}

pub(crate) async fn measure(bench: &Bench, kind: Kind) -> anyhow::Result<()> {
    let counts: &[usize] = if bench.sizes.rounds == 1 { &[1, 2] } else { &[1, 100, 1_000] };
    let mut all = Vec::new();
    for cycles in counts {
        all.push(fill(bench, kind, *cycles).await?);
    }
    for _ in 0..bench.sizes.rounds {
        for filled in &mut all {
            ask(filled).await?;
        }
    }
    let first = all.first().map(|filled| filled.latencies.median()).unwrap_or_default();
    let members = POOL.iter().sum::<usize>();
    let row = |filled: &Filled| {
        let median = filled.latencies.median();
        let cycles = filled.cycles.len();
        vec![(cycles * members).to_string(), cycles.to_string(), number(median), number(median / first)]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let columns = ["organisations", "cycles", "page of 50, median ms", "through the first"];
    table(&format!("A roster page as pools become more, {kind:?}"), &columns, &rows);
    Ok(())
}
