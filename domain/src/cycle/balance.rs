//! The bound between class counts (D类组织数量不超过C类组织数量, §四（二）1, W-56, Q-03).
//!
//! Pure arithmetic on counts of members. A decision is accepted if and only if, for every bound of the
//! rulebook, the excess after it is 0, or smaller than before, or neither of the two counts changed.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use crate::cycle::Counts;
use crate::document::Waiver;
use crate::ids::ClassId;
use crate::refusal::{Refusal, Refused};
use crate::rulebook::{CountConstraint, Rulebook};
use crate::world::BalanceChange;
use serde::{Deserialize, Serialize};

/// The key under which refusals cite the bound.
const RULE: &str = "balance";

/// What a rulebook says of counts: little enough to be kept beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The classes, lowest first.
    pub classes: Vec<ClassId>,
    /// Each class that is bounded, and the class that bounds it.
    pub not_above: Vec<(ClassId, ClassId)>,
    /// Classes that a member may be moved from.
    pub movable_from: Vec<ClassId>,
    /// Classes that it may be moved to.
    pub movable_to: Vec<ClassId>,
}

impl From<&Rulebook> for Bounds {
    fn from(rulebook: &Rulebook) -> Self {
        let Some(classes) = &rulebook.classes else { return Self::default() };
        let bound = |constraint: &CountConstraint| (constraint.class.clone(), constraint.not_above.clone());
        Self {
            classes: rulebook.class_ids(),
            not_above: classes.constraints.iter().map(bound).collect(),
            movable_from: classes.movable_from.classes.clone(),
            movable_to: classes.movable_to.classes.clone(),
        }
    }
}

impl From<&Self> for Bounds {
    fn from(bounds: &Self) -> Self {
        bounds.clone()
    }
}

/// A way back into balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepairingMove {
    /// Reclassify so many members.
    Reclassify {
        /// From this class.
        from: ClassId,
        /// To this class.
        to: ClassId,
        /// How many.
        members: u32,
    },
    /// Admit so many applicants.
    Admit {
        /// To this class.
        class: ClassId,
        /// How many.
        members: u32,
    },
}

impl RepairingMove {
    /// Counts after the whole move.
    #[must_use]
    pub fn apply(&self, counts: &Counts) -> Counts {
        let mut after = counts.clone();
        let (from, to, members) = match self {
            Self::Reclassify { from, to, members } => (Some(from), to, *members),
            Self::Admit { class, members } => (None, class, *members),
        };
        for _ in 0..members {
            moved(&mut after, from, Some(to));
        }
        after
    }
}

/// Moves one member from a class, or from outside, to a class, or outside.
pub(super) fn moved(counts: &mut Counts, from: Option<&ClassId>, to: Option<&ClassId>) {
    if let Some(count) = from.and_then(|class| counts.get_mut(class)) {
        *count = count.saturating_sub(1);
    }
    if let Some(class) = to {
        *counts.entry(class.clone()).or_default() += 1;
    }
}

/// The excess over all bounds: 0 is balance.
#[must_use]
pub fn excess(counts: &Counts, bounds: impl Into<Bounds>) -> u32 {
    over(counts, &bounds.into())
}

/// How many more members each bounded class could take.
#[must_use]
pub fn headroom(counts: &Counts, bounds: impl Into<Bounds>) -> BTreeMap<ClassId, u32> {
    let mut room = BTreeMap::new();
    for (class, not_above) in bounds.into().not_above {
        let more = number(counts, &not_above).saturating_sub(number(counts, &class));
        room.entry(class).and_modify(|least: &mut u32| *least = more.min(*least)).or_insert(more);
    }
    room
}

/// The first bound of the rulebook that forbids to go from `before` to `after`, if any.
#[must_use]
pub fn violated<'r>(before: &Counts, after: &Counts, rulebook: &'r Rulebook) -> Option<&'r CountConstraint> {
    constraints(rulebook).iter().find(|constraint| forbids((&constraint.class, &constraint.not_above), before, after))
}

/// Each single kind of move that the award office could make to put the counts back into balance.
///
/// A move that would break another bound, or needs more members than there are, is not named.
#[must_use]
pub fn repairing_moves(counts: &Counts, bounds: impl Into<Bounds>) -> Vec<RepairingMove> {
    let bounds = bounds.into();
    let mut moves = Vec::new();
    for (class, not_above) in &bounds.not_above {
        let excess = excess_of(counts, class, not_above);
        if excess == 0 {
            continue;
        }
        for from in &bounds.movable_from {
            for to in bounds.movable_to.iter().filter(|to| *to != from) {
                if let Some(gain) = gain((class, not_above), from, to) {
                    let members = excess.div_ceil(gain.get());
                    moves.push(RepairingMove::Reclassify { from: from.clone(), to: to.clone(), members });
                }
            }
        }
        moves.push(RepairingMove::Admit { class: not_above.clone(), members: excess });
    }
    moves.retain(|repair| {
        let enough = match repair {
            RepairingMove::Reclassify { from, members, .. } => number(counts, from) >= *members,
            RepairingMove::Admit { .. } => true,
        };
        let after = repair.apply(counts);
        let forbidden = bounds.not_above.iter().any(|(class, above)| forbids((class, above), counts, &after));
        enough && !forbidden && over(&after, &bounds) < over(counts, &bounds)
    });
    moves
}

/// Whether a bound forbids to go from `before` to `after`.
fn forbids((class, not_above): (&ClassId, &ClassId), before: &Counts, after: &Counts) -> bool {
    let excess = excess_of(after, class, not_above);
    let unchanged = [class, not_above].into_iter().all(|class| number(before, class) == number(after, class));
    excess > 0 && excess >= excess_of(before, class, not_above) && !unchanged
}

/// By how much one member that moves lessens the excess: a move between the two classes counts on both sides.
fn gain((class, not_above): (&ClassId, &ClassId), from: &ClassId, to: &ClassId) -> Option<NonZeroU32> {
    let leaves = u32::from(from == class);
    let supports = u32::from(to == not_above);
    NonZeroU32::new(leaves + supports)
}

/// A member's class before and after a decision; `None` is outside the pool.
pub(super) type Step<'a> = (Option<&'a ClassId>, Option<&'a ClassId>);

/// The counts before and after the steps of one decision, with the excess of both.
pub(super) fn change<'a>(
    before: &Counts,
    steps: impl IntoIterator<Item = Step<'a>>,
    rulebook: &Rulebook,
) -> BalanceChange {
    let mut after = before.clone();
    for (from, to) in steps {
        moved(&mut after, from, to);
    }
    BalanceChange {
        excess_before: excess(before, rulebook),
        excess_after: excess(&after, rulebook),
        before: before.clone(),
        after,
    }
}

/// Holds the bounds for one decision of the award office; a `principle` bound may be waived.
pub(super) fn hold<'w>(
    change: &BalanceChange,
    rulebook: &Rulebook,
    waiver: Option<&'w Waiver>,
) -> Result<Option<&'w Waiver>, Refused> {
    let Some(constraint) = violated(&change.before, &change.after, rulebook) else { return Ok(None) };
    constraint.rule.hold(RULE, false, waiver, true, || Refusal::BalanceViolated {
        before: change.before.clone(),
        after: change.after.clone(),
        excess_before: change.excess_before,
        excess_after: change.excess_after,
    })
}

fn constraints(rulebook: &Rulebook) -> &[CountConstraint] {
    rulebook.classes.as_ref().map_or(&[], |classes| &classes.constraints)
}

fn number(counts: &Counts, class: &ClassId) -> u32 {
    counts.get(class).copied().unwrap_or_default()
}

fn over(counts: &Counts, bounds: &Bounds) -> u32 {
    bounds.not_above.iter().map(|(class, not_above)| excess_of(counts, class, not_above)).sum()
}

fn excess_of(counts: &Counts, class: &ClassId, not_above: &ClassId) -> u32 {
    number(counts, class).saturating_sub(number(counts, not_above))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::testing::{class, rulebook};

    fn counts(c: u32, d: u32) -> Counts {
        [("A", 0), ("B", 0), ("C", c), ("D", d)].map(|(name, n)| (class(name), n)).into()
    }

    fn accepted(before: (u32, u32), after: (u32, u32)) -> bool {
        violated(&counts(before.0, before.1), &counts(after.0, after.1), &rulebook()).is_none()
    }

    #[test]
    fn w56_as_many_d_as_c_is_balance_and_one_more_is_not() {
        assert_eq!(excess(&counts(2, 2), &rulebook()), 0);
        assert_eq!(excess(&counts(2, 3), &rulebook()), 1);
        assert_eq!(headroom(&counts(2, 1), &rulebook()), [(class("D"), 1)].into());
        assert_eq!(headroom(&counts(2, 2), &rulebook()), [(class("D"), 0)].into());
        assert_eq!(headroom(&counts(2, 3), &rulebook()), [(class("D"), 0)].into());
    }

    #[test]
    fn w56_a_d_is_admitted_up_to_the_number_of_c_and_not_above() {
        assert!(accepted((2, 1), (2, 2)));
        assert!(!accepted((2, 2), (2, 3)));
    }

    #[test]
    fn w56_a_move_from_c_to_d_needs_room_on_both_sides() {
        assert!(accepted((4, 2), (3, 3)), "D+1 = C-1");
        assert!(!accepted((3, 2), (2, 3)), "one D fewer than C is not enough");
    }

    #[test]
    fn w56_out_of_balance_only_a_smaller_excess_or_untouched_counts_are_accepted() {
        assert!(accepted((1, 4), (1, 3)));
        assert!(accepted((1, 4), (2, 3)));
        assert!(accepted((1, 4), (1, 4)), "admitting A and B goes on");
        assert!(!accepted((1, 4), (2, 5)), "the same excess at other counts");
        assert!(!accepted((1, 4), (1, 5)));
    }

    #[test]
    fn w56_a_program_without_bounds_accepts_everything() {
        let mut without = rulebook();
        without.classes = None;
        assert_eq!(violated(&counts(0, 0), &counts(0, 9), &without), None);
        assert_eq!(excess(&counts(0, 9), &without), 0);
        assert!(repairing_moves(&counts(0, 9), &without).is_empty());
    }

    #[test]
    fn w56_the_repairing_moves_of_an_odd_excess_are_named() {
        let (c, d) = (class("C"), class("D"));
        assert_eq!(
            repairing_moves(&counts(1, 4), &rulebook()),
            [
                RepairingMove::Reclassify { from: d, to: c.clone(), members: 2 },
                RepairingMove::Admit { class: c, members: 3 },
            ]
        );
        assert!(repairing_moves(&counts(4, 4), &rulebook()).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn w56_every_repairing_move_is_accepted_and_ends_in_balance(c in 0_u32..30, d in 0_u32..30) {
            let before = counts(c, d);
            let rulebook = rulebook();
            let moves = repairing_moves(&before, &rulebook);
            proptest::prop_assert_eq!(moves.is_empty(), d <= c);
            for repair in moves {
                let after = repair.apply(&before);
                proptest::prop_assert_eq!(excess(&after, &rulebook), 0);
                proptest::prop_assert_eq!(violated(&before, &after, &rulebook), None);
            }
        }
    }
}
