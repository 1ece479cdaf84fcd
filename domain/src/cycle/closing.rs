//! Closing a cycle (一个孵化周期结束, §三（二）, 四（四）, Q-28).

use crate::context::{Context, within};
use crate::cycle::{Cycle, CycleEvent, Entry, Outcome, Standing, said};
use crate::document::Common;
use crate::ids::{CycleId, OrganizationId, SessionId};
use crate::organization::OrganizationEvent;
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// What becomes of applicants that are left when a cycle closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicants {
    /// There must be none.
    MustBeNone,
    /// They lapse; needs a reason.
    Lapse,
}

/// Closes a cycle: members have completed it, applicants lapse if that is wanted (lifecycle 23, 24; Q-28).
///
/// The award office. Before the cycle's end only with a reason; not while sessions after the day of closing
/// are booked.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseCycle {
    /// The cycle.
    pub cycle: CycleId,
    /// Why, for an early end or lapsing applicants.
    pub reason: Option<String>,
    /// What becomes of applicants.
    pub applicants: Applicants,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn close(command: &CloseCycle, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.as_office(&command.common, context)?;
    let closed_on = command.common.occurred_on;
    let last_decision = live(cycle).map(|(_, entry)| entry.last_decision_on).max();
    within(closed_on, last_decision, None, "/occurred_on")?;
    let reason = said(command.reason.as_deref());
    if closed_on < opened.ends_on && reason.is_none() {
        return Err(Refusal::CycleEndsLater { ends_on: opened.ends_on }.into());
    }

    let (members, applicants): (Vec<_>, Vec<_>) = live(cycle).partition(|(_, e)| e.standing == Standing::Member);
    let completed: Vec<OrganizationId> = members.into_iter().map(|(id, _)| id.clone()).collect();
    let lapsed: Vec<OrganizationId> = applicants.into_iter().map(|(id, _)| id.clone()).collect();
    let sessions: Vec<SessionId> =
        cycle.sessions.iter().filter(|(_, on)| **on > closed_on).map(|(id, _)| *id).collect();
    let in_the_way = match command.applicants {
        Applicants::MustBeNone => lapsed.clone(),
        Applicants::Lapse => Vec::new(),
    };
    if !in_the_way.is_empty() || !sessions.is_empty() {
        return Err(Refusal::CycleHasOpenItems { applicants: in_the_way, sessions }.into());
    }
    if !lapsed.is_empty() && reason.is_none() {
        return Err(Refusal::ReasonRequired { pointer: "/reason" }.into());
    }

    let mut ended = Vec::with_capacity(completed.len() + lapsed.len());
    for (organizations, outcome) in [(&completed, Outcome::Completed), (&lapsed, Outcome::Lapsed)] {
        for id in organizations {
            // The organisation's stream gets an event: hold it at its version.
            world.organization(id)?;
            let event = OrganizationEvent::EnrolmentEnded { cycle: command.cycle.clone(), outcome };
            ended.push((StreamId::organization(id), event));
        }
    }
    let closed = CycleEvent::CycleClosed { completed, lapsed, reason: reason.map(str::to_owned) };
    let mut decision = Decision::of(&command.common).with(StreamId::cycle(&command.cycle), closed);
    for (stream, event) in ended {
        decision.push(stream, event);
    }
    Ok(decision)
}

fn live(cycle: &Cycle) -> impl Iterator<Item = (&OrganizationId, &Entry)> {
    cycle.entries.iter().filter(|(_, entry)| !matches!(entry.standing, Standing::Former(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{Pool, actor, cycle, day, office, organization, uscc};
    use crate::cycle::{CycleCommand, Decline, DeclineGrounds};
    use uuid::Uuid;

    fn closing(on: &str) -> CloseCycle {
        let common = Common::on(day(on));
        CloseCycle { cycle: cycle(), reason: None, applicants: Applicants::MustBeNone, common }
    }

    fn early() -> CloseCycle {
        CloseCycle { reason: Some("提前结束".to_owned()), ..closing("2026-07-01") }
    }

    /// The office on the day after the cycle's last.
    fn at_the_end() -> Context {
        Context { now: "2028-01-01T04:00:00Z".parse().expect("an instant"), ..office() }
    }

    fn standing(pool: &Pool, n: u32) -> Standing {
        pool.cycle().entry(&organization(n)).expect("an entry").standing.clone()
    }

    #[test]
    fn w42_from_its_end_on_a_cycle_closes_and_its_members_have_completed_it() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        let day_before = CycleCommand::Close(closing("2027-12-31"));
        assert_eq!(pool.refuses(&day_before, &at_the_end()), "cycle_ends_later");
        let events = pool.accepts(&CycleCommand::Close(closing("2028-01-01")), &at_the_end());
        assert_eq!(events, ["CycleClosed", "EnrolmentEnded"]);
        assert_eq!(standing(&pool, 1), Standing::Former(Outcome::Completed));
        assert_eq!(pool.cycle().closed_on, Some(day("2028-01-01")));
        assert!(pool.cycle().counts.values().all(|n| *n == 0), "the pool is empty");
    }

    #[test]
    fn an_early_end_needs_a_reason() {
        let mut pool = Pool::open();
        let blank = CloseCycle { reason: Some(" ".to_owned()), ..early() };
        assert_eq!(pool.refuses(&CycleCommand::Close(blank), &office()), "cycle_ends_later");
        assert!(pool.run(&CycleCommand::Close(early()), &office()).is_ok());
    }

    #[test]
    fn applicants_stand_in_the_way_unless_they_lapse_with_a_reason() {
        let mut pool = Pool::open();
        pool.applicant(1);
        pool.nominated(2, "alpha");
        let refused = pool.run(&CycleCommand::Close(early()), &office()).expect_err("refused");
        let applicants = vec![organization(1), organization(2)];
        assert_eq!(*refused.refusal, Refusal::CycleHasOpenItems { applicants, sessions: Vec::new() });
        let lapse = CloseCycle { applicants: Applicants::Lapse, ..closing("2028-01-01") };
        assert_eq!(pool.refuses(&CycleCommand::Close(lapse), &at_the_end()), "reason_required");
        let lapse = CloseCycle { applicants: Applicants::Lapse, ..early() };
        assert_eq!(
            pool.accepts(&CycleCommand::Close(lapse), &office()),
            ["CycleClosed", "EnrolmentEnded", "EnrolmentEnded"]
        );
        assert_eq!(standing(&pool, 2), Standing::Former(Outcome::Lapsed));
    }

    #[test]
    fn a_session_after_the_day_of_closing_stands_in_the_way_until_it_is_released() {
        let mut pool = Pool::open();
        let stream = StreamId::cycle(&cycle());
        for (n, on) in [(1, "2026-07-01"), (2, "2026-07-02")] {
            let session_id = SessionId::new(Uuid::from_u128(n));
            pool.happen(stream.clone(), CycleEvent::SessionBooked { session_id, on: day(on) }, "2026-06-01");
        }
        let later = SessionId::new(Uuid::from_u128(2));
        let refused = pool.run(&CycleCommand::Close(early()), &office()).expect_err("refused");
        assert_eq!(*refused.refusal, Refusal::CycleHasOpenItems { applicants: Vec::new(), sessions: vec![later] });
        pool.happen(stream, CycleEvent::SessionReleased { session_id: later }, "2026-06-02");
        assert!(pool.run(&CycleCommand::Close(early()), &office()).is_ok());
    }

    #[test]
    fn a_closing_is_not_dated_before_the_last_decision_on_a_live_file() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        let on = |text| CycleCommand::Close(CloseCycle { common: Common::on(day(text)), ..early() });
        assert_eq!(pool.refuses(&on("2026-03-09"), &office()), "date_out_of_range");
        assert!(pool.run(&on("2026-03-10"), &office()).is_ok());
    }

    #[test]
    fn nothing_is_decided_in_a_closed_cycle_not_even_its_closing() {
        let mut pool = Pool::open();
        pool.member(1, "A");
        pool.accepts(&CycleCommand::Close(early()), &office());
        assert_eq!(pool.refuses(&CycleCommand::Close(early()), &office()), "cycle_closed");
        let grounds = DeclineGrounds::BelowLowestClass;
        let decline = Decline { cycle: cycle(), uscc: uscc(1), grounds, common: early().common };
        assert_eq!(pool.refuses(&CycleCommand::Decline(decline), &office()), "cycle_closed");
    }

    #[test]
    fn only_the_office_closes_and_only_a_cycle_that_was_opened() {
        let command = CycleCommand::Close(early());
        assert_eq!(Pool::open().refuses(&command, &actor("district/jinghu")), "not_permitted");
        assert_eq!(Pool::default().refuses(&command, &office()), "not_found");
    }
}
