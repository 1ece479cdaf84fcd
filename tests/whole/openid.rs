//! The single sign-on of an office, against a provider with real keys over HTTP.

pub(crate) mod provider;
mod signing;

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::Utc;
use reqwest::{Method, StatusCode};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::audit::succeeds;
use crate::on_both_databases;
use crate::server::{Reply, Server, read};
use provider::Provider;
use signing::Signing;

on_both_databases! {
    whoever_is_linked_signs_in_as_by_password,
    nobody_is_let_in_whom_no_administrator_has_linked,
    a_callback_is_of_use_once_and_only_to_the_browser_that_began,
    an_identity_token_that_does_not_hold_lets_nobody_in,
    keys_are_fetched_when_there_are_new_ones_and_not_for_ever,
    a_provider_that_is_away_or_slow_keeps_no_password_out,
    without_a_single_sign_on_there_is_none_and_passwords_are_asked,
}

const ADMIN: &str = "administrator/all/root";
/// Whom the provider knows, and as whom we do.
const SUBJECT: &str = "f:7c9e/0007 芜";
const LOGIN: &str = "wei";
const WEI: &str = "station/jinghu-1/wei";
const PASSWORD: &str = "a long sentence for tests";

/// A browser is sent to the provider.
pub(crate) async fn begins(server: &Server) -> Reply {
    read(server.bare(Method::GET, "/api/v1/sign-ins/openid", &[])).await
}

/// Where it is sent, and the cookie that it keeps.
pub(crate) fn sent(begun: &Reply) -> (String, String) {
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let set = begun.headers["set-cookie"].to_str().unwrap();
    for part in
        ["__Host-hatchery-openid=hato_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"]
    {
        assert!(set.contains(part), "{set}");
    }
    let cookie = set.split(';').next().unwrap().to_owned();
    (begun.headers["location"].to_str().unwrap().to_owned(), cookie)
}

/// It comes back.
pub(crate) async fn comes_back(server: &Server, query: &str, cookie: Option<&str>) -> Reply {
    let headers: Vec<_> = cookie.iter().map(|cookie| ("cookie", *cookie)).collect();
    read(server.bare(Method::GET, &format!("/api/v1/sign-ins/openid/callback?{query}"), &headers)).await
}

/// A server with a provider, and an account of a station that is linked.
struct Office {
    server: Server,
    provider: Provider,
    account: String,
    settings: String,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn of(database: &TestDatabase) -> Self {
        let (provider, folder) = (Provider::start().await, tempfile::tempdir().unwrap());
        let settings = provider.settings(folder.path());
        let server = Self::node(database, &settings).await;
        server.keys().await.token(WEI).await;
        let accounts = server.send(Method::GET, "/api/v1/accounts", &[("hatchery-actor", ADMIN)], None).await.body;
        let account = accounts["items"].as_array().unwrap().iter().find(|account| account["login"] == LOGIN).unwrap();
        let account = account["account_id"].as_str().unwrap().to_owned();
        let office = Self { server, provider, account, settings, _folder: folder };
        let linked = office.administers("openid-links", &json!({ "subject": SUBJECT })).await;
        assert_eq!(linked.body["result"]["openid"]["subject"], SUBJECT, "{}", linked.body);
        assert_eq!(linked.body["result"]["openid"]["issuer"], office.provider.issuer);
        office
    }

    async fn node(database: &TestDatabase, settings: &str) -> Server {
        let command = ["serve", "--database-url", &database.setting(), "--config", settings];
        Server::run(command, database, Duration::from_secs(20)).await
    }

    async fn administers(&self, what: &str, body: &Value) -> Reply {
        self.server.post(ADMIN, &format!("/accounts/{}/{what}", self.account), body).await
    }

    /// Out and back; somebody signs in at the provider in between.
    async fn signs_in(&self, subject: &str) -> Reply {
        let (location, cookie) = sent(&begins(&self.server).await);
        comes_back(&self.server, &self.provider.signs_in(&location, subject), Some(&cookie)).await
    }

    /// Out and back, and refused.
    async fn refuses(&self, code: &str, reason: &str) {
        let reply = self.signs_in(SUBJECT).await;
        is_refused(&reply, code, reason);
    }

    async fn me(&self, cookie: &str) -> StatusCode {
        read(self.server.bare(Method::GET, "/api/v1/me", &[("cookie", cookie)])).await.status
    }
}

#[track_caller]
fn is_refused(reply: &Reply, code: &str, reason: &str) {
    let said = reply.body["reason"].as_str().unwrap_or_default();
    assert_eq!((&reply.body["code"], said), (&json!(code), reason), "{}", reply.body);
    assert_eq!(reply.body["status"], reply.status.as_u16());
    assert!(!reply.body["detail"].as_str().unwrap().is_ascii(), "it is said in Chinese: {}", reply.body);
    assert!(!reply.headers.contains_key("set-cookie"), "nobody is signed in");
}

/// The cookie of a sign-in.
#[track_caller]
fn cookie(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let all: Vec<&str> = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let [own, tried] = all.as_slice() else { panic!("{all:?}") };
    assert!(tried.starts_with("__Host-hatchery-openid=;") && tried.contains("Max-Age=0"), "{tried}");
    for part in ["__Host-hatchery=hats_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"]
    {
        assert!(own.contains(part), "{own}");
    }
    own.split(';').next().unwrap().to_owned()
}

async fn whoever_is_linked_signs_in_as_by_password(database: TestDatabase) {
    let office = Office::of(&database).await;
    let server = &office.server;
    server.keys().await.password(LOGIN, PASSWORD).await;
    let first = office.signs_in(SUBJECT).await;
    assert_eq!(first.body["result"]["must_change_password"], false, "{}", first.body);
    assert_eq!(first.headers["cache-control"], "no-store");
    let (one, two) = (cookie(&first), cookie(&office.signs_in(SUBJECT).await));
    let me = read(server.bare(Method::GET, "/api/v1/me", &[("cookie", &one)])).await.body;
    assert_eq!(me["person"], LOGIN, "{me}");

    // Listed with those by password, and ended like them.
    let body = json!({ "login": LOGIN, "password": PASSWORD });
    let by_password = read(server.bare(Method::POST, "/api/v1/sign-ins", &[]).json(&body)).await;
    assert_eq!(by_password.status, StatusCode::OK, "{}", by_password.body);
    let list = read(server.bare(Method::GET, "/api/v1/sign-ins", &[("cookie", &one)])).await.body;
    let ways: Vec<&str> = list["items"].as_array().unwrap().iter().map(|one| one["way"].as_str().unwrap()).collect();
    assert_eq!(ways.iter().filter(|way| **way == "openid").count(), 2, "{list}");
    assert!(ways.contains(&"password"), "{list}");
    let other = list["items"].as_array().unwrap().iter().find(|one| one["way"] == "openid" && one["current"] == false);
    let path = format!("/api/v1/sign-ins/{}/ending", other.unwrap()["sign_in_id"].as_str().unwrap());
    let ended = read(server.bare(Method::POST, &path, &[("cookie", &one)]).json(&json!({}))).await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.body);
    assert_eq!(office.me(&two).await, StatusCode::UNAUTHORIZED);
    assert_eq!(office.me(&one).await, StatusCode::OK);

    // A browser gets a page that goes on by itself; by a redirect it would come without its cookie.
    let (location, tried) = sent(&begins(server).await);
    let query = office.provider.signs_in(&location, SUBJECT);
    let path = format!("/api/v1/sign-ins/openid/callback?{query}");
    let headers = [("cookie", tried.as_str()), ("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let page = read(server.bare(Method::GET, &path, &headers)).await;
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{page:?}");
    assert!(page.body.as_str().unwrap().contains(r#"http-equiv="refresh" content="0; url=/""#), "{page:?}");
    let three = cookie(&page);

    // It is in the trail, as whom it was.
    let trail =
        server.send(Method::GET, "/api/v1/audit?kind=sign_in", &[("hatchery-actor", "auditor/all/shen")], None).await;
    let of_openid =
        |entry: &&Value| entry["operation"].as_str().is_some_and(|operation| operation.contains("/openid/callback"));
    let entries: Vec<&Value> = trail.body["items"].as_array().unwrap().iter().filter(of_openid).collect();
    assert_eq!(entries.len(), 3, "{}", trail.body);
    assert!(
        entries.iter().all(|entry| entry["actor"]["person"] == LOGIN && entry["outcome"] == "accepted"),
        "{entries:?}"
    );

    office.administers("disabling", &json!({})).await;
    assert_eq!(office.me(&one).await, StatusCode::UNAUTHORIZED);
    assert_eq!(office.me(&three).await, StatusCode::UNAUTHORIZED);
    assert_eq!((office.provider.asked("described"), office.provider.asked("keys")), (1, 1), "both are kept");
}

async fn nobody_is_let_in_whom_no_administrator_has_linked(database: TestDatabase) {
    let office = Office::of(&database).await;
    let before = office.server.send(Method::GET, "/api/v1/accounts", &[("hatchery-actor", ADMIN)], None).await.body;
    // By whatever else the provider says of somebody: a mail address may be anybody's tomorrow.
    office.provider.claims(json!({ "email": LOGIN, "email_verified": true, "preferred_username": LOGIN }));
    let stranger = office.signs_in("somebody else").await;
    is_refused(&stranger, "openid_not_linked", "");
    office.administers("openid-links", &json!({ "subject": "another" })).await;
    is_refused(&office.signs_in(SUBJECT).await, "openid_not_linked", "");
    let signed_in = cookie(&office.signs_in("another").await);
    office.administers("openid-unlinking", &json!({})).await;
    assert_eq!(office.me(&signed_in).await, StatusCode::UNAUTHORIZED, "without the link its sign-ins end");
    is_refused(&office.signs_in("another").await, "openid_not_linked", "");
    let after = office.server.send(Method::GET, "/api/v1/accounts", &[("hatchery-actor", ADMIN)], None).await.body;
    assert_eq!(before["items"].as_array().unwrap().len(), after["items"].as_array().unwrap().len());

    // One name, one account; and nobody links their own.
    office.administers("openid-links", &json!({ "subject": SUBJECT })).await;
    let body = json!({ "login": "li", "grants": [{ "role": "auditor", "unit": "all" }], "without_password": true });
    let made = office.server.does(ADMIN, "/accounts", &body).await;
    let li = format!("/accounts/{}/openid-links", made["result"]["account"]["account_id"].as_str().unwrap());
    office.server.refuses("openid_subject_taken", ADMIN, &li, &json!({ "subject": SUBJECT })).await;
    office.server.refuses("validation_failed", ADMIN, &li, &json!({ "subject": " " })).await;
    let all = after["items"].as_array().unwrap();
    let own = all.iter().find(|account| account["login"] == "root").unwrap()["account_id"].as_str().unwrap();
    let own = format!("/accounts/{own}/openid-links");
    office.server.refuses("own_account", ADMIN, &own, &json!({ "subject": "me" })).await;
    office.administers("disabling", &json!({})).await;
    is_refused(&office.signs_in(SUBJECT).await, "openid_not_linked", "");
    office.administers("enabling", &json!({})).await;
    cookie(&office.signs_in(SUBJECT).await);

    // The same from the command line.
    let Office { server, settings, provider, .. } = office;
    server.stop();
    succeeds(&database, &["user", "unlink", LOGIN, "--config", &settings]);
    succeeds(&database, &["user", "link", "li", "--subject", SUBJECT, "--config", &settings]);
    let list = succeeds(&database, &["user", "list"]);
    assert!(list.contains(&format!("li (openid {SUBJECT})")), "{list}");
    let server = Office::node(&database, &settings).await;
    let (location, tried) = sent(&begins(&server).await);
    let reply = comes_back(&server, &provider.signs_in(&location, SUBJECT), Some(&tried)).await;
    cookie(&reply);
}

async fn a_callback_is_of_use_once_and_only_to_the_browser_that_began(database: TestDatabase) {
    let office = Office::of(&database).await;
    let (server, provider) = (&office.server, &office.provider);
    let (location, mine) = sent(&begins(server).await);
    let (_, others) = sent(&begins(server).await);
    let query = provider.signs_in(&location, SUBJECT);
    is_refused(&comes_back(server, &query, None).await, "openid_state_invalid", "no_cookie");
    let garbled = "__Host-hatchery-openid=hato_garbled";
    is_refused(&comes_back(server, &query, Some(garbled)).await, "openid_state_invalid", "no_cookie");
    is_refused(&comes_back(server, &query, Some(&others)).await, "openid_state_invalid", "wrong_state");
    let stateless = query.split_once('&').unwrap().1;
    is_refused(&comes_back(server, stateless, Some(&mine)).await, "openid_state_invalid", "wrong_state");
    let state = query.split('&').next().unwrap();
    let denied = format!("{state}&error=access_denied&error_description=no");
    is_refused(&comes_back(server, &denied, Some(&mine)).await, "openid_refused", "denied");
    let mixed = query.replace("iss=", "iss=x");
    is_refused(&comes_back(server, &mixed, Some(&mine)).await, "openid_token_invalid", "issuer");
    let invented = format!("{query}-invented");
    is_refused(&comes_back(server, &invented, Some(&mine)).await, "openid_refused", "code_not_taken");
    assert_eq!(provider.asked("token"), 1, "the provider was asked by what fits only");
    cookie(&comes_back(server, &query, Some(&mine)).await);
    is_refused(&comes_back(server, &query, Some(&mine)).await, "openid_refused", "code_not_taken");

    // Even where the provider takes a code twice; on another node, too, where there may be one.
    *provider.state.careless.lock().unwrap() = true;
    let second = match &database.url {
        store::DbUrl::Postgres(_) => Some(Office::node(&database, &office.settings).await),
        store::DbUrl::Sqlite(_) => None,
    };
    let second = second.as_ref().unwrap_or(server);
    let (location, mine) = sent(&begins(server).await);
    let query = provider.signs_in(&location, SUBJECT);
    cookie(&comes_back(second, &query, Some(&mine)).await);
    is_refused(&comes_back(server, &query, Some(&mine)).await, "openid_state_invalid", "used");

    // A try that began eleven minutes ago.
    let old = format!("hato_x.{}", Utc::now().timestamp() - 660);
    let state = digest(&SHA256, format!("hatchery openid state {old}").as_bytes());
    let late = format!("state={}&code=x&iss=x", BASE64_URL_SAFE_NO_PAD.encode(state));
    let old = format!("__Host-hatchery-openid={old}");
    is_refused(&comes_back(server, &late, Some(&old)).await, "openid_state_invalid", "expired");
}

async fn an_identity_token_that_does_not_hold_lets_nobody_in(database: TestDatabase) {
    let office = Office::of(&database).await;
    let provider = &office.provider;
    let now = Utc::now().timestamp();
    for (claims, reason) in [
        (json!({ "iss": "https://evil.example" }), "issuer"),
        (json!({ "iss": [provider.issuer, "https://evil.example"] }), "malformed"),
        (json!({ "aud": "another" }), "audience"),
        (json!({ "aud": [provider::CLIENT, "another"] }), "audience"),
        (json!({ "aud": [provider::CLIENT, "another"], "azp": "another" }), "audience"),
        (json!({ "azp": "another" }), "audience"),
        (json!({ "exp": now - 90 }), "expired"),
        (json!({ "nbf": now + 90 }), "expired"),
        (json!({ "exp": "never" }), "malformed"),
        (json!({ "nonce": "another" }), "nonce"),
        (json!({ "nonce": null }), "nonce"),
        (json!({ "exp": null }), "malformed"),
        (json!({ "iss": null }), "malformed"),
        (json!({ "aud": null }), "malformed"),
        (json!({ "sub": null }), "malformed"),
        (json!({ "sub": " " }), "malformed"),
    ] {
        provider.claims(claims);
        office.refuses("openid_token_invalid", reason).await;
    }
    provider.claims(json!({ "aud": [provider::CLIENT, "another"], "azp": provider::CLIENT }));
    cookie(&office.signs_in(SUBJECT).await);
    provider.claims(json!({}));

    let public = Signing::rsa("RS256").public_text();
    for (signing, reason) in [
        (Signing::none(), "algorithm"),
        (Signing::none().called("RS256"), "signature"),
        (Signing::shared(&public), "algorithm"),
        (Signing::shared(&public).called("RS256"), "signature"),
        (Signing::shared(provider::SECRET.as_bytes()), "algorithm"),
        // Other keys than those published, under their names or under none.
        (Signing::rsa("RS256").called("RS512").called("PS256").called("RS384"), "signature"),
        (Signing::elliptic("ES256", "rsa-1"), "unknown_key"),
        (Signing::edwards("ed-1"), "unknown_key"),
        (Signing::rsa("RS256").named(Some("of tomorrow")), "unknown_key"),
    ] {
        provider.signs(signing);
        office.refuses("openid_token_invalid", reason).await;
    }
    let published = Signing::elliptic("ES256", "ec-1");
    provider.state.published.lock().unwrap().push(published.published());
    let foreign = Signing::elliptic("ES256", "ec-1");
    drop(published);
    provider.signs(foreign);
    let reply = office.signs_in(SUBJECT).await;
    let reason = reply.body["reason"].as_str().unwrap().to_owned();
    // The keys were asked for often enough above, so the new one may not have been looked for.
    assert!(["signature", "unknown_key"].contains(&reason.as_str()), "{}", reply.body);
    provider.signs(Signing::rsa("RS256"));
    cookie(&office.signs_in(SUBJECT).await);
}

async fn keys_are_fetched_when_there_are_new_ones_and_not_for_ever(database: TestDatabase) {
    let office = Office::of(&database).await;
    let provider = &office.provider;
    assert_eq!(provider.asked("described"), 0, "nothing is asked before somebody signs in");
    for signing in
        [Signing::rsa("RS256"), Signing::rsa("RS512"), Signing::rsa("PS256"), Signing::rsa("RS256").named(None)]
    {
        provider.signs(signing);
        cookie(&office.signs_in(SUBJECT).await);
    }
    assert_eq!(provider.asked("keys"), 1);
    for (times, signing) in
        [Signing::elliptic("ES256", "ec-1"), Signing::elliptic("ES384", "ec-2"), Signing::edwards("ed-1")]
            .into_iter()
            .enumerate()
    {
        provider.state.published.lock().unwrap().push(signing.published());
        provider.signs(signing);
        cookie(&office.signs_in(SUBJECT).await);
        cookie(&office.signs_in(SUBJECT).await);
        assert_eq!(provider.asked("keys"), 2 + times);
    }
    // Another key under a name that is known; and names that are not, again and again.
    provider.signs(Signing::elliptic("ES256", "ec-1"));
    office.refuses("openid_token_invalid", "signature").await;
    provider.signs(Signing::elliptic("ES256", "unknown"));
    for _ in 0..5 {
        office.refuses("openid_token_invalid", "unknown_key").await;
    }
    assert_eq!(provider.asked("keys"), 5, "four times in a minute, no more");
}

async fn a_provider_that_is_away_or_slow_keeps_no_password_out(database: TestDatabase) {
    let office = Office::of(&database).await;
    let server = &office.server;
    server.keys().await.password(LOGIN, PASSWORD).await;
    let (location, mine) = sent(&begins(server).await);
    let query = office.provider.signs_in(&location, SUBJECT);
    *office.provider.state.slow.lock().unwrap() = true;
    let asked = Instant::now();
    let slow = comes_back(server, &query, Some(&mine)).await;
    is_refused(&slow, "openid_unavailable", "");
    assert!(asked.elapsed() < Duration::from_secs(12), "{:?}", asked.elapsed());
    assert!(slow.headers.contains_key("retry-after"));
    *office.provider.state.slow.lock().unwrap() = false;
    cookie(&comes_back(server, &query, Some(&mine)).await);

    let (location, mine) = sent(&begins(server).await);
    let query = office.provider.signs_in(&location, SUBJECT);
    let Office { server, provider, settings, .. } = office;
    provider.goes().await;
    is_refused(&comes_back(&server, &query, Some(&mine)).await, "openid_unavailable", "");
    // A node that never knew it.
    server.stop();
    let server = Office::node(&database, &settings).await;
    let away = begins(&server).await;
    is_refused(&away, "openid_unavailable", "");
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    let body = json!({ "login": LOGIN, "password": PASSWORD });
    let signed_in = read(server.bare(Method::POST, "/api/v1/sign-ins", &[]).json(&body)).await;
    assert_eq!(signed_in.status, StatusCode::OK, "{}", signed_in.body);
}

async fn without_a_single_sign_on_there_is_none_and_passwords_are_asked(database: TestDatabase) {
    let server = Server::start(&database).await;
    let cookie = Some("__Host-hatchery-openid=hato_x.1");
    for reply in [begins(&server).await, comes_back(&server, "code=x&state=y", cookie).await] {
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        is_refused(&reply, "openid_not_configured", "");
    }
    server.keys().await.token(WEI).await;
    let accounts = server.send(Method::GET, "/api/v1/accounts", &[("hatchery-actor", ADMIN)], None).await.body;
    let wei = accounts["items"].as_array().unwrap().iter().find(|account| account["login"] == LOGIN).unwrap();
    let links = format!("/accounts/{}/openid-links", wei["account_id"].as_str().unwrap());
    server.refuses("openid_not_configured", ADMIN, &links, &json!({ "subject": SUBJECT })).await;
}
