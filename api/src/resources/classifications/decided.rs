//! What a batch of class decisions comes to, decided or only tried.

use domain::cycle::Counts;
use domain::ids::{ClassId, CycleId, OrganizationId};
use domain::world::BalanceChange;
use domain::{Command, Uscc};
use projections::{organizations, roster};
use serde::{Deserialize, Serialize};
use store::Db;
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
        let entries = entries(api.app().store().db(), cycle, classes).await?;
        let answer = Answered::new(ClassesDecided { dry_run, balance, entries }, Vec::new());
        return Ok(answer.tagged(cycles::tag(api, cycle).await?));
    }
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    let balance = done.committed.balance.clone().map(CountsChange::from);
    let entries = entries(&api.after(&done).await?, cycle, classes).await?;
    let answer = answered(&done, ClassesDecided { dry_run, balance, entries });
    Ok(answer.tagged(cycles::tag(api, cycle).await?))
}

/// The organisations as they now stand: two statements, however many they are.
async fn entries(
    db: &Db,
    cycle: &CycleId,
    classes: Vec<(Uscc, Option<ClassId>)>,
) -> Result<Vec<DecidedEntry>, Problem> {
    let numbers: Vec<Uscc> = classes.iter().map(|(uscc, _)| uscc.clone()).collect();
    let resolved = organizations::resolve_all(db, &numbers).await?;
    let files = roster::files(db, cycle, resolved.values()).await?;
    let mut entries = Vec::with_capacity(classes.len());
    for (uscc, class) in classes {
        let organization = resolved.get(&uscc).ok_or_else(|| Problem::not_found("organization"))?;
        let file = files.get(organization).ok_or_else(|| Problem::not_found("enrolment"))?;
        let (row, tag) = (file.row(), tag_at(file.versions()));
        entries.push(DecidedEntry {
            organization: organization.clone(),
            uscc: row.uscc.clone(),
            name: row.name.clone(),
            class,
            tag,
        });
    }
    Ok(entries)
}
