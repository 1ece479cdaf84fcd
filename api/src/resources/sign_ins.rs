//! Signing in and out, one's own sign-ins, one's own password (S4, S5).

mod openid;

pub use openid::CALLBACK;

use std::convert::Infallible;

use app::AppError;
use app::access::{Origin, SignInError, Via};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::access::{accounts, sign_ins};
use store::audit::{Kind, Who};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::COOKIE;
use crate::answer::{Answer, Answered, Found};
use crate::audit::Trail;
use crate::body::Body;
use crate::headers::{Entering, ReadHeaders, Reading, UploadHeaders};
use crate::keys::Keys;
use crate::language::Text;
use crate::layers::client;
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::problem::{Code, FieldProblem, Problem};
use crate::state::Api;

/// The field code of a password that the profile refuses.
const WEAK: &str = "weak_password";

/// Who wants to sign in.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "zhang", "password": "a long sentence that only Zhang knows" }))]
pub struct SignInBody {
    /// The account's login.
    #[schema(min_length = 1, max_length = 64)]
    login: String,
    /// Its password.
    #[schema(min_length = 1, max_length = 256, format = "password")]
    password: String,
}

/// Another password for oneself.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "present": "a long sentence that only Zhang knows", "new": "another long sentence" }))]
pub struct ChangePasswordBody {
    /// The password so far.
    #[schema(min_length = 1, max_length = 256, format = "password")]
    present: String,
    /// The one from now on.
    #[schema(min_length = 1, max_length = 256, format = "password")]
    new: String,
}

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignInShown {
    /// Its id.
    pub sign_in_id: Uuid,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub used_at: DateTime<Utc>,
    /// When it ends at the latest; without use, half an hour after the last.
    pub ends_at: DateTime<Utc>,
    /// From where.
    pub address: Option<String>,
    /// With which program.
    pub agent: Option<String>,
    /// How it was begun: `password`, or `openid` at the single sign-on.
    #[schema(example = "password")]
    pub way: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What became of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// The sign-in.
    pub sign_in: SignInShown,
    /// Whether nothing but another password can be chosen now.
    pub must_change_password: bool,
}

/// Which sign-ins are listed: all of one's own.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct SignInsFilter {}

impl Filter for SignInsFilter {
    const SORTS: &'static [&'static str] = &["sign_in_id"];
}

/// `/sign-ins/{sign_in_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SignInKey {
    /// The sign-in.
    #[param(value_type = String, format = "uuid")]
    pub sign_in_id: Uuid,
}

fn shown(sign_in: sign_ins::SignIn, current: Option<Uuid>) -> SignInShown {
    let sign_ins::SignIn { sign_in_id, begun_at, used_at, ends_at, address, agent, way, .. } = sign_in;
    let (way, current) = (way.to_string(), current == Some(sign_in_id));
    SignInShown { sign_in_id, begun_at, used_at, ends_at, address, agent, way, current }
}

/// Where a request comes from.
pub(crate) struct From(pub(crate) Origin);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(Origin { address: client(parts), agent: agent.map(ToOwned::to_owned) }))
    }
}

/// Signs in by password. The answer sets a cookie; wrong is wrong, whatever was.
#[utoipa::path(post, path = "/sign-ins", tag = "access", extensions(("x-permission" = json!("public"))),
    params(UploadHeaders), request_body = SignInBody, security(()),
    responses((status = 200, description = "Signed in.", body = Answer<SignedIn>), CommandProblems))]
async fn sign_in(
    State(api): State<Api>,
    From(origin): From,
    trail: Trail,
    Body(body): Body<SignInBody>,
) -> Result<Response, Problem> {
    let SignInBody { login, password } = body;
    trail.tries(Kind::SignIn);
    // What is no login may be a password in the wrong field: it is kept nowhere.
    if accounts::by_login(api.app().store().db(), &login).await?.is_some() {
        trail.acting(Who { person: Some(login.clone()), ..Who::default() });
    }
    let (secret, sign_in) = api.app().gate().sign_in(&login, password, origin).await.map_err(refused)?;
    let account = accounts::get(api.app().store().db(), sign_in.account_id).await?;
    let answer = SignedIn {
        must_change_password: account.is_some_and(|account| account.must_change),
        sign_in: shown(sign_in.clone(), Some(sign_in.sign_in_id)),
    };
    let seconds = (sign_in.ends_at - sign_in.begun_at).num_seconds();
    with_cookie(Answered::new(answer, Vec::new()).hashed().into_response(), secret.reveal(), seconds)
}

/// A cookie of this host alone, never shown to scripts, never sent from other sites.
fn with_cookie(mut response: Response, secret: &str, seconds: i64) -> Result<Response, Problem> {
    let cookie = format!("{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    let cookie = HeaderValue::try_from(cookie).map_err(|cause| Problem::internal(&cause))?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What the client is told of a sign-in that failed.
pub(crate) fn refused(error: SignInError) -> Problem {
    match error {
        SignInError::Wrong => {
            Problem::new(Code::NotAuthenticated, "账号或密码不对。", "The login or the password is wrong.")
        }
        SignInError::TooMany(seconds) => {
            Problem::of(Code::RateLimited).retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
        }
        SignInError::Weak(weak) => {
            let detail = Text::new(weak.to_string(), "The password does not keep the rules of this installation.");
            Problem::fields(vec![FieldProblem::new("/new", WEAK, detail)])
        }
        SignInError::Store(error) => AppError::from(error).into(),
        SignInError::Hashing => Problem::internal(&error),
    }
}

/// Lists one's own sign-ins.
#[utoipa::path(get, path = "/sign-ins", tag = "access", extensions(("x-permission" = json!("self"))),
    params(List<SignInsFilter>, ReadHeaders),
    responses((status = 200, description = "The sign-ins.", body = Page<SignInShown>), ReadProblems))]
async fn list_sign_ins(
    State(api): State<Api>,
    reading: Reading,
    list: List<SignInsFilter>,
) -> Result<Found<Page<SignInShown>>, Problem> {
    let principal = &reading.admitted.principal;
    let view = reading.view(&api).await?;
    let own = sign_ins::of(api.app().store().db(), principal.account_id).await?;
    let rows = own.into_iter().map(|sign_in| shown(sign_in, current(&principal.via))).collect();
    let page = list.slice(rows, |row: &SignInShown| row.sign_in_id.to_string(), view.position)?;
    Ok(Found::<Page<SignInShown>>::from(page).hashed())
}

const fn current(via: &Via) -> Option<Uuid> {
    match via {
        Via::SignIn(sign_in) => Some(*sign_in),
        Via::Token { .. } => None,
    }
}

/// Ends one of one's own sign-ins; ending the current one is signing out.
#[utoipa::path(post, path = "/sign-ins/{sign_in_id}/ending", tag = "access", extensions(("x-permission" = json!("self"))),
    params(SignInKey, UploadHeaders),
    responses((status = 200, description = "It has ended.", body = Answer<SignInEnded>), CommandProblems))]
async fn end_sign_in(
    State(api): State<Api>,
    Keys(key): Keys<SignInKey>,
    Entering(admitted): Entering,
    trail: Trail,
) -> Result<Response, Problem> {
    trail.tries(Kind::SignIn);
    let principal = &admitted.principal;
    if !sign_ins::end(api.app().store().db(), principal.account_id, key.sign_in_id).await? {
        return Err(Problem::not_found("sign_in"));
    }
    api.app().gate().forget();
    let ended = SignInEnded { sign_in_id: key.sign_in_id };
    let response = Answered::new(ended, Vec::new()).hashed().into_response();
    if current(&principal.via) == Some(key.sign_in_id) { with_cookie(response, "", 0) } else { Ok(response) }
}

/// A sign-in that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignInEnded {
    /// Its id.
    pub sign_in_id: Uuid,
}

/// What a changed password did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordChanged {
    /// Whose.
    #[schema(example = "zhang")]
    pub login: String,
}

/// Changes one's own password; one's other sign-ins end.
#[utoipa::path(post, path = "/password-changes", tag = "access", extensions(("x-permission" = json!("self"))),
    params(UploadHeaders), request_body = ChangePasswordBody,
    responses((status = 200, description = "Changed.", body = Answer<PasswordChanged>), CommandProblems))]
async fn change_password(
    State(api): State<Api>,
    Entering(admitted): Entering,
    Body(body): Body<ChangePasswordBody>,
) -> Result<Answered<PasswordChanged>, Problem> {
    let ChangePasswordBody { present, new } = body;
    api.app().gate().change_password(&admitted.principal, present, new).await.map_err(refused)?;
    Ok(Answered::new(PasswordChanged { login: admitted.principal.login.clone() }, Vec::new()).hashed())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, list_sign_ins))
        .routes(routes!(end_sign_in))
        .routes(routes!(change_password))
        .merge(openid::routes())
}

#[cfg(test)]
mod tests;
