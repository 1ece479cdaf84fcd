//! Commands per second over HTTP, answered when durable and visible, beside inserts of one event per transaction.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use domain::RecordedEvent;
use hyper::body::Bytes;
use serde_json::json;
use store::codec::Codec;
use store::{Db, DbUrl};

use crate::generator::{History, Life, Pool};
use crate::limit::{PgBench, RawCommits, Stored};
use crate::load::{self, Ask, Make, Outcome};
use crate::report::{Rounds, number, ratio, table};
use crate::server::{Processors, Server};
use crate::{Bench, Kind, Sizes, verify};

const CLIENTS: [usize; 3] = [1, 8, 32];
/// Clients of each of two nodes.
const OF_TWO_NODES: usize = 16;

/// A pool on a fresh database, open for what a load does.
pub(crate) async fn open_pool(bench: &Bench, kind: Kind, name: &str) -> anyhow::Result<(DbUrl, Pool)> {
    let url = bench.place.database(kind, name).await?;
    let mut history = History::begin(bench.sizes.seed)?;
    let each = bench.sizes.members / 4;
    // Room between C and D for everybody who moves.
    let pool = history.pool([each / 2, each / 2, each * 5 / 2, each / 2], Life::Admitted)?;
    let mut events = Some(history.take());
    bring_in(&url, || Ok(events.take())).await?;
    Ok((url, pool))
}

/// Brings a history into a fresh database, piece by piece until there is none.
pub(crate) async fn bring_in(
    url: &DbUrl,
    mut more: impl FnMut() -> anyhow::Result<Option<Vec<RecordedEvent>>>,
) -> anyhow::Result<()> {
    let db = Db::open(url).await?;
    db.migrate().await?;
    while let Some(events) = more()? {
        for part in chunks(&events) {
            store::import::append(&db, part).await?;
        }
    }
    db.close().await;
    Ok(())
}

/// Parts of some thousand events that cut no decision in two.
fn chunks(events: &[RecordedEvent]) -> Vec<&[RecordedEvent]> {
    let mut parts = Vec::new();
    let mut rest = events;
    while !rest.is_empty() {
        let mut end = rest.len().min(2_000);
        while end < rest.len() && rest[end].meta.decision_id == rest[end - 1].meta.decision_id {
            end += 1;
        }
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

/// Visits, each client to organisations of its own in turn.
pub(crate) fn visits(pool: &Pool) -> Make {
    let pool = pool.clone();
    let visit = json!({
        "visit": { "station": "jinghu-1", "channel": "on_site", "needs": "希望安排自评师培训。",
            "findings": "已在两个车间试点卓越绩效管理模式，一次交验合格率提高到百分之九十九点二。" },
        "occurred_on": pool.day,
    });
    let body = Bytes::from(visit.to_string());
    Arc::new(move |client, n| {
        let member = (client + usize::try_from(n).unwrap_or_default() * 32) % pool.members.len();
        Ask {
            path: format!("/api/v1/cycles/{}/organizations/{}/visits", pool.cycle, pool.members[member].uscc),
            actor: Some("station/jinghu-1/li".to_owned()),
            headers: Vec::new(),
            body: Some(body.clone()),
        }
    })
}

/// Moves on one hot cycle: each client moves members of its own from C to D and back.
fn moves(pool: &Pool) -> Make {
    let pool = pool.clone();
    let movable: Vec<_> = pool.members.iter().filter(|member| member.class.as_str() == "C").cloned().collect();
    let clients = CLIENTS[1];
    Arc::new(move |client, n| {
        let own = movable.len() / clients / 2;
        let n = usize::try_from(n).unwrap_or_default();
        let member = &movable[client + (n / 2 % own.max(1)) * clients];
        let to = if n.is_multiple_of(2) { "D" } else { "C" };
        let entry = json!({ "uscc": member.uscc, "to": to, "grounds": "推广情况变化，经研究调整。" });
        Ask {
            path: format!("/api/v1/cycles/{}/reclassifications", pool.cycle),
            actor: Some(pool.office.clone()),
            headers: Vec::new(),
            body: Some(Bytes::from(json!({ "entries": [entry], "occurred_on": pool.day }).to_string())),
        }
    })
}

/// The event of a visit as it is stored.
fn stored() -> anyhow::Result<Stored> {
    let mut history = History::begin(0)?;
    history.pool([2, 0, 0, 0], Life::Whole)?;
    let events = history.take();
    let visit = events.iter().find(|event| event.event.event_type() == "VisitRecorded").context("a visit")?;
    let encoded = Codec::encode(&visit.event, &visit.meta)?;
    Ok(Stored { payload: encoded.payload, metadata: encoded.metadata })
}

/// What so many clients came to.
#[derive(Default)]
struct Row {
    clients: usize,
    ours: Rounds,
    theirs: Rounds,
    middle: Rounds,
    slow: Rounds,
    by_server: Rounds,
    by_database: Rounds,
}

enum Limit {
    PgBench(PgBench),
    Raw(Box<RawCommits>),
}

impl Limit {
    async fn rate(&mut self, clients: usize, sizes: Sizes) -> anyhow::Result<f64> {
        match self {
            Self::PgBench(bench) => bench.rate(clients, sizes.each),
            // SQLite has one writer, however many wait for it.
            Self::Raw(raw) => raw.rate(sizes.each).await,
        }
    }
}

pub(crate) async fn measure(bench: &Bench, kind: Kind) -> anyhow::Result<()> {
    let (url, pool) = open_pool(bench, kind, "writes").await?;
    let server = Server::hatchery(&bench.hatchery, &url).await?;
    server.ready().await?;
    let database = bench.place.cluster.as_ref().filter(|_| kind == Kind::Postgres);
    let processors = Processors { server: &server, database };
    let (sizes, addresses) = (bench.sizes, [server.address.clone()]);
    let stored = stored()?;
    let mut limit = match &bench.place.cluster {
        Some(cluster) if kind == Kind::Postgres => Limit::PgBench(PgBench::begin(&cluster.url(), &stored).await?),
        Some(_) | None => Limit::Raw(Box::new(RawCommits::begin(bench.place.folder.path(), &stored).await?)),
    };
    let make = visits(&pool);
    load::run(&addresses, 4, sizes.each / 2, &make).await?;
    let mut rows = CLIENTS.map(|clients| Row { clients, ..Row::default() });
    let (mut hot_one, mut hot_eight) = (Rounds::default(), Rounds::default());
    let mut conflicts = 0;
    for _ in 0..sizes.rounds {
        for row in &mut rows {
            let before = processors.used()?;
            let outcome = load::run(&addresses, row.clients, sizes.each, &make).await?;
            let (by_server, by_database) = processors.used()?.since(before, outcome.done);
            row.ours.add(outcome.rate());
            row.middle.add(outcome.percentile(50));
            row.slow.add(outcome.percentile(99));
            row.by_server.add(by_server);
            row.by_database.add(by_database);
            row.theirs.add(limit.rate(row.clients, sizes).await?);
        }
        for (clients, rounds) in [(1, &mut hot_one), (CLIENTS[1], &mut hot_eight)] {
            let outcome = load::run(&addresses, clients, sizes.each, &moves(&pool)).await?;
            rounds.add(outcome.rate());
            conflicts += outcome.conflicts;
            undo(&addresses, &pool, &outcome).await?;
        }
    }
    let (_, peak) = server.memory()?;
    drop(server);
    verify::same_rebuilt(&url).await?;
    let limit_is = if kind == Kind::Postgres { "pgbench, inserts/s" } else { "raw commits/s" };
    let columns = [
        "clients",
        "visits/s",
        limit_is,
        "ratio",
        "p50 ms",
        "p99 ms",
        "server CPU, ms/visit",
        "PostgreSQL CPU, ms/visit",
    ];
    let columns = if kind == Kind::Postgres { &columns[..] } else { &columns[..7] };
    let lines: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            let medians = [&row.middle, &row.slow, &row.by_server, &row.by_database].map(|of| number(of.median()));
            let mut line = vec![row.clients.to_string(), row.ours.shown(), row.theirs.shown()];
            line.push(ratio(&row.ours, &row.theirs));
            line.extend(medians.into_iter().take(columns.len() - line.len()));
            line
        })
        .collect();
    table(&format!("Visits on different organisations, {kind:?}"), columns, &lines);
    let hot =
        vec![hot_one.shown(), hot_eight.shown(), ratio(&hot_eight, &hot_one), conflicts.to_string(), number(peak)];
    let columns =
        ["1 client, moves/s", "8 clients, moves/s", "ratio", "refused for concurrency", "peak MiB of the server"];
    table(&format!("Moves on one hot cycle, {kind:?}"), &columns, &[hot]);
    if kind == Kind::Postgres {
        two_nodes(bench, limit).await?;
    }
    Ok(())
}

/// Brings members back that a load left in D.
async fn undo(addresses: &[String], pool: &Pool, outcome: &Outcome) -> anyhow::Result<()> {
    ensure!(outcome.refused == 0, "{} moves were refused by a rule", outcome.refused);
    let mut connection = load::Connection::open(&addresses[0]).await?;
    for member in pool.members.iter().filter(|member| member.class.as_str() == "C") {
        let entry = json!({ "uscc": member.uscc, "to": "C", "grounds": "复原。" });
        let ask = Ask {
            path: format!("/api/v1/cycles/{}/reclassifications", pool.cycle),
            actor: Some(pool.office.clone()),
            headers: Vec::new(),
            body: Some(Bytes::from(json!({ "entries": [entry], "occurred_on": pool.day }).to_string())),
        };
        // Whoever is in C already is refused, and that is as well.
        connection.send(ask).await?;
    }
    Ok(())
}

async fn two_nodes(bench: &Bench, mut limit: Limit) -> anyhow::Result<()> {
    let sizes = bench.sizes;
    let (url, pool) = open_pool(bench, Kind::Postgres, "two_nodes").await?;
    let nodes = [Server::hatchery(&bench.hatchery, &url).await?, Server::hatchery(&bench.hatchery, &url).await?];
    for node in &nodes {
        node.ready().await?;
    }
    let addresses = [nodes[0].address.clone(), nodes[1].address.clone()];
    let make = visits(&pool);
    load::run(&addresses, 4, sizes.each / 2, &make).await?;
    let (mut ours, mut theirs, mut hot) = (Rounds::default(), Rounds::default(), Rounds::default());
    let mut conflicts = 0;
    for _ in 0..sizes.rounds {
        ours.add(load::run(&addresses, 2 * OF_TWO_NODES, sizes.each, &make).await?.rate());
        theirs.add(limit.rate(2 * OF_TWO_NODES, sizes).await?);
        let outcome = load::run(&addresses, CLIENTS[1], sizes.each, &moves(&pool)).await?;
        hot.add(outcome.rate());
        conflicts += outcome.conflicts;
        undo(&addresses, &pool, &outcome).await?;
    }
    drop(nodes);
    verify::same_rebuilt(&url).await?;
    let row = vec![ours.shown(), theirs.shown(), ratio(&ours, &theirs), hot.shown(), conflicts.to_string()];
    let columns =
        ["16 + 16 clients, visits/s", "pgbench, inserts/s", "ratio", "8 clients, moves/s", "refused for concurrency"];
    table("Two nodes on one PostgreSQL", &columns, &[row]);
    Ok(())
}
