//! A row of the roster as it is answered.

use chrono::NaiveDate;
use domain::Uscc;
use domain::cycle::Stage;
use domain::forms::annex1::{KeyField, Nature, Sector, Size};
use domain::ids::{ClassId, CycleId, DistrictId, OrganizationId, RecommenderId, StationId, TeachingKindId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::roster::Standing;

/// One organisation's file in one cycle, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RosterRow {
    /// The cycle.
    pub cycle: CycleId,
    /// The organisation, for good.
    pub organization: OrganizationId,
    /// A number for this file in the cycle, rising in the order of entry, with gaps; it never changes.
    pub number: u64,
    /// Its present USCC.
    pub uscc: Uscc,
    /// Its present name.
    pub name: String,
    /// Its present district.
    pub district: DistrictId,
    /// The station charged with its survey, else the only one of its district (属地).
    pub station: Option<StationId>,
    /// Who nominated it.
    pub recommender: Option<RecommenderId>,
    /// 组织性质
    pub nature: Nature,
    /// 组织规模
    pub size: Size,
    /// 所属行业
    pub sector: Sector,
    /// 所属先导产业和重点领域
    pub key_field: KeyField,
    /// Priority tags.
    pub tags: Vec<String>,
    /// The class that it proposed itself (自评).
    pub own_class: Option<ClassId>,
    /// The class that the station's last survey proposed.
    pub station_class: Option<ClassId>,
    /// Set where the station found it below the lowest class.
    pub station_below_a: bool,
    /// The class decided; kept after the membership ended.
    pub class: Option<ClassId>,
    /// Applicant, member or former.
    pub standing: Standing,
    /// How far its file is.
    pub stage: Stage,
    /// Fresh starts in this cycle, from 1.
    pub attempt: u32,
    /// Earlier cycles of the program that it completed, oldest first.
    #[serde(default)]
    pub earlier_cycles: Vec<CycleId>,
    /// The day of the application.
    pub applied_on: NaiveDate,
    /// The day of admission.
    pub admitted_on: Option<NaiveDate>,
    /// The day of the last follow-up visit.
    pub last_visit_on: Option<NaiveDate>,
    /// The day by which the next one is due, of a member.
    #[serde(default)]
    pub next_due_on: Option<NaiveDate>,
    /// The teaching of a member's class, and whether it was given.
    #[serde(default)]
    pub teaching: Option<TeachingOwed>,
    /// Requests for help without an answer.
    pub open_requests: u32,
    /// The day that the file ended on.
    pub ended_on: Option<NaiveDate>,
    /// Why, as a code or id: an eligibility condition, the incident, `below_lowest_class`, `dissolved`, `left_city`.
    pub ended_ground: Option<String>,
    /// Why, in words.
    pub ended_reason: Option<String>,
    /// The version of the file, as batches name it in `seen`: `{file}.{entry in the cycle}`.
    pub tag: String,
}

/// The teaching that a member is owed, in short; the schedule says more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeachingOwed {
    /// The kind that its class is due; none where it is due nothing.
    pub kind: Option<TeachingKindId>,
    /// The year of the cycle, from 1.
    pub year: Option<u32>,
    /// Sessions attended, of any kind.
    pub attended: u32,
    /// Whether what it is owed has not been given yet.
    pub missing: bool,
}
