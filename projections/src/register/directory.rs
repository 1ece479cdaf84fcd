//! A program's register in memory: names, mergers, and which stations serve a district.

use std::collections::BTreeMap;

use domain::ids::{DistrictId, StationId};

use crate::register::{EntryKind, RegisterRow};

/// The register of one program, by kind and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory(BTreeMap<(EntryKind, String), RegisterRow>);

impl Directory {
    /// The directory of these entries.
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = RegisterRow>) -> Self {
        Self(rows.into_iter().map(|row| ((row.kind, row.id.clone()), row)).collect())
    }

    /// An entry, active or not.
    #[must_use]
    pub fn entry(&self, kind: EntryKind, id: &str) -> Option<&RegisterRow> {
        self.0.get(&(kind, id.to_owned()))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self, kind: EntryKind, id: &str) -> Option<&str> {
        self.entry(kind, id)?.name.as_deref()
    }

    /// All entries of a kind, by id.
    pub fn of_kind(&self, kind: EntryKind) -> impl Iterator<Item = &RegisterRow> {
        self.0.values().filter(move |row| row.kind == kind)
    }

    /// What stands for an entry today: itself, or the last of those that it was merged into.
    #[must_use]
    pub fn current<'a>(&'a self, kind: EntryKind, id: &'a str) -> &'a str {
        let mut current = id;
        // No chain is longer than the register, so this ends even if mergers were to form a ring.
        for _ in 0..self.0.len() {
            match self.entry(kind, current).and_then(|row| row.successor.as_deref()) {
                Some(successor) => current = successor,
                None => break,
            }
        }
        current
    }

    /// The ids that stand for the same entry today: it, and whatever was merged into it, directly or not.
    #[must_use]
    pub fn merged_with(&self, kind: EntryKind, id: &str) -> Vec<String> {
        let mut merged = vec![id.to_owned()];
        merged.extend(
            self.of_kind(kind)
                .filter(|row| row.id != id && self.current(kind, &row.id) == id)
                .map(|row| row.id.clone()),
        );
        merged
    }

    /// The active stations of a district and of those merged into it (属地).
    #[must_use]
    pub fn stations_of(&self, district: &DistrictId) -> Vec<StationId> {
        let district = self.current(EntryKind::District, district.as_str());
        self.of_kind(EntryKind::Station)
            .filter(|row| row.active)
            .filter(|row| {
                row.district.as_ref().is_some_and(|of| self.current(EntryKind::District, of.as_str()) == district)
            })
            .filter_map(|row| row.id.parse().ok())
            .collect()
    }

    /// The station of a district that has exactly one.
    #[must_use]
    pub fn only_station(&self, district: &DistrictId) -> Option<StationId> {
        match self.stations_of(district).as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// The districts, active or not, whose only station is this one.
    #[must_use]
    pub fn districts_of_only(&self, station: &str) -> Vec<String> {
        self.of_kind(EntryKind::District)
            .filter(|row| row.id.parse().is_ok_and(|id| self.only_station(&id).is_some_and(|s| s.as_str() == station)))
            .map(|row| row.id.clone())
            .collect()
    }
}
