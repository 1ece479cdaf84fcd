//! Signing in, and telling who a request is from.
//!
//! What a secret opens is remembered for a second, so that a busy client does not cost four statements each time; a
//! change made elsewhere is seen within that second, one made here at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use store::access::accounts::{self, Account};
use store::access::sign_ins::{self, SignIn, Way};
use store::access::tokens;
use store::access::{GrantRow, openid};
use store::{Db, StoreError};
use uuid::Uuid;

use super::admission::{Admitted, Denied, rank};
use super::grant::{Grant, Office};
use super::holding::Holding;
use super::openid::{Callback, OpenId, OpenIdError, Unfit};
use super::passwords::{self, Profile, Weak};
use super::policy::Policy;
use super::principal::{Principal, Via};
use super::resource::Resource;
use super::secrets::Secret;
use crate::clock::Clock;

/// A sign-in that is not used ends after this.
const IDLE: TimeDelta = TimeDelta::minutes(30);
/// Any sign-in ends after this: a working day.
const ABSOLUTE: TimeDelta = TimeDelta::hours(12);
/// How often the use of a sign-in is written down.
const NOTED: TimeDelta = TimeDelta::minutes(1);
/// How long what a secret opens is remembered.
const REMEMBERED: Duration = Duration::from_secs(1);
/// The most secrets remembered at once.
const MOST: usize = 10_000;
/// Failed tries of one login from one address before it has to wait, so that nobody else's tries lock a user out.
const TRIES: u32 = 5;
/// Failed tries from one address, whatever the logins.
const TRIES_OF_ADDRESS: u32 = 50;
/// How long failed tries count.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Where a sign-in comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address, as far as it is known.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
}

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The login is not known, disabled, or has another password: which, nobody is told.
    #[error("wrong login or password")]
    Wrong,
    /// Too many failed tries; again after so many seconds.
    #[error("too many failed tries")]
    TooMany(u64),
    /// The new password breaks a rule.
    #[error("{0}")]
    Weak(#[from] Weak),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Hashing,
}

/// Who a secret is of, and what was decided for them since it was looked up.
#[derive(Debug)]
pub struct Known {
    /// The account.
    pub principal: Arc<Principal>,
    decided: Mutex<HashMap<Question, Arc<Admitted>>>,
}

/// What was decided: permission, what the request named to act as, and the resource.
type Question = (String, Option<Office>, Resource);

impl Known {
    const fn new(principal: Arc<Principal>, decided: Mutex<HashMap<Question, Arc<Admitted>>>) -> Self {
        Self { principal, decided }
    }

    /// Lets a request in, or says why not. What is decided of programs, cycles and the whole is remembered with the
    /// principal: lists are asked for again and again.
    ///
    /// # Errors
    /// What the client is told.
    pub fn admit(
        &self,
        policy: &Policy,
        permission: &str,
        wanted: Option<&Office>,
        resource: Resource,
    ) -> Result<Arc<Admitted>, Denied> {
        let question = (permission.to_owned(), wanted.cloned(), resource);
        let decided = || self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(admitted) = decided().get(&question) {
            return Ok(Arc::clone(admitted));
        }
        let admitted = policy.admit(&self.principal, &self.principal.using(wanted), permission, &question.2)?;
        let admitted = Arc::new(admitted);
        if question.2.confidential().is_none() {
            decided().insert(question, Arc::clone(&admitted));
        }
        Ok(admitted)
    }
}

/// Tells who requests are from. One per process.
pub struct Gate {
    db: Db,
    clock: Clock,
    profile: Profile,
    known: Mutex<HashMap<String, (Instant, Arc<Known>)>>,
    by_login: Failures<(String, Option<String>)>,
    by_address: Failures<Option<String>>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl Gate {
    /// The gate of a database.
    #[must_use]
    pub fn new(db: Db, clock: Clock, profile: Profile) -> Self {
        Self {
            db,
            clock,
            profile,
            known: Mutex::default(),
            by_login: Failures::new(TRIES),
            by_address: Failures::new(TRIES_OF_ADDRESS),
        }
    }

    /// Which rules passwords follow.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// Whom a token is of; nobody if it is unknown, ended, revoked, or of a disabled account.
    pub async fn by_token(&self, secret: &Secret) -> Result<Option<Arc<Known>>, StoreError> {
        let hash = secret.hash();
        if let Some(known) = self.remembered(&hash) {
            return Ok(Some(known));
        }
        let Some((token, account)) = tokens::find(&self.db, &hash).await? else { return Ok(None) };
        if token.revoked_at.is_some() || account.disabled_at.is_some() || token.ends_at <= self.clock.now() {
            return Ok(None);
        }
        let via = Via::Token { token_id: token.token_id, reads_only: token.reads_only };
        let bound = (token.grant.as_ref(), token.district.as_deref());
        let principal = self.principal(account, (via, None), token.ends_at, bound).await?;
        Ok(Some(self.remember(hash, principal)))
    }

    /// Whom a cookie is of; nobody if it is unknown, ended, or of a disabled account.
    pub async fn by_cookie(&self, secret: &Secret) -> Result<Option<Arc<Known>>, StoreError> {
        let hash = secret.hash();
        if let Some(known) = self.remembered(&hash) {
            return Ok(Some(known));
        }
        let Some((sign_in, account)) = sign_ins::find(&self.db, &hash).await? else { return Ok(None) };
        let now = self.clock.now();
        if account.disabled_at.is_some() || sign_in.ends_at <= now || sign_in.used_at + IDLE <= now {
            return Ok(None);
        }
        if sign_in.used_at + NOTED <= now {
            sign_ins::used(&self.db, sign_in.sign_in_id, now).await?;
        }
        let via = (Via::SignIn(sign_in.sign_in_id), Some(sign_in.way));
        let principal = self.principal(account, via, sign_in.ends_at, (None, None)).await?;
        Ok(Some(self.remember(hash, principal)))
    }

    async fn principal(
        &self,
        account: Account,
        (via, way): (Via, Option<Way>),
        ends_at: DateTime<Utc>,
        (only, within): (Option<&GrantRow>, Option<&str>),
    ) -> Result<Principal, StoreError> {
        let mut holdings = Vec::with_capacity(account.grants.len());
        for row in account.grants.iter().filter(|row| only.is_none_or(|only| only == *row)) {
            if let Some(grant) = Grant::kept(row) {
                holdings.push(Holding::of(&self.db, grant, &account.login, within).await?);
            }
        }
        holdings.sort_by_key(|holding| rank(holding.grant.role));
        let old =
            self.profile.lasts().zip(account.password_at).is_some_and(|(lasts, at)| at + lasts <= self.clock.now());
        // Who proved themselves at the single sign-on, or by a token, may have no password to change.
        let must_change = way == Some(Way::Password) && (account.must_change || old);
        Ok(Principal { account_id: account.account_id, login: account.login, must_change, via, holdings, ends_at })
    }

    fn remembered(&self, hash: &str) -> Option<Arc<Known>> {
        let all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, known) = all.get(hash)?;
        let holds = since.elapsed() < REMEMBERED && known.principal.ends_at > self.clock.now();
        holds.then(|| Arc::clone(known))
    }

    fn remember(&self, hash: String, principal: Principal) -> Arc<Known> {
        let found = Arc::new(Known::new(Arc::new(principal), Mutex::default()));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, (Instant::now(), Arc::clone(&found)));
        found
    }

    /// Forgets what secrets open: accounts were changed on this node.
    pub fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Signs in by password; the secret is for the cookie.
    ///
    /// # Errors
    /// One answer for all that is wrong, after the same time.
    pub async fn sign_in(
        &self,
        login: &str,
        password: String,
        origin: Origin,
    ) -> Result<(Secret, SignIn), SignInError> {
        let now = self.clock.now();
        let by_login = (login.to_owned(), origin.address.clone());
        let waits = self.by_login.wait(&by_login, now).max(self.by_address.wait(&origin.address, now));
        if let Some(seconds) = waits {
            return Err(SignInError::TooMany(seconds));
        }
        let account = accounts::by_login(&self.db, login).await?.filter(|account| account.disabled_at.is_none());
        let phc = account.as_ref().and_then(|account| account.password.clone());
        let right = passwords::verify(password, phc).await;
        let Some(account) = account.filter(|_| right) else {
            self.by_login.count(by_login, now);
            self.by_address.count(origin.address, now);
            return Err(SignInError::Wrong);
        };
        self.by_login.clear(&by_login);
        Ok(self.begin(account.account_id, Way::Password, origin).await?)
    }

    /// Signs in whoever has proved themselves at the provider, as the account that an administrator has linked with
    /// them; the secret is for the cookie.
    ///
    /// # Errors
    /// Whatever does not fit.
    pub async fn sign_in_by_openid(
        &self,
        openid: &OpenId,
        cookie: Option<&Secret>,
        callback: Callback,
        origin: Origin,
    ) -> Result<(Secret, SignIn, Account), OpenIdError> {
        let now = self.clock.now();
        let proved = openid.finish(cookie, callback, now).await?;
        if !openid::use_up(&self.db, &proved.once, proved.ends_at, now).await? {
            return Err(OpenIdError::Unfit(Unfit::Used));
        }
        let account = openid::find(&self.db, &proved.name).await?.filter(|account| account.disabled_at.is_none());
        let account = account.ok_or(OpenIdError::NotLinked)?;
        let (secret, sign_in) = self.begin(account.account_id, Way::Openid, origin).await?;
        Ok((secret, sign_in, account))
    }

    /// Begins a sign-in of an account that has proved itself.
    async fn begin(&self, account_id: Uuid, way: Way, origin: Origin) -> Result<(Secret, SignIn), StoreError> {
        let now = self.clock.now();
        let secret = Secret::new("hats");
        let sign_in = SignIn {
            sign_in_id: Uuid::now_v7(),
            account_id,
            begun_at: now,
            used_at: now,
            ends_at: now + ABSOLUTE,
            address: origin.address,
            agent: origin.agent.map(|agent| agent.chars().take(200).collect()),
            way,
        };
        sign_ins::begin(&self.db, &sign_in, &secret.hash()).await?;
        Ok((secret, sign_in))
    }

    /// Changes one's own password; the other sign-ins end.
    ///
    /// # Errors
    /// If the present one is wrong, or the new one breaks a rule.
    pub async fn change_password(
        &self,
        principal: &Principal,
        present: String,
        new: String,
    ) -> Result<(), SignInError> {
        let account = accounts::get(&self.db, principal.account_id).await?.ok_or(SignInError::Wrong)?;
        let now = self.clock.now();
        let by_login = (account.login.clone(), None);
        if let Some(seconds) = self.by_login.wait(&by_login, now) {
            return Err(SignInError::TooMany(seconds));
        }
        if !passwords::verify(present.clone(), account.password).await {
            self.by_login.count(by_login, now);
            return Err(SignInError::Wrong);
        }
        if present == new {
            return Err(Weak::Same.into());
        }
        self.profile.check(&new, &account.login)?;
        let phc = passwords::hash(new).await.ok_or(SignInError::Hashing)?;
        let keep = match principal.via {
            Via::SignIn(sign_in) => Some(sign_in),
            Via::Token { .. } => None,
        };
        accounts::set_password(&self.db, account.account_id, &phc, now, false, keep).await?;
        self.forget();
        Ok(())
    }
}

/// Failed tries by a key, on this node.
struct Failures<K> {
    most: u32,
    tries: Mutex<HashMap<K, (u32, DateTime<Utc>)>>,
}

impl<K: Hash + Eq> Failures<K> {
    fn new(most: u32) -> Self {
        Self { most, tries: Mutex::default() }
    }

    /// How many seconds to wait, if at all.
    fn wait(&self, key: &K, now: DateTime<Utc>) -> Option<u64> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, since) = tries.get(key)?;
        let left = *since + WINDOW - now;
        (*count >= self.most && left > TimeDelta::zero()).then(|| u64::try_from(left.num_seconds()).unwrap_or(0) + 1)
    }

    fn count(&self, key: K, now: DateTime<Utc>) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= MOST {
            tries.retain(|_, (_, since)| *since + WINDOW > now);
        }
        let (count, since) = tries.entry(key).or_insert((0, now));
        if *since + WINDOW <= now {
            (*count, *since) = (0, now);
        }
        *count += 1;
    }

    fn clear(&self, key: &K) {
        self.tries.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}
