//! How long a command takes on a short stream and on a long one, warm and cold.

use std::time::Instant;

use anyhow::ensure;

use crate::load::{Connection, Make};
use crate::report::{Rounds, number, table};
use crate::server::Server;
use crate::writes::{open_pool, visits};
use crate::{Bench, Kind, verify};

/// Commands measured on each length.
const SAMPLES: u64 = 200;

/// Sends visits to one organisation, `count` of them; latencies in milliseconds.
async fn visit(connection: &mut Connection, make: &Make, member: usize, count: u64) -> anyhow::Result<Rounds> {
    let mut latencies = Rounds::default();
    for _ in 0..count {
        let ask = make(member, 0);
        let began = Instant::now();
        let (status, body) = connection.send(ask).await?;
        latencies.add(began.elapsed().as_secs_f64() * 1_000.0);
        ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
    }
    Ok(latencies)
}

pub(crate) async fn measure(bench: &Bench, kind: Kind) -> anyhow::Result<()> {
    let (url, pool) = open_pool(bench, kind, "latency").await?;
    let make = visits(&pool);
    let lengths: &[u64] = if bench.sizes.rounds == 1 { &[10, 100] } else { &[10, 1_000, 10_000] };
    let mut rows = Vec::new();
    let mut first = 0.0;
    for (member, length) in lengths.iter().enumerate() {
        let server = Server::hatchery(&bench.hatchery, &url).await?;
        server.ready().await?;
        let mut connection = Connection::open(&server.address).await?;
        // Half of the samples are beyond the length that they stand for; the stream hardly grows by them.
        for _ in 0..length.saturating_sub(20) {
            let (status, body) = connection.send(make(member, 0)).await?;
            ensure!(status.is_success(), "{status} {}", String::from_utf8_lossy(&body));
        }
        let warm = visit(&mut connection, &make, member, SAMPLES.min(length * 2)).await?;
        drop(server);
        let server = Server::hatchery(&bench.hatchery, &url).await?;
        server.ready().await?;
        let mut connection = Connection::open(&server.address).await?;
        // What every first command pays, whatever its stream.
        visit(&mut connection, &make, lengths.len(), 1).await?;
        let cold = visit(&mut connection, &make, member, 1).await?;
        if member == 0 {
            first = warm.median();
        }
        rows.push(vec![
            length.to_string(),
            number(warm.median()),
            number(warm.median() / first),
            number(cold.median()),
        ]);
    }
    verify::same_rebuilt(&url).await?;
    let columns = ["events of the stream", "warm, median ms", "through the first", "cold, ms"];
    table(&format!("A command on streams of different length, {kind:?}"), &columns, &rows);
    Ok(())
}
