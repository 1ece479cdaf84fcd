//! A server process, and requests to it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use store::testing::TestDatabase;
use tokio::sync::OnceCell;

use crate::keys::Keys;

/// How long a server may take to start or stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running `hatchery serve`; killed when dropped.
pub(crate) struct Server {
    child: Child,
    base: String,
    client: Client,
    database: TestDatabase,
    keys: OnceCell<Keys>,
    /// The codes that it has refused with so far.
    codes: Mutex<BTreeSet<String>>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A client that goes where it is sent and nowhere else.
pub(crate) fn client() -> Client {
    // An error says that it is in place already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).build().unwrap()
}

impl Server {
    /// Starts a server on a database and waits until it serves.
    pub(crate) async fn start(database: &TestDatabase) -> Self {
        Self::run(["serve", "--database-url", &database.setting()], database, PATIENCE).await
    }

    /// Runs a command of `hatchery` that serves a database, and waits until it does.
    pub(crate) async fn run<S: AsRef<OsStr>>(
        command: impl IntoIterator<Item = S>,
        database: &TestDatabase,
        patience: Duration,
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hatchery"))
            .args(command)
            .args(["--listen", "127.0.0.1:0", "--log", "json"])
            .env_remove("RUST_LOG")
            // Tests ask faster than people; those of the limits themselves set them by flags.
            .envs([("HATCHERY_RATE_PER_ACCOUNT", "0"), ("HATCHERY_RATE_PER_ADDRESS", "0")])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let (tell, told) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            let mut seen = Vec::new();
            // Reads to the end: a full pipe would stop the server.
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // What went wrong inside is told nowhere else.
                if line.contains(r#""level":"ERROR""#) && !line.contains("response failed") {
                    eprintln!("{line}");
                }
                let address =
                    serde_json::from_str::<Value>(&line).ok().and_then(|l| l["address"].as_str().map(str::to_owned));
                match address {
                    Some(address) => drop(tell.take().map(|tell| tell.send(Ok(address)))),
                    None => seen.push(line),
                }
            }
            drop(tell.map(|tell| tell.send(Err(seen.join("\n")))));
        });
        let address = tokio::time::timeout(patience, told)
            .await
            .expect("the server does not start")
            .unwrap()
            .unwrap_or_else(|log| panic!("the server did not start:\n{log}"));
        Self {
            child,
            base: format!("http://{address}"),
            client: client(),
            database: TestDatabase::at(database.url.clone()),
            keys: OnceCell::new(),
            codes: Mutex::default(),
        }
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, e.g. `http://127.0.0.1:4321`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Kills it at once (SIGKILL).
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop (SIGTERM) and waits until it has; it must end well.
    pub(crate) fn stop(self) {
        self.tell_to_stop();
        self.stopped();
    }

    /// Tells it to stop (SIGTERM).
    pub(crate) fn tell_to_stop(&self) {
        let told = Command::new("kill").arg(self.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    /// Waits until it has stopped; it must end well.
    pub(crate) fn stopped(mut self) {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(Instant::now() < until, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A request of any kind; `path` begins with `/`.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Reply {
        let request = self.request(method, path, headers).await;
        read(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// A request to be finished by the caller; signed for the actor that it names.
    pub(crate) async fn request(&self, method: Method, path: &str, headers: &[(&'static str, &str)]) -> RequestBuilder {
        let token = if path.starts_with("/api/") { self.keys().await.of(&method, headers).await } else { None };
        let request = self.bare(method, path, headers);
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Makes tokens for this server's database.
    pub(crate) async fn keys(&self) -> &Keys {
        self.keys.get_or_init(|| Keys::beside(&self.database)).await
    }

    /// A request as it is, signed for nobody.
    pub(crate) fn bare(&self, method: Method, path: &str, headers: &[(&'static str, &str)]) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
        })
    }

    /// Uploads a paper as `actor`; answers its id.
    pub(crate) async fn upload(&self, actor: &str, title: &str) -> String {
        let reply = self.uploads(actor, title).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.body["result"]["document_id"].as_str().unwrap().to_owned()
    }

    /// Uploads a paper as `actor`.
    pub(crate) async fn uploads(&self, actor: &str, title: &str) -> Reply {
        let file =
            Part::bytes(b"%PDF-1.4 a paper".to_vec()).file_name("paper.pdf").mime_str("application/pdf").unwrap();
        let form = Form::new().part("file", file).text("title", title.to_owned());
        let request = self.request(Method::POST, "/api/v1/documents", &[("hatchery-actor", actor)]).await;
        read(request.multipart(form)).await
    }

    /// Reads under `/api/v1`.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, &format!("/api/v1{path}"), &[], None).await
    }

    /// Reads under `/api/v1`, which must succeed.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "GET {path}: {}", reply.body);
        reply.body
    }

    /// Commands under `/api/v1` as `actor`.
    pub(crate) async fn post(&self, actor: &str, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, &format!("/api/v1{path}"), &[("hatchery-actor", actor)], Some(body)).await
    }

    /// Commands, and must be obeyed; answers the body.
    pub(crate) async fn does(&self, actor: &str, path: &str, body: &Value) -> Value {
        let reply = self.post(actor, path, body).await;
        assert!(reply.status.is_success(), "{actor} POST {path} {body:#}\n{} {:#}", reply.status, reply.body);
        reply.body
    }

    /// Commands, and must be refused with this code, leaving the log as it was; answers the problem.
    pub(crate) async fn refuses(&self, code: &str, actor: &str, path: &str, body: &Value) -> Value {
        let request = self.request(Method::POST, &format!("/api/v1{path}"), &[("hatchery-actor", actor)]).await;
        self.rejects(code, request.json(body)).await.body
    }

    /// Must refuse any request with this code, leaving the log as it was; answers all of the answer.
    pub(crate) async fn rejects(&self, code: &str, request: RequestBuilder) -> Reply {
        let before = self.head().await;
        let shown = format!("{request:?}");
        let reply = read(request).await;
        assert_eq!(reply.body["code"], code, "{shown}\n{} {:#}", reply.status, reply.body);
        assert_eq!(reply.body["status"], reply.status.as_u16());
        assert_eq!(reply.headers["content-type"], "application/problem+json");
        self.codes.lock().unwrap().insert(code.to_owned());
        assert_eq!(self.head().await, before, "a refusal left something in the log");
        reply
    }

    /// The codes that it has refused with so far.
    pub(crate) fn refused_with(&self) -> BTreeSet<String> {
        self.codes.lock().unwrap().clone()
    }

    /// The position of the last event.
    pub(crate) async fn head(&self) -> u64 {
        let reply = self.get("/cycles?limit=1").await;
        reply.body["position"].as_u64().unwrap_or_else(|| panic!("{}", reply.body))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed or stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request, and reads the answer to its end.
pub(crate) async fn read(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    Reply { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}
