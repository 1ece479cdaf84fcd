//! What a batch of class decisions comes to, decided or only tried.

use domain::cycle::Counts;
use domain::ids::{ClassId, CycleId, OrganizationId};
use domain::world::BalanceChange;
use domain::{Command, Uscc};
use projections::organizations;
use projections::roster::{self, File, RosterRow};
use serde::{Deserialize, Serialize};
use store::{Db, Shown};
use utoipa::ToSchema;

use crate::answer::Answered;
use crate::headers::{Commanding, Tag};
use crate::problem::Problem;
use crate::resources::cycles;
use crate::resources::enrolments::tag_at;
use crate::state::{Api, Target, answered};

/// A batch of class decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClassesDecided {
    /// Whether it was only tried; then nothing was appended.
    pub dry_run: bool,
    /// Class counts before and after.
    pub balance: Option<CountsChange>,
    /// The organisations, in the order of the request.
    pub entries: Vec<DecidedEntry>,
}

/// Class counts before and after a decision, and by how much they are beyond the bounds (W-56).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountsChange {
    /// Members per class before.
    #[schema(value_type = BTreeMap<String, u32>)]
    pub before: Counts,
    /// Members per class after.
    #[schema(value_type = BTreeMap<String, u32>)]
    pub after: Counts,
    /// Excess before; 0 is balance.
    pub excess_before: u32,
    /// Excess after.
    pub excess_after: u32,
}

/// One organisation of the batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedEntry {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// The class decided, or that would be.
    pub class: Option<ClassId>,
    /// The tag of the file as it now stands.
    pub tag: Tag,
}

impl From<BalanceChange> for CountsChange {
    fn from(change: BalanceChange) -> Self {
        let BalanceChange { before, after, excess_before, excess_after } = change;
        Self { before, after, excess_before, excess_after }
    }
}

/// Runs a batch, or only decides it. The answer carries the tag of the cycle, as it is addressed to.
pub(super) async fn decide(
    api: &Api,
    commanding: Commanding,
    cycle: &CycleId,
    (command, dry_run): (Command, bool),
    classes: Vec<(Uscc, Option<ClassId>)>,
) -> Result<Answered<ClassesDecided>, Problem> {
    // Entries carry what they have seen in the command itself, each by its `seen`.
    let target = Target::Entries(cycle.clone(), Vec::new());
    if dry_run {
        let decision = api.rehearse(commanding, &target, command).await?;
        let balance = decision.balance.map(CountsChange::from);
        let files = read(api.app().store().db(), cycle, &classes).await?;
        let entries = entries(files, classes);
        let answer = Answered::new(ClassesDecided { dry_run, balance, entries }, Vec::new());
        return Ok(answer.tagged(cycles::tag(api, cycle).await?));
    }
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    let balance = done.committed.balance.clone().map(CountsChange::from);
    let files = match written(&done.committed.shown, cycle, &classes) {
        Some(files) => files,
        None => read(&api.after(&done).await?, cycle, &classes).await?,
    };
    let answer = answered(&done, ClassesDecided { dry_run, balance, entries: entries(files, classes) });
    Ok(answer.tagged(cycles::tag_after(api, cycle, &done).await?))
}

/// The organisations of the request, each with its file.
fn entries(files: Vec<File>, classes: Vec<(Uscc, Option<ClassId>)>) -> Vec<DecidedEntry> {
    let entry = |(file, (_, class)): (File, (Uscc, Option<ClassId>))| {
        let tag = tag_at(file.versions());
        let RosterRow { organization, uscc, name, .. } = file.into_row();
        DecidedEntry { organization, uscc, name, class, tag }
    };
    files.into_iter().zip(classes).map(entry).collect()
}

/// The files of the request as they were just written; none where one of them was not, or has another number now.
fn written(shown: &Shown, cycle: &CycleId, classes: &[(Uscc, Option<ClassId>)]) -> Option<Vec<File>> {
    let file = |(uscc, _): &(Uscc, Option<ClassId>)| {
        let file = roster::shown(shown, cycle, &OrganizationId::first_registered(uscc.clone()))?;
        (file.row().uscc == *uscc).then_some(file)
    };
    classes.iter().map(file).collect()
}

/// The files of the request: two statements, however many they are.
async fn read(db: &Db, cycle: &CycleId, classes: &[(Uscc, Option<ClassId>)]) -> Result<Vec<File>, Problem> {
    let numbers: Vec<Uscc> = classes.iter().map(|(uscc, _)| uscc.clone()).collect();
    let resolved = organizations::resolve_all(db, &numbers).await?;
    let files = roster::files(db, cycle, resolved.values()).await?;
    let file = |number: &Uscc| {
        let organization = resolved.get(number).ok_or_else(|| Problem::not_found("organization"))?;
        files.get(organization).cloned().ok_or_else(|| Problem::not_found("enrolment"))
    };
    numbers.iter().map(file).collect()
}
