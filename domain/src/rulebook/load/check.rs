//! The sense of a rulebook: every id refers to something, every sum and bound fits.

use std::collections::BTreeSet;
use std::fmt::Display;

use crate::ids::ClassId;
use crate::rulebook::load::Mistake;
use crate::rulebook::{Classes, Kind, Proof, Rulebook, ScoreSheet, Teaching, TeachingDue};

/// The longest cycle that is taken for meant, in months.
const MONTHS_MAX: u32 = 120;
/// The longest stretch of days or years that is taken for meant; keeps dates inside the calendar.
const DAYS_MAX: u32 = 3650;
const YEARS_MAX: i32 = 100;

/// Everything that does not make sense; empty for a good rulebook.
pub(super) fn sense(rulebook: &Rulebook) -> Vec<Mistake> {
    let mut found = Found::default();
    if rulebook.sources.is_empty() {
        found.add("sources", "names no source");
    }
    found.within("batch_limit", &rulebook.batch_limit, &1, &1000);
    found.within("cycle.months", &rulebook.cycle.months, &1, &MONTHS_MAX);
    found.within("cycle.late_entry_days", &rulebook.cycle.late_entry_days, &0, &DAYS_MAX);
    if let Some(visits) = &rulebook.visits {
        found.within("visits.interval_days", &visits.interval_days, &1, &DAYS_MAX);
    }
    recommenders(rulebook, &mut found);
    conditions(rulebook, &mut found);
    kinds("incidents.kinds", &rulebook.incidents.kinds, &mut found);
    kinds("expert_kinds", &rulebook.expert_kinds, &mut found);
    kinds("activity_kinds", &rulebook.activity_kinds, &mut found);
    if let Some(list) = &rulebook.classes {
        classes(list, rulebook, &mut found);
    }
    if let Some(teaching) = &rulebook.teaching {
        teaching_kinds(teaching, &rulebook.class_ids(), &mut found);
    }
    if let Some(sheet) = &rulebook.scores {
        scores(sheet, &mut found);
    }
    found.0
}

fn recommenders(rulebook: &Rulebook, found: &mut Found) {
    let recommenders = &rulebook.recommenders;
    kinds("recommenders.kinds", &recommenders.kinds, found);
    if rulebook.steps.recommendation && recommenders.kinds.is_empty() {
        found.add("recommenders.kinds", "is empty, though steps.recommendation asks for one");
    }
    if let Some(quota) = &recommenders.quota {
        if quota.limit == 0 {
            found.add("recommenders.quota.limit", "is 0; leave the quota out where nobody recommends");
        }
        if !rulebook.steps.recommendation {
            found.add("recommenders.quota", "bounds recommendations, though steps.recommendation is false");
        }
    }
}

fn conditions(rulebook: &Rulebook, found: &mut Found) {
    unique("conditions", rulebook.conditions.iter().map(|c| &c.id), found);
    // 0 bars nobody: a program without a look-back.
    let look_back = rulebook.incidents.look_back_years;
    found.within("incidents.look_back_years", &look_back, &0, &YEARS_MAX);
    for (index, condition) in rulebook.conditions.iter().enumerate() {
        let key = format!("conditions[{index}].proof.years");
        match condition.proof {
            Proof::LicenceHeld { years }
            | Proof::ModelAndCertificate { years }
            | Proof::NoFailedSpotCheck { years } => found.within(&key, &years, &1, &YEARS_MAX),
            Proof::NoIncident { years } => {
                found.within(&key, &years, &1, &YEARS_MAX);
                if years != look_back {
                    found.add(&key, format!("is {years}, but incidents.look_back_years is {look_back}"));
                }
            }
            Proof::NoOtherBreach | Proof::NoCriminalRecord | Proof::Document => {}
        }
    }
}

fn classes(classes: &Classes, rulebook: &Rulebook, found: &mut Found) {
    let ids = rulebook.class_ids();
    if ids.is_empty() {
        found.add("classes.list", "is empty; leave classes out where the program has none");
    }
    unique("classes.list", ids.iter(), found);
    known_classes("classes.movable_from.classes", &classes.movable_from.classes, &ids, found);
    known_classes("classes.movable_to.classes", &classes.movable_to.classes, &ids, found);
    for (index, constraint) in classes.constraints.iter().enumerate() {
        let key = format!("classes.constraints[{index}]");
        found.known(&format!("{key}.class"), "class", &constraint.class, &ids);
        found.known(&format!("{key}.not_above"), "class", &constraint.not_above, &ids);
        if constraint.class == constraint.not_above {
            found.add(&key, format!("bounds class {} by itself", constraint.class));
        }
    }
    for (index, class) in classes.list.iter().enumerate() {
        if let Some(due) = &class.teaching {
            teaching_due(&format!("classes.list[{index}].teaching"), &class.id, due, rulebook, found);
        }
    }
}

/// What a class is owed: a kind that is meant for it, for known audiences, in a year that the cycle has.
fn teaching_due(key: &str, class: &ClassId, due: &TeachingDue, rulebook: &Rulebook, found: &mut Found) {
    let years = rulebook.cycle.months.div_ceil(12);
    found.within(&format!("{key}.year"), &due.year, &1, &years);
    let Some(teaching) = &rulebook.teaching else {
        found.add(key, "owes teaching, but the rulebook has no [teaching]");
        return;
    };
    let kinds: Vec<_> = teaching.kinds.iter().map(|k| k.id.clone()).collect();
    found.known(&format!("{key}.kind"), "teaching kind", &due.kind, &kinds);
    if rulebook.teaching_kind(&due.kind).is_some_and(|kind| !kind.classes.contains(class)) {
        found.add(&format!("{key}.kind"), format!("`{}` is not meant for class {class}", due.kind));
    }
    let audiences: Vec<_> = teaching.audiences.iter().map(|a| a.id.clone()).collect();
    for (index, audience) in due.audiences.iter().enumerate() {
        found.known(&format!("{key}.audiences[{index}]"), "audience", audience, &audiences);
    }
    unique(&format!("{key}.audiences"), due.audiences.iter(), found);
}

fn teaching_kinds(teaching: &Teaching, classes: &[ClassId], found: &mut Found) {
    unique("teaching.kinds", teaching.kinds.iter().map(|k| &k.id), found);
    kinds("teaching.audiences", &teaching.audiences, found);
    for (index, kind) in teaching.kinds.iter().enumerate() {
        known_classes(&format!("teaching.kinds[{index}].classes"), &kind.classes, classes, found);
    }
}

fn scores(sheet: &ScoreSheet, found: &mut Found) {
    unique("scores.categories", sheet.categories.iter().map(|c| &c.id), found);
    for (index, category) in sheet.categories.iter().enumerate() {
        if category.points == 0 {
            found.add(&format!("scores.categories[{index}].points"), "is 0");
        }
    }
    let sum: u64 = sheet.categories.iter().map(|c| u64::from(c.points)).sum();
    if sum != u64::from(sheet.total) {
        found.add("scores.total", format!("is {}, but the categories sum to {sum}", sheet.total));
    }
}

fn known_classes(key: &str, named: &[ClassId], ids: &[ClassId], found: &mut Found) {
    for (index, class) in named.iter().enumerate() {
        found.known(&format!("{key}[{index}]"), "class", class, ids);
    }
    unique(key, named.iter(), found);
}

fn kinds<I: Ord + Display>(key: &str, kinds: &[Kind<I>], found: &mut Found) {
    unique(key, kinds.iter().map(|k| &k.id), found);
}

/// Ids that stand in a list once.
fn unique<'a, I: Ord + Display + 'a>(key: &str, ids: impl Iterator<Item = &'a I>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            found.add(&format!("{key}[{index}]"), format!("`{id}` stands in this list twice"));
        }
    }
}

/// The mistakes found so far.
#[derive(Default)]
struct Found(Vec<Mistake>);

impl Found {
    fn add(&mut self, key: &str, reason: impl Into<String>) {
        self.0.push(Mistake { key: key.to_owned(), line: None, reason: reason.into() });
    }

    fn within<N: PartialOrd + Display>(&mut self, key: &str, value: &N, from: &N, to: &N) {
        if value < from || value > to {
            self.add(key, format!("is {value}; it lies between {from} and {to}"));
        }
    }

    fn known<I: PartialEq + Display>(&mut self, key: &str, what: &str, id: &I, ids: &[I]) {
        if !ids.contains(id) {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            self.add(key, format!("`{id}` is no {what} of this rulebook; it has {}", ids.join(", ")));
        }
    }
}
