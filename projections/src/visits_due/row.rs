//! The rows of visits due.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::Uscc;
use domain::ids::{CycleId, DistrictId, OrganizationId, StationId, VisitId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Briefs;

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum VisitsDueRow {
    /// The rule of a cycle.
    Cycle(CycleInterval),
    /// An organisation in a cycle.
    Organization(Visited),
    /// The district in force of an organisation.
    Home {
        /// The district.
        district: DistrictId,
    },
}

/// How often members of a cycle are visited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleInterval {
    /// Days between two visits; none where the program has no visits.
    pub interval_days: Option<u32>,
}

/// An organisation in a cycle, with its visits that count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visited {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation.
    pub organization: OrganizationId,
    /// Whether it is a member.
    pub member: bool,
    /// The day of admission.
    pub admitted_on: Option<NaiveDate>,
    /// The district in force.
    pub district: Option<DistrictId>,
    /// The station that surveyed it; none once it has moved to another district.
    pub station: Option<StationId>,
    /// Days of the visits that count.
    pub visits: BTreeMap<VisitId, NaiveDate>,
}

/// Why a visit is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyDue {
    /// No visit since the admission.
    NeverVisited,
    /// The last visit lies back by the interval.
    LastVisitTooLongAgo,
}

/// A member due for a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DueVisit {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation.
    pub organization: OrganizationId,
    /// Its number in force.
    pub uscc: Uscc,
    /// Its name in force.
    pub name: String,
    /// Its district.
    pub district: Option<DistrictId>,
    /// The station that surveyed it; none once it has moved to another district.
    pub station: Option<StationId>,
    /// The day of admission.
    pub admitted_on: NaiveDate,
    /// The last visit that counts.
    pub last_visit_on: Option<NaiveDate>,
    /// The day by which it is to be visited.
    pub due_on: NaiveDate,
    /// Days past that day; 0 where it is still to come.
    pub days_overdue: i64,
    /// Why.
    pub why: WhyDue,
}

impl VisitsDueRow {
    pub(super) const fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Cycle(_) | Self::Home { .. } => None,
            Self::Organization(visited) => Some(&visited.organization),
        }
    }

    pub(super) fn due(self, interval: Days, today: NaiveDate, briefs: &Briefs) -> Option<DueVisit> {
        match self {
            Self::Cycle(_) | Self::Home { .. } => None,
            Self::Organization(visited) => visited.due(interval, today, briefs),
        }
    }
}

impl Visited {
    pub(super) const fn applicant(cycle: CycleId, organization: OrganizationId, district: Option<DistrictId>) -> Self {
        Self { cycle, organization, member: false, admitted_on: None, district, station: None, visits: BTreeMap::new() }
    }

    /// The responsible station follows a move (属地).
    pub(super) fn move_to(&mut self, district: &DistrictId) {
        if self.district.as_ref() != Some(district) {
            self.district = Some(district.clone());
            self.station = None;
        }
    }

    fn last_visit_on(&self) -> Option<NaiveDate> {
        self.visits.values().max().copied()
    }

    /// The day that the interval runs from: the last visit, or the admission; none for whoever is no member.
    pub(super) fn runs_from(&self) -> Option<NaiveDate> {
        let admitted_on = self.admitted_on.filter(|_| self.member)?;
        Some(self.last_visit_on().map_or(admitted_on, |visit| visit.max(admitted_on)))
    }

    fn due(self, interval: Days, today: NaiveDate, briefs: &Briefs) -> Option<DueVisit> {
        let due_on = self.runs_from()?.checked_add_days(interval)?;
        let last_visit_on = self.last_visit_on();
        let brief = briefs.get(&self.organization);
        Some(DueVisit {
            uscc: brief.map_or_else(|| self.organization.first_uscc().clone(), |brief| brief.uscc.clone()),
            name: brief.map(|brief| brief.name.clone()).unwrap_or_default(),
            cycle: self.cycle,
            organization: self.organization,
            district: self.district,
            station: self.station,
            admitted_on: self.admitted_on?,
            last_visit_on,
            due_on,
            days_overdue: (today - due_on).num_days().max(0),
            why: if last_visit_on.is_some() { WhyDue::LastVisitTooLongAgo } else { WhyDue::NeverVisited },
        })
    }
}
