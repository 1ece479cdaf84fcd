//! Settings: a TOML file, then the environment, then flags.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use app::access::{Profile, Rates};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use store::DbUrl;
use store::chain::Algorithm;

use crate::cli::Flags;
use crate::openid::{Hidden, SingleSignOn};

/// How to log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogForm {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Settings as files and flags write them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    database_url: Option<String>,
    listen: Option<String>,
    data_dir: Option<PathBuf>,
    rulebooks: Option<PathBuf>,
    behind_proxy: bool,
    policy: Option<PathBuf>,
    password_profile: Option<String>,
    chain_hash: Option<Algorithm>,
    log: LogForm,
    erasures: Option<PathBuf>,
    rate_per_account: Option<u32>,
    rate_per_address: Option<u32>,
    cors_origins: Vec<String>,
    public_url: Option<String>,
    openid_issuer: Option<String>,
    openid_client_id: Option<String>,
    #[serde(skip_serializing)]
    openid_client_secret: Option<Hidden>,
    openid_client_secret_file: Option<PathBuf>,
}

/// Settings, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The database, if named; else a SQLite file in the data folder.
    pub(crate) database: Option<DbUrl>,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// The data folder, if named.
    pub(crate) data_dir: Option<PathBuf>,
    /// The folder of rulebooks, if named.
    pub(crate) rulebooks: Option<PathBuf>,
    /// Whether a proxy before the server terminates TLS.
    pub(crate) behind_proxy: bool,
    /// The file of policies, if named.
    pub(crate) policy: Option<PathBuf>,
    /// The rules of passwords.
    pub(crate) password_profile: Profile,
    /// What the hash chain is to be made by, if said.
    pub(crate) chain_hash: Option<Algorithm>,
    /// How to log.
    pub(crate) log: LogForm,
    /// The list of erasures, if one is kept outside of the database.
    pub(crate) erasures: Option<PathBuf>,
    /// How many requests a minute are served.
    pub(crate) rates: Rates,
    /// The sites whose pages may ask.
    pub(crate) cors_origins: Vec<String>,
    /// The single sign-on, if there is one.
    pub(crate) openid: Option<SingleSignOn>,
}

/// Requests a minute of one account: a page every second, with twenty answers.
const PER_ACCOUNT: u32 = 1_200;
/// Requests a minute from one address by those who are not signed in: a large office behind one address, in the
/// morning.
const PER_ADDRESS: u32 = 300;
/// Variables that are taken as they are: one that consists of digits is no number.
const TEXTS: [&str; 5] =
    ["public_url", "openid_issuer", "openid_client_id", "openid_client_secret", "openid_client_secret_file"];
const LISTEN: &str = "127.0.0.1:8080";
const DATA_DIR: &str = "hatchery-data";

impl Settings {
    /// Reads all sources.
    pub(crate) fn load(flags: &Flags) -> anyhow::Result<Self> {
        let mut sources = Figment::from(Serialized::defaults(Written::default()));
        if let Some(file) = &flags.config {
            if !file.is_file() {
                bail!("there is no settings file {}", file.display());
            }
            sources = sources.merge(Toml::file(file));
        }
        // Other variables that begin alike belong to tests and tools.
        let known = [
            "database_url",
            "listen",
            "data_dir",
            "rulebooks",
            "behind_proxy",
            "policy",
            "password_profile",
            "chain_hash",
            "log",
            "erasures",
            "rate_per_account",
            "rate_per_address",
        ];
        sources = sources.merge(Env::prefixed("HATCHERY_").only(&known));
        for name in TEXTS {
            if let Ok(text) = std::env::var(format!("HATCHERY_{}", name.to_uppercase())) {
                sources = sources.merge((name, text));
            }
        }
        if let Ok(text) = std::env::var("HATCHERY_CORS_ORIGINS") {
            let origins: Vec<&str> = text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
            sources = sources.merge(("cors_origins", origins));
        }
        sources = sources.merge(Serialized::defaults(flags));
        let written: Written = sources.extract().context("reading the settings")?;
        Self::check(written)
    }

    fn check(written: Written) -> anyhow::Result<Self> {
        let listen = written.listen.as_deref().unwrap_or(LISTEN);
        let listen: SocketAddr = listen
            .parse()
            .with_context(|| format!("`listen` is an address and a port like {LISTEN}, not `{listen}`"))?;
        if !listen.ip().is_loopback() && !written.behind_proxy {
            bail!(
                "`listen` must be a loopback address, not {}: passwords and tokens would pass in the clear. If a proxy \
                 before the server terminates TLS, say `behind_proxy`",
                listen.ip()
            );
        }
        let database = written
            .database_url
            .map(|url| url.parse::<DbUrl>().map_err(|why| anyhow::anyhow!("`database_url`: {why}")))
            .transpose()?;
        let openid = SingleSignOn::checked(
            written.openid_issuer,
            written.openid_client_id,
            (written.openid_client_secret, written.openid_client_secret_file),
            written.public_url,
        )?;
        let rates = Rates {
            principal: NonZeroU32::new(written.rate_per_account.unwrap_or(PER_ACCOUNT)),
            address: NonZeroU32::new(written.rate_per_address.unwrap_or(PER_ADDRESS)),
        };
        let profile = written.password_profile.as_deref().map(str::parse).transpose();
        Ok(Self {
            database,
            listen,
            data_dir: written.data_dir,
            rulebooks: written.rulebooks,
            behind_proxy: written.behind_proxy,
            policy: written.policy,
            password_profile: profile.context("`password_profile`")?.unwrap_or_default(),
            log: written.log,
            erasures: written.erasures,
            chain_hash: written.chain_hash,
            rates,
            cors_origins: written.cors_origins,
            openid,
        })
    }

    /// The database to open; the folder of a SQLite file is made where it is missing.
    pub(crate) fn database(&self) -> anyhow::Result<DbUrl> {
        let url = self.database.clone().unwrap_or_else(|| {
            let folder = self.data_dir.clone().unwrap_or_else(|| PathBuf::from(DATA_DIR));
            DbUrl::Sqlite(folder.join("hatchery.db"))
        });
        if let DbUrl::Sqlite(path) = &url
            && let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_anything_said_it_listens_on_loopback_and_keeps_a_file() {
        let settings = Settings::load(&Flags::default()).unwrap();
        assert_eq!(settings.listen.to_string(), LISTEN);
        assert_eq!(settings.database, None);
    }

    #[test]
    fn flags_win_over_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hatchery.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:9000\"\nlog = \"json\"\n").unwrap();
        let settings = Settings::load(&Flags {
            config: Some(file),
            listen: Some("127.0.0.1:9001".to_owned()),
            ..Flags::default()
        })
        .unwrap();
        assert_eq!((settings.listen.port(), settings.log), (9001, LogForm::Json));
    }

    #[test]
    fn the_list_of_erasures_is_named_by_file_or_flag() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hatchery.toml");
        std::fs::write(&file, "erasures = \"lists/erasures.json\"\n").unwrap();
        let settings = Settings::load(&Flags { config: Some(file), ..Flags::default() }).unwrap();
        assert_eq!(settings.erasures, Some(PathBuf::from("lists/erasures.json")));
        assert_eq!(Settings::load(&Flags::default()).unwrap().erasures, None);
    }

    #[test]
    fn rates_have_generous_defaults_and_can_be_raised_or_switched_off() {
        let of = |account, address| {
            let flags = Flags { rate_per_account: account, rate_per_address: address, ..Flags::default() };
            let rates = Settings::load(&flags).unwrap().rates;
            (rates.principal.map(NonZeroU32::get), rates.address.map(NonZeroU32::get))
        };
        assert_eq!(of(None, None), (Some(PER_ACCOUNT), Some(PER_ADDRESS)));
        assert_eq!(of(Some(9_000), Some(0)), (Some(9_000), None));
    }

    #[test]
    fn a_secret_that_is_no_text_is_refused_without_being_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hatchery.toml");
        std::fs::write(&file, "openid_client_secret = 20260701\n").unwrap();
        let wrong = Settings::load(&Flags { config: Some(file.clone()), ..Flags::default() }).unwrap_err();
        let told = format!("{wrong:#} {wrong:?}");
        assert!(told.contains("openid_client_secret") && !told.contains("20260701"), "{told}");
        let whole = "openid_issuer = \"https://id.example.cn\"\nopenid_client_id = \"hatchery\"\n\
                     openid_client_secret = \"not to be seen\"\npublic_url = \"https://pool.example.cn\"\n";
        std::fs::write(&file, whole).unwrap();
        let settings = Settings::load(&Flags { config: Some(file), ..Flags::default() }).unwrap();
        let told = format!("{settings:?}");
        assert!(told.contains("id.example.cn") && !told.contains("not to be seen"), "{told}");
    }

    #[test]
    fn an_unknown_key_another_address_or_another_database_is_refused_in_clear_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hatchery.toml");
        std::fs::write(&file, "lisen = \"127.0.0.1:9000\"\n").unwrap();
        let unknown = Settings::load(&Flags { config: Some(file), ..Flags::default() }).unwrap_err();
        assert!(format!("{unknown:#}").contains("lisen"), "{unknown:#}");
        let open = Settings::load(&Flags { listen: Some("0.0.0.0:80".to_owned()), ..Flags::default() }).unwrap_err();
        assert!(open.to_string().contains("loopback"), "{open}");
        let listen = Some("0.0.0.0:80".to_owned());
        let proxied = Settings::load(&Flags { listen, behind_proxy: true, ..Flags::default() }).unwrap();
        assert!(proxied.behind_proxy);
        let profile = Some("none".to_owned());
        let profile = Settings::load(&Flags { password_profile: profile, ..Flags::default() }).unwrap_err();
        assert!(format!("{profile:#}").contains("asvs or dengbao"), "{profile:#}");
        let hash = Settings::load(&Flags { chain_hash: Some("md5".to_owned()), ..Flags::default() }).unwrap_err();
        assert!(format!("{hash:#}").contains("md5") && format!("{hash:#}").contains("sm3"), "{hash:#}");
        let other =
            Settings::load(&Flags { database_url: Some("mysql://x".to_owned()), ..Flags::default() }).unwrap_err();
        assert!(other.to_string().contains("database_url"), "{other}");
    }
}
