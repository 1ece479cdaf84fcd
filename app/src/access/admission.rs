//! What a request was let in as: who acts, which rows it sees, what is shown of people.

use std::sync::Arc;

use domain::Actor;
use projections::Scope;

use super::grant::Role;
use super::holding::Holding;
use super::policy::Policy;
use super::principal::{Principal, Via};
use super::resource::Resource;

/// A request that was let in.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The account.
    pub principal: Arc<Principal>,
    /// What it acts as.
    pub holding: Arc<Holding>,
    /// The rows of its lists.
    pub scope: Scope,
    /// The rows that the database shows it, whatever is asked; none for whoever sees all (S2).
    pub wall: Option<Arc<str>>,
    /// What is shown to it beyond the rows.
    pub sight: Sight,
}

/// Permissions for single fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sight {
    /// Names, phones and mail addresses of people.
    pub contacts: bool,
    /// Why a file was not recommended or declined.
    pub grounds: bool,
    /// What incidents rest on.
    pub incident_papers: bool,
}

/// Why a request was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The resource is not even to be known of; the kind that it is called by.
    Unknown(&'static str),
    /// Known, but not allowed; the role asked with, if it is one that acts.
    NotPermitted(Option<domain::Role>),
}

impl Admitted {
    /// Who commands.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.holding.actor.as_ref()
    }

    /// Who it is, written `role/unit/login`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.holding.grant.role, self.holding.grant.unit, self.principal.login)
    }
}

impl Policy {
    /// Lets a request in by the first of the holdings that may make it, or says why not.
    ///
    /// # Errors
    /// What the client is told.
    pub fn admit(
        &self,
        principal: &Arc<Principal>,
        holdings: &[&Holding],
        permission: &str,
        resource: &Resource,
    ) -> Result<Admitted, Denied> {
        let reads_only = matches!(principal.via, Via::Token { reads_only: true, .. });
        let may = |holding: &&Holding, permission: &str| self.permits(holding, permission, resource);
        let permitted = holdings.iter().copied().find(|holding| may(holding, permission));
        match permitted {
            Some(holding) if self.is_read(permission) || permission == "self" || !reads_only => Ok(Admitted {
                principal: Arc::clone(principal),
                wall: holding.scope().wall(resource.organization_of()),
                scope: holding.scope(),
                // Only what is read is looked at.
                sight: if self.is_read(permission) {
                    Sight {
                        contacts: may(&holding, "contact.read"),
                        grounds: may(&holding, "grounds.read"),
                        incident_papers: may(&holding, "incident_papers.read"),
                    }
                } else {
                    Sight::default()
                },
                holding: Arc::new(holding.clone()),
            }),
            _ => Err(self.denial(holdings, resource)),
        }
    }

    /// A resource that none of the holdings may look at is not even there.
    fn denial(&self, holdings: &[&Holding], resource: &Resource) -> Denied {
        let look = match resource {
            Resource::File(_) => "file.read",
            Resource::Session { .. } => "session.read",
            Resource::Organization(_) => "organization.read",
            Resource::Installation | Resource::Program(_) | Resource::Cycle(_) => "",
        };
        let role = holdings.first().and_then(|holding| holding.actor.as_ref()).map(|actor| actor.role);
        match resource.confidential() {
            Some(kind) if !holdings.iter().any(|holding| self.permits(holding, look, resource)) => {
                Denied::Unknown(kind)
            }
            _ => Denied::NotPermitted(role),
        }
    }
}

/// The order in which holdings are tried: the widest first.
pub(super) const fn rank(role: Role) -> u8 {
    match role {
        Role::Office => 0,
        Role::Auditor => 1,
        Role::District => 2,
        Role::Station => 3,
        Role::Recommender => 4,
        Role::Organization => 5,
        Role::Expert => 6,
        Role::Integration => 7,
        Role::Administrator => 8,
    }
}
