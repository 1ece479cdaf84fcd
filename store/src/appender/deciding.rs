//! Deciding a group: each command on warm state and on the events of those before it.

use std::sync::Arc;

use chrono::SubsecRound as _;
use domain::{Decision, Meta, RecordedEvent, Stop, StreamId, Streams as _, World};

use super::{Appender, Decided, Plan, Waiting};
use crate::append::{self, Ready};
use crate::db::Tx;
use crate::error::StoreError;
use crate::feed;
use crate::streams::Overlay;

impl Appender {
    /// Decides on warm state, loading what is cold from the database beforehand.
    pub(super) async fn decide_warm(&mut self, group: &[Waiting]) -> Result<Plan, StoreError> {
        loop {
            let plan = self.decide(group);
            if plan.missing.is_empty() {
                return Ok(plan);
            }
            let loads = plan.missing.into_iter().map(|stream| {
                let feed = self.feed.clone();
                async move {
                    let events = feed.stream(&stream, 0).await;
                    (stream, events)
                }
            });
            for (stream, events) in futures::future::join_all(loads).await {
                self.take_in(stream, events)?;
            }
        }
    }

    /// Decides under the head row: what is cold is loaded in the same transaction.
    pub(super) async fn decide_in(&mut self, tx: &mut Tx, group: &[Waiting]) -> Result<Plan, StoreError> {
        loop {
            let plan = self.decide(group);
            if plan.missing.is_empty() {
                return Ok(plan);
            }
            for stream in plan.missing {
                let events = feed::stream_in(tx, &self.codec, &stream, 0).await;
                self.take_in(stream, events)?;
            }
        }
    }

    /// Keeps a stream that was read, or remembers that it cannot be.
    fn take_in(&mut self, stream: StreamId, read: Result<Vec<RecordedEvent>, StoreError>) -> Result<(), StoreError> {
        match read {
            Ok(events) => self.warm.load(stream, &events),
            Err(error @ (StoreError::Undecodable { .. } | StoreError::Stream(_))) => {
                tracing::error!(%stream, %error, "a stream cannot be read");
                self.unreadable.insert(stream);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Decides every command of the group in order, each on the events of those before it.
    fn decide(&mut self, group: &[Waiting]) -> Plan {
        let mut plan = Plan::default();
        let mut overlay = Overlay::new(&self.warm);
        for waiting in group {
            let submission = &waiting.submission;
            let world = World::new(&overlay);
            let decision = append::guarded(|| {
                let precondition = submission.precondition.as_ref().map_or(Ok(()), |p| p.check(&world));
                precondition.and_then(|()| submission.work.decide(&world, &submission.context))
            });
            plan.read.extend(world.held().into_iter().map(|(stream, _)| stream));
            match decision.map(|decision| decision.and_then(|decision| self.at_hand(decision))) {
                Err(reason) => {
                    tracing::error!(reason, decision_id = %submission.context.decision_id, "a decision failed");
                    plan.decided.push(Decided::Failed);
                }
                Ok(Err(Stop::Missing(stream))) if self.unreadable.contains(&stream) => {
                    plan.decided.push(Decided::Failed);
                }
                Ok(Err(Stop::Missing(stream))) => {
                    plan.missing.insert(stream);
                }
                Ok(Err(Stop::Refused(refused))) => plan.decided.push(Decided::Refused(refused)),
                Ok(Ok(decision)) => {
                    let meta = Arc::new(Meta {
                        decision_id: submission.context.decision_id,
                        // PostgreSQL keeps microseconds; the event is the same on both databases.
                        recorded_at: submission.context.now.trunc_subsecs(6),
                        occurred_on: decision.occurred_on,
                        actor: submission.context.actor.clone(),
                        documents: decision.documents,
                        waiver: decision.waiver,
                        decision_size: u32::try_from(decision.events.len()).unwrap_or(u32::MAX),
                        request_id: submission.request_id.clone(),
                    });
                    let mut events = Vec::with_capacity(decision.events.len());
                    for (stream, event) in decision.events {
                        let Some(version) = overlay.append(&stream, &event, &meta) else {
                            plan.missing.insert(stream);
                            continue;
                        };
                        plan.read.insert(stream.clone());
                        events.push(RecordedEvent { position: 0, stream, version, meta: (*meta).clone(), event });
                    }
                    plan.decided.push(Decided::Accepted {
                        ready: Ready {
                            events,
                            key: waiting.key(),
                            keyed: waiting.may_repeat(),
                            fingerprint: submission.fingerprint.clone(),
                            persons: submission.persons.clone(),
                        },
                        balance: decision.balance,
                    });
                }
            }
        }
        for stream in &plan.read {
            self.warm.touch(stream);
        }
        plan
    }

    /// A decision all of whose streams are in memory, so that it goes into the group as a whole.
    fn at_hand(&self, decision: Decision) -> Result<Decision, Stop> {
        match decision.events.iter().find(|(stream, _)| self.warm.find(stream).is_none()) {
            Some((stream, _)) => Err(Stop::Missing(stream.clone())),
            None => Ok(decision),
        }
    }
}
