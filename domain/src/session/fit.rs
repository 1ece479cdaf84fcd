//! Whether teaching fits its class, its year and its audience (§四（三）, W-68 … W-70).
//!
//! One sentence of the guide fixes all three 原则上: each check passes with a waiver where the rulebook calls its
//! rule a principle.

use chrono::NaiveDate;

use crate::cycle::{Entry, Opened};
use crate::document::Waiver;
use crate::ids::{AudienceId, ClassId};
use crate::refusal::{Refusal, Refused};
use crate::rulebook::{Rulebook, Teaching, TeachingDue, TeachingKind};
use crate::session::year::cycle_year;

/// One kind of teaching under the rules of a cycle, with the waiver that the award office gave, if any.
pub(super) struct Fit<'a> {
    opened: &'a Opened,
    teaching: &'a Teaching,
    kind: &'a TeachingKind,
    waiver: Option<&'a Waiver>,
}

impl<'a> Fit<'a> {
    /// The rules for the kind with that id; `None` where the program does not have it.
    pub(super) fn of(
        opened: &'a Opened,
        kind: &crate::ids::TeachingKindId,
        waiver: Option<&'a Waiver>,
    ) -> Option<Self> {
        let teaching = opened.rulebook.teaching.as_ref()?;
        let kind = opened.rulebook.teaching_kind(kind)?;
        Some(Self { opened, teaching, kind, waiver })
    }

    /// Whether the program has the audience at all.
    pub(super) fn knows(&self, audience: &AudienceId) -> bool {
        self.teaching.audiences.iter().any(|a| a.id == *audience)
    }

    /// The kind is for the class of the organisation that it is brought to. An organisation without a class fits.
    pub(super) fn class(&self, class: Option<&ClassId>) -> Result<Option<&'a Waiver>, Refused> {
        let Some(class) = class else { return Ok(None) };
        let kept = self.kind.classes.is_empty() || self.kind.classes.contains(class);
        self.teaching.rule.hold("teaching.class", kept, self.waiver, true, || Refusal::SessionClassMismatch {
            class: class.clone(),
            kind_classes: self.kind.classes.clone(),
        })
    }

    /// The day lies in the year in which a class is due this kind: that of `class` where it is known and due, else
    /// of any class. A kind that no class is due fits every year.
    pub(super) fn year(&self, on: NaiveDate, class: Option<&ClassId>) -> Result<Option<&'a Waiver>, Refused> {
        let due = self.due(class);
        let Some(first) = due.first() else { return Ok(None) };
        let actual = cycle_year(self.opened.starts_on, on);
        let kept = due.iter().any(|due| due.year == actual);
        first
            .rule
            .hold("teaching.year", kept, self.waiver, true, || Refusal::SessionYearMismatch { due: first.year, actual })
    }

    /// Every audience is one of those due: of `class` where it is known and due, else of any class. Where the
    /// rulebook names no audience for the kind, every audience fits.
    pub(super) fn audiences(
        &self,
        audiences: &[AudienceId],
        class: Option<&ClassId>,
    ) -> Result<Option<&'a Waiver>, Refused> {
        let due = self.due(class);
        let expected: Vec<_> = due.iter().flat_map(|due| &due.audiences).collect();
        if expected.is_empty() {
            return Ok(None);
        }
        let Some(stranger) = audiences.iter().find(|audience| !expected.contains(audience)) else { return Ok(None) };
        self.teaching.rule.hold("teaching.audience", false, self.waiver, true, || Refusal::AudienceMismatch {
            audience: stranger.to_string(),
            expected: expected.iter().map(ToString::to_string).collect(),
        })
    }

    /// Whether `entry` is a member on that day whose present class is due this kind.
    pub(super) fn owed(&self, entry: &Entry, on: NaiveDate) -> bool {
        let admitted = entry.admitted_on.is_some_and(|day| day <= on);
        let ended = entry.ended_on.is_some_and(|day| day < on);
        admitted && !ended && entry.class.as_ref().is_some_and(|class| self.due_to(class).is_some())
    }

    fn due(&self, class: Option<&ClassId>) -> Vec<&'a TeachingDue> {
        match class.and_then(|class| self.due_to(class)) {
            Some(due) => vec![due],
            None => self.rulebook().class_ids().iter().filter_map(|class| self.due_to(class)).collect(),
        }
    }

    fn due_to(&self, class: &ClassId) -> Option<&'a TeachingDue> {
        self.rulebook().class(class)?.teaching.as_ref().filter(|due| due.kind == self.kind.id)
    }

    fn rulebook(&self) -> &'a Rulebook {
        &self.opened.rulebook
    }
}
