//! The cycle (孵化周期): everything that compares its organisations with one another.
//!
//! It holds the recommenders' quota (W-41), the bound between class counts (W-56), which classes move (W-55),
//! and who is an applicant, a member or former. It never holds a form.
//!
//! ```text
//!  (none) ── applied ── nominated ── member ── completed | removed | withdrawn | ended
//!               │           │           ↑ rescinded ↲
//!               └─ withdrawn └─ declined | withdrawn | ended | lapsed
//! ```

pub mod balance;
mod batch;
mod classification;
mod classification_correction;
mod closing;
mod conditions;
mod decline;
mod ending;
mod event;
mod evolve;
mod extension;
mod intake;
#[cfg(test)]
mod invariants;
mod nomination;
mod nomination_correction;
mod opening;
mod outreach;
mod paper_intake;
mod permission;
mod quota;
mod reclassification;
mod removal;
mod rescission;
mod stage;
mod tag;
#[cfg(test)]
pub(crate) mod testing;
mod withdrawal;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::context::{Context, within};
use crate::fact::Facts;
use crate::ids::{ClassId, CycleId, IncidentId, OrganizationId, OutreachId, ProgramId, RecommenderId, SessionId};
use crate::refusal::{Refusal, Refused};
use crate::rulebook::Rulebook;
use crate::world::{Decision, Stop, World};

pub use classification::{Classify, ClassifyEntry};
pub use classification_correction::CorrectClassification;
pub use closing::{Applicants, CloseCycle};
pub use decline::Decline;
pub use ending::EndFile;
pub use event::{CycleEvent, DeclineGrounds, EndGround};
pub use extension::ExtendCycle;
pub use intake::SetIntake;
pub use nomination::Nominate;
pub use nomination_correction::CorrectNomination;
pub use opening::OpenCycle;
pub use outreach::{CorrectOutreach, RecordOutreach, VoidOutreach};
pub use paper_intake::NominateOnPaper;
pub use quota::WaiveQuota;
pub use reclassification::{Reclassify, ReclassifyEntry};
pub use removal::Remove;
pub use rescission::RescindRemoval;
pub use stage::{Stage, stage};
pub use tag::{file_tag, tag_text};
pub use withdrawal::Withdraw;

/// Members per class; every class of the rulebook has an entry, in the rulebook's order of ids.
pub type Counts = BTreeMap<ClassId, u32>;

/// Why and how a file stopped being live.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, strum::IntoStaticStr, strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Withdrawn before any survey was filed; a fresh start in the same cycle is possible.
    WithdrawnEarly,
    /// Withdrawn after a survey was filed, or as a member.
    Withdrawn,
    /// Declined by the award office.
    Declined,
    /// Removed after a major incident.
    Removed,
    /// Ended: dissolved or no longer registered in the city.
    Ended,
    /// A member when the cycle closed.
    Completed,
    /// An applicant when the cycle closed.
    Lapsed,
}

/// How an organisation stands in the cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Has applied; no recommendation yet.
    Applied,
    /// Nominated, not yet admitted.
    Nominated,
    /// Admitted, not ended.
    Member,
    /// No longer live.
    Former(Outcome),
}

impl Standing {
    /// `applicant`, `member` or `former`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Applied | Self::Nominated => "applicant",
            Self::Member => "member",
            Self::Former(_) => "former",
        }
    }
}

/// What the cycle knows of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// How it stands.
    pub standing: Standing,
    /// Fresh starts in this cycle, from 1.
    pub attempt: u32,
    /// Who nominated it, and so whose place it uses; none before that, and once the place was freed.
    pub recommender: Option<RecommenderId>,
    /// Its class; kept after the membership ended.
    pub class: Option<ClassId>,
    /// The day of the class decision in force: a correction counts from it.
    pub classified_on: Option<NaiveDate>,
    /// The day of admission, from the first decision on.
    pub admitted_on: Option<NaiveDate>,
    /// The day that the membership or file ended on.
    pub ended_on: Option<NaiveDate>,
    /// The incident of the removal in force, if any.
    pub removed_for: Option<IncidentId>,
    /// The day of the last decision on it; the next one is not dated before.
    pub last_decision_on: NaiveDate,
    /// The cycle's version at which this entry last changed: half of the file's `ETag`.
    pub changed_at: u64,
}

/// One recommender's places in the cycle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Places used.
    pub used: u32,
    /// Extra places granted by the award office.
    pub extra: u32,
}

/// The state of a cycle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cycle {
    /// Set by the opening.
    pub opened: Option<Opened>,
    /// Organisations by id.
    pub entries: BTreeMap<OrganizationId, Entry>,
    /// Members per class.
    pub counts: Counts,
    /// Places per recommender, as nominated; mergers are added up by the rule, not here.
    pub places: BTreeMap<RecommenderId, Places>,
    /// What was done to mobilise organisations.
    pub outreach: Facts<OutreachId>,
    /// Sessions booked and not cancelled, with their day.
    pub sessions: BTreeMap<SessionId, NaiveDate>,
    /// Set by the closing.
    pub closed_on: Option<NaiveDate>,
}

/// What the opening of a cycle fixes.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The cycle.
    pub cycle: CycleId,
    /// Its program.
    pub program: ProgramId,
    /// First day.
    pub starts_on: NaiveDate,
    /// The day after the last; extensions move it.
    pub ends_on: NaiveDate,
    /// Intake window, either end open.
    pub intake: Intake,
    /// The rules in force.
    pub rulebook: Arc<Rulebook>,
}

/// The days on which applications are taken; an open end is `None` (Q-27).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
}

/// A text that says something, without the blanks around it.
fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

impl Entry {
    /// Refuses a decision dated before the last one on this organisation.
    pub(crate) fn follows(&self, occurred_on: NaiveDate) -> Result<(), Refused> {
        within(occurred_on, Some(self.last_decision_on), None, "/occurred_on")
    }
}

impl Cycle {
    /// What the opening fixed; refuses where the cycle does not exist.
    pub fn opened(&self) -> Result<&Opened, Refused> {
        self.opened.as_ref().ok_or_else(|| Refusal::NotFound { resource: "cycle" }.into())
    }

    /// The same, and refuses where the cycle has been closed.
    pub fn running(&self) -> Result<&Opened, Refused> {
        let opened = self.opened()?;
        if self.closed_on.is_some() {
            return Err(Refusal::CycleClosed { cycle: opened.cycle.clone() }.into());
        }
        Ok(opened)
    }

    /// Refuses new facts once the days for late entries have run out after the closing (§四（四）). Corrections have no
    /// such end: a mistake may be found late.
    pub fn late_entry(&self, context: &Context) -> Result<(), Refused> {
        let opened = self.opened()?;
        let rules = &opened.rulebook.cycle;
        let last_day = self.closed_on.and_then(|day| day.checked_add_days(Days::new(rules.late_entry_days.into())));
        if last_day.is_some_and(|last| context.today(opened.rulebook.time_zone) > last) {
            let closed = Refusal::CycleClosed { cycle: opened.cycle.clone() };
            return Err(closed.by("late_entry", &rules.late_entry_rule));
        }
        Ok(())
    }

    /// What the cycle knows of an organisation; refuses where it has no file here.
    pub fn entry(&self, organization: &OrganizationId) -> Result<&Entry, Refused> {
        self.entries.get(organization).ok_or_else(|| Refusal::NotFound { resource: "enrolment" }.into())
    }

    /// The entry of a member; refuses for anybody else.
    pub fn member(&self, organization: &OrganizationId) -> Result<&Entry, Refused> {
        let entry = self.entry(organization)?;
        match entry.standing {
            Standing::Member => Ok(entry),
            Standing::Applied | Standing::Nominated | Standing::Former(_) => {
                Err(Refusal::NotAMember { organization: organization.clone(), standing: entry.standing.name() }.into())
            }
        }
    }
}

/// Commands of this stream.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant holds the command that it is named after")]
pub enum CycleCommand {
    Open(OpenCycle),
    SetIntake(SetIntake),
    Extend(ExtendCycle),
    RecordOutreach(RecordOutreach),
    CorrectOutreach(CorrectOutreach),
    VoidOutreach(VoidOutreach),
    WaiveQuota(WaiveQuota),
    Nominate(Nominate),
    NominateOnPaper(Box<NominateOnPaper>),
    CorrectNomination(CorrectNomination),
    Withdraw(Withdraw),
    Decline(Decline),
    Classify(Classify),
    Reclassify(Reclassify),
    CorrectClassification(CorrectClassification),
    Remove(Remove),
    RescindRemoval(RescindRemoval),
    EndFile(EndFile),
    Close(CloseCycle),
}

impl CycleCommand {
    /// Decides on the world as it stands.
    pub fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::Open(command) => opening::open(command, world, context),
            Self::SetIntake(command) => intake::set_intake(command, world, context),
            Self::Extend(command) => extension::extend(command, world, context),
            Self::RecordOutreach(command) => outreach::record(command, world, context),
            Self::CorrectOutreach(command) => outreach::correct(command, world, context),
            Self::VoidOutreach(command) => outreach::void(command, world, context),
            Self::WaiveQuota(command) => quota::waive_quota(command, world, context),
            Self::Nominate(command) => nomination::nominate(command, world, context),
            Self::NominateOnPaper(command) => paper_intake::nominate_on_paper(command, world, context),
            Self::CorrectNomination(command) => nomination_correction::correct_nomination(command, world, context),
            Self::Withdraw(command) => withdrawal::withdraw(command, world, context),
            Self::Decline(command) => decline::decline(command, world, context),
            Self::Classify(command) => classification::classify(command, world, context),
            Self::Reclassify(command) => reclassification::reclassify(command, world, context),
            Self::CorrectClassification(command) => {
                classification_correction::correct_classification(command, world, context)
            }
            Self::Remove(command) => removal::remove(command, world, context),
            Self::RescindRemoval(command) => rescission::rescind_removal(command, world, context),
            Self::EndFile(command) => ending::end_file(command, world, context),
            Self::Close(command) => closing::close(command, world, context),
        }
    }
}
