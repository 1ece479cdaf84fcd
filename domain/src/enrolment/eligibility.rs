//! Eligibility: a list, one entry per condition of the rulebook (§三（一）, W-32 … W-40).
//!
//! What decides an entry, the stronger first:
//! 1. a major incident recorded here inside the look-back: the authority has determined it, and only its
//!    dismissal overturns it;
//! 2. the last check of a department (由相关部门界定), met or not met;
//! 3. the form, for conditions that a form can prove. The others need a document or a check.
//!
//! All look-backs and periods run to the day of the application, never to today: an entry does not change
//! by waiting.

use chrono::NaiveDate;

use crate::context::add_years;
use crate::enrolment::Enrolment;
use crate::forms::annex1::{Application, NoneOrHas, SystemCertificate};
use crate::ids::ConditionId;
use crate::organization::Organization;
use crate::rulebook::{Condition, Proof, Rule, Rulebook};

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
pub fn assess(rulebook: &Rulebook, file: &Enrolment, organization: &Organization) -> Vec<ConditionEntry> {
    rulebook.conditions.iter().map(|condition| entry(condition, file, organization)).collect()
}

fn entry(condition: &Condition, file: &Enrolment, organization: &Organization) -> ConditionEntry {
    let free_from = barred_until(&condition.proof, file, organization);
    let checked = file.checks.get(&condition.id).map(|check| met_if(check.met));
    let status = if free_from.is_some() {
        ConditionStatus::NotMet
    } else if let Some(checked) = checked {
        checked
    } else {
        by_form(&condition.proof, file)
    };
    ConditionEntry { id: condition.id.clone(), status, rule: condition.rule.clone(), free_from }
}

/// The day from which a recorded incident no longer bars, for the condition that looks at incidents (W-36, Q-06).
fn barred_until(proof: &Proof, file: &Enrolment, organization: &Organization) -> Option<NaiveDate> {
    let Proof::NoIncident { years } = proof else {
        return None;
    };
    organization.barring_incident(file.applied_on?, *years).map(|(_, free_from)| free_from)
}

/// What the form alone says; without an application nothing is proven yet.
fn by_form(proof: &Proof, file: &Enrolment) -> ConditionStatus {
    let (Some(application), Some(applied_on)) = (&file.application, file.applied_on) else {
        return ConditionStatus::NeedsDocument;
    };
    let supplement = &application.supplement;
    match proof {
        Proof::LicenceHeld { years } => met_if(since(supplement.licence.held_since, *years, applied_on)),
        Proof::ModelAndCertificate { years } => model_and_certificate(application, *years, applied_on),
        Proof::NoIncident { .. } => declared_none(application.major_incidents),
        Proof::NoFailedSpotCheck { .. } => declared_none(supplement.spot_check_failures),
        Proof::NoOtherBreach => no_other_breach(application),
        Proof::NoCriminalRecord => met_if(supplement.legal_representative.no_criminal_record),
        Proof::Document => ConditionStatus::NeedsDocument,
    }
}

const fn met_if(met: bool) -> ConditionStatus {
    if met { ConditionStatus::Met } else { ConditionStatus::NotMet }
}

const fn declared_none(answer: NoneOrHas) -> ConditionStatus {
    met_if(matches!(answer, NoneOrHas::None))
}

/// Whether `years` have passed since `day`; the day itself counts (3年以上 includes three years to the day).
fn since(day: NaiveDate, years: i32, applied_on: NaiveDate) -> bool {
    add_years(day, years) <= applied_on
}

/// §三（一）3: two years of the model since the first pilot, and a certificate valid on the day of the
/// application, of which a scan is on file. What is not met weighs more than what is not shown.
fn model_and_certificate(application: &Application, years: i32, applied_on: NaiveDate) -> ConditionStatus {
    let certificate = application.supplement.certificate.as_ref();
    let introduced = since(application.supplement.model_introduced_on, years, applied_on);
    match certificate {
        _ if !introduced => ConditionStatus::NotMet,
        Some(SystemCertificate { valid_until, .. }) if *valid_until < applied_on => ConditionStatus::NotMet,
        Some(SystemCertificate { document_id: Some(_), .. }) => ConditionStatus::Met,
        Some(SystemCertificate { document_id: None, .. }) | None => ConditionStatus::NeedsDocument,
    }
}

/// §三（一）5 无其他严重违法、违规不良记录. A breach that the form admits is not met; complaints or dishonesty
/// that it admits (W-92) are for a department to weigh (由相关部门界定), so they need its check.
const fn no_other_breach(application: &Application) -> ConditionStatus {
    match (application.supplement.serious_breaches, application.complaints_or_dishonesty) {
        (NoneOrHas::Has, _) => ConditionStatus::NotMet,
        (NoneOrHas::None, NoneOrHas::Has) => ConditionStatus::NeedsDocument,
        (NoneOrHas::None, NoneOrHas::None) => ConditionStatus::Met,
    }
}

#[cfg(test)]
mod tests;
