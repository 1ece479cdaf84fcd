//! `hatchery-bench`: figures of Hatchery beside the physical limit, measured in one run, interleaved.
//!
//! `tests/bench/run` does it all: it builds both programs; the bench starts a PostgreSQL server and SQLite files of its
//! own, makes a history through the domain, measures, holds the read models against a rebuild, and prints tables.

mod command;
mod footprint;
mod generator;
mod keys;
mod latency;
mod limit;
mod load;
mod machine;
mod pages;
mod reads;
mod rebuild;
mod report;
mod server;
mod verify;
mod writes;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use store::DbUrl;
use store::testing::TestDatabase;
use store::testing::cluster::{Cluster, Durability};

/// Measures Hatchery beside the limit and prints tables.
#[derive(Debug, Parser)]
struct Args {
    /// What to measure; everything if not said.
    sections: Vec<Section>,
    /// Tiny sizes and one round: shows that everything works, and measures nothing.
    #[arg(long)]
    quick: bool,
    /// Rounds; medians of them are shown.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds for each figure of a round.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Events of the long history.
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,
    /// Repeats the same histories.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this database.
    #[arg(long)]
    database: Option<Kind>,
    /// Serves a file from memory at every address; the limit of reads. For the bench itself.
    #[arg(long, hide = true, value_name = "FILE")]
    serve_static: Option<PathBuf>,
    /// Serves a SELECT as bare axum and sqlx do; the limit of fresh reads. For the bench itself.
    #[arg(long, hide = true, value_name = "URL")]
    serve_select: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    Writes,
    Reads,
    Rebuild,
    Latency,
    Pages,
    Footprint,
}

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

/// Sizes of one run.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    rounds: usize,
    each: Duration,
    members: usize,
    events: u64,
    seed: u64,
}

/// What every section measures with.
struct Bench {
    /// The program.
    hatchery: PathBuf,
    place: Place,
    sizes: Sizes,
}

/// Where the databases of a run are.
struct Place {
    cluster: Option<Cluster>,
    folder: tempfile::TempDir,
}

impl Place {
    /// A fresh database, empty.
    async fn database(&self, kind: Kind, name: &str) -> anyhow::Result<DbUrl> {
        match (kind, &self.cluster) {
            // As a server should run: by a role that owns nothing, behind the second wall.
            (Kind::Postgres, Some(cluster)) => Ok(TestDatabase::on(&cluster.url()).await?.url.clone()),
            (Kind::Postgres | Kind::Sqlite, _) => Ok(DbUrl::Sqlite(self.folder.path().join(format!("{name}.db")))),
        }
    }

    /// The URL of a database for whoever the second wall does not stand before, as a setting takes it.
    fn without_wall(&self, url: &DbUrl) -> anyhow::Result<String> {
        let setting = server::setting(url);
        let Some(cluster) = self.cluster.as_ref().filter(|_| matches!(url, DbUrl::Postgres(_))) else {
            return Ok(setting);
        };
        let (_, name) = setting.rsplit_once('/').context("a URL with a database")?;
        let all = cluster.url();
        let (place, _) = all.rsplit_once('/').context("a URL with a database")?;
        Ok(format!("{place}/{name}"))
    }
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(file) = &args.serve_static {
        return runtime.block_on(limit::serve_static(file));
    }
    if let Some(url) = &args.serve_select {
        return runtime.block_on(limit::serve_select(url));
    }
    runtime.block_on(run(&args))
}

async fn run(args: &Args) -> anyhow::Result<()> {
    let hatchery = command::hatchery()?;
    let sizes = if args.quick {
        Sizes { rounds: 1, each: Duration::from_millis(300), members: 40, events: 3_000, seed: args.seed }
    } else {
        let each = Duration::from_secs_f64(args.seconds);
        Sizes { rounds: args.rounds, each, members: 400, events: args.events, seed: args.seed }
    };
    let kinds: Vec<Kind> = [Kind::Postgres, Kind::Sqlite]
        .into_iter()
        .filter(|kind| args.database.is_none_or(|only| only == *kind))
        .collect();
    let cluster = kinds.contains(&Kind::Postgres).then(|| Cluster::start(Durability::Full)).transpose()?;
    let place = Place { cluster, folder: tempfile::tempdir()? };
    let wanted = |section| args.sections.is_empty() || args.sections.contains(&section);
    report::say(&machine::describe(&place).await?);
    let bench = Bench { hatchery, place, sizes };
    for kind in kinds {
        if wanted(Section::Writes) {
            writes::measure(&bench, kind).await?;
        }
        if wanted(Section::Reads) {
            reads::measure(&bench, kind).await?;
        }
        if wanted(Section::Latency) {
            latency::measure(&bench, kind).await?;
        }
        if wanted(Section::Pages) {
            pages::measure(&bench, kind).await?;
        }
        if wanted(Section::Rebuild) || wanted(Section::Footprint) {
            let history = rebuild::prepare(&bench, kind).await?;
            if wanted(Section::Footprint) {
                footprint::measure(&bench, kind, &history).await?;
            }
            if wanted(Section::Rebuild) {
                rebuild::measure(&bench, kind, &history).await?;
            }
        }
    }
    Ok(())
}
