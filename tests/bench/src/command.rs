//! Programs that the bench runs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Where `hatchery` is: beside the bench, built with it in the same profile.
pub(crate) fn hatchery() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let hatchery = own.parent().context("a program is in a folder")?.join("hatchery");
    ensure!(hatchery.is_file(), "{} is not there: tests/bench/run builds both", hatchery.display());
    Ok(hatchery)
}

/// Runs a program and answers what it prints.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
