//! What a request for an export asks for: which list, of what, in which format, by whom.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Path};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use chrono::{DateTime, FixedOffset, Utc};
use domain::Rulebook;

use super::Format;
use super::listed::Listed;
use store::audit::Who;

use crate::audit::named;
use crate::headers::{encoded_name, is_plain};
use crate::layers::RequestId;
use crate::openapi::PREFIX;
use crate::problem::Problem;
use crate::state::{Api, Target};

/// A request for an export.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) listed: Arc<Listed>,
    pub(super) format: Format,
    /// The keys of the path.
    pub(super) keys: Vec<(String, String)>,
    /// The label to stand beside every clause.
    pub(super) label: Option<String>,
    /// Who exports, as the audit trail names it.
    pub(super) who: Who,
    pub(super) request_id: String,
    pub(super) now: DateTime<Utc>,
    zone: Option<FixedOffset>,
    /// The path of the list, without its keys.
    place: String,
}

impl Asked {
    pub(super) async fn of(api: &Api, listed: Arc<Listed>, format: Format, parts: &mut Parts) -> Self {
        let keys = Path::<Vec<(String, String)>>::from_request_parts(parts, api).await;
        // What cannot be read is refused by the handler, which knows what it is a key of.
        let keys = keys.map(|Path(keys)| keys).unwrap_or_default();
        let rulebook = rulebook(api, &keys);
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let path = path.strip_prefix(PREFIX).unwrap_or(path);
        let fixed = path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
        Self {
            listed,
            format,
            keys,
            label: rulebook.as_ref().and_then(|rulebook| rulebook.label.clone()),
            who: named(&parts.extensions).unwrap_or_default(),
            request_id: parts.extensions.get::<RequestId>().map(RequestId::as_str).unwrap_or_default().to_owned(),
            now: api.app().clock().now(),
            zone: rulebook.map(|rulebook| rulebook.time_zone),
            place: fixed.collect::<Vec<_>>().join("-"),
        }
    }

    /// The headings of the columns; beside that of a clause stands what the rules are.
    pub(super) fn headings(&self) -> Vec<String> {
        let label = self.label.as_deref();
        let headings = self.listed.columns.iter().map(|column| match label {
            Some(label) if column.path.last().is_some_and(|name| name == "clause") => {
                format!("{}（{label}）", column.heading)
            }
            _ => column.heading.clone(),
        });
        headings.collect()
    }

    /// `Content-Disposition`: list, keys and day, in ASCII and in Chinese (RFC 6266, RFC 8187).
    pub(super) fn disposition(&self) -> Result<HeaderValue, Problem> {
        let extension = self.format.extension();
        let day = match self.zone {
            Some(zone) => self.now.with_timezone(&zone).date_naive(),
            None => self.now.date_naive(),
        };
        let keys = self.keys.iter().map(|(_, key)| key.as_str()).filter(|key| key.bytes().all(is_plain));
        let day = day.to_string();
        let parts: Vec<&str> = std::iter::once("").chain(keys).chain([day.as_str()]).collect();
        let end = format!("{}.{extension}", parts.join("_"));
        let encoded = encoded_name(&format!("{}{end}", self.listed.name));
        let value = format!("attachment; filename=\"{}{end}\"; filename*=UTF-8''{encoded}", self.place);
        HeaderValue::try_from(value).map_err(|error| Problem::internal(&error))
    }
}

/// The rules that a list is of, where its path says so.
fn rulebook(api: &Api, keys: &[(String, String)]) -> Option<Arc<Rulebook>> {
    let program = keys.iter().find_map(|(name, key)| match name.as_str() {
        "program" => key.parse().ok(),
        "cycle" => api.program(&Target::Cycle(key.parse().ok()?)),
        _ => None,
    });
    api.app().rulebooks().get(&program?)
}
