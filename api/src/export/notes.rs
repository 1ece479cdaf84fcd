//! What is said of an export on a sheet of its own: what it lists, filtered how, as of when, by whom.

use serde_json::{Map, Value};

use store::audit::Who;

use super::asked::Asked;
use super::cell::Cell;
use super::layout::{Leaf, Node};

/// How many rows in a row showed which position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) rows: usize,
    pub(super) position: u64,
}

/// Adds rows to what was shown.
pub(super) fn add(shown: &mut Vec<Shown>, more: Shown) {
    match shown.last_mut() {
        Some(last) if last.position == more.position => last.rows += more.rows,
        _ => shown.push(more),
    }
}

/// Everything that is said, line by line.
pub(super) fn lines(
    asked: &Asked,
    filters: &[(String, String)],
    shown: &[Shown],
    head: Map<String, Value>,
) -> Vec<(String, Cell)> {
    let listed = &asked.listed;
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut lines = vec![("名单".to_owned(), text(&listed.name))];
    for (name, value) in &asked.keys {
        lines.push((listed.parameter(name).to_owned(), text(value)));
    }
    for (name, value) in filters {
        lines.push((format!("筛选·{}", listed.parameter(name)), filter(asked, name, value)));
    }
    lines.push(("行数".to_owned(), Cell::Number(shown.iter().map(|part| part.rows).sum::<usize>().into())));
    lines.push(("事件位置".to_owned(), positions(shown)));
    lines.push(("导出时间（UTC）".to_owned(), Cell::Instant(asked.now)));
    lines.push(("导出人".to_owned(), text(&name(&asked.who))));
    if let Some(label) = &asked.label {
        lines.push(("规则状态".to_owned(), text(label)));
    }
    let head = Value::Object(head);
    let said = listed.head.iter().map(|column| (column.heading.clone(), Cell::of(column, &head)));
    lines.extend(said.filter(|(_, cell)| *cell != Cell::Empty));
    lines
}

/// The value of a filter, in the words of the column that it filters.
fn filter(asked: &Asked, name: &str, value: &str) -> Cell {
    match asked.listed.column(name) {
        Some(column) if matches!(column.node, Node::Leaf(Leaf::Words(_))) => {
            Cell::of(column, &Value::Object(Map::from_iter([(name.to_owned(), value.into())])))
        }
        _ => Cell::Text(value.to_owned()),
    }
}

/// The position, or, where something was recorded between two pages, which rows show which.
fn positions(shown: &[Shown]) -> Cell {
    if let [only] = shown {
        return Cell::Number(only.position.into());
    }
    let mut first = 1;
    let parts = shown.iter().map(|Shown { rows, position }| {
        let last = first + rows;
        let part = format!("第{first}至{}行：{position}", last - 1);
        first = last;
        part
    });
    Cell::Text(parts.collect::<Vec<_>>().join("；"))
}

/// Who exports, written `role/unit/login`.
fn name(who: &Who) -> String {
    [&who.role, &who.unit, &who.person].map(|part| part.as_deref().unwrap_or("-")).join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_apart_by_the_position_that_they_show() {
        let mut shown = Vec::new();
        for (rows, position) in [(2, 7), (3, 7), (1, 9)] {
            add(&mut shown, Shown { rows, position });
        }
        assert_eq!(positions(&shown), Cell::Text("第1至5行：7；第6至6行：9".to_owned()));
        assert_eq!(positions(&shown[..1]), Cell::Number(7.into()));
    }
}
