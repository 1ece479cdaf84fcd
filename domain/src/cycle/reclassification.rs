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

    let steps = moves.iter().map(|one| (Some(&one.from), Some(&one.to)));
    let mut decision = Decision::of(&command.common);
    let change = balance::change(&cycle.counts, steps, &opened.rulebook);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::CycleCommand;
    use crate::cycle::testing::{Pool, actor, class, cycle, day, office, organization, rulebook, today, uscc, waived};
    use crate::forms::annex2::Conclusion;
    use crate::refusal::EntryRefused;
    use crate::rulebook::Strength;

    fn entry(n: u32, to: &str) -> ReclassifyEntry {
        ReclassifyEntry { uscc: uscc(n), to: class(to), grounds: "推广成效".to_owned(), seen: None }
    }

    fn of(entries: Vec<ReclassifyEntry>, common: Common) -> CycleCommand {
        CycleCommand::Reclassify(Reclassify { cycle: cycle(), entries, common })
    }

    fn moves(moves: &[(u32, &str)]) -> CycleCommand {
        of(moves.iter().map(|(n, to)| entry(*n, to)).collect(), today())
    }

    /// Members of these classes, numbered from 1.
    fn members(classes: &[&str]) -> Pool {
        let mut pool = Pool::open();
        for (n, of) in (1..).zip(classes) {
            pool.member(n, of);
        }
        pool
    }

    #[test]
    fn w56_a_move_from_c_to_d_needs_two_more_c_than_d() {
        let mut pool = members(&["C", "C", "D"]);
        assert_eq!(pool.refuses(&moves(&[(1, "D")]), &office()), "balance_violated");
        pool.member(4, "C");
        assert_eq!(pool.accepts(&moves(&[(1, "D")]), &office()), ["OrganizationReclassified"]);
        let counts = &pool.cycle().counts;
        assert_eq!((counts[&class("C")], counts[&class("D")]), (2, 2));
    }

    #[test]
    fn w56_a_swap_is_judged_by_its_net_effect() {
        let mut pool = members(&["C", "D"]);
        assert!(pool.run(&moves(&[(1, "D"), (2, "C")]), &office()).is_ok());
    }

    #[test]
    fn w56_out_of_balance_a_move_that_lessens_the_excess_is_accepted() {
        let mut pool = members(&["D", "D", "D", "C"]);
        assert_eq!(pool.refuses(&moves(&[(4, "D")]), &office()), "balance_violated");
        let decision = pool.run(&moves(&[(1, "C")]), &office()).expect("accepted");
        let change = decision.balance.clone().expect("counts");
        assert_eq!((change.excess_before, change.excess_after), (2, 0));
    }

    #[test]
    fn w55_members_of_a_and_b_do_not_move_not_even_with_a_waiver() {
        let mut pool = members(&["A", "B"]);
        assert_eq!(pool.refuses(&moves(&[(1, "C")]), &office()), "class_not_movable");
        assert_eq!(pool.refuses(&moves(&[(2, "C")]), &office()), "class_not_movable");
        assert_eq!(pool.refuses(&of(vec![entry(1, "C")], waived(today())), &office()), "rule_not_waivable");
    }

    #[test]
    fn w55_to_a_or_b_members_move_only_with_a_waiver() {
        let mut pool = members(&["C"]);
        assert_eq!(pool.refuses(&moves(&[(1, "B")]), &office()), "class_not_movable");
        let decision = pool.run(&of(vec![entry(1, "B")], waived(today())), &office()).expect("accepted");
        assert!(decision.waiver.is_some());
    }

    #[test]
    fn w55_a_target_that_must_be_movable_is_not_waived() {
        let mut rules = rulebook();
        rules.classes.as_mut().expect("classes").movable_to.rule.strength = Strength::Must;
        let mut pool = Pool::under(rules);
        pool.member(1, "C");
        assert_eq!(pool.refuses(&of(vec![entry(1, "B")], waived(today())), &office()), "rule_not_waivable");
    }

    #[test]
    fn every_move_that_fails_is_named() {
        let mut pool = members(&["C", "D"]);
        pool.surveyed(3, Conclusion::BelowA);
        let silent = ReclassifyEntry { grounds: " ".to_owned(), ..entry(2, "C") };
        let stale = ReclassifyEntry { seen: Some("1.1".to_owned()), ..entry(2, "C") };
        let entries = vec![entry(1, "C"), entry(1, "D"), entry(3, "C"), silent];
        let refused = pool.run(&of(entries, today()), &office()).expect_err("refused");
        let Refusal::Batch(entries) = *refused.refusal else { panic!("{refused}") };
        let codes: Vec<_> =
            entries.iter().map(|EntryRefused { index, refused }| (*index, refused.refusal.code())).collect();
        let expected =
            [(0, "class_unchanged"), (1, "duplicate_in_batch"), (2, "not_a_member"), (3, "grounds_required")];
        assert_eq!(codes, expected);
        assert_eq!(pool.refuses(&of(vec![stale], today()), &office()), "stale_version");
        assert_eq!(pool.refuses(&moves(&[(1, "E")]), &office()), "class_unknown");
    }

    #[test]
    fn a_move_is_not_dated_before_the_admission() {
        let mut pool = members(&["C", "C"]);
        let on = |text| of(vec![entry(1, "D")], Common::on(day(text)));
        assert_eq!(pool.refuses(&on("2026-03-09"), &office()), "date_out_of_range");
        assert!(pool.run(&on("2026-03-10"), &office()).is_ok());
        let moved = pool.cycle().member(&organization(1)).expect("a member");
        assert_eq!(moved.classified_on, Some(day("2026-03-10")));
    }

    #[test]
    fn only_the_office_moves_members() {
        let mut pool = members(&["D"]);
        assert_eq!(pool.refuses(&moves(&[(1, "C")]), &actor("district/jinghu")), "not_permitted");
    }
}
