//! Who looks at a page, and what he asks of the API.

use std::net::SocketAddr;
use std::sync::Arc;

use api::access::COOKIE;
use api::answer::Answer;
use api::headers::{ACTOR, IDEMPOTENCY_KEY, MIN_POSITION};
use api::language::Language;
use api::layers::{REQUEST_ID, RequestId};
use api::openapi::PREFIX;
use api::resources::me::{Me, Office};
use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::{Builder, Parts};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cookies;
use crate::failure::Failure;
use crate::form::token;
use crate::inside::{Heard, Inside};

/// What a request to the API carries on from the page's own.
const CARRIED: [HeaderName; 5] = [
    header::HOST,
    header::ORIGIN,
    header::USER_AGENT,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("x-forwarded-for"),
];

/// A visitor, signed in or not.
#[derive(Debug)]
pub(crate) struct Visitor {
    inside: Inside,
    carried: HeaderMap,
    connection: Option<ConnectInfo<SocketAddr>>,
    /// The secret of the sign-in, as the browser sent it.
    sign_in: Option<String>,
    /// The secret that tokens of forms are made with, and whether the browser has yet to learn it.
    form_key: String,
    pub(crate) form_key_is_new: bool,
    office: Option<String>,
    pub(crate) language: Language,
    /// Path and query of the page.
    pub(crate) place: String,
    /// The position that the page has to show: of what was just done.
    seen: Option<u64>,
}

/// What a command is sent with.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sending<'s> {
    /// The submission id of the form: one record, however often it is sent.
    pub(crate) submission: Option<&'s str>,
    /// The version that the form was made for.
    pub(crate) version: Option<&'s str>,
}

/// What was read, with its tag and position.
#[derive(Debug)]
pub(crate) struct Seen<T> {
    pub(crate) body: T,
    pub(crate) etag: Option<String>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done<T> {
    pub(crate) result: T,
    /// The position of its last event.
    pub(crate) position: Option<u64>,
    /// For the sign-in's cookie.
    pub(crate) headers: HeaderMap,
}

impl Visitor {
    /// The visitor of a request.
    pub(crate) fn of(inside: Inside, request: &Request) -> Self {
        let headers = request.headers();
        let mut carried = HeaderMap::new();
        for name in CARRIED {
            for value in headers.get_all(&name) {
                carried.append(name.clone(), value.clone());
            }
        }
        if let Some(id) = request.extensions().get::<RequestId>().and_then(|id| HeaderValue::from_str(id.as_str()).ok())
        {
            carried.insert(REQUEST_ID, id);
        }
        let language = match cookies::find(headers, cookies::LANGUAGE) {
            Some("en") => Language::English,
            Some(_) => Language::Chinese,
            None => Language::preferred(headers),
        };
        carried.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(language.tag()));
        let known = cookies::find(headers, cookies::FORM).filter(|key| token::is_key(key)).map(ToOwned::to_owned);
        Self {
            inside,
            carried,
            connection: request.extensions().get().copied(),
            sign_in: cookies::find(headers, COOKIE).map(ToOwned::to_owned),
            form_key_is_new: known.is_none(),
            form_key: known.unwrap_or_else(token::new_key),
            office: cookies::find(headers, cookies::OFFICE).map(ToOwned::to_owned),
            language,
            place: request.uri().path_and_query().map_or("/", |place| place.as_str()).to_owned(),
            seen: request.uri().query().and_then(|query| {
                form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "seen")?.1.parse().ok()
            }),
        }
    }

    /// The id of the request.
    pub(crate) fn request_id(&self) -> Option<String> {
        self.carried.get(REQUEST_ID)?.to_str().ok().map(ToOwned::to_owned)
    }

    /// Whether the browser has sent the cookie of a sign-in.
    pub(crate) const fn has_cookie(&self) -> bool {
        self.sign_in.is_some()
    }

    /// The token that forms for this visitor carry.
    pub(crate) fn token(&self) -> String {
        token::of(&self.form_key, self.sign_in.as_deref())
    }

    /// The token that forms carry after signing in under this secret.
    pub(crate) fn token_under(&self, sign_in: &str) -> String {
        token::of(&self.form_key, Some(sign_in))
    }

    /// Whether a form's token is this visitor's.
    pub(crate) fn holds(&self, given: &str) -> bool {
        token::is(&self.form_key, self.sign_in.as_deref(), given)
    }

    /// The cookie that the browser has yet to learn.
    pub(crate) fn form_cookie(&self) -> Option<HeaderValue> {
        self.form_key_is_new.then(|| cookies::set(cookies::FORM, &self.form_key, None)).flatten()
    }

    /// A request to the API as this visitor.
    fn request(&self, method: Method, path: &str) -> Builder {
        let mut request = Request::builder().method(method).uri(format!("{PREFIX}{path}"));
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.carried.clone());
            let cookie = self.sign_in.as_ref().map(|secret| format!("{COOKIE}={secret}"));
            if let Some(cookie) = cookie.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(header::COOKIE, cookie);
            }
        }
        match self.connection {
            Some(connection) => request.extension(connection),
            None => request,
        }
    }

    async fn ask(&self, request: Builder, body: Body) -> Result<Heard, Failure> {
        self.inside.ask(request.body(body).map_err(Failure::internal)?).await
    }

    /// Who he is; what he has chosen to act as, if he still may, else the first that he may.
    async fn me(&self) -> Result<(Me, Office), Failure> {
        if self.sign_in.is_none() {
            return Err(Failure::NotSignedIn);
        }
        let me: Me = self.ask(self.request(Method::GET, "/me"), Body::empty()).await?.read()?;
        let chosen = me.offices.iter().find(|office| Some(&office.actor) == self.office.as_ref());
        let office = chosen.or_else(|| me.offices.first()).cloned();
        let office = office.ok_or_else(|| Failure::internal("an account without a role was let in"))?;
        Ok((me, office))
    }

    /// Sends what needs no sign-in.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Done<T>, Failure> {
        let request = self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        let body = serde_json::to_vec(body).map_err(Failure::internal)?;
        done(&self.ask(request, Body::from(body)).await?)
    }
}

fn done<T: DeserializeOwned>(heard: &Heard) -> Result<Done<T>, Failure> {
    let Answer { result, .. } = heard.read()?;
    Ok(Done { result, position: heard.position(), headers: heard.headers.clone() })
}

/// A visitor who is signed in, acting in one of his roles.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) visitor: Arc<Visitor>,
    pub(crate) me: Arc<Me>,
    pub(crate) office: Office,
}

impl User {
    pub(crate) async fn of(visitor: Arc<Visitor>) -> Result<Self, Failure> {
        let (me, office) = visitor.me().await?;
        Ok(Self { visitor, me: Arc::new(me), office })
    }

    pub(crate) fn language(&self) -> Language {
        self.visitor.language
    }

    fn request(&self, method: Method, path: &str) -> Builder {
        let request = self.visitor.request(method, path).header(ACTOR, &self.office.actor);
        match self.visitor.seen {
            Some(position) => request.header(MIN_POSITION, position),
            None => request,
        }
    }

    /// Reads.
    pub(crate) async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        Ok(self.see(path).await?.body)
    }

    /// Reads, with the tag.
    pub(crate) async fn see<T: DeserializeOwned>(&self, path: &str) -> Result<Seen<T>, Failure> {
        let heard = self.visitor.ask(self.request(Method::GET, path), Body::empty()).await?;
        Ok(Seen { body: heard.read()?, etag: heard.etag() })
    }

    /// Commands.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        with: Sending<'_>,
    ) -> Result<Done<T>, Failure> {
        let mut request = self.request(Method::POST, path).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = with.submission {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(version) = with.version {
            request = request.header(header::IF_MATCH, version);
        }
        let body = serde_json::to_vec(body).map_err(Failure::internal)?;
        done(&self.visitor.ask(request, Body::from(body)).await?)
    }

    /// Sends a body of another kind.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<T, Failure> {
        let request = self.request(Method::POST, path).header(header::CONTENT_TYPE, content_type);
        let Done { result, .. } = done(&self.visitor.ask(request, Body::from(body)).await?)?;
        Ok(result)
    }

    /// Reads in another form, to be passed on as it comes.
    pub(crate) async fn fetch(&self, path: &str, accept: &'static str) -> Result<Response, Failure> {
        let request = self.request(Method::GET, path).header(header::ACCEPT, accept);
        let request = request.body(Body::empty()).map_err(Failure::internal)?;
        let response = self.visitor.inside.pass(request).await;
        if response.status().is_success() {
            return Ok(response);
        }
        // Asked again as what a page reads: the problem is the same.
        self.visitor.ask(self.request(Method::GET, path), Body::empty()).await?;
        Err(Failure::internal(format_args!("{path} is not to be had as {accept}")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        Self::of(visitor(parts)?).await
    }
}

/// The visitor, signed in or not.
pub(crate) struct Anybody(pub(crate) Arc<Visitor>);

impl<S: Send + Sync> FromRequestParts<S> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        visitor(parts).map(Self)
    }
}

fn visitor(parts: &Parts) -> Result<Arc<Visitor>, Failure> {
    parts.extensions.get().cloned().ok_or_else(|| Failure::internal("a request without its visitor"))
}
