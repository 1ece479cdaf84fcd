//! The headers of answers: described once, and listed for every success of every operation in one pass.

use axum::http::Method;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{OpenApi, Ref, RefOr, Response};

pub(super) const REQUEST_ID: &str = "X-Request-Id";
pub(super) const ETAG: &str = "ETag";
pub(super) const POSITION: &str = "Hatchery-Position";
const VISIBLE: &str = "Hatchery-Visible";
const LOCATION: &str = "Location";

/// The commands that append no event: papers and data of people are kept beside the log.
const WITHOUT_EVENT: [&str; 4] = ["upload_document", "disclose_person", "correct_person", "erase_person"];
/// Those that append none because accounts are no events.
const ACCESS: &str = "access";
/// What begins and ends a sign-in.
const WITH_COOKIE: [&str; 2] = ["sign_in", "end_sign_in"];
/// What a browser passes on its way to another place and back: a step, which is no resource.
const STEPS: [&str; 2] = ["begin_openid_sign_in", "finish_openid_sign_in"];
const SET_COOKIE: &str = "Set-Cookie";

/// Each header by its name, as operations refer to it.
pub(super) fn described() -> [(&'static str, Header); 6] {
    let header =
        |schema: ObjectBuilder, text: &str| HeaderBuilder::new().schema(Some(schema)).description(Some(text)).build();
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let position = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    [
        (REQUEST_ID, header(text(), "The request's id, as in `instance`.")),
        (
            ETAG,
            header(
                text(),
                "The tag of what is answered: a strong one for what `If-Match` may name and for a paper, else a weak one. \
                 An event stream and an export have none; a command that read models do not show yet may have none.",
            ),
        ),
        (
            POSITION,
            header(
                position,
                "The position of the command's last event, or the one that a read shows. A dry run and an event stream \
                 have none.",
            ),
        ),
        (
            VISIBLE,
            header(text().enum_values(Some(["false"])), "Present where read models do not show the command yet."),
        ),
        (LOCATION, header(text(), "Where what is new is read.")),
        (
            SET_COOKIE,
            header(
                text(),
                "What signs in from now on, or is to be brought back by who signs in elsewhere; nothing where a sign-in has ended.",
            ),
        ),
    ]
}

/// The status of a success that sends a browser elsewhere.
const ELSEWHERE: &str = "303";

/// Whether an answer of this status is one that was asked for.
pub(super) fn succeeds(status: &str) -> bool {
    status.starts_with('2') || status == ELSEWHERE
}

/// What a success of an operation has.
fn of_success(method: &Method, operation: &Operation, status: &str) -> Vec<&'static str> {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    if STEPS.contains(&id) {
        let location = (status == ELSEWHERE).then_some(LOCATION);
        return [REQUEST_ID, SET_COOKIE].into_iter().chain(location).collect();
    }
    let mut names = vec![REQUEST_ID, ETAG];
    let of_access = operation.tags.iter().flatten().any(|tag| tag == ACCESS);
    let silent = WITHOUT_EVENT.contains(&id) || (of_access && *method == Method::POST);
    if WITH_COOKIE.contains(&id) {
        names.push(SET_COOKIE);
    }
    if !silent {
        names.push(POSITION);
        if *method == Method::POST {
            names.push(VISIBLE);
        }
    }
    if status == "201" {
        names.push(LOCATION);
    }
    names
}

/// The document, with the headers of all successes.
pub(super) fn completed(mut document: OpenApi) -> OpenApi {
    for item in document.paths.paths.values_mut() {
        for (method, operation) in [(Method::GET, &mut item.get), (Method::POST, &mut item.post)] {
            let Some(operation) = operation else { continue };
            let statuses: Vec<String> = operation.responses.responses.keys().filter(|s| succeeds(s)).cloned().collect();
            for status in statuses {
                let names = of_success(&method, operation, &status);
                if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(&status) {
                    response.headers.extend(names.into_iter().map(|n| (n.to_owned(), RefOr::Ref(referred(n)))));
                }
            }
        }
    }
    document
}

/// The reference to a header.
pub(super) fn referred(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

/// The headers that the successes of an operation do not list, or should not.
pub(super) fn lacks(method: &Method, operation: &Operation) -> Vec<String> {
    let mut lacks = Vec::new();
    for (status, response) in &operation.responses.responses {
        let (true, RefOr::T(Response { headers, .. })) = (succeeds(status), response) else { continue };
        let names = of_success(method, operation, status);
        let absent = names.iter().filter(|name| !headers.contains_key(**name));
        lacks.extend(absent.map(|name| format!("{status} without {name}")));
        let foreign = headers.keys().filter(|name| !names.contains(&name.as_str()));
        lacks.extend(foreign.map(|name| format!("{status} with {name}")));
    }
    lacks
}
