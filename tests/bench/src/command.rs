//! Programs that the bench runs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Builds `hatchery` in the profile of the bench itself, and answers where it is.
pub(crate) fn build_hatchery() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("a program is in a folder")?;
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--locked", "--quiet", "--package", "hatchery", "--bin", "hatchery"]);
    build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    ensure!(build.status()?.success(), "hatchery could not be built");
    let hatchery = folder.join("hatchery");
    ensure!(hatchery.is_file(), "{} is not there", hatchery.display());
    Ok(hatchery)
}

/// Runs a program and answers what it prints.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
