//! What a reader may see of lists, as SQL says it (S3). The policy says the same of one resource at a time.

use domain::ids::OrganizationId;
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
