//! Tests that every bound which a form's schema tells is held by its check, and with the same number.

use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::cycle::Opened;
use crate::enrolment::testing;
use crate::forms::annex1::Application;
use crate::forms::annex2::Survey;
use crate::refusal::{FieldCode, FieldError};

#[derive(OpenApi)]
#[openapi(components(schemas(Application, Survey)))]
struct Forms;

/// One bound of a schema, tried out: a value just inside, one just outside, and what the latter is refused as.
struct Bound {
    pointer: String,
    inside: Option<Value>,
    outside: Value,
    code: FieldCode,
}

/// Walks a schema beside a filled-in form and collects its bounds.
fn bounds(schemas: &Value, schema: &Value, form: &Value, pointer: &str, found: &mut Vec<Bound>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
        return bounds(schemas, &schemas[name], form, pointer, found);
    }
    for alternatives in ["oneOf", "allOf"].iter().filter_map(|key| schema.get(*key).and_then(Value::as_array)) {
        for schema in alternatives {
            bounds(schemas, schema, form, pointer, found);
        }
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        bounds(schemas, property, &form[name], &format!("{pointer}/{name}"), found);
    }
    if let (Some(items), Some(first)) = (schema.get("items"), form.get(0)) {
        bounds(schemas, items, first, &format!("{pointer}/0"), found);
    }
    let mut bound = |inside: Option<Value>, outside: Value, code| {
        found.push(Bound { pointer: pointer.to_owned(), inside, outside, code });
    };
    let size = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let text = |length| json!("芜".repeat(length));
    let list = |length| json!(vec![form.get(0).cloned().unwrap_or(json!("x")); length]);
    if let Some(max) = size("maxLength") {
        bound(Some(text(max)), text(max + 1), FieldCode::TooLong);
    }
    if let Some(min) = size("minLength") {
        bound(Some(text(min)), text(min - 1), FieldCode::Required);
    }
    // A full list of equal items is refused for other reasons, so only what is outside is tried.
    if let Some(max) = size("maxItems") {
        bound(None, list(max + 1), FieldCode::OutOfRange);
    }
    if let Some(min) = size("minItems") {
        bound(None, list(min - 1), FieldCode::OutOfRange);
    }
    if let Some(max) = schema.get("maximum").and_then(Value::as_i64) {
        // The largest year lies in the future, so what is just inside may be refused too.
        bound(None, json!(max + 1), FieldCode::OutOfRange);
    }
    if let Some(min) = schema.get("minimum").and_then(Value::as_i64) {
        bound(Some(json!(min)), json!(min - 1), FieldCode::OutOfRange);
    }
}

/// Tries every bound of `name`, and answers how many there were.
fn try_all(name: &str, root: &str, sample: &Value, check: impl Fn(Value) -> Vec<FieldError>) -> usize {
    let document = serde_json::to_value(Forms::openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    let mut found = Vec::new();
    bounds(schemas, &schemas[name], sample, "", &mut found);
    for Bound { pointer, inside, outside, code } in &found {
        let refused_with = |value: &Value| {
            let mut form = sample.clone();
            *form.pointer_mut(pointer).unwrap() = value.clone();
            check(form).iter().any(|e| e.pointer == format!("{root}{pointer}") && e.code == *code)
        };
        assert!(refused_with(outside), "{name}{pointer}: outside the bound, but not {code:?}");
        if let Some(inside) = inside {
            assert!(!refused_with(inside), "{name}{pointer}: inside the bound, but {code:?}");
        }
    }
    found.len()
}

#[test]
fn every_bound_of_the_application_s_schema_is_held() {
    let Opened { rulebook, .. } = testing::opened();
    let tried = try_all("Application", "/application", &json!(testing::application()), |form| {
        serde_json::from_value::<Application>(form).unwrap().field_errors(&rulebook, testing::today())
    });
    assert!(tried >= 30, "only {tried} bounds found: is the walk complete?");
}

#[test]
fn every_bound_of_the_survey_s_schema_is_held() {
    let Opened { rulebook, .. } = testing::opened();
    let tried = try_all("Survey", "/survey", &json!(testing::survey()), |form| {
        serde_json::from_value::<Survey>(form).unwrap().section_errors(&rulebook, testing::today())
    });
    assert!(tried >= 25, "only {tried} bounds found: is the walk complete?");
}
