//! Forms: what was typed, the fields as shown, and errors as GOV.UK shows them (U5): a summary on top that links to
//! the fields, the same words at each field, and everything that was typed still there.

mod field;
pub(crate) mod once;
mod submitted;
pub(crate) mod token;

use api::language::Language;
use api::problem::document::Document;
use axum::http::StatusCode;

pub(crate) use field::{Choice, Field, Input};
pub(crate) use submitted::{Fields, Posted, Submission, Upload};

use crate::shell::Shell;
use crate::words;

/// The hidden fields that every form may have.
pub(crate) const TOKEN: &str = "_token";
/// The version that the form was made for (`If-Match`).
pub(crate) const VERSION: &str = "_version";
/// Set where what was typed is to be shown again, and nothing done.
pub(crate) const RESTORE: &str = "_restore";

/// A form as shown.
#[derive(Debug)]
pub(crate) struct Form {
    /// Where it is sent.
    pub(crate) action: String,
    pub(crate) fields: Vec<Field>,
    /// What is wrong with none of its fields.
    pub(crate) errors: Vec<String>,
    /// What else it carries.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// What its button says.
    pub(crate) button: &'static str,
    /// Whether it shows what was typed already.
    pub(crate) typed: bool,
    /// The key that the script keeps a draft under, where it keeps one.
    pub(crate) draft: Option<String>,
    pub(crate) token: String,
    pub(crate) w: &'static words::Form,
}

impl Form {
    /// A form for a visitor.
    pub(crate) fn new(action: impl Into<String>, token: String, button: &'static str, language: Language) -> Self {
        Self {
            action: action.into(),
            fields: Vec::new(),
            errors: Vec::new(),
            hidden: Vec::new(),
            button,
            typed: false,
            draft: None,
            token,
            w: words::Form::of(language),
        }
    }

    /// With one more field.
    pub(crate) fn with(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// With the version that it is made for.
    pub(crate) fn made_for(mut self, version: Option<String>) -> Self {
        self.hidden.retain(|(name, _)| *name != VERSION);
        self.hidden.extend(version.map(|version| (VERSION, version)));
        self
    }

    /// Keeps a draft under this key while it is typed.
    pub(crate) fn kept_as(mut self, key: String) -> Self {
        self.draft = Some(key);
        self
    }

    /// With everything that was typed, and still for the version that it was typed for.
    pub(crate) fn filled(mut self, typed: &Fields) -> Self {
        self.typed = true;
        for field in &mut self.fields {
            field.fill(typed);
        }
        match typed.version() {
            Some(version) => self.made_for(Some(version.to_owned())),
            None => self,
        }
    }

    /// Puts an error at a field; at the form, where it has no such field.
    pub(crate) fn fault(&mut self, name: &str, error: impl Into<String>) {
        let error = error.into();
        match self.fields.iter_mut().find(|field| field.name == name) {
            Some(field) if field.error.is_none() => field.error = Some(error),
            Some(_) => {}
            None => self.errors.push(error),
        }
    }

    /// Whether anything is wrong.
    pub(crate) fn is_faulty(&self) -> bool {
        !self.errors.is_empty() || self.fields.iter().any(|field| field.error.is_some())
    }

    /// Whether it carries a file.
    pub(crate) fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.input, Input::File { .. }))
    }

    /// Takes what the API refused: each error at the field that its pointer names, the rest at the form, in the words
    /// of the problem.
    pub(crate) fn refuse(&mut self, problem: &Document) {
        for error in &problem.errors {
            let named = self.fields.iter().filter(|field| field.is_named_by(&error.pointer)).map(|field| field.name);
            match named.max_by_key(|name| name.len()) {
                Some(name) => self.fault(name, error.detail.clone()),
                None => self.errors.push(format!("{}：{}", error.pointer, error.detail)),
            }
        }
        if !self.is_faulty() {
            self.errors.push(in_words(problem));
        }
    }
}

/// What a problem says, with the clause that it cites and the label that stands beside every clause.
pub(crate) fn in_words(problem: &Document) -> String {
    let label = problem.label.as_ref().map(|label| format!("，{label}")).unwrap_or_default();
    let clause = problem.clause.as_ref().map(|clause| format!("（{clause}{label}）")).unwrap_or_default();
    format!("{}{clause}", problem.detail)
}

/// The status of a page that shows a form: 422 where something is wrong with it. Its title says so too.
pub(crate) fn status(form: &Form, shell: &mut Shell) -> StatusCode {
    shell.faulty = form.is_faulty();
    if shell.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

#[cfg(test)]
mod tests {
    use api::problem::document::DocumentError;
    use serde_json::json;

    use super::*;

    fn form() -> Form {
        Form::new("/here", "token".to_owned(), "保存", Language::Chinese)
            .with(Field::text("findings", "孵化成效").at("/visit/findings"))
            .with(Field::text("on", "日期").at("/occurred_on"))
    }

    fn problem(errors: &[(&str, &str)]) -> Document {
        let mut problem: Document = serde_json::from_value(json!({
            "type": "/problems/x", "title": "t", "status": 422, "detail": "不行。", "code": "x", "instance": "r",
            "clause": "三（二）", "label": "试行（征求意见稿）",
        }))
        .unwrap();
        let error = |(pointer, detail): &(&str, &str)| DocumentError {
            pointer: (*pointer).to_owned(),
            code: "required".to_owned(),
            detail: (*detail).to_owned(),
            expected_check: None,
            clause: None,
        };
        problem.errors = errors.iter().map(error).collect();
        problem
    }

    #[test]
    fn u5_an_error_stands_at_the_field_that_its_pointer_names() {
        let mut form = form();
        form.refuse(&problem(&[("/visit/findings", "此项必填。"), ("/occurred_on", "不是日期。")]));
        assert_eq!(form.fields[0].error.as_deref(), Some("此项必填。"));
        assert_eq!(form.fields[1].error.as_deref(), Some("不是日期。"));
        assert!(form.errors.is_empty());
    }

    #[test]
    fn u5_what_is_about_no_field_stands_at_the_form() {
        let mut form = form();
        form.refuse(&problem(&[("/elsewhere", "错了。")]));
        assert_eq!(form.errors, ["/elsewhere：错了。"]);
        let mut form = self::form();
        form.refuse(&problem(&[]));
        assert_eq!(form.errors, ["不行。（三（二），试行（征求意见稿））"]);
    }

    #[test]
    fn u5_what_was_typed_stays() {
        let typed = Fields::of([("findings", "已试点"), ("on", "2026年5月1日")]);
        let form = form().filled(&typed);
        assert_eq!((form.fields[0].value.as_str(), form.fields[1].value.as_str()), ("已试点", "2026年5月1日"));
    }
}
