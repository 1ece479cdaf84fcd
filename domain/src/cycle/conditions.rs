//! How the eligibility conditions bear on a decision (具体申报条件, §三（一）; lifecycle 3 and 16).

use chrono::NaiveDate;

use crate::document::Waiver;
use crate::enrolment::Enrolment;
use crate::enrolment::eligibility::{ConditionEntry, ConditionStatus, assess};
use crate::organization::Organization;
use crate::refusal::{ConditionState, Refusal, Refused};
use crate::rulebook::{Rulebook, Strength};

/// How much a decision asks of the conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// None may be known not to be met: a nomination.
    NoneRefuted,
    /// Every `must` condition has to be proven too: an admission.
    AllProven,
}

/// Holds incidents and conditions for a file; what the award office waived of `principle` rules is answered.
///
/// The look-back runs to the application (W-36). An incident after that, up to the decision, bars as well: it
/// leads to a decline, and could not remove a member that was admitted after it.
pub(super) fn hold<'w>(
    rulebook: &Rulebook,
    file: &Enrolment,
    organization: &Organization,
    occurred_on: NaiveDate,
    asked: Asked,
    (waiver, by_office): (Option<&'w Waiver>, bool),
) -> Result<Option<&'w Waiver>, Refused> {
    let years = rulebook.incidents.look_back_years;
    let mut used = None;
    let days = [file.applied_on, Some(occurred_on)];
    if let Some((incident, free_from)) =
        days.into_iter().flatten().find_map(|on| organization.barring_incident(on, years))
    {
        let occurred_on = organization.incidents.get(&incident).map_or(free_from, |i| i.occurred_on);
        used = rulebook.incidents.look_back_rule.hold("look_back", false, waiver, by_office, || {
            Refusal::LookbackIncident { incident, occurred_on, free_from }
        })?;
    }
    let conditions = assess(rulebook, file, organization);
    Ok(hold_conditions(&conditions, asked, waiver, by_office)?.or(used))
}

fn hold_conditions<'w>(
    conditions: &[ConditionEntry],
    asked: Asked,
    waiver: Option<&'w Waiver>,
    by_office: bool,
) -> Result<Option<&'w Waiver>, Refused> {
    let mut used = None;
    let refuted: Vec<_> = conditions.iter().filter(|c| c.status == ConditionStatus::NotMet).collect();
    for condition in &refuted {
        let refusal = || Refusal::EligibilityNotMet { conditions: states(&refuted) };
        used = condition.rule.hold(&key(condition), false, waiver, by_office, refusal)?.or(used);
    }
    if asked == Asked::AllProven {
        let lacks_proof =
            |c: &&ConditionEntry| c.status == ConditionStatus::NeedsDocument && c.rule.strength == Strength::Must;
        let open: Vec<_> = conditions.iter().filter(lacks_proof).collect();
        if let Some(first) = open.first() {
            return Err(Refusal::EligibilityOpen { conditions: states(&open) }.by(&key(first), &first.rule));
        }
    }
    Ok(used)
}

fn key(condition: &ConditionEntry) -> String {
    format!("conditions.{}", condition.id)
}

fn states(conditions: &[&ConditionEntry]) -> Vec<ConditionState> {
    conditions
        .iter()
        .map(|c| ConditionState { id: c.id.clone(), clause: c.rule.clause.clone(), state: c.status.into() })
        .collect()
}
