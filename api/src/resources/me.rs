//! Who asks: the actor as the server understands it, and what it acts for.

use app::access::{Grant, Holding};
use axum::extract::State;
use domain::{Actor, Role, Uscc};
use projections::organizations;
use projections::register::{self, EntryKind};
use serde::{Deserialize, Serialize};
use store::Db;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Found;
use crate::headers::{ReadHeaders, Reading};
use crate::openapi::ReadProblems;
use crate::problem::Problem;
use crate::state::Api;

/// The actor of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// As in the header `Hatchery-Actor`.
    #[schema(example = "office/wuhu-incubation/zhang")]
    pub actor: String,
    /// Its role.
    #[schema(example = "office")]
    pub role: String,
    /// The unit that the role is held for.
    #[schema(example = "wuhu-incubation")]
    pub unit: String,
    /// The account of the person.
    #[schema(example = "zhang")]
    pub person: String,
    /// What the unit is; empty where nothing of that name is known, so that nothing is permitted to it.
    pub acts_for: Vec<ActsFor>,
    /// All that the account may act as, in the order of roles; a token may be narrowed to one of them.
    pub offices: Vec<Office>,
}

/// Something that the account may act as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Office {
    /// As `Hatchery-Actor` names it.
    #[schema(example = "office/wuhu-incubation/zhang")]
    pub actor: String,
    /// Its role.
    #[schema(example = "office")]
    pub role: String,
    /// The unit that the role is held for.
    #[schema(example = "wuhu-incubation")]
    pub unit: String,
    /// The program that it is held in; none of an organisation, and of what is held in all.
    pub program: Option<String>,
    /// What the unit is; empty where nothing of that name is known.
    pub acts_for: Vec<ActsFor>,
}

/// Something that an actor acts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActsFor {
    /// `program`, `district`, `station`, `recommender`, `expert` or `organization`.
    #[schema(example = "program")]
    pub kind: String,
    /// Its id, or the organisation's USCC in force.
    pub id: String,
    /// Its name; an expert's stands in the register.
    pub name: Option<String>,
    /// The program whose register it is in; none of an organisation.
    pub program: Option<String>,
    /// Neither closed nor merged.
    pub active: bool,
}

/// Shows who asks, and what it may act as.
#[utoipa::path(get, path = "/me", tag = "organizations", extensions(("x-permission" = json!("self"))), params(ReadHeaders),
    responses((status = 200, description = "The actor.", body = Me), ReadProblems))]
async fn get_me(State(api): State<Api>, reading: Reading) -> Result<Found<Me>, Problem> {
    let view = reading.view(&api).await?;
    let grant = &reading.admitted.holding.grant;
    let person = reading.admitted.principal.login.clone();
    let acts_for = match reading.admitted.actor() {
        Some(actor) => acts_for(&api, &view.db, actor).await?,
        None => Vec::new(),
    };
    let (role, unit) = (grant.role.to_string(), grant.unit.clone());
    let mut offices = Vec::new();
    for holding in &reading.admitted.principal.holdings {
        offices.push(office(&api, &view.db, holding, &person).await?);
    }
    let me = Me { actor: reading.admitted.name(), role, unit, person, acts_for, offices };
    // Not by position: another actor gets another answer.
    Ok(Found::projected(me, view.position).hashed())
}

async fn office(api: &Api, db: &Db, holding: &Holding, person: &str) -> Result<Office, Problem> {
    let Grant { role, program, unit } = &holding.grant;
    let acts_for = match &holding.actor {
        Some(actor) => acts_for(api, db, actor).await?,
        None => Vec::new(),
    };
    Ok(Office {
        actor: format!("{role}/{unit}/{person}"),
        role: role.to_string(),
        unit: unit.clone(),
        program: program.as_ref().map(ToString::to_string),
        // The same name may stand in the register of another program.
        acts_for: acts_for
            .into_iter()
            .filter(|acts| program.is_none() || acts.program == program.as_ref().map(ToString::to_string))
            .collect(),
    })
}

async fn acts_for(api: &Api, db: &Db, actor: &Actor) -> Result<Vec<ActsFor>, Problem> {
    match actor.role {
        Role::Office => Ok(programs(api, actor)),
        Role::District => entries(api, db, EntryKind::District, &actor.unit).await,
        Role::Station => entries(api, db, EntryKind::Station, &actor.unit).await,
        Role::Recommender => entries(api, db, EntryKind::Recommender, &actor.unit).await,
        Role::Expert => entries(api, db, EntryKind::Expert, &actor.unit).await,
        Role::Organization => organization(db, &actor.unit).await,
    }
}

fn programs(api: &Api, actor: &Actor) -> Vec<ActsFor> {
    let own = api.app().rulebooks().iter().filter(|rulebook| actor.is_office(&rulebook.program));
    own.map(|rulebook| ActsFor {
        kind: "program".to_owned(),
        id: rulebook.program.to_string(),
        name: Some(rulebook.name.zh.clone()),
        program: Some(rulebook.program.to_string()),
        active: true,
    })
    .collect()
}

/// The entries of that id in the registers of all programs.
async fn entries(api: &Api, db: &Db, kind: EntryKind, id: &str) -> Result<Vec<ActsFor>, Problem> {
    let mut found = Vec::new();
    for rulebook in api.app().rulebooks().iter() {
        let directory = register::directory(db, &rulebook.program).await?;
        found.extend(directory.entry(kind, id).map(|entry| ActsFor {
            kind: kind.name().to_owned(),
            id: entry.id.clone(),
            name: entry.name.clone(),
            program: Some(rulebook.program.to_string()),
            active: entry.active,
        }));
    }
    Ok(found)
}

async fn organization(db: &Db, unit: &str) -> Result<Vec<ActsFor>, Problem> {
    let Ok(uscc) = unit.parse::<Uscc>() else { return Ok(Vec::new()) };
    let Some(id) = organizations::resolve(db, &uscc).await? else { return Ok(Vec::new()) };
    let briefs = organizations::briefs(db, [id]).await?;
    Ok(briefs
        .into_values()
        .map(|brief| ActsFor {
            kind: "organization".to_owned(),
            id: brief.uscc.to_string(),
            name: Some(brief.name),
            program: None,
            active: true,
        })
        .collect())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(get_me))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{House, MEMBER, OFFICE, STATION};

    #[tokio::test]
    async fn an_actor_learns_what_it_acts_for() {
        let house = House::seeded().await;
        let office = house.get_as(OFFICE, "/me").await.ok();
        assert_eq!((&office["role"], &office["person"]), (&"office".into(), &"zhang".into()));
        assert_eq!(office["acts_for"][0]["id"], "wuhu-incubation");
        let station = house.get_as(STATION, "/me").await.ok();
        let known = json!([{ "kind": "station", "id": "jinghu-1", "name": "jinghu服务站",
            "program": "wuhu-incubation", "active": true }]);
        assert_eq!(station["acts_for"], known);
        let offices = json!([{ "actor": STATION, "role": "station", "unit": "jinghu-1",
            "program": "wuhu-incubation", "acts_for": known }]);
        assert_eq!(station["offices"], offices);
        let member = house.get_as(&format!("organization/{MEMBER}/zhou"), "/me").await.ok();
        assert_eq!(member["acts_for"][0]["name"], "示范孵化组织");
    }

    #[tokio::test]
    async fn a_unit_that_nobody_knows_acts_for_nothing_and_nobody_is_refused() {
        let house = House::seeded().await;
        for actor in ["station/nowhere-1/li", "office/other/li", "organization/nobody/li"] {
            assert_eq!(house.get_as(actor, "/me").await.ok()["acts_for"], json!([]), "{actor}");
        }
        house.get_as_nobody("/me").await.refused("not_authenticated");
    }
}
