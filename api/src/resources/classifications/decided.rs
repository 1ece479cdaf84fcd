//! What a batch of class decisions comes to, decided or only tried.

use domain::cycle::Counts;
use domain::ids::{ClassId, CycleId, OrganizationId};
use domain::world::BalanceChange;
use domain::{Command, Uscc};
use projections::organizations;
use projections::roster::{self, File, RosterRow};
use serde::{Deserialize, Serialize};
use store::Shown;
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
    let target = Target::Cycle(cycle.clone());
    if dry_run {
        let decision = api.rehearse(commanding, &target, command).await?;
        let balance = decision.balance.map(CountsChange::from);
        let entries = entries(api, cycle, classes, &Shown::default()).await?;
        let answer = Answered::new(ClassesDecided { dry_run, balance, entries }, Vec::new());
        return Ok(answer.tagged(cycles::tag(api, cycle).await?));
    }
    let done = api.run(commanding, &target, command, Vec::new()).await?;
    let balance = done.committed.balance.clone().map(CountsChange::from);
    let entries = entries(api, cycle, classes, &done.committed.shown).await?;
    let answer = answered(&done, ClassesDecided { dry_run, balance, entries });
    Ok(answer.tagged(cycles::tag(api, cycle).await?))
}

/// The organisations as they now stand: as they were just written, else by two statements, however many they are.
async fn entries(
    api: &Api,
    cycle: &CycleId,
    classes: Vec<(Uscc, Option<ClassId>)>,
    shown: &Shown,
) -> Result<Vec<DecidedEntry>, Problem> {
    let first = |uscc: &Uscc| OrganizationId::first_registered(uscc.clone());
    let written = classes.iter().map(|(uscc, _)| roster::shown(shown, cycle, &first(uscc)));
    let files = match written.collect::<Result<Option<Vec<File>>, _>>()? {
        Some(files) => files,
        None => read(api, cycle, classes.iter().map(|(uscc, _)| uscc.clone()).collect()).await?,
    };
    let entry = |(file, (_, class)): (File, (Uscc, Option<ClassId>))| {
        let tag = tag_at(file.versions());
        let RosterRow { organization, uscc, name, .. } = file.into_row();
        DecidedEntry { organization, uscc, name, class, tag }
    };
    Ok(files.into_iter().zip(classes).map(entry).collect())
}

/// The files that numbers name, in their order.
async fn read(api: &Api, cycle: &CycleId, numbers: Vec<Uscc>) -> Result<Vec<File>, Problem> {
    let db = api.app().store().db();
    let resolved = organizations::resolve_all(db, &numbers).await?;
    let files = roster::files(db, cycle, resolved.values()).await?;
    let file = |number: &Uscc| {
        let organization = resolved.get(number).ok_or_else(|| Problem::not_found("organization"))?;
        files.get(organization).cloned().ok_or_else(|| Problem::not_found("enrolment"))
    };
    numbers.iter().map(file).collect()
}
