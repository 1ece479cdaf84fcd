//! Choosing: who may be decided on, what was chosen, and what was wrong with it.

use api::problem::document::Document;
use chrono::NaiveDate;
use domain::ids::ClassId;
use projections::roster::RosterRow;
use serde_json::{Value, json};

use super::views::Views;
use crate::day;
use crate::form::{Choice, Fields, in_words};
use crate::pages::frame::{Clause, Frame};
use crate::query::{Query, segment};
use crate::words::{self, filled};

/// Organisations of one page.
pub(super) const PAGE: &str = "100";

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Applicants are admitted, each with its class.
    Admit,
    /// Members are moved between classes.
    Move,
}

impl Kind {
    pub(super) const fn title(self, w: &'static words::Board) -> &'static str {
        match self {
            Self::Admit => w.classify,
            Self::Move => w.reclassify,
        }
    }

    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::Admit => "/board/admissions",
            Self::Move => "/board/moves",
        }
    }

    /// The API's collection of such decisions.
    pub(super) const fn collection(self) -> &'static str {
        match self {
            Self::Admit => "/classifications",
            Self::Move => "/reclassifications",
        }
    }

    /// Which rows of the roster are offered.
    pub(super) fn question(self, query: &Query, frame: &Frame) -> Query {
        let asked = query.clone().only(&["cursor"]).with("sort", "name").with("limit", PAGE);
        match self {
            Self::Admit => asked.with("standing", "applicant").with("stage", "survey_approved"),
            Self::Move => {
                let movable = self.movable_from(frame);
                let from = movable.iter().filter(|class| query.get("from").is_none_or(|from| from == class.as_str()));
                from.fold(asked.with("standing", "member"), |asked, class| asked.and("class", class.as_str()))
            }
        }
    }

    fn movable_from(self, frame: &Frame) -> Vec<ClassId> {
        let classes = frame.classes().filter(|_| self == Self::Move);
        classes.map(|classes| classes.movable_from.classes.clone()).unwrap_or_default()
    }

    /// Whether a row is still one to be decided on.
    fn offers(self, row: &RosterRow, frame: &Frame) -> bool {
        match self {
            Self::Admit => row.stage == domain::cycle::Stage::SurveyApproved,
            Self::Move => {
                row.stage == domain::cycle::Stage::Member
                    && row.class.as_ref().is_some_and(|class| self.movable_from(frame).contains(class))
            }
        }
    }

    /// The classes that may be chosen.
    fn classes(self, row: &RosterRow, frame: &Frame) -> Vec<Choice> {
        let classes = frame.classes();
        let ids: Vec<&ClassId> = match self {
            Self::Admit => classes.into_iter().flat_map(|classes| &classes.list).map(|class| &class.id).collect(),
            Self::Move => classes.into_iter().flat_map(|classes| &classes.movable_to.classes).collect(),
        };
        let other = ids.into_iter().filter(|id| self == Self::Admit || row.class.as_ref() != Some(*id));
        other.map(|id| Choice::new(id.as_str(), frame.class(id.as_str()))).collect()
    }

    /// The rules that the choice is under.
    pub(super) fn clauses(self, frame: &Frame) -> Vec<Clause> {
        let Some(classes) = frame.classes() else { return Vec::new() };
        match self {
            Self::Admit => vec![frame.clause(&classes.rule), frame.clause(&classes.grounds_rule)],
            Self::Move => vec![frame.clause(&classes.movable_from.rule), frame.clause(&classes.movable_to.rule)],
        }
    }
}

/// What was chosen for one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pick {
    pub(super) uscc: String,
    pub(super) to: String,
    pub(super) grounds: String,
    /// The tag of the file that the choice was made on.
    pub(super) seen: Option<String>,
    /// What the page said of the organisation then.
    pub(super) was: String,
}

/// All that was chosen, in the order of the form.
pub(super) fn picks(typed: &Fields) -> Vec<Pick> {
    let chosen = typed.to_keep().filter_map(|(name, to)| Some((name.strip_prefix("to-")?, to)));
    let pick = |(uscc, to): (&str, &str)| Pick {
        uscc: uscc.to_owned(),
        to: to.to_owned(),
        grounds: typed.text(&format!("grounds-{uscc}")),
        seen: typed.filled(&format!("seen-{uscc}")).map(ToOwned::to_owned),
        was: typed.text(&format!("was-{uscc}")),
    };
    chosen.filter(|(_, to)| !to.is_empty()).map(pick).collect()
}

/// The body that the API takes.
pub(super) fn body(kind: Kind, picks: &[Pick], on: NaiveDate) -> Value {
    let entry = |pick: &Pick| {
        let grounds = (!pick.grounds.is_empty()).then_some(pick.grounds.as_str());
        match kind {
            Kind::Admit => json!({ "uscc": pick.uscc, "class": pick.to, "grounds": grounds, "seen": pick.seen }),
            Kind::Move => json!({ "uscc": pick.uscc, "to": pick.to, "grounds": pick.grounds, "seen": pick.seen }),
        }
    };
    json!({ "entries": picks.iter().map(entry).collect::<Vec<_>>(), "occurred_on": on })
}

/// A row to choose in.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) uscc: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) views: Views,
    /// None where it can no longer be decided on.
    pub(super) choices: Vec<Choice>,
    pub(super) to: String,
    pub(super) grounds: String,
    pub(super) seen: String,
    /// What this page says of it, carried along to be compared.
    pub(super) line: String,
    /// What the page said before, where that has changed.
    pub(super) was: Option<String>,
    pub(super) error: Option<String>,
}

impl Row {
    pub(super) fn of(kind: Kind, row: &RosterRow, pick: Option<&Pick>, error: Option<String>, frame: &Frame) -> Self {
        let views = Views::of(row, frame);
        let changed = pick.filter(|pick| pick.seen.as_ref().is_some_and(|seen| *seen != row.tag));
        let offered = kind.offers(row, frame);
        let uscc = row.uscc.to_string();
        Self {
            href: frame.path(&format!("/organizations/{}", segment(&uscc))),
            name: row.name.clone(),
            choices: if offered { kind.classes(row, frame) } else { Vec::new() },
            to: pick.map(|pick| pick.to.clone()).unwrap_or_default(),
            grounds: pick.map(|pick| pick.grounds.clone()).unwrap_or_default(),
            seen: row.tag.clone(),
            line: views.in_line(row, frame),
            was: changed.map(|pick| pick.was.clone()),
            views,
            error,
            uscc,
        }
    }

    pub(super) fn is_chosen(&self, choice: &Choice) -> bool {
        self.to == choice.value
    }
}

/// What is wrong with a choice: said at the top, and where it belongs.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) whole: Vec<String>,
    pub(super) on: Option<String>,
    pub(super) rows: Vec<(String, String)>,
}

impl Faults {
    pub(super) fn is_none(&self) -> bool {
        self.whole.is_empty() && self.on.is_none() && self.rows.is_empty()
    }

    pub(super) fn at(&self, uscc: &str) -> Option<String> {
        self.rows.iter().find(|(found, _)| found == uscc).map(|(_, error)| error.clone())
    }

    /// What the API refused.
    pub(super) fn of(problem: &Document, picks: &[Pick], frame: &Frame) -> Self {
        let mut faults = Self::default();
        let w = words::Board::of(frame.language);
        for error in &problem.errors {
            let index = error.pointer.strip_prefix("/entries/").and_then(|rest| rest.split('/').next()?.parse().ok());
            let row = index.and_then(|index: usize| picks.get(index));
            match row {
                Some(pick) if error.code == "stale_version" => {
                    faults.rows.push((pick.uscc.clone(), w.changed.to_owned()));
                }
                Some(pick) => faults.rows.push((pick.uscc.clone(), error.detail.clone())),
                None if error.pointer == "/occurred_on" => faults.on = Some(error.detail.clone()),
                None => faults.whole.push(error.detail.clone()),
            }
        }
        if problem.status == 412 {
            faults.whole.push(w.stale.to_owned());
        } else if problem.errors.is_empty() || problem.clause.is_some() {
            faults.whole.insert(0, in_words(problem));
        }
        if problem.code == "balance_violated" {
            faults.bounded(picks, frame);
        }
        faults
    }

    /// A bound that would be broken is said at each choice of the bounded class.
    fn bounded(&mut self, picks: &[Pick], frame: &Frame) {
        let w = words::Board::of(frame.language);
        for bound in frame.classes().into_iter().flat_map(|classes| &classes.constraints) {
            let (class, most) = (frame.class(bound.class.as_str()), frame.class(bound.not_above.as_str()));
            for pick in picks.iter().filter(|pick| pick.to == bound.class.as_str()) {
                self.rows.push((pick.uscc.clone(), filled(w.bounded, &[("class", &class), ("most", &most)])));
            }
        }
    }
}

/// The day of the decision.
pub(super) fn on(typed: &Fields) -> Option<NaiveDate> {
    typed.filled("on").and_then(day::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_open_is_not_chosen() {
        let typed =
            Fields::of([("to-1", ""), ("to-2", "C"), ("grounds-2", " 成熟 "), ("seen-2", "3.7"), ("was-2", "x")]);
        let pick = Pick {
            uscc: "2".to_owned(),
            to: "C".to_owned(),
            grounds: "成熟".to_owned(),
            seen: Some("3.7".to_owned()),
            was: "x".to_owned(),
        };
        assert_eq!(picks(&typed), [pick]);
    }
}
