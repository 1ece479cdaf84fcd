//! How a value of a schema is laid out: a tree with a word for each field, and the columns that a row has.
//!
//! It comes from the document, never from the rows, so that an empty list has its head and every page the same
//! columns.

use std::collections::BTreeMap;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayItems, KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type,
};

use super::lists::Known;
use super::values::values;
use super::words::word;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Fields by name, or one plain value in their place.
    Record {
        /// The fields, in the order of the document.
        fields: Vec<Field>,
        /// What stands there where it is no object.
        plain: Option<Leaf>,
    },
    /// Values of one kind by a key that the document does not know.
    Map(Box<Node>),
    /// Values of one kind.
    List(Box<Node>),
    /// One value.
    Leaf(Leaf),
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    /// What it is called; empty where it says nothing of its own.
    pub(super) word: String,
    pub(super) node: Node,
}

/// How one value is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    /// As JSON has it.
    Any,
    /// A text, whatever it looks like.
    Text,
    /// A day.
    Day,
    /// An instant.
    Instant,
    /// A word for each value; an empty one where there is none.
    Words(Vec<(String, &'static str)>),
}

/// One column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Where its value stands in a row.
    pub(super) path: Vec<String>,
    /// Its heading.
    pub(super) heading: String,
    /// What its value is.
    pub(super) node: Node,
}

/// Reads schemas of one document for one list.
pub(super) struct Reader<'d> {
    schemas: &'d BTreeMap<String, RefOr<Schema>>,
    operation: &'d str,
    known: Option<&'static Known>,
}

impl<'d> Reader<'d> {
    pub(super) const fn new(
        schemas: &'d BTreeMap<String, RefOr<Schema>>,
        operation: &'d str,
        known: Option<&'static Known>,
    ) -> Self {
        Self { schemas, operation, known }
    }

    /// The layout of a schema that stands at a path.
    pub(super) fn node(&self, schema: &'d RefOr<Schema>, path: &[&'d str]) -> Node {
        self.read(schema, path, &[])
    }

    /// What a schema refers to, with its name.
    pub(super) fn resolved(&self, schema: &'d RefOr<Schema>) -> (Option<&'d str>, Option<&'d Schema>) {
        match schema {
            RefOr::T(schema) => (None, Some(schema)),
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                match self.schemas.get(name) {
                    Some(RefOr::T(schema)) => (Some(name), Some(schema)),
                    Some(RefOr::Ref(_)) | None => (Some(name), None),
                }
            }
        }
    }

    fn read(&self, schema: &'d RefOr<Schema>, path: &[&'d str], within: &[&'d str]) -> Node {
        let (name, schema) = self.resolved(schema);
        let mut inside = within.to_vec();
        if let Some(name) = name {
            if within.contains(&name) {
                return Node::Leaf(Leaf::Any);
            }
            inside.push(name);
        }
        match schema {
            Some(Schema::Object(object)) => self.object(object, name, path, &inside),
            Some(Schema::Array(array)) => {
                let ArrayItems::RefOrSchema(items) = &array.items else { return Node::Leaf(Leaf::Any) };
                let element = self.read(items, path, &inside);
                if self.spreads(path) { element } else { Node::List(Box::new(element)) }
            }
            Some(Schema::OneOf(one)) => self.one_of(&one.items, path, &inside),
            Some(Schema::AnyOf(any)) => self.one_of(&any.items, path, &inside),
            Some(Schema::AllOf(all)) => self.merged(all.items.iter(), path, &inside),
            Some(_) | None => Node::Leaf(Leaf::Any),
        }
    }

    fn object(&self, object: &'d Object, name: Option<&str>, path: &[&'d str], within: &[&'d str]) -> Node {
        if !object.properties.is_empty() {
            let absent = self.known.filter(|_| path.is_empty()).map_or(&[][..], |known| known.absent);
            let kept = object.properties.iter().filter(|(name, _)| !absent.contains(&name.as_str()));
            let fields = kept.map(|(name, schema)| {
                let path = [path, &[name.as_str()]].concat();
                let word = word(self.operation, &path).unwrap_or(name).to_owned();
                Field { name: name.clone(), word, node: self.read(schema, &path, within) }
            });
            return Node::Record { fields: fields.collect(), plain: None };
        }
        if let Some(AdditionalProperties::RefOr(schema)) = object.additional_properties.as_deref() {
            return Node::Map(Box::new(self.read(schema, path, within)));
        }
        Node::Leaf(match &object.format {
            Some(SchemaFormat::KnownFormat(KnownFormat::Date)) => Leaf::Day,
            Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)) => Leaf::Instant,
            _ if object.enum_values.is_some() => Leaf::Words(words(object, name)),
            _ if is(&object.schema_type, &Type::String) => Leaf::Text,
            _ => Leaf::Any,
        })
    }

    /// One of several forms: the one that this list has, or all of them in one.
    fn one_of(&self, items: &'d [RefOr<Schema>], path: &[&'d str], within: &[&'d str]) -> Node {
        let form = self.known.and_then(|known| known.form);
        let wanted = form.and_then(|form| items.iter().find(|item| self.resolved(item).0 == Some(form)));
        match wanted {
            Some(schema) => self.read(schema, path, within),
            None => self.merged(items.iter().filter(|item| !self.is_null(item)), path, within),
        }
    }

    fn is_null(&self, schema: &'d RefOr<Schema>) -> bool {
        matches!(self.resolved(schema).1, Some(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
    }

    fn merged(&self, items: impl Iterator<Item = &'d RefOr<Schema>>, path: &[&'d str], within: &[&'d str]) -> Node {
        let nodes = items.map(|item| self.read(item, path, within));
        nodes.reduce(Node::merge).unwrap_or(Node::Leaf(Leaf::Any))
    }

    /// Whether the elements of the list at this path have rows of their own.
    fn spreads(&self, path: &[&str]) -> bool {
        let spread = self.known.map_or(&[][..], |known| known.spread);
        !path.is_empty() && spread.starts_with(path)
    }
}

/// The values of an enumeration with their words.
fn words(object: &Object, name: Option<&str>) -> Vec<(String, &'static str)> {
    let known = values(name);
    let texts = object.enum_values.iter().flatten().filter_map(|value| value.as_str());
    let word = |text: &str| known.iter().find(|(value, _)| *value == text).map_or("", |(_, word)| *word);
    texts.map(|text| (text.to_owned(), word(text))).collect()
}

fn is(schema_type: &SchemaType, wanted: &Type) -> bool {
    match schema_type {
        SchemaType::Type(one) => one == wanted,
        SchemaType::Array(several) => several.contains(wanted),
        SchemaType::AnyValue => false,
    }
}

impl Node {
    /// A value that may be either.
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Record { fields, plain }, Self::Record { fields: more, plain: other }) => {
                let plain = match (plain, other) {
                    (Some(one), Some(other)) => Some(one.merge(other)),
                    (one, other) => one.or(other),
                };
                Self::Record { fields: all_of(fields, more), plain }
            }
            (Self::Record { fields, plain }, Self::Leaf(leaf)) | (Self::Leaf(leaf), Self::Record { fields, plain }) => {
                let plain = plain.map_or(leaf.clone(), |plain| plain.merge(leaf));
                Self::Record { fields, plain: Some(plain) }
            }
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.merge(*other))),
            (Self::Map(one), Self::Map(other)) => Self::Map(Box::new(one.merge(*other))),
            (Self::Leaf(one), Self::Leaf(other)) => Self::Leaf(one.merge(other)),
            _ => Self::Leaf(Leaf::Any),
        }
    }

    /// The columns of a record, nested ones in place.
    pub(super) fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        self.collect(&[], "", &mut columns);
        columns
    }

    fn collect(&self, path: &[String], heading: &str, columns: &mut Vec<Column>) {
        let Self::Record { fields, plain } = self else {
            let zone = if *self == Self::Leaf(Leaf::Instant) { "（UTC）" } else { "" };
            columns.push(Column { path: path.to_vec(), heading: format!("{heading}{zone}"), node: self.clone() });
            return;
        };
        if plain.is_some() {
            let node = Self::Record { fields: Vec::new(), plain: plain.clone() };
            columns.push(Column { path: path.to_vec(), heading: heading.to_owned(), node });
        }
        for Field { name, word, node } in fields {
            let heading = match (heading, word.as_str()) {
                (heading, "") => heading.to_owned(),
                ("", word) => word.to_owned(),
                (heading, word) => format!("{heading}·{word}"),
            };
            node.collect(&[path, std::slice::from_ref(name)].concat(), &heading, columns);
        }
    }
}

fn all_of(mut fields: Vec<Field>, more: Vec<Field>) -> Vec<Field> {
    for field in more {
        match fields.iter().position(|known| known.name == field.name) {
            None => fields.push(field),
            Some(place) => {
                let known = fields.remove(place);
                fields.insert(place, Field { node: known.node.merge(field.node), ..known });
            }
        }
    }
    fields
}

impl Leaf {
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Words(mut words), Self::Words(more)) => {
                let new = more.into_iter().filter(|(value, _)| !words.iter().any(|(known, _)| known == value));
                let new: Vec<_> = new.collect();
                words.extend(new);
                Self::Words(words)
            }
            _ => Self::Any,
        }
    }
}
