//! Who attended a session: one fact per organisation, recorded in batches (W-68 … W-70).

use std::collections::BTreeSet;

use crate::context::Context;
use crate::document::{Common, Waiver};
use crate::fact::{Corrected, Recorded, Voided};
use crate::forms::check::FormCheck;
use crate::forms::facts::Attendance;
use crate::ids::{AttendanceId, AudienceId, OrganizationId, SessionId};
use crate::refusal::{EntryRefused, FieldCode, Refusal};
use crate::session::SessionEvent;
use crate::session::fit::Fit;
use crate::session::held::{Held, Window};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// The most audiences of one organisation.
const AUDIENCES_MAX: usize = 20;
/// The most people of one organisation.
const PARTICIPANTS_MAX: u32 = 100_000;

/// One organisation's attendance, as it is handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct AttendanceEntry {
    /// The fact.
    pub attendance_id: AttendanceId,
    /// The organisation, by any of its numbers.
    pub uscc: Uscc,
    /// Who came, of the rulebook's audiences.
    pub audiences: Vec<AudienceId>,
    /// How many came.
    pub participants: u32,
}

/// Record who attended. The award office does, once the day has come; all or nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordAttendance {
    /// The session.
    pub session_id: SessionId,
    /// The organisations.
    pub entries: Vec<AttendanceEntry>,
    /// The session's day, papers, and the waiver for audiences out of the rule.
    pub common: Common,
}

/// Replace one attendance by a whole new one. The award office does, also after the cycle was closed.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectAttendance {
    /// The session.
    pub session_id: SessionId,
    /// The fact, and what it says from now on.
    pub entry: AttendanceEntry,
    /// Why.
    pub reason: String,
    /// The session's day, papers, and the waiver for audiences out of the rule.
    pub common: Common,
}

/// Void one attendance. The award office does, also after the cycle was closed.
#[derive(Debug, Clone, PartialEq)]
pub struct VoidAttendance {
    /// The session.
    pub session_id: SessionId,
    /// The fact.
    pub attendance_id: AttendanceId,
    /// Why.
    pub reason: String,
    /// The day of this decision, and papers.
    pub common: Common,
}

pub(super) fn record(command: &RecordAttendance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let held = Held::find(command.session_id, &Window::LateEntry, world, context)?;
    held.on_the_day(&command.common, context)?;
    let (limit, actual) = (held.opened.rulebook.batch_limit, command.entries.len());
    if actual == 0 || actual > limit {
        return Err(Refusal::BatchSize { limit, actual }.into());
    }

    let mut decision = Decision::of(&command.common);
    let mut refused = Vec::new();
    let mut ids = BTreeSet::new();
    let mut present: BTreeSet<_> = held.session.attending().map(|(_, organization)| organization.clone()).collect();
    for (index, entry) in command.entries.iter().enumerate() {
        let root = format!("/entries/{index}");
        let is_new = held.session.attendance.get(entry.attendance_id).is_none() && ids.insert(entry.attendance_id);
        let outcome = if is_new {
            attend(entry, &root, &held, &present, command.common.waiver.as_ref(), world)
        } else {
            Err(Refusal::field(format!("{root}/attendance_id"), FieldCode::Exclusive, "").into())
        };
        match outcome {
            Ok((fact, waiver)) => {
                present.insert(fact.organization.clone());
                decision.waived(waiver);
                let recorded = Recorded { id: entry.attendance_id, content: fact };
                decision.push(StreamId::session(command.session_id), SessionEvent::AttendanceRecorded(recorded));
            }
            Err(Stop::Refused(reason)) => refused.push(EntryRefused { index, refused: reason }),
            Err(Stop::Missing(stream)) => return Err(Stop::Missing(stream)),
        }
    }
    if !refused.is_empty() {
        return Err(Refusal::Batch(refused).into());
    }
    let attending = u32::try_from(present.len()).unwrap_or(u32::MAX);
    match held.plan.capacity {
        Some(capacity) if attending > capacity => Err(Refusal::SessionFull { capacity, actual: attending }.into()),
        Some(_) | None => Ok(decision),
    }
}

pub(super) fn correct(command: &CorrectAttendance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let held = Held::find(command.session_id, &Window::Always, world, context)?;
    let id = command.entry.attendance_id;
    let replaced = held.session.attendance.correctable(id, "attendance", &context.actor, true)?;
    held.on_the_day(&command.common, context)?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    let others = held.session.attending().filter(|(other, _)| *other != id);
    let present = others.map(|(_, organization)| organization.clone()).collect();
    let (fact, waiver) = attend(&command.entry, "", &held, &present, command.common.waiver.as_ref(), world)?;
    let mut decision = Decision::of(&command.common);
    decision.waived(waiver);
    let corrected = Corrected { id, replaces_version: replaced.version, content: fact, reason: command.reason.clone() };
    decision.push(StreamId::session(command.session_id), SessionEvent::AttendanceCorrected(corrected));
    Ok(decision)
}

pub(super) fn void(command: &VoidAttendance, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let held = Held::find(command.session_id, &Window::Always, world, context)?;
    held.session.attendance.correctable(command.attendance_id, "attendance", &context.actor, true)?;
    context.not_future(command.common.occurred_on, held.opened.rulebook.time_zone, "/occurred_on")?;
    Refusal::unless_reason(&command.reason, "/reason")?;
    let voided = Voided { id: command.attendance_id, reason: command.reason.clone() };
    Ok(Decision::of(&command.common)
        .with(StreamId::session(command.session_id), SessionEvent::AttendanceVoided(voided)))
}

/// What is recorded of one entry: the organisation has a file in the cycle and is not among `present`, and the
/// audiences are its class's. Members that are not owed this teaching, and guests, are `extra` (W-68 … W-70).
fn attend<'w>(
    entry: &AttendanceEntry,
    root: &str,
    held: &Held<'w>,
    present: &BTreeSet<OrganizationId>,
    waiver: Option<&'w Waiver>,
    world: &World<'_>,
) -> Result<(Attendance, Option<&'w Waiver>), Stop> {
    let fit = Fit::of(held.opened, &held.plan.kind, waiver);
    let mut form = FormCheck::of("");
    form.list(&format!("{root}/audiences"), &entry.audiences, AUDIENCES_MAX, "四（三） W-70");
    for (index, audience) in entry.audiences.iter().enumerate() {
        let known = fit.as_ref().is_some_and(|fit| fit.knows(audience));
        form.unless(known, &format!("{root}/audiences/{index}"), FieldCode::NotOneOf, "四（三） W-70");
    }
    let counted = (1..=PARTICIPANTS_MAX).contains(&entry.participants);
    form.unless(counted, &format!("{root}/participants"), FieldCode::OutOfRange, "");
    form.passed()?;

    let organization = world.resolve(&entry.uscc)?;
    let Some(file) = held.cycle.entries.get(&organization) else {
        let (pointer, id) = (format!("{root}/uscc"), entry.uscc.to_string());
        return Err(Refusal::UnknownReference { pointer, kind: "organization", id }.into());
    };
    if present.contains(&organization) {
        return Err(Refusal::DuplicateInBatch { organization: entry.uscc.clone() }.into());
    }
    let owed = fit.filter(|fit| fit.owed(file, held.plan.on));
    let used = match &owed {
        Some(fit) => fit.audiences(&entry.audiences, file.class.as_ref())?,
        None => None,
    };
    let (audiences, participants) = (entry.audiences.clone(), entry.participants);
    Ok((Attendance { organization, audiences, participants, extra: owed.is_none() }, used))
}
