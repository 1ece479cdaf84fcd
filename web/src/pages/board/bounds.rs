//! The bounds between class counts (D ≤ C), as they are drawn, and the moves that repair them: the API's answer, in words.

use domain::cycle::Counts;
use projections::balance::{Balance, Repair};

use crate::pages::frame::{Clause, Frame};
use crate::words::{self, filled};

/// A bound, drawn large.
#[derive(Debug)]
pub(in crate::pages) struct Bound {
    pub(in crate::pages) class: String,
    pub(in crate::pages) members: u32,
    pub(in crate::pages) not_above: String,
    pub(in crate::pages) most: u32,
    pub(in crate::pages) holds: bool,
    pub(in crate::pages) sign: &'static str,
    pub(in crate::pages) sign_words: &'static str,
    pub(in crate::pages) says: String,
    pub(in crate::pages) clauses: Vec<Clause>,
}

impl Bound {
    /// Each bound of the rulebook, at these counts.
    pub(in crate::pages) fn all(counts: &Counts, frame: &Frame) -> Vec<Self> {
        let w = words::Board::of(frame.language);
        let constraints = frame.classes().into_iter().flat_map(|classes| &classes.constraints);
        let bound = |constraint: &domain::rulebook::CountConstraint| {
            let of = |class| counts.get(class).copied().unwrap_or_default();
            let (members, most) = (of(&constraint.class), of(&constraint.not_above));
            let holds = members <= most;
            let class = frame.class(constraint.class.as_str());
            let by = members.abs_diff(most).to_string();
            Self {
                says: filled(if holds { w.holds } else { w.broken }, &[("n", &by), ("class", &class)]),
                class,
                members,
                not_above: frame.class(constraint.not_above.as_str()),
                most,
                holds,
                sign: if holds { "≤" } else { ">" },
                sign_words: if holds { w.at_most } else { w.above },
                clauses: vec![frame.clause(&constraint.rule)],
            }
        };
        constraints.map(bound).collect()
    }
}

/// A way back into balance: its words, and the page where it is done, for who may.
pub(in crate::pages) fn repairs(balance: &Balance, frame: &Frame, decides: bool) -> Vec<(String, Option<String>)> {
    let w = words::Board::of(frame.language);
    let repair = |repair: &Repair| {
        let (text, place) = match repair {
            Repair::Reclassify { from, to, members } => {
                let (from_class, to_class) = (frame.class(from.as_str()), frame.class(to.as_str()));
                let places = [("n", members.to_string()), ("from", from_class), ("to", to_class)];
                (put(w.repair_move, &places), format!("/board/moves?from={from}"))
            }
            Repair::Admit { class, members } => {
                let places = [("n", members.to_string()), ("to", frame.class(class.as_str()))];
                (put(w.repair_admit, &places), "/board/admissions".to_owned())
            }
        };
        (text, decides.then(|| frame.path(&place)))
    };
    balance.moves.iter().map(repair).collect()
}

fn put(text: &str, places: &[(&str, String)]) -> String {
    let places: Vec<_> = places.iter().map(|(place, with)| (*place, with.as_str())).collect();
    filled(text, &places)
}
