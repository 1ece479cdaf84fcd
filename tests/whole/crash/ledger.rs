//! The outside ledger: what was acknowledged, synced to disk before the client goes on; and what each kill hit.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the server said of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// It was carried out.
    Done,
    /// A rule refused it.
    Refused,
}

/// The ledger of one run.
pub(crate) struct Ledger {
    file: Mutex<File>,
    path: PathBuf,
    _folder: tempfile::TempDir,
    under_way: AtomicUsize,
    answers: AtomicUsize,
}

/// A command under way, as long as it lives.
pub(crate) struct UnderWay<'l>(&'l Ledger);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Ledger {
    pub(crate) fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger");
        let file = Mutex::new(File::create(&path).unwrap());
        Self { file, path, _folder: folder, under_way: AtomicUsize::new(0), answers: AtomicUsize::new(0) }
    }

    /// A command is sent.
    pub(crate) fn sent(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(self)
    }

    /// It was answered; on disk before this returns.
    pub(crate) fn answered(&self, key: &str, said: Said) {
        self.write(&format!("{said:?} {key}"));
        self.answers.fetch_add(1, Ordering::SeqCst);
    }

    /// How many commands were answered by now.
    pub(crate) fn answers(&self) -> usize {
        self.answers.load(Ordering::SeqCst)
    }

    /// Something is about to be killed.
    pub(crate) fn kill(&self, number: u64, what: &str) {
        self.write(&format!("Kill {number} of the {what} with {} under way", self.under_way.load(Ordering::SeqCst)));
    }

    fn write(&self, line: &str) {
        let mut file = self.file.lock().unwrap();
        writeln!(file, "{line}").unwrap();
        file.sync_data().unwrap();
    }

    fn lines(&self) -> Vec<String> {
        std::fs::read_to_string(&self.path).unwrap().lines().map(str::to_owned).collect()
    }

    /// What was said of each key.
    pub(crate) fn said(&self) -> BTreeMap<String, Said> {
        let said = |line: &String| match line.split_once(' ')? {
            ("Done", key) => Some((key.to_owned(), Said::Done)),
            ("Refused", key) => Some((key.to_owned(), Said::Refused)),
            _ => None,
        };
        self.lines().iter().filter_map(said).collect()
    }

    /// How many commands were under way at each kill.
    pub(crate) fn kills(&self) -> Vec<usize> {
        let hit = |line: &String| line.starts_with("Kill").then(|| line.split(' ').nth_back(2)?.parse().ok()).flatten();
        self.lines().iter().filter_map(hit).collect()
    }

    pub(crate) fn summary(&self) -> String {
        let said = self.said();
        let done = said.values().filter(|said| **said == Said::Done).count();
        let hits = self.kills().into_iter().filter(|hit| *hit > 0).count();
        format!("{done} commands acknowledged, {} refused, {hits} kills with commands under way", said.len() - done)
    }
}
