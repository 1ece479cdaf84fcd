//! A copy of a SQLite file while it is in use.
//!
//! `VACUUM INTO` reads one snapshot of the database, whatever is written meanwhile, by this process or another: in
//! WAL a reader and the writer do not wait for each other. The copy holds all that was committed when it began.

use std::fs::File;
use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::erasures::{self, Erased};
use crate::error::StoreError;

/// Copies a SQLite database into a new file, complete and on disk when this returns.
///
/// # Errors
/// If the file exists already, or either file cannot be used. Then no copy is left.
pub async fn sqlite(from: &Path, to: &Path) -> Result<(), StoreError> {
    let setup = |what: &str, path: &Path, error: std::io::Error| {
        StoreError::Setup(format!("cannot {what} {}: {error}", path.display()))
    };
    if to.exists() {
        return Err(StoreError::Setup(format!("{} exists already; a backup replaces nothing", to.display())));
    }
    // Under another name until it is whole: half a copy must not be taken for one.
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    if part.exists() {
        std::fs::remove_file(part).map_err(|error| setup("remove", part, error))?;
    }
    let copied = copy(from, part).await;
    if copied.is_err() {
        // What is there is of no use; if it cannot be removed, its name says so.
        let _ = std::fs::remove_file(part);
    }
    copied?;
    File::open(part).and_then(|file| file.sync_all()).map_err(|error| setup("write", part, error))?;
    std::fs::rename(part, to).map_err(|error| setup("name", to, error))?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| setup("write", folder, error))
}

/// What was erased in a SQLite file, also while it is in use; nothing in one of before there were erasures.
pub async fn erasures(of: &Path) -> Result<Vec<Erased>, StoreError> {
    let mut connection = SqliteConnectOptions::new().filename(of).read_only(true).connect().await?;
    let erased = erasures::read(&mut connection).await;
    connection.close().await?;
    erased
}

async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let to = to.to_str().ok_or_else(|| StoreError::Setup(format!("{} is no text", to.display())))?;
    let mut connection = SqliteConnectOptions::new().filename(from).read_only(true).connect().await?;
    sqlx::query("VACUUM INTO $1").bind(to).execute(&mut connection).await?;
    Ok(connection.close().await?)
}
