//! The recommenders' quota (原则上每个推荐单位每个孵化周期内推荐不超过2个组织, §三（二）, W-41, Q-01).

use crate::context::Context;
use crate::cycle::{Cycle, CycleEvent, Opened, Places};
use crate::document::{Common, Waiver};
use crate::ids::{CycleId, RecommenderId};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::register::{EntryId, Register};
use crate::rulebook::Strength;
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

/// The key under which refusals cite the quota.
const RULE: &str = "quota";

impl Cycle {
    /// The places of a recommender, with those of all that were merged into it.
    #[must_use]
    pub fn places_of(&self, recommender: &RecommenderId, register: &Register) -> Places {
        let merged = register.merged_with(recommender);
        merged.iter().filter_map(|one| self.places.get(one)).fold(Places::default(), |sum, one| Places {
            used: sum.used.saturating_add(one.used),
            extra: sum.extra.saturating_add(one.extra),
        })
    }
}

/// Holds the quota for one more place; the award office may waive it, as the rule is a `principle`.
pub(super) fn hold_place<'w>(
    opened: &Opened,
    recommender: &RecommenderId,
    places: &Places,
    waiver: Option<&'w Waiver>,
    by_office: bool,
) -> Result<Option<&'w Waiver>, Refused> {
    let Some(quota) = &opened.rulebook.recommenders.quota else { return Ok(None) };
    let limit = quota.limit.saturating_add(places.extra);
    quota.rule.hold(RULE, places.used < limit, waiver, by_office, || Refusal::QuotaExceeded {
        recommender: recommender.clone(),
        limit,
        used: places.used,
    })
}

/// Grants a recommender extra places in a cycle. The award office, with a reason.
#[derive(Debug, Clone, PartialEq)]
pub struct WaiveQuota {
    /// The cycle.
    pub cycle: CycleId,
    /// Who is granted them.
    pub recommender: RecommenderId,
    /// How many; at least one.
    pub extra: u32,
    /// Why.
    pub reason: String,
    /// Day, papers, waiver.
    pub common: Common,
}

pub(super) fn waive_quota(command: &WaiveQuota, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let opened = world.cycle(&command.cycle)?.as_office(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    if command.extra == 0 {
        return Err(Refusal::field("/extra", FieldCode::OutOfRange, "三（二）").into());
    }
    let register = world.register(&opened.program)?;
    register.active(&EntryId::Recommender(command.recommender.clone()), "/recommender")?;
    match &opened.rulebook.recommenders.quota {
        Some(quota) if quota.rule.strength == Strength::Principle => {}
        Some(quota) => return Err(Refusal::RuleNotWaivable.by(RULE, &quota.rule).into()),
        None => return Err(Refusal::RuleNotWaivable.into()),
    }
    let granted = CycleEvent::QuotaWaived {
        recommender: command.recommender.clone(),
        extra: command.extra,
        reason: command.reason.trim().to_owned(),
    };
    Ok(Decision::of(&command.common).with(StreamId::cycle(&command.cycle), granted))
}
