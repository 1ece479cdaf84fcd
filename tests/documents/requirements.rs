//! docs/requirements.md: each row that a built program needs has a test that carries its id.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::sources::{named_in, page, root, sources, table, tests};

/// Rows in all; none is left out, whatever its class.
const ROWS: [(char, usize); 6] = [('W', 120), ('H', 35), ('N', 37), ('B', 45), ('A', 44), ('L', 17)];

/// Rows of built programs beside those of Wuhu.
const BUILT: [&str; 2] = ["H-10", "H-14"];

/// The kinds of row that may ask nothing of the program.
const NARRATIVE: [&str; 8] = ["goal", "principle", "basis", "fact", "history", "source", "purpose", "problem"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Rule,
    Field,
    Narrative,
}

struct Row {
    id: String,
    kind: String,
    class: Class,
    place: Option<String>,
}

impl Row {
    fn built(&self) -> bool {
        let id = self.id.as_str();
        id.starts_with("W-") || BUILT.contains(&id)
    }
}

fn rows() -> Vec<Row> {
    page("requirements.md").lines().filter_map(row).collect()
}

/// A line of a table, if it is a row: `| id | kind | class | in short | place |`.
fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let [id, kind, class, gloss, place] = cells.as_slice() else { return None };
    id.split_once('-')?.1.parse::<usize>().ok()?;
    assert!(!gloss.is_empty(), "{id} says nothing");
    let class = match *class {
        "rule" => Class::Rule,
        "field" => Class::Field,
        "narrative" => Class::Narrative,
        other => panic!("{id} has the class {other}"),
    };
    let place = Some(place.trim_matches('`').to_owned()).filter(|place| !place.is_empty());
    Some(Row { id: (*id).to_owned(), kind: (*kind).to_owned(), class, place })
}

/// The rows that the name of a test begins with: `w41_w56_…` two, `w113_to_w116_…` four.
fn named_by(test: &str) -> Vec<String> {
    let row = |part: &str| {
        let mut letters = part.chars();
        let source = letters.next().map(|letter| letter.to_ascii_uppercase())?;
        ROWS.iter().any(|(letter, _)| *letter == source).then_some(())?;
        letters.as_str().parse::<usize>().ok().map(|number| (source, number))
    };
    let mut found: Vec<(char, usize)> = Vec::new();
    let mut up_to = false;
    for part in test.split('_') {
        match (row(part), found.last().copied()) {
            (Some((source, number)), Some((_, from))) if up_to => {
                found.extend((from + 1..=number).map(|number| (source, number)));
                up_to = false;
            }
            (Some(row), _) => found.push(row),
            (None, Some(_)) if part == "to" => up_to = true,
            (None, _) => break,
        }
    }
    found.into_iter().map(|(source, number)| format!("{source}-{number:02}")).collect()
}

/// The rows that tests are named after.
fn rows_of_tests(sources: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    tests(sources).iter().flat_map(|test| named_by(test)).collect()
}

/// The rows that a table of a test goes through: a file of tests that names them as `"W-79"`.
fn rows_of_tables(sources: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    let suites = sources.iter().filter(|(path, text)| {
        let inside = path.strip_prefix(root()).expect("inside");
        inside.iter().any(|part| part == "tests" || part == "tests.rs") && text.contains("#[test]")
    });
    let quoted = suites.flat_map(|(_, text)| text.split('"'));
    quoted.filter(|text| text.len() <= 5 && text.contains('-')).map(str::to_owned).collect()
}

#[test]
fn every_row_of_the_sources_is_listed_once() {
    let listed: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    let wanted: Vec<String> =
        ROWS.iter().flat_map(|(source, last)| (1..=*last).map(move |n| format!("{source}-{n:02}"))).collect();
    assert_eq!(listed, wanted);
}

#[test]
fn only_what_asks_nothing_is_narrative() {
    for row in rows().iter().filter(|row| row.class == Class::Narrative) {
        let may = row.kind.split(' ').any(|word| NARRATIVE.contains(&word));
        assert!(may, "{} is a {}, and that is no narrative", row.id, row.kind);
    }
}

#[test]
fn every_place_that_is_named_exists() {
    let missing: Vec<_> =
        rows().into_iter().filter_map(|row| row.place).filter(|place| !root().join(place).is_file()).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_rule_of_a_built_program_has_a_test_that_is_named_after_it() {
    let tested = rows_of_tests(&sources());
    let untested: Vec<_> = rows()
        .into_iter()
        .filter(|row| row.built() && row.class == Class::Rule && !tested.contains(&row.id))
        .map(|row| row.id)
        .collect();
    assert_eq!(untested, Vec::<String>::new(), "rules without a test");
}

/// The procedure of the guide: conditions, recommendation, survey, classes, teaching, the way on.
const PROCEDURE: std::ops::RangeInclusive<usize> = 28..=78;

#[test]
fn every_rule_of_the_procedure_is_shown_allowed_refused_and_at_its_boundary() {
    let known = tests(&sources());
    let page = page("requirements.md");
    let shown = table(&page, "Rules of W-28 … W-78: allowed, refused, at the boundary");
    for row in &shown {
        let [id, cells @ ..] = row.as_slice() else { panic!("an empty row") };
        assert_eq!(cells.len(), 3, "{id}");
        for cell in cells {
            let names = named_in(cell);
            assert!(!names.is_empty(), "{id} lacks a test");
            for name in names {
                assert!(known.contains(name), "{id}: there is no test {name}");
                assert!(named_by(name).contains(id), "{id}: {name} is not named after it");
            }
        }
    }
    let shown: Vec<&String> = shown.iter().map(|row| &row[0]).collect();
    let rules = rows().into_iter().filter(|row| row.class == Class::Rule).map(|row| row.id);
    let wanted: Vec<String> = rules
        .filter(|id| id.strip_prefix("W-").is_some_and(|n| PROCEDURE.contains(&n.parse().expect("a number"))))
        .collect();
    assert_eq!(shown, wanted.iter().collect::<Vec<_>>());
}

#[test]
fn every_field_of_a_built_program_is_in_a_test_or_its_table() {
    let sources = sources();
    let (tested, listed) = (rows_of_tests(&sources), rows_of_tables(&sources));
    let untested: Vec<_> = rows()
        .into_iter()
        .filter(|row| row.built() && row.class == Class::Field)
        .filter(|row| !tested.contains(&row.id) && !listed.contains(&row.id))
        .map(|row| row.id)
        .collect();
    assert_eq!(untested, Vec::<String>::new(), "fields without a test");
}

#[test]
fn rows_are_read_from_the_beginning_of_a_name() {
    assert_eq!(named_by("w41_a_third_nomination_is_refused"), ["W-41"]);
    assert_eq!(named_by("w09_w10_h11_membership"), ["W-09", "W-10", "H-11"]);
    assert_eq!(named_by("w113_to_w116_sections_w117"), ["W-113", "W-114", "W-115", "W-116"]);
    assert_eq!(named_by("w13_to_w15_w23_kinds"), ["W-13", "W-14", "W-15", "W-23"]);
    assert_eq!(named_by("nothing_of_w41"), Vec::<String>::new());
    assert_eq!(named_by("without_a_row"), Vec::<String>::new());
}
