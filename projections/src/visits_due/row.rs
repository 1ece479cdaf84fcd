//! A visit that is due.

use chrono::{Days, NaiveDate};
use domain::Uscc;
use domain::ids::{CycleId, DistrictId, OrganizationId, StationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::roster::File;

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

impl DueVisit {
    /// The visit that a file is due; none of whoever is no member.
    pub(super) fn of(file: File, interval: Days, today: NaiveDate) -> Option<Self> {
        let due_on = file.visit_due_from()?.checked_add_days(interval)?;
        let (station, row) = (file.surveyed_by().cloned(), file.into_row());
        Some(Self {
            uscc: row.uscc,
            name: row.name,
            cycle: row.cycle,
            organization: row.organization,
            district: Some(row.district),
            station,
            admitted_on: row.admitted_on?,
            last_visit_on: row.last_visit_on,
            due_on,
            days_overdue: (today - due_on).num_days().max(0),
            why: if row.last_visit_on.is_some() { WhyDue::LastVisitTooLongAgo } else { WhyDue::NeverVisited },
        })
    }
}
