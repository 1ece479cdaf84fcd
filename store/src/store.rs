//! The store as the rest of the house sees it.

mod followed;

use std::sync::Arc;
use std::time::Duration;

use cqrs_es::persist::EventUpcaster;
use domain::precondition::Precondition;
use domain::{Aggregate, Command, Context, Decision, Refused, Stop, StreamId, World};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::append::Committed;
use crate::appender::{Appender, Submission, Waiting};
use crate::audit::recorder;
use crate::audit::trail::Trail;
use crate::chain::{Algorithm, Chain};
use crate::codec::Codec;
use crate::db::{Db, DbUrl};
use crate::error::{ExecuteError, Outcome, StoreError};
use crate::feed::{self, Feed};
use crate::follower::{self, Follower as _};
use crate::projection::AnyModel;
use crate::projector::{self, Checkpoint};
use crate::rebuild;
use crate::sql::Sql;
use crate::warm::Warm;

/// How the store is set up.
pub struct StoreConfig {
    /// The database.
    pub url: DbUrl,
    /// The read models.
    pub models: Vec<Box<dyn AnyModel>>,
    /// Lifts older shapes of events.
    pub upcasters: Vec<Box<dyn EventUpcaster>>,
    /// The most streams kept in memory.
    pub warm_streams: usize,
    /// The most commands that wait.
    pub queue: usize,
    /// How long a command may wait for its turn, and then for its answer.
    pub wait: Duration,
    /// How often the head is looked at where no notification comes.
    pub poll: Duration,
    /// What the hash chain is made by; SHA-256, or what it was begun with, if nothing is said.
    pub chain_hash: Option<Algorithm>,
}

impl StoreConfig {
    /// The settings of a server.
    #[must_use]
    pub fn new(url: DbUrl, models: Vec<Box<dyn AnyModel>>) -> Self {
        Self {
            url,
            models,
            upcasters: Vec::new(),
            warm_streams: 8_192,
            queue: 1_024,
            wait: Duration::from_secs(10),
            poll: Duration::from_millis(500),
            chain_hash: None,
        }
    }
}

/// The event store of a node: one appender, one projector, one feed.
pub struct Store {
    db: Db,
    codec: Codec,
    feed: Feed,
    models: Vec<Arc<dyn AnyModel>>,
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
    wait: Duration,
    appender: Mutex<Option<JoinHandle<()>>>,
    chain: Chain,
    entries: Mutex<Option<mpsc::Sender<recorder::Waiting>>>,
    recorder: Mutex<Option<JoinHandle<()>>>,
    readers: Mutex<Vec<JoinHandle<()>>>,
    ended: watch::Receiver<Option<&'static str>>,
}

impl Store {
    /// Opens the database, brings its tables up to date and starts the tasks.
    pub async fn start(config: StoreConfig) -> Result<Self, StoreError> {
        let db = Db::open(&config.url).await?;
        db.migrate().await?;
        db.look_at_role().await?;
        let codec = Codec::new(config.upcasters);
        let models: Vec<Arc<dyn AnyModel>> = config.models.into_iter().map(Arc::from).collect();
        projector::prepare(&db, &models).await?;
        let chain = Chain::begin(&db, config.chain_hash).await?;
        follower::begin(&db, Trail::NAME).await?;

        let (head, head_seen) = watch::channel(0);
        let head = Arc::new(head);
        let feed = Feed::new(db.clone(), codec.clone(), head_seen);
        feed::raise(&head, feed.head().await?);

        let (queue, waiting) = mpsc::channel(config.queue);
        let (tell, ended) = watch::channel(None);
        let appender = Appender::new(
            db.clone(),
            codec.clone(),
            feed.clone(),
            models.clone(),
            config.warm_streams,
            config.wait,
            Arc::clone(&head),
        );
        let appender = watched("appender", tell.clone(), appender.run(waiting));
        let readers = vec![
            watched(
                "projector",
                tell.clone(),
                projector::run(db.clone(), codec.clone(), feed.clone(), models.clone(), config.poll),
            ),
            watched("chain", tell.clone(), follower::run(db.clone(), feed.clone(), chain.clone(), config.poll)),
            watched("audit trail", tell.clone(), follower::run(db.clone(), feed.clone(), Trail, config.poll)),
            watched("head", tell.clone(), feed::follow_head(db.clone(), head, feed.followed(), config.poll)),
        ];
        let (entries, waiting) = mpsc::channel(recorder::QUEUE);
        let recorder = watched("recorder", tell, recorder::run(db.clone(), waiting));
        Ok(Self {
            db,
            codec,
            feed,
            models,
            chain,
            entries: Mutex::new(Some(entries)),
            recorder: Mutex::new(Some(recorder)),
            queue: Mutex::new(Some(queue)),
            wait: config.wait,
            appender: Mutex::new(Some(appender)),
            readers: Mutex::new(readers),
            ended,
        })
    }

    /// Carries a command out: answered when it is durable and, where read models stand at the head, visible.
    ///
    /// The command goes its way even if the caller stops waiting.
    pub async fn execute(&self, submission: Submission) -> Result<Committed, ExecuteError> {
        let (answer, answered) = oneshot::channel();
        let deadline = Instant::now() + self.wait;
        let queue = self.queue.lock().await.clone().ok_or(ExecuteError::ShuttingDown)?;
        let waiting = Waiting { submission, deadline, answer };
        tokio::time::timeout_at(deadline, queue.send(waiting))
            .await
            .map_err(|_| ExecuteError::Unavailable(Outcome::None))?
            .map_err(|_| ExecuteError::Internal)?;
        drop(queue);
        // A little longer than the deadline: what still waits by then is turned away by the appender itself.
        match tokio::time::timeout_at(deadline + self.wait, answered).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(ExecuteError::Internal),
            Err(_) => Err(ExecuteError::Unavailable(Outcome::Unknown)),
        }
    }

    /// Decides a command on the streams as they are now, and appends nothing.
    pub async fn rehearse(
        &self,
        command: &Command,
        precondition: Option<&Precondition>,
        context: &Context,
    ) -> Result<Decision, ExecuteError> {
        let mut streams = Warm::new(usize::MAX);
        loop {
            // The world ends before the wait: it is not to be sent to another thread.
            let decision = {
                let world = World::new(&streams);
                precondition.map_or(Ok(()), |p| p.check(&world)).and_then(|()| command.decide(&world, context))
            };
            match decision {
                Ok(decision) => return Ok(decision),
                Err(Stop::Refused(refused)) => return Err(ExecuteError::Refused(refused)),
                Err(Stop::Missing(stream)) => {
                    let events = self.feed.stream(&stream, 0).await.map_err(|error| {
                        tracing::warn!(%error, "a stream cannot be read");
                        ExecuteError::Unavailable(Outcome::None)
                    })?;
                    streams.load(stream, &events);
                }
            }
        }
    }

    /// Answers a question from streams as they are now, never from read models.
    pub async fn ask<T>(
        &self,
        question: impl Fn(&World<'_>) -> Result<T, Stop> + Send,
    ) -> Result<Result<T, Refused>, StoreError> {
        let mut streams = Warm::new(usize::MAX);
        loop {
            let answer = question(&World::new(&streams));
            match answer {
                Ok(answer) => return Ok(Ok(answer)),
                Err(Stop::Refused(refused)) => return Ok(Err(refused)),
                Err(Stop::Missing(stream)) => {
                    let events = self.feed.stream(&stream, 0).await?;
                    streams.load(stream, &events);
                }
            }
        }
    }

    /// A stream's state and version, from the log.
    pub async fn state(&self, stream: &StreamId) -> Result<(Aggregate, u64), StoreError> {
        let events = self.feed.stream(stream, 0).await?;
        let mut state = Aggregate::empty(stream.kind());
        for event in &events {
            state.evolve(&event.event, domain::At { version: event.version, meta: &event.meta });
        }
        Ok((state, events.last().map_or(0, |e| e.version)))
    }

    /// A stream's version, from the log; 0 for one without events.
    pub async fn version(&self, stream: &StreamId) -> Result<u64, StoreError> {
        let kind: &'static str = stream.kind().into();
        let version = Sql::new("SELECT COALESCE(MAX(sequence), 0) FROM events WHERE aggregate_type = ")
            .bind(kind)
            .push(" AND aggregate_id = ")
            .bind(stream.id())
            .int(&self.db)
            .await?;
        Ok(version.and_then(|v| u64::try_from(v).ok()).unwrap_or_default())
    }

    /// The database, for queries of read models.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// Reads stored events.
    #[must_use]
    pub(crate) const fn codec(&self) -> &Codec {
        &self.codec
    }

    /// The ordered feed.
    #[must_use]
    pub const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// The read models.
    #[must_use]
    pub fn models(&self) -> &[Arc<dyn AnyModel>] {
        &self.models
    }

    /// How far each read model has come.
    pub async fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        projector::checkpoints(&self.db, &self.models).await
    }

    /// Waits until every read model that is not stopped has folded `position`; answers whether it has in time.
    pub async fn visible(&self, position: u64, bound: Duration) -> Result<bool, StoreError> {
        let until = Instant::now() + bound;
        let mut pause = Duration::from_millis(1);
        loop {
            let checkpoints = self.checkpoints().await?;
            let behind = checkpoints.iter().any(|c| c.error.is_none() && c.position < position);
            // A position may come from a client, and this database may be younger: only it can vouch for it.
            let there = checkpoints.iter().any(|c| c.position >= position);
            if !behind && (there || self.feed.head().await? >= position) {
                return Ok(true);
            }
            if Instant::now() + pause > until {
                return Ok(false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// Rebuilds a read model beside the live one and swaps it in; answers the position that it stands at.
    pub async fn rebuild(&self, model: &str) -> Result<u64, StoreError> {
        self.rebuild_together(&[model]).await
    }

    /// Rebuilds read models in one pass over the log, beside the live ones, and swaps them in together; answers the
    /// position that they stand at.
    ///
    /// # Errors
    /// If one of them does not exist or is being rebuilt already, or an event cannot be read. One that cannot take
    /// an event is named and left as it was; the others are rebuilt all the same.
    pub async fn rebuild_together(&self, models: &[&str]) -> Result<u64, StoreError> {
        let mut chosen = Vec::with_capacity(models.len());
        for name in models {
            let model = self.models.iter().find(|m| m.table().name == *name);
            chosen.push(model.ok_or_else(|| StoreError::Setup(format!("there is no read model {name}")))?.as_ref());
        }
        rebuild::rebuild(&self.db, &self.codec, &self.feed, &chosen).await
    }

    /// Waits until a task of the store has ended, which it never should; then the process must end too.
    pub async fn ended(&self) -> &'static str {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(name) => name.unwrap_or("store"),
            Err(_) => "store",
        }
    }

    /// Takes no new command, finishes those that wait, and closes the database.
    pub async fn stop(&self) {
        self.queue.lock().await.take();
        if let Some(appender) = self.appender.lock().await.take() {
            // It ends when the queue is empty; an error means that it had ended already.
            let _ = appender.await;
        }
        self.entries.lock().await.take();
        if let Some(recorder) = self.recorder.lock().await.take() {
            let _ = recorder.await;
        }
        for reader in self.readers.lock().await.drain(..) {
            reader.abort();
            // It is gone at its next pause; until then it would find a closed database. An error means: aborted.
            let _ = reader.await;
        }
        self.follow_to_the_end().await;
        self.db.close().await;
    }
}

/// A store that is dropped without being stopped takes its readers along; the appender ends with its queue.
impl Drop for Store {
    fn drop(&mut self) {
        for reader in self.readers.get_mut() {
            reader.abort();
        }
    }
}

/// Runs a task that should never end while the process lives, and tells when it does.
fn watched(
    name: &'static str,
    tell: watch::Sender<Option<&'static str>>,
    task: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    /// Tells on the way out, also when the task panics.
    struct Tell(watch::Sender<Option<&'static str>>, &'static str);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send_replace(Some(self.1));
        }
    }
    tokio::spawn(async move {
        let _tell = Tell(tell, name);
        task.await;
    })
}
