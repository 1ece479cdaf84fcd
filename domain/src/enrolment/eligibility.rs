//! Eligibility: a list, one entry per condition of the rulebook (§三（一）).

use chrono::NaiveDate;

use crate::enrolment::Enrolment;
use crate::ids::ConditionId;
use crate::organization::Organization;
use crate::rulebook::{Rule, Rulebook};

/// What is known of one condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ConditionStatus {
    /// Met by the form, by a document or by a department's check.
    Met,
    /// Not met by the form, by a recorded incident or by a department's check.
    NotMet,
    /// Neither: a document or a department's check is needed.
    NeedsDocument,
}

/// One condition and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionEntry {
    /// The condition.
    pub id: ConditionId,
    /// What is known.
    pub status: ConditionStatus,
    /// Its clause, text and strength.
    pub rule: Rule,
    /// For a recorded incident inside the look-back: the day from which it no longer bars.
    pub free_from: Option<NaiveDate>,
}

/// Assesses every condition of the rulebook for a file, look-backs running to the application date.
#[must_use]
pub fn assess(_rulebook: &Rulebook, _file: &Enrolment, _organization: &Organization) -> Vec<ConditionEntry> {
    Vec::new()
}
