//! How values stand in the details of refusals.

use std::fmt::Display;

use chrono::NaiveDate;
use domain::cycle::Counts;
use domain::ids::ClassId;
use domain::refusal::{ConditionState, FieldError};
use serde_json::{Value, json};

use crate::language::Text;
use crate::problem::FieldProblem;

/// Values after one another. Long lists are cut in the text; members carry all.
pub(super) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 20;
    let mut items = items.into_iter();
    let mut text = items.by_ref().take(SHOWN).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    if items.next().is_some() {
        text.push_str(", …");
    }
    text
}

/// A range of days, open where an end is missing.
pub(super) fn days(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Text {
    match (from, to) {
        (Some(from), Some(to)) => Text::new(format!("{from} 至 {to}"), format!("{from} to {to}")),
        (Some(from), None) => Text::new(format!("{from} 起"), format!("from {from}")),
        (None, Some(to)) => Text::new(format!("至 {to} 止"), format!("until {to}")),
        (None, None) => Text::new("无", "none"),
    }
}

/// Counts per class, e.g. `A 3, B 5`.
pub(super) fn counts(counts: &Counts) -> String {
    list(counts.iter().map(|(class, count)| format!("{class} {count}")))
}

/// A class, or a dash where none was named (below A).
pub(super) fn class(class: Option<&ClassId>) -> &str {
    class.map_or("—", ClassId::as_str)
}

/// What is named, with what leads to it; nothing where nothing is.
pub(super) fn named(value: Option<&str>, lead: &str) -> String {
    value.map_or(String::new(), |value| format!("{lead}{value}"))
}

/// The member `conditions`.
pub(super) fn states(conditions: &[ConditionState]) -> Vec<Value> {
    conditions.iter().map(|c| json!({ "id": c.id, "clause": c.clause, "state": c.state })).collect()
}

/// Field errors of the domain as elements of `errors`.
pub(super) fn field_errors(errors: &[FieldError]) -> Vec<FieldProblem> {
    errors.iter().map(FieldProblem::from).collect()
}
