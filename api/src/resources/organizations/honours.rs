//! Honours (荣誉, Q-22) of an organisation or of a person of it.

use axum::extract::State;
use chrono::NaiveDate;
use domain::Command;
use domain::forms::annex1::Level;
use domain::forms::facts::{Holder, Honour};
use domain::ids::{DocumentId, HonourId, PersonId, ProgramId};
use domain::organization::{OrganizationCommand, RecordHonour};
use projections::facts::{self, Content, Fact, FactKind};
use projections::trace::Trace;
use serde::{Deserialize, Serialize};
use store::persons::Person;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{facts_of, resolve, rulebook};
use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading};
use crate::keys::{Keys, OrganizationKey};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{List, Page};
use crate::papers::WaiverBody;
use crate::people::{People, PersonBody, PersonView, Sight};
use crate::problem::Problem;
use crate::resources::facts::FactsFilter;
use crate::state::{Api, Target, answered};

/// Who holds an honour.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum HolderBody {
    /// The organisation.
    Organization {},
    /// A person of it; kept beside the events.
    Person {
        /// The person.
        person: PersonBody,
    },
}

/// An honour.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HonourBody {
    /// Its name at the time.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Who holds it.
    pub holder: HolderBody,
}

/// An honour to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "program": "wuhu-incubation",
    "honour": { "name": "芜湖市政府质量奖", "level": "city", "holder": { "kind": "organization" } },
    "occurred_on": "2025-11-15"
}))]
pub struct RecordHonourBody {
    /// The program whose award office this concerns, and whose days count.
    #[schema(value_type = String, example = "wuhu-incubation", pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    pub program: ProgramId,
    /// The honour.
    pub honour: HonourBody,
    /// The day of the honour.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Who holds an honour, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HolderShown {
    /// The organisation.
    Organization,
    /// A person of it.
    Person {
        /// The person; what was erased is null.
        person: PersonView,
    },
}

/// An honour, as shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HonourShown {
    /// The honour.
    pub honour_id: String,
    /// Its name at the time.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// Who holds it.
    pub holder: HolderShown,
    /// The day of it.
    pub occurred_on: NaiveDate,
    /// Who recorded it, when, on which papers.
    pub recorded: Trace,
}

impl HonourBody {
    /// The form, with the record of the person that it refers to.
    fn into_form(self, api: &Api) -> (Honour, Vec<Person>) {
        let persons = match self.holder {
            HolderBody::Organization {} => Vec::new(),
            HolderBody::Person { person } => vec![api.person(person)],
        };
        let holder = persons.first().map_or(Holder::Organization, |person| Holder::Person(person.person_id));
        (Honour { name: self.name, level: self.level, holder }, persons)
    }
}

/// Records an honour; by the organisation, or by the award office of a program in which it has or had a file.
#[utoipa::path(post, path = "/organizations/{uscc}/honours", tag = "organizations", extensions(("x-permission" = json!("honour.record"))),
    params(OrganizationKey, CommandHeaders), request_body = RecordHonourBody,
    responses((status = 200, description = "The honour.", body = Answer<HonourShown>), CommandProblems))]
async fn record_honour(
    State(api): State<Api>,
    Keys(key): Keys<OrganizationKey>,
    commanding: Commanding,
    Body(body): Body<RecordHonourBody>,
) -> Result<Answered<HonourShown>, Problem> {
    let honour_id = HonourId::new(Uuid::now_v7());
    let (honour, persons) = body.honour.into_form(&api);
    let command = RecordHonour {
        rulebook: rulebook(&api, &body.program)?,
        uscc: key.uscc,
        honour_id,
        honour,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Organization(OrganizationCommand::RecordHonour(command));
    let done = api.run(commanding, &Target::Program(body.program), command, persons).await?;
    // A key that was used before is answered for the honour recorded then.
    let first = api.recorded(&done).await?.iter().find_map(facts::named_by);
    let id = first.map_or_else(|| honour_id.to_string(), |(_, id)| id);
    let fact = facts::get(&api.after(&done).await?, FactKind::Honours, &id).await?;
    let fact = fact.ok_or_else(|| Problem::not_found("honour"))?;
    let people = api.people(holder(&fact), Sight::Masked).await?;
    Ok(answered(&done, shown(fact, &people)?).hashed())
}

/// Lists the honours of an organisation and of persons of it.
#[utoipa::path(get, path = "/organizations/{uscc}/honours", tag = "organizations", extensions(("x-permission" = json!("organization.read"))),
    params(OrganizationKey, List<FactsFilter>, ReadHeaders),
    responses((status = 200, description = "The honours.", body = Page<HonourShown>), ReadProblems))]
async fn list_honours(
    State(api): State<Api>,
    Keys(key): Keys<OrganizationKey>,
    reading: Reading,
    list: List<FactsFilter>,
) -> Result<Found<Page<HonourShown>>, Problem> {
    let view = reading.view(&api).await?;
    let organization = resolve(&view.db, &key.uscc).await?;
    let page = facts_of(&view.db, organization, FactKind::Honours, &list).await?;
    let holders = page.items.iter().filter_map(holder).collect::<Vec<_>>();
    let people = api.people(holders, reading.sight()).await?;
    let items = page.items.into_iter().map(|fact| shown(fact, &people)).collect::<Result<_, _>>()?;
    let page = projections::page::Page { items, next: page.next, total: page.total };
    Ok(list.found(page, view.position).hashed())
}

/// An honour with the person that holds it, as this reader sees them.
fn shown(fact: Fact, people: &People) -> Result<HonourShown, Problem> {
    let Content::Honour(honour) = fact.content else {
        return Err(Problem::internal(&format!("the fact {} is listed as an honour", fact.id)));
    };
    let holder = match honour.holder {
        Holder::Organization => HolderShown::Organization,
        Holder::Person(person) => HolderShown::Person { person: people.view(person) },
    };
    let (name, level) = (honour.name, honour.level);
    Ok(HonourShown { honour_id: fact.id, name, level, holder, occurred_on: fact.occurred_on, recorded: fact.recorded })
}

/// The person that holds an honour.
fn holder(fact: &Fact) -> Option<PersonId> {
    if let Content::Honour(Honour { holder: Holder::Person(person), .. }) = &fact.content {
        Some(*person)
    } else {
        None
    }
}

/// The paths of this resource.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(record_honour, list_honours))
}
