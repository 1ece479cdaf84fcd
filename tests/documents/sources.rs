//! The Rust files of the project, the tests in them, and tables of pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Macros that make tests of the names that they are given.
const MAKERS: [&str; 2] = ["on_both_databases!", "proven_by_document!"];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page of docs/.
pub(crate) fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect("the page")
}

/// The cells of the tables of a page that stand under a heading, row by row, without the head.
pub(crate) fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let mut lines = page.lines().skip_while(|line| line.trim_start_matches('#').trim() != heading);
    assert!(lines.next().is_some(), "there is no heading {heading}");
    let section = lines.take_while(|line| !line.starts_with('#'));
    let rows = section.filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    rows.map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect()).skip(2).collect()
}

/// The names in a cell: `a`; `b`.
pub(crate) fn named_in(cell: &str) -> Vec<&str> {
    cell.split(';').map(|name| name.trim().trim_matches('`')).filter(|name| !name.is_empty()).collect()
}

/// The Rust files of the project, with their text.
pub(crate) fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.insert(path.clone(), fs::read_to_string(path).expect("text"));
            }
        }
    }
    let mut found = BTreeMap::new();
    for folder in ["domain", "store", "projections", "app", "api", "src", "tests"] {
        walk(&root().join(folder), &mut found);
    }
    // These files name rows without showing any.
    found.retain(|path, _| !path.starts_with(root().join("tests/documents")));
    found
}

/// The names of all tests.
pub(crate) fn tests(sources: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in sources.values() {
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                let function = lines.by_ref().find_map(function).expect("an attribute stands before a function");
                names.insert(function.to_owned());
            } else if MAKERS.iter().any(|maker| line.starts_with(maker)) {
                let given = lines.by_ref().take_while(|line| !line.starts_with('}'));
                names.extend(given.filter_map(identifier).map(str::to_owned));
            }
        }
    }
    names
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
    rest.split('(').next()
}

/// The one identifier of a line of a list.
fn identifier(line: &str) -> Option<&str> {
    let name = line.trim_end_matches(',');
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    plain.then_some(name)
}

#[test]
fn tests_are_found_by_attribute_and_in_lists() {
    let text = "#[test]\n#[ignore]\nfn one() {}\nfn helper() {}\n#[tokio::test]\nasync fn two() {}\n\
                on_both_databases! {\n    three,\n    four\n}\n";
    let found = tests(&BTreeMap::from([(PathBuf::from("a.rs"), text.to_owned())]));
    assert_eq!(found, ["one", "two", "three", "four"].map(str::to_owned).into());
}

#[test]
fn tables_are_read_under_their_heading_only() {
    let page = "# A\n\n| x | y |\n|---|---|\n| 1 | `a`; `b` |\n\n## B\n\n| x |\n|---|\n| 2 |\n";
    assert_eq!(table(page, "A"), [["1", "`a`; `b`"]]);
    assert_eq!(table(page, "B"), [["2"]]);
    assert_eq!(named_in("`a`; `b`"), ["a", "b"]);
}
