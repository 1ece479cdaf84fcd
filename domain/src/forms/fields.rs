//! The fields of one form: everything that is wrong with them is told at once.

use crate::refusal::{FieldCode, FieldError, Refusal, Refused};

/// Collects what is wrong with the fields of one form.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    errors: Vec<FieldError>,
}

impl Fields {
    /// Notes a field as invalid if `wrong`.
    #[must_use]
    pub(crate) fn refuse_if(
        mut self,
        wrong: bool,
        pointer: impl Into<String>,
        code: FieldCode,
        clause: &'static str,
    ) -> Self {
        if wrong {
            self.errors.push(FieldError::new(pointer, code, clause));
        }
        self
    }

    /// A text that must be there, of at most `max` characters.
    #[must_use]
    pub(crate) fn text(self, text: &str, max: usize, pointer: &'static str, clause: &'static str) -> Self {
        self.refuse_if(text.trim().is_empty(), pointer, FieldCode::Required, clause).bound(text, max, pointer, clause)
    }

    /// A text that may be absent, of at most `max` characters.
    #[must_use]
    pub(crate) fn optional(self, text: Option<&str>, max: usize, pointer: &'static str, clause: &'static str) -> Self {
        self.bound(text.unwrap_or_default(), max, pointer, clause)
    }

    fn bound(self, text: &str, max: usize, pointer: &'static str, clause: &'static str) -> Self {
        self.refuse_if(text.chars().count() > max, pointer, FieldCode::TooLong, clause)
    }

    /// Refuses if any field was noted.
    pub(crate) fn check(self) -> Result<(), Refused> {
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::ValidationFailed(self.errors).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invalid_field_is_told_and_characters_are_counted_not_bytes() {
        let refused =
            Fields::default().text(" ", 3, "/a", "").text("质量奖", 3, "/b", "").text("质量奖池", 3, "/c", "").check();
        assert_eq!(
            refused.map_err(|r| *r.refusal),
            Err(Refusal::ValidationFailed(vec![
                FieldError::new("/a", FieldCode::Required, ""),
                FieldError::new("/c", FieldCode::TooLong, ""),
            ]))
        );
    }

    #[test]
    fn an_absent_optional_text_is_valid() {
        assert_eq!(Fields::default().optional(None, 1, "/a", "").optional(Some(""), 1, "/b", "").check(), Ok(()));
    }
}
