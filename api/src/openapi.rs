//! The `OpenAPI` document: its head, the answers and headers that operations share, and what each must list.

mod headers;
mod lists;
mod operations;

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use strum::IntoEnumIterator;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::info::{InfoBuilder, LicenseBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, Content, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::problem::Code;
use crate::problem::document::{Document, DocumentError, MEDIA_TYPE};
use headers::{ETAG, POSITION, REQUEST_ID, referred};

pub(crate) use lists::{JSON, pages};
use operations::operations;
pub(crate) use operations::{PerOperation, all};

/// The document, with the headers of all successes, and every list in all formats that it is offered in.
pub(crate) fn completed(document: OpenApi) -> OpenApi {
    lists::offered(headers::completed(document))
}

/// Where the API is mounted.
pub const PREFIX: &str = "/api/v1";

/// The tags that operations are grouped by.
const TAGS: [(&str, &str); 13] = [
    ("access", "Accounts, sign-ins, tokens."),
    ("programs", "Programs (培育项目): rulebooks with their clauses."),
    ("register", "Districts, stations, recommenders and experts of a program."),
    ("cycles", "Cycles (孵化周期), rosters, balance, schedules."),
    ("enrolments", "One organisation's file (档案) in one cycle."),
    ("surveys", "Surveys (基本情况调查), their approval and return."),
    ("classes", "Classification (分类), reclassification, removal."),
    ("facts", "Visits, activities, self-evaluations, requests for help, incidents."),
    ("sessions", "Teaching (教学): sessions, attendance, outcomes."),
    ("organizations", "Organisations over all cycles and programs."),
    ("people", "Data of people (个人信息): masked, in full for a reason, put right, erased."),
    ("feed", "Documents, and the event feed for other systems."),
    ("audit", "Who did what (审计), and whether the log is as it was recorded."),
];

/// The statuses that any operation may answer.
const COMMON: [u16; 10] = [400, 401, 403, 404, 405, 406, 408, 429, 500, 503];
/// The statuses that a command may answer beside the common ones.
const COMMAND: [u16; 6] = [409, 410, 412, 413, 415, 422];
/// The statuses that a read may answer beside the common ones.
const READ: [u16; 2] = [304, 410];

/// The document without its operations: title, licence, tags, shared answers.
#[must_use]
pub fn base() -> OpenApi {
    let mut components = ComponentsBuilder::new()
        .schema(Document::name(), Document::schema())
        .schema(DocumentError::name(), DocumentError::schema());
    for status in COMMON.into_iter().chain(COMMAND).chain(READ) {
        components = components.response(component(status), shared(status));
    }
    for (name, header) in headers::described() {
        components = components.header(name, header);
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Hatchery")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "Incubation pools (创奖孵化池) of organisations on their way to government quality awards. \
                     Errors are problem documents (RFC 9457) with a stable `code`; see /problems.",
                ))
                .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build())),
        )
        .tags(Some(TAGS.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build())))
        .components(Some(components.build()))
        .build()
}

/// The name of a shared answer, e.g. `Problem422`.
fn component(status: u16) -> String {
    if status < 400 { format!("Status{status}") } else { format!("Problem{status}") }
}

/// A shared answer: the problem document, and which codes come with this status.
fn shared(status: u16) -> Response {
    let text = |description: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .description(Some(description))
            .build()
    };
    if status < 400 {
        return ResponseBuilder::new()
            .description("Not modified: a tag of `If-None-Match` still holds.")
            .header_ref(REQUEST_ID, referred(REQUEST_ID))
            .header_ref(ETAG, referred(ETAG))
            .header_ref(POSITION, referred(POSITION))
            .build();
    }
    let codes: Vec<String> = Code::iter().filter(|c| c.status().as_u16() == status).map(|c| format!("`{c}`")).collect();
    let reason = StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or_default();
    let mut response = ResponseBuilder::new()
        .description(format!("{reason}: {}.", codes.join(", ")))
        .header_ref(REQUEST_ID, referred(REQUEST_ID))
        .header("Content-Language", text("`zh-CN` or `en`."))
        .content(MEDIA_TYPE, Content::new(Some(Ref::from_schema_name(Document::name()))));
    if status == 405 {
        response = response.header("Allow", text("The methods that the path takes."));
    }
    if matches!(status, 429 | 503) {
        response = response.header("Retry-After", text("Seconds after which a retry makes sense."));
    }
    response.build()
}

fn references(statuses: impl IntoIterator<Item = u16>) -> BTreeMap<String, RefOr<Response>> {
    statuses.into_iter().map(|s| (s.to_string(), Ref::from_response_name(component(s)).into())).collect()
}

/// What a command may answer beside its own 200 or 201; `responses((status = 200, …), CommandProblems)`.
#[derive(Debug, Clone, Copy)]
pub struct CommandProblems;

impl IntoResponses for CommandProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(COMMON.into_iter().chain(COMMAND))
    }
}

/// What a read may answer beside its own 200; `responses((status = 200, …), ReadProblems)`.
#[derive(Debug, Clone, Copy)]
pub struct ReadProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        references(COMMON.into_iter().chain(READ))
    }
}

/// What operations lack: a status, the headers of a success, a summary, a tag of the list above, an id of their own. A
/// test holds this empty.
#[must_use]
pub fn gaps(document: &OpenApi) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut ids = BTreeMap::new();
    for (path, method, operation) in operations(document) {
        let name = format!("{method} {path}");
        gaps.extend(lacks(&method, operation).into_iter().map(|lack| format!("{name}: {lack}")));
        if let Some(other) = ids.insert(operation.operation_id.clone(), name.clone()) {
            gaps.push(format!("{name}: the operation id of {other}"));
        }
    }
    gaps
}

fn lacks(method: &Method, operation: &Operation) -> Vec<String> {
    let own = if *method == Method::GET { READ.as_slice() } else { COMMAND.as_slice() };
    let responses = &operation.responses.responses;
    let mut lacks: Vec<String> = COMMON
        .iter()
        .chain(own)
        .filter(|status| !responses.contains_key(&status.to_string()))
        .map(|status| format!("no {status}"))
        .collect();
    if !responses.keys().any(|status| headers::succeeds(status)) {
        lacks.push("no success".to_owned());
    }
    lacks.extend(headers::lacks(method, operation));
    if responses.contains_key("default") {
        lacks.push("a default answer".to_owned());
    }
    if operation.summary.as_ref().is_none_or(String::is_empty) {
        lacks.push("no summary".to_owned());
    }
    let tagged = operation.tags.iter().flatten().any(|tag| TAGS.iter().any(|(name, _)| name == tag));
    if !tagged {
        lacks.push("no tag of the list".to_owned());
    }
    lacks
}
