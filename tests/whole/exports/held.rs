//! Rows as JSON held against the cells of a line: everything is there, and as what it is.

use std::collections::BTreeMap;

use calamine::Data;
use chrono::{DateTime, NaiveDate};
use serde_json::Value;

/// A text that a cell of a workbook has no room for.
const TEXT_MAX: usize = 32_767;

/// Compares the rows of one list.
pub(super) struct Held<'c> {
    columns: &'c [(Vec<String>, String)],
    /// Which word stands for which value, by column.
    words: BTreeMap<(usize, String), String>,
}

impl<'c> Held<'c> {
    pub(super) const fn new(columns: &'c [(Vec<String>, String)]) -> Self {
        Self { columns, words: BTreeMap::new() }
    }

    /// Holds one row against its line in both formats.
    pub(super) fn row(&mut self, row: &Value, csv: &[String], xlsx: &[Data], place: &str) {
        assert_eq!((csv.len(), xlsx.len()), (self.columns.len(), self.columns.len()), "{place}");
        self.covers(row, &mut Vec::new(), place);
        for (column, (path, heading)) in self.columns.iter().enumerate() {
            let place = format!("{place} {heading}");
            let value = path.iter().try_fold(row, |value, name| value.get(name)).unwrap_or(&Value::Null);
            let divided = self.columns.iter().any(|(other, _)| other.len() > path.len() && other.starts_with(path));
            let value = if divided && value.is_object() { &Value::Null } else { value };
            self.cell(column, value, &csv[column], &xlsx[column], &place);
        }
    }

    /// Every value of a row is in a column.
    fn covers(&self, value: &Value, path: &mut Vec<String>, place: &str) {
        if value.is_null() || self.columns.iter().any(|(known, _)| known == path && !value.is_object()) {
            return;
        }
        let Some(fields) = value.as_object() else { panic!("{place}: no column for {}", path.join(".")) };
        let whole = self.columns.iter().any(|(known, _)| known == path);
        let divided = self.columns.iter().any(|(known, _)| known.len() > path.len() && known.starts_with(path));
        if whole && !divided {
            return;
        }
        for (name, value) in fields {
            path.push(name.clone());
            self.covers(value, path, place);
            path.pop();
        }
    }

    fn cell(&mut self, column: usize, value: &Value, csv: &str, xlsx: &Data, place: &str) {
        let text = csv.strip_prefix('\'').unwrap_or(csv);
        match value {
            Value::Number(number) => {
                assert_eq!(csv, number.to_string(), "{place}");
                assert_eq!(*xlsx, Data::Float(number.as_f64().unwrap()), "{place}");
            }
            Value::String(value) if !value.is_empty() => self.text(column, value, text, xlsx, place),
            Value::Bool(value) => {
                assert_eq!((text, xlsx), (said(*value), &Data::String(said(*value).to_owned())), "{place}");
            }
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) if is_empty(value) => {
                assert_eq!((csv, xlsx), ("", &Data::Empty), "{place}");
            }
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                same_text(text, xlsx, place);
                contains(value, text, place);
            }
        }
    }

    /// A text, or what a text stands for: a day, an instant, a value with a word.
    fn text(&mut self, column: usize, value: &str, text: &str, xlsx: &Data, place: &str) {
        if let Data::DateTime(shown) = xlsx {
            let shown = shown.as_datetime().unwrap();
            if let Ok(day) = value.parse::<NaiveDate>() {
                assert_eq!((text, shown), (value, day.and_hms_opt(0, 0, 0).unwrap()), "{place}");
                return;
            }
            let instant = DateTime::parse_from_rfc3339(value).unwrap();
            assert_eq!(DateTime::parse_from_rfc3339(text), Ok(instant), "{place}");
            let apart = (instant.naive_utc() - shown).num_milliseconds();
            assert!(apart.abs() <= 1, "{place}: {instant} {shown}");
            return;
        }
        assert!(value.parse::<NaiveDate>().is_err(), "{place}: a day as {xlsx:?}");
        same_text(text, xlsx, place);
        if text != value {
            assert!(is_value(value) && is_chinese(text), "{place}: {value} as {text}");
            let word = self.words.entry((column, value.to_owned())).or_insert_with(|| text.to_owned());
            assert_eq!(word, text, "{place}");
        }
    }
}

fn same_text(text: &str, xlsx: &Data, place: &str) {
    let Data::String(shown) = xlsx else { panic!("{place}: {xlsx:?} for {text}") };
    if text.encode_utf16().count() <= TEXT_MAX {
        assert_eq!(shown, text, "{place}");
    } else {
        assert_eq!(shown.encode_utf16().count(), TEXT_MAX, "{place}");
    }
}

/// Every value inside of several is in their cell.
fn contains(value: &Value, text: &str, place: &str) {
    match value {
        Value::Null => {}
        Value::Array(values) => values.iter().for_each(|value| contains(value, text, place)),
        Value::Object(fields) => fields.values().for_each(|value| contains(value, text, place)),
        Value::Bool(value) => assert!(text.contains(said(*value)) || text.contains(&value.to_string()), "{place}"),
        Value::Number(number) => assert!(text.contains(&number.to_string()), "{place}: {number} in {text}"),
        Value::String(value) => {
            let json = serde_json::to_string(value).unwrap();
            let found = text.contains(value.as_str()) || text.contains(&json) || is_instant(value, text);
            assert!(found || (is_value(value) && is_chinese(text)), "{place}: {value} in {text}");
        }
    }
}

/// Whether a text has this instant, however many figures its seconds are written with.
fn is_instant(value: &str, text: &str) -> bool {
    DateTime::parse_from_rfc3339(value).is_ok() && text.contains(&value[..19])
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

const fn said(value: bool) -> &'static str {
    if value { "是" } else { "否" }
}

/// Whether this can be a value of an enumeration.
fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}
