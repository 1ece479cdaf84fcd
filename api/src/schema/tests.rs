use chrono::NaiveDate;
use domain::Rulebook;
use domain::forms::annex1::Application;
use domain::forms::annex2::Survey;
use domain::forms::facts::{Honour, Visit};
use domain::ids::{ClassId, DocumentId, OrganizationId};
use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "only its schema is used")]
enum Size {
    Large,
    Small,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
enum Ground {
    Dissolved { on: NaiveDate },
    Moved { to: ClassId },
    Grown { size: Size },
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Inner {
    #[schema(min_length = 1, max_length = 5)]
    name: String,
    #[serde(default)]
    size: Option<Size>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Form {
    uscc: Uscc,
    #[serde(default)]
    other: Option<OrganizationId>,
    occurred_on: NaiveDate,
    size: Size,
    #[serde(default)]
    class: Option<ClassId>,
    #[serde(default)]
    second_size: Option<Size>,
    #[schema(minimum = 1, maximum = 10)]
    count: u32,
    #[serde(default)]
    document: Option<DocumentId>,
    #[serde(default)]
    #[schema(max_items = 2)]
    inner: Vec<Inner>,
    #[serde(default)]
    ground: Option<Ground>,
    #[serde(default)]
    one_inner: Option<Inner>,
}

fn valid() -> Value {
    json!({ "uscc": "91350100M000100Y43", "occurred_on": "2026-05-01", "size": "large", "count": 3 })
}

/// The faults of the valid form with some members replaced; `null` in place of a name removes nothing.
fn faults(changes: Value) -> Vec<(String, &'static str)> {
    let mut form = valid();
    if let (Value::Object(form), Value::Object(changes)) = (&mut form, changes) {
        form.extend(changes);
    }
    let schema = Schema::of::<Form>().unwrap();
    schema.faults(&form).into_iter().map(|f| (f.pointer, f.code)).collect()
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn a_valid_form_has_no_fault() {
    assert_eq!(faults(json!({})), []);
    assert_eq!(faults(json!({ "second_size": null, "class": null, "ground": null, "document": null })), []);
    assert_eq!(faults(json!({ "ground": { "kind": "moved", "to": "A" } })), []);
    assert_eq!(faults(json!({ "second_size": "small", "class": "A", "count": 10 })), []);
}

#[test]
fn each_keyword_has_its_field_code() {
    assert_eq!(faults(json!({ "occurred_on": "2026-02-30" })), one("/occurred_on", "not_a_date"));
    assert_eq!(faults(json!({ "occurred_on": "" })), one("/occurred_on", "required"));
    assert_eq!(faults(json!({ "occurred_on": null })), one("/occurred_on", "required"));
    assert_eq!(faults(json!({ "size": "huge" })), one("/size", "not_one_of"));
    assert_eq!(faults(json!({ "count": "three" })), one("/count", "not_a_number"));
    assert_eq!(faults(json!({ "count": 1.5 })), one("/count", "not_a_number"));
    assert_eq!(faults(json!({ "count": 11 })), one("/count", "out_of_range"));
    assert_eq!(faults(json!({ "count": 0 })), one("/count", "out_of_range"));
    assert_eq!(faults(json!({ "inner": [{ "name": "" }] })), one("/inner/0/name", "required"));
    assert_eq!(faults(json!({ "inner": [{ "name": "六个汉字太长" }] })), one("/inner/0/name", "too_long"));
    assert_eq!(faults(json!({ "inner": [{}] })), one("/inner/0/name", "required"));
    assert_eq!(faults(json!({ "inner": {} })), one("/inner", "wrong_type"));
    assert_eq!(faults(json!({ "surprise": 1 })), one("/surprise", "unknown_field"));
    assert_eq!(faults(json!({ "document": "no-uuid" })), one("/document", "wrong_form"));
    assert_eq!(faults(json!({ "class": "not a slug" })), one("/class", "wrong_form"));
    let three = json!([{ "name": "a" }, { "name": "b" }, { "name": "c" }]);
    assert_eq!(faults(json!({ "inner": three })), one("/inner", "out_of_range"));
}

#[test]
fn an_optional_choice_tells_the_faults_of_the_branch_that_was_meant() {
    assert_eq!(faults(json!({ "second_size": "huge" })), one("/second_size", "not_one_of"));
    assert_eq!(faults(json!({ "ground": { "kind": "moved" } })), one("/ground/to", "required"));
    assert_eq!(faults(json!({ "ground": { "kind": "dissolved", "on": "soon" } })), one("/ground/on", "not_a_date"));
    assert_eq!(faults(json!({ "ground": { "kind": "eaten" } })), one("/ground/kind", "not_one_of"));
    assert_eq!(faults(json!({ "ground": { "kind": "grown", "size": "huge" } })), one("/ground/size", "not_one_of"));
    assert!(faults(json!({ "ground": {} })).contains(&("/ground/kind".to_owned(), "required")));
    assert_eq!(faults(json!({ "ground": 3 })), one("/ground", "wrong_type"));
    assert_eq!(
        faults(json!({ "one_inner": { "size": "huge" } })),
        [("/one_inner/name".to_owned(), "required"), ("/one_inner/size".to_owned(), "not_one_of")]
    );
}

#[test]
fn a_wrong_uscc_names_the_check_character_wherever_it_stands() {
    let schema = Schema::of::<Form>().unwrap();
    let mut form = valid();
    form["uscc"] = "91350100M000100Y44".into();
    form["other"] = "91350100M000100Y45".into();
    let faults = schema.faults(&form);
    assert_eq!(faults.iter().map(|f| f.code).collect::<Vec<_>>(), ["uscc_invalid", "uscc_invalid"]);
    assert!(faults.iter().all(|f| f.members["expected_check"] == "3"));
}

#[test]
fn all_faults_are_told_at_once_in_order() {
    assert_eq!(
        faults(json!({ "size": 3, "count": null, "occurred_on": "x" })),
        [
            ("/count".to_owned(), "required"),
            ("/occurred_on".to_owned(), "not_a_date"),
            ("/size".to_owned(), "wrong_type")
        ]
    );
}

#[test]
fn a_null_character_is_refused_wherever_it_stands() {
    assert_eq!(faults(json!({ "inner": [{ "name": "a\0b" }] })), one("/inner/0/name", "wrong_form"));
}

#[test]
fn the_forms_of_the_domain_describe_themselves_soundly() {
    for schema in [
        Schema::of::<Application>(),
        Schema::of::<Survey>(),
        Schema::of::<Visit>(),
        Schema::of::<Honour>(),
        Schema::of::<Rulebook>(),
    ] {
        let faults = schema.unwrap().faults(&json!({ "surprise": 1 }));
        assert!(faults.iter().any(|f| (f.pointer.as_str(), f.code) == ("/surprise", "unknown_field")));
    }
}
