//! How many stand how, members per class, and the balance of the classes: one row per cycle, kept by the fold.
//!
//! The rules that it takes are in the row too, so that neither a page nor a balance reads the rulebook.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Rulebook;
use domain::cycle::balance::Bounds;
use domain::cycle::{Counts, CycleEvent};
use domain::ids::{ClassId, CycleId, ProgramId, TeachingKindId};
use serde::{Deserialize, Serialize};
use store::sql::Sql;
use store::{Db, Rows, StoreError};
use utoipa::ToSchema;

use crate::NAMES;
use crate::balance::Balance;
use crate::roster::{Kept, Roster, RosterRow, Standing};

/// The files of a cycle, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Census {
    /// Applicants.
    pub applicants: u32,
    /// Members.
    pub members: u32,
    /// Former ones.
    pub former: u32,
    /// Members per class; an answer lists every class of the rulebook.
    #[schema(value_type = BTreeMap<String, u32>)]
    pub classes: Counts,
}

/// What a cycle adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Its files, counted.
    pub census: Census,
    /// How its class counts stand to their bounds.
    pub balance: Balance,
    /// What its files need of its rules; none where it was never opened.
    pub rules: Option<Rules>,
}

/// What files need of the rules of their cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What each of its files keeps of them.
    #[serde(flatten)]
    pub file: FileRules,
    /// The bounds of its class counts.
    pub bounds: Bounds,
    /// The teaching that each class is due.
    pub teaching: BTreeMap<ClassId, Due>,
}

/// What a file keeps of the rules of its cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRules {
    /// The program.
    pub program: ProgramId,
    /// First day of the cycle.
    pub starts_on: NaiveDate,
    /// Days between two follow-up visits, where the program has visits.
    pub visit_interval_days: Option<u32>,
}

/// Teaching that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The kind.
    pub kind: TeachingKindId,
    /// The year of the cycle, from 1.
    pub year: u32,
}

/// How a file counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    standing: Standing,
    class: Option<ClassId>,
}

impl Counted {
    pub(super) fn of(row: &RosterRow) -> Self {
        Self { standing: row.standing, class: row.class.clone() }
    }
}

/// Where what a cycle adds up to is kept.
pub(super) fn key(cycle: &str) -> String {
    format!("census/{cycle}")
}

/// Takes the rules of a cycle that is opened.
pub(super) fn open(rows: &mut Rows<Roster>, cycle: &str, opened: &CycleEvent) {
    let CycleEvent::CycleOpened { program, starts_on, rulebook, .. } = opened else { return };
    let file = FileRules {
        program: program.clone(),
        starts_on: *starts_on,
        visit_interval_days: rulebook.visits.as_ref().map(|visits| visits.interval_days),
    };
    let rules = Rules { file, bounds: Bounds::from(rulebook.as_ref()), teaching: teaching(rulebook) };
    change(rows, cycle, |tally| tally.rules = Some(rules));
}

fn teaching(rulebook: &Rulebook) -> BTreeMap<ClassId, Due> {
    let classes = rulebook.classes.iter().flat_map(|classes| &classes.list);
    let due = classes.filter_map(|class| {
        let teaching = class.teaching.as_ref()?;
        Some((class.id.clone(), Due { kind: teaching.kind.clone(), year: teaching.year }))
    });
    due.collect()
}

fn rules_of<'r>(rows: &'r Rows<Roster>, cycle: &str) -> Option<&'r Rules> {
    match rows.get(&key(cycle)) {
        Some(Kept::Cycle(tally)) => tally.rules.as_ref(),
        Some(_) | None => None,
    }
}

/// What a file keeps of the rules of its cycle.
pub(super) fn rules(rows: &Rows<Roster>, cycle: &str) -> Option<FileRules> {
    rules_of(rows, cycle).map(|rules| rules.file.clone())
}

/// The teaching that a class is due.
pub(super) fn due(rows: &Rows<Roster>, cycle: &str, class: &ClassId) -> Option<Due> {
    rules_of(rows, cycle)?.teaching.get(class).cloned()
}

/// A file counts otherwise than before; `None` before it was there.
pub(super) fn count(rows: &mut Rows<Roster>, cycle: &str, before: Option<Counted>, after: Counted) {
    if before.as_ref() == Some(&after) {
        return;
    }
    change(rows, cycle, |tally| {
        if let Some(before) = before {
            let (files, members) = tally.census.places(before);
            *files = files.saturating_sub(1);
            if let Some(members) = members {
                *members = members.saturating_sub(1);
            }
        }
        let (files, members) = tally.census.places(after);
        *files += 1;
        if let Some(members) = members {
            *members += 1;
        }
    });
}

fn change(rows: &mut Rows<Roster>, cycle: &str, how: impl FnOnce(&mut Tally)) {
    let key = key(cycle);
    let mut tally = match rows.remove(&key) {
        Some(Kept::Cycle(tally)) => tally,
        Some(_) | None => Box::default(),
    };
    how(&mut tally);
    tally.settle();
    rows.put(key, Kept::Cycle(tally));
}

impl Census {
    /// The counts that a file is among: those of its standing and, if it is a member, of its class.
    fn places(&mut self, counted: Counted) -> (&mut u32, Option<&mut u32>) {
        let Counted { standing, class } = counted;
        match standing {
            Standing::Applicant => (&mut self.applicants, None),
            Standing::Member => (&mut self.members, class.map(|class| self.classes.entry(class).or_default())),
            Standing::Former => (&mut self.former, None),
        }
    }
}

impl Tally {
    /// Sets what follows from the counts: every class of the rulebook has one, others only where there are members.
    fn settle(&mut self) {
        let none = Bounds::default();
        let bounds = self.rules.as_ref().map_or(&none, |rules| &rules.bounds);
        let classes = &mut self.census.classes;
        classes.retain(|class, members| *members > 0 || bounds.classes.contains(class));
        for class in &bounds.classes {
            classes.entry(class.clone()).or_default();
        }
        self.balance = Balance::of(classes.clone(), bounds);
    }
}

/// What a cycle adds up to, and the position that all read models show at least, in one statement; none where it was
/// never opened.
pub async fn tally(db: &Db, cycle: &CycleId) -> Result<Option<(Tally, u64)>, StoreError> {
    let mut sql = Sql::default();
    select(&mut sql, cycle);
    let mut found = sql.triples(db).await?;
    let position = shown(&mut found);
    let Some((_, body, _)) = found.pop() else { return Ok(None) };
    let kept: Kept = serde_json::from_str(&body)?;
    Ok(kept.into_tally().filter(|tally| tally.rules.is_some()).map(|tally| (tally, position)))
}

/// The position that all read models show at least.
pub(super) async fn position(db: &Db) -> Result<u64, StoreError> {
    let mut sql = Sql::default();
    sql.select_position(NAMES.iter().copied());
    Ok(sql.texts(db).await?.first().and_then(|position| position.parse().ok()).unwrap_or_default())
}

/// Adds a select of the row of what a cycle adds up to, then of the position shown.
pub(super) fn select(sql: &mut Sql, cycle: &CycleId) {
    sql.push("SELECT key, body, station FROM roster WHERE key = ").bind(key(cycle.as_str()));
    sql.push(" UNION ALL SELECT 'position', (").select_position(NAMES.iter().copied()).push("), NULL");
}

/// The position shown, which comes last.
pub(super) fn shown(found: &mut Vec<(String, String, Option<String>)>) -> u64 {
    found.pop().and_then(|(_, position, _)| position.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::roster::File;

    /// The files of a cycle, counted one by one.
    pub(in crate::roster) fn counted<'f>(files: impl Iterator<Item = &'f File>, classes: &[ClassId]) -> Census {
        let classes = classes.iter().map(|class| (class.clone(), 0)).collect();
        let mut census = Census { classes, ..Census::default() };
        for file in files {
            match file.row().standing {
                Standing::Applicant => census.applicants += 1,
                Standing::Member => {
                    census.members += 1;
                    if let Some(class) = &file.row().class {
                        *census.classes.entry(class.clone()).or_default() += 1;
                    }
                }
                Standing::Former => census.former += 1,
            }
        }
        census
    }
}
