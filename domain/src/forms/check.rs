//! Checking a form: everything that is wrong with it is collected, so that one answer names it all.

use crate::refusal::{FieldCode, FieldError, Refusal, Refused};

/// The longest text of a line on a form, where the form sets no bound of its own.
pub(crate) const LINE: usize = 200;
/// The longest number of a licence, certificate, standard or report.
pub(crate) const NUMBER: usize = 100;

/// A form under check. Pointers given to it are relative to `root`, e.g. `/application`.
#[derive(Debug)]
pub(crate) struct FormCheck {
    root: &'static str,
    errors: Vec<FieldError>,
}

impl FormCheck {
    /// A check of the form that stands at `root` in the body.
    #[must_use]
    pub(crate) const fn of(root: &'static str) -> Self {
        Self { root, errors: Vec::new() }
    }

    /// Everything found, in the order of the form.
    #[must_use]
    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Refuses if anything was found.
    pub(crate) fn passed(&mut self) -> Result<(), Refused> {
        let errors = std::mem::take(&mut self.errors);
        if errors.is_empty() { Ok(()) } else { Err(Refusal::ValidationFailed(errors).into()) }
    }

    /// Notes that the field at `pointer` is wrong.
    pub(crate) fn refuse(&mut self, pointer: &str, code: FieldCode, clause: &'static str) {
        self.errors.push(FieldError::new(format!("{}{pointer}", self.root), code, clause));
    }

    /// Notes that the field is wrong unless `valid`.
    pub(crate) fn unless(&mut self, valid: bool, pointer: &str, code: FieldCode, clause: &'static str) -> &mut Self {
        if !valid {
            self.refuse(pointer, code, clause);
        }
        self
    }

    /// A text that must be there, of at most `max` characters.
    pub(crate) fn required(&mut self, pointer: &str, text: &str, max: usize, clause: &'static str) -> &mut Self {
        self.unless(!text.trim().is_empty(), pointer, FieldCode::Required, clause).text(pointer, text, max, clause)
    }

    /// A text of at most `max` characters; may be empty.
    pub(crate) fn text(&mut self, pointer: &str, text: &str, max: usize, clause: &'static str) -> &mut Self {
        self.unless(text.chars().nth(max).is_none(), pointer, FieldCode::TooLong, clause)
    }

    /// The same of a text that may be absent.
    pub(crate) fn optional(
        &mut self,
        pointer: &str,
        text: Option<&str>,
        max: usize,
        clause: &'static str,
    ) -> &mut Self {
        self.text(pointer, text.unwrap_or_default(), max, clause)
    }

    /// A list of at most `max` items, none twice.
    pub(crate) fn list<T: PartialEq>(&mut self, pointer: &str, items: &[T], max: usize, clause: &'static str) {
        self.unless(items.len() <= max, pointer, FieldCode::OutOfRange, clause);
        // What is too long to be taken is not searched for pairs: the search is quadratic.
        for (place, item) in items.iter().enumerate().take(max) {
            if items[..place].contains(item) {
                self.refuse(&format!("{pointer}/{place}"), FieldCode::Exclusive, clause);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(check: FormCheck) -> Vec<(String, FieldCode)> {
        check.into_errors().into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn a_blank_text_is_required_and_a_long_one_counts_characters_not_bytes() {
        let mut check = FormCheck::of("/form");
        check.required("/a", " \u{3000}", 3, "");
        check.required("/b", "芜湖市", 3, "");
        check.required("/c", "芜湖市的", 3, "");
        assert_eq!(
            codes(check),
            [("/form/a".to_owned(), FieldCode::Required), ("/form/c".to_owned(), FieldCode::TooLong)]
        );
    }

    #[test]
    fn the_second_of_two_equal_items_is_named() {
        let mut check = FormCheck::of("");
        check.list("/list", &[1, 2, 1], 3, "");
        check.list("/long", &[1, 2], 1, "");
        assert_eq!(
            codes(check),
            [("/list/2".to_owned(), FieldCode::Exclusive), ("/long".to_owned(), FieldCode::OutOfRange)]
        );
    }
}
