//! Rebuilding all read models from a long history, beside a bare scan of it with decoding.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::ensure;
use store::codec::Codec;
use store::{Db, DbUrl, Feed};

use crate::generator::{History, Life};
use crate::report::{Rounds, number, per_second, ratio, table};
use crate::server::{memory_of, setting};
use crate::writes::bring_in;
use crate::{Bench, Kind};

/// Members of each pool of the history, by class.
const POOL: [usize; 4] = [60, 60, 50, 30];
const PAGE: u32 = 5_000;

/// A long history on a database.
pub(crate) struct Long {
    pub(crate) url: DbUrl,
    pub(crate) events: u64,
}

/// Makes a history and brings it in.
pub(crate) async fn prepare(bench: &Bench, kind: Kind) -> anyhow::Result<Long> {
    let url = bench.place.database(kind, "long").await?;
    let mut history = History::begin(bench.sizes.seed)?;
    bring_in(&url, || {
        if history.len() >= bench.sizes.events {
            return Ok(None);
        }
        history.pool(POOL, Life::Whole)?;
        Ok(Some(history.take()))
    })
    .await?;
    Ok(Long { url, events: history.len() })
}

/// Events per second of a scan by position with decoding, and no more.
async fn scan(url: &DbUrl, events: u64) -> anyhow::Result<f64> {
    let db = Db::open(url).await?;
    let feed = Feed::bare(db.clone(), Codec::default());
    let (began, mut position) = (Instant::now(), 0);
    loop {
        let page = feed.after(position, PAGE).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
    }
    let rate = per_second(position, began.elapsed());
    ensure!(position == events, "the scan ended at {position}");
    db.close().await;
    Ok(rate)
}

/// Events per second of `hatchery rebuild`, and the memory that it took at its most.
async fn rebuild(hatchery: &Path, url: &DbUrl, events: u64) -> anyhow::Result<(f64, f64)> {
    let began = Instant::now();
    let mut child = Command::new(hatchery)
        .args(["rebuild", "--log", "json", "--database-url", &setting(url)])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut peak: f64 = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if let Ok((_, most)) = memory_of(child.id()) {
            peak = peak.max(most);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_string(&mut said)?;
    }
    ensure!(status.success(), "{said}");
    Ok((per_second(events, began.elapsed()), peak))
}

pub(crate) async fn measure(bench: &Bench, kind: Kind, long: &Long) -> anyhow::Result<()> {
    let hatchery = &bench.hatchery;
    // The first start catches the read models up; what is measured is a rebuild beside them.
    rebuild(hatchery, &long.url, long.events).await?;
    let [mut ours, mut bare, mut memory] = std::array::from_fn(|_| Rounds::default());
    for _ in 0..bench.sizes.rounds {
        let (rate, peak) = rebuild(hatchery, &long.url, long.events).await?;
        ours.add(rate);
        memory.add(peak);
        bare.add(scan(&long.url, long.events).await?);
    }
    let row = vec![long.events.to_string(), ours.shown(), bare.shown(), ratio(&ours, &bare), number(memory.median())];
    let columns =
        ["events", "all read models rebuilt, events/s", "bare scan with decode, events/s", "ratio", "peak MiB"];
    table(&format!("Rebuild, {kind:?}"), &columns, &[row]);
    crate::verify::same_rebuilt(&long.url).await
}
