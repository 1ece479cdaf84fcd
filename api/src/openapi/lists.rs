//! The operations that answer lists, told by the schema of their answer, and the formats that each list is offered in.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Content, OpenApi, RefOr};

use crate::export::{CSV, XLSX};

/// The media type of every answer that is no export, no paper and no problem.
pub(crate) const JSON: &str = "application/json";

/// The page of a list, as its schema describes it.
pub(crate) struct PageSchema<'d> {
    /// The rows.
    pub(crate) items: &'d Schema,
    /// What stands beside them, but for what every list has.
    pub(crate) head: Vec<(&'d str, &'d RefOr<Schema>)>,
}

/// What every page has beside its rows.
const OWN: [&str; 3] = ["next_cursor", "position", "total"];

/// The schema of a page, if this is one: with rows, and a cursor to the next.
pub(crate) fn pages<'d>(
    schema: &'d RefOr<Schema>,
    schemas: &'d BTreeMap<String, RefOr<Schema>>,
) -> Option<PageSchema<'d>> {
    let schema = match schema {
        RefOr::T(schema) => schema,
        RefOr::Ref(reference) => match schemas.get(reference.ref_location.rsplit('/').next()?)? {
            RefOr::T(schema) => schema,
            RefOr::Ref(_) => return None,
        },
    };
    let Schema::Object(page) = schema else { return None };
    let RefOr::T(items) = page.properties.get("items")? else { return None };
    page.properties.get("next_cursor")?;
    let beside = page.properties.iter().filter(|(name, _)| *name != "items" && !OWN.contains(&name.as_str()));
    Some(PageSchema { items, head: beside.map(|(name, schema)| (name.as_str(), schema)).collect() })
}

/// The document, with every list offered as a spreadsheet too.
pub(super) fn offered(mut document: OpenApi) -> OpenApi {
    let schemas = document.components.as_ref().map(|components| components.schemas.clone()).unwrap_or_default();
    for item in document.paths.paths.values_mut() {
        let Some(operation) = &mut item.get else { continue };
        let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") else { continue };
        let listed = match response.content.get(JSON) {
            Some(RefOr::T(json)) => json.schema.as_ref().is_some_and(|schema| pages(schema, &schemas).is_some()),
            Some(RefOr::Ref(_)) | None => false,
        };
        if !listed {
            continue;
        }
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let binary = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        response.content.insert(CSV.to_owned(), Content::new(Some(Schema::from(text()))).into());
        response.content.insert(XLSX.to_owned(), Content::new(Some(Schema::from(binary))).into());
    }
    document
}
