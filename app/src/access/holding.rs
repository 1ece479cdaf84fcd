//! A grant and what it comes to today: the districts and units that were merged into its own, the district of a
//! station, the id of an organisation.

use std::collections::BTreeSet;

use domain::ids::OrganizationId;
use domain::{Actor, Uscc};
use projections::register::{self, Directory, EntryKind};
use projections::{Scope, organizations};
use store::{Db, StoreError};

use super::grant::{Grant, Role};

/// A grant as the registers stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The grant.
    pub grant: Grant,
    /// Who commands under it.
    pub actor: Option<Actor>,
    /// Its own districts: a district office's, or the one that a station serves, with those merged into it.
    pub districts: BTreeSet<String>,
    /// A station and those merged into it.
    pub stations: BTreeSet<String>,
    /// A recommender and those merged into it.
    pub recommenders: BTreeSet<String>,
    /// The organisation; one that is not known yet has the id that it will have.
    pub organization: Option<OrganizationId>,
    /// The only districts that a token may touch.
    pub within: Option<BTreeSet<String>>,
}

impl Holding {
    /// What a grant comes to. `within` is the district that a token is bound to.
    pub async fn of(db: &Db, grant: Grant, login: &str, within: Option<&str>) -> Result<Self, StoreError> {
        let actor = grant.actor(login);
        let directory = match &grant.program {
            Some(program) if within.is_some() || reads_register(grant.role) => register::directory(db, program).await?,
            Some(_) | None => Directory::default(),
        };
        let known = |kind, id: &str| -> BTreeSet<String> {
            if directory.entry(kind, id).is_some() {
                directory.merged_with(kind, id).into_iter().collect()
            } else {
                BTreeSet::new()
            }
        };
        let mut holding = Self {
            districts: BTreeSet::new(),
            stations: BTreeSet::new(),
            recommenders: BTreeSet::new(),
            organization: None,
            within: within.map(|district| {
                let mut within = known(EntryKind::District, district);
                within.insert(district.to_owned());
                within
            }),
            actor,
            grant,
        };
        let unit = holding.grant.unit.as_str();
        match holding.grant.role {
            Role::District => holding.districts = known(EntryKind::District, unit),
            Role::Recommender => holding.recommenders = known(EntryKind::Recommender, unit),
            Role::Station => {
                let station = directory.entry(EntryKind::Station, unit);
                if let Some(district) = station.and_then(|station| station.district.as_ref()) {
                    let district = directory.current(EntryKind::District, district.as_str());
                    holding.districts = known(EntryKind::District, district);
                }
                holding.stations = known(EntryKind::Station, unit);
            }
            Role::Organization => holding.organization = organization(db, unit).await?,
            Role::Office | Role::Expert | Role::Auditor | Role::Integration | Role::Administrator => {}
        }
        Ok(holding)
    }

    /// The rows that its lists have.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let scope = match self.grant.role {
            Role::Office | Role::Auditor | Role::Integration => Scope::All,
            Role::District | Role::Station => {
                Scope::Local { districts: all(&self.districts), stations: all(&self.stations) }
            }
            Role::Recommender => Scope::Recommenders(all(&self.recommenders)),
            Role::Organization => self.organization.clone().map_or(Scope::Nothing, Scope::Organization),
            Role::Expert => Scope::Expert(self.grant.unit.clone()),
            Role::Administrator => Scope::Nothing,
        };
        match &self.within {
            None => scope,
            Some(within) => scope.within(all(within)),
        }
    }
}

const fn reads_register(role: Role) -> bool {
    matches!(role, Role::District | Role::Station | Role::Recommender)
}

fn all(ids: &BTreeSet<String>) -> Vec<String> {
    ids.iter().cloned().collect()
}

async fn organization(db: &Db, unit: &str) -> Result<Option<OrganizationId>, StoreError> {
    let Ok(uscc) = unit.parse::<Uscc>() else { return Ok(None) };
    let known = organizations::resolve(db, &uscc).await?;
    Ok(Some(known.unwrap_or_else(|| OrganizationId::first_registered(uscc))))
}
