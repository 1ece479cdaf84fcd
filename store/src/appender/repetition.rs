//! Keys that were committed before, and outcomes that nobody knows: the log is asked what happened.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Appender, Plan, Waiting};
use crate::append::{self, Committed, FoundKey, Shown};
use crate::db::{Tx, unsigned};
use crate::error::{ExecuteError, StoreError};
use crate::feed;
use crate::idempotency::ERASED;

/// How long an unknown outcome is looked into.
const SETTLE: Duration = Duration::from_secs(5);

impl Appender {
    /// Answers the commands whose key was committed before, and takes them out of the group.
    pub(super) async fn answer_repeated(
        &self,
        tx: &mut Tx,
        group: &mut Vec<Waiting>,
        found: &[FoundKey],
        lost: Option<&Plan>,
    ) -> Result<bool, StoreError> {
        if found.is_empty() {
            return Ok(false);
        }
        // All that can fail comes first: a command taken out of the group must be answered.
        let mut answers: HashMap<&str, Result<Committed, ExecuteError>> = HashMap::new();
        for known in found {
            if let Some(waiting) = group.iter().find(|w| w.key() == known.key) {
                let answer = if known.fingerprint == waiting.submission.fingerprint {
                    Ok(self.recall(tx, known, waiting, lost).await?)
                } else if known.fingerprint == ERASED {
                    Err(ExecuteError::Erased)
                } else {
                    Err(ExecuteError::KeyReused)
                };
                answers.insert(&known.key, answer);
            }
        }
        for waiting in std::mem::take(group) {
            match answers.remove(waiting.key().as_str()) {
                None => group.push(waiting),
                Some(answer) => {
                    let _ = waiting.answer.send(answer);
                }
            }
        }
        Ok(true)
    }

    /// The answer to a key that was committed before. What this very command had committed when its connection
    /// was lost is answered as if nothing had happened.
    async fn recall(
        &self,
        tx: &mut Tx,
        known: &FoundKey,
        waiting: &Waiting,
        lost: Option<&Plan>,
    ) -> Result<Committed, StoreError> {
        let before = unsigned(known.first_position - 1);
        let count = known.last_position - known.first_position + 1;
        let events = feed::after_in(tx, &self.codec, before, count).await?;
        let own = waiting.submission.context.decision_id;
        let decision_id = known.decision_id.parse().unwrap_or(own);
        Ok(Committed {
            decision_id,
            events: append::event_refs(&events),
            position: unsigned(known.last_position),
            balance: lost.filter(|_| decision_id == own).and_then(|plan| plan.balance(&known.key)),
            replayed: known.answer.clone(),
            repeated: lost.is_none() || decision_id != own,
            visible: false,
            shown: Shown::default(),
        })
    }

    /// After an unknown outcome: once the head row is held the lost transaction has ended one way or the other,
    /// and keys and log tell which. Answers whether it could be found out; what was written is answered, the rest
    /// stays in the group.
    pub(super) async fn settle(&mut self, group: &mut Vec<Waiting>, lost: &Plan) -> bool {
        let until = Instant::now() + SETTLE;
        while let Ok(looked_up) = tokio::time::timeout_at(until, self.look_up(group, lost)).await {
            match looked_up {
                Ok(()) => return true,
                Err(error) => {
                    tracing::warn!(%error, "the outcome cannot be looked up yet");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        false
    }

    async fn look_up(&mut self, group: &mut Vec<Waiting>, lost: &Plan) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let head = append::take_head(&mut tx).await?.position;
        self.forget(head);
        let keys: Vec<String> = group.iter().filter(|w| w.may_repeat()).map(Waiting::key).collect();
        let mut found = append::find_keys(&mut tx, &keys.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        found.extend(append::find_decisions(&mut tx, lost.ready().filter(|ready| !ready.keyed)).await?);
        self.answer_repeated(&mut tx, group, &found, Some(lost)).await?;
        let _ = tx.rollback().await;
        feed::raise(&self.head, head);
        Ok(())
    }
}
