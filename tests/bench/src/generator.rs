//! Believable histories of any size, decided by the domain itself: the same seed tells the same history.
//!
//! Pools follow one another, each a program of its own with a register and a cycle: organisations apply, are checked,
//! nominated, surveyed, classified, visited, taught, ask for help and evaluate themselves, some move between classes,
//! and the cycle is closed. What a finished pool needed in memory is let go.

mod steps;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::ids::{ClassId, CycleId, DecisionId};
use domain::rulebook::load::parse;
use domain::{Actor, Aggregate, At, Command, Context, Meta, RecordedEvent, Stop, StreamId, Streams, Uscc, World};
use uuid::Uuid;

/// The rules that every pool is run under, but for the program's name.
const RULES: &str = include_str!("../../../domain/rulebooks/wuhu-incubation.toml");
/// The first day of the first pool.
const BEGINNING: &str = "2019-01-01";
/// Days between the beginnings of two pools.
const APART: u64 = 30;

/// How much happens in a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// Members are admitted, and no more: the pool is open for what a load does.
    Admitted,
    /// The whole way to the closing.
    Whole,
}

/// A member of a pool.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) uscc: Uscc,
    pub(crate) class: ClassId,
}

/// A pool as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) cycle: CycleId,
    pub(crate) office: String,
    pub(crate) members: Vec<Member>,
    /// A day inside all memberships.
    pub(crate) day: NaiveDate,
}

/// A history in the making.
pub(crate) struct History {
    streams: HashMap<StreamId, (Aggregate, u64)>,
    events: Vec<RecordedEvent>,
    position: u64,
    rng: fastrand::Rng,
    ids: u128,
    now: DateTime<Utc>,
    organizations: u32,
    pools: u64,
}

impl Streams for History {
    fn find(&self, stream: &StreamId) -> Option<(&Aggregate, u64)> {
        self.streams.get(stream).map(|(state, version)| (state, *version))
    }
}

impl History {
    /// Begins a history.
    pub(crate) fn begin(seed: u64) -> anyhow::Result<Self> {
        let first: NaiveDate = BEGINNING.parse()?;
        Ok(Self {
            streams: HashMap::new(),
            events: Vec::new(),
            position: 0,
            rng: fastrand::Rng::with_seed(seed),
            ids: u128::from(seed) << 64,
            now: noon(first)?,
            organizations: 0,
            pools: 0,
        })
    }

    /// Events made since they were last taken.
    pub(crate) fn take(&mut self) -> Vec<RecordedEvent> {
        std::mem::take(&mut self.events)
    }

    /// How many events there are in all.
    pub(crate) const fn len(&self) -> u64 {
        self.position
    }

    /// A pool of so many members, by class: A, B, C, D.
    pub(crate) fn pool(&mut self, members: [usize; 4], life: Life) -> anyhow::Result<Pool> {
        let first: NaiveDate = BEGINNING.parse()?;
        let starts_on = first.checked_add_days(Days::new(self.pools * APART)).context("a day")?;
        self.pools += 1;
        let mut rulebook = parse("wuhu-incubation.toml", RULES)?;
        if self.pools > 1 {
            rulebook.program = format!("pool-{}", self.pools).parse()?;
        }
        let pool = steps::tell(self, Arc::new(rulebook), starts_on, members, life)?;
        self.streams.clear();
        Ok(pool)
    }

    /// Decides a command on a day, and appends what it decides.
    fn run(&mut self, actor: &str, on: NaiveDate, command: &Command) -> anyhow::Result<()> {
        self.now = self.now.max(noon(on)?);
        let context =
            Context { now: self.now, actor: actor.parse::<Actor>()?, decision_id: DecisionId::new(self.id()) };
        let decision = loop {
            match command.decide(&World::new(self), &context) {
                Ok(decision) => break decision,
                Err(Stop::Missing(stream)) => {
                    let empty = Aggregate::empty(stream.kind());
                    self.streams.insert(stream, (empty, 0));
                }
                Err(Stop::Refused(refused)) => bail!("{actor}: {refused}\n{command:?}"),
            }
        };
        let meta = Meta {
            decision_id: context.decision_id,
            recorded_at: context.now,
            occurred_on: decision.occurred_on,
            actor: context.actor,
            documents: decision.documents,
            waiver: decision.waiver,
            decision_size: u32::try_from(decision.events.len())?,
            request_id: None,
        };
        for (stream, event) in decision.events {
            let (state, version) =
                self.streams.entry(stream.clone()).or_insert_with(|| (Aggregate::empty(stream.kind()), 0));
            *version += 1;
            state.evolve(&event, At { version: *version, meta: &meta });
            self.position += 1;
            let (version, meta) = (*version, meta.clone());
            self.events.push(RecordedEvent { position: self.position, stream, version, meta, event });
        }
        Ok(())
    }

    /// An id that nothing else has, and that the same seed gives again.
    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    /// The number of the next organisation.
    fn organization(&mut self) -> anyhow::Result<Uscc> {
        self.organizations += 1;
        let first = format!("91340200M{:08}", self.organizations);
        let check = Uscc::check_character(&first).context("a check character")?;
        Ok(format!("{first}{check}").parse()?)
    }
}

fn noon(day: NaiveDate) -> anyhow::Result<DateTime<Utc>> {
    Ok(day.and_hms_opt(4, 0, 0).context("noon")?.and_utc())
}
