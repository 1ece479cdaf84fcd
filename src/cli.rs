//! The command line.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::accounts::{TokenCommand, UserCommand};

/// Runs incubation pools (创奖孵化池): the organisations that a city cultivates toward quality awards.
#[derive(Debug, Parser)]
#[command(name = "hatchery", version, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) settings: Flags,
}

const AFTER: &str = "\
Settings come from a TOML file (--config), then from the environment (HATCHERY_DATABASE_URL, HATCHERY_LISTEN,
HATCHERY_DATA_DIR, HATCHERY_RULEBOOKS, HATCHERY_BEHIND_PROXY, HATCHERY_POLICY, HATCHERY_PASSWORD_PROFILE,
HATCHERY_CHAIN_HASH, HATCHERY_LOG, HATCHERY_ERASURES, HATCHERY_RATE_PER_ACCOUNT, HATCHERY_RATE_PER_ADDRESS,
HATCHERY_CORS_ORIGINS, HATCHERY_PUBLIC_URL, HATCHERY_OPENID_ISSUER, HATCHERY_OPENID_CLIENT_ID,
HATCHERY_OPENID_CLIENT_SECRET, HATCHERY_OPENID_CLIENT_SECRET_FILE), then from flags; later ones win.

To look around without setting anything up:
  hatchery demo          fills an empty pool with a believable story and serves it at http://127.0.0.1:8080";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the REST API until stopped (SIGTERM and Ctrl-C finish what is under way first).
    Serve,
    /// Fills an empty SQLite file with a believable pool, in a fresh folder unless told, and serves it.
    Demo,
    /// Brings the database's tables up to date, and ends. On PostgreSQL: as the role that owns them.
    Migrate {
        /// The role that servers run as, which then may read and write the tables and change none of them (PostgreSQL).
        #[arg(long, value_name = "ROLE")]
        server_role: Option<String>,
    },
    /// Rebuilds read models from the log beside the live ones and swaps them in. On SQLite the server must be stopped.
    Rebuild {
        /// Which; all of them if none is named.
        models: Vec<String>,
    },
    /// Copies a SQLite database into a new file, also while a server is at work on it, and adds what was erased to the
    /// list `erasures.json` beside it.
    Backup {
        /// The new file.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Makes and changes accounts. On SQLite the server must be stopped.
    User {
        /// What to do.
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Issues and revokes API tokens. On SQLite the server must be stopped.
    Token {
        /// What to do.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Makes a SQLite database of a backup, without those who were erased since: by the list of --erasures, else by the
    /// list `erasures.json` beside the backup.
    Restore {
        /// The backup.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// The new file.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Adds all that was erased to a list; it holds no personal data, and belongs beside the backups.
    Erasures {
        /// The list; made where there is none.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Erases again whoever is on a list: after a backup of PostgreSQL was restored, before it is served.
    Erase {
        /// The list.
        #[arg(long, value_name = "FILE")]
        list: PathBuf,
    },
    /// Holds the log against its hash chain; names the first position that does not fit, and fails. Also while a
    /// server is at work on the database.
    Verify {
        /// A head that was kept elsewhere (`chain-head`): finds that the end was cut off, or all was rewritten.
        #[arg(long, value_name = "FILE")]
        against: Vec<PathBuf>,
    },
    /// Prints where the hash chain stands, to be kept elsewhere. Also while a server is at work on the database.
    ChainHead {
        /// A new file, in place of standard output.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Prints the `OpenAPI` document.
    Openapi,
}

/// Settings given as flags; they win over everything else.
#[derive(Debug, Default, Clone, Args, Serialize)]
pub(crate) struct Flags {
    /// A TOML file with settings: `database_url`, `listen`, `data_dir`, `rulebooks`, `behind_proxy`, `policy`,
    /// `password_profile`, `chain_hash`, `log`, `erasures`, `rate_per_account`, `rate_per_address`, `cors_origins`,
    /// `public_url`, `openid_issuer`, `openid_client_id`, `openid_client_secret`, `openid_client_secret_file`.
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// Where the database is: sqlite:path/to/file.db or postgres://… [default: sqlite:hatchery.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) database_url: Option<String>,
    /// Where to listen; any other than a loopback address only with --behind-proxy [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<String>,
    /// The folder for data [default: hatchery-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_dir: Option<PathBuf>,
    /// A folder of rulebooks (*.toml) that replace the shipped ones, program by program
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rulebooks: Option<PathBuf>,
    /// A proxy before the server terminates TLS, and says in X-Forwarded-For whom it speaks for
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) behind_proxy: bool,
    /// A file of policies (Cedar) in place of the shipped ones
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<PathBuf>,
    /// The rules of passwords: asvs (12 characters, no rotation) or dengbao (8 of three kinds, 90 days) [default: asvs]
    #[arg(long, global = true, value_name = "PROFILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password_profile: Option<String>,
    /// What the hash chain of a new database is made by: sha-256 or sm3 [default: sha-256]
    #[arg(long, global = true, value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chain_hash: Option<String>,
    /// How to log: human or json [default: human]
    #[arg(long, global = true, value_name = "FORM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    /// The list of erasures: applied before serving, and kept
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) erasures: Option<PathBuf>,
    /// Requests that one account may make in a minute; 0 for any number [default: 1200]
    #[arg(long, global = true, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_per_account: Option<u32>,
    /// Requests in a minute from one address of those who are not signed in; 0 for any number [default: 300]
    #[arg(long, global = true, value_name = "NUMBER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_per_address: Option<u32>,
}

/// Prints the `OpenAPI` document to standard output.
pub(crate) fn print_openapi() -> anyhow::Result<()> {
    let json = api::service::openapi().to_pretty_json().context("writing the OpenAPI document")?;
    writeln!(std::io::stdout(), "{json}").context("printing the OpenAPI document")
}
