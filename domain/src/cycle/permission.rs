//! Who may decide in a cycle: the award office for most, and alone with a waiver.

use crate::context::Context;
use crate::cycle::{Cycle, Opened};
use crate::document::Common;
use crate::refusal::Refused;

impl Opened {
    /// Whether the award office of the cycle's program acts.
    pub(crate) fn is_office(&self, context: &Context) -> bool {
        context.actor.is_office(&self.program)
    }

    /// Refuses a waiver that somebody else than the award office gives.
    pub(crate) fn permit_waiver(&self, common: &Common, context: &Context) -> Result<(), Refused> {
        context.actor.permit(common.waiver.is_none() || self.is_office(context))
    }
}

impl Cycle {
    /// The running cycle, as the award office decides in it on a day that is not in the future.
    pub(crate) fn as_office(&self, common: &Common, context: &Context) -> Result<&Opened, Refused> {
        context.actor.permit(self.opened()?.is_office(context))?;
        self.at_work(common, context)
    }

    /// The running cycle, on a day that is not in the future. Whoever acts was permitted before.
    pub(crate) fn at_work(&self, common: &Common, context: &Context) -> Result<&Opened, Refused> {
        self.opened()?.permit_waiver(common, context)?;
        let opened = self.running()?;
        context.not_future(common.occurred_on, opened.rulebook.time_zone, "/occurred_on")?;
        Ok(opened)
    }
}
