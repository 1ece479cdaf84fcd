//! A client that writes until it is told to stop, and never leaves a command without knowing what became of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::NaiveDate;
use domain::Uscc;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::ledger::{Ledger, Said};
use crate::pool::{CYCLE, OFFICE, STATION};

/// How long one try may take. The server's own bounds are shorter.
const TRY: Duration = Duration::from_secs(40);
/// How long until a server that was away is tried again.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a command may go without an answer, however often it is tried.
const PATIENCE: Duration = Duration::from_mins(2);

/// What a client does.
pub(crate) enum Work {
    /// Visits one organisation.
    Visits(Uscc),
    /// Moves its members between C and D, each with the class that it is in.
    Moves(Vec<(Uscc, String)>),
}

/// One client.
pub(crate) struct Client {
    number: usize,
    work: Work,
    day: NaiveDate,
    ledger: Arc<Ledger>,
    address: watch::Receiver<Option<String>>,
    stop: Arc<AtomicBool>,
    http: reqwest::Client,
    /// Of the station, and of the award office.
    tokens: [String; 2],
}

impl Client {
    pub(crate) fn new(
        number: usize,
        work: Work,
        day: NaiveDate,
        ledger: Arc<Ledger>,
        address: watch::Receiver<Option<String>>,
        stop: Arc<AtomicBool>,
        tokens: [String; 2],
    ) -> Self {
        Self { number, work, day, ledger, address, stop, http: crate::server::client(), tokens }
    }

    pub(crate) async fn run(mut self) {
        for n in 0.. {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let key = format!("client-{}-{n}", self.number);
            let (actor, path, body, moved) = self.command(n, &key);
            let said = tokio::time::timeout(PATIENCE, self.carry_through(&key, actor, &path, &body)).await;
            let said = said.unwrap_or_else(|_| panic!("{key}: nobody says what became of it"));
            self.ledger.answered(&key, said);
            if let (Work::Moves(members), Some((place, to)), Said::Done) = (&mut self.work, moved, said) {
                members[place].1 = to;
            }
        }
    }

    /// The next command: actor, path, body, and which member moves where.
    fn command(&self, n: usize, key: &str) -> (&'static str, String, Value, Option<(usize, String)>) {
        match &self.work {
            Work::Visits(uscc) => {
                let visit = json!({ "station": "jinghu-1", "channel": "on_site", "findings": key });
                let path = format!("/cycles/{CYCLE}/organizations/{uscc}/visits");
                (STATION, path, json!({ "visit": visit, "occurred_on": self.day }), None)
            }
            Work::Moves(members) => {
                let place = n % members.len();
                let (uscc, class) = &members[place];
                let to = if class == "C" { "D" } else { "C" };
                let entry = json!({ "uscc": uscc, "to": to, "grounds": key });
                let path = format!("/cycles/{CYCLE}/reclassifications");
                let body = json!({ "entries": [entry], "occurred_on": self.day });
                (OFFICE, path, body, Some((place, to.to_owned())))
            }
        }
    }

    /// Tries with the same key until the server says what became of it.
    async fn carry_through(&mut self, key: &str, actor: &str, path: &str, body: &Value) -> Said {
        loop {
            let base = self.address.wait_for(Option::is_some).await.unwrap().clone().unwrap();
            let request = self
                .http
                .post(format!("{base}/api/v1{path}"))
                .header("hatchery-actor", actor)
                .bearer_auth(&self.tokens[usize::from(actor == OFFICE)])
                .header("idempotency-key", key)
                .timeout(TRY)
                .json(body);
            let under_way = self.ledger.sent();
            let reply = request.send().await;
            drop(under_way);
            if let Ok(reply) = reply {
                let status = reply.status();
                if status.is_success() {
                    return Said::Done;
                }
                let problem: Value = reply.json().await.unwrap_or_default();
                match status {
                    StatusCode::UNPROCESSABLE_ENTITY => {
                        assert_eq!(problem["code"], "balance_violated", "{key}: {problem}");
                        return Said::Refused;
                    }
                    // The one before is still at work on this node, or the database is away.
                    StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE => {}
                    _ => panic!("{key}: {status} {problem}"),
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
