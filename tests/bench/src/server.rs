//! A server process, and what it uses.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use store::DbUrl;
use store::testing::cluster::Cluster;

use crate::keys;
use crate::load::{Ask, Connection};

/// A running server; ended with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it listens, e.g. `127.0.0.1:4321`.
    pub(crate) address: String,
    /// From its beginning until it served.
    pub(crate) started_in: Duration,
}

/// The URL as a setting takes it.
pub(crate) fn setting(url: &DbUrl) -> String {
    match url {
        DbUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DbUrl::Postgres(url) => url.clone(),
    }
}

impl Server {
    /// `hatchery serve` on a database, which is made ready for those who ask.
    pub(crate) async fn hatchery(hatchery: &Path, url: &DbUrl) -> anyhow::Result<Self> {
        keys::make(url).await?;
        let mut command = Command::new(hatchery);
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "json", "--database-url", &setting(url)]);
        command.args(["--rate-per-account", "0", "--rate-per-address", "0"]);
        command.env("RUST_LOG", "info,tower_http=off");
        Self::run(command)
    }

    /// The bench itself, serving as one of the limits.
    pub(crate) fn limit(flag: &str, value: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([flag, value]);
        Self::run(command)
    }

    /// Runs a program that says on standard error, in a line of JSON, at which `address` it serves.
    fn run(mut command: Command) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("a pipe")?).lines();
        let mut seen = String::new();
        let address = loop {
            let Some(line) = lines.next().transpose()? else { bail!("the server did not start:\n{seen}") };
            let value: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = value["address"].as_str() {
                break address.to_owned();
            }
            seen.push_str(&line);
            seen.push('\n');
        };
        let started_in = began.elapsed();
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, address, started_in })
    }

    /// Waits until it says that it is ready, and that no read model is behind the head: a file that is not shown yet is
    /// nobody's.
    pub(crate) async fn ready(&self) -> anyhow::Result<()> {
        let until = Instant::now() + Duration::from_mins(20);
        let mut connection = Connection::open(&self.address).await?;
        loop {
            let ask = |path: &str| Ask { path: path.to_owned(), actor: None, headers: Vec::new(), body: None };
            if connection.send(ask("/readyz")).await?.0.is_success() {
                let (_, metrics) = connection.send(ask("/metrics")).await?;
                let metrics = String::from_utf8_lossy(&metrics);
                let mut lags = metrics.lines().filter(|line| line.starts_with("hatchery_lag{"));
                if lags.all(|line| line.ends_with(" 0")) {
                    return Ok(());
                }
            }
            ensure!(Instant::now() < until, "the server does not get ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Resident memory in MiB, now and at its most.
    pub(crate) fn memory(&self) -> anyhow::Result<(f64, f64)> {
        memory_of(self.child.id())
    }
}

/// Time on the processors, of a server or of all processes of a database server.
pub(crate) struct Processors<'s> {
    pub(crate) server: &'s Server,
    pub(crate) database: Option<&'s Cluster>,
}

/// What was used of the processors so far, in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    server: f64,
    database: f64,
}

impl Processors<'_> {
    pub(crate) fn used(&self) -> anyhow::Result<Used> {
        let all = std::fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let times: Vec<Times> = all.filter_map(|process| times(&process)).collect();
        let server = self.server.child.id().to_string();
        let server = times.iter().filter(|times| times.process == server).map(|times| times.own).sum();
        let database = match self.database.map(Cluster::process).transpose()? {
            Some(first) => {
                let living = times.iter().filter(|times| times.parent == first).map(|times| times.own);
                let first = times.iter().filter(|times| times.process == first).map(|times| times.own + times.ended);
                living.chain(first).sum()
            }
            None => 0.0,
        };
        Ok(Used { server, database })
    }
}

impl Used {
    /// Milliseconds of server and database since, for each of so many commands.
    pub(crate) fn since(self, before: Self, commands: u64) -> (f64, f64) {
        let each = |seconds: f64| seconds * 1_000.0 / f64::from(u32::try_from(commands.max(1)).unwrap_or(u32::MAX));
        (each(self.server - before.server), each(self.database - before.database))
    }
}

struct Times {
    process: String,
    parent: String,
    /// Its own, in seconds.
    own: f64,
    /// Those of its children that have ended.
    ended: f64,
}

fn times(process: &str) -> Option<Times> {
    process.parse::<u32>().ok()?;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    // Linux counts in hundredths of a second for everybody who asks.
    let seconds = |place: usize| fields.get(place)?.parse::<f64>().ok().map(|ticks| ticks / 100.0);
    Some(Times {
        process: process.to_owned(),
        parent: (*fields.get(1)?).to_owned(),
        own: seconds(11)? + seconds(12)?,
        ended: seconds(13)? + seconds(14)?,
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM first, so that it ends in order; an error means that it has ended already.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process in MiB, now and at its most.
pub(crate) fn memory_of(process: u32) -> anyhow::Result<(f64, f64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    };
    Ok((of("VmRSS:").context("VmRSS")?, of("VmHWM:").context("VmHWM")?))
}
