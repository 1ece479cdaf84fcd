//! Moving members between classes (C、D两类组织可…在孵化期间调整分类, §四（二）1, W-55).

use crate::context::Context;
use crate::cycle::batch::{self, BatchEntry};
use crate::cycle::{CycleEvent, Entry, Opened, balance};
use crate::document::{Common, Waiver};
use crate::ids::{ClassId, CycleId, OrganizationId};
use crate::refusal::{Refusal, Refused};
use crate::rulebook::{ClassSet, Classes};
use crate::stream::StreamId;
use crate::uscc::Uscc;
use crate::world::{Decision, Stop, World};

/// One member to be moved.
#[derive(Debug, Clone, PartialEq)]
pub struct ReclassifyEntry {
    /// The member.
    pub uscc: Uscc,
    /// Its new class.
    pub to: ClassId,
    /// Why.
    pub grounds: String,
    /// The tag of the file that the decision rests on.
    pub seen: Option<String>,
}

impl BatchEntry for ReclassifyEntry {
    fn uscc(&self) -> &Uscc {
        &self.uscc
    }

    fn seen(&self) -> Option<&str> {
        self.seen.as_deref()
    }
}

/// Moves members between classes, all or none (lifecycle 17; §四（二）1, W-55, W-56, Q-04).
///
/// The award office. The classes that may be left are the source's words; those that may be entered are our
/// reading. The bounds between class counts hold for what the batch does as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Reclassify {
    /// The cycle.
    pub cycle: CycleId,
    /// The members.
    pub entries: Vec<ReclassifyEntry>,
    /// Day, papers, waiver.
    pub common: Common,
}

/// An entry that passed.
struct Move<'w> {
    organization: OrganizationId,
    from: ClassId,
    to: ClassId,
    grounds: String,
    waived: Option<&'w Waiver>,
}

pub(super) fn reclassify(command: &Reclassify, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
    let cycle = world.cycle(&command.cycle)?;
    let opened = cycle.as_office(&command.common, context)?;
    let moves = batch::decide_each(&command.entries, (cycle, opened), world, |entry, id, known| {
        cycle.member(id)?;
        Ok(decide_move(entry, id, (opened, known), &command.common)?)
    })?;

    let mut after = cycle.counts.clone();
    for one in &moves {
        balance::moved(&mut after, Some(&one.from), Some(&one.to));
    }
    let mut decision = Decision::of(&command.common);
    let change = balance::change(&cycle.counts, after, &opened.rulebook);
    decision.waived(balance::hold(&change, &opened.rulebook, command.common.waiver.as_ref())?);
    decision.balance = Some(change);
    for Move { organization, from, to, grounds, waived } in moves {
        decision.waived(waived);
        let event = CycleEvent::OrganizationReclassified { organization, from, to, grounds };
        decision.push(StreamId::cycle(&command.cycle), event);
    }
    Ok(decision)
}

/// Judges one entry; pointers of refusals are relative to it.
fn decide_move<'w>(
    entry: &ReclassifyEntry,
    id: &OrganizationId,
    (opened, known): (&Opened, &Entry),
    common: &'w Common,
) -> Result<Move<'w>, Refused> {
    let (classes, from) = movable(&entry.to, (opened, known))?;
    known.follows(common.occurred_on)?;
    if *from == entry.to {
        return Err(Refusal::ClassUnchanged { class: entry.to.clone() }.into());
    }
    if entry.grounds.trim().is_empty() {
        return Err(Refusal::GroundsRequired { station: None, office: Some(entry.to.clone()) }.into());
    }
    let waiver = common.waiver.as_ref();
    let left = hold_movable("movable_from", &classes.movable_from, from, waiver)?;
    let entered = hold_movable("movable_to", &classes.movable_to, &entry.to, waiver)?;
    Ok(Move {
        organization: id.clone(),
        from: from.clone(),
        to: entry.to.clone(),
        grounds: entry.grounds.trim().to_owned(),
        waived: left.or(entered),
    })
}

/// The program's classes and the member's own, where the class that it is to have is one of the program.
pub(super) fn movable<'a>(
    to: &ClassId,
    (opened, known): (&'a Opened, &'a Entry),
) -> Result<(&'a Classes, &'a ClassId), Refused> {
    match (&opened.rulebook.classes, &known.class) {
        (Some(classes), Some(from)) if opened.rulebook.class(to).is_some() => Ok((classes, from)),
        _ => Err(Refusal::ClassUnknown { class: to.clone(), known: opened.rulebook.class_ids() }.into()),
    }
}

fn hold_movable<'w>(
    key: &str,
    set: &ClassSet,
    class: &ClassId,
    waiver: Option<&'w Waiver>,
) -> Result<Option<&'w Waiver>, Refused> {
    set.rule.hold(key, set.classes.contains(class), waiver, true, || Refusal::ClassNotMovable {
        class: class.clone(),
        movable: set.classes.clone(),
    })
}
