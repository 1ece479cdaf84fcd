//! Tokens of those who act and read in the bench; the same secrets in every database.

use chrono::{DateTime, TimeDelta};
use store::access::GrantRow;
use store::access::accounts::{self, NewAccount};
use store::access::tokens::{self, Token};
use store::documents::sha256;
use store::{Db, DbUrl};
use uuid::Uuid;

/// Who reads where nobody is named: sees every row, and no people.
pub(crate) const READER: &str = "integration/all/reader";
/// Everybody who ever asks: actor, and the program of the role.
const ALL: [(&str, &str); 3] =
    [("office/wuhu-incubation/zhang", "wuhu-incubation"), ("station/jinghu-1/li", "wuhu-incubation"), (READER, "all")];

/// What a request is signed with.
pub(crate) fn authorization(actor: Option<&str>) -> String {
    format!("Bearer {}", secret(actor.unwrap_or(READER)))
}

fn secret(actor: &str) -> String {
    format!("hatt_{actor}")
}

/// Makes the accounts in a database that no server is at work on, unless they are there.
pub(crate) async fn make(url: &DbUrl) -> anyhow::Result<()> {
    let db = Db::open(url).await?;
    db.migrate().await?;
    for (actor, program) in ALL {
        let mut parts = actor.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        let (role, unit, login) = (part(), part(), part());
        let at = DateTime::UNIX_EPOCH;
        let account_id = Uuid::now_v7();
        let new = NewAccount { account_id, login: &login, password: None, must_change: false, at };
        if !accounts::create(&db, &new, &[GrantRow { role, program: program.to_owned(), unit }]).await? {
            continue;
        }
        let token = Token {
            token_id: Uuid::now_v7(),
            account_id,
            title: "bench".to_owned(),
            reads_only: false,
            grant: None,
            district: None,
            issued_at: at,
            ends_at: at + TimeDelta::days(365 * 200),
            revoked_at: None,
        };
        tokens::issue(&db, &token, &sha256(secret(actor).as_bytes())).await?;
    }
    db.close().await;
    Ok(())
}
