//! The extractor of query parameters: unknown ones are refused, repeated ones are lists.

use std::collections::BTreeMap;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};

use crate::openapi::PerOperation;
use crate::problem::{Code, Problem};

/// The query parameters of an operation, as `T` describes them.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: IntoParams + DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let given = Given::parse(parts.uri.query().unwrap_or_default())?;
        given.decode(&T::into_params(|| Some(ParameterIn::Query))).map(Self)
    }
}

/// The parameters that a request gives: each name with its values in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given(BTreeMap<String, Vec<String>>);

impl Given {
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let mut given = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // Bytes that are no UTF-8 become U+FFFD; U+0000 is kept by no database.
            if value.contains(['\u{FFFD}', '\0']) {
                return Err(Problem::invalid_parameter(&name, "不是合法的文本。", "it is not readable as text."));
            }
            given.0.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Ok(given)
    }

    /// Refuses what the operation does not have.
    fn only(&self, known: &[String]) -> Result<(), Problem> {
        if known.iter().any(|name| name == ANY) {
            return Ok(());
        }
        match self.0.keys().find(|name| !known.contains(*name)) {
            None => Ok(()),
            Some(name) => {
                let all = known.join(", ");
                Err(Problem::new(
                    Code::UnknownParameter,
                    format!("没有参数 {name}；已有：{all}。"),
                    format!("There is no parameter {name}; there are: {all}."),
                )
                .with("parameter", name)
                .with("known", known))
            }
        }
    }

    /// The one value of a parameter that is no list.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        match self.0.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([value]) => Ok(Some(value)),
            Some(_) => Err(repeated(name)),
        }
    }

    /// What is left without the parameters named, as a text that is the same for the same filters.
    pub(crate) fn canonical(&self, without: &[&str]) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, values) in self.0.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
            let mut values: Vec<_> = values.iter().collect();
            values.sort();
            text.extend_pairs(values.into_iter().map(|value| (name, value)));
        }
        text.finish()
    }

    /// Decodes the parameters described; values take the JSON type that their schema asks for.
    pub(crate) fn decode<T: DeserializeOwned>(&self, known: &[Parameter]) -> Result<T, Problem> {
        let mut object = Map::new();
        for parameter in known {
            let Some(values) = self.0.get(&parameter.name) else { continue };
            let schema = serde_json::to_value(&parameter.schema).unwrap_or_default();
            let value = if has_type(&schema, "array") {
                values.iter().map(|v| typed(&parameter.name, v, &schema["items"])).collect::<Result<Value, _>>()?
            } else {
                typed(&parameter.name, self.one(&parameter.name)?.unwrap_or_default(), &schema)?
            };
            object.insert(parameter.name.clone(), value);
        }
        serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
            let message = error.inner().to_string();
            let name = match error.path().iter().next() {
                Some(serde_path_to_error::Segment::Map { key }) => key.clone(),
                _ => missing(&message).unwrap_or_default(),
            };
            Problem::invalid_parameter(&name, &format!("{message}。"), &format!("{message}."))
        })
    }
}

/// Operations that leave aside parameters which they do not know: whoever calls them may send more than we are told of
/// (RFC 6749 §4.1.2).
const LENIENT: [&str; 1] = ["finish_openid_sign_in"];
/// Stands for any name.
const ANY: &str = "*";

/// The names of the query parameters that an operation documents.
pub(crate) fn parameters(operation: &Operation) -> Vec<String> {
    if operation.operation_id.as_deref().is_some_and(|id| LENIENT.contains(&id)) {
        return vec![ANY.to_owned()];
    }
    let all = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    all.filter(|parameter| parameter.parameter_in == ParameterIn::Query).map(|p| p.name.clone()).collect()
}

/// Refuses a request with a parameter that its operation does not document, before anything is done.
pub(crate) async fn only_known(
    State(parameters): State<PerOperation<Vec<String>>>,
    request: Request,
    next: Next,
) -> Response {
    let checked = match parameters.find(&request) {
        Some(known) => Given::parse(request.uri().query().unwrap_or_default()).and_then(|given| given.only(known)),
        None => Ok(()),
    };
    match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// The name that serde says is missing; its path ends above it.
fn missing(message: &str) -> Option<String> {
    message.strip_prefix("missing field `")?.split('`').next().map(ToOwned::to_owned)
}

fn repeated(name: &str) -> Problem {
    Problem::invalid_parameter(name, "只能出现一次。", "it may stand only once.")
}

fn has_type(schema: &Value, wanted: &str) -> bool {
    match &schema["type"] {
        Value::String(one) => one == wanted,
        Value::Array(several) => several.iter().any(|t| t == wanted),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn typed(name: &str, text: &str, schema: &Value) -> Result<Value, Problem> {
    if has_type(schema, "integer") {
        let digits = text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit());
        let number = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from));
        return number
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| Problem::invalid_parameter(name, "须为整数。", "it is a whole number."));
    }
    if has_type(schema, "boolean") {
        return match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(Problem::invalid_parameter(name, "须为 true 或 false。", "it is true or false.")),
        };
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests;
