//! Clients that keep a server busy over HTTP, as lean as they can be: one connection each, bodies made beforehand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::keys;
use crate::report::per_second;

/// What clients ask for: the `n`th request of one client.
pub(crate) type Make = Arc<dyn Fn(usize, u64) -> Ask + Send + Sync>;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) actor: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// A POST with this body, or a GET.
    pub(crate) body: Option<Bytes>,
}

/// What a load came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Answers that were what was asked for.
    pub(crate) done: u64,
    /// Refused for concurrency.
    pub(crate) conflicts: u64,
    /// Refused by a rule.
    pub(crate) refused: u64,
    /// How long it took in all.
    pub(crate) took: Duration,
    /// Latencies in milliseconds, sorted.
    pub(crate) latencies: Vec<f64>,
}

impl Outcome {
    /// Answers per second.
    pub(crate) fn rate(&self) -> f64 {
        per_second(self.done, self.took)
    }

    /// The latency that so many hundredths stayed below, in milliseconds.
    pub(crate) fn percentile(&self, hundredths: usize) -> f64 {
        self.latencies.get(self.latencies.len().saturating_sub(1) * hundredths / 100).copied().unwrap_or_default()
    }
}

/// One connection.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender.
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_owned() })
    }

    /// Sends, and reads the whole answer.
    pub(crate) async fn send(&mut self, ask: Ask) -> anyhow::Result<(StatusCode, Bytes)> {
        let mut request = Request::builder().uri(&ask.path).header("host", &self.host);
        request = request.header("authorization", keys::authorization(ask.actor.as_deref()));
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let request = match ask.body {
            Some(body) => request.method("POST").header("content-type", "application/json").body(Full::new(body)),
            None => request.body(Full::default()),
        };
        let answer = self.sender.send_request(request?).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// Keeps servers busy by so many clients for a while; each client has a server of its own in turn.
pub(crate) async fn run(addresses: &[String], clients: usize, each: Duration, make: &Make) -> anyhow::Result<Outcome> {
    let stop = Arc::new(AtomicBool::new(false));
    let (conflicts, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut tasks = Vec::new();
    let began = Instant::now();
    for client in 0..clients {
        let address = addresses.get(client % addresses.len()).context("a server")?;
        let mut connection = Connection::open(address).await?;
        let (make, stop) = (Arc::clone(make), Arc::clone(&stop));
        let (conflicts, refused) = (Arc::clone(&conflicts), Arc::clone(&refused));
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let ask = make(client, n);
                let sent = Instant::now();
                let (status, body) = connection.send(ask).await?;
                match status {
                    StatusCode::CONFLICT => _ = conflicts.fetch_add(1, Ordering::Relaxed),
                    StatusCode::UNPROCESSABLE_ENTITY => _ = refused.fetch_add(1, Ordering::Relaxed),
                    status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
                        latencies.push(sent.elapsed().as_secs_f64() * 1_000.0);
                    }
                    status => bail!("{status} {}", String::from_utf8_lossy(&body)),
                }
            }
            Ok(latencies)
        }));
    }
    tokio::time::sleep(each).await;
    stop.store(true, Ordering::Relaxed);
    let mut outcome = Outcome::default();
    for task in tasks {
        outcome.latencies.extend(task.await??);
    }
    outcome.took = began.elapsed();
    outcome.done = outcome.latencies.len() as u64;
    outcome.latencies.sort_by(f64::total_cmp);
    outcome.conflicts = conflicts.load(Ordering::Relaxed);
    outcome.refused = refused.load(Ordering::Relaxed);
    Ok(outcome)
}
