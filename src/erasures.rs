//! The list of erasures, and backups that are brought back: nobody who was erased comes back with them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use store::erasures::{self, list};
use store::{Db, DbUrl};

use crate::settings::Settings;

/// Writes the list of erasures; what the file names already stays.
pub(crate) async fn export(settings: &Settings, to: &Path) -> anyhow::Result<()> {
    let db = open(&settings.database()?).await?;
    let outcome = add(&db, to).await;
    db.close().await;
    let count = outcome?;
    tracing::info!(to = %to.display(), erasures = count, "listed");
    Ok(())
}

/// Erases again whoever is on the list.
pub(crate) async fn apply(settings: &Settings, list: &Path) -> anyhow::Result<()> {
    let erasures = list::read(list)?;
    let db = open(&settings.database()?).await?;
    let outcome = erasures::apply(&db, &erasures).await;
    db.close().await;
    let erased = outcome.context("erasing who is on the list")?;
    tracing::info!(list = %list.display(), on_it = erasures.len(), erased, "the list of erasures is applied");
    Ok(())
}

/// Copies the database into a new file, and adds what was erased to the list beside it.
pub(crate) async fn backup(settings: &Settings, to: &Path) -> anyhow::Result<()> {
    match settings.database()? {
        DbUrl::Sqlite(from) => {
            store::backup::sqlite(&from, to).await.with_context(|| format!("copying {}", from.display()))?;
            let list = beside(to);
            let erased = store::backup::erasures(&from).await.context("reading what was erased")?;
            let count = list::add(&list, &erased)?;
            let (from, to, list) = (from.display(), to.display(), list.display());
            tracing::info!(%from, %to, %list, erasures = count, "copied");
            Ok(())
        }
        DbUrl::Postgres(_) => bail!(
            "PostgreSQL is backed up by its own tools, also while servers are at work: pg_dump -Fc, or a base backup \
             (see docs/operations.md)"
        ),
    }
}

/// Makes a database of a backup, without those who were erased since.
pub(crate) async fn restore(settings: &Settings, from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        bail!("{} exists already; a restored backup replaces nothing", to.display());
    }
    let list = settings.erasures.clone().or_else(|| Some(beside(from)).filter(|list| list.exists()));
    // Read before anything is made: a list that cannot be read must stop this.
    let erasures = list.as_deref().map(list::read).transpose()?;
    let part = under(to, ".restoring");
    for end in ["", "-wal", "-shm", ".lock"] {
        let left = under(&part, end);
        if left.exists() {
            std::fs::remove_file(&left).with_context(|| format!("removing {}", left.display()))?;
        }
    }
    let made = make(from, erasures.as_deref().unwrap_or_default(), &part).await;
    let erased = match made {
        Ok(erased) => erased,
        Err(error) => {
            // What is there is of no use; if it cannot be removed, its name says so.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    std::fs::rename(&part, to).with_context(|| format!("naming {}", to.display()))?;
    let _ = std::fs::remove_file(under(&part, ".lock"));
    tracing::info!(from = %from.display(), to = %to.display(), erased, "restored");
    if let Some(list) = list {
        tracing::info!(list = %list.display(), "the list of erasures was applied");
    } else {
        tracing::warn!(
            "NO LIST OF ERASURES WAS GIVEN, and there is none beside the backup: whoever was erased after it was made \
             is in the restored database again. Find the list and apply it (hatchery erase --list FILE) before serving"
        );
    }
    Ok(())
}

/// The backup in a new file, brought up to date and erased in; under another name until it is whole.
async fn make(from: &Path, erasures: &[erasures::Erased], part: &Path) -> anyhow::Result<usize> {
    store::backup::sqlite(from, part).await.with_context(|| format!("copying {}", from.display()))?;
    let db = open(&DbUrl::Sqlite(part.to_owned())).await?;
    let erased = erasures::apply(&db, erasures).await;
    db.close().await;
    erased.context("erasing who is on the list")
}

async fn open(url: &DbUrl) -> anyhow::Result<Db> {
    let db = Db::open(url).await.with_context(|| format!("opening {url}"))?;
    db.migrate().await?;
    Ok(db)
}

async fn add(db: &Db, to: &Path) -> anyhow::Result<usize> {
    Ok(list::add(to, &erasures::all(db).await.context("reading what was erased")?)?)
}

/// The list in the folder of a backup.
fn beside(backup: &Path) -> PathBuf {
    backup.with_file_name(list::NAME)
}

fn under(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
