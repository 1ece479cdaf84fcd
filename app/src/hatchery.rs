//! Running commands: who, when, under which key; answered when durable and visible.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ids::{DecisionId, PersonId};
use domain::precondition::Precondition;
use domain::{Actor, Command, Context, Decision};
use store::persons::Person;
use store::{Committed, Store, Submission, Work, idempotency};
use uuid::Uuid;

use crate::access::{Gate, OpenId, Pace, Policy, Profile, Rates};
use crate::audit::Verifier;
use crate::clock::Clock;
use crate::error::AppError;
use crate::rulebooks::Rulebooks;
use crate::standing::Looks;

/// How long a command's answer waits for read models that lag.
const VISIBLE: Duration = Duration::from_secs(2);
/// How long a read waits for the position that it asks for.
const BEHIND: Duration = Duration::from_secs(5);

/// A client's idempotency key, scoped to its actor, with the fingerprint of what it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The key in its scope.
    pub key: String,
    /// Hash of everything that makes the request what it is.
    pub fingerprint: String,
}

/// A command to be run.
#[derive(Debug)]
pub struct Request {
    /// Who commands.
    pub actor: Actor,
    /// The command.
    pub command: Command,
    /// The version that it is meant for, if the client named one.
    pub precondition: Option<Precondition>,
    /// The client's key, if it gave one.
    pub keyed: Option<Keyed>,
    /// Personal data that the command's events refer to.
    pub persons: Vec<Person>,
    /// The id of the request that it came by, if any; recorded with its events.
    pub request_id: Option<Arc<str>>,
}

impl Request {
    /// A command without key or precondition.
    #[must_use]
    pub fn new(actor: Actor, command: Command) -> Self {
        Self { actor, command, precondition: None, keyed: None, persons: Vec::new(), request_id: None }
    }
}

/// What became of a command.
#[derive(Debug, Clone)]
pub struct Done {
    /// What was appended.
    pub committed: Committed,
    /// Whether read models show it.
    pub visible: bool,
}

/// The use cases. One per process; shared by API and pages.
pub struct App {
    store: Arc<Store>,
    rulebooks: Arc<Rulebooks>,
    clock: Clock,
    policy: Arc<Policy>,
    gate: Gate,
    openid: Option<OpenId>,
    pace: Pace,
    looks: Looks,
    verifier: Verifier,
    in_flight: Mutex<HashSet<String>>,
    draining: AtomicBool,
    erasures: Option<PathBuf>,
}

/// A key that is being worked on; free again when dropped.
pub struct InFlight<'a> {
    app: &'a App,
    key: String,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.app.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl App {
    /// The use cases over a store.
    #[must_use]
    pub fn new(store: Arc<Store>, rulebooks: Arc<Rulebooks>, policy: Arc<Policy>, clock: Clock) -> Self {
        Self::with_profile(store, rulebooks, policy, clock, Profile::default())
    }

    /// The use cases, with rules for passwords other than the default.
    #[must_use]
    pub fn with_profile(
        store: Arc<Store>,
        rulebooks: Arc<Rulebooks>,
        policy: Arc<Policy>,
        clock: Clock,
        profile: Profile,
    ) -> Self {
        let looks = Looks::new(Arc::clone(&store));
        let gate = Gate::new(store.db().clone(), clock.clone(), profile);
        Self {
            store,
            rulebooks,
            clock,
            policy,
            gate,
            openid: None,
            pace: Pace::default(),
            looks,
            verifier: Verifier::default(),
            in_flight: Mutex::default(),
            draining: AtomicBool::new(false),
            erasures: None,
        }
    }

    /// Keeps the list of erasures in this file, too.
    #[must_use]
    pub fn keeping_erasures(self, file: Option<PathBuf>) -> Self {
        Self { erasures: file, ..self }
    }

    /// Lets accounts sign in at an office's single sign-on, too.
    #[must_use]
    pub fn with_openid(self, openid: Option<OpenId>) -> Self {
        Self { openid, ..self }
    }

    /// Limits how many requests are served in a minute; without this, none are refused.
    #[must_use]
    pub fn with_rates(self, rates: Rates) -> Self {
        Self { pace: Pace::new(rates), ..self }
    }

    /// The single sign-on, if the office has one.
    #[must_use]
    pub fn openid(&self) -> Option<&OpenId> {
        self.openid.as_ref()
    }

    /// Who has to wait.
    #[must_use]
    pub const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// The file that the list of erasures is kept in, if there is one.
    pub(crate) fn erasures(&self) -> Option<&Path> {
        self.erasures.as_deref()
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The rulebooks of this installation.
    #[must_use]
    pub fn rulebooks(&self) -> &Rulebooks {
        &self.rulebooks
    }

    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The rules of who may do what.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Who tells whom requests are from.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// From now on the node is not ready: it finishes what is under way and ends.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the node is on its way out.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    fn context(&self, actor: Actor) -> Context {
        Context { now: self.clock.now(), actor, decision_id: DecisionId::new(Uuid::now_v7()) }
    }

    /// Runs a command, and waits a bounded time until read models show it.
    pub async fn run(&self, request: Request) -> Result<Done, AppError> {
        let (key, fingerprint) = request.keyed.map_or((None, String::new()), |k| (Some(k.key), k.fingerprint));
        let submission = Submission {
            work: Work::Command(request.command),
            precondition: request.precondition,
            context: self.context(request.actor),
            key,
            fingerprint,
            persons: request.persons,
            request_id: request.request_id,
        };
        let committed = self.store.execute(submission).await?;
        let visible = committed.visible || self.store.visible(committed.position, VISIBLE).await.unwrap_or(false);
        Ok(Done { committed, visible })
    }

    /// Decides a command and appends nothing (`dry_run`).
    pub async fn rehearse(&self, request: &Request) -> Result<Decision, AppError> {
        let context = self.context(request.actor.clone());
        Ok(self.store.rehearse(&request.command, request.precondition.as_ref(), &context).await?)
    }

    /// Claims a key for as long as the answer lives: a second request with it meanwhile is refused. Answers what
    /// was answered before, if anything was.
    pub async fn claim<'a>(&'a self, keyed: &Keyed) -> Result<(InFlight<'a>, Option<String>), AppError> {
        let fresh = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).insert(keyed.key.clone());
        if !fresh {
            return Err(AppError::KeyInFlight);
        }
        let claim = InFlight { app: self, key: keyed.key.clone() };
        match idempotency::find(self.store.db(), &keyed.key).await? {
            Some(known) if known.is_erased() => Err(AppError::Erased),
            Some(known) if known.fingerprint != keyed.fingerprint => Err(AppError::KeyReused),
            Some(known) => Ok((claim, known.answer)),
            None => Ok((claim, None)),
        }
    }

    /// Keeps the answer that a key got, and whom it shows. If that fails, a retry is answered afresh; the command
    /// stands.
    pub async fn keep_answer(&self, keyed: &Keyed, answer: &str, shows: &[PersonId]) {
        if let Err(error) = idempotency::keep_answer(self.store.db(), &keyed.key, answer, shows).await {
            tracing::warn!(%error, "an answer could not be kept for its idempotency key");
        }
    }

    /// Waits until read models have come to `position`, and answers the position that a read shows at least.
    pub async fn caught_up(&self, position: Option<u64>) -> Result<u64, AppError> {
        if let Some(given) = position {
            let head = self.store.feed().head().await?;
            if given > head {
                return Err(AppError::PositionUnknown { given, head });
            }
            if !self.store.visible(given, BEHIND).await? {
                return Err(AppError::ReadModelBehind(given));
            }
        }
        let stands = self.looks.now().await?;
        match position {
            // A model that stopped is not waited for; nothing is answered from before the position either (R1).
            Some(given) if stands < given => Err(AppError::ReadModelBehind(given)),
            Some(_) | None => Ok(stands),
        }
    }
}
