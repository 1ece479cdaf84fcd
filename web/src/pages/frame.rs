//! What the pages of a cycle share: the cycle, its rules, and the names of its program.

use api::language::Language;
use chrono::{FixedOffset, NaiveDate, Utc};
use domain::Rulebook;
use domain::cycle::Counts;
use domain::cycle::balance::Bounds;
use domain::rulebook::{Classes, Name, Rule};
use futures::future::try_join;
use projections::balance::Balance;
use projections::cycles::CycleSummary;

use crate::failure::{Failure, optional};
use crate::names::Names;
use crate::query::segment;
use crate::shell::Shell;
use crate::visitor::User;
use crate::words;

/// A cycle, with what its pages need to say it in words.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) cycle: CycleSummary,
    /// The program's rules; none where its rulebook is no longer here.
    rules: Option<Rulebook>,
    pub(super) names: Names,
    pub(super) language: Language,
}

/// A clause as shown: never without the label of its source, or the word that it is ours.
#[derive(Debug)]
pub(super) struct Clause {
    pub(super) place: String,
    pub(super) text: String,
    /// 试行（征求意见稿）, or 本系统规定.
    pub(super) label: String,
}

impl Frame {
    pub(super) async fn of(user: &User, cycle: &str) -> Result<Self, Failure> {
        let cycle: CycleSummary = user.read(&format!("/cycles/{}", segment(cycle))).await?;
        Self::around(user, cycle).await
    }

    pub(super) async fn around(user: &User, cycle: CycleSummary) -> Result<Self, Failure> {
        let rules = async { optional(user.read(&format!("/programs/{}", cycle.program)).await) };
        let (rules, names) = try_join(rules, Names::of(user, cycle.program.as_str())).await?;
        Ok(Self { cycle, rules, names, language: user.language() })
    }

    /// Around a page of this cycle.
    pub(super) fn shell(&self, user: &User, title: impl Into<String>) -> Shell {
        Shell::of(user, title).in_cycle(user, self.cycle.cycle.as_str(), self.name(), self.has_classes())
    }

    /// What people call the cycle: the pool and the label.
    pub(super) fn name(&self) -> String {
        let pool = self.rules.as_ref().map(|rules| self.said(&rules.pool));
        format!("{} {}", pool.unwrap_or(self.cycle.program.as_str()), self.cycle.label)
    }

    /// The path of a page of this cycle.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/cycles/{}{rest}", segment(self.cycle.cycle.as_str()))
    }

    /// Where the program's days are counted.
    pub(super) fn zone(&self) -> FixedOffset {
        self.rules.as_ref().map_or_else(|| chrono::Offset::fix(&Utc), |rules| rules.time_zone)
    }

    /// Today, there.
    pub(super) fn today(&self) -> NaiveDate {
        Utc::now().with_timezone(&self.zone()).date_naive()
    }

    /// Whether the cycle has classes.
    pub(super) fn has_classes(&self) -> bool {
        !self.cycle.classes.is_empty()
    }

    /// The rules about classes; none where the program has none.
    pub(super) fn classes(&self) -> Option<&Classes> {
        self.rules.as_ref()?.classes.as_ref()
    }

    /// The kinds of incidents: id and name.
    pub(super) fn incident_kinds(&self) -> Vec<(String, String)> {
        let kinds = self.rules.iter().flat_map(|rules| &rules.incidents.kinds);
        kinds.map(|kind| (kind.id.to_string(), self.said(&kind.name).to_owned())).collect()
    }

    /// The clause about removal.
    pub(super) fn on_incidents(&self) -> Vec<Clause> {
        self.rules.iter().map(|rules| self.clause(&rules.incidents.removal_rule)).collect()
    }

    /// How such counts would stand to the bounds.
    pub(super) fn balance_of(&self, counts: Counts) -> Balance {
        let bounds = self.rules.as_ref().map(Bounds::from).unwrap_or_default();
        Balance::of(counts, &bounds)
    }

    /// Whether its program asks for visits.
    pub(super) fn has_visits(&self) -> bool {
        self.rules.as_ref().is_none_or(|rules| rules.visits.is_some())
    }

    /// The clauses about visits.
    pub(super) fn on_visits(&self) -> Vec<Clause> {
        let rules = self.rules.iter().filter_map(|rules| rules.visits.as_ref());
        rules.flat_map(|visits| [&visits.rule, &visits.interval_rule]).map(|rule| self.clause(rule)).collect()
    }

    /// The score sheet's sum of points, and names of its categories.
    pub(super) fn scores(&self) -> Option<(u32, Vec<(String, String)>)> {
        let sheet = self.rules.as_ref()?.scores.as_ref()?;
        let names =
            sheet.categories.iter().map(|category| (category.id.to_string(), self.said(&category.name).to_owned()));
        Some((sheet.total, names.collect()))
    }

    /// A class in words.
    pub(super) fn class(&self, id: &str) -> String {
        let known = self.classes().into_iter().flat_map(|classes| &classes.list).find(|class| class.id.as_str() == id);
        known.map_or(id, |class| self.said(&class.name)).to_owned()
    }

    fn said<'n>(&self, name: &'n Name) -> &'n str {
        match self.language {
            Language::Chinese => &name.zh,
            Language::English => &name.en,
        }
    }

    /// A rule as shown.
    pub(super) fn clause(&self, rule: &Rule) -> Clause {
        let label = if rule.ours {
            words::Visits::of(self.language).ours.to_owned()
        } else {
            self.cycle.rulebook.label.clone().unwrap_or_default()
        };
        Clause { place: rule.clause.clone(), text: rule.text.clone(), label }
    }

    /// Who recorded something: role, unit by name, login.
    pub(super) fn actor(&self, actor: &str) -> String {
        let mut parts = actor.splitn(3, '/');
        let (Some(role), Some(unit), Some(person)) = (parts.next(), parts.next(), parts.next()) else {
            return actor.to_owned();
        };
        let said = words::role(role, self.language);
        match self.names.unit(role, unit) {
            Some(name) => format!("{said} {name} {person}"),
            None => format!("{said} {person}"),
        }
    }
}
