//! The recommenders of a cycle: places used, granted and left (W-41, Q-01).

use axum::extract::State;
use chrono::NaiveDate;
use domain::Command;
use domain::cycle::{CycleCommand, WaiveQuota};
use domain::ids::{CycleId, DocumentId, RecommenderId};
use projections::Scope;
use projections::quotas::{self, QuotaRow};
use serde::{Deserialize, Serialize};
use store::Db;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cycles;
use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, VersionHeader};
use crate::keys::{CycleKey, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::papers::WaiverBody;
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

/// Extra places for a recommender.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "recommender": "office-quality", "extra": 1, "reason": "市长办公会议决定",
    "occurred_on": "2025-06-01" }))]
pub struct WaiveQuotaBody {
    /// Who is granted them.
    pub recommender: RecommenderId,
    /// How many.
    #[schema(minimum = 1, maximum = 1000)]
    pub extra: u32,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day of the decision.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Which recommenders are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct QuotasFilter {
    /// Only these.
    #[serde(default)]
    #[param(value_type = Vec<String>)]
    pub recommender: Vec<RecommenderId>,
}

impl Filter for QuotasFilter {
    const SORTS: &'static [&'static str] = &["recommender"];
}

/// Lists recommenders with their places: used, granted beyond the rulebook, and left.
#[utoipa::path(get, path = "/cycles/{cycle}/recommenders", tag = "cycles", extensions(("x-permission" = json!("quotas.read"))),
    params(CycleKey, List<QuotasFilter>, ReadHeaders),
    responses((status = 200, description = "The places.", body = Page<QuotaRow>), ReadProblems))]
async fn list_quotas(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    list: List<QuotasFilter>,
) -> Result<Found<Page<QuotaRow>>, Problem> {
    let view = reading.view(&api).await?;
    let wanted = &list.filter.recommender;
    let mut rows = quotas_of(&view.db, &key.cycle, reading.scope()).await?;
    rows.retain(|row| wanted.is_empty() || wanted.contains(&row.recommender));
    Ok(list.slice(rows, |row| row.recommender.to_string(), view.position)?.into())
}

/// Grants a recommender extra places (原则上不超过2个, §三（二）).
#[utoipa::path(post, path = "/cycles/{cycle}/quota-waivers", tag = "cycles", extensions(("x-permission" = json!("quota.waive"))), request_body = WaiveQuotaBody,
    params(CycleKey, CommandHeaders, VersionHeader),
    responses((status = 200, description = "The recommender's places; the tag is the cycle's.",
        body = Answer<QuotaRow>), CommandProblems))]
async fn waive_quota(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<WaiveQuotaBody>,
) -> Result<Answered<QuotaRow>, Problem> {
    let command = WaiveQuota {
        cycle: key.cycle.clone(),
        recommender: body.recommender.clone(),
        extra: body.extra,
        reason: body.reason,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Cycle(CycleCommand::WaiveQuota(command));
    let done = api.run(commanding, &Target::Cycle(key.cycle.clone()), command, Vec::new()).await?;
    let tag = cycles::tag(&api, &key.cycle).await?;
    let rows = quotas_of(&api.after(&done).await?, &key.cycle, &Scope::All).await?;
    let row = rows.into_iter().find(|row| row.recommender == body.recommender);
    Ok(answered(&done, row.ok_or_else(|| Problem::not_found("recommender"))?).tagged(tag))
}

async fn quotas_of(db: &Db, cycle: &CycleId, scope: &Scope) -> Result<Vec<QuotaRow>, Problem> {
    quotas::list(db, cycle, scope).await?.ok_or_else(|| Problem::not_found("cycle"))
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_quotas)).routes(routes!(waive_quota))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{CYCLE, House, MEMBER, OFFICE, RECOMMENDER};

    #[tokio::test]
    async fn w41_places_used_granted_and_left_are_shown() {
        let house = House::seeded().await;
        let path = format!("/cycles/{CYCLE}/recommenders");
        let page = house.get(&format!("{path}?count=true")).await.ok();
        assert_eq!(page["total"], 3);
        let row = &house.get(&format!("{path}?recommender=office-quality")).await.ok()["items"][0];
        assert_eq!((&row["limit"], &row["used"], &row["left"]), (&2.into(), &1.into(), &1.into()));
        assert_eq!(row["nominations"][0]["uscc"], MEMBER);
        house.get("/cycles/wuhu-incubation-1999/recommenders").await.refused("not_found");
    }

    #[tokio::test]
    async fn w41_the_office_grants_extra_places_for_a_reason() {
        let house = House::seeded().await;
        let path = format!("/cycles/{CYCLE}/quota-waivers");
        let waiver = json!({ "recommender": "office-quality", "extra": 2, "reason": "市长办公会议决定",
            "occurred_on": "2026-06-01" });
        house.post(RECOMMENDER, &path, &waiver).await.refused("not_permitted");
        let row = &house.post(OFFICE, &path, &waiver).await.ok()["result"];
        assert_eq!((&row["extra"], &row["left"]), (&2.into(), &3.into()));
        assert_eq!(row["grants"][0]["reason"], "市长办公会议决定");

        let mut wrong = waiver.clone();
        wrong["recommender"] = "nobody".into();
        house.post(OFFICE, &path, &wrong).await.refused_at("unknown_reference", "/recommender");
        wrong = waiver;
        wrong["extra"] = 0.into();
        house.post(OFFICE, &path, &wrong).await.refused_at("validation_failed", "/extra");
    }
}
