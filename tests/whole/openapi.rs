//! The `OpenAPI` document: as it was agreed, complete, and with examples that hold.

mod examples;
mod operations;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use operations::OPERATIONS;

/// The document as the program prints it.
fn printed() -> String {
    let printed = Command::new(env!("CARGO_BIN_EXE_hatchery")).arg("openapi").output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    String::from_utf8(printed.stdout).unwrap()
}

/// An operation of the document.
struct Operation {
    id: String,
    method: String,
    path: String,
    /// The schema of its JSON body, with its example.
    body: Option<Value>,
    /// The example of each key of its path.
    keys: BTreeMap<String, Value>,
    /// The headers of each success, by status.
    successes: BTreeMap<String, BTreeSet<String>>,
}

/// All operations of the document.
fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let json = &operation["requestBody"]["content"]["application/json"]["schema"];
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.clone(),
                path: path.clone(),
                body: json.is_object().then(|| resolved(document, json).clone()),
                keys: keys(operation),
                successes: successes(operation),
            });
        }
    }
    all
}

/// The examples of the keys of an operation's path.
fn keys(operation: &Value) -> BTreeMap<String, Value> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let of_path = parameters.filter(|parameter| parameter["in"] == "path");
    of_path.map(|key| (key["name"].as_str().unwrap().to_owned(), key["example"].clone())).collect()
}

/// The headers that an operation's successes list, in lower case.
fn successes(operation: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let responses = operation["responses"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(status, _)| status.starts_with('2') || *status == "303");
    let listed = |response: &Value| {
        response["headers"].as_object().into_iter().flatten().map(|(h, _)| h.to_lowercase()).collect()
    };
    responses.map(|(status, response)| (status.clone(), listed(response))).collect()
}

/// What a schema refers to, or itself.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// A change of the contract shows in this snapshot before it shows to clients.
#[test]
fn the_document_is_the_one_agreed() {
    insta::assert_snapshot!("document", printed());
}

#[test]
fn every_operation_has_an_actor() {
    let document: Value = serde_json::from_str(&printed()).unwrap();
    let described: BTreeSet<_> = operations(&document).into_iter().map(|operation| operation.id).collect();
    let listed: BTreeSet<_> = OPERATIONS.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(OPERATIONS.len(), listed.len(), "an operation is listed twice");
    assert_eq!(listed, described);
}

/// As a client reads the document: the schema alone, with what it refers to.
#[test]
fn every_body_has_an_example_that_fits_its_schema() {
    let document: Value = serde_json::from_str(&printed()).unwrap();
    let mut wrong = Vec::new();
    for Operation { id, body, .. } in operations(&document) {
        let Some(mut schema) = body else { continue };
        let example = schema.as_object_mut().unwrap().remove("example").or_else(|| from_properties(&document, &schema));
        let Some(example) = example else {
            wrong.push(format!("{id}: no example"));
            continue;
        };
        schema["components"] = document["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        wrong.extend(validator.iter_errors(&example).map(|error| format!("{id}: {} {error}", error.instance_path())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An example made of those of the properties; each required one must have one.
fn from_properties(document: &Value, schema: &Value) -> Option<Value> {
    let properties = schema["properties"].as_object()?;
    let given = properties.iter().filter_map(|(name, schema)| {
        let example = resolved(document, schema).get("example").or_else(|| schema.get("example"))?;
        Some((name.clone(), example.clone()))
    });
    let example = Value::Object(given.collect());
    let required = schema["required"].as_array()?;
    required.iter().all(|name| example.get(name.as_str().unwrap()).is_some()).then_some(example)
}
