//! Removing a member after a major incident (发生…重大事故的，将被移出孵化池, §三, W-28).

use crate::context::{Context, within};
use crate::cycle::{CycleEvent, Entry, Outcome, balance, said};
use crate::document::Common;
use crate::ids::{CycleId, IncidentId};
use crate::organization::{Determination, Organization, OrganizationEvent};
use crate::refusal::{Refusal, Refused};
use crate::rulebook::Rule;
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// The key under which refusals cite the removal rule.
const RULE: &str = "removal";

/// Removes a member from the pool, citing the incident (lifecycle 19; §三, W-28, Q-14).
///
/// The award office. The competent authority has determined the incident as major, and it happened during the
/// membership. Never refused for balance.
#[derive(Debug, Clone, PartialEq)]
pub struct Remove {
    /// The cycle.
    pub cycle: CycleId,
    /// The member.
    pub uscc: Uscc,
    /// The incident.
    pub incident_id: IncidentId,
    /// More words, if there are any.
    pub reason: Option<String>,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn remove(command: &Remove, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    cycle.opened()?;
    let id = world.resolve(&command.uscc)?;
    cycle.entry(&id)?;
    let opened = cycle.as_office(&command.common, context)?;
    let entry = cycle.member(&id)?;
    entry.follows(command.common.occurred_on)?;
    let organization = world.organization(&id)?;
    hold_major(command, entry, organization, &opened.rulebook.incidents.removal_rule)?;

    let mut decision = Decision::of(&command.common);
    decision.balance = Some(balance::change(&cycle.counts, [(entry.class.as_ref(), None)], &opened.rulebook));
    let removed = CycleEvent::OrganizationRemoved {
        organization: id.clone(),
        incident_id: command.incident_id,
        reason: said(command.reason.as_deref()).map(str::to_owned),
    };
    let ended = OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome: Outcome::Removed };
    Ok(decision.with(StreamId::cycle(&command.cycle), removed).with(StreamId::organization(&id), ended))
}

/// Refuses an incident that was not determined as major by then, or lies outside `[admission, removal]`.
fn hold_major(command: &Remove, entry: &Entry, organization: &Organization, rule: &Rule) -> Result<(), Refused> {
    let incident = command.incident_id;
    let Some(known) = organization.incidents.get(&incident) else {
        let (pointer, id) = ("/incident_id".to_owned(), incident.to_string());
        return Err(Refusal::UnknownReference { pointer, kind: "incident", id }.into());
    };
    match known.determination {
        Determination::Determined { major: true } => {}
        Determination::Open => return Err(Refusal::IncidentNotDetermined { incident }.by(RULE, rule)),
        Determination::Determined { major: false } | Determination::Dismissed => {
            return Err(Refusal::IncidentNotMajor { incident }.by(RULE, rule));
        }
    }
    let (from, to) = (entry.admitted_on.unwrap_or(entry.last_decision_on), command.common.occurred_on);
    if known.occurred_on < from || known.occurred_on > to {
        let occurred_on = known.occurred_on;
        let refusal = Refusal::IncidentOutsideMembership { incident, occurred_on, from, to: Some(to) };
        return Err(refusal.by(RULE, rule));
    }
    within(to, known.determined_on, None, "/occurred_on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{Pool, actor, class, cycle, day, incident, office, organization, today, uscc};
    use crate::cycle::{CycleCommand, Standing};

    const MAJOR: Determination = Determination::Determined { major: true };

    fn of(n: u32) -> Remove {
        Remove { cycle: cycle(), uscc: uscc(n), incident_id: incident(n), reason: None, common: today() }
    }

    fn remove(n: u32) -> CycleCommand {
        CycleCommand::Remove(of(n))
    }

    #[test]
    fn w28_a_major_incident_removes_a_member_even_out_of_balance() {
        let mut pool = Pool::open();
        pool.member(1, "C");
        pool.member(2, "D");
        pool.incident(1, "2026-06-01", MAJOR);
        let decision = pool.run(&remove(1), &office()).expect("accepted").clone();
        let names: Vec<_> = decision.events.iter().map(|(_, e)| e.event_type()).collect();
        assert_eq!(names, ["OrganizationRemoved", "EnrolmentEnded"]);
        assert_eq!(decision.balance.map(|b| (b.excess_before, b.excess_after)), Some((0, 1)));
        let entry = pool.cycle().entry(&organization(1)).expect("an entry");
        assert_eq!(entry.standing, Standing::Former(Outcome::Removed));
        assert_eq!((entry.removed_for, entry.ended_on), (Some(incident(1)), Some(day("2026-07-01"))));
        assert_eq!(pool.cycle().counts[&class("C")], 0);
    }

    #[test]
    fn w28_only_an_incident_determined_as_major_removes() {
        let mut pool = Pool::open();
        pool.member(1, "C");
        assert_eq!(pool.refuses(&remove(1), &office()), "unknown_reference");
        for (determination, code) in [
            (Determination::Open, "incident_not_determined"),
            (Determination::Determined { major: false }, "incident_not_major"),
            (Determination::Dismissed, "incident_not_major"),
        ] {
            pool.incident(1, "2026-06-01", determination);
            assert_eq!(pool.refuses(&remove(1), &office()), code);
        }
    }

    #[test]
    fn w28_the_incident_lies_inside_the_membership_both_ends_included() {
        for (on, code) in [
            ("2026-03-09", Some("incident_outside_membership")),
            ("2026-03-10", None),
            ("2026-07-01", None),
            ("2026-07-02", Some("incident_outside_membership")),
        ] {
            let mut pool = Pool::open();
            pool.member(1, "C");
            pool.incident(1, on, MAJOR);
            let answer = pool.run(&remove(1), &office());
            assert_eq!(answer.err().map(|refused| refused.refusal.code()), code, "{on}");
        }
    }

    #[test]
    fn w28_a_removal_is_not_dated_before_the_determination() {
        let mut pool = Pool::open();
        pool.member(1, "C");
        pool.incident(1, "2026-06-01", MAJOR);
        let known = pool.organization(1).incidents.get_mut(&incident(1)).expect("an incident");
        known.determined_on = Some(day("2026-06-20"));
        let on = |text| CycleCommand::Remove(Remove { common: Common::on(day(text)), ..of(1) });
        assert_eq!(pool.refuses(&on("2026-06-19"), &office()), "date_out_of_range");
        assert!(pool.run(&on("2026-06-20"), &office()).is_ok());
    }

    #[test]
    fn an_applicant_is_declined_and_not_removed() {
        let mut pool = Pool::open();
        pool.nominated(1, "alpha");
        pool.incident(1, "2026-06-01", MAJOR);
        assert_eq!(pool.refuses(&remove(1), &office()), "not_a_member");
    }

    #[test]
    fn only_the_office_removes() {
        let mut pool = Pool::open();
        pool.member(1, "C");
        pool.incident(1, "2026-06-01", MAJOR);
        assert_eq!(pool.refuses(&remove(1), &actor("district/jinghu")), "not_permitted");
    }
}
