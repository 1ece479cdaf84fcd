//! The settings of an office's single sign-on: all of them, or none.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use api::resources::sign_ins::CALLBACK;
use app::access::openid::is_safe;
use app::access::secrets::Secret;
use app::access::{OpenId, OpenIdConfig};
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

/// A text that neither logs nor messages show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Hidden(String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Quoted)
    }
}

/// Takes a text only. What else stands there may be the secret without its quotes, so it is not told.
struct Quoted;

impl Visitor<'_> for Quoted {
    type Value = Hidden;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Hidden, E> {
        Ok(Hidden(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Hidden, E> {
        Err(E::custom("it is a text in quotes"))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Hidden, E> {
        Err(E::custom("it is a text in quotes"))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Hidden, E> {
        Err(E::custom("it is a text in quotes"))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Hidden, E> {
        Err(E::custom("it is a text in quotes"))
    }
}

/// Where the secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    Here(Hidden),
    File(PathBuf),
}

/// The single sign-on as settings describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SingleSignOn {
    issuer: String,
    client_id: String,
    secret: Kept,
    public_url: String,
}

impl SingleSignOn {
    /// All that is needed, or nothing at all.
    pub(crate) fn checked(
        issuer: Option<String>,
        client_id: Option<String>,
        secret: (Option<Hidden>, Option<PathBuf>),
        public_url: Option<String>,
    ) -> anyhow::Result<Option<Self>> {
        let secret = match secret {
            (Some(_), Some(_)) => {
                bail!("`openid_client_secret` and `openid_client_secret_file`: one of them is enough")
            }
            (Some(here), None) => Some(Kept::Here(here)),
            (None, file) => file.map(Kept::File),
        };
        if issuer.is_none() && client_id.is_none() && secret.is_none() {
            return Ok(None);
        }
        let lacking = "the single sign-on lacks";
        let issuer = issuer.with_context(|| format!("{lacking} `openid_issuer`"))?;
        let client_id = client_id.with_context(|| format!("{lacking} `openid_client_id`"))?;
        let secret =
            secret.with_context(|| format!("{lacking} `openid_client_secret` or `openid_client_secret_file`"))?;
        let public_url =
            public_url.with_context(|| format!("{lacking} `public_url`, where browsers find this server"))?;
        for (name, address) in [("openid_issuer", &issuer), ("public_url", &public_url)] {
            if !is_safe(address) {
                bail!("`{name}` is an https address (http only on this machine), not `{address}`");
            }
        }
        Ok(Some(Self { issuer, client_id, secret, public_url: public_url.trim_end_matches('/').to_owned() }))
    }

    /// The provider, as it calls itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Makes it ready; a secret in a file is read now.
    pub(crate) fn open(&self) -> anyhow::Result<OpenId> {
        let secret = match &self.secret {
            Kept::Here(Hidden(secret)) => secret.clone(),
            Kept::File(file) => {
                let read = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
                read.trim_end_matches(['\r', '\n']).to_owned()
            }
        };
        if secret.is_empty() {
            bail!("the client secret of the single sign-on is empty");
        }
        OpenId::new(OpenIdConfig {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: Secret::presented(&secret),
            redirect_uri: format!("{}{CALLBACK}", self.public_url),
        })
        .context("making the client of the single sign-on")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(
        issuer: Option<&str>,
        secret: Option<&str>,
        public_url: Option<&str>,
    ) -> anyhow::Result<Option<SingleSignOn>> {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let secret = text(secret).map(Hidden);
        SingleSignOn::checked(text(issuer), issuer.map(|_| "hatchery".to_owned()), (secret, None), text(public_url))
    }

    #[test]
    fn a_single_sign_on_is_whole_or_not_there() {
        let (issuer, own) = (Some("https://id.example.cn"), Some("https://pool.example.cn/"));
        assert_eq!(checked(None, None, own).unwrap(), None);
        let whole = checked(issuer, Some("s"), own).unwrap().unwrap();
        assert_eq!(whole.public_url, "https://pool.example.cn");
        for (issuer, secret, own, named) in [
            (issuer, None, own, "openid_client_secret"),
            (issuer, Some("s"), None, "public_url"),
            (None, Some("s"), own, "openid_issuer"),
            (Some("http://id.example.cn"), Some("s"), own, "openid_issuer"),
            (issuer, Some("s"), Some("http://pool.example.cn"), "public_url"),
        ] {
            let error = checked(issuer, secret, own).unwrap_err();
            assert!(format!("{error:#}").contains(named), "{error:#}");
        }
        checked(Some("http://127.0.0.1:9000"), Some("s"), Some("http://127.0.0.1:8080")).unwrap();
    }

    #[test]
    fn a_secret_is_read_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let of = |file: &std::path::Path| SingleSignOn {
            issuer: "https://id.example.cn".to_owned(),
            client_id: "hatchery".to_owned(),
            secret: Kept::File(file.to_owned()),
            public_url: "https://pool.example.cn".to_owned(),
        };
        assert!(format!("{:#}", of(&file).open().unwrap_err()).contains("reading"));
        std::fs::write(&file, "\n").unwrap();
        assert!(format!("{:#}", of(&file).open().unwrap_err()).contains("empty"));
        std::fs::write(&file, "a secret\n").unwrap();
        of(&file).open().unwrap();
    }
}
