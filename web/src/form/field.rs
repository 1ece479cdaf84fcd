//! One field of a form.

use super::Fields;

/// How a field is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A line; `autocomplete` says what of.
    Text { autocomplete: &'static str },
    /// A password; it is never shown again.
    Password { autocomplete: &'static str },
    /// A day, in any of the ways that people write it.
    Day,
    /// Several lines.
    Area,
    /// One of a few, all in sight.
    Radios(Vec<Choice>),
    /// A file.
    File { accept: &'static str },
}

/// One of the values that a field offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A field of a form.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) value: String,
    pub(crate) error: Option<String>,
    pub(crate) input: Input,
    /// Whether it may be left empty.
    pub(crate) optional: bool,
    /// Where the body of the API's operation has it, as a JSON pointer.
    pointer: &'static str,
}

impl Field {
    fn new(name: &'static str, label: impl Into<String>, input: Input) -> Self {
        let (label, value) = (label.into(), String::new());
        Self { name, label, hint: None, value, error: None, input, optional: false, pointer: "" }
    }

    pub(crate) fn text(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Input::Text { autocomplete: "off" })
    }

    pub(crate) fn login(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Input::Text { autocomplete: "username" })
    }

    pub(crate) fn password(name: &'static str, label: impl Into<String>, autocomplete: &'static str) -> Self {
        Self::new(name, label, Input::Password { autocomplete })
    }

    pub(crate) fn day(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Input::Day)
    }

    pub(crate) fn area(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Input::Area)
    }

    pub(crate) fn radios(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Input::Radios(choices))
    }

    pub(crate) fn file(name: &'static str, label: impl Into<String>, accept: &'static str) -> Self {
        Self::new(name, label, Input::File { accept })
    }

    /// Where the API's body has it.
    pub(crate) const fn at(mut self, pointer: &'static str) -> Self {
        self.pointer = pointer;
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    pub(crate) const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Takes what was typed into it; a password or a file is not shown again.
    pub(super) fn fill(&mut self, typed: &Fields) {
        if matches!(self.input, Input::Password { .. } | Input::File { .. }) {
            return;
        }
        if let Some(value) = typed.get(self.name) {
            value.clone_into(&mut self.value);
        }
    }

    /// Whether a JSON pointer of the API names it, or something inside of it.
    pub(super) fn is_named_by(&self, pointer: &str) -> bool {
        let inside = |rest: &str| rest.is_empty() || rest.starts_with('/');
        !self.pointer.is_empty() && pointer.strip_prefix(self.pointer).is_some_and(inside)
    }

    /// Whether a choice is the one made.
    pub(crate) fn is_chosen(&self, choice: &Choice) -> bool {
        choice.value == self.value
    }

    /// What of its surroundings describes it, for whoever hears the page.
    pub(crate) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if self.hint.is_some() {
            ids.push(format!("{}-hint", self.name));
        }
        if self.error.is_some() {
            ids.push(format!("{}-error", self.name));
        }
        ids.join(" ")
    }

    /// The id of what is filled in; the first choice where there are several.
    pub(crate) fn target(&self) -> String {
        if matches!(self.input, Input::Radios(_)) { format!("{}-1", self.name) } else { self.name.to_owned() }
    }
}
