//! What a reader may see of lists, as SQL says it (S3). The policy says the same of one resource at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::ids::OrganizationId;
use serde::Serialize;
use store::ReadModel as _;
use store::sql::Sql;

use crate::roster::Roster;

/// The files whose rows a reader may see. There is no default: who asks a list must say it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All of them.
    All,
    /// None.
    Nothing,
    /// Those of districts, and those that stations are charged with.
    Local {
        /// The districts, merged ones included.
        districts: Vec<String>,
        /// The stations, merged ones included.
        stations: Vec<String>,
    },
    /// Those that these recommenders nominated.
    Recommenders(Vec<String>),
    /// An organisation's own.
    Organization(OrganizationId),
    /// None; but the sessions that the expert is assigned to.
    Expert(String),
    /// What is seen by both.
    Both(Box<Scope>, Box<Scope>),
}

/// A scope as the wall reads it.
#[derive(Debug, Default, Serialize)]
struct Seen<'s> {
    districts: BTreeSet<&'s str>,
    stations: BTreeSet<&'s str>,
    recommenders: BTreeSet<&'s str>,
    organizations: BTreeSet<&'s str>,
    /// Whatever else lets a file through, its district must be one of these.
    within: Option<BTreeSet<&'s str>>,
}

impl Scope {
    /// Narrowed to districts.
    #[must_use]
    pub fn within(self, districts: Vec<String>) -> Self {
        let local = Self::Local { districts, stations: Vec::new() };
        if self.is_all() { local } else { Self::Both(Box::new(self), Box::new(local)) }
    }

    /// Whether it leaves every row.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Whether it is an expert's, who sees the sessions assigned.
    #[must_use]
    pub fn expert(&self) -> Option<&str> {
        match self {
            Self::Expert(expert) => Some(expert),
            Self::Both(one, _) => one.expert(),
            Self::All | Self::Nothing | Self::Local { .. } | Self::Recommenders(_) | Self::Organization(_) => None,
        }
    }

    /// The same for the wall that PostgreSQL holds (S2), and `also` what belongs to the one organisation that the reader
    /// was let in for. `None` for whoever sees all.
    ///
    /// The wall stands behind the lists' own conditions, and lets a little more through: each organisation with all of
    /// its files, and of a scope that is narrowed more than once what each narrowing has in common.
    #[must_use]
    pub fn wall(&self, also: Option<&OrganizationId>) -> Option<Arc<str>> {
        if self.is_all() {
            return None;
        }
        let mut seen = Seen::default();
        self.add_to(&mut seen);
        seen.organizations.extend(also.map(OrganizationId::as_str));
        // Texts and lists of them are always JSON; if they were not, the empty scope sees nothing.
        Some(serde_json::to_string(&seen).unwrap_or_default().into())
    }

    fn add_to<'s>(&'s self, seen: &mut Seen<'s>) {
        match self {
            Self::All | Self::Nothing | Self::Expert(_) => {}
            Self::Local { districts, stations } => {
                seen.districts.extend(districts.iter().map(String::as_str));
                seen.stations.extend(stations.iter().map(String::as_str));
            }
            Self::Recommenders(recommenders) => seen.recommenders.extend(recommenders.iter().map(String::as_str)),
            Self::Organization(organization) => {
                seen.organizations.insert(organization.as_str());
            }
            Self::Both(one, other) => {
                one.add_to(seen);
                if let Self::Local { districts, .. } = other.as_ref() {
                    let districts: BTreeSet<&str> = districts.iter().map(String::as_str).collect();
                    let common = match seen.within.take() {
                        Some(within) => within.intersection(&districts).copied().collect(),
                        None => districts,
                    };
                    seen.within = Some(common);
                }
            }
        }
    }

    /// Adds ` AND …` for rows of the roster.
    pub(crate) fn of_roster(&self, sql: &mut Sql) {
        match self {
            Self::All => {}
            Self::Nothing | Self::Expert(_) => {
                sql.push(" AND 1 = 0");
            }
            Self::Local { districts, stations } => {
                sql.push(" AND (").is_in("district", districts.iter().cloned());
                sql.push(" OR ").is_in("station", stations.iter().cloned()).push(")");
            }
            Self::Recommenders(recommenders) => {
                sql.push(" AND ").is_in("recommender", recommenders.iter().cloned());
            }
            Self::Organization(organization) => {
                sql.push(" AND organization = ").bind(organization.as_str());
            }
            Self::Both(one, other) => {
                one.of_roster(sql);
                other.of_roster(sql);
            }
        }
    }

    /// Adds ` AND …` for rows of another model, which name their file by `key`, as the roster does.
    pub(crate) fn by_file(&self, sql: &mut Sql, key: &str) {
        if self.is_all() {
            return;
        }
        sql.push(" AND ").push(key).push(" IN (SELECT key FROM ").push(Roster::TABLE.name);
        sql.push(" WHERE cycle IS NOT NULL");
        self.of_roster(sql);
        sql.push(")");
    }
}

#[cfg(test)]
mod tests;
