//! Organisations over all cycles and programs: their history, what changes of them, their incidents.

mod honours;

use std::sync::Arc;

use app::Done;
use axum::extract::State;
use chrono::NaiveDate;
use domain::ids::{DistrictId, DocumentId, OrganizationId, ProgramId};
use domain::organization::{ChangeOrganization, OrganizationChange, OrganizationCommand};
use domain::{Command, FieldCode, Refusal, Rulebook, Uscc};
use projections::Scope;
use projections::facts::{self, Fact, FactFilter, FactKind};
use projections::organizations::{self, Organization};
use serde::{Deserialize, Serialize};
use store::Db;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use honours::{HolderBody, HolderShown, HonourBody, HonourShown, RecordHonourBody};

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, Tag};
use crate::keys::{Keys, OrganizationKey};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{List, Page};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::resources::facts::{FactsFilter, order, voids};
use crate::state::{Api, Target, answered};

/// What changes of an organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OrganizationChangeBody {
    /// A new name; may also come from the organisation itself.
    Rename {
        /// The name.
        #[schema(min_length = 1, max_length = 200)]
        name: String,
    },
    /// It moved within the city; the responsible station follows.
    District {
        /// The new district.
        district: DistrictId,
    },
    /// The authority gave it a new number; both resolve.
    NewUscc {
        /// The number.
        uscc: Uscc,
    },
    /// The number was entered wrongly; both resolve.
    UsccCorrection {
        /// The right number.
        uscc: Uscc,
        /// Why.
        #[schema(max_length = 2000)]
        reason: String,
    },
    /// It merged into a successor, which is registered here.
    Merger {
        /// A number of the successor.
        into: Uscc,
        /// Why.
        #[schema(max_length = 2000)]
        reason: String,
    },
    /// It was dissolved.
    Dissolution {
        /// Why.
        #[schema(max_length = 2000)]
        reason: String,
    },
}

/// Fields of a change that the domain names without `/change`.
const CHANGED: [&str; 5] = ["name", "district", "uscc", "into", "reason"];

impl From<OrganizationChangeBody> for OrganizationChange {
    fn from(body: OrganizationChangeBody) -> Self {
        match body {
            OrganizationChangeBody::Rename { name } => Self::Rename { name },
            OrganizationChangeBody::District { district } => Self::District { district },
            OrganizationChangeBody::NewUscc { uscc } => Self::NewUscc { uscc },
            OrganizationChangeBody::UsccCorrection { uscc, reason } => Self::CorrectUscc { uscc, reason },
            OrganizationChangeBody::Merger { into, reason } => Self::Merge { into, reason },
            OrganizationChangeBody::Dissolution { reason } => Self::Dissolve { reason },
        }
    }
}

/// A change of an organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "program": "wuhu-incubation", "change": { "kind": "rename", "name": "芜湖示范智能装备有限公司" },
    "occurred_on": "2026-03-01"
}))]
pub struct ChangeOrganizationBody {
    /// The program whose award office this concerns, and whose days count.
    #[schema(value_type = String, example = "wuhu-incubation", pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub program: ProgramId,
    /// What changes.
    pub change: OrganizationChangeBody,
    /// The day of the change.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Shows an organisation: numbers, names, files of all cycles and programs, incidents, honours.
#[utoipa::path(get, path = "/organizations/{uscc}", tag = "organizations", extensions(("x-permission" = json!("organization.read"))), params(OrganizationKey, ReadHeaders),
    responses((status = 200, description = "The organisation.", body = Organization), ReadProblems))]
async fn get_organization(
    State(api): State<Api>,
    Keys(key): Keys<OrganizationKey>,
    reading: Reading,
) -> Result<Found<Organization>, Problem> {
    let view = reading.view(&api).await?;
    let id = resolve(&view.db, &key.uscc).await?;
    let found = organizations::get(&view.db, &id).await?.ok_or_else(|| Problem::not_found("organization"))?;
    Ok(Found::projected(found, view.position))
}

/// Records a change of name, district or number, a merger or a dissolution; by the award office of a program in which
/// it has or had a file, a new name also by itself.
///
/// A live file is not touched: it is ended by a step of its own.
#[utoipa::path(post, path = "/organizations/{uscc}/changes", tag = "organizations", extensions(("x-permission" = json!("organization.change"))),
    params(OrganizationKey, CommandHeaders), request_body = ChangeOrganizationBody,
    responses((status = 200, description = "The organisation.", body = Answer<Organization>), CommandProblems))]
async fn change_organization(
    State(api): State<Api>,
    Keys(key): Keys<OrganizationKey>,
    commanding: Commanding,
    Body(body): Body<ChangeOrganizationBody>,
) -> Result<Answered<Organization>, Problem> {
    let command = ChangeOrganization {
        rulebook: rulebook(&api, &body.program)?,
        uscc: key.uscc.clone(),
        change: body.change.into(),
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Organization(OrganizationCommand::Change(command));
    let done = api.run(commanding, &Target::Program(body.program), command, Vec::new()).await;
    let done = done.map_err(|problem| problem.below("/change", &CHANGED))?;
    let position = api.app().view(None).await?.position;
    let answer = answered(&done, shown(&api, &done, &key.uscc).await?);
    // Where read models lag, the position that they show is not the one after this command.
    Ok(if done.visible { answer.with_etag(Tag::weak(position)) } else { answer })
}

/// Lists the incidents of an organisation, with what the authority found.
#[utoipa::path(get, path = "/organizations/{uscc}/incidents", tag = "organizations", extensions(("x-permission" = json!("organization.read"))),
    params(OrganizationKey, List<FactsFilter>, ReadHeaders),
    responses((status = 200, description = "The incidents.", body = Page<Fact>), ReadProblems))]
async fn list_incidents(
    State(api): State<Api>,
    Keys(key): Keys<OrganizationKey>,
    reading: Reading,
    list: List<FactsFilter>,
) -> Result<Found<Page<Fact>>, Problem> {
    let view = reading.view(&api).await?;
    let organization = resolve(&view.db, &key.uscc).await?;
    let page = facts_of(&view.db, organization, FactKind::Incidents, &list).await?;
    Ok(list.found(page, view.position))
}

/// The facts of a kind of an organisation at large.
async fn facts_of(
    db: &Db,
    organization: OrganizationId,
    kind: FactKind,
    list: &List<FactsFilter>,
) -> Result<projections::page::Page<Fact>, Problem> {
    let filter = FactFilter {
        organizations: vec![organization],
        from: list.filter.from,
        to: list.filter.to,
        voids: voids(list.filter.voided),
        ..FactFilter::default()
    };
    Ok(facts::list(db, &Scope::All, kind, &filter, order(list.sort), &list.paging()?).await?)
}

/// The rules of a program that a body names.
fn rulebook(api: &Api, program: &ProgramId) -> Result<Arc<Rulebook>, Problem> {
    let found = api.app().rulebooks().get(program);
    found.ok_or_else(|| Refusal::field("/program", FieldCode::NotOneOf, "").into())
}

/// The organisation of a number, be it in force or an earlier one.
async fn resolve(db: &Db, uscc: &Uscc) -> Result<OrganizationId, Problem> {
    organizations::resolve(db, uscc).await?.ok_or_else(|| Problem::not_found("organization"))
}

/// The organisation as it stands after a command.
async fn shown(api: &Api, done: &Done, uscc: &Uscc) -> Result<Organization, Problem> {
    let db = api.after(done).await?;
    let id = resolve(&db, uscc).await?;
    let found = organizations::get(&db, &id).await?;
    found.ok_or_else(|| Problem::not_found("organization"))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_organization))
        .routes(routes!(change_organization))
        .routes(routes!(list_incidents))
        .merge(honours::routes())
}

#[cfg(test)]
mod tests;
