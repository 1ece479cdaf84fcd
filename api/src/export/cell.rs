//! What stands in one cell: a text, a number, a day, an instant, or nothing.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Number, Value};

use super::layout::{Column, Field, Leaf, Node};

/// The content of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// A text, whatever it looks like.
    Text(String),
    /// A number.
    Number(Number),
    /// A day.
    Day(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    /// The cell of a column in a row.
    pub(super) fn of(column: &Column, row: &Value) -> Self {
        let found = column.path.iter().try_fold(row, |value, name| value.get(name));
        found.map_or(Self::Empty, |value| cell(&column.node, value))
    }

    /// As it is written down where there is nothing but text.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Instant(instant) => instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        }
    }
}

fn cell(node: &Node, value: &Value) -> Cell {
    match (node, value) {
        (_, Value::Null) => Cell::Empty,
        (Node::Leaf(leaf), value) => plain(leaf, value),
        // What has columns of its own is not said twice.
        (Node::Record { plain: Some(_), fields }, Value::Object(_)) if fields.is_empty() => Cell::Empty,
        (Node::Record { plain: Some(leaf), .. }, value) if !value.is_object() => plain(leaf, value),
        (node, value) => Cell::text(compound(node, value, 0)),
    }
}

fn plain(leaf: &Leaf, value: &Value) -> Cell {
    let text = match value {
        Value::Null => return Cell::Empty,
        Value::Bool(true) => return Cell::text("是"),
        Value::Bool(false) => return Cell::text("否"),
        Value::Number(number) => return Cell::Number(number.clone()),
        Value::Array(_) | Value::Object(_) => return Cell::text(value.to_string()),
        Value::String(text) => text,
    };
    match leaf {
        Leaf::Any | Leaf::Text => Cell::text(text),
        Leaf::Day => text.parse().map_or_else(|_| Cell::text(text), Cell::Day),
        Leaf::Instant => text.parse().map_or_else(|_| Cell::text(text), Cell::Instant),
        Leaf::Words(words) => {
            let word = words.iter().find(|(value, word)| value == text && !word.is_empty());
            Cell::text(word.map_or(text.as_str(), |(_, word)| word))
        }
    }
}

/// Several values in one cell. What lies deeper is told apart by another sign.
fn compound(node: &Node, value: &Value, depth: usize) -> String {
    match (node, value) {
        (Node::List(of), Value::Array(values)) => {
            let all = values.iter().map(|value| part(of, value, depth + 1));
            join(all, if depth == 0 { "；" } else { "、" })
        }
        (Node::Map(of), Value::Object(values)) => {
            let all = values.iter().map(|(key, value)| named(key, &part(of, value, depth + 1)));
            join(all, if depth == 0 { "；" } else { "，" })
        }
        (Node::Record { fields, .. }, Value::Object(values)) => join(parts(fields, values, depth), "，"),
        (_, value) => value.to_string(),
    }
}

fn part(node: &Node, value: &Value, depth: usize) -> String {
    let simple = matches!(node, Node::Leaf(_)) || !(value.is_array() || value.is_object());
    if simple {
        return cell(node, value).written();
    }
    let text = compound(node, value, depth);
    // A record inside of a record has its bounds.
    if depth > 1 && value.is_object() && !text.is_empty() { format!("（{text}）") } else { text }
}

fn parts<'a>(fields: &'a [Field], values: &'a Map<String, Value>, depth: usize) -> impl Iterator<Item = String> + 'a {
    fields.iter().filter_map(move |field| {
        let text = part(&field.node, values.get(&field.name)?, depth + 1);
        Some(named(&field.word, &text))
    })
}

fn named(word: &str, text: &str) -> String {
    match (word, text) {
        (_, "") => String::new(),
        ("", text) => text.to_owned(),
        (word, text) => format!("{word}：{text}"),
    }
}

fn join(texts: impl Iterator<Item = String>, by: &str) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(by)
}

/// One row for each element of the lists named, one list inside of the other; a row without elements stays one.
pub(super) fn spread(row: Value, lists: &[&str]) -> Vec<Value> {
    let Some((list, inner)) = lists.split_first() else { return vec![row] };
    let Value::Object(mut fields) = row else { return vec![row] };
    let elements = match fields.remove(*list) {
        Some(Value::Array(elements)) if !elements.is_empty() => elements,
        _ => return vec![Value::Object(fields)],
    };
    let spread_out = elements.into_iter().flat_map(|element| spread(element, inner));
    spread_out
        .map(|element| {
            let mut fields = fields.clone();
            fields.insert((*list).to_owned(), element);
            Value::Object(fields)
        })
        .collect()
}
