//! The keys of a path: `program`, `cycle`, `uscc`, and the ids of all else.
//!
//! What is not even a key of its kind names nothing that exists: 404, never 400.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::Uscc;
use domain::ids::{CycleId, ProgramId, SessionId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use utoipa::IntoParams;

use crate::problem::Problem;

/// The cycle of examples: the demo's running one.
pub(crate) const EXAMPLE_CYCLE: &str = "wuhu-incubation-2025";
/// The organisation of examples.
pub(crate) const EXAMPLE_USCC: &str = "91340202MA8EXAMP13";

/// The keys of a path, as `T` describes them.
#[derive(Debug, Clone)]
pub struct Keys<T>(pub T);

impl<S, T> FromRequestParts<S> for Keys<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Decoded by way of JSON, because axum's own errors do not name the key that a newtype refuses.
        let pairs = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Path(pairs) = pairs.map_err(|rejection| unreadable(&rejection))?;
        let keys: Map<String, Value> = pairs.into_iter().map(|(key, value)| (key, value.into())).collect();
        serde_path_to_error::deserialize(Value::Object(keys)).map(Self).map_err(|error| {
            match error.path().iter().next() {
                Some(Segment::Map { key }) => Problem::not_found(resource(key)),
                _ => Problem::internal(&error),
            }
        })
    }
}

fn unreadable(rejection: &PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return Problem::internal(rejection);
    };
    if let ErrorKind::InvalidUtf8InPathParam { key } = failed.kind() {
        return Problem::not_found(resource(key));
    }
    Problem::internal(failed)
}

/// The kind of resource that a key names.
fn resource(key: &str) -> &str {
    match key {
        "uscc" => "organization",
        "request_id" => "assistance_request",
        key => key.strip_suffix("_id").unwrap_or(key),
    }
}

/// `/programs/{program}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ProgramKey {
    /// The program, e.g. `wuhu-incubation`.
    #[param(value_type = String, example = "wuhu-incubation")]
    pub program: ProgramId,
}

/// `/cycles/{cycle}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CycleKey {
    /// The cycle: `{program}-{label}`.
    #[param(value_type = String, example = json!(EXAMPLE_CYCLE))]
    pub cycle: CycleId,
}

/// `/organizations/{uscc}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OrganizationKey {
    /// A USCC of the organisation, the present one or an earlier one.
    #[param(value_type = String, example = json!(EXAMPLE_USCC))]
    pub uscc: Uscc,
}

/// `/cycles/{cycle}/organizations/{uscc}`: the enrolment.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EnrolmentKey {
    /// The cycle: `{program}-{label}`.
    #[param(value_type = String, example = json!(EXAMPLE_CYCLE))]
    pub cycle: CycleId,
    /// A USCC of the organisation, the present one or an earlier one.
    #[param(value_type = String, example = json!(EXAMPLE_USCC))]
    pub uscc: Uscc,
}

/// `/sessions/{session_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SessionKey {
    /// The teaching session.
    #[param(value_type = String, format = "uuid")]
    pub session_id: SessionId,
}

/// `/programs/{program}/districts/{id}`, and the same of the register's other kinds.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct EntryKey {
    /// The program, e.g. `wuhu-incubation`.
    #[param(value_type = String, example = "wuhu-incubation")]
    pub program: ProgramId,
    /// The entry.
    #[param(example = "jinghu")]
    pub id: String,
}
