//! Reading and checking a rulebook file.
//!
//! First the shape: every section is read by itself, so that one wrong key hides no mistake in another section.
//! Then the sense: ids that refer to something, sums, bounds. Each mistake names file, key and reason.

mod check;

use std::fmt;

use chrono::FixedOffset;
use serde::Deserialize;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::rulebook::Rulebook;

/// A rulebook file that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RulebookError {
    /// The file.
    pub file: String,
    /// The mistakes, at least one.
    pub mistakes: Vec<Mistake>,
}

/// One mistake in a rulebook file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Dotted path of the key, e.g. `classes.list[2].teaching.year`; empty where the text is not TOML.
    pub key: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.reason)
    }
}

impl fmt::Display for RulebookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mistake(s) in rulebook {}", self.mistakes.len(), self.file)?;
        for mistake in &self.mistakes {
            write!(f, "\n  {}: {mistake}", self.file)?;
        }
        Ok(())
    }
}

/// Reads a rulebook from the text of a TOML file; `file_name` is only named in mistakes.
///
/// Sense is checked once the shape is right: a file with mistakes of shape reports those first.
pub fn parse(file_name: &str, text: &str) -> Result<Rulebook, RulebookError> {
    let error = |mistakes| RulebookError { file: file_name.to_owned(), mistakes };
    let table = DeTable::parse(text).map_err(|e| {
        let line = e.span().map(|span| line_at(text, span.start));
        error(vec![Mistake { key: String::new(), line, reason: format!("not valid TOML: {}", e.message()) }])
    })?;
    let mut reader = Reader { text, table: table.into_inner(), asked: Vec::new(), mistakes: Vec::new() };
    reader.blanks();
    let rulebook = rulebook(&mut reader);
    reader.leftovers();
    match rulebook {
        Some(rulebook) if reader.mistakes.is_empty() => {
            let mistakes = check::sense(&rulebook);
            if mistakes.is_empty() { Ok(rulebook) } else { Err(error(mistakes)) }
        }
        Some(_) | None => Err(error(reader.mistakes)),
    }
}

/// Reads every section before giving up on any.
fn rulebook(reader: &mut Reader<'_>) -> Option<Rulebook> {
    let program = reader.required("program");
    let edition = reader.required("edition");
    let name = reader.required("name");
    let pool = reader.required("pool");
    let office = reader.required("office");
    let label = reader.required("label");
    let sources = reader.required("sources");
    let time_zone = reader.required::<Offset>("time_zone");
    let cycle = reader.required("cycle");
    let steps = reader.required("steps");
    let recommenders = reader.required("recommenders");
    let conditions = reader.optional("conditions");
    let incidents = reader.required("incidents");
    let classes = reader.optional("classes");
    let teaching = reader.optional("teaching");
    let visits = reader.optional("visits");
    let scores = reader.optional("scores");
    let expert_kinds = reader.optional("expert_kinds");
    let activity_kinds = reader.optional("activity_kinds");
    let award = reader.required("award");
    let tags = reader.optional("tags");
    let batch_limit = reader.required("batch_limit");
    Some(Rulebook {
        program: program?,
        edition: edition?,
        name: name?,
        pool: pool?,
        office: office?,
        label: Some(label?),
        sources: sources?,
        time_zone: time_zone?.0,
        cycle: cycle?,
        steps: steps?,
        recommenders: recommenders?,
        conditions: conditions.unwrap_or_default(),
        incidents: incidents?,
        classes,
        teaching,
        visits,
        scores,
        expert_kinds: expert_kinds.unwrap_or_default(),
        activity_kinds: activity_kinds.unwrap_or_default(),
        award: award?,
        tags: tags.unwrap_or_default(),
        batch_limit: batch_limit?,
    })
}

/// An offset from UTC, as the rulebook writes it.
#[derive(Deserialize)]
struct Offset(#[serde(with = "super::offset_text")] FixedOffset);

/// Takes section after section out of the file's table, and collects what is wrong.
struct Reader<'i> {
    text: &'i str,
    table: DeTable<'i>,
    asked: Vec<&'static str>,
    mistakes: Vec<Mistake>,
}

impl<'i> Reader<'i> {
    /// A section that every rulebook has; `None` where it is missing or wrong.
    fn required<T: Deserialize<'i>>(&mut self, key: &'static str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.mistakes.push(Mistake { key: key.to_owned(), line: None, reason: MISSING.to_owned() });
        }
        self.optional(key)
    }

    /// A section that a rulebook may leave out; `None` where it is left out or wrong.
    fn optional<T: Deserialize<'i>>(&mut self, key: &'static str) -> Option<T> {
        self.asked.push(key);
        let value = self.table.remove(key)?;
        match serde_path_to_error::deserialize(ValueDeserializer::from(value)) {
            Ok(section) => Some(section),
            Err(error) => {
                let line = error.inner().span().map(|span| line_at(self.text, span.start));
                let mut path = join(key, &error.path().to_string());
                let message = error.inner().message();
                let mut reason =
                    message.replace("missing field", "missing key").replace("unknown field", "unknown key");
                if let Some(missing) = reason.strip_prefix("missing key `").and_then(|r| r.strip_suffix('`')) {
                    path = join(&path, missing);
                    MISSING.clone_into(&mut reason);
                }
                self.mistakes.push(Mistake { key: path, line, reason });
                None
            }
        }
    }

    /// Every key that nobody asked for.
    fn leftovers(&mut self) {
        for (key, _) in &self.table {
            let line = Some(line_at(self.text, key.span().start));
            let reason = format!("unknown key; a rulebook has {}", self.asked.join(", "));
            self.mistakes.push(Mistake { key: key.get_ref().to_string(), line, reason });
        }
    }

    /// Every text that is blank: a clause, a wording, a name or an id says something or is left out.
    fn blanks(&mut self) {
        let mut found = Vec::new();
        for (key, value) in &self.table {
            blank_texts(key.get_ref(), value, &mut found);
        }
        self.mistakes.extend(found.into_iter().map(|(key, start)| Mistake {
            key,
            line: Some(line_at(self.text, start)),
            reason: "is empty".to_owned(),
        }));
    }
}

const MISSING: &str = "is missing";

/// Blank texts in `value`, each with its path and its place in the file.
fn blank_texts(path: &str, value: &toml::Spanned<DeValue<'_>>, found: &mut Vec<(String, usize)>) {
    match value.get_ref() {
        DeValue::String(text) if text.trim().is_empty() => found.push((path.to_owned(), value.span().start)),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                blank_texts(&format!("{path}[{index}]"), item, found);
            }
        }
        DeValue::Table(table) => {
            for (key, item) in table {
                blank_texts(&format!("{path}.{}", key.get_ref()), item, found);
            }
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// `outer` and a path inside it, which may be `.` for the whole, or begin with an index.
fn join(outer: &str, inner: &str) -> String {
    match inner {
        "." | "" => outer.to_owned(),
        _ if inner.starts_with('[') => format!("{outer}{inner}"),
        _ => format!("{outer}.{inner}"),
    }
}

/// The line, from 1, of a byte of the text.
fn line_at(text: &str, byte: usize) -> usize {
    text.as_bytes().iter().take(byte).filter(|b| **b == b'\n').count() + 1
}
