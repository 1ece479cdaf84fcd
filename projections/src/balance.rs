//! The balance between class counts (D类组织数量不超过C类组织数量, §四（二）1, W-56): kept by the roster beside the
//! counts of each cycle. The arithmetic is the domain's.

use domain::cycle::Counts;
use domain::cycle::balance::{self, Bounds, RepairingMove};
use domain::ids::{ClassId, CycleId};
use serde::{Deserialize, Serialize};
use store::{Db, StoreError};
use utoipa::ToSchema;

use crate::roster;

/// How a cycle's class counts stand to the bounds of its rulebook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Balance {
    /// Members per class, every class of the rulebook.
    #[schema(value_type = std::collections::BTreeMap<String, u32>)]
    pub counts: Counts,
    /// How many more members each bounded class could take.
    #[schema(value_type = std::collections::BTreeMap<String, u32>)]
    pub headroom: Counts,
    /// By how much the counts are beyond the bounds; 0 is balance.
    pub excess: u32,
    /// Each single kind of move that would bring the counts back; none in balance.
    pub moves: Vec<Repair>,
}

/// A way back into balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "move", rename_all = "snake_case")]
pub enum Repair {
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

impl From<RepairingMove> for Repair {
    fn from(repair: RepairingMove) -> Self {
        match repair {
            RepairingMove::Reclassify { from, to, members } => Self::Reclassify { from, to, members },
            RepairingMove::Admit { class, members } => Self::Admit { class, members },
        }
    }
}

impl Balance {
    /// The balance of these counts within these bounds.
    #[must_use]
    pub fn of(counts: Counts, bounds: &Bounds) -> Self {
        Self {
            headroom: balance::headroom(&counts, bounds),
            excess: balance::excess(&counts, bounds),
            moves: balance::repairing_moves(&counts, bounds).into_iter().map(Repair::from).collect(),
            counts,
        }
    }
}

/// The balance of a cycle.
pub async fn get(db: &Db, cycle: &CycleId) -> Result<Option<Balance>, StoreError> {
    Ok(roster::tally(db, cycle).await?.map(|(tally, _)| tally.balance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{class, rulebook};

    fn of(c: u32, d: u32) -> Balance {
        let counts = [("A", 0), ("B", 0), ("C", c), ("D", d)].map(|(name, n)| (class(name), n));
        Balance::of(counts.into(), &Bounds::from(&rulebook()))
    }

    #[test]
    fn w56_in_balance_there_is_nothing_to_repair() {
        let balance = of(2, 2);
        assert_eq!((balance.excess, balance.moves.as_slice()), (0, [].as_slice()));
        assert_eq!(balance.headroom, [(class("D"), 0)].into());
        assert_eq!(of(3, 1).headroom, [(class("D"), 2)].into());
    }

    #[test]
    fn w56_out_of_balance_the_repairing_moves_are_named() {
        let balance = of(1, 3);
        assert_eq!(balance.excess, 2);
        let reclassify = Repair::Reclassify { from: class("D"), to: class("C"), members: 1 };
        assert!(balance.moves.contains(&reclassify), "{:?}", balance.moves);
        assert!(balance.moves.contains(&Repair::Admit { class: class("C"), members: 2 }), "{:?}", balance.moves);
    }
}
