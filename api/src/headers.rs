//! Headers of requests: the actor, the idempotency key, versions and positions.

mod tags;

use std::sync::Arc;

use app::access::Admitted;
use app::access::grant::Claim;
use app::{Keyed, Moment, View};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use domain::Actor;
use domain::ids::CycleId;
use projections::Scope;
use store::Db;
use utoipa::IntoParams;

use crate::layers::RequestId;
use crate::people::Sight;
use crate::problem::{Code, Problem};
use crate::state::Api;

pub(crate) use tags::unless_known;
pub use tags::{IfMatch, Tag, conditional};

/// Who acts: `role/unit/person`.
pub const ACTOR: HeaderName = HeaderName::from_static("hatchery-actor");
/// The client's key for one request, whatever the number of tries.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On a read: the position that it has to have seen.
pub const MIN_POSITION: HeaderName = HeaderName::from_static("hatchery-min-position");
/// On an answer: the position of its last event, or of what was read.
pub const POSITION: HeaderName = HeaderName::from_static("hatchery-position");
/// On the answer to a command: `false` where read models do not show it yet.
pub const VISIBLE: HeaderName = HeaderName::from_static("hatchery-visible");

/// The one value of a header. Absent is `None`; repeated or not visible ASCII is malformed.
fn one<'a>(parts: &'a Parts, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = parts.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::malformed_header(name, "只能出现一次。", "it may stand only once."));
    }
    let text = value.to_str().map(str::trim);
    text.map(Some)
        .map_err(|_| Problem::malformed_header(name, "只能含可见 ASCII 字符。", "only visible ASCII is read."))
}

/// The actor of a request, as it was let in. One that reads but never commands has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting(pub Actor);

impl<S: Send + Sync> OptionalFromRequestParts<S> for Acting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Arc<Admitted>>().and_then(|admitted| admitted.actor().cloned()).map(Self))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Acting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state)
            .await?
            .ok_or_else(|| Problem::of(Code::NotAuthenticated))
    }
}

/// What `Hatchery-Actor` says, if it is there.
pub(crate) fn claim(parts: &Parts) -> Result<Option<Claim>, Problem> {
    let Some(text) = one(parts, &ACTOR)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Problem::malformed_header(
            &ACTOR,
            "写法为 role/unit/person，role 为 office、district、recommender、station、organization、expert、auditor、\
             integration、administrator 之一。",
            "it is written role/unit/person, with role one of office, district, recommender, station, organization, \
             expert, auditor, integration, administrator.",
        )
    })
}

/// The key that makes tries of one request one: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Problem> {
        match one(parts, &IDEMPOTENCY_KEY)? {
            None => Ok(None),
            Some(key) if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => {
                Ok(Some(Self(key.to_owned())))
            }
            Some(_) => Err(Problem::malformed_header(
                &IDEMPOTENCY_KEY,
                "须为 1 至 255 个可见 ASCII 字符。",
                "it has 1 to 255 visible ASCII characters.",
            )),
        }
    }
}

/// The headers that every command takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commanding {
    /// Who commands.
    pub actor: Actor,
    /// The client's key, if it gave one.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The version that the command is meant for, if it names one.
    pub if_match: Option<Tag>,
    /// The key in its scope with the fingerprint of the request, as the idempotency layer found it.
    pub keyed: Option<Keyed>,
    /// The id of the request.
    pub request_id: Option<Arc<str>>,
}

impl<S: Send + Sync> FromRequestParts<S> for Commanding {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Acting(actor) = <Acting as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let idempotency_key = <IdempotencyKey as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        let IfMatch(if_match) = IfMatch::from_request_parts(parts, state).await?;
        let keyed = parts.extensions.get::<Keyed>().cloned();
        let request_id = parts.extensions.get::<RequestId>().map(RequestId::shared);
        Ok(Self { actor, idempotency_key, if_match, keyed, request_id })
    }
}

/// What a request was let in as.
#[derive(Debug, Clone)]
pub struct Entering(pub Arc<Admitted>);

impl<S: Send + Sync> FromRequestParts<S> for Entering {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        // Without an admission nothing may be done.
        parts.extensions.get().cloned().map(Self).ok_or_else(|| Problem::of(Code::NotAuthenticated))
    }
}

/// The headers that every read takes, and what the reader may see.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What the reader was let in as.
    pub admitted: Arc<Admitted>,
    /// The position that the answer has to have seen.
    pub min_position: Option<u64>,
}

impl Reading {
    /// The read models as the reader may see them, once they have come to where it wants them.
    pub async fn view(&self, api: &Api) -> Result<View, Problem> {
        let View { db, position } = api.app().view(self.min_position).await?;
        Ok(View { db: self.narrow(&db), position })
    }

    /// The read models of a cycle at a moment, as the reader may see them.
    pub async fn view_at(&self, api: &Api, cycle: &CycleId, moment: Moment) -> Result<View, Problem> {
        let View { db, position } = api.app().view_at(cycle, moment, self.min_position).await?;
        Ok(View { db: self.narrow(&db), position })
    }

    /// The read models as they are, as the reader may see them.
    pub(crate) fn seen(&self, api: &Api) -> Db {
        self.narrow(api.app().store().db())
    }

    fn narrow(&self, db: &Db) -> Db {
        db.seen_by(self.admitted.wall.clone())
    }

    /// The rows that the reader may see.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.admitted.scope
    }

    /// What is shown of people.
    #[must_use]
    pub fn sight(&self) -> Sight {
        if self.admitted.sight.contacts { Sight::Masked } else { Sight::Reference }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Entering(admitted) = Entering::from_request_parts(parts, state).await?;
        let min_position = one(parts, &MIN_POSITION)?.map(position).transpose()?;
        Ok(Self { admitted, min_position })
    }
}

/// The position that a read waits for, if it names one that can be read; whoever reads refuses any other.
pub(crate) fn awaited(parts: &Parts) -> Option<u64> {
    let given = one(parts, &MIN_POSITION).ok().flatten().filter(|_| parts.method.is_safe())?;
    position(given).ok()
}

fn position(text: &str) -> Result<u64, Problem> {
    // `parse` also takes a leading plus.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        Problem::malformed_header(&MIN_POSITION, "须为非负整数。", "it is a whole number, not negative.")
    })
}

/// Bytes of a name that stand for themselves in a header.
pub(crate) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

/// A file's name for `filename*` (RFC 8187): percent-encoded, so that no character of it is a header's.
pub(crate) fn encoded_name(name: &str) -> String {
    let byte = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(byte).collect()
}

/// A position as a header value.
pub(crate) fn position_value(position: u64) -> HeaderValue {
    HeaderValue::from(position)
}

/// How the headers of a command are documented; `params(CommandHeaders)`.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes headers; Commanding reads them")]
pub struct CommandHeaders {
    /// Which of the account's roles commands: `role/unit/person`; the first that is permitted, if absent.
    #[param(rename = "Hatchery-Actor", required = false, nullable = false, example = "office/wuhu-incubation/zhang")]
    actor: Option<String>,
    /// A key of the client's own making; the same key and body again give the identical answer.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, required = false, nullable = false)]
    idempotency_key: Option<String>,
    /// `zh-CN` (default) or `en`, for problem documents.
    #[param(rename = "Accept-Language", required = false, nullable = false)]
    accept_language: Option<String>,
}

/// How the headers of an upload or a disclosure are documented: it appends nothing, and no answer of it is kept under a
/// key.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes headers; Acting and the layers read them")]
pub struct UploadHeaders {
    /// Which of the account's roles asks: `role/unit/person`; the first that is permitted, if absent.
    #[param(rename = "Hatchery-Actor", required = false, nullable = false, example = "office/wuhu-incubation/zhang")]
    actor: Option<String>,
    /// `zh-CN` (default) or `en`, for problem documents.
    #[param(rename = "Accept-Language", required = false, nullable = false)]
    accept_language: Option<String>,
}

/// How `If-Match` is documented, for commands addressed to a cycle, an enrolment or a session.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header; Commanding reads it")]
pub struct VersionHeader {
    /// The `ETag` of the resource as last read; another current version is answered 412. `*` checks nothing.
    #[param(rename = "If-Match", required = false, nullable = false, example = "\"12\"")]
    if_match: Option<String>,
}

/// How the headers of a read are documented; `params(ReadHeaders)`.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes headers; Reading and the layers read them")]
pub struct ReadHeaders {
    /// Which of the account's roles reads: `role/unit/person`; the first that is permitted, if absent.
    #[param(rename = "Hatchery-Actor", required = false, nullable = false)]
    actor: Option<String>,
    /// Wait until the answer shows everything up to this position; 503 `read_model_behind` if it takes too long.
    #[param(rename = "Hatchery-Min-Position", required = false, nullable = false, minimum = 0)]
    min_position: Option<u64>,
    /// Tags of earlier answers: 304 if one still holds.
    #[param(rename = "If-None-Match", required = false, nullable = false)]
    if_none_match: Option<String>,
    /// `zh-CN` (default) or `en`, for problem documents.
    #[param(rename = "Accept-Language", required = false, nullable = false)]
    accept_language: Option<String>,
}
