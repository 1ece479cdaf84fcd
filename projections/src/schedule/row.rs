//! The rows of the schedule, and what they say of one organisation.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use domain::Uscc;
use domain::ids::{AudienceId, ClassId, CycleId, OrganizationId, SessionId, TeachingKindId};
use domain::rulebook::{Rule, Rulebook, TeachingDue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Briefs;
use crate::sessions::{Session, SessionState, attended_by};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum ScheduleRow {
    /// The rules of a cycle.
    Cycle(TeachingRules),
    /// An organisation admitted in a cycle.
    Organization(Taught),
}

impl ScheduleRow {
    /// The organisation, if it has not left.
    pub(super) fn present(self) -> Option<Taught> {
        match self {
            Self::Organization(taught) if taught.left_on.is_none() => Some(taught),
            Self::Organization(_) | Self::Cycle(_) => None,
        }
    }
}

/// What each class of a cycle is due, and when its years are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeachingRules {
    /// First day of the cycle.
    pub starts_on: NaiveDate,
    /// The day after its last.
    pub ends_on: NaiveDate,
    /// What a class is due.
    pub due: BTreeMap<ClassId, TeachingDue>,
}

impl TeachingRules {
    pub(super) fn of(starts_on: NaiveDate, ends_on: NaiveDate, rulebook: &Rulebook) -> Self {
        let classes = rulebook.classes.iter().flat_map(|classes| &classes.list);
        let due = classes.filter_map(|class| Some((class.id.clone(), class.teaching.clone()?))).collect();
        Self { starts_on, ends_on, due }
    }

    /// What a class is due, in its year of the cycle: twelve months, 29 February counting as the 28th (W-42).
    pub(super) fn of_class(&self, class: &ClassId) -> Option<Due> {
        let due = self.due.get(class)?;
        let begins = |year: u32| self.starts_on.checked_add_months(Months::new(year.saturating_mul(12)));
        let next = begins(due.year)?.min(self.ends_on);
        Some(Due {
            kind: due.kind.clone(),
            year: due.year,
            from: begins(due.year.saturating_sub(1))?,
            to: next.pred_opt()?,
            audiences: due.audiences.clone(),
            rule: due.rule.clone(),
        })
    }
}

/// A class that the organisation has or had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassHeld {
    /// The class.
    pub class: ClassId,
    /// Since when.
    pub since: NaiveDate,
}

/// An organisation admitted in a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taught {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation.
    pub organization: OrganizationId,
    /// The day of admission.
    pub admitted_on: NaiveDate,
    /// Its classes, the present one last; a corrected one is not among them.
    pub classes: Vec<ClassHeld>,
    /// When its membership ended before the cycle did.
    pub left_on: Option<NaiveDate>,
}

/// What is owed, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Due {
    /// The kind of teaching.
    pub kind: TeachingKindId,
    /// The year of the cycle, from 1.
    pub year: u32,
    /// First day of that year.
    pub from: NaiveDate,
    /// Last day of it, or of the cycle.
    pub to: NaiveDate,
    /// Who is taught.
    pub audiences: Vec<AudienceId>,
    /// Where it stands.
    pub rule: Rule,
}

/// Why teaching is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyOwed {
    /// The class that it was admitted in is due it.
    ClassOfAdmission,
    /// Admitted after the year in which its class is taught; it has not been given yet.
    JoinedLate,
    /// Moved to this class during the cycle; its teaching has not been given yet.
    Reclassified,
}

/// A session of the kind owed that is still to come or under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BookedSession {
    /// The session.
    pub session_id: SessionId,
    /// Its title.
    pub title: String,
    /// Its day.
    pub on: NaiveDate,
    /// Where.
    pub place: String,
}

/// A session that the organisation attended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttendedSession {
    /// The session.
    pub session_id: SessionId,
    /// Its kind; those of an earlier class stay listed.
    pub kind: TeachingKindId,
    /// Its day.
    pub on: NaiveDate,
}

/// One organisation on the schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleEntry {
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// Its present class.
    pub class: Option<ClassId>,
    /// The day of admission.
    pub admitted_on: NaiveDate,
    /// What it is owed; none where its class is due nothing.
    pub due: Option<Due>,
    /// Why.
    pub why: Option<WhyOwed>,
    /// Sessions of that kind that it may come to: those brought to another organisation are left out.
    pub booked: Vec<BookedSession>,
    /// Sessions attended as teaching owed; guests' attendance does not count.
    pub attended: Vec<AttendedSession>,
    /// Whether what it is owed has not been given yet.
    pub missing: bool,
}

impl Taught {
    pub(super) const fn admitted(cycle: CycleId, organization: OrganizationId, on: NaiveDate) -> Self {
        Self { cycle, organization, admitted_on: on, classes: Vec::new(), left_on: None }
    }

    pub(super) fn class(&self) -> Option<&ClassId> {
        self.classes.last().map(|held| &held.class)
    }

    pub(super) fn take(&mut self, class: &ClassId, since: NaiveDate) {
        self.classes.push(ClassHeld { class: class.clone(), since });
    }

    /// The last decision was entered wrongly: what it should have said takes its place.
    pub(super) fn correct(&mut self, class: &ClassId, decided_on: NaiveDate) {
        self.classes.pop();
        self.take(class, decided_on);
    }

    fn why(&self, due: &Due) -> WhyOwed {
        if self.classes.len() > 1 {
            WhyOwed::Reclassified
        } else if self.admitted_on > due.to {
            WhyOwed::JoinedLate
        } else {
            WhyOwed::ClassOfAdmission
        }
    }

    pub(super) fn entry(self, rules: &TeachingRules, sessions: &[Session], briefs: &Briefs) -> ScheduleEntry {
        let due = self.class().and_then(|class| rules.of_class(class));
        let by_kind = attended_by(sessions, &self.organization);
        let missing = due.as_ref().is_some_and(|due| !by_kind.contains_key(&due.kind));
        let mut attended: Vec<_> = by_kind.into_values().flatten().map(AttendedSession::from).collect();
        attended.sort_by_key(|session| (session.on, session.session_id));
        let open = sessions.iter().filter(|session| {
            let theirs = session.host.as_ref().is_none_or(|host| *host == self.organization);
            let kind = due.as_ref().is_some_and(|due| due.kind == session.kind);
            kind && theirs && session.state == SessionState::Booked
        });
        let mut booked: Vec<_> = open.map(BookedSession::from).collect();
        booked.sort_by_key(|session| (session.on, session.session_id));
        let brief = briefs.get(&self.organization);
        ScheduleEntry {
            uscc: brief.map_or_else(|| self.organization.first_uscc().clone(), |brief| brief.uscc.clone()),
            name: brief.map(|brief| brief.name.clone()).unwrap_or_default(),
            class: self.class().cloned(),
            admitted_on: self.admitted_on,
            why: due.as_ref().map(|due| self.why(due)),
            due,
            booked,
            attended,
            missing,
            organization: self.organization,
        }
    }
}

impl From<&Session> for BookedSession {
    fn from(session: &Session) -> Self {
        Self {
            session_id: session.session_id,
            title: session.title.clone(),
            on: session.on,
            place: session.place.clone(),
        }
    }
}

impl From<&Session> for AttendedSession {
    fn from(session: &Session) -> Self {
        Self { session_id: session.session_id, kind: session.kind.clone(), on: session.on }
    }
}
