//! Keys for tests: an account and a token for whoever a test says that it acts as.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use store::access::GrantRow;
use store::access::accounts::{self, NewAccount};
use store::access::tokens::{self, Token};
use store::{Db, StoreError};
use uuid::Uuid;

use crate::access::Role;
use crate::access::grant::{ALL, Claim};
use crate::access::secrets::Secret;

/// Who holds which keys.
#[derive(Default)]
pub struct Keyring(Mutex<HashMap<String, Held>>);

#[derive(Clone)]
struct Held {
    account_id: Uuid,
    secret: Secret,
    grants: Vec<GrantRow>,
}

impl Keyring {
    /// The token of a person who holds what is claimed, in `program` where the role is of a register. An account is
    /// made, and given the role, as needed; true if it was changed, so that gates have to forget it.
    ///
    /// # Errors
    /// The database.
    pub async fn token(&self, db: &Db, claim: &Claim, program: &str) -> Result<(Secret, bool), StoreError> {
        let grant = grant(claim, program);
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&claim.person).cloned();
        let held = match held {
            Some(held) if held.grants.contains(&grant) => return Ok((held.secret, false)),
            Some(mut held) => {
                held.grants.push(grant);
                accounts::set_grants(db, held.account_id, &held.grants).await?;
                // Servers remember for a while what the one before opens.
                held.secret = issued(db, held.account_id).await?;
                held
            }
            None => made(db, &claim.person, grant).await?,
        };
        let secret = held.secret.clone();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(claim.person.clone(), held);
        Ok((secret, true))
    }
}

async fn made(db: &Db, login: &str, grant: GrantRow) -> Result<Held, StoreError> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let new = NewAccount { account_id: Uuid::now_v7(), login, password: None, must_change: false, at };
    let mut grants = vec![grant];
    let account_id = if accounts::create(db, &new, &grants).await? {
        new.account_id
    } else {
        // Another ring has made it: what that gave stays.
        let known = accounts::by_login(db, login).await?;
        let account_id = known.as_ref().map_or(new.account_id, |account| account.account_id);
        for grant in known.into_iter().flat_map(|account| account.grants) {
            if !grants.contains(&grant) {
                grants.push(grant);
            }
        }
        accounts::set_grants(db, account_id, &grants).await?;
        account_id
    };
    Ok(Held { account_id, secret: issued(db, account_id).await?, grants })
}

async fn issued(db: &Db, account_id: Uuid) -> Result<Secret, StoreError> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let secret = Secret::new("hatt");
    let token = Token {
        token_id: Uuid::now_v7(),
        account_id,
        title: "test".to_owned(),
        reads_only: false,
        grant: None,
        district: None,
        issued_at: at,
        ends_at: at + chrono::TimeDelta::days(365 * 200),
        revoked_at: None,
    };
    tokens::issue(db, &token, &secret.hash()).await?;
    Ok(secret)
}

fn grant(claim: &Claim, program: &str) -> GrantRow {
    let program = match claim.office.role {
        Role::Office | Role::Auditor | Role::Integration => &claim.office.unit,
        Role::District | Role::Recommender | Role::Station | Role::Expert => program,
        Role::Organization | Role::Administrator => ALL,
    };
    GrantRow { role: claim.office.role.to_string(), program: program.to_owned(), unit: claim.office.unit.clone() }
}
