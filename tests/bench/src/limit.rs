//! The limits that figures stand beside: an insert per transaction, bytes from memory, a bare SELECT, a bare scan.

use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, SqlitePool};
use store::DbUrl;
use store::testing::cluster::program;

use crate::command::output;
use crate::report::per_second;

/// The log's table as it is, in a database of its own.
const POSTGRES_TABLE: &str = "CREATE TABLE events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, \
     sequence bigint NOT NULL CHECK (sequence >= 1), event_type text NOT NULL, event_version text NOT NULL, \
     payload json NOT NULL, metadata json NOT NULL, position bigint NOT NULL UNIQUE, \
     PRIMARY KEY (aggregate_type, aggregate_id, sequence)); CREATE SEQUENCE positions";
const SQLITE_TABLE: &str = "CREATE TABLE events (aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, \
     sequence INTEGER NOT NULL CHECK (sequence >= 1), event_type TEXT NOT NULL, event_version TEXT NOT NULL, \
     payload TEXT NOT NULL, metadata TEXT NOT NULL, position INTEGER NOT NULL UNIQUE, \
     PRIMARY KEY (aggregate_type, aggregate_id, sequence)) STRICT";

/// An event as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) payload: String,
    pub(crate) metadata: String,
}

/// Makes a database on a server.
pub(crate) async fn new_database(server: &str, name: &str) -> anyhow::Result<DbUrl> {
    let mut connection = server.parse::<PgConnectOptions>()?.connect().await?;
    sqlx::raw_sql(&format!("CREATE DATABASE {name}")).execute(&mut connection).await?;
    connection.close().await?;
    let (place, _) = server.rsplit_once('/').context("a URL with a database")?;
    Ok(DbUrl::Postgres(format!("{place}/{name}")))
}

/// `pgbench` inserting one event per transaction; answers transactions per second.
pub(crate) struct PgBench {
    url: String,
    script: tempfile::NamedTempFile,
    event: Stored,
}

impl PgBench {
    pub(crate) async fn begin(server: &str, event: &Stored) -> anyhow::Result<Self> {
        let DbUrl::Postgres(url) = new_database(server, "limit_of_writes").await? else {
            anyhow::bail!("not PostgreSQL")
        };
        let mut connection = url.parse::<PgConnectOptions>()?.connect().await?;
        sqlx::raw_sql(POSTGRES_TABLE).execute(&mut connection).await?;
        connection.close().await?;
        let mut script = tempfile::NamedTempFile::new()?;
        writeln!(
            script,
            "INSERT INTO events SELECT 'enrolment', 'wuhu-incubation-1/' || n, 1, 'VisitRecorded', '1.0', \
             CAST(:payload AS json), CAST(:metadata AS json), n FROM nextval('positions') AS n;"
        )?;
        Ok(Self { url, script, event: event.clone() })
    }

    pub(crate) fn rate(&self, clients: usize, each: Duration) -> anyhow::Result<f64> {
        let mut bench = Command::new(program("pgbench"));
        let seconds = each.as_secs().max(1).to_string();
        bench.args(["-n", "-M", "prepared", "-j", "2", "-T", &seconds, "-c", &clients.to_string(), "-f"]);
        bench.arg(self.script.path());
        for (name, value) in [("payload", &self.event.payload), ("metadata", &self.event.metadata)] {
            bench.arg("-D").arg(format!("{name}={value}"));
        }
        let said = output(bench.arg(&self.url))?;
        let line = said.lines().find(|line| line.starts_with("tps = ")).context("pgbench says no tps")?;
        Ok(line.split_whitespace().nth(2).context("a figure")?.parse()?)
    }
}

/// Single-row commits on SQLite, as it is set up for Hatchery.
pub(crate) struct RawCommits {
    connection: sqlx::SqliteConnection,
    event: Stored,
    position: u64,
}

impl RawCommits {
    pub(crate) async fn begin(folder: &std::path::Path, event: &Stored) -> anyhow::Result<Self> {
        let mut connection = SqliteConnectOptions::new()
            .filename(folder.join("limit-of-writes.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .connect()
            .await?;
        sqlx::raw_sql(SQLITE_TABLE).execute(&mut connection).await?;
        Ok(Self { connection, event: event.clone(), position: 0 })
    }

    pub(crate) async fn rate(&mut self, each: Duration) -> anyhow::Result<f64> {
        let (began, first) = (Instant::now(), self.position);
        while began.elapsed() < each {
            self.position += 1;
            sqlx::query("INSERT INTO events VALUES ('enrolment', $1, 1, 'VisitRecorded', '1.0', $2, $3, $4)")
                .bind(format!("wuhu-incubation-1/{}", self.position))
                .bind(&self.event.payload)
                .bind(&self.event.metadata)
                .bind(i64::try_from(self.position)?)
                .execute(&mut self.connection)
                .await?;
        }
        Ok(per_second(self.position - first, began.elapsed()))
    }
}

/// Says where it serves, as `hatchery` does, and serves.
async fn serve(router: Router) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    writeln!(std::io::stderr(), "{}", serde_json::json!({ "address": address }))?;
    Ok(axum::serve(listener, router).await?)
}

/// Serves the same bytes at every address.
pub(crate) async fn serve_static(file: &std::path::Path) -> anyhow::Result<()> {
    let bytes = axum::body::Bytes::from(std::fs::read(file)?);
    let answer = move || std::future::ready(([(header::CONTENT_TYPE, "application/json")], bytes.clone()));
    serve(Router::new().fallback(answer)).await
}

/// The SELECT of a roster page: its members in order, and the row that sums the cycle up.
const ROSTER: &str = "SELECT * FROM (SELECT key, body FROM roster WHERE cycle = $1 AND standing IN ('member') \
     ORDER BY number ASC, key ASC LIMIT 51) AS page UNION ALL SELECT key, body FROM roster WHERE key = 'census/' || $1";
/// That of a balance.
const BALANCE: &str = "SELECT key, body FROM roster WHERE key = 'census/' || $1";

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Serialize)]
struct Page {
    items: Vec<Box<RawValue>>,
}

/// Serves the rows of a roster page, as axum, sqlx and serde alone do.
pub(crate) async fn serve_select(url: &str) -> anyhow::Result<()> {
    let pool = if let Some(path) = url.strip_prefix("sqlite:") {
        Pool::Sqlite(SqlitePool::connect_with(SqliteConnectOptions::new().filename(path).read_only(true)).await?)
    } else {
        let options = url.parse::<PgConnectOptions>()?.options([("search_path", "public,models")]);
        Pool::Postgres(PgPool::connect_with(options).await?)
    };
    let routes = Router::new()
        .route("/roster/{cycle}", get(async |pool: State<Pool>, cycle: Path<String>| select(pool, cycle, ROSTER).await))
        .route(
            "/balance/{cycle}",
            get(async |pool: State<Pool>, cycle: Path<String>| select(pool, cycle, BALANCE).await),
        );
    serve(routes.with_state(pool)).await
}

async fn select(
    State(pool): State<Pool>,
    Path(cycle): Path<String>,
    sql: &'static str,
) -> Result<impl IntoResponse, String> {
    let rows: Vec<(String, String)> = match &pool {
        Pool::Sqlite(pool) => sqlx::query_as(sql).bind(cycle).fetch_all(pool).await,
        Pool::Postgres(pool) => sqlx::query_as(sql).bind(cycle).fetch_all(pool).await,
    }
    .map_err(|error| error.to_string())?;
    let items: Result<_, _> = rows.into_iter().map(|(_, body)| RawValue::from_string(body)).collect();
    Ok(axum::Json(Page { items: items.map_err(|error| error.to_string())? }))
}
