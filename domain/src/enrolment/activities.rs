//! Activities (群众性质量提升活动、技能培训及竞赛, §四（四）, W-72) of an organisation in the pool.

use crate::actor::{Actor, Role};
use crate::context::Context;
use crate::document::Common;
use crate::enrolment::EnrolmentEvent;
use crate::enrolment::subject::Subject;
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::Activity;
use crate::ids::{ActivityId, CycleId};
use crate::refusal::{FieldCode, Refusal, Refused};
use crate::rulebook::Rulebook;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// The most participants of one activity; more is a slip of the pen.
const PARTICIPANTS_MAX: u32 = 10_000_000;

/// Records an activity of `common.occurred_on`; by the organisation or a station responsible for it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordActivity {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The new activity's id.
    pub activity_id: ActivityId,
    /// What it was.
    pub activity: Activity,
    /// The day of the activity, and papers.
    pub common: Common,
}

/// Replaces what was recorded; by the unit that recorded it, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectActivity {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The activity.
    pub activity_id: ActivityId,
    /// What it was, in full.
    pub activity: Activity,
    /// Why it is corrected.
    pub reason: String,
    /// The day of the activity, and papers.
    pub common: Common,
}

/// Takes an activity back; by the unit that recorded it, or by the award office.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidActivity {
    /// The cycle.
    pub cycle: CycleId,
    /// A number of the organisation.
    pub uscc: Uscc,
    /// The activity.
    pub activity_id: ActivityId,
    /// Why.
    pub reason: String,
    /// Day and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordActivity, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    permit_recording(&subject, world, &context.actor)?;
    subject.cycle.late_entry(context)?;
    subject.enrolment(world)?.activities.unused(command.activity_id, "/activity_id")?;
    check(&command.activity, &subject.opened.rulebook)?;
    subject.day_of_membership(command.common.occurred_on, context)?;

    let recorded = Recorded { id: command.activity_id, content: command.activity.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::ActivityRecorded(recorded)))
}

pub(super) fn correct(command: &CorrectActivity, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let activities = &subject.enrolment(world)?.activities;
    let version = subject.correctable(activities, command.activity_id, "activity", &context.actor)?.version;
    Refusal::unless_reason(&command.reason, "/reason")?;
    check(&command.activity, &subject.opened.rulebook)?;
    subject.day_of_membership(command.common.occurred_on, context)?;

    let corrected = Corrected {
        id: command.activity_id,
        replaces_version: version,
        content: command.activity.clone(),
        reason: command.reason.clone(),
    };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::ActivityCorrected(corrected)))
}

pub(super) fn void(command: &VoidActivity, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let subject = Subject::read(world, &command.cycle, &command.uscc)?;
    let activities = &subject.enrolment(world)?.activities;
    subject.correctable(activities, command.activity_id, "activity", &context.actor)?;
    subject.voiding(&command.reason, &command.common, context)?;

    let voided = Voided { id: command.activity_id, reason: command.reason.clone() };
    Ok(Decision::of(&command.common).with(subject.stream(), EnrolmentEvent::ActivityVoided(voided)))
}

fn permit_recording<'a>(subject: &Subject<'a>, world: &World<'a>, actor: &Actor) -> Result<(), Stop> {
    if actor.role == Role::Station {
        subject.responsible_station(world, actor)?;
        return Ok(());
    }
    Ok(actor.permit(subject.is_organization(actor))?)
}

fn check(activity: &Activity, rulebook: &Rulebook) -> Result<(), Refused> {
    let known = rulebook.activity_kinds.iter().any(|k| k.id == activity.kind);
    let crowd = activity.participants.is_some_and(|p| p > PARTICIPANTS_MAX);
    FormCheck::of("")
        .unless(known, "/activity/kind", FieldCode::NotOneOf, "四（四） W-72")
        .required("/activity/title", &activity.title, 200, "四（四） W-72")
        .optional("/activity/description", activity.description.as_deref(), 5000, "四（四） W-72")
        .unless(!crowd, "/activity/participants", FieldCode::OutOfRange, "四（四） W-72")
        .passed()
}

#[cfg(test)]
mod tests;
