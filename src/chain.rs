//! Commands on the hash chain: holding the log against it, and keeping its head elsewhere. They change nothing, and
//! may be given while a server is at work on the database.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use store::Db;
use store::chain::{Chain, Fault, Head, verify as verify_log};

use crate::settings::Settings;

/// Holds the log against its chain, and against heads that were kept elsewhere.
pub(crate) async fn verify(settings: &Settings, against: &[PathBuf]) -> anyhow::Result<()> {
    let heads: Vec<Head> = against.iter().map(|file| read(file)).collect::<Result<_, _>>()?;
    let db = open(settings).await?;
    let result = verify_log(&db, &heads, |to| tracing::debug!(to, "fits so far")).await?;
    db.close().await;
    if let Some(finding) = result.finding {
        bail!("position {}: {} ({})", finding.position, words(finding.fault), finding.fault);
    }
    let (head, chained) = (result.head, result.chained);
    let mut out = std::io::stdout();
    writeln!(out, "the log fits its chain up to position {chained} ({})", result.chain.algorithm)?;
    if head > chained {
        writeln!(out, "{} events after it are not chained yet", head - chained)?;
    }
    for (file, head) in against.iter().zip(&heads) {
        writeln!(out, "it is the log of {} (position {})", file.display(), head.position)?;
    }
    Ok(())
}

/// Writes where the chain stands into a new file, or to standard output.
pub(crate) async fn head(settings: &Settings, to: Option<&Path>) -> anyhow::Result<()> {
    let db = open(settings).await?;
    let head = Chain::of(&db).await?.head(&db).await?;
    db.close().await;
    let mut text = serde_json::to_string_pretty(&head).context("writing the head")?;
    text.push('\n');
    let Some(file) = to else {
        return std::io::stdout().write_all(text.as_bytes()).context("printing the head");
    };
    let writing = || format!("writing {}: a head replaces nothing", file.display());
    let mut new = File::create_new(file).with_context(writing)?;
    new.write_all(text.as_bytes()).and_then(|()| new.sync_all()).with_context(writing)?;
    tracing::info!(to = %file.display(), position = head.position, "the head was written");
    Ok(())
}

async fn open(settings: &Settings) -> anyhow::Result<Db> {
    let url = settings.database()?;
    Db::open_to_read(&url).await.with_context(|| format!("opening {url}"))
}

fn read(file: &Path) -> anyhow::Result<Head> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no head of a chain", file.display()))
}

/// What a fault means.
const fn words(fault: Fault) -> &'static str {
    match fault {
        Fault::ContentChanged => "the event is not the one that was recorded",
        Fault::EventMissing => "the event that was recorded is missing",
        Fault::EventInserted => "an event stands here that was not recorded",
        Fault::OrderChanged => "events have changed their places",
        Fault::ChainMissing => "the event is there, its row of the chain is missing",
        Fault::ChainChanged => "the row of the chain was changed, the event was not",
        Fault::ChainInserted => "the chain has rows that it should not have yet",
        Fault::HeadBehind => "the head row says that the log ends before this event",
        Fault::HeadDiffers => "the log up to here is not the one that the head was read of",
        Fault::OtherChain => {
            "the head is of another chain: of another database, or of this one before it was rewritten"
        }
    }
}
