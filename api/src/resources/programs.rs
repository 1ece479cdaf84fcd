//! Programs (培育项目): their rulebooks, each rule with its clause, strength and label.

use axum::extract::State;
use domain::Rulebook;
use domain::ids::ProgramId;
use domain::rulebook::{Name, Source};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::Found;
use crate::headers::{ReadHeaders, Reading};
use crate::keys::{Keys, ProgramKey};
use crate::openapi::ReadProblems;
use crate::page::{Filter, List, Page};
use crate::problem::Problem;
use crate::state::Api;

/// A program in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgramSummary {
    /// The program.
    pub program: ProgramId,
    /// The edition of its rulebook; changes with every edit.
    #[schema(example = "2026-1")]
    pub edition: String,
    /// Its name.
    pub name: Name,
    /// The pool's name.
    pub pool: Name,
    /// The award office's name.
    pub office: Name,
    /// The label to stand beside every clause.
    #[schema(example = "试行（征求意见稿）")]
    pub label: Option<String>,
    /// The documents that the rules come from.
    pub sources: Vec<Source>,
}

impl From<&Rulebook> for ProgramSummary {
    fn from(rulebook: &Rulebook) -> Self {
        Self {
            program: rulebook.program.clone(),
            edition: rulebook.edition.clone(),
            name: rulebook.name.clone(),
            pool: rulebook.pool.clone(),
            office: rulebook.office.clone(),
            label: rulebook.label.clone(),
            sources: rulebook.sources.clone(),
        }
    }
}

/// Programs have no filter: an installation has few.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct ProgramsFilter {}

impl Filter for ProgramsFilter {
    const SORTS: &'static [&'static str] = &["program"];
}

/// Lists the programs of this installation.
#[utoipa::path(get, path = "/programs", tag = "programs", extensions(("x-permission" = json!("programs.read"))), params(List<ProgramsFilter>, ReadHeaders),
    responses((status = 200, description = "The programs.", body = Page<ProgramSummary>), ReadProblems))]
async fn list_programs(
    State(api): State<Api>,
    reading: Reading,
    list: List<ProgramsFilter>,
) -> Result<Found<Page<ProgramSummary>>, Problem> {
    let view = reading.view(&api).await?;
    let programs = api.app().rulebooks().iter().map(|rulebook| ProgramSummary::from(rulebook.as_ref())).collect();
    let page = list.slice(programs, |program| program.program.to_string(), view.position)?;
    Ok(Found::from(page).hashed())
}

/// Shows a program's rulebook as it would be copied into a cycle opened now.
///
/// A running cycle keeps the rules that it was opened under. `label` stands beside every clause that is shown;
/// `ours` marks what no source says.
#[utoipa::path(get, path = "/programs/{program}", tag = "programs", extensions(("x-permission" = json!("program.read"))), params(ProgramKey, ReadHeaders),
    responses((status = 200, description = "The rulebook.", body = Rulebook), ReadProblems))]
async fn get_program(
    State(api): State<Api>,
    Keys(key): Keys<ProgramKey>,
    reading: Reading,
) -> Result<Found<Rulebook>, Problem> {
    let view = reading.view(&api).await?;
    let rulebook = api.rulebook(&key.program)?;
    Ok(Found::projected(Rulebook::clone(&rulebook), view.position).hashed())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_programs)).routes(routes!(get_program))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};

    use crate::testing::{House, PROGRAM};

    #[tokio::test]
    async fn the_rulebook_is_shown_whole_with_clause_strength_and_label() {
        let house = House::empty().await;
        let rulebook = house.get(&format!("/programs/{PROGRAM}")).await.ok();
        assert_eq!(rulebook["label"], "试行（征求意见稿）");
        let quota = &rulebook["recommenders"]["quota"];
        assert_eq!((&quota["limit"], &quota["rule"]["strength"]), (&2.into(), &"principle".into()));
        assert_eq!(quota["rule"]["clause"], "三（二）");
        assert_eq!(rulebook["time_zone"], "+08:00");
        assert_eq!(rulebook["classes"]["list"].as_array().map(Vec::len), Some(4));
        house.get("/programs/nowhere").await.refused("not_found");
    }

    #[tokio::test]
    async fn programs_are_paged_and_counted() {
        let house = House::empty().await;
        let first = house.get("/programs?limit=1&count=true").await.ok();
        assert_eq!((&first["items"][0]["program"], &first["total"]), (&"hangzhou-cultivation".into(), &2.into()));
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = house.get(&format!("/programs?limit=1&count=true&cursor={cursor}")).await.ok();
        assert_eq!((&second["items"][0]["program"], &second["next_cursor"]), (&PROGRAM.into(), &().into()));
        let down = house.get("/programs?sort=-program&limit=1").await.ok();
        assert_eq!(down["items"][0]["program"], PROGRAM);
        let cursor = down["next_cursor"].as_str().unwrap();
        let rest = house.get(&format!("/programs?sort=-program&limit=1&cursor={cursor}")).await.ok();
        assert_eq!(rest["items"][0]["program"], "hangzhou-cultivation");
    }

    #[tokio::test]
    async fn the_tag_of_a_rulebook_is_that_of_its_content() {
        let house = House::empty().await;
        let uri = format!("/programs/{PROGRAM}");
        let tag = house.get(&uri).await.header(header::ETAG).to_owned();
        assert!(tag.starts_with("W/\"h"), "{tag}");
        let request = Request::get(format!("/api/v1{uri}")).header(header::IF_NONE_MATCH, &tag);
        assert_eq!(house.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::NOT_MODIFIED);
        assert_ne!(house.get("/programs/hangzhou-cultivation").await.header(header::ETAG), tag);
    }
}
