//! The appender: one per node. It takes all commands that wait, decides them, and appends them as one group.
//!
//! ```text
//! drain the queue ─▶ load what is cold ─▶ decide on warm state, each on those before it in the group
//!   ─▶ fold read models on warm rows ─▶ write all of it at once, if the log still ends where it was decided on
//!        │ it does not, or that way is closed
//!        ▼
//!      take the head row ─▶ has another node written? apply its events; if they touch what was read, decide again
//!        ─▶ fold ─▶ write ─▶ commit
//!   ─▶ answer all
//! ```
//!
//! Nothing stands that was decided on a state not known to be current while the head row is held, so no command is
//! ever told *conflict*: a decision that was overtaken is made again under the head row, where nobody can
//! overtake it. Refusals are answered after the same check, and after the group that they rest on is durable.

mod deciding;
mod repetition;
mod writing;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::precondition::Precondition;
use domain::world::BalanceChange;
use domain::{Command, Context, Decision, Refusal, Refused, Stop, StreamId, World};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::append::batch::Unwritten;
use crate::append::ride::Riding;
use crate::append::{self, Committed, Ready, Shown};
use crate::codec::Codec;
use crate::db::Db;
use crate::error::{ExecuteError, Outcome, StoreError};
use crate::feed::{self, Feed};
use crate::folding::Folding;
use crate::persons::Person;
use crate::projection::AnyModel;
use crate::warm::Warm;

/// The most commands of one group.
const GROUP: usize = 256;
/// Rows of each read model that are kept in memory, and as many that were used before them.
const ROWS: usize = 4_096;

/// What is to be appended.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are commands")]
pub enum Work {
    /// A command, decided by the appender, again where it was overtaken.
    Command(Command),
    /// Events decided elsewhere, for one stream at the version that they were decided on.
    Append {
        /// The stream.
        stream: StreamId,
        /// The version that it must still have.
        expected: u64,
        /// The events.
        decision: Decision,
    },
}

impl Work {
    fn decide(&self, world: &World<'_>, context: &Context) -> Result<Decision, Stop> {
        match self {
            Self::Command(command) => command.decide(world, context),
            Self::Append { stream, expected, decision } => {
                let current = world.version(stream)?;
                if current == *expected {
                    Ok(decision.clone())
                } else {
                    Err(Refusal::StaleVersion { given: expected.to_string(), current: current.to_string() }.into())
                }
            }
        }
    }
}

/// A command on its way to the log.
#[derive(Debug)]
pub struct Submission {
    /// The command, or events decided elsewhere.
    pub work: Work,
    /// What the client saw, if it said so.
    pub precondition: Option<Precondition>,
    /// Instant, actor, decision id.
    pub context: Context,
    /// The client's idempotency key, scoped to its actor; without one nobody comes again.
    pub key: Option<String>,
    /// What the key must always come with.
    pub fingerprint: String,
    /// Personal data that the command's events refer to.
    pub persons: Vec<Person>,
    /// The request that it came by, if any; recorded with its events.
    pub request_id: Option<Arc<str>>,
}

pub(crate) struct Waiting {
    pub(crate) submission: Submission,
    pub(crate) deadline: Instant,
    pub(crate) answer: oneshot::Sender<Result<Committed, ExecuteError>>,
}

impl Waiting {
    fn key(&self) -> String {
        self.submission.key.clone().unwrap_or_else(|| format!("decision:{}", self.submission.context.decision_id))
    }

    /// Whether its key may have been committed before: the server makes each decision id once, but events decided
    /// elsewhere bring their own.
    const fn may_repeat(&self) -> bool {
        self.submission.key.is_some() || matches!(self.submission.work, Work::Append { .. })
    }
}

/// What became of one command of the group, before anything is written.
enum Decided {
    Accepted {
        ready: Ready,
        balance: Option<BalanceChange>,
    },
    Refused(Refused),
    /// Its code panicked, or a stream that it needs cannot be read. That is its own trouble, not the group's.
    Failed,
}

/// The decisions of a whole group, and what they rest on.
#[derive(Default)]
struct Plan {
    decided: Vec<Decided>,
    read: HashSet<StreamId>,
    missing: BTreeSet<StreamId>,
    /// Whether read models show the group once it is durable.
    visible: bool,
    /// What was written of them, where they all do.
    shown: Shown,
}

impl Plan {
    /// Class counts before and after the accepted decision of a key.
    fn balance(&self, key: &str) -> Option<BalanceChange> {
        self.decided.iter().find_map(|decided| match decided {
            Decided::Accepted { ready, balance } if ready.key == key => balance.clone(),
            Decided::Accepted { .. } | Decided::Refused(_) | Decided::Failed => None,
        })
    }
}

/// Why a group could not be carried through.
enum Failure {
    /// Before the commit was sent: nothing was written.
    Before(StoreError),
    /// While committing: nobody knows yet.
    During(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Before(error)
    }
}

impl From<Unwritten> for Failure {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Before(error) => Self::Before(error),
            Unwritten::Unknown(error) => Self::During(error),
        }
    }
}

/// The appender of a node.
pub(crate) struct Appender {
    db: Db,
    codec: Codec,
    feed: Feed,
    models: Vec<Arc<dyn AnyModel>>,
    warm: Warm,
    /// The rows of each model, as of the same position as the streams.
    rows: Vec<Box<dyn Folding>>,
    /// Who rides along, as last found out.
    riding: Option<Riding>,
    /// Streams that were found unreadable while the group at hand was decided.
    unreadable: HashSet<StreamId>,
    /// How long a group may take. A connection can go silent for good; the database's own bounds do not help then.
    bound: Duration,
    head: Arc<watch::Sender<u64>>,
}

impl Appender {
    pub(crate) fn new(
        db: Db,
        codec: Codec,
        feed: Feed,
        models: Vec<Arc<dyn AnyModel>>,
        warm_streams: usize,
        bound: Duration,
        head: Arc<watch::Sender<u64>>,
    ) -> Self {
        Self {
            db,
            codec,
            feed,
            rows: models.iter().map(|model| model.folding(ROWS)).collect(),
            models,
            warm: Warm::new(warm_streams),
            riding: None,
            unreadable: HashSet::new(),
            bound,
            head,
        }
    }

    /// Serves the queue until every sender is gone.
    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<Waiting>) {
        while let Some(first) = queue.recv().await {
            let mut group = vec![first];
            while group.len() < GROUP {
                match queue.try_recv() {
                    Ok(next) => group.push(next),
                    Err(_) => break,
                }
            }
            metrics::histogram!("hatchery_group_size")
                .record(f64::from(u32::try_from(group.len()).unwrap_or(u32::MAX)));
            self.serve(group).await;
        }
    }

    async fn serve(&mut self, group: Vec<Waiting>) {
        let group = self.admit(group);
        self.unreadable.clear();
        for waiting in self.carry_through(group).await {
            // The database refused something of the group: each by itself, so that only the culprit fails.
            for culprit in self.carry_through(vec![waiting]).await {
                let _ = culprit.answer.send(Err(ExecuteError::Internal));
            }
        }
    }

    /// Carries the group to its end; hands it back if the database refused what one of its commands would write.
    async fn carry_through(&mut self, mut group: Vec<Waiting>) -> Vec<Waiting> {
        let mut settled_once = false;
        while !group.is_empty() {
            let mut plan = Plan::default();
            let carried = tokio::time::timeout(self.bound, self.carry(&mut group, &mut plan)).await;
            match carried.unwrap_or_else(|_| Err(Failure::During(StoreError::Setup("no answer".to_owned())))) {
                Ok(()) => break,
                Err(Failure::Before(error)) if append::blames_the_row(&error) => {
                    tracing::error!(%error, "a group holds something that the database does not take");
                    return group;
                }
                Err(Failure::Before(error)) => {
                    tracing::warn!(%error, "a group was not written");
                    refuse_all(group, Outcome::None);
                    break;
                }
                Err(Failure::During(error)) => {
                    tracing::warn!(%error, "the outcome of a commit is unknown; looking it up");
                    if settled_once || !self.settle(&mut group, &plan).await {
                        refuse_all(group, Outcome::Unknown);
                        break;
                    }
                    settled_once = true;
                }
            }
        }
        Vec::new()
    }

    /// Turns away what waited too long, and a key that stands twice in the group.
    fn admit(&mut self, group: Vec<Waiting>) -> Vec<Waiting> {
        self.warm.begin_group();
        let now = Instant::now();
        let mut keys = HashSet::new();
        let mut admitted = Vec::with_capacity(group.len());
        for waiting in group {
            if waiting.deadline <= now {
                let _ = waiting.answer.send(Err(ExecuteError::Unavailable(Outcome::None)));
            } else if !keys.insert(waiting.key()) {
                let _ = waiting.answer.send(Err(ExecuteError::InFlight));
            } else {
                admitted.push(waiting);
            }
        }
        admitted
    }

    /// Decides, appends and answers the group. On failure, or if it is dropped half way, whatever was not
    /// answered is still in the group.
    async fn carry(&mut self, group: &mut Vec<Waiting>, plan: &mut Plan) -> Result<(), Failure> {
        *plan = self.decide_warm(group).await?;
        let head = match self.write_ahead(group, plan).await? {
            Some(head) => head,
            None => self.write_under_head(group, plan).await?,
        };
        self.confirm(group, std::mem::take(plan), head);
        Ok(())
    }

    /// Forgets what is in memory; the next decisions load afresh.
    fn forget(&mut self, head: u64) {
        self.warm.forget(head);
        self.rows.iter_mut().for_each(|rows| rows.clear());
        self.riding = None;
    }

    /// The group is durable: applies it to warm state, tells of the new head, answers.
    fn confirm(&mut self, group: &mut Vec<Waiting>, plan: Plan, head: u64) {
        // Before anybody is answered: whoever reads next on this node is shown it.
        feed::raise(&self.head, head);
        for (waiting, decided) in std::mem::take(group).into_iter().zip(plan.decided) {
            let answer = match decided {
                Decided::Refused(refused) => Err(ExecuteError::Refused(refused)),
                Decided::Failed => Err(ExecuteError::Internal),
                Decided::Accepted { ready, balance } => {
                    self.warm.advance(&ready.events);
                    Ok(Committed {
                        decision_id: waiting.submission.context.decision_id,
                        position: ready.events.last().map_or(head, |e| e.position),
                        events: append::event_refs(&ready.events),
                        balance,
                        replayed: None,
                        repeated: false,
                        visible: plan.visible,
                        shown: plan.shown.clone(),
                    })
                }
            };
            // A client that went away gets no answer; the command stands all the same.
            let _ = waiting.answer.send(answer);
        }
    }
}

fn refuse_all(group: Vec<Waiting>, outcome: Outcome) {
    for waiting in group {
        let _ = waiting.answer.send(Err(ExecuteError::Unavailable(outcome)));
    }
}
