//! A session whose day has come: what attendance and outcomes are recorded of.

use crate::context::{Context, within};
use crate::cycle::{Cycle, Opened};
use crate::document::Common;
use crate::ids::SessionId;
use crate::refusal::{Refusal, Refused};
use crate::session::{Plan, Session};
use crate::world::{Stop, World};

/// A session that was held, seen by the award office.
pub(super) struct Held<'a> {
    pub(super) session: &'a Session,
    pub(super) plan: &'a Plan,
    pub(super) cycle: &'a Cycle,
    pub(super) opened: &'a Opened,
}

/// How long after the cycle's closing something may still be entered.
pub(super) enum Window {
    /// New facts: as many days as the rulebook gives.
    LateEntry,
    /// Corrections and voidings, always with a reason: for good.
    Always,
}

impl<'a> Held<'a> {
    /// The session, for the award office, in time, not cancelled, once its day has come.
    pub(super) fn find(
        session_id: SessionId,
        window: &Window,
        world: &World<'a>,
        context: &Context,
    ) -> Result<Self, Stop> {
        let session = world.session(session_id)?;
        let (cycle_id, plan) = session.plan()?;
        let cycle = world.cycle(cycle_id)?;
        let opened = cycle.opened()?;
        context.actor.permit(context.actor.is_office(&opened.program))?;
        if matches!(window, Window::LateEntry) {
            cycle.late_entry(context)?;
        }
        session.standing()?;
        if context.today(opened.rulebook.time_zone) < plan.on {
            return Err(Refusal::SessionNotHeldYet { on: plan.on }.into());
        }
        Ok(Self { session, plan, cycle, opened })
    }

    /// Refuses a fact that is not dated the session's day.
    pub(super) fn on_the_day(&self, common: &Common, context: &Context) -> Result<(), Refused> {
        context.not_future(common.occurred_on, self.opened.rulebook.time_zone, "/occurred_on")?;
        within(common.occurred_on, Some(self.plan.on), Some(self.plan.on), "/occurred_on")
    }
}
