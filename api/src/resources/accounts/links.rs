//! Links of accounts with the single sign-on. Only an administrator makes them, by the name that the provider never
//! gives to anybody else: a mail address or a login there may be given to somebody else tomorrow.

use axum::extract::State;
use domain::FieldCode;
use serde::{Deserialize, Serialize};
use store::access::openid::{self, OpenIdName};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{AccountKey, AccountShown, another, as_it_stands};
use crate::answer::{Answer, Answered};
use crate::body::Body;
use crate::headers::{Entering, UploadHeaders};
use crate::keys::Keys;
use crate::openapi::CommandProblems;
use crate::problem::{Code, FieldProblem, Problem};
use crate::state::Api;

/// Whom an account is at the single sign-on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "subject": "248289761001" }))]
pub(super) struct OpenIdLinkBody {
    /// The provider's `sub` of the person; no login, no mail address.
    #[schema(min_length = 1, max_length = 255)]
    pub subject: String,
}

/// Links an account with a name at the single sign-on, in place of any other; its sign-ins end. Nobody links their own.
#[utoipa::path(post, path = "/accounts/{account_id}/openid-links", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    request_body = OpenIdLinkBody,
    responses((status = 200, description = "The account.", body = Answer<AccountShown>), CommandProblems))]
async fn link_openid(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    Entering(admitted): Entering,
    Body(body): Body<OpenIdLinkBody>,
) -> Result<Answered<AccountShown>, Problem> {
    let account = another(&api, key.account_id, admitted.principal.account_id).await?;
    let provider = api.app().openid().ok_or_else(|| Problem::of(Code::OpenidNotConfigured))?;
    let subject = body.subject;
    if subject.trim() != subject || subject.is_empty() || subject.chars().any(char::is_control) {
        return Err(Problem::fields(vec![FieldProblem::faulty("/subject", FieldCode::NotOneOf)]));
    }
    let name = OpenIdName { issuer: provider.issuer().to_owned(), subject };
    if !openid::link(api.app().store().db(), account.account_id, Some(&name)).await? {
        return Err(Problem::of(Code::OpenidSubjectTaken));
    }
    as_it_stands(&api, account.account_id).await
}

/// Takes the link of an account with the single sign-on away; its sign-ins end.
#[utoipa::path(post, path = "/accounts/{account_id}/openid-unlinking", tag = "access",
    extensions(("x-permission" = json!("accounts.manage"))), params(AccountKey, UploadHeaders),
    responses((status = 200, description = "The account.", body = Answer<AccountShown>), CommandProblems))]
async fn unlink_openid(
    State(api): State<Api>,
    Keys(key): Keys<AccountKey>,
    Entering(admitted): Entering,
) -> Result<Answered<AccountShown>, Problem> {
    let account = another(&api, key.account_id, admitted.principal.account_id).await?;
    openid::link(api.app().store().db(), account.account_id, None).await?;
    as_it_stands(&api, account.account_id).await
}

/// The paths of this resource.
pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(link_openid)).routes(routes!(unlink_openid))
}
