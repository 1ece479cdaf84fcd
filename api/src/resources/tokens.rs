//! API tokens (S8): bound to an account, narrower than it, ending, shown once.

use app::access::secrets::Secret;
use app::access::{Grant, Role};
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use domain::FieldCode;
use domain::ids::ProgramId;
use serde::{Deserialize, Serialize};
use store::access::accounts::Account;
use store::access::{GrantRow, tokens};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::answer::{Answer, Answered, Found};
use crate::body::Body;
use crate::headers::{Entering, ReadHeaders, Reading, UploadHeaders};
use crate::keys::Keys;
use crate::openapi::{CommandProblems, ReadProblems};
use crate::page::{Filter, List, Page};
use crate::problem::{FieldProblem, Problem};
use crate::resources::accounts::AccountKey;
use crate::state::Api;

/// The longest that a token lasts.
const LONGEST: i64 = 366;

/// A role held for a unit of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "station", "program": "wuhu-incubation", "unit": "jinghu-1" }))]
pub struct GrantBody {
    /// `office`, `district`, `recommender`, `station`, `organization`, `expert`, `auditor`, `integration` or
    /// `administrator`.
    #[schema(max_length = 30)]
    pub role: String,
    /// The program that it is held in; none for any.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub program: Option<String>,
    /// The unit: the program of an office, a district, a recommender, a station, an expert, a USCC; `all` where it is
    /// held for everything.
    #[schema(max_length = 64)]
    pub unit: String,
}

impl GrantBody {
    /// The grant, or what is wrong at `pointer`.
    pub(crate) fn checked(&self, pointer: &str) -> Result<Grant, Box<FieldProblem>> {
        let fault = |field: &str, code| Box::new(FieldProblem::faulty(format!("{pointer}/{field}"), code));
        let faulty = |field: &str| fault(field, FieldCode::NotOneOf);
        let role: Role = self.role.parse().map_err(|_| faulty("role"))?;
        let program =
            self.program.as_deref().map(str::parse::<ProgramId>).transpose().map_err(|_| faulty("program"))?;
        Grant::checked(role, program, &self.unit).map_err(|invalid| match invalid {
            app::access::grant::InvalidGrant::Role => faulty("role"),
            app::access::grant::InvalidGrant::Program => fault("program", FieldCode::Required),
            app::access::grant::InvalidGrant::Unit => faulty("unit"),
        })
    }
}

impl From<&GrantRow> for GrantBody {
    fn from(row: &GrantRow) -> Self {
        let program = (row.program != app::access::grant::ALL).then(|| row.program.clone());
        Self { role: row.role.clone(), program, unit: row.unit.clone() }
    }
}

/// A token to be issued.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "数据交换平台", "reads_only": true, "days": 90 }))]
pub struct IssueTokenBody {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// Whether it may only read.
    #[serde(default)]
    pub reads_only: bool,
    /// The only role of the account that it may use.
    #[serde(default)]
    pub grant: Option<GrantBody>,
    /// The only district that it may touch.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub district: Option<String>,
    /// How many days it lasts.
    #[schema(minimum = 1, maximum = 366)]
    pub days: i64,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenShown {
    /// Its id.
    pub token_id: Uuid,
    /// What it is for.
    pub title: String,
    /// Whether it may only read.
    pub reads_only: bool,
    /// The only role that it may use.
    pub grant: Option<GrantBody>,
    /// The only district that it may touch.
    pub district: Option<String>,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A token just issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenIssued {
    /// The token.
    pub token: TokenShown,
    /// What is sent as `Authorization: Bearer …`. It is shown this once.
    pub secret: String,
}

impl From<tokens::Token> for TokenShown {
    fn from(token: tokens::Token) -> Self {
        Self {
            token_id: token.token_id,
            title: token.title,
            reads_only: token.reads_only,
            grant: token.grant.as_ref().map(GrantBody::from),
            district: token.district,
            issued_at: token.issued_at,
            ends_at: token.ends_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// Which tokens are listed: all of the account's.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct TokensFilter {}

impl Filter for TokensFilter {
    const SORTS: &'static [&'static str] = &["token_id"];
}

/// `/tokens/{token_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TokenKey {
    /// The token.
    #[param(value_type = String, format = "uuid")]
    pub token_id: Uuid,
}

/// `/accounts/{account_id}/tokens/{token_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct AccountTokenKey {
    /// The account.
    #[param(value_type = String, format = "uuid")]
    pub account_id: Uuid,
    /// The token.
    #[param(value_type = String, format = "uuid")]
    pub token_id: Uuid,
}

async fn issue(api: &Api, account: &Account, body: IssueTokenBody) -> Result<Answered<TokenIssued>, Problem> {
    let mut faults = Vec::new();
    if !(1..=LONGEST).contains(&body.days) {
        faults.push(FieldProblem::faulty("/days", FieldCode::OutOfRange));
    }
    let grant = match body.grant.as_ref().map(|grant| grant.checked("/grant")) {
        None => None,
        Some(Ok(grant)) if account.grants.contains(&grant.row()) => Some(grant.row()),
        Some(Ok(_)) => {
            faults.push(FieldProblem::faulty("/grant", FieldCode::NotOneOf));
            None
        }
        Some(Err(fault)) => {
            faults.push(*fault);
            None
        }
    };
    if !faults.is_empty() {
        return Err(Problem::fields(faults));
    }
    let secret = Secret::new("hatt");
    let now = api.app().clock().now();
    let token = tokens::Token {
        token_id: Uuid::now_v7(),
        account_id: account.account_id,
        title: body.title,
        reads_only: body.reads_only,
        grant,
        district: body.district,
        issued_at: now,
        ends_at: now + TimeDelta::days(body.days),
        revoked_at: None,
    };
    tokens::issue(api.app().store().db(), &token, &secret.hash()).await?;
    let issued = TokenIssued { token: token.into(), secret: secret.reveal().to_owned() };
    Ok(Answered::new(issued, Vec::new()).hashed())
}

async fn revoke(api: &Api, account_id: Uuid, token_id: Uuid) -> Result<Answered<TokenShown>, Problem> {
    let db = api.app().store().db();
    if !tokens::revoke(db, account_id, token_id, api.app().clock().now()).await? {
        return Err(Problem::not_found("token"));
    }
    api.app().gate().forget();
    let token = tokens::of(db, account_id).await?.into_iter().find(|token| token.token_id == token_id);
    let token = token.ok_or_else(|| Problem::not_found("token"))?;
    Ok(Answered::new(TokenShown::from(token), Vec::new()).hashed())
}

async fn list_of(
    api: &Api,
    account_id: Uuid,
    reading: &Reading,
    list: &List<TokensFilter>,
) -> Result<Found<Page<TokenShown>>, Problem> {
    let view = reading.view(api).await?;
    let rows = tokens::of(api.app().store().db(), account_id).await?.into_iter().map(TokenShown::from).collect();
    Ok(Found::from(list.slice(rows, |row: &TokenShown| row.token_id.to_string(), view.position)?).hashed())
}

/// Lists one's own tokens.
#[utoipa::path(get, path = "/tokens", tag = "access", extensions(("x-permission" = json!("self"))),
    params(List<TokensFilter>, ReadHeaders),
    responses((status = 200, description = "The tokens.", body = Page<TokenShown>), ReadProblems))]
async fn list_tokens(
    State(api): State<Api>,
    reading: Reading,
    list: List<TokensFilter>,
) -> Result<Found<Page<TokenShown>>, Problem> {
    list_of(&api, reading.admitted.principal.account_id, &reading, &list).await
}

/// Issues a token of one's own account. Its secret is in this answer and nowhere else. A token issues no tokens.
#[utoipa::path(post, path = "/tokens", tag = "access", extensions(("x-permission" = json!("self"))),
    params(UploadHeaders), request_body = IssueTokenBody,
    responses((status = 200, description = "The token, with its secret.", body = Answer<TokenIssued>), CommandProblems))]
async fn issue_token(
    State(api): State<Api>,
    Entering(admitted): Entering,
    Body(body): Body<IssueTokenBody>,
) -> Result<Answered<TokenIssued>, Problem> {
    if matches!(admitted.principal.via, app::access::Via::Token { .. }) {
        return Err(Problem::of(crate::problem::Code::NotPermitted));
    }
    let account = super::accounts::account(&api, admitted.principal.account_id).await?;
    issue(&api, &account, body).await
}

/// Revokes a token of one's own.
#[utoipa::path(post, path = "/tokens/{token_id}/revocation", tag = "access", extensions(("x-permission" = json!("self"))),
    params(TokenKey, UploadHeaders),
    responses((status = 200, description = "The token, revoked.", body = Answer<TokenShown>), CommandProblems))]
async fn revoke_token(
    State(api): State<Api>,
    Keys(key): Keys<TokenKey>,
    Entering(admitted): Entering,
) -> Result<Answered<TokenShown>, Problem> {
    revoke(&api, admitted.principal.account_id, key.token_id).await
}

/// Lists the tokens of an account.
#[utoipa::path(get, path = "/accounts/{account_id}/tokens", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, List<TokensFilter>, ReadHeaders),
    responses((status = 200, description = "The tokens.", body = Page<TokenShown>), ReadProblems))]
async fn list_account_tokens(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    reading: Reading,
    list: List<TokensFilter>,
) -> Result<Found<Page<TokenShown>>, Problem> {
    let account = super::accounts::account(&api, key.account_id).await?;
    list_of(&api, account.account_id, &reading, &list).await
}

/// Issues a token of another system's account.
#[utoipa::path(post, path = "/accounts/{account_id}/tokens", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    request_body = IssueTokenBody,
    responses((status = 200, description = "The token, with its secret.", body = Answer<TokenIssued>), CommandProblems))]
async fn issue_account_token(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    Body(body): Body<IssueTokenBody>,
) -> Result<Answered<TokenIssued>, Problem> {
    let account = super::accounts::account(&api, key.account_id).await?;
    issue(&api, &account, body).await
}

/// Revokes a token of an account.
#[utoipa::path(post, path = "/accounts/{account_id}/tokens/{token_id}/revocation", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountTokenKey, UploadHeaders),
    responses((status = 200, description = "The token, revoked.", body = Answer<TokenShown>), CommandProblems))]
async fn revoke_account_token(
    State(api): State<Api>,
    Keys(key): Keys<AccountTokenKey>,
) -> Result<Answered<TokenShown>, Problem> {
    revoke(&api, key.account_id, key.token_id).await
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_tokens, issue_token))
        .routes(routes!(revoke_token))
        .routes(routes!(list_account_tokens, issue_account_token))
        .routes(routes!(revoke_account_token))
}
