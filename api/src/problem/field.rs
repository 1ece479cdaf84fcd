//! One invalid field: where it is, what is wrong, and what would be right.

use domain::refusal::FieldCode;
use domain::uscc::InvalidUscc;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Code;
use crate::language::{Language, Text};

/// What the transport finds wrong beyond the domain's own [`FieldCode`]s: another JSON type than asked for.
pub const WRONG_TYPE: &str = "wrong_type";
/// What the transport finds wrong beyond the domain's own [`FieldCode`]s: a text not of the form asked for.
pub const WRONG_FORM: &str = "wrong_form";
/// A text that stays after a person was erased, and says who that is.
pub const PERSONAL_DATA: &str = "personal_data";

/// One element of a problem's `errors`.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldProblem {
    /// JSON pointer into the body.
    pub pointer: String,
    /// A field code, or a code of the catalogue.
    pub code: &'static str,
    /// What is wrong.
    pub detail: Text,
    /// Further members, e.g. `expected_check`, `limit`, `clause`.
    pub members: Map<String, Value>,
    /// Where this is an entry of a batch: what is wrong inside it.
    pub errors: Vec<FieldProblem>,
}

impl FieldProblem {
    /// An invalid field.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: Text) -> Self {
        Self { pointer: pointer.into(), code, detail, members: Map::new(), errors: Vec::new() }
    }

    /// A field with one of the domain's faults, in the words for that fault.
    pub fn faulty(pointer: impl Into<String>, code: FieldCode) -> Self {
        Self::new(pointer, code.into(), words(code))
    }

    /// A text that says who a person is, where it must not.
    pub fn personal_data(pointer: impl Into<String>) -> Self {
        let (zh, en) =
            ("此处内容长期保存，不得写入个人信息。", "This is kept for good and must not say who the person is.");
        Self::new(pointer, PERSONAL_DATA, Text::new(zh, en))
    }

    /// A field that is not a USCC; names the check character that the others call for.
    pub fn uscc(pointer: impl Into<String>, reason: &InvalidUscc) -> Self {
        let zh = match reason {
            InvalidUscc::Length(length) => format!("统一社会信用代码为 18 位，现为 {length} 位。"),
            InvalidUscc::Character(character, place) => format!("第 {place} 位的“{character}”不是代码字符。"),
            InvalidUscc::Region => "第 3 至 8 位（登记管理机关行政区划码）应为数字。".to_owned(),
            InvalidUscc::Check { expected, found } => format!("校验位应为“{expected}”，现为“{found}”。"),
        };
        let field = Self::new(pointer, Code::UsccInvalid.as_str(), Text::new(zh, format!("{reason}.")));
        match reason {
            InvalidUscc::Check { expected, .. } => field.with("expected_check", expected),
            InvalidUscc::Length(_) | InvalidUscc::Character(..) | InvalidUscc::Region => field,
        }
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.members.insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// The element in one language.
    pub(super) fn render(&self, language: Language) -> Value {
        let mut element = self.members.clone();
        element.insert("pointer".to_owned(), self.pointer.clone().into());
        element.insert("code".to_owned(), self.code.into());
        element.insert("detail".to_owned(), self.detail.in_language(language).into());
        if !self.errors.is_empty() {
            element.insert("errors".to_owned(), self.errors.iter().map(|e| e.render(language)).collect());
        }
        element.into()
    }
}

/// The words for a fault.
fn words(code: FieldCode) -> Text {
    let (zh, en) = match code {
        FieldCode::Required => ("此项必填。", "This is required."),
        FieldCode::TooLong => ("内容过长。", "This is too long."),
        FieldCode::NotOneOf => ("不在可选值之列。", "This is not one of the values offered."),
        FieldCode::NotADate => {
            ("不是日期（YYYY-MM-DD）或时刻（RFC 3339）。", "This is not a date (YYYY-MM-DD) or an instant (RFC 3339).")
        }
        FieldCode::NotANumber => ("不是数字，或不是整数。", "This is not a number, or not an integer."),
        FieldCode::OutOfRange => ("超出允许的范围。", "This is out of range."),
        FieldCode::Exclusive => ("与另一项互斥，不能同时填写。", "This excludes another answer that was given."),
        FieldCode::RequiresOther => ("须同时填写另一项。", "This needs another answer that was not given."),
        FieldCode::UnknownField => ("没有这个字段。", "There is no such field."),
    };
    Text::new(zh, en)
}
