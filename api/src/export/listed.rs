//! A list as its operation describes it: its name, its columns, and what its head says beside the rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr, Response};

use super::layout::{Column, Reader};
use super::lists::{Known, known};
use super::words::word;
use crate::openapi::{JSON, PerOperation, pages};

/// A list that can be exported.
#[derive(Debug)]
pub(super) struct Listed {
    /// Its operation.
    pub(super) operation: String,
    /// What it is called.
    pub(super) name: String,
    /// The columns of a row.
    pub(super) columns: Vec<Column>,
    /// What the answer says beside its rows.
    pub(super) head: Vec<Column>,
    /// Lists inside of a row whose elements have a row each.
    pub(super) spread: &'static [&'static str],
}

/// All lists of a document, by operation.
pub(super) fn all(document: &OpenApi) -> PerOperation<Option<Arc<Listed>>> {
    let none = BTreeMap::new();
    let schemas = document.components.as_ref().map_or(&none, |components| &components.schemas);
    PerOperation::of(document, |operation| Listed::of(operation, schemas).map(Arc::new))
}

impl Listed {
    fn of(operation: &Operation, schemas: &BTreeMap<String, RefOr<Schema>>) -> Option<Self> {
        let Some(RefOr::T(Response { content, .. })) = operation.responses.responses.get("200") else { return None };
        let Some(RefOr::T(json)) = content.get(JSON) else { return None };
        let page = pages(json.schema.as_ref()?, schemas)?;
        let id = operation.operation_id.as_deref().unwrap_or_default();
        let known = known(id);
        let Schema::Array(items) = page.items else { return None };
        let utoipa::openapi::schema::ArrayItems::RefOrSchema(item) = &items.items else { return None };
        let reader = Reader::new(schemas, id, known);
        let head = page.head.into_iter().flat_map(|(name, schema)| {
            let columns = reader.node(schema, &[name]).columns();
            columns.into_iter().map(move |column| below(name, id, column))
        });
        Some(Self {
            operation: id.to_owned(),
            name: known.map_or(id, |known| known.name).to_owned(),
            columns: reader.node(item, &[]).columns(),
            head: head.collect(),
            spread: known.map_or(&[][..], |Known { spread, .. }| spread),
        })
    }

    /// What a query parameter is called.
    pub(super) fn parameter<'p>(&self, name: &'p str) -> &'p str {
        word(&self.operation, &[name]).unwrap_or(name)
    }

    /// The column of a field of the rows.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.path == [name])
    }
}

/// A column of a part of the head.
fn below(name: &str, operation: &str, column: Column) -> Column {
    let word = word(operation, &[name]).unwrap_or(name);
    let path = std::iter::once(name.to_owned()).chain(column.path).collect();
    let Column { heading, node, .. } = column;
    let heading = if heading.is_empty() { word.to_owned() } else { format!("{word}·{heading}") };
    Column { path, heading, node }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::export::layout::{Field, Leaf, Node};
    use crate::export::lists::LISTS;
    use crate::export::values::VALUES;
    use crate::export::words::WORDS;
    use crate::service::openapi;

    fn lists() -> Vec<Arc<Listed>> {
        all(&openapi()).values().flatten().cloned().collect()
    }

    /// Whether a heading is Chinese; a name of the world's own is let pass.
    fn chinese(text: &str) -> bool {
        text == "SHA-256" || text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    /// Every field of a layout, with its path.
    fn fields(node: &Node, path: &str, found: &mut Vec<(String, Field)>) {
        match node {
            Node::Record { fields: all, .. } => {
                for field in all {
                    let path = format!("{path}.{}", field.name);
                    fields(&field.node, &path, found);
                    found.push((path, field.clone()));
                }
            }
            Node::Map(of) | Node::List(of) => fields(of, path, found),
            Node::Leaf(_) => {}
        }
    }

    #[test]
    fn every_list_of_the_document_has_a_name_and_no_other_is_named() {
        let listed: BTreeSet<_> = lists().iter().map(|listed| listed.operation.clone()).collect();
        let named: BTreeSet<_> = LISTS.iter().map(|known| known.operation.to_owned()).collect();
        assert_eq!(listed, named);
        assert_eq!(LISTS.len(), named.len());
        let words: BTreeSet<_> = LISTS.iter().map(|known| known.name).collect();
        assert!(words.len() == LISTS.len() && words.iter().all(|name| chinese(name) && name.chars().count() <= 31));
    }

    #[test]
    fn every_column_has_a_chinese_heading_of_its_own() {
        let mut wrong = Vec::new();
        for listed in lists() {
            assert!(!listed.columns.is_empty());
            let mut headings = BTreeSet::new();
            for column in listed.columns.iter().chain(&listed.head) {
                if !column.heading.split('·').all(chinese) || !headings.insert(&column.heading) {
                    wrong.push(format!("{} {}: {}", listed.operation, column.path.join("."), column.heading));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn every_field_inside_of_a_cell_has_a_word_too() {
        let mut wrong = BTreeSet::new();
        for listed in lists() {
            for column in &listed.columns {
                let mut found = Vec::new();
                fields(&column.node, &column.path.join("."), &mut found);
                let silent = found.into_iter().filter(|(_, field)| !field.word.is_empty() && !chinese(&field.word));
                wrong.extend(silent.map(|(path, _)| format!("{} {path}", listed.operation)));
            }
        }
        assert_eq!(wrong, BTreeSet::new());
    }

    #[test]
    fn every_value_of_an_enumeration_has_a_word() {
        let mut without = BTreeSet::new();
        let mut used = BTreeSet::new();
        for listed in lists() {
            for column in listed.columns.iter().chain(&listed.head) {
                for (value, word) in words(&column.node) {
                    if word.is_empty() {
                        without.insert(format!("{} {}: {value}", listed.operation, column.path.join(".")));
                    }
                    used.insert((value, word));
                }
            }
        }
        assert_eq!(without, BTreeSet::new());
        let kept = VALUES.iter().flat_map(|(_, values)| *values);
        let idle: Vec<_> = kept.filter(|(value, word)| !used.contains(&((*value).to_owned(), *word))).collect();
        assert_eq!(idle, Vec::<&(&str, &str)>::new());
    }

    /// The words for the values that a layout may have.
    fn words(node: &Node) -> Vec<(String, &'static str)> {
        match node {
            Node::Record { fields, plain } => {
                let inside = fields.iter().flat_map(|field| words(&field.node));
                let own = plain.iter().flat_map(|leaf| words(&Node::Leaf(leaf.clone())));
                own.chain(inside).collect()
            }
            Node::Map(of) | Node::List(of) => words(of),
            Node::Leaf(Leaf::Words(words)) => words.clone(),
            Node::Leaf(_) => Vec::new(),
        }
    }

    #[test]
    fn no_word_is_kept_that_nothing_is_called_by() {
        let document = openapi();
        let mut used = BTreeSet::new();
        for listed in lists() {
            let mut found = Vec::new();
            for column in listed.columns.iter().chain(&listed.head) {
                let whole = column.path.iter().scan(String::new(), |path, name| {
                    *path = format!("{path}.{name}");
                    Some(path.clone())
                });
                found.extend(whole);
                let mut inside = Vec::new();
                fields(&column.node, &format!(".{}", column.path.join(".")), &mut inside);
                found.extend(inside.into_iter().map(|(path, _)| path));
            }
            used.extend(found.into_iter().map(|path| format!("{}{path}", listed.operation)));
        }
        for item in document.paths.paths.values() {
            let parameters = item.get.iter().flat_map(|get| get.parameters.iter().flatten());
            used.extend(parameters.filter_map(|parameter| match parameter {
                RefOr::T(parameter) => Some(format!(".{}", parameter.name)),
                RefOr::Ref(_) => None,
            }));
        }
        let ends = |path: &str, end: &str| path == end || path.ends_with(&format!(".{end}"));
        let idle: Vec<_> = WORDS.iter().filter(|(end, _)| !used.iter().any(|path| ends(path, end))).collect();
        assert_eq!(idle, Vec::<&(&str, &str)>::new());
    }
}
