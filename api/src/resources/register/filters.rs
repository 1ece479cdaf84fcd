//! Which entries are listed, by kind.

use domain::ids::{DistrictId, ProgramId};
use projections::register::{EntryKind, RegisterFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::page::Filter;

/// What entries are sorted by.
const SORTS: &[&str] = &["id", "name"];

/// The filters of one kind's list.
pub(super) trait Wanted: Filter {
    /// The entries wanted of a program.
    fn wanted(&self, program: &ProgramId, kind: EntryKind) -> RegisterFilter;
}

/// The one value that is asked for; a list that names both asks for all.
fn only(active: &[bool]) -> Option<bool> {
    let first = *active.first()?;
    active.iter().all(|value| *value == first).then_some(first)
}

/// Filters of entries that have no district.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct Everywhere {
    /// Only active entries, or only closed and merged ones.
    #[serde(default)]
    pub active: Vec<bool>,
}

impl Filter for Everywhere {
    const SORTS: &'static [&'static str] = SORTS;
}

impl Wanted for Everywhere {
    fn wanted(&self, program: &ProgramId, kind: EntryKind) -> RegisterFilter {
        RegisterFilter {
            program: program.clone(),
            kinds: vec![kind],
            districts: Vec::new(),
            active: only(&self.active),
        }
    }
}

/// Filters of entries that may have a district.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct InDistricts {
    /// Only active entries, or only closed and merged ones.
    #[serde(default)]
    pub active: Vec<bool>,
    /// Only entries of these districts.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub district: Vec<DistrictId>,
}

impl Filter for InDistricts {
    const SORTS: &'static [&'static str] = SORTS;
}

impl Wanted for InDistricts {
    fn wanted(&self, program: &ProgramId, kind: EntryKind) -> RegisterFilter {
        let districts = self.district.clone();
        RegisterFilter { program: program.clone(), kinds: vec![kind], districts, active: only(&self.active) }
    }
}
