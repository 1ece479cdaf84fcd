//! The list of erasures, as a file beside the backups: references, days and grounds, nobody's data.
//!
//! A backup that is older than an erasure holds what was erased since. Whoever restores it applies the list before it
//! is served.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Erased;
use crate::error::StoreError;

/// The name of the list in a folder of backups.
pub const NAME: &str = "erasures.json";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Of this shape.
    version: u32,
    erasures: Vec<Erased>,
}

/// Reads a list.
///
/// # Errors
/// If there is none, or it is not whole.
pub fn read(file: &Path) -> Result<Vec<Erased>, StoreError> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| StoreError::Setup(format!("the list of erasures {shown} cannot be read: {error}")))?;
    let written: Written = serde_json::from_str(&text)
        .map_err(|error| StoreError::Setup(format!("{shown} is no list of erasures: {error}")))?;
    if written.version != VERSION {
        return Err(StoreError::Setup(format!("{shown} is a list of version {}, not {VERSION}", written.version)));
    }
    Ok(written.erasures)
}

/// Adds erasures to a list, which is made where there is none. What it names already stays, also what this database
/// does not know. Several may add to one list at the same time. Answers how many it then names.
///
/// # Errors
/// If the file is there and no list, or cannot be written. Then it is as it was.
pub fn add(file: &Path, erasures: &[Erased]) -> Result<usize, StoreError> {
    let setup = |what: &str, error: std::io::Error| {
        StoreError::Setup(format!("cannot {what} the list of erasures {}: {error}", file.display()))
    };
    // Given back when dropped.
    let lock = File::options().create(true).truncate(false).write(true).open(beside(file, ".lock"));
    let lock = lock.map_err(|error| setup("lock", error))?;
    lock.lock().map_err(|error| setup("lock", error))?;
    let before = if file.exists() { read(file)? } else { Vec::new() };
    let mut all: BTreeMap<_, Erased> = erasures.iter().map(|erased| (erased.person_id, erased.clone())).collect();
    all.extend(before.into_iter().map(|erased| (erased.person_id, erased)));
    let mut erasures: Vec<Erased> = all.into_values().collect();
    erasures.sort_by_key(|erased| (erased.erased_at, erased.person_id));
    let count = erasures.len();
    let text = serde_json::to_string_pretty(&Written { version: VERSION, erasures })?;
    // Under another name until it is whole: half a list must not be taken for one.
    let part = beside(file, ".part");
    let whole = File::create(&part).and_then(|mut part| {
        part.write_all(text.as_bytes())?;
        part.write_all(b"\n")?;
        part.sync_all()
    });
    whole.map_err(|error| setup("write", error))?;
    std::fs::rename(&part, file).map_err(|error| setup("name", error))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| setup("write", error))?;
    Ok(count)
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use domain::ids::{ErasureId, PersonId};
    use uuid::Uuid;

    use super::*;

    fn erased(second: i64) -> Erased {
        Erased {
            person_id: PersonId::new(Uuid::now_v7()),
            erasure_id: ErasureId::new(Uuid::now_v7()),
            erased_at: chrono::DateTime::from_timestamp(second, 0).unwrap(),
            ground: "consent_withdrawn".to_owned(),
        }
    }

    #[test]
    fn a_list_grows_and_loses_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        let (one, two, three) = (erased(1), erased(2), erased(3));
        assert_eq!(add(&file, &[]).unwrap(), 0);
        assert_eq!(read(&file).unwrap(), []);
        assert_eq!(add(&file, &[three.clone(), one.clone()]).unwrap(), 2);
        assert_eq!(add(&file, &[two.clone(), one.clone()]).unwrap(), 3, "what the other database knew stays");
        assert_eq!(read(&file).unwrap(), [one, two, three]);
    }

    #[test]
    fn those_who_add_at_the_same_time_lose_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        std::thread::scope(|scope| {
            for n in 0..8 {
                let file = &file;
                scope.spawn(move || add(file, &[erased(n)]).unwrap());
            }
        });
        assert_eq!(read(&file).unwrap().len(), 8);
    }

    #[test]
    fn what_is_no_list_is_not_read_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(NAME);
        assert!(read(&file).unwrap_err().to_string().contains("cannot be read"));
        for text in ["", "{\"version\": 1}", "{\"version\": 2, \"erasures\": []}"] {
            std::fs::write(&file, text).unwrap();
            assert!(read(&file).is_err(), "{text}");
            assert!(add(&file, &[erased(1)]).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }
}
