//! The rulebooks of this installation: those shipped with it, and those of a folder, which come first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::Rulebook;
use domain::ids::ProgramId;
use domain::rulebook::load::{self, RulebookError};

/// Rulebooks by program.
#[derive(Debug, Clone, Default)]
pub struct Rulebooks(BTreeMap<ProgramId, Arc<Rulebook>>);

/// Why the rulebooks cannot be used; the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum RulebooksError {
    /// A mistake in a file.
    #[error("{0}")]
    Mistake(#[from] RulebookError),
    /// The folder or a file in it cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Rulebooks {
    /// The shipped rulebooks, replaced program by program by the `.toml` files of `folder`.
    pub fn load(folder: Option<&Path>) -> Result<Self, RulebooksError> {
        let mut all = BTreeMap::new();
        for rulebook in Rulebook::embedded()? {
            all.insert(rulebook.program.clone(), Arc::new(rulebook));
        }
        let Some(folder) = folder else {
            return Ok(Self(all));
        };
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| RulebooksError::Unreadable { path, source }
        };
        for entry in std::fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
                let rulebook = load::parse(&path.display().to_string(), &text)?;
                all.insert(rulebook.program.clone(), Arc::new(rulebook));
            }
        }
        Ok(Self(all))
    }

    /// The rulebook of a program.
    #[must_use]
    pub fn get(&self, program: &ProgramId) -> Option<Arc<Rulebook>> {
        self.0.get(program).cloned()
    }

    /// All of them, by program.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Rulebook>> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_replaces_a_shipped_rulebook_and_a_mistake_in_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let shipped = Rulebooks::load(None).unwrap();
        let program: ProgramId = "wuhu-incubation".parse().unwrap();
        let edition = shipped.get(&program).unwrap().edition.clone();
        let text = include_str!("../../domain/rulebooks/wuhu-incubation.toml");
        let changed = text.replace(&format!("edition = \"{edition}\""), "edition = \"own\"");
        std::fs::write(folder.path().join("own.toml"), changed).unwrap();
        let own = Rulebooks::load(Some(folder.path())).unwrap();
        assert_eq!(own.get(&program).unwrap().edition, "own");
        assert_eq!(own.iter().count(), shipped.iter().count());

        std::fs::write(folder.path().join("broken.toml"), text.replace("months = 24", "months = 0")).unwrap();
        let message = Rulebooks::load(Some(folder.path())).unwrap_err().to_string();
        assert!(message.contains("broken.toml") && message.contains("months"), "{message}");
    }
}
