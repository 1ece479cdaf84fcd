//! An `OpenID` provider for tests: real keys, its description, keys and tokens over HTTP on this machine. It checks what
//! a provider has to check, and can be told to hand out tokens that are wrong in one way.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use reqwest::Url;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::signing::Signing;

/// What the installation is known by; both with characters that have to be encoded.
pub(crate) const CLIENT: &str = "hatchery:wuhu";
pub(crate) const SECRET: &str = "s3cret+/%of the office";
/// Where browsers find the installation, and where they are sent back to.
pub(crate) const PUBLIC: &str = "https://pool.example.cn";
const BACK: &str = "https://pool.example.cn/api/v1/sign-ins/openid/callback";

/// A provider that runs until it is dropped.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) state: Arc<Running>,
    task: tokio::task::JoinHandle<()>,
}

/// What a test may turn.
pub(crate) struct Running {
    issuer: String,
    codes: Mutex<HashMap<String, Granted>>,
    /// How tokens are signed from now on.
    pub(crate) signing: Mutex<Signing>,
    /// The keys that are published.
    pub(crate) published: Mutex<Vec<Value>>,
    /// Claims in place of the right ones; null for none.
    pub(crate) claims: Mutex<Value>,
    /// Whether a code is taken again and again.
    pub(crate) careless: Mutex<bool>,
    /// Whether the token endpoint never answers.
    pub(crate) slow: Mutex<bool>,
    /// How often each endpoint was asked.
    pub(crate) asked: BTreeMap<&'static str, AtomicUsize>,
}

#[derive(Clone)]
struct Granted {
    subject: String,
    nonce: String,
    challenge: String,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/realms/office", listener.local_addr().unwrap());
        let signing = Signing::rsa("RS256");
        let state = Arc::new(Running {
            issuer: issuer.clone(),
            codes: Mutex::default(),
            published: Mutex::new(vec![json!({ "kty": "new", "kid": "of tomorrow" }), signing.published()]),
            signing: Mutex::new(signing),
            claims: Mutex::new(json!({})),
            careless: Mutex::new(false),
            slow: Mutex::new(false),
            asked: ["described", "keys", "token"].map(|name| (name, AtomicUsize::new(0))).into(),
        });
        let router = Router::new()
            .route("/realms/office/.well-known/openid-configuration", get(describe))
            .route("/realms/office/keys", get(keys))
            .route("/realms/office/token", post(token))
            .with_state(Arc::clone(&state));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, state, task }
    }

    /// A settings file for this provider.
    pub(crate) fn settings(&self, folder: &std::path::Path) -> String {
        let file = folder.join("hatchery.toml");
        let secret = folder.join("client-secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let text = format!(
            "openid_issuer = \"{}\"\nopenid_client_id = \"{CLIENT}\"\nopenid_client_secret_file = \"{}\"\n\
             public_url = \"{PUBLIC}\"\n",
            self.issuer,
            secret.display()
        );
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Somebody signs in where the browser was sent; answers the query of the callback.
    pub(crate) fn signs_in(&self, location: &str, subject: &str) -> String {
        let location = Url::parse(location).unwrap();
        let given: HashMap<String, String> = location.query_pairs().into_owned().collect();
        assert_eq!(location.path(), "/realms/office/authorize");
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", BACK),
            ("scope", "openid"),
            ("code_challenge_method", "S256"),
            ("kc_theme", "office"),
        ] {
            assert_eq!(given[name], value, "{location}");
        }
        let code = format!("code-{}", uuid::Uuid::now_v7());
        let (nonce, challenge) = (given["nonce"].clone(), given["code_challenge"].clone());
        let granted = Granted { subject: subject.to_owned(), nonce, challenge };
        self.state.codes.lock().unwrap().insert(code.clone(), granted);
        let issuer: String =
            Url::parse_with_params("http://x", [("iss", &self.issuer)]).unwrap().query().unwrap().into();
        // As Keycloak does, with something that nobody has asked for.
        format!("state={}&session_state=abc&{issuer}&code={code}", given["state"])
    }

    /// Tokens are wrong in one way from now on.
    pub(crate) fn claims(&self, claims: Value) {
        *self.state.claims.lock().unwrap() = claims;
    }

    /// Tokens are signed so from now on.
    pub(crate) fn signs(&self, signing: Signing) {
        *self.state.signing.lock().unwrap() = signing;
    }

    /// How often an endpoint was asked.
    pub(crate) fn asked(&self, what: &str) -> usize {
        self.state.asked[what].load(Ordering::SeqCst)
    }

    /// Is gone.
    pub(crate) async fn goes(self) {
        self.task.abort();
        // Its sockets are closed when it has ended.
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn describe(State(state): State<Arc<Running>>) -> Json<Value> {
    state.asked["described"].fetch_add(1, Ordering::SeqCst);
    let issuer = &state.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?kc_theme=office"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "authorization_response_iss_parameter_supported": true,
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"],
        "id_token_signing_alg_values_supported": ["RS256", "none"],
    }))
}

async fn keys(State(state): State<Arc<Running>>) -> Json<Value> {
    state.asked["keys"].fetch_add(1, Ordering::SeqCst);
    Json(json!({ "keys": *state.published.lock().unwrap() }))
}

async fn token(State(state): State<Arc<Running>>, headers: HeaderMap, body: String) -> Response {
    state.asked["token"].fetch_add(1, Ordering::SeqCst);
    if *state.slow.lock().unwrap() {
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let form = Url::parse(&format!("http://x/?{body}")).unwrap();
    let given: HashMap<String, String> = form.query_pairs().into_owned().collect();
    let encoded =
        |text: &str| Url::parse_with_params("http://x", [("", text)]).unwrap().query().unwrap()[1..].to_owned();
    let pair = BASE64_STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)));
    if headers["authorization"] != format!("Basic {pair}") || given.contains_key("client_secret") {
        return refused("invalid_client");
    }
    let code = &given["code"];
    let careless = *state.careless.lock().unwrap();
    let granted = {
        let mut codes = state.codes.lock().unwrap();
        if careless { codes.get(code).cloned() } else { codes.remove(code) }
    };
    let Some(granted) = granted else { return refused("invalid_grant") };
    let proves = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, given["code_verifier"].as_bytes()));
    if given["grant_type"] != "authorization_code" || given["redirect_uri"] != BACK || proves != granted.challenge {
        return refused("invalid_grant");
    }
    let now = Utc::now().timestamp();
    let mut claims = json!({
        "iss": state.issuer, "sub": granted.subject, "aud": CLIENT, "nonce": granted.nonce, "iat": now, "exp": now + 300,
    });
    for (name, value) in state.claims.lock().unwrap().as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    let token = state.signing.lock().unwrap().token(&claims);
    Json(json!({ "access_token": "of no use here", "token_type": "Bearer", "id_token": token })).into_response()
}
