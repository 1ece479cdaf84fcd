//! From a violation of a JSON Schema to the field faults that people and other systems understand.

use std::fmt::Write;
use std::str::FromStr;

use domain::Uscc;
use domain::refusal::FieldCode;
use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::types::JsonType;
use serde_json::Value;

use crate::language::Text;
use crate::problem::FieldProblem;
use crate::problem::field::{WRONG_FORM, WRONG_TYPE};

/// Adds what one violation says.
pub(super) fn collect(error: &ValidationError<'_>, faults: &mut Vec<FieldProblem>) {
    let pointer = error.instance_path().as_str();
    let instance: &Value = error.instance();
    let empty = instance.is_null() || instance.as_str().is_some_and(|text| text.trim().is_empty());
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            faults.push(FieldProblem::faulty(child(pointer, name), FieldCode::Required));
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            faults.extend(
                unexpected.iter().map(|name| FieldProblem::faulty(child(pointer, name), FieldCode::UnknownField)),
            );
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => choose(pointer, instance, context, faults),
        // An empty text breaks its least length, its pattern and its format at once; it means "not filled in".
        Kind::MinLength { .. } | Kind::Pattern { .. } | Kind::Format { .. } | Kind::Type { .. } if empty => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::Required));
        }
        Kind::Type { kind } => faults.push(wrong_type(pointer, kind)),
        Kind::Enum { options } => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::NotOneOf).with("allowed", &**options));
        }
        Kind::Constant { expected_value } => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::NotOneOf).with("allowed", [&**expected_value]));
        }
        Kind::MaxLength { limit } => {
            let actual = instance.as_str().map_or(0, |text| text.chars().count());
            faults.push(FieldProblem::faulty(pointer, FieldCode::TooLong).with("limit", limit).with("actual", actual));
        }
        Kind::MinItems { limit } | Kind::MinLength { limit } | Kind::MinProperties { limit } => {
            let none = instance.as_array().is_some_and(Vec::is_empty);
            let code = if none { FieldCode::Required } else { FieldCode::OutOfRange };
            faults.push(FieldProblem::faulty(pointer, code).with("minimum", limit));
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::OutOfRange).with("limit", limit));
        }
        Kind::Maximum { limit } | Kind::ExclusiveMaximum { limit } => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::OutOfRange).with("limit", limit));
        }
        Kind::Minimum { limit } | Kind::ExclusiveMinimum { limit } => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::OutOfRange).with("minimum", limit));
        }
        Kind::MultipleOf { .. } | Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } | Kind::Contains => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::OutOfRange));
        }
        Kind::Format { format } => faults.push(wrong_format(pointer, format, instance)),
        Kind::Pattern { pattern } => faults.push(wrong_form(pointer).with("pattern", pattern)),
        Kind::OneOfMultipleValid { .. } | Kind::Not { .. } => {
            faults.push(FieldProblem::faulty(pointer, FieldCode::Exclusive));
        }
        Kind::FalseSchema => faults.push(FieldProblem::faulty(pointer, FieldCode::UnknownField)),
        Kind::PropertyNames { error } => collect(error, faults),
        Kind::BacktrackLimitExceeded { .. }
        | Kind::RegexEngineFailure { .. }
        | Kind::ContentEncoding { .. }
        | Kind::ContentMediaType { .. }
        | Kind::Custom { .. }
        | Kind::FromUtf8 { .. }
        | Kind::UniqueItems
        | Kind::Referencing(_) => faults.push(wrong_form(pointer)),
    }
}

/// Of the branches of a choice, tells the faults of the one that was meant: the right JSON type, the right
/// tag, then the fewest faults. Where none was meant, the tags that are offered.
fn choose(pointer: &str, instance: &Value, branches: &[Vec<ValidationError<'static>>], faults: &mut Vec<FieldProblem>) {
    if instance.is_null() {
        faults.push(FieldProblem::faulty(pointer, FieldCode::Required));
        return;
    }
    let here = |e: &ValidationError<'_>| e.instance_path().as_str() == pointer;
    let of_type = |branch: &&Vec<ValidationError<'static>>| {
        !branch.iter().any(|e| here(e) && matches!(e.kind(), Kind::Type { .. }))
    };
    let typed: Vec<_> = branches.iter().filter(of_type).collect();
    let meant = match typed.as_slice() {
        [only] => Some(only),
        _ => typed.iter().filter(|branch| !branch.iter().any(|e| is_tag(pointer, e))).min_by_key(|b| b.len()),
    };
    if let Some(meant) = meant {
        for error in *meant {
            collect(error, faults);
        }
        return;
    }
    let tags: Vec<_> = typed.iter().flat_map(|branch| branch.iter()).filter(|e| is_tag(pointer, e)).collect();
    match tags.first() {
        Some(tag) => {
            let allowed: Vec<&Value> = tags.iter().flat_map(|e| options(e)).collect();
            let at = tag.instance_path().as_str();
            faults.push(FieldProblem::faulty(at, FieldCode::NotOneOf).with("allowed", allowed));
        }
        None => match branches.iter().flatten().find(|e| here(e)) {
            Some(error) if branches.iter().all(|b| b.len() == 1) => collect(error, faults),
            Some(_) | None => faults.push(typeless(pointer)),
        },
    }
}

/// Whether an error says that this is another branch: a bare value that the branch does not have, or a member
/// that could have one value only.
fn is_tag(pointer: &str, error: &ValidationError<'_>) -> bool {
    let Some(rest) = error.instance_path().as_str().strip_prefix(pointer) else { return false };
    let offered = options(error).len();
    (rest.is_empty() && offered > 0) || (rest.rfind('/') == Some(0) && offered == 1)
}

fn options<'e>(error: &'e ValidationError<'_>) -> Vec<&'e Value> {
    if let Kind::Enum { options } = error.kind() {
        return options.as_array().into_iter().flatten().collect();
    }
    if let Kind::Constant { expected_value } = error.kind() {
        return vec![expected_value];
    }
    Vec::new()
}

fn wrong_type(pointer: &str, kind: &TypeKind) -> FieldProblem {
    let wants = |wanted: JsonType| match kind {
        TypeKind::Single(found) => *found == wanted,
        TypeKind::Multiple(set) => set.contains(wanted),
    };
    if wants(JsonType::Integer) || wants(JsonType::Number) {
        return FieldProblem::faulty(pointer, FieldCode::NotANumber);
    }
    let expected = match kind {
        TypeKind::Single(found) => vec![found.as_str()],
        TypeKind::Multiple(set) => set.iter().map(JsonType::as_str).collect(),
    };
    typeless(pointer).with("expected", expected)
}

fn typeless(pointer: &str) -> FieldProblem {
    FieldProblem::new(pointer, WRONG_TYPE, Text::new("值的 JSON 类型不对。", "The value has another JSON type."))
}

fn wrong_form(pointer: &str) -> FieldProblem {
    FieldProblem::new(pointer, WRONG_FORM, Text::new("值的形式不对。", "The value is not of this form."))
}

fn wrong_format(pointer: &str, format: &str, instance: &Value) -> FieldProblem {
    match format {
        "date" | "date-time" => FieldProblem::faulty(pointer, FieldCode::NotADate),
        "uscc" => match Uscc::from_str(instance.as_str().unwrap_or_default()) {
            Err(reason) => FieldProblem::uscc(pointer, &reason),
            Ok(_) => wrong_form(pointer),
        },
        _ => wrong_form(pointer).with("format", format),
    }
}

/// Finds what JSON can say and no database can keep: the character U+0000.
pub(super) fn unstorable(value: &Value, pointer: &mut String, faults: &mut Vec<FieldProblem>) {
    let length = pointer.len();
    match value {
        Value::String(text) if text.contains('\0') => faults.push(wrong_form(pointer)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                // Writing to a String does not fail.
                let _ = write!(pointer, "/{index}");
                unstorable(item, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointer.push('/');
                pointer.push_str(&escaped(name));
                unstorable(member, pointer, faults);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The pointer of a member.
pub(crate) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", escaped(name))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
