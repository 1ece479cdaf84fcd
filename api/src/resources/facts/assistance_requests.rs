//! Requests for help (帮扶需求, §四（四）, W-73) of one file, and the answers of the local station.

use domain::enrolment::{AnswerAssistance, CorrectAssistance, EnrolmentCommand, RequestAssistance, VoidAssistance};
use domain::forms::facts::{AssistanceAnswer, AssistanceRequest};
use domain::ids::{AssistanceAnswerId, AssistanceRequestId};

use super::operations::fact_operations;

fact_operations! {
    kind: AssistanceRequests,
    collection: "assistance-requests",
    permission: "assistance.ask",
    commands: Enrolment(EnrolmentCommand) { RequestAssistance, CorrectAssistance, VoidAssistance },
    key: AssistanceRequestKey { request_id: AssistanceRequestId },
    content: request: AssistanceRequest,
    example: {
        on: "2025-09-15",
        content: { "subject": "测量系统分析", "description": "希望得到测量系统分析方面的现场辅导。" }
    },
    /// Asks for help (帮扶需求, W-73); by the organisation.
    record: request_assistance(RequestAssistanceBody),
    /// Lists the requests of an organisation in a cycle, with their answers.
    list: list_assistance_requests,
    /// Shows a request with all its versions and its answer.
    get: get_assistance_request,
    /// Corrects a request: whole new content; by the organisation, or by the award office.
    correct: correct_assistance_request(CorrectAssistanceRequestBody),
    /// Voids a request; by the organisation, or by the award office.
    void: void_assistance_request,
}

/// What a station did about a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "answer": { "channel": "on_site", "answer": "已到现场辅导两天。", "experts": [] }, "occurred_on": "2025-09-18"
}))]
pub struct AnswerAssistanceBody {
    /// What was done.
    pub answer: AssistanceAnswer,
    /// The day of the answer.
    pub occurred_on: NaiveDate,
    /// Papers that belong to it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Given where a `principle` rule is to be broken.
    #[serde(default)]
    pub waiver: Option<WaiverBody>,
}

/// Answers a request for help, once (W-73); by a station of the organisation's district.
#[utoipa::path(post, tag = "facts", extensions(("x-permission" = json!("assistance.answer"))),
    path = "/cycles/{cycle}/organizations/{uscc}/assistance-requests/{request_id}/answers",
    params(AssistanceRequestKey, CommandHeaders, VersionHeader), request_body = AnswerAssistanceBody,
    responses((status = 200, description = "The request, with its answer.", body = Answer<Fact>), CommandProblems))]
async fn answer_assistance_request(
    State(api): State<Api>,
    Keys(key): Keys<AssistanceRequestKey>,
    commanding: Commanding,
    Body(body): Body<AnswerAssistanceBody>,
) -> Result<Answered<Fact>, Problem> {
    let command = AnswerAssistance {
        cycle: key.cycle.clone(),
        uscc: key.uscc.clone(),
        request_id: key.request_id,
        answer_id: AssistanceAnswerId::new(Uuid::now_v7()),
        answer: body.answer,
        common: api.dated(body.occurred_on, &body.documents, body.waiver.as_ref()).await?,
    };
    let command = Command::Enrolment(EnrolmentCommand::AnswerAssistance(command));
    change(&api, commanding, &key.file(), key.fact(), command).await
}

pub(super) fn routes() -> OpenApiRouter<Api> {
    operations().routes(routes!(answer_assistance_request))
}
