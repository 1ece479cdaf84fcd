//! What a server takes: memory at rest and after a load, and the time that it starts in.

use std::time::{Duration, Instant};

use crate::rebuild::Long;
use crate::report::{Rounds, number, per_second, table};
use crate::server::Server;
use crate::{Bench, Kind};

pub(crate) async fn measure(bench: &Bench, kind: Kind, long: &Long) -> anyhow::Result<()> {
    let hatchery = &bench.hatchery;
    let empty = bench.place.database(kind, "empty").await?;
    Server::hatchery(hatchery, &empty).await?.ready().await?;
    // The first start on the long history makes its read models.
    let began = Instant::now();
    Server::hatchery(hatchery, &long.url).await?.ready().await?;
    let first = began.elapsed();
    let mut rows = Vec::new();
    for (what, url) in [("empty", &empty), ("long history", &long.url)] {
        let [mut started, mut got_ready, mut memory] = std::array::from_fn(|_| Rounds::default());
        for _ in 0..bench.sizes.rounds {
            let began = Instant::now();
            let server = Server::hatchery(hatchery, url).await?;
            started.add(server.started_in.as_secs_f64() * 1_000.0);
            server.ready().await?;
            got_ready.add(began.elapsed().as_secs_f64() * 1_000.0);
            tokio::time::sleep(Duration::from_millis(500)).await;
            memory.add(server.memory()?.0);
        }
        rows.push(vec![what.to_owned(), started.shown(), got_ready.shown(), memory.shown()]);
    }
    let caught_up = number(per_second(long.events, first));
    rows.push(vec![
        format!("{} events caught up at the first start", long.events),
        String::new(),
        format!("{caught_up} events/s"),
        String::new(),
    ]);
    let columns = ["database", "serves after ms", "ready after ms", "MiB at rest"];
    table(&format!("Start and memory, {kind:?}"), &columns, &rows);
    Ok(())
}
