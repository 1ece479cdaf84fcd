//! Removals and their rescission through REST.

use domain::Command;
use domain::document::Common;
use domain::forms::facts::Incident;
use domain::ids::IncidentId;
use domain::organization::{DetermineIncident, OrganizationCommand, ReportIncident, Severity};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{CYCLE, DISTRICT, House, MEMBER, OFFICE, day, id};

/// An incident of the member on 10 May; determined as major on 15 May where that is wanted.
async fn incident(house: &House, determined: bool) -> IncidentId {
    let incident_id = IncidentId::new(Uuid::now_v7());
    let incident = Incident { kind: id("quality"), description: "批次产品召回".to_owned() };
    let common = Common::on(day("2026-05-10"));
    let report = ReportIncident { cycle: id(CYCLE), uscc: id(MEMBER), incident_id, incident, common };
    house.run(OFFICE, Command::Organization(OrganizationCommand::ReportIncident(report))).await;
    if determined {
        let paper = house.paper().await;
        let document = store::documents::find(house.app.store().db(), id(&paper)).await.unwrap().unwrap();
        let determine = DetermineIncident {
            cycle: id(CYCLE),
            uscc: id(MEMBER),
            incident_id,
            authority: "省市场监管局".to_owned(),
            document_no: "皖市监〔2026〕8号".to_owned(),
            major: Severity::Major,
            determined_on: day("2026-05-15"),
            common: Common { documents: vec![document], ..Common::on(day("2026-05-16")) },
        };
        house.run(OFFICE, Command::Organization(OrganizationCommand::DetermineIncident(determine))).await;
    }
    incident_id
}

fn removal(incident_id: IncidentId) -> Value {
    json!({ "uscc": MEMBER, "incident_id": incident_id, "occurred_on": "2026-05-20" })
}

#[tokio::test]
async fn w28_a_member_is_removed_after_a_major_incident_and_comes_back_when_that_is_overturned() {
    let house = House::seeded().await;
    let incident = incident(&house, true).await;
    let removals = format!("/cycles/{CYCLE}/removals");
    house.post(DISTRICT, &removals, &removal(incident)).await.refused("not_permitted");
    let file = house.post(OFFICE, &removals, &removal(incident)).await.ok();
    assert_eq!((&file["result"]["stage"], &file["result"]["standing"]), (&json!("removed"), &json!("former")));

    let rescissions = format!("/cycles/{CYCLE}/removal-rescissions");
    let mut body = json!({ "uscc": MEMBER, "reason": "认定被撤销", "occurred_on": "2026-05-28" });
    house.post(OFFICE, &rescissions, &body).await.refused_at("document_missing", "/documents");
    body["documents"] = json!([house.paper().await]);
    house.post(DISTRICT, &rescissions, &body).await.refused("not_permitted");
    let file = house.post(OFFICE, &rescissions, &body).await.ok();
    assert_eq!((&file["result"]["stage"], &file["result"]["class"]), (&json!("member"), &json!("C")));
    house.post(OFFICE, &rescissions, &body).await.refused("removal_not_found");
}

#[tokio::test]
async fn an_incident_that_is_open_or_unknown_removes_nobody() {
    let house = House::seeded().await;
    let removals = format!("/cycles/{CYCLE}/removals");
    let open = incident(&house, false).await;
    let problem = house.post(OFFICE, &removals, &removal(open)).await.refused("incident_not_determined");
    assert_eq!(problem["clause"], json!(house.rulebook().incidents.removal_rule.clause));
    let unknown = removal(IncidentId::new(Uuid::now_v7()));
    house.post(OFFICE, &removals, &unknown).await.refused_at("unknown_reference", "/incident_id");
}
