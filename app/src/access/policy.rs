//! The policy: Cedar text, checked against its schema at start, asked for every request.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};

use super::grant::{ALL, Role};
use super::holding::Holding;
use super::resource::{FileFacts, OrganizationFacts, Resource};

const SCHEMA: &str = include_str!("../../policy/hatchery.cedarschema");
const SHIPPED: &str = include_str!("../../policy/hatchery.cedar");

/// Why a policy cannot be used; the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not Cedar.
    #[error("{place}: {why}")]
    Syntax {
        /// The file.
        place: String,
        /// Where and what.
        why: String,
    },
    /// It uses words that the schema does not have, or compares what cannot be compared.
    #[error("{place} does not fit its schema: {}", .mistakes.join("; "))]
    Schema {
        /// The file.
        place: String,
        /// Each mistake.
        mistakes: Vec<String>,
    },
}

/// The rules in force.
pub struct Policy {
    rules: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    /// Every permission with its groups.
    actions: HashMap<String, Entity>,
    /// Those that only look.
    reads: HashSet<String>,
    types: HashMap<&'static str, EntityTypeName>,
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Policy").field("permissions", &self.actions.len()).finish_non_exhaustive()
    }
}

const TYPES: [&str; 15] = [
    "Office",
    "District",
    "Station",
    "Recommender",
    "Applicant",
    "Expert",
    "Auditor",
    "Integration",
    "Administrator",
    "Installation",
    "Program",
    "Cycle",
    "File",
    "Session",
    "Organization",
];

impl Policy {
    /// The shipped rules, or those of a file in their place.
    ///
    /// # Errors
    /// If the file cannot be read, is not Cedar, or does not fit the schema: named with the place.
    pub fn load(file: Option<&Path>) -> Result<Self, PolicyError> {
        let Some(path) = file else { return Self::parse("hatchery.cedar", SHIPPED) };
        let text = std::fs::read_to_string(path)
            .map_err(|source| PolicyError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    fn parse(place: &str, text: &str) -> Result<Self, PolicyError> {
        let syntax = |place: &str, why: String| PolicyError::Syntax { place: place.to_owned(), why };
        let (schema, _warnings) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|error| syntax("hatchery.cedarschema", error.to_string()))?;
        let rules = PolicySet::from_str(text).map_err(|error| syntax(place, located(text, &error)))?;
        let checked = Validator::new(schema.clone()).validate(&rules, ValidationMode::Strict);
        if !checked.validation_passed() {
            let mistakes = checked.validation_errors().map(ToString::to_string).collect();
            return Err(PolicyError::Schema { place: place.to_owned(), mistakes });
        }
        let mut types = HashMap::new();
        for name in TYPES {
            let full = format!("Hatchery::{name}");
            let parsed =
                EntityTypeName::from_str(&full).map_err(|error| syntax("hatchery.cedarschema", error.to_string()))?;
            types.insert(name, parsed);
        }
        let known = schema.action_entities().map_err(|error| syntax("hatchery.cedarschema", error.to_string()))?;
        let mut actions = HashMap::new();
        let mut reads = HashSet::new();
        for action in known.iter() {
            let name = action.uid().id().unescaped().to_owned();
            let groups = known.ancestors(&action.uid()).map(|all| all.cloned().collect::<HashSet<_>>());
            let groups = groups.unwrap_or_default();
            if groups.iter().any(|group| group.id().unescaped() == "read") {
                reads.insert(name.clone());
            }
            actions.insert(name, Entity::new_no_attrs(action.uid(), groups));
        }
        Ok(Self { rules, schema, authorizer: Authorizer::new(), actions, reads, types })
    }

    /// Whether there is such a permission.
    #[must_use]
    pub fn knows(&self, permission: &str) -> bool {
        permission != "read" && self.actions.contains_key(permission)
    }

    /// Whether a permission only looks.
    #[must_use]
    pub fn is_read(&self, permission: &str) -> bool {
        self.reads.contains(permission)
    }

    /// Whether the rules permit it. What is asked amiss, they do not.
    #[must_use]
    pub fn permits(&self, holding: &Holding, permission: &str, resource: &Resource) -> bool {
        if let Some(within) = &holding.within
            && !resource.is_within(within)
        {
            return false;
        }
        self.ask(holding, permission, resource).unwrap_or(false)
    }

    fn ask(&self, holding: &Holding, permission: &str, resource: &Resource) -> Option<bool> {
        let action = self.actions.get(permission)?;
        let principal = self.principal(holding)?;
        let resource = self.resource(resource)?;
        // A permission that is not for this kind of principal or resource is no request at all.
        let request =
            Request::new(principal.uid(), action.uid(), resource.uid(), Context::empty(), Some(&self.schema)).ok()?;
        let entities = Entities::from_entities([principal, action.clone(), resource], None).ok()?;
        let answer = self.authorizer.is_authorized(&request, &self.rules, &entities);
        Some(answer.decision() == Decision::Allow)
    }

    fn principal(&self, holding: &Holding) -> Option<Entity> {
        let grant = &holding.grant;
        let program = || text(grant.program.as_ref().map_or(ALL, |program| program.as_str()));
        let (kind, attributes) = match grant.role {
            Role::Office => ("Office", vec![("program", program())]),
            Role::District => ("District", vec![("program", program()), ("districts", texts(&holding.districts))]),
            Role::Station => (
                "Station",
                vec![
                    ("program", program()),
                    ("districts", texts(&holding.districts)),
                    ("stations", texts(&holding.stations)),
                ],
            ),
            Role::Recommender => {
                ("Recommender", vec![("program", program()), ("recommenders", texts(&holding.recommenders))])
            }
            Role::Organization => {
                // A unit that is no USCC is nobody's organisation.
                let organization = holding.organization.as_ref().map_or("", |organization| organization.as_str());
                ("Applicant", vec![("organization", text(organization))])
            }
            Role::Expert => ("Expert", vec![("program", program()), ("expert", text(&grant.unit))]),
            Role::Auditor => ("Auditor", vec![("program", program())]),
            Role::Integration => ("Integration", vec![("program", program())]),
            Role::Administrator => ("Administrator", Vec::new()),
        };
        self.entity(kind, &grant.unit, attributes)
    }

    fn resource(&self, resource: &Resource) -> Option<Entity> {
        match resource {
            Resource::Installation => self.entity("Installation", "hatchery", Vec::new()),
            Resource::Program(program) => {
                self.entity("Program", program.as_str(), vec![("program", text(program.as_str()))])
            }
            Resource::Cycle(program) => {
                self.entity("Cycle", program.as_str(), vec![("program", text(program.as_str()))])
            }
            Resource::File(FileFacts { program, organization, district, station, recommender, experts }) => {
                let mut attributes = vec![
                    ("program", text(program.as_str())),
                    ("district", text(district)),
                    ("organization", text(organization.as_str())),
                    ("experts", texts(experts)),
                ];
                attributes.extend(station.as_ref().map(|station| ("station", text(station))));
                attributes.extend(recommender.as_ref().map(|recommender| ("recommender", text(recommender))));
                self.entity("File", organization.as_str(), attributes)
            }
            Resource::Session { program, experts } => {
                let attributes = vec![("program", text(program.as_str())), ("experts", texts(experts))];
                self.entity("Session", program.as_str(), attributes)
            }
            Resource::Organization(OrganizationFacts { organization, programs, districts, recommenders }) => {
                let attributes = vec![
                    ("organization", text(organization.as_str())),
                    ("programs", texts(programs)),
                    ("districts", texts(districts)),
                    ("recommenders", texts(recommenders)),
                ];
                self.entity("Organization", organization.as_str(), attributes)
            }
        }
    }

    fn entity(&self, kind: &str, id: &str, attributes: Vec<(&str, RestrictedExpression)>) -> Option<Entity> {
        let uid = EntityUid::from_type_name_and_id(self.types.get(kind)?.clone(), EntityId::new(id));
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Entity::new(uid, attributes, HashSet::new()).ok()
    }
}

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn texts(all: &BTreeSet<String>) -> RestrictedExpression {
    RestrictedExpression::new_set(all.iter().map(|one| text(one)))
}

/// A mistake in the text, with its line.
fn located(text: &str, error: &cedar_policy::ParseErrors) -> String {
    let place = error.iter().find_map(|one| {
        let label = miette_labels(one)?;
        Some(text.get(..label)?.matches('\n').count() + 1)
    });
    place.map_or_else(|| error.to_string(), |line| format!("line {line}: {error}"))
}

/// Where in the text a mistake is.
fn miette_labels(error: &dyn miette::Diagnostic) -> Option<usize> {
    error.labels()?.next().map(|label| label.offset())
}
