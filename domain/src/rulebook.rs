//! The rules of a program as data (规则集): one TOML file, each rule with its clause and strength.
//!
//! The rules in force are copied into the event that opens a cycle, so a later edit of the file never
//! changes the past. Classes, teaching kinds, incident kinds and the like are ids from here, never enums
//! in code. What no source says is marked `ours`.

pub mod load;

use std::collections::BTreeMap;

use chrono::FixedOffset;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::document::Waiver;
use crate::ids::{
    ActivityKindId, AudienceId, ClassId, ConditionId, ExpertKindId, IncidentKindId, ProgramId, RecommenderKindId,
    ScoreCategoryId, TeachingKindId,
};
use crate::refusal::{Refusal, Refused};

pub use load::{Mistake, RulebookError};

/// The files that come with the program: name and text.
const EMBEDDED: [(&str, &str); 2] = [
    ("wuhu-incubation.toml", include_str!("../rulebooks/wuhu-incubation.toml")),
    ("hangzhou-cultivation.toml", include_str!("../rulebooks/hangzhou-cultivation.toml")),
];

/// How a document words a rule: 应、不得 (`must`) or 原则上 (`principle`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Cannot be waived.
    Must,
    /// The award office may waive it with a written reason.
    Principle,
}

/// One rule's origin: where it stands, in whose words, how strong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The clause, e.g. `三（二）`; for a rule of ours, the clause that it fills in.
    pub clause: String,
    /// The words of the source, or ours where `ours` is set.
    pub text: String,
    /// Whether it may be waived.
    pub strength: Strength,
    /// Set where the sources do not say it; shown as 本系统约定.
    #[serde(default)]
    pub ours: bool,
}

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// Chinese; decides.
    pub zh: String,
    /// English gloss.
    pub en: String,
}

/// A source document of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its title.
    pub title: String,
    /// Its status, e.g. `试行（征求意见稿）`: shown beside every clause.
    #[serde(default)]
    pub status: Option<String>,
    /// Laws and policies that it names as its bases.
    #[serde(default)]
    pub bases: Vec<String>,
}

/// An option of an open list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Kind<I> {
    /// Its id.
    pub id: I,
    /// What people call it.
    pub name: Name,
}

/// When somebody may apply for the next cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reapplication {
    /// Only once the earlier cycle has been closed (the strict reading of W-76).
    AfterEnd,
    /// Already while the earlier cycle still runs; admission waits for its end.
    BeforeEndForNextCycle,
}

/// The cycle: its length, its clock, and what may be entered late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CycleRules {
    /// Months from `starts_on` to `ends_on` (exclusive).
    pub months: u32,
    /// Origin of the length.
    pub rule: Rule,
    /// Days after closure in which visits and the like may still be entered.
    pub late_entry_days: u32,
    /// Origin of the late-entry days.
    pub late_entry_rule: Rule,
    /// When somebody may apply for the next cycle.
    pub reapplication: Reapplication,
    /// Whether a former member of a completed cycle owes its self-evaluation report with the new application.
    pub reapplication_needs_self_evaluation: bool,
    /// Origin of the two settings before.
    pub reapplication_rule: Rule,
}

/// Which steps lie between an application and admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Whether a recommendation is needed.
    pub recommendation: bool,
    /// Whether a survey is needed, settled by the district office.
    pub survey: bool,
    /// Origin.
    pub rule: Rule,
}

/// Who may recommend, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Recommenders {
    /// The kinds; an open list.
    pub kinds: Vec<Kind<RecommenderKindId>>,
    /// Origin of the list.
    pub rule: Rule,
    /// Places per recommender and cycle; none where the program has no quota.
    #[serde(default)]
    pub quota: Option<Quota>,
}

/// Places per recommender and cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Places.
    pub limit: u32,
    /// Origin.
    pub rule: Rule,
}

/// How one eligibility condition is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// Registered in the city, with a qualification or licence held for at least so many years.
    LicenceHeld {
        /// Years.
        years: i32,
    },
    /// The excellence model in use for at least so many years, and a valid management-system certificate.
    ModelAndCertificate {
        /// Years since the first pilot anywhere in the organisation.
        years: i32,
    },
    /// No incident in the look-back: declared on the form, and none recorded here.
    NoIncident {
        /// Years before the application date.
        years: i32,
    },
    /// No failed spot check in the look-back, declared on the form.
    NoFailedSpotCheck {
        /// Years before the application date.
        years: i32,
    },
    /// No other serious breach, declared on the form.
    NoOtherBreach,
    /// No criminal record of the legal representative: declared, and checked by a department.
    NoCriminalRecord,
    /// Judged on papers or by a department: always needs a document or a check.
    Document,
}

/// One eligibility condition (申报条件).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its id.
    pub id: ConditionId,
    /// A short name.
    pub name: Name,
    /// How it is proven.
    pub proof: Proof,
    /// Origin and strength.
    pub rule: Rule,
    /// How the words are read where they leave something open, e.g. from which day years count.
    #[serde(default)]
    pub reading: Option<Rule>,
}

/// Which teaching a class is owed, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeachingDue {
    /// The kind of teaching.
    pub kind: TeachingKindId,
    /// The year of the cycle, from 1.
    pub year: u32,
    /// Who is taught.
    pub audiences: Vec<AudienceId>,
    /// Origin of the year; `principle` in Wuhu.
    pub rule: Rule,
}

/// One class (分类).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its id, e.g. `A`.
    pub id: ClassId,
    /// What people call it, e.g. `A类`.
    pub name: Name,
    /// The conditions for it, in the words of the source.
    pub conditions: Rule,
    /// The teaching that it is owed.
    #[serde(default)]
    pub teaching: Option<TeachingDue>,
}

/// A set of classes with the rule that names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassSet {
    /// The classes.
    pub classes: Vec<ClassId>,
    /// Origin and strength.
    pub rule: Rule,
}

/// A bound between the counts of two classes: members of `class` are at most as many as those of `not_above`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountConstraint {
    /// The bounded class, `D` in Wuhu.
    pub class: ClassId,
    /// The class that bounds it, `C` in Wuhu.
    pub not_above: ClassId,
    /// Origin and strength.
    pub rule: Rule,
}

/// The classes of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// The classes, lowest first.
    pub list: Vec<Class>,
    /// Origin of classifying at all.
    pub rule: Rule,
    /// Which classes an organisation may be moved from during a cycle.
    pub movable_from: ClassSet,
    /// Which classes it may be moved to.
    pub movable_to: ClassSet,
    /// Bounds between counts.
    #[serde(default)]
    pub constraints: Vec<CountConstraint>,
    /// Where the office differs from the station, grounds are required.
    pub grounds_rule: Rule,
}

/// A kind of teaching (教学帮扶类别).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeachingKind {
    /// Its id, e.g. `foundation`.
    pub id: TeachingKindId,
    /// What people call it.
    pub name: Name,
    /// The classes that it is for.
    pub classes: Vec<ClassId>,
    /// The main mode, e.g. 集中授课.
    pub mode: Name,
    /// Standards at its core, as written in the source.
    #[serde(default)]
    pub core_standards: Vec<String>,
    /// Origin.
    pub rule: Rule,
}

/// Teaching in a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Teaching {
    /// The kinds.
    pub kinds: Vec<TeachingKind>,
    /// The audiences.
    pub audiences: Vec<Kind<AudienceId>>,
    /// Origin of matching kind, class and audience.
    pub rule: Rule,
}

/// Follow-up visits (回访).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitRules {
    /// Days between two visits; the guide says 及时定期 without a number.
    pub interval_days: u32,
    /// Origin of visiting at all.
    pub rule: Rule,
    /// Origin of the interval.
    pub interval_rule: Rule,
}

/// Incidents: kinds and removal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Incidents {
    /// The kinds; an open list with `other`.
    pub kinds: Vec<Kind<IncidentKindId>>,
    /// Origin of removal after a major incident.
    pub removal_rule: Rule,
    /// Years before the application date in which a major incident bars an application.
    pub look_back_years: i32,
    /// Origin of the look-back.
    pub look_back_rule: Rule,
}

/// One category of the score sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreCategory {
    /// Its id.
    pub id: ScoreCategoryId,
    /// Its name.
    pub name: Name,
    /// The most points.
    pub points: u32,
}

/// The score sheet of self-evaluations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreSheet {
    /// The edition of the standard, e.g. `GB/T 19580-2012`.
    pub edition: String,
    /// The sum of all categories' points.
    pub total: u32,
    /// The categories.
    pub categories: Vec<ScoreCategory>,
    /// Origin.
    pub rule: Rule,
}

/// How membership bears on an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardGate {
    /// Whether an award's applicants come from the pool.
    pub members_only: bool,
    /// Origin and strength.
    pub rule: Rule,
}

/// The rules of one program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rulebook {
    /// The program.
    pub program: ProgramId,
    /// The edition of this file; changes with every edit.
    pub edition: String,
    /// The program's name.
    pub name: Name,
    /// The pool's name.
    pub pool: Name,
    /// The award office's name.
    pub office: Name,
    /// The label to stand beside every clause, e.g. `试行（征求意见稿）`.
    #[serde(default)]
    pub label: Option<String>,
    /// The documents that it comes from.
    pub sources: Vec<Source>,
    /// Offset from UTC, e.g. `+08:00`.
    #[serde(with = "offset_text")]
    #[schema(value_type = String)]
    pub time_zone: FixedOffset,
    /// Cycle.
    pub cycle: CycleRules,
    /// Steps before admission.
    pub steps: Steps,
    /// Recommenders and quota.
    pub recommenders: Recommenders,
    /// Eligibility conditions.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Incidents.
    pub incidents: Incidents,
    /// Classes; none where the program has none.
    #[serde(default)]
    pub classes: Option<Classes>,
    /// Teaching; none where the program has none.
    #[serde(default)]
    pub teaching: Option<Teaching>,
    /// Visits; none where the program has none.
    #[serde(default)]
    pub visits: Option<VisitRules>,
    /// Score sheet; none where the source has none.
    #[serde(default)]
    pub scores: Option<ScoreSheet>,
    /// Kinds of experts.
    #[serde(default)]
    pub expert_kinds: Vec<Kind<ExpertKindId>>,
    /// Kinds of activities.
    #[serde(default)]
    pub activity_kinds: Vec<Kind<ActivityKindId>>,
    /// How membership bears on an award.
    pub award: AwardGate,
    /// Tags for organisations in priority areas (重点产业链供应链 …): id to name.
    #[serde(default)]
    pub tags: BTreeMap<String, Name>,
    /// The most entries of one batch.
    pub batch_limit: usize,
}

impl Rulebook {
    /// The rulebooks that come with the program, each checked like any other file.
    pub fn embedded() -> Result<Vec<Self>, RulebookError> {
        EMBEDDED.iter().map(|(file_name, text)| load::parse(file_name, text)).collect()
    }

    /// The class, if the program has it.
    #[must_use]
    pub fn class(&self, id: &ClassId) -> Option<&Class> {
        self.classes.as_ref()?.list.iter().find(|c| c.id == *id)
    }

    /// The ids of all classes, lowest first; empty where the program has none.
    #[must_use]
    pub fn class_ids(&self) -> Vec<ClassId> {
        self.classes.iter().flat_map(|c| c.list.iter().map(|c| c.id.clone())).collect()
    }

    /// The teaching kind, if the program has it.
    #[must_use]
    pub fn teaching_kind(&self, id: &TeachingKindId) -> Option<&TeachingKind> {
        self.teaching.as_ref()?.kinds.iter().find(|k| k.id == *id)
    }
}

impl Rule {
    /// Holds the rule: passes if `kept`; if broken, a `principle` rule passes with a waiver of the award
    /// office (which is then returned, to be recorded) and refuses otherwise; a `must` rule always refuses.
    ///
    /// `key` is the rule's key in the rulebook.
    pub fn hold<'w>(
        &self,
        key: &str,
        kept: bool,
        waiver: Option<&'w Waiver>,
        by_office: bool,
        refusal: impl FnOnce() -> Refusal,
    ) -> Result<Option<&'w Waiver>, Refused> {
        if kept {
            return Ok(None);
        }
        match (self.strength, waiver) {
            (Strength::Principle, Some(waiver)) if by_office => {
                Refusal::unless_reason(&waiver.reason, "/waiver/reason")?;
                Ok(Some(waiver))
            }
            (Strength::Must, Some(_)) => Err(Refusal::RuleNotWaivable.by(key, self)),
            (Strength::Principle | Strength::Must, _) => Err(refusal().by(key, self)),
        }
    }
}

/// Offsets are written `+08:00`.
/// Offsets from UTC as text, for serde.
pub mod offset_text {
    use chrono::FixedOffset;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    /// Writes `+08:00`.
    pub fn serialize<S: Serializer>(offset: &FixedOffset, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(offset)
    }

    /// Reads `+08:00`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FixedOffset, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not an offset like +08:00")))
    }
}
