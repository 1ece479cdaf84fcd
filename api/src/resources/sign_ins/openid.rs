//! Signing in at the office's single sign-on (`OpenID` Connect): out to the provider, and back.
//!
//! What signs in from then on is the same cookie as after a password. It is `SameSite=Strict`, so a redirect right after
//! the provider's would not carry it; the answer is a page of ours that goes on by itself.

use app::AppError;
use app::access::openid::{Callback, Fault, OpenId, OpenIdError, Refusal, Unfit};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use store::audit::{Kind, Who};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{From, SignedIn, shown, with_cookie};
use crate::accept::Accept;
use crate::access::cookie_named;
use crate::answer::{Answer, Answered};
use crate::audit::Trail;
use crate::language::Text;
use crate::openapi::ReadProblems;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::state::Api;

/// Where the provider sends browsers back to; registered there.
pub const CALLBACK: &str = "/api/v1/sign-ins/openid/callback";
/// The cookie of a try. A callback comes from another site, so it is not as strict as that of a sign-in.
const TRY: &str = "__Host-hatchery-openid";
/// Seconds after which a retry makes sense while the provider is away.
const AWAY: u32 = 10;
/// Where somebody goes who has signed in.
const HOME: &str = "/";

/// What the provider sends a browser back with; it may send more, which is left aside.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CallbackQuery {
    /// What is changed for an identity token.
    #[param(max_length = 2048)]
    pub code: Option<String>,
    /// The state that the sign-in began with.
    #[param(max_length = 512)]
    pub state: Option<String>,
    /// Why there is no code.
    #[param(max_length = 256)]
    pub error: Option<String>,
    /// Who sends it (RFC 9207).
    #[param(max_length = 512)]
    pub iss: Option<String>,
}

fn provider(api: &Api) -> Result<&OpenId, Problem> {
    api.app().openid().ok_or_else(|| Problem::of(Code::OpenidNotConfigured))
}

/// Sends a browser to the office's single sign-on.
#[utoipa::path(get, path = "/sign-ins/openid", tag = "access", extensions(("x-permission" = json!("public"))),
    security(()), responses((status = 303, description = "On to the provider."), ReadProblems))]
async fn begin_openid_sign_in(State(api): State<Api>) -> Result<Response, Problem> {
    let begun = provider(&api)?.begin(api.app().clock().now()).await.map_err(refused)?;
    let location = HeaderValue::try_from(begun.location).map_err(|cause| Problem::internal(&cause))?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    let lasts = app::access::openid::LASTS.num_seconds();
    trying(&mut response, begun.cookie.reveal(), lasts)?;
    Ok(response)
}

/// Signs in whoever comes back from the single sign-on, as the account that is linked with them. A browser goes on to
/// the pages.
#[utoipa::path(get, path = "/sign-ins/openid/callback", tag = "access",
    extensions(("x-permission" = json!("public"))),
    params(CallbackQuery), security(()),
    responses((status = 200, description = "Signed in.",
        content((Answer<SignedIn> = "application/json"), (String = "text/html"))), ReadProblems))]
async fn finish_openid_sign_in(
    State(api): State<Api>,
    Query(query): Query<CallbackQuery>,
    From(origin): From,
    trail: Trail,
    request: Request,
) -> Result<Response, Problem> {
    let provider = provider(&api)?;
    trail.tries(Kind::SignIn);
    let (parts, _) = request.into_parts();
    let cookie = cookie_named(&parts, TRY);
    let CallbackQuery { code, state, error, iss } = query;
    let callback = Callback { code, state, error, issuer: iss };
    let gate = api.app().gate();
    let signed_in = gate.sign_in_by_openid(provider, cookie.as_ref(), callback, origin).await;
    let (secret, sign_in, account) = signed_in.map_err(refused)?;
    trail.acting(Who { person: Some(account.login), ..Who::default() });
    let seconds = (sign_in.ends_at - sign_in.begun_at).num_seconds();
    let current = Some(sign_in.sign_in_id);
    let answer = SignedIn { sign_in: shown(sign_in, current), must_change_password: false };
    let mut response = with_cookie(arrived(&parts.headers, answer), secret.reveal(), seconds)?;
    trying(&mut response, "", 0)?;
    Ok(response)
}

/// For a browser a page that goes on by itself, for others what became of it.
fn arrived(headers: &HeaderMap, answer: SignedIn) -> Response {
    if !Accept::of(headers).prefers("text/html", "application/json") {
        return Answered::new(answer, Vec::new()).into_response();
    }
    Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>已登录</title>\
         <meta http-equiv=\"refresh\" content=\"0; url={HOME}\"></head>\
         <body><main><p>已登录。<a href=\"{HOME}\">继续</a></p></main></body></html>"
    ))
    .into_response()
}

/// Sets the cookie of a try, or takes it away.
fn trying(response: &mut Response, secret: &str, seconds: i64) -> Result<(), Problem> {
    let cookie = format!("{TRY}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    let cookie = HeaderValue::try_from(cookie).map_err(|cause| Problem::internal(&cause))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(())
}

/// What the client is told of a sign-in that failed.
fn refused(error: OpenIdError) -> Problem {
    let because =
        |code, reason: &'static str, text: Text<&str>| Problem::new(code, text.zh, text.en).with("reason", reason);
    match error {
        OpenIdError::Away => Problem::of(Code::OpenidUnavailable).retry_after(AWAY),
        OpenIdError::Unfit(unfit) => because(Code::OpenidStateInvalid, unfit.into(), of_unfit(unfit)),
        OpenIdError::Refused(refusal) => because(Code::OpenidRefused, refusal.into(), of_refusal(refusal)),
        OpenIdError::Token(fault) => because(Code::OpenidTokenInvalid, fault.into(), of_fault(fault)),
        OpenIdError::NotLinked => Problem::of(Code::OpenidNotLinked),
        OpenIdError::Store(error) => AppError::from(error).into(),
    }
}

const fn of_unfit(unfit: Unfit) -> Text<&'static str> {
    let (zh, en) = match unfit {
        Unfit::NoCookie => {
            ("本浏览器没有发起单点登录，请重新登录。", "This browser has not begun a sign-in. Begin again.")
        }
        Unfit::Expired => ("登录用时过长，已过期，请重新登录。", "The sign-in took too long. Begin again."),
        Unfit::WrongState => (
            "返回的 state 与本浏览器发起的登录不符，请重新登录。",
            "The state is not that of the sign-in that this browser has begun. Begin again.",
        ),
        Unfit::Used => ("该次登录已经使用过，请重新登录。", "The sign-in was used already. Begin again."),
    };
    Text { zh, en }
}

const fn of_refusal(refusal: Refusal) -> Text<&'static str> {
    let (zh, en) = match refusal {
        Refusal::Denied => (
            "单点登录服务没有同意登录，请重新登录或联系其管理员。",
            "The OpenID provider does not let you in. Begin again, or ask whoever runs it.",
        ),
        Refusal::CodeNotTaken => (
            "单点登录服务不接受该授权码：已过期或已使用，请重新登录。",
            "The OpenID provider does not take the code: it has expired or was used. Begin again.",
        ),
    };
    Text { zh, en }
}

const fn of_fault(fault: Fault) -> Text<&'static str> {
    let (zh, en) = match fault {
        Fault::Malformed => {
            ("身份令牌无法读取，或缺少必要的内容。", "The identity token cannot be read, or lacks what it must have.")
        }
        Fault::Algorithm => {
            ("身份令牌没有用公钥算法签名。", "The identity token is not signed by a public-key algorithm.")
        }
        Fault::UnknownKey => (
            "身份令牌所用的密钥不在单点登录服务公布的密钥之中。",
            "The identity token is signed by a key that the OpenID provider does not publish.",
        ),
        Fault::Signature => ("身份令牌的签名不对。", "The signature of the identity token is wrong."),
        Fault::Issuer => (
            "身份令牌不是所配置的单点登录服务签发的。",
            "The identity token is of another issuer than the one configured.",
        ),
        Fault::Audience => ("身份令牌不是签发给本系统的。", "The identity token is for another audience."),
        Fault::Expired => (
            "身份令牌已过期或尚未生效，请检查两边的时钟。",
            "The identity token has expired or is not yet valid; compare the clocks.",
        ),
        Fault::Nonce => ("身份令牌不是为本次登录签发的。", "The identity token was issued for another sign-in."),
    };
    Text { zh, en }
}

/// The paths of this resource.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(begin_openid_sign_in)).routes(routes!(finish_openid_sign_in))
}
