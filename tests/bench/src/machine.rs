//! What the figures were measured on.

use std::process::Command;

use crate::Place;
use crate::command::output;

pub(crate) async fn describe(place: &Place) -> anyhow::Result<String> {
    let cores = std::thread::available_parallelism()?;
    let kernel = output(Command::new("uname").arg("-r"))?;
    let disk = output(Command::new("df").args(["--output=source,fstype"]).arg(place.folder.path()))?;
    let disk = disk.lines().last().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let sqlite = sqlx::sqlite::SqlitePool::connect("sqlite::memory:").await?;
    let (sqlite,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&sqlite).await?;
    let postgres = match &place.cluster {
        Some(_) => output(Command::new(store::testing::cluster::program("postgres")).arg("--version"))?,
        None => "no PostgreSQL".to_owned(),
    };
    let profile = if cfg!(debug_assertions) { "development" } else { "release" };
    Ok(format!(
        "{cores} cores shared by server, database and clients; Linux {}; {disk}; {}; SQLite {sqlite}; {profile} build",
        kernel.trim(),
        postgres.trim()
    ))
}
