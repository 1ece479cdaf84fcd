//! docs/lifecycle.md: every transition, every fact and every impossible step names tests, and they exist.

use crate::sources::{named_in, page, sources, table, tests};

/// The transitions of the state machine, numbered from 1.
const TRANSITIONS: usize = 26;
/// What must not be possible, and the facts that leave a file's standing as it is.
const IMPOSSIBLE: usize = 5;
const FACTS: usize = 11;

/// The cells of a table that name tests, checked: none is empty, and every test exists.
#[track_caller]
fn shown(heading: &str, cells: std::ops::RangeFrom<usize>) -> Vec<Vec<String>> {
    let known = tests(&sources());
    let rows = table(&page("lifecycle.md"), heading);
    for row in &rows {
        for cell in &row[cells.clone()] {
            let names = named_in(cell);
            assert!(!names.is_empty(), "{heading}, {}: no test is named", row[0]);
            let missing: Vec<_> = names.into_iter().filter(|name| !known.contains(*name)).collect();
            assert!(missing.is_empty(), "{heading}, {}: no such test: {missing:?}", row[0]);
        }
    }
    rows
}

#[test]
fn every_transition_is_shown_made_and_refused() {
    let numbers: Vec<String> = shown("Transitions", 4..).into_iter().map(|row| row[0].clone()).collect();
    let wanted: Vec<String> = (1..=TRANSITIONS).map(|n| n.to_string()).collect();
    assert_eq!(numbers, wanted);
}

/// Once where it is decided, and once more by a stranger over HTTP.
#[test]
fn everything_impossible_is_tried_twice() {
    let rows = shown("Not possible", 1..);
    assert_eq!(rows.len(), IMPOSSIBLE);
    for row in rows {
        assert!(named_in(&row[1]).len() >= 2, "{}", row[0]);
    }
}

#[test]
fn every_fact_is_shown_on_its_days_and_after_the_closing() {
    assert_eq!(shown("Facts that do not change how a file stands", 2..).len(), FACTS);
}

#[test]
fn every_other_stream_is_shown() {
    let streams: std::collections::BTreeSet<String> =
        shown("The other streams", 2..).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(streams, ["cycle", "organization", "register", "session"].map(str::to_owned).into());
}
