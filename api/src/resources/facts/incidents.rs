//! Incidents (重大事故, W-28, W-29), and what the competent authority found of them (W-36, Q-14).

use domain::forms::facts::Incident;
use domain::ids::IncidentId;
use domain::organization::{
    CorrectIncident, DetermineIncident, DismissIncident, OrganizationCommand, ReportIncident, Severity, VoidIncident,
};

use super::operations::fact_operations;

fact_operations! {
    kind: Incidents,
    collection: "incidents",
    permission: "incident.report",
    commands: Organization(OrganizationCommand) { ReportIncident, CorrectIncident, VoidIncident },
    key: IncidentKey { incident_id: IncidentId },
    content: incident: Incident,
    example: {
        on: "2025-10-08",
        content: { "kind": "safety", "description": "仓库起火，无人员伤亡。" }
    },
    /// Reports an incident (W-28, W-29); by anyone with access to the file.
    record: report_incident(ReportIncidentBody),
    /// Lists the incidents of an organisation, of whichever cycle, with what the authority found.
    list: list_enrolment_incidents,
    /// Shows an incident with all its versions and what the authority found.
    get: get_incident,
    /// Corrects a report: whole new content; by the unit that reported, until it is determined, or by the award office.
    correct: correct_incident(CorrectIncidentBody),
    /// Voids a report; by the unit that reported it, until it is determined, or by the award office.
    void: void_incident,
}

/// How grave the authority found an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Determined {
    /// A major incident (重大事故): leads to removal, and bars later applications for the look-back.
    Major,
    /// Below that.
    BelowMajor,
}

/// What the competent authority determined (认定).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "finding": "major", "authority": "市应急管理局", "document_no": "芜应急〔2025〕12号",
    "determined_on": "2025-11-20", "occurred_on": "2025-11-21", "documents": ["01977f6e-7a00-7000-8000-000000000001"]
}))]
pub struct DetermineIncidentBody {
    /// How grave.
    pub finding: Determined,
    /// The authority.
    #[schema(max_length = 200)]
    pub authority: String,
    /// The number of its paper.
    #[schema(max_length = 100)]
    pub document_no: String,
    /// The day of its paper.
    pub determined_on: NaiveDate,
    /// The day on which the award office learned of it.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it; the authority's is required.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// That the authority found no incident, or overturned its determination.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "authority": "市应急管理局", "document_no": "芜应急〔2025〕15号", "reason": "经复核，不构成事故。",
    "occurred_on": "2025-12-05", "documents": ["01977f6e-7a00-7000-8000-000000000001"]
}))]
pub struct DismissIncidentBody {
    /// The authority.
    #[schema(max_length = 200)]
    pub authority: String,
    /// The number of its paper.
    #[schema(max_length = 100)]
    pub document_no: String,
    /// Why.
    #[schema(max_length = 2000)]
    pub reason: String,
    /// The day on which the award office learned of it.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it; the authority's is required.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Records what the competent authority determined of an incident (W-36); by the award office. The last record counts.
#[utoipa::path(post, tag = "facts", extensions(("x-permission" = json!("incident.determine"))),
    path = "/cycles/{cycle}/organizations/{uscc}/incidents/{incident_id}/determinations",
    params(IncidentKey, CommandHeaders, VersionHeader), request_body = DetermineIncidentBody,
    responses((status = 200, description = "The incident.", body = Answer<Fact>), CommandProblems))]
async fn determine_incident(
    State(api): State<Api>,
    Keys(key): Keys<IncidentKey>,
    commanding: Commanding,
    Body(body): Body<DetermineIncidentBody>,
) -> Result<Answered<Fact>, Problem> {
    let command = DetermineIncident {
        cycle: key.cycle.clone(),
        uscc: key.uscc.clone(),
        incident_id: key.incident_id,
        authority: body.authority,
        document_no: body.document_no,
        major: match body.finding {
            Determined::Major => Severity::Major,
            Determined::BelowMajor => Severity::BelowMajor,
        },
        determined_on: body.determined_on,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Organization(OrganizationCommand::DetermineIncident(command));
    change(&api, commanding, &key.file(), key.fact(), command).await
}

/// Records that the authority found no incident, or overturned its determination; by the award office.
#[utoipa::path(post, tag = "facts", extensions(("x-permission" = json!("incident.determine"))),
    path = "/cycles/{cycle}/organizations/{uscc}/incidents/{incident_id}/dismissals",
    params(IncidentKey, CommandHeaders, VersionHeader), request_body = DismissIncidentBody,
    responses((status = 200, description = "The incident.", body = Answer<Fact>), CommandProblems))]
async fn dismiss_incident(
    State(api): State<Api>,
    Keys(key): Keys<IncidentKey>,
    commanding: Commanding,
    Body(body): Body<DismissIncidentBody>,
) -> Result<Answered<Fact>, Problem> {
    let command = DismissIncident {
        cycle: key.cycle.clone(),
        uscc: key.uscc.clone(),
        incident_id: key.incident_id,
        authority: body.authority,
        document_no: body.document_no,
        reason: body.reason,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Organization(OrganizationCommand::DismissIncident(command));
    change(&api, commanding, &key.file(), key.fact(), command).await
}

pub(super) fn routes() -> OpenApiRouter<Api> {
    operations().routes(routes!(determine_incident)).routes(routes!(dismiss_incident))
}
