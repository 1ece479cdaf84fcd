//! What is asked of the provider over HTTP: where its endpoints are, its keys, and a token for a code. Answers that hold
//! for a while are kept for a while; all are bounded in time and size.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonwebtoken::{DecodingKey, Header};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::keys::{Keys, Published};
use super::{Fault, OpenIdConfig, OpenIdError, Refusal};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(5);
/// The longest answer, in bytes.
const LONGEST: usize = 512 << 10;
/// How long what the provider said of itself holds.
const HOLDS: Duration = Duration::from_hours(1);
/// How often in a minute its keys are fetched because a token names another one.
const REFETCHES: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// How long a provider that did not answer is left alone.
const REST: Duration = Duration::from_secs(5);

/// What a provider says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// A provider, with what is remembered of it.
pub(super) struct Provider {
    client: Client,
    issuer: String,
    /// Held while asking: whoever wants the same waits for the same answer.
    known: Mutex<Known>,
    refetches: DefaultDirectRateLimiter,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Instant, Arc<Metadata>)>,
    keys: Option<(Instant, Keys)>,
    failed: Option<Instant>,
}

#[derive(Deserialize)]
struct Answered {
    id_token: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NotAnswered {
    error: String,
}

impl Provider {
    pub(super) fn new(issuer: String) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(ANSWER)
            .timeout(ANSWER)
            .redirect(Policy::none())
            .referer(false)
            .build()?;
        let refetches = RateLimiter::direct(Quota::per_minute(REFETCHES));
        Ok(Self { client, issuer, known: Mutex::default(), refetches })
    }

    /// What the provider says of itself.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OpenIdError> {
        let mut known = self.known.lock().await;
        if let Some((since, metadata)) = &known.metadata
            && since.elapsed() < HOLDS
        {
            return Ok(Arc::clone(metadata));
        }
        known.may_be_asked()?;
        let place = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let metadata = self.get::<Metadata>(&place).await.and_then(|metadata| self.checked(metadata));
        let metadata = Arc::new(known.noting(metadata)?);
        known.metadata = Some((Instant::now(), Arc::clone(&metadata)));
        Ok(metadata)
    }

    /// Takes only a provider that is the one asked for, with endpoints that are as safe as it is.
    fn checked(&self, metadata: Metadata) -> Result<Metadata, OpenIdError> {
        if metadata.issuer != self.issuer {
            tracing::error!(
                expected = self.issuer,
                found = metadata.issuer,
                "the OpenID provider calls itself otherwise than the settings do"
            );
            return Err(OpenIdError::Away);
        }
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if let Some(unsafe_one) = endpoints.into_iter().find(|endpoint| !is_safe(endpoint)) {
            tracing::error!(endpoint = unsafe_one, "an endpoint of the OpenID provider is not https");
            return Err(OpenIdError::Away);
        }
        Ok(metadata)
    }

    /// The key of a token; fetched again, once in a while, where the token names one that is not known.
    pub(super) async fn key(&self, metadata: &Metadata, header: &Header) -> Result<DecodingKey, OpenIdError> {
        let mut known = self.known.lock().await;
        if let Some((since, keys)) = &known.keys {
            let holds = since.elapsed() < HOLDS;
            if let Some(key) = keys.find(header).filter(|_| holds) {
                return Ok(key);
            }
            if holds && self.refetches.check().is_err() {
                return Err(Fault::UnknownKey.into());
            }
        }
        known.may_be_asked()?;
        let keys = self.get::<Published>(&metadata.jwks_uri).await.map(Keys::from);
        let keys = known.noting(keys)?;
        let key = keys.find(header);
        known.keys = Some((Instant::now(), keys));
        key.ok_or(OpenIdError::Token(Fault::UnknownKey))
    }

    /// Changes a code for an identity token.
    pub(super) async fn redeem(
        &self,
        metadata: &Metadata,
        config: &OpenIdConfig,
        code: &str,
        verifier: &str,
    ) -> Result<String, OpenIdError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &config.redirect_uri),
            ("code_verifier", verifier),
            ("client_id", &config.client_id),
        ];
        let methods = metadata.token_endpoint_auth_methods_supported.as_ref();
        let basic = methods.is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        let mut request = self.client.post(&metadata.token_endpoint);
        if basic {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&config.client_id), encoded(config.client_secret.reveal()));
            request = request.header(AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(pair)));
        } else {
            form.push(("client_secret", config.client_secret.reveal()));
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        let (status, answer) = sent(request).await?;
        if status.is_success() {
            return read::<Answered>(&answer).map(|answered| answered.id_token);
        }
        let error = serde_json::from_slice::<NotAnswered>(&answer).unwrap_or_default().error;
        if status.is_client_error() && error == "invalid_grant" {
            return Err(OpenIdError::Refused(Refusal::CodeNotTaken));
        }
        // Whatever the provider wrote may hold anything: only what RFC 6749 has a word for goes into the log.
        let known = ["invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type"];
        let error = known.into_iter().find(|known| error == *known).unwrap_or("another error");
        tracing::error!(status = status.as_u16(), error, "the OpenID provider changes no code for a token");
        Err(OpenIdError::Away)
    }

    async fn get<T: DeserializeOwned>(&self, place: &str) -> Result<T, OpenIdError> {
        let (status, answer) = sent(self.client.get(place)).await?;
        if status != StatusCode::OK {
            tracing::warn!(place, status = status.as_u16(), "the OpenID provider does not answer as it should");
            return Err(OpenIdError::Away);
        }
        read(&answer)
    }
}

impl Known {
    /// Leaves a provider alone that has just failed.
    fn may_be_asked(&self) -> Result<(), OpenIdError> {
        if self.failed.is_some_and(|since| since.elapsed() < REST) { Err(OpenIdError::Away) } else { Ok(()) }
    }

    fn noting<T>(&mut self, outcome: Result<T, OpenIdError>) -> Result<T, OpenIdError> {
        self.failed = outcome.is_err().then(Instant::now);
        outcome
    }
}

/// Sends a request and reads what is answered, up to a bound.
async fn sent(request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), OpenIdError> {
    let away = |error: reqwest::Error| {
        tracing::warn!(cause = causes(&error.without_url()), "the OpenID provider does not answer");
        OpenIdError::Away
    };
    let mut response = request.header(ACCEPT, "application/json").send().await.map_err(away)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(away)? {
        if body.len() + chunk.len() > LONGEST {
            tracing::warn!("the OpenID provider answers too much");
            return Err(OpenIdError::Away);
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status(), body))
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, OpenIdError> {
    serde_json::from_slice(answer).map_err(|error| {
        // Where it went wrong, not what stands there.
        tracing::warn!(line = error.line(), column = error.column(), "the OpenID provider's answer cannot be read");
        OpenIdError::Away
    })
}

/// An error with what caused it.
fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Whether nobody on the way can read or change what goes to an address: https, or this machine.
#[must_use]
pub fn is_safe(address: &str) -> bool {
    let Ok(address) = Url::parse(address) else { return false };
    let here = match address.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => return false,
    };
    address.scheme() == "https" || (address.scheme() == "http" && here)
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_https_or_this_machine_is_safe() {
        for safe in ["https://id.example.cn/realms/a", "http://127.0.0.1:8080", "http://[::1]:80/x", "http://localhost"]
        {
            assert!(is_safe(safe), "{safe}");
        }
        for other in ["http://id.example.cn", "ftp://127.0.0.1", "id.example.cn", "", "http://127.0.0.1.example.cn"] {
            assert!(!is_safe(other), "{other}");
        }
    }
}
