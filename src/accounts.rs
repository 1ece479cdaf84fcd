//! Accounts and tokens from the command line: the first administrator, and whatever has to be done without one.

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, bail};
use app::access::grant::{ALL, plain};
use app::access::secrets::{Secret, one_time_password};
use app::access::{Grant, Profile, Role, passwords};
use chrono::{TimeDelta, Utc};
use clap::Subcommand;
use domain::Actor;
use store::Db;
use store::access::accounts::{self, Account, NewAccount};
use store::access::openid::{self, OpenIdName};
use store::access::{GrantRow, tokens};
use uuid::Uuid;

use crate::settings::Settings;

/// The login of the account that the first start makes.
const FIRST: &str = "admin";

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Makes an account, and prints its one-time password.
    Add {
        /// What it signs in with: 1 to 64 letters, digits, -_.@; it stands in events for good.
        login: String,
        /// What it may act as: role/unit where the unit is the program, a USCC or all; else role/program/unit.
        #[arg(long = "grant", value_name = "GRANT", required = true)]
        grants: Vec<String>,
        /// Reads the password from standard input instead of making a one-time one.
        #[arg(long)]
        password_stdin: bool,
        /// Makes no password: an account that only has tokens.
        #[arg(long, conflicts_with = "password_stdin")]
        without_password: bool,
    },
    /// Lists all accounts with what they may act as.
    List,
    /// Replaces what an account may act as.
    Grant {
        /// The account.
        login: String,
        /// All that it may act as from now on.
        #[arg(long = "grant", value_name = "GRANT", required = true)]
        grants: Vec<String>,
    },
    /// Disables an account: its sign-ins end, its tokens open nothing.
    Disable {
        /// The account.
        login: String,
    },
    /// Enables an account again.
    Enable {
        /// The account.
        login: String,
    },
    /// Links an account with a name at the office's single sign-on, in place of any other; its sign-ins end.
    Link {
        /// The account.
        login: String,
        /// The provider's `sub` of the person: no login there, and no mail address.
        #[arg(long)]
        subject: String,
        /// The provider, if it is not the one of the settings.
        #[arg(long, value_name = "URL")]
        issuer: Option<String>,
    },
    /// Takes the link of an account with the single sign-on away; its sign-ins end.
    Unlink {
        /// The account.
        login: String,
    },
    /// Gives an account a one-time password, and prints it.
    ResetPassword {
        /// The account.
        login: String,
    },
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Issues a token of an account, and prints its secret, once.
    Issue {
        /// The account.
        login: String,
        /// What it is for.
        #[arg(long)]
        title: String,
        /// It may only read.
        #[arg(long)]
        reads_only: bool,
        /// The only district that it may touch.
        #[arg(long)]
        district: Option<String>,
        /// How many days it lasts.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
    /// Revokes a token.
    Revoke {
        /// The account.
        login: String,
        /// The token's id.
        token_id: Uuid,
    },
}

/// Carries out a command on accounts.
pub(crate) async fn user(settings: &Settings, command: UserCommand) -> anyhow::Result<()> {
    let db = open(settings).await?;
    let done = match command {
        UserCommand::Add { login, grants, password_stdin, without_password } => {
            let password = match (password_stdin, without_password) {
                (true, _) => Password::Own(from_stdin()?),
                (false, true) => Password::None,
                (false, false) => Password::OneTime,
            };
            add(&db, settings.password_profile, &login, &parsed(&grants)?, password).await
        }
        UserCommand::List => list(&db).await,
        UserCommand::Grant { login, grants } => {
            let account = find(&db, &login).await?;
            accounts::set_grants(&db, account.account_id, &parsed(&grants)?).await.map_err(Into::into)
        }
        UserCommand::Disable { login } => {
            let account = find(&db, &login).await?;
            accounts::set_disabled(&db, account.account_id, Some(Utc::now())).await.map_err(Into::into)
        }
        UserCommand::Enable { login } => {
            let account = find(&db, &login).await?;
            accounts::set_disabled(&db, account.account_id, None).await.map_err(Into::into)
        }
        UserCommand::Link { login, subject, issuer } => {
            let account = find(&db, &login).await?;
            let configured = settings.openid.as_ref().map(|single| single.issuer().to_owned());
            let issuer = issuer.or(configured).context("say --issuer, or `openid_issuer` in the settings")?;
            link(&db, &account, Some(OpenIdName { issuer, subject })).await
        }
        UserCommand::Unlink { login } => {
            let account = find(&db, &login).await?;
            link(&db, &account, None).await
        }
        UserCommand::ResetPassword { login } => {
            let account = find(&db, &login).await?;
            let password = one_time_password();
            let phc = hashed(password.clone()).await?;
            accounts::set_password(&db, account.account_id, &phc, Utc::now(), true, None).await?;
            say(&format!("{login}: one-time password {password}"))
        }
    };
    db.close().await;
    done
}

/// Carries out a command on tokens.
pub(crate) async fn token(settings: &Settings, command: TokenCommand) -> anyhow::Result<()> {
    let db = open(settings).await?;
    let done = match command {
        TokenCommand::Issue { login, title, reads_only, district, days } => {
            let account = find(&db, &login).await?;
            let secret = issue(&db, &account, &title, (reads_only, district), TimeDelta::days(days)).await?;
            say(secret.reveal())
        }
        TokenCommand::Revoke { login, token_id } => {
            let account = find(&db, &login).await?;
            if tokens::revoke(&db, account.account_id, token_id, Utc::now()).await? {
                Ok(())
            } else {
                Err(anyhow::anyhow!("{login} has no token {token_id}"))
            }
        }
    };
    db.close().await;
    done
}

/// Makes the first administrator where there is no account yet, and shows its one-time password this once.
pub(crate) async fn first_start(db: &Db) -> anyhow::Result<()> {
    if !accounts::none(db).await? {
        return Ok(());
    }
    let password = one_time_password();
    let grant = Grant::checked(Role::Administrator, None, ALL).context("the administrator's role")?;
    if create(db, FIRST, &[grant.row()], Some((&password, true))).await? {
        say(&format!(
            "首次启动：系统管理员 {FIRST}，一次性密码 {password}（只显示这一次）\n\
             First start: the administrator is {FIRST}, the one-time password {password} (shown this once)"
        ))?;
    }
    Ok(())
}

/// An account of the demo, with what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DemoAccount {
    /// What it signs in with.
    pub(crate) login: String,
    /// Its password.
    pub(crate) password: String,
    /// The secret of its token.
    pub(crate) token: String,
    /// What it acts as.
    pub(crate) acts_as: String,
}

/// Makes an account for each of the demo's actors, and one for each role that only looks or looks after accounts.
/// Everything that opens them is made anew for each demo.
pub(crate) async fn of_demo(db: &Db, actors: &[Actor], program: &str) -> anyhow::Result<Vec<DemoAccount>> {
    if !accounts::none(db).await? {
        bail!("there are accounts in this database; it is not a demo's");
    }
    let mut grants = Vec::with_capacity(actors.len() + 3);
    for Actor { role, unit, .. } in actors {
        grants.push(match role {
            domain::Role::Office => grant(&format!("office/{unit}"))?,
            domain::Role::Organization => grant(&format!("organization/{unit}"))?,
            domain::Role::District | domain::Role::Recommender | domain::Role::Station | domain::Role::Expert => {
                grant(&format!("{role}/{program}/{unit}"))?
            }
        });
    }
    for everywhere in ["auditor/all", "integration/all", "administrator/all"] {
        grants.push(grant(everywhere)?);
    }
    let mut made = Vec::with_capacity(grants.len());
    for grant in grants {
        let login = format!("demo-{}", grant.role);
        let password = one_time_password();
        create(db, &login, &[grant.row()], Some((&password, false))).await?;
        let account = find(db, &login).await?;
        let secret = issue(db, &account, "demo", (false, None), TimeDelta::days(30)).await?;
        let (acts_as, token) = (format!("{}/{}", grant.role, grant.unit), secret.reveal().to_owned());
        made.push(DemoAccount { login, password, token, acts_as });
    }
    Ok(made)
}

enum Password {
    None,
    OneTime,
    Own(String),
}

async fn add(db: &Db, profile: Profile, login: &str, grants: &[GrantRow], password: Password) -> anyhow::Result<()> {
    let made = match &password {
        Password::None => create(db, login, grants, None).await?,
        Password::OneTime => {
            let password = one_time_password();
            let made = create(db, login, grants, Some((&password, true))).await?;
            if made {
                say(&format!("{login}: one-time password {password}"))?;
            }
            made
        }
        Password::Own(password) => {
            profile.check(password, login)?;
            create(db, login, grants, Some((password, false))).await?
        }
    };
    if made { Ok(()) } else { bail!("there is an account {login} already") }
}

async fn link(db: &Db, account: &Account, name: Option<OpenIdName>) -> anyhow::Result<()> {
    if name.as_ref().is_some_and(|name| name.subject.trim().is_empty() || name.subject.chars().any(char::is_control)) {
        bail!("a subject has at least one visible character");
    }
    if !openid::link(db, account.account_id, name.as_ref()).await? {
        bail!("that name is linked with another account already");
    }
    Ok(())
}

async fn create(db: &Db, login: &str, grants: &[GrantRow], password: Option<(&str, bool)>) -> anyhow::Result<bool> {
    if !plain(login) {
        bail!("a login has 1 to 64 letters, digits, or -_.@");
    }
    let phc = match password {
        None => None,
        Some((password, _)) => Some(hashed(password.to_owned()).await?),
    };
    let new = NewAccount {
        account_id: Uuid::now_v7(),
        login,
        password: phc.as_deref(),
        must_change: password.is_some_and(|(_, must_change)| must_change),
        at: Utc::now(),
    };
    Ok(accounts::create(db, &new, grants).await?)
}

async fn issue(
    db: &Db,
    account: &Account,
    title: &str,
    (reads_only, district): (bool, Option<String>),
    lasts: TimeDelta,
) -> anyhow::Result<Secret> {
    let secret = Secret::new("hatt");
    let now = Utc::now();
    let token = tokens::Token {
        token_id: Uuid::now_v7(),
        account_id: account.account_id,
        title: title.to_owned(),
        reads_only,
        grant: None,
        district,
        issued_at: now,
        ends_at: now + lasts,
        revoked_at: None,
    };
    tokens::issue(db, &token, &secret.hash()).await?;
    Ok(secret)
}

async fn list(db: &Db) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let some = accounts::list(db, &after, 500).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after.clone_from(&last.login);
        for account in some {
            let grants: Vec<String> =
                account.grants.iter().map(|row| format!("{}/{}/{}", row.role, row.program, row.unit)).collect();
            let state = if account.disabled_at.is_some() { " (disabled)" } else { "" };
            let linked = account.openid.map(|name| format!(" (openid {})", name.subject)).unwrap_or_default();
            say(&format!("{}{state}{linked}: {}", account.login, grants.join(", ")))?;
        }
    }
}

async fn open(settings: &Settings) -> anyhow::Result<Db> {
    let url = settings.database()?;
    let db = Db::open(&url).await.with_context(|| format!("opening {url}"))?;
    db.migrate().await?;
    Ok(db)
}

async fn find(db: &Db, login: &str) -> anyhow::Result<Account> {
    accounts::by_login(db, login).await?.with_context(|| format!("there is no account {login}"))
}

async fn hashed(password: String) -> anyhow::Result<String> {
    passwords::hash(password).await.context("hashing the password")
}

fn parsed(grants: &[String]) -> anyhow::Result<Vec<GrantRow>> {
    grants.iter().map(|text| Ok(grant(text)?.row())).collect()
}

/// Reads `role/unit` or `role/program/unit`.
fn grant(text: &str) -> anyhow::Result<Grant> {
    let parts: Vec<&str> = text.split('/').collect();
    let (role, program, unit) = match parts.as_slice() {
        [role @ "organization", unit] => (*role, ALL, *unit),
        [role @ ("office" | "auditor" | "integration" | "administrator"), unit] => (*role, *unit, *unit),
        [role, program, unit] => (*role, *program, *unit),
        _ => bail!("a grant is role/unit or role/program/unit, not {text}"),
    };
    let role: Role = role.parse().map_err(|_| anyhow::anyhow!("there is no role {role}"))?;
    let program =
        if program == ALL { None } else { Some(program.parse().with_context(|| format!("{text}: program"))?) };
    Grant::checked(role, program, unit).with_context(|| text.to_owned())
}

fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("reading the password")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{text}")?;
    out.flush().context("printing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_read_in_both_ways() {
        let row = |text: &str| grant(text).unwrap().row();
        assert_eq!(row("office/wuhu-incubation").program, "wuhu-incubation");
        assert_eq!(row("station/wuhu-incubation/jinghu-1").unit, "jinghu-1");
        assert_eq!(row("organization/91350100M000100Y43").program, ALL);
        assert_eq!(row("auditor/all").program, ALL);
        for wrong in ["king/all", "station/jinghu-1", "office/a/b", "auditor"] {
            assert!(grant(wrong).is_err(), "{wrong}");
        }
    }
}
