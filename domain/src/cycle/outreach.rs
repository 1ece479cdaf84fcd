//! A log of mobilisation (广泛宣传，动员其积极参加, §三（二）, W-43): what was done to win organisations for the cycle.
//!
//! The guide asks for it and prescribes nothing, so the form is ours. The award office records, and so do district
//! offices and recommending units of the program, each what it did itself.

use crate::actor::Role;
use crate::context::{Context, within};
use crate::cycle::{Cycle, CycleEvent, Opened};
use crate::document::Common;
use crate::fact::{Corrected, FactState, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::Outreach;
use crate::ids::{CycleId, OutreachId};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::register::{EntryId, Register};
use crate::stream::StreamId;
use crate::world::{Decision, Stop, World};

const CLAUSE: &str = "三（二） W-43";
/// The most organisations that one event of it reaches; more is a slip of the pen.
const REACHED_MAX: u32 = 100_000;

/// Records what was done on `common.occurred_on`, before the cycle or in it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordOutreach {
    /// The cycle.
    pub cycle: CycleId,
    /// The new fact's id.
    pub outreach_id: OutreachId,
    /// What was done.
    pub outreach: Outreach,
    /// The day, and papers.
    pub common: Common,
}

/// Replaces what was recorded; by the unit that recorded it, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectOutreach {
    /// The cycle.
    pub cycle: CycleId,
    /// The fact.
    pub outreach_id: OutreachId,
    /// What was done, in full.
    pub outreach: Outreach,
    /// Why it is corrected.
    pub reason: String,
    /// The day, and papers.
    pub common: Common,
}

/// Takes it back; by the unit that recorded it, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidOutreach {
    /// The cycle.
    pub cycle: CycleId,
    /// The fact.
    pub outreach_id: OutreachId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordOutreach, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.opened()?;
    context.actor.permit(mobilises(opened, world.register(&opened.program)?, context))?;
    cycle.running()?;
    cycle.outreach.unused(command.outreach_id, "/outreach_id")?;
    check(&command.outreach, opened, &command.common, context)?;
    let recorded = Recorded { id: command.outreach_id, content: command.outreach.clone() };
    Ok(Decision::of(&command.common).with(StreamId::cycle(&command.cycle), CycleEvent::OutreachRecorded(recorded)))
}

pub(super) fn correct(command: &CorrectOutreach, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.opened()?;
    let version = correctable(cycle, opened, command.outreach_id, context)?.version;
    Refusal::unless_reason(&command.reason, "/reason")?;
    check(&command.outreach, opened, &command.common, context)?;
    let corrected = Corrected {
        id: command.outreach_id,
        replaces_version: version,
        content: command.outreach.clone(),
        reason: command.reason.trim().to_owned(),
    };
    Ok(Decision::of(&command.common).with(StreamId::cycle(&command.cycle), CycleEvent::OutreachCorrected(corrected)))
}

pub(super) fn void(command: &VoidOutreach, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.opened()?;
    correctable(cycle, opened, command.outreach_id, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    opened.permit_waiver(&command.common, context)?;
    context.not_future(command.common.occurred_on, opened.rulebook.time_zone, "/occurred_on")?;
    let voided = Voided { id: command.outreach_id, reason: command.reason.trim().to_owned() };
    Ok(Decision::of(&command.common).with(StreamId::cycle(&command.cycle), CycleEvent::OutreachVoided(voided)))
}

/// Whether the actor's unit is one that mobilises: the award office, or an active district or recommender.
fn mobilises(opened: &Opened, register: &Register, context: &Context) -> bool {
    let unit = &context.actor.unit;
    let entry = match context.actor.role {
        Role::Office => return opened.is_office(context),
        Role::District => unit.parse().ok().map(EntryId::District),
        Role::Recommender => unit.parse().ok().map(EntryId::Recommender),
        Role::Station | Role::Organization | Role::Expert => None,
    };
    entry.is_some_and(|entry| register.entries.get(&entry).is_some_and(|known| known.inactive.is_none()))
}

fn correctable<'c>(
    cycle: &'c Cycle,
    opened: &Opened,
    id: OutreachId,
    context: &Context,
) -> Result<&'c FactState, Refused> {
    cycle.outreach.correctable(id, "outreach", &context.actor, opened.is_office(context))
}

/// The form, and its day: not in the future, and before the cycle's end.
fn check(outreach: &Outreach, opened: &Opened, common: &Common, context: &Context) -> Result<(), Refused> {
    opened.permit_waiver(common, context)?;
    let crowd = outreach.organizations_reached.is_some_and(|reached| reached > REACHED_MAX);
    FormCheck::of("")
        .required("/outreach/title", &outreach.title, 200, CLAUSE)
        .required("/outreach/held_by", &outreach.held_by, 200, CLAUSE)
        .optional("/outreach/audience", outreach.audience.as_deref(), 500, CLAUSE)
        .optional("/outreach/description", outreach.description.as_deref(), 5000, CLAUSE)
        .unless(!crowd, "/outreach/organizations_reached", FieldCode::OutOfRange, CLAUSE)
        .passed()?;
    context.not_future(common.occurred_on, opened.rulebook.time_zone, "/occurred_on")?;
    within(common.occurred_on, None, opened.ends_on.pred_opt(), "/occurred_on")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{Pool, actor, cycle, day, id, office};
    use crate::cycle::{CloseCycle, CycleCommand};
    use crate::register::{Details, Inactive, RegisterEntry};
    use uuid::Uuid;

    fn outreach_id() -> OutreachId {
        OutreachId::new(Uuid::from_u128(1))
    }

    fn briefing() -> Outreach {
        Outreach {
            title: "创奖培育宣讲会".to_owned(),
            held_by: "市工业和信息化局".to_owned(),
            audience: Some("重点产业链企业".to_owned()),
            description: None,
            organizations_reached: Some(60),
        }
    }

    fn recorded_on(on: &str, outreach: Outreach) -> CycleCommand {
        let common = Common::on(day(on));
        CycleCommand::RecordOutreach(RecordOutreach { cycle: cycle(), outreach_id: outreach_id(), outreach, common })
    }

    fn record() -> CycleCommand {
        recorded_on("2026-02-01", briefing())
    }

    fn correct(reason: &str) -> CycleCommand {
        let outreach = Outreach { organizations_reached: Some(65), ..briefing() };
        let (reason, common) = (reason.to_owned(), Common::on(day("2026-02-02")));
        let outreach_id = outreach_id();
        CycleCommand::CorrectOutreach(CorrectOutreach { cycle: cycle(), outreach_id, outreach, reason, common })
    }

    fn void(reason: &str) -> CycleCommand {
        let (reason, common) = (reason.to_owned(), Common::on(day("2026-02-03")));
        CycleCommand::VoidOutreach(VoidOutreach { cycle: cycle(), outreach_id: outreach_id(), reason, common })
    }

    /// A pool whose register knows a district.
    fn pool() -> Pool {
        let mut pool = Pool::open();
        let details = Details::District { name: "镜湖区".to_owned() };
        let entry = RegisterEntry { details, inactive: None };
        pool.registered().entries.insert(EntryId::District(id("jinghu")), entry);
        pool
    }

    #[test]
    fn w43_office_districts_and_recommenders_record_how_they_mobilised() {
        for who in ["office/test-pool", "district/jinghu", "recommender/alpha"] {
            assert_eq!(pool().accepts(&record(), &actor(who)), ["OutreachRecorded"], "{who}");
        }
    }

    #[test]
    fn w43_others_record_no_mobilisation() {
        let others = [
            "office/other",
            "district/nowhere",
            "recommender/nobody",
            "station/east-1",
            "expert/e-1",
            "organization/x",
        ];
        for who in others {
            assert_eq!(pool().refuses(&record(), &actor(who)), "not_permitted", "{who}");
        }
        let mut closed = pool();
        let recommender = EntryId::Recommender(id("alpha"));
        closed.registered().entries.get_mut(&recommender).expect("alpha").inactive = Some(Inactive::Closed);
        assert_eq!(closed.refuses(&record(), &actor("recommender/alpha")), "not_permitted");
    }

    #[test]
    fn w43_mobilisation_may_precede_the_cycle_and_lies_before_its_end_and_not_ahead() {
        assert!(pool().run(&recorded_on("2025-11-01", briefing()), &office()).is_ok(), "before the cycle starts");
        assert!(pool().run(&recorded_on("2026-07-01", briefing()), &office()).is_ok(), "today");
        assert_eq!(pool().refuses(&recorded_on("2026-07-02", briefing()), &office()), "date_in_future");
        let mut later = office();
        later.now = "2028-01-02T04:00:00Z".parse().expect("an instant");
        assert!(pool().run(&recorded_on("2027-12-31", briefing()), &later).is_ok(), "the last day");
        assert_eq!(pool().refuses(&recorded_on("2028-01-01", briefing()), &later), "date_out_of_range");
    }

    #[test]
    fn w43_the_form_is_told_all_that_is_wrong_with_it() {
        let wrong = Outreach {
            title: " ".to_owned(),
            held_by: "局".repeat(201),
            audience: Some("众".repeat(501)),
            description: Some("宣".repeat(5001)),
            organizations_reached: Some(100_001),
        };
        let refused = pool().run(&recorded_on("2026-02-01", wrong), &office()).expect_err("refused");
        let Refusal::ValidationFailed(errors) = *refused.refusal else { panic!("{refused}") };
        let fields = ["title", "held_by", "audience", "description", "organizations_reached"];
        let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, fields.map(|field| format!("/outreach/{field}")));
        let full = Outreach { organizations_reached: Some(100_000), held_by: "局".repeat(200), ..briefing() };
        assert!(pool().run(&recorded_on("2026-02-01", full), &office()).is_ok());
    }

    #[test]
    fn w43_it_is_corrected_and_voided_by_its_unit_or_the_office_with_a_reason() {
        for who in ["recommender/alpha", "office/test-pool"] {
            let mut pool = pool();
            pool.accepts(&record(), &actor("recommender/alpha"));
            assert_eq!(pool.refuses(&record(), &actor("recommender/alpha")), "validation_failed", "an id names one");
            assert_eq!(pool.refuses(&correct("录错"), &actor("recommender/beta")), "not_permitted");
            assert_eq!(pool.refuses(&correct(" "), &actor(who)), "reason_required");
            assert_eq!(pool.accepts(&correct("录错"), &actor(who)), ["OutreachCorrected"]);
            assert_eq!(pool.refuses(&void(""), &actor(who)), "reason_required");
            assert_eq!(pool.refuses(&void("未办"), &actor("recommender/beta")), "not_permitted");
            assert_eq!(pool.accepts(&void("未办"), &actor(who)), ["OutreachVoided"]);
            assert_eq!(pool.refuses(&correct("录错"), &actor(who)), "already_voided");
            assert_eq!(pool.refuses(&void("未办"), &actor(who)), "already_voided");
        }
        assert_eq!(pool().refuses(&correct("录错"), &office()), "not_found");
    }

    #[test]
    fn w43_after_the_closing_it_is_put_right_but_nothing_new_is_recorded() {
        let mut pool = pool();
        pool.accepts(&record(), &office());
        let close = CloseCycle {
            cycle: cycle(),
            applicants: crate::cycle::Applicants::MustBeNone,
            reason: Some("提前结束".to_owned()),
            common: Common::on(day("2026-07-01")),
        };
        pool.accepts(&CycleCommand::Close(close), &office());
        assert_eq!(pool.refuses(&recorded_on("2026-06-01", briefing()), &office()), "cycle_closed");
        assert_eq!(pool.accepts(&correct("录错"), &office()), ["OutreachCorrected"]);
        assert_eq!(pool.accepts(&void("未办"), &office()), ["OutreachVoided"]);
    }
}
