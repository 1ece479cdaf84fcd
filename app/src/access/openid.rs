//! Signing in at the single sign-on of an office: `OpenID` Connect, the authorization code flow with PKCE.
//!
//! ```text
//! begin  ─▶ cookie (a try) + address of the provider ─▶ somebody signs in there ─▶ callback (code, state)
//! finish ─▶ code + verifier ─▶ identity token ─▶ signature, issuer, audience, times, nonce ─▶ name (issuer, subject)
//! ```
//!
//! All that a try consists of (state, nonce, verifier) is made from the secret in its cookie, so that no node has to
//! remember it and any may finish it; see `docs/decisions/0017`.

mod attempt;
mod backend;
mod keys;
mod provider;
mod token;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use store::StoreError;
use store::access::openid::OpenIdName;

pub use attempt::LASTS;
use attempt::{Attempt, Derived};
use provider::Provider;
pub use provider::is_safe;
pub use token::Fault;

use super::secrets::Secret;

/// How long one step may take in all, whatever the provider does.
const STEP: Duration = Duration::from_secs(10);

/// Where the provider is, and how this installation is known to it.
#[derive(Clone)]
pub struct OpenIdConfig {
    /// The provider, as it calls itself: an address without `/.well-known/…`.
    pub issuer: String,
    /// What it calls this installation.
    pub client_id: String,
    /// What this installation proves itself by.
    pub client_secret: Secret,
    /// Where it sends browsers back to, as registered with it.
    pub redirect_uri: String,
}

/// What a provider sends a browser back with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// What is changed for a token.
    pub code: Option<String>,
    /// The state that the try began with.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who sends it (RFC 9207).
    pub issuer: Option<String>,
}

/// A try that was begun.
#[derive(Clone)]
pub struct Begun {
    /// What the browser keeps until it comes back.
    pub cookie: Secret,
    /// Where it is sent.
    pub location: String,
}

/// Who signed in at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Whom the provider means.
    pub name: OpenIdName,
    /// The hash of the try, which is good for once.
    pub once: String,
    /// When the try ends anyway.
    pub ends_at: DateTime<Utc>,
}

/// Why a try is none that this browser has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Unfit {
    /// The browser has no cookie of a try.
    NoCookie,
    /// The try is too old.
    Expired,
    /// The callback belongs to another try.
    WrongState,
    /// The try was used.
    Used,
}

/// Why the provider lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    /// It says so.
    Denied,
    /// It does not take the code: too old, used, or of somebody else.
    CodeNotTaken,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum OpenIdError {
    /// The provider is away, slow, or not one that can be used; why is in the log.
    #[error("the OpenID provider cannot be used")]
    Away,
    /// The callback does not belong to a try of this browser.
    #[error("not a try of this browser: {0}")]
    Unfit(Unfit),
    /// The provider refuses.
    #[error("the OpenID provider refuses: {0}")]
    Refused(Refusal),
    /// The identity token is not to be trusted.
    #[error("the identity token: {0}")]
    Token(#[from] Fault),
    /// No account that is in use is linked with the name.
    #[error("no account is linked with the name")]
    NotLinked,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The single sign-on. One per process.
pub struct OpenId {
    config: OpenIdConfig,
    provider: Provider,
}

impl std::fmt::Debug for OpenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenId").field("issuer", &self.config.issuer).finish_non_exhaustive()
    }
}

impl OpenId {
    /// The single sign-on at a provider; nothing is asked of it yet.
    ///
    /// # Errors
    /// If no HTTP client can be made, e.g. because the system's certificates cannot be read.
    pub fn new(config: OpenIdConfig) -> Result<Self, reqwest::Error> {
        backend::install();
        let provider = Provider::new(config.issuer.clone())?;
        Ok(Self { config, provider })
    }

    /// The provider, as accounts are linked with it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// Begins a try.
    ///
    /// # Errors
    /// If the provider is away.
    pub async fn begin(&self, now: DateTime<Utc>) -> Result<Begun, OpenIdError> {
        let metadata = in_time(self.provider.metadata()).await?;
        let attempt = Attempt::new(now);
        let Derived { state, nonce, verifier } = attempt.derived();
        let challenge = attempt::challenge(&verifier);
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.config.client_id),
            ("redirect_uri", &self.config.redirect_uri),
            ("scope", "openid"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let endpoint = &metadata.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok(Begun { location: format!("{endpoint}{joint}{query}"), cookie: attempt.into_cookie() })
    }

    /// Finishes a try: the name is proved, and the try is to be used up.
    ///
    /// # Errors
    /// Whatever does not fit.
    pub async fn finish(
        &self,
        cookie: Option<&Secret>,
        callback: Callback,
        now: DateTime<Utc>,
    ) -> Result<Proved, OpenIdError> {
        let attempt = Attempt::presented(cookie.ok_or(OpenIdError::Unfit(Unfit::NoCookie))?);
        let attempt = attempt.ok_or(OpenIdError::Unfit(Unfit::NoCookie))?;
        let Derived { state, nonce, verifier } = attempt.derived();
        if callback.state.as_deref() != Some(&state) {
            return Err(OpenIdError::Unfit(Unfit::WrongState));
        }
        if !attempt.holds(now) {
            return Err(OpenIdError::Unfit(Unfit::Expired));
        }
        if let Some(error) = callback.error {
            let known: String = error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
            tracing::info!(error = known, "the OpenID provider lets nobody in");
            return Err(OpenIdError::Refused(Refusal::Denied));
        }
        let code = callback.code.ok_or(OpenIdError::Refused(Refusal::Denied))?;
        in_time(async {
            let metadata = self.provider.metadata().await?;
            let said = callback.issuer.as_deref();
            if said.map_or(metadata.authorization_response_iss_parameter_supported, |said| said != metadata.issuer) {
                return Err(Fault::Issuer.into());
            }
            let token = self.provider.redeem(&metadata, &self.config, &code, &verifier).await?;
            let header = token::header(&token)?;
            let key = self.provider.key(&metadata, &header).await?;
            let expected =
                token::Expected { issuer: &self.config.issuer, client_id: &self.config.client_id, nonce: &nonce };
            let subject = token::verified(&token, &header, &key, &expected)?;
            let name = OpenIdName { issuer: self.config.issuer.clone(), subject };
            Ok(Proved { name, once: attempt.hash(), ends_at: attempt.ends_at() + TimeDelta::minutes(1) })
        })
        .await
    }
}

/// Waits for the provider, but not for ever.
async fn in_time<T>(asked: impl Future<Output = Result<T, OpenIdError>>) -> Result<T, OpenIdError> {
    tokio::time::timeout(STEP, asked).await.unwrap_or_else(|_elapsed| {
        tracing::warn!("the OpenID provider did not answer in time");
        Err(OpenIdError::Away)
    })
}
