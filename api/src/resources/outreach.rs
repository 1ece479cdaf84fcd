//! The log of mobilisation of a cycle (宣传动员, W-43): recorded, listed, shown, corrected and voided.

use app::Done;
use axum::extract::State;
use chrono::NaiveDate;
use domain::Command;
use domain::cycle::{CorrectOutreach, CycleCommand, RecordOutreach, VoidOutreach};
use domain::forms::facts::Outreach;
use domain::ids::{CycleId, DocumentId, OutreachId};
use projections::outreach::{self, OutreachRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::cycles;
use super::facts::{VoidBody, voids};
use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{CommandHeaders, Commanding, ReadHeaders, Reading, VersionHeader};
use crate::keys::{CycleKey, EXAMPLE_CYCLE, Keys};
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::problem::Problem;
use crate::state::{Api, Target, answered};

/// What was done to mobilise.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outreach": { "title": "创奖培育宣讲会", "held_by": "市工业和信息化局", "audience": "重点产业链企业",
        "organizations_reached": 60 },
    "occurred_on": "2025-02-20"
}))]
pub struct RecordOutreachBody {
    /// What was done.
    pub outreach: Outreach,
    /// The day that it was done on.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

/// What was done, in full, in place of what was recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outreach": { "title": "创奖培育宣讲会", "held_by": "市工业和信息化局", "audience": "重点产业链企业",
        "organizations_reached": 65 },
    "reason": "签到人数漏计", "occurred_on": "2025-02-20"
}))]
pub struct CorrectOutreachBody {
    /// What was done.
    pub outreach: Outreach,
    /// Why it is corrected.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day that it was done on.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
}

/// `/cycles/{cycle}/outreach/{outreach_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OutreachKey {
    /// The cycle: `{program}-{label}`.
    #[param(value_type = String, example = json!(EXAMPLE_CYCLE))]
    pub cycle: CycleId,
    /// The entry of the log.
    #[param(value_type = String, format = "uuid")]
    pub outreach_id: OutreachId,
}

/// Which entries are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct OutreachFilter {
    /// Whether voided ones are listed too.
    #[serde(default)]
    #[param(required = false)]
    pub voided: bool,
}

impl Filter for OutreachFilter {
    const SORTS: &'static [&'static str] = &["occurred_on"];
}

/// Records how organisations were mobilised for a cycle (W-43): the award office, a district office or a recommender.
#[utoipa::path(post, path = "/cycles/{cycle}/outreach", tag = "cycles", extensions(("x-permission" = json!("outreach.write"))),
    params(CycleKey, CommandHeaders, VersionHeader), request_body = RecordOutreachBody,
    responses((status = 201, description = "The entry.", body = Answer<OutreachRow>), CommandProblems))]
async fn record_outreach(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    commanding: Commanding,
    Body(body): Body<RecordOutreachBody>,
) -> Result<Answered<OutreachRow>, Problem> {
    let outreach_id = OutreachId::new(Uuid::now_v7());
    let common = api.dated(body.occurred_on, &body.documents, None).await?;
    let command = RecordOutreach { cycle: key.cycle.clone(), outreach_id, outreach: body.outreach, common };
    let done = run(&api, commanding, &key.cycle, CycleCommand::RecordOutreach(command)).await?;
    let row = recorded(&api, &done, outreach_id).await?;
    let location = format!("/api/v1/cycles/{}/outreach/{}", key.cycle, row.outreach_id);
    Ok(answer(&api, &done, &key.cycle, row).await?.created(location))
}

/// Lists how organisations were mobilised for a cycle, by day.
#[utoipa::path(get, path = "/cycles/{cycle}/outreach", tag = "cycles", extensions(("x-permission" = json!("outreach.read"))),
    params(CycleKey, List<OutreachFilter>, ReadHeaders),
    responses((status = 200, description = "The log.", body = Page<OutreachRow>), ReadProblems))]
async fn list_outreach(
    State(api): State<Api>,
    Keys(key): Keys<CycleKey>,
    reading: Reading,
    wanted: List<OutreachFilter>,
) -> Result<Found<Page<OutreachRow>>, Problem> {
    let view = reading.view(&api).await?;
    cycles::shown(&api, &view.db, &key.cycle).await?;
    let (voids, paging) = (voids(wanted.filter.voided), wanted.paging()?);
    let page = outreach::list(&view.db, &key.cycle, voids, wanted.direction(), &paging).await?;
    Ok(wanted.found(page, view.position))
}

/// Shows one entry with all its versions.
#[utoipa::path(get, path = "/cycles/{cycle}/outreach/{outreach_id}", tag = "cycles", extensions(("x-permission" = json!("outreach.read"))),
    params(OutreachKey, ReadHeaders),
    responses((status = 200, description = "The entry.", body = OutreachRow), ReadProblems))]
async fn get_outreach(
    State(api): State<Api>,
    Keys(key): Keys<OutreachKey>,
    reading: Reading,
) -> Result<Found<OutreachRow>, Problem> {
    let view = reading.view(&api).await?;
    let row = outreach::get(&view.db, key.outreach_id).await?.filter(|row| row.cycle == key.cycle);
    Ok(Found::projected(row.ok_or_else(not_found)?, view.position))
}

/// Corrects an entry: whole new content; by the unit that recorded it, or by the award office.
#[utoipa::path(post, path = "/cycles/{cycle}/outreach/{outreach_id}/corrections", tag = "cycles", extensions(("x-permission" = json!("outreach.write"))),
    params(OutreachKey, CommandHeaders, VersionHeader), request_body = CorrectOutreachBody,
    responses((status = 200, description = "The entry.", body = Answer<OutreachRow>), CommandProblems))]
async fn correct_outreach(
    State(api): State<Api>,
    Keys(key): Keys<OutreachKey>,
    commanding: Commanding,
    Body(body): Body<CorrectOutreachBody>,
) -> Result<Answered<OutreachRow>, Problem> {
    let OutreachKey { cycle, outreach_id } = key;
    let common = api.dated(body.occurred_on, &body.documents, None).await?;
    let (outreach, reason) = (body.outreach, body.reason);
    let command = CorrectOutreach { cycle: cycle.clone(), outreach_id, outreach, reason, common };
    let done = run(&api, commanding, &cycle, CycleCommand::CorrectOutreach(command)).await?;
    let row = recorded(&api, &done, outreach_id).await?;
    answer(&api, &done, &cycle, row).await
}

/// Voids an entry; by the unit that recorded it, or by the award office.
#[utoipa::path(post, path = "/cycles/{cycle}/outreach/{outreach_id}/voidings", tag = "cycles", extensions(("x-permission" = json!("outreach.write"))),
    params(OutreachKey, CommandHeaders, VersionHeader), request_body = VoidBody,
    responses((status = 200, description = "The entry.", body = Answer<OutreachRow>), CommandProblems))]
async fn void_outreach(
    State(api): State<Api>,
    Keys(key): Keys<OutreachKey>,
    commanding: Commanding,
    Body(body): Body<VoidBody>,
) -> Result<Answered<OutreachRow>, Problem> {
    let OutreachKey { cycle, outreach_id } = key;
    let common = api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?;
    let command = VoidOutreach { cycle: cycle.clone(), outreach_id, reason: body.reason, common };
    let done = run(&api, commanding, &cycle, CycleCommand::VoidOutreach(command)).await?;
    let row = recorded(&api, &done, outreach_id).await?;
    answer(&api, &done, &cycle, row).await
}

async fn run(api: &Api, commanding: Commanding, cycle: &CycleId, command: CycleCommand) -> Result<Done, Problem> {
    api.run(commanding, &Target::Cycle(cycle.clone()), Command::Cycle(command), Vec::new()).await
}

/// The entry as it now stands. A key that was used before is answered for the entry recorded then.
async fn recorded(api: &Api, done: &Done, made: OutreachId) -> Result<OutreachRow, Problem> {
    let first = if done.committed.repeated { api.recorded(done).await? } else { Vec::new() };
    let id = first.iter().find_map(outreach::named_by).unwrap_or(made);
    outreach::get(&api.after(done).await?, id).await?.ok_or_else(not_found)
}

async fn answer(api: &Api, done: &Done, cycle: &CycleId, row: OutreachRow) -> Result<Answered<OutreachRow>, Problem> {
    let answer = answered(done, row);
    Ok(answer.tagged(cycles::tag_after(api, cycle, done).await?))
}

fn not_found() -> Problem {
    Problem::not_found("outreach")
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(record_outreach, list_outreach))
        .routes(routes!(get_outreach))
        .routes(routes!(correct_outreach))
        .routes(routes!(void_outreach))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{CYCLE, House, OFFICE, RECOMMENDER, STATION};

    #[tokio::test]
    async fn w43_mobilisation_is_recorded_listed_corrected_and_voided() {
        let house = House::seeded().await;
        let path = format!("/cycles/{CYCLE}/outreach");
        let body = json!({ "outreach": { "title": "宣讲会", "held_by": "市经信局" }, "occurred_on": "2026-02-01" });
        house.post(STATION, &path, &body).await.refused("not_permitted");
        let made = house.post(RECOMMENDER, &path, &body).await;
        let location = made.header(axum::http::header::LOCATION).to_owned();
        let id = made.ok()["result"]["outreach_id"].as_str().unwrap().to_owned();
        assert_eq!(location, format!("/api/v1{path}/{id}"));

        let mut corrected = body.clone();
        corrected["outreach"]["organizations_reached"] = 40.into();
        corrected["reason"] = "漏填".into();
        let row = house.post(OFFICE, &format!("{path}/{id}/corrections"), &corrected).await.ok();
        assert_eq!((&row["result"]["version"], &row["events"][0]["type"]), (&json!(2), &json!("OutreachCorrected")));
        let listed = house.get(&path).await.ok();
        assert_eq!(listed["items"][0]["outreach"]["organizations_reached"], 40);

        let void = json!({ "reason": "未举办", "occurred_on": "2026-02-03" });
        house.post(RECOMMENDER, &format!("{path}/{id}/voidings"), &void).await.ok();
        assert_eq!(house.get(&path).await.ok()["items"], json!([]));
        let shown = house.get(&format!("{path}?voided=true")).await.ok();
        assert_eq!(shown["items"][0]["voided"]["reason"], "未举办");
        let alone = house.get(&format!("{path}/{id}")).await.ok();
        assert_eq!(alone["history"].as_array().unwrap().len(), 2);
        house.post(OFFICE, &format!("{path}/{id}/voidings"), &void).await.refused("already_voided");
        house.get(&format!("/cycles/wuhu-incubation-1999/outreach/{id}")).await.refused("not_found");
        house.get("/cycles/wuhu-incubation-1999/outreach").await.refused("not_found");
    }
}
