//! docs/architecture.md: what the store holds to, each with its test.

use crate::sources::{named_in, page, sources, table, tests};

/// Found by breaking a trial of it.
const POINTS: usize = 14;

#[test]
fn everything_that_the_store_holds_to_is_shown() {
    let known = tests(&sources());
    let rows = table(&page("architecture.md"), "What the store holds to");
    assert_eq!(rows.len(), POINTS);
    for row in &rows {
        let names = named_in(&row[1]);
        assert!(!names.is_empty(), "{}: no test is named", row[0]);
        let missing: Vec<_> = names.into_iter().filter(|name| !known.contains(*name)).collect();
        assert!(missing.is_empty(), "{}: no such test: {missing:?}", row[0]);
    }
}
