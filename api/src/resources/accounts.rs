//! Accounts and what they may act as; for administrators, who decide nothing else.

mod links;

use app::access::grant::plain;
use app::access::passwords;
use app::access::secrets::one_time_password;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::FieldCode;
use serde::{Deserialize, Serialize};
use store::access::GrantRow;
use store::access::accounts::{self, Account, NewAccount};
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
use crate::problem::{Code, FieldProblem, Problem};
use crate::resources::tokens::GrantBody;
use crate::state::Api;

/// An account to be made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "login": "li.audit", "grants": [{ "role": "auditor", "unit": "all" }] }))]
pub struct CreateAccountBody {
    /// What it signs in with; it stands in events for good: 1 to 64 letters, digits, `-_.@`. Not a person's name.
    #[schema(min_length = 1, max_length = 64)]
    pub login: String,
    /// What it may act as.
    #[schema(max_items = 50)]
    pub grants: Vec<GrantBody>,
    /// Whether it only has tokens: another system's account.
    #[serde(default)]
    pub without_password: bool,
}

/// What an account may act as from now on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "grants": [{ "role": "auditor", "unit": "all" }] }))]
pub struct GrantsBody {
    /// All of it.
    #[schema(max_items = 50)]
    pub grants: Vec<GrantBody>,
}

/// An account, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountShown {
    /// Its id.
    pub account_id: Uuid,
    /// What it signs in with.
    pub login: String,
    /// What it may act as.
    pub grants: Vec<GrantBody>,
    /// Whether it has a password.
    pub has_password: bool,
    /// Whether it must choose another password first.
    pub must_change_password: bool,
    /// Whom it is at the single sign-on, if an administrator has linked it.
    pub openid: Option<OpenIdShown>,
    /// Since when it is disabled.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Whom an `OpenID` provider knows by which name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenIdShown {
    /// The provider.
    pub issuer: String,
    /// Its name for somebody.
    pub subject: String,
}

/// An account with a password that it must change at its first sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountWithPassword {
    /// The account.
    pub account: AccountShown,
    /// The one-time password, shown this once; null where it has none.
    pub one_time_password: Option<String>,
}

impl From<Account> for AccountShown {
    fn from(account: Account) -> Self {
        Self {
            account_id: account.account_id,
            login: account.login,
            grants: account.grants.iter().map(GrantBody::from).collect(),
            has_password: account.password.is_some(),
            must_change_password: account.must_change,
            openid: account.openid.map(|name| OpenIdShown { issuer: name.issuer, subject: name.subject }),
            disabled_at: account.disabled_at,
            created_at: account.created_at,
        }
    }
}

/// Which accounts are listed: all of them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
pub struct AccountsFilter {}

impl Filter for AccountsFilter {
    const SORTS: &'static [&'static str] = &["login"];
}

/// `/accounts/{account_id}`
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct AccountKey {
    /// The account.
    #[param(value_type = String, format = "uuid")]
    pub account_id: Uuid,
}

/// The account of an id.
pub(super) async fn account(api: &Api, account_id: Uuid) -> Result<Account, Problem> {
    accounts::get(api.app().store().db(), account_id).await?.ok_or_else(|| Problem::not_found("account"))
}

pub(super) async fn as_it_stands(api: &Api, account_id: Uuid) -> Result<Answered<AccountShown>, Problem> {
    api.app().gate().forget();
    Ok(Answered::new(account(api, account_id).await?.into(), Vec::new()).hashed())
}

fn rows(grants: &[GrantBody]) -> Result<Vec<GrantRow>, Problem> {
    let mut rows = Vec::with_capacity(grants.len());
    let mut faults = Vec::new();
    for (place, grant) in grants.iter().enumerate() {
        match grant.checked(&format!("/grants/{place}")) {
            Ok(grant) => rows.push(grant.row()),
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(Problem::fields(faults)) }
}

async fn one_time() -> Result<(String, String), Problem> {
    let password = one_time_password();
    let phc = passwords::hash(password.clone()).await;
    Ok((password, phc.ok_or_else(|| Problem::internal(&"a password could not be hashed"))?))
}

/// Makes an account. Its one-time password is in this answer and nowhere else.
#[utoipa::path(post, path = "/accounts", tag = "access", extensions(("x-permission" = json!("accounts.manage"))),
    params(UploadHeaders), request_body = CreateAccountBody,
    responses((status = 201, description = "The account.", body = Answer<AccountWithPassword>), CommandProblems))]
async fn create_account(
    State(api): State<Api>,
    Body(body): Body<CreateAccountBody>,
) -> Result<Answered<AccountWithPassword>, Problem> {
    let grants = rows(&body.grants)?;
    if !plain(&body.login) {
        return Err(Problem::fields(vec![FieldProblem::faulty("/login", FieldCode::NotOneOf)]));
    }
    let password = if body.without_password { None } else { Some(one_time().await?) };
    let new = NewAccount {
        account_id: Uuid::now_v7(),
        login: &body.login,
        password: password.as_ref().map(|(_, phc)| phc.as_str()),
        must_change: password.is_some(),
        at: api.app().clock().now(),
    };
    if !accounts::create(api.app().store().db(), &new, &grants).await? {
        return Err(Problem::of(Code::LoginTaken));
    }
    let account_id = new.account_id;
    let shown = account(&api, account_id).await?.into();
    let made = AccountWithPassword { account: shown, one_time_password: password.map(|(password, _)| password) };
    Ok(Answered::new(made, Vec::new()).created(format!("/api/v1/accounts/{account_id}")).hashed())
}

/// Lists all accounts by login.
#[utoipa::path(get, path = "/accounts", tag = "access", extensions(("x-permission" = json!("accounts.manage"))),
    params(List<AccountsFilter>, ReadHeaders),
    responses((status = 200, description = "The accounts.", body = Page<AccountShown>), ReadProblems))]
async fn list_accounts(
    State(api): State<Api>,
    reading: Reading,
    list: List<AccountsFilter>,
) -> Result<Found<Page<AccountShown>>, Problem> {
    let view = reading.view(&api).await?;
    let db = api.app().store().db();
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let some = accounts::list(db, &after, 500).await?;
        let Some(end) = some.last() else { break };
        after.clone_from(&end.login);
        all.extend(some.into_iter().map(AccountShown::from));
    }
    let page = list.slice(all, |row| row.login.clone(), view.position)?;
    Ok(Found::from(page).hashed())
}

/// Shows an account.
#[utoipa::path(get, path = "/accounts/{account_id}", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, ReadHeaders),
    responses((status = 200, description = "The account.", body = AccountShown), ReadProblems))]
async fn get_account(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    reading: Reading,
) -> Result<Found<AccountShown>, Problem> {
    let view = reading.view(&api).await?;
    Ok(Found::projected(account(&api, key.account_id).await?.into(), view.position).hashed())
}

/// Replaces what an account may act as. Nobody changes their own.
#[utoipa::path(post, path = "/accounts/{account_id}/grants", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    request_body = GrantsBody,
    responses((status = 200, description = "The account.", body = Answer<AccountShown>), CommandProblems))]
async fn set_grants(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    Entering(admitted): Entering,
    Body(body): Body<GrantsBody>,
) -> Result<Answered<AccountShown>, Problem> {
    let account = another(&api, key.account_id, admitted.principal.account_id).await?;
    accounts::set_grants(api.app().store().db(), account.account_id, &rows(&body.grants)?).await?;
    as_it_stands(&api, account.account_id).await
}

/// An account that is not one's own: nobody gives themselves a role, or locks themselves out.
pub(super) async fn another(api: &Api, account_id: Uuid, own: Uuid) -> Result<Account, Problem> {
    if account_id == own {
        return Err(Problem::of(Code::OwnAccount));
    }
    account(api, account_id).await
}

/// Disables an account; its sign-ins end, and its tokens open nothing.
#[utoipa::path(post, path = "/accounts/{account_id}/disabling", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    responses((status = 200, description = "The account.", body = Answer<AccountShown>), CommandProblems))]
async fn disable_account(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    Entering(admitted): Entering,
) -> Result<Answered<AccountShown>, Problem> {
    let account = another(&api, key.account_id, admitted.principal.account_id).await?;
    let since = account.disabled_at.unwrap_or_else(|| api.app().clock().now());
    accounts::set_disabled(api.app().store().db(), account.account_id, Some(since)).await?;
    as_it_stands(&api, account.account_id).await
}

/// Enables an account again.
#[utoipa::path(post, path = "/accounts/{account_id}/enabling", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    responses((status = 200, description = "The account.", body = Answer<AccountShown>), CommandProblems))]
async fn enable_account(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
) -> Result<Answered<AccountShown>, Problem> {
    let account = account(&api, key.account_id).await?;
    accounts::set_disabled(api.app().store().db(), account.account_id, None).await?;
    as_it_stands(&api, account.account_id).await
}

/// Gives an account a one-time password; its sign-ins end.
#[utoipa::path(post, path = "/accounts/{account_id}/password-resets", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    responses((status = 200, description = "The account.", body = Answer<AccountWithPassword>), CommandProblems))]
async fn reset_password(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    Entering(admitted): Entering,
) -> Result<Answered<AccountWithPassword>, Problem> {
    let account = another(&api, key.account_id, admitted.principal.account_id).await?;
    let (password, phc) = one_time().await?;
    let now = api.app().clock().now();
    accounts::set_password(api.app().store().db(), account.account_id, &phc, now, true, None).await?;
    api.app().gate().forget();
    let account = self::account(&api, account.account_id).await?.into();
    Ok(Answered::new(AccountWithPassword { account, one_time_password: Some(password) }, Vec::new()).hashed())
}

/// The paths of this resource.
pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(create_account, list_accounts))
        .routes(routes!(get_account))
        .routes(routes!(set_grants))
        .routes(routes!(disable_account))
        .routes(routes!(enable_account))
        .routes(routes!(reset_password))
        .merge(links::routes())
}

#[cfg(test)]
mod tests;
