//! The day of a fact about a member: inside its membership (§四（四）).
//!
//! Visits, activities and requests for help all obey this one check; self-evaluations and incidents have days of
//! their own. A former member's facts are still taken, as long as they lie inside its membership.

use chrono::NaiveDate;

use crate::context::{Context, within};
use crate::enrolment::subject::Subject;
use crate::refusal::{Refusal, Refused};

impl Subject<'_> {
    /// Refuses a day in the future, before the cycle starts, or outside the membership.
    pub(crate) fn day_of_membership(&self, day: NaiveDate, context: &Context) -> Result<(), Refused> {
        context.not_future(day, self.opened.rulebook.time_zone, "/occurred_on")?;
        let admitted_on = self.admitted_on()?;
        if day < self.opened.starts_on {
            return Err(Refusal::CycleNotStarted { starts_on: self.opened.starts_on }.into());
        }
        within(day, Some(admitted_on), self.entry.ended_on, "/occurred_on")
    }

    /// The day of admission; refuses an organisation that never was a member in this cycle.
    pub(crate) fn admitted_on(&self) -> Result<NaiveDate, Refused> {
        self.entry.admitted_on.ok_or_else(|| {
            let standing = self.entry.standing.name();
            Refusal::NotAMember { organization: self.id.clone(), standing }.into()
        })
    }
}
