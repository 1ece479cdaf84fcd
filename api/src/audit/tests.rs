//! What the layer makes of answers that no resource of ours gives yet.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use chrono::Utc;
use store::audit::{Filter, Order, list};
use tower::ServiceExt as _;

use super::*;
use crate::access::testing::as_claimed;
use crate::headers::ACTOR;
use crate::layers::request_id;
use crate::problem::render::render;
use crate::testing::House;

/// Routes with the layer around them.
fn router(house: &House) -> Router {
    let app = Arc::clone(&house.app);
    let exported = async move |trail: Trail| -> Result<Response, Problem> {
        let entry = trail.entry(Kind::Export, Utc::now()).with("rows", 12);
        trail.record(&app, entry).await?;
        Ok(([(POSITION, "7")], "a,b").into_response())
    };
    Router::new()
        .route("/cycles/{cycle}/export", get(exported))
        .route(
            "/people/{person_id}",
            get(async |trail: Trail| {
                trail.tries(Kind::Unmasking);
                "whole"
            }),
        )
        .route("/cycles/{cycle}/hidden", get(async || (Extensions(Concealed), Problem::not_found("cycle"))))
        .route(
            "/sign-in",
            post(async |trail: Trail| {
                trail.tries(Kind::SignIn);
                trail.acting(Who { person: Some("li".to_owned()), ..Who::default() });
                Problem::of(Code::NotAuthenticated)
            }),
        )
        .route("/hurried", post(async || (Extensions(Hurried), Problem::of(Code::RateLimited))))
        .route("/broken", post(async || -> Problem { Problem::internal(&"made up") }))
        .layer(from_fn_with_state(Audit::of(Arc::clone(&house.app)), audited))
        .layer(from_fn(as_claimed))
        .layer(from_fn(render))
        .layer(from_fn(request_id))
}

/// Adds to an answer what only layers see.
struct Extensions<T>(T);

impl<T: Clone + Send + Sync + 'static> axum::response::IntoResponseParts for Extensions<T> {
    type Error = std::convert::Infallible;

    fn into_response_parts(
        self,
        mut parts: axum::response::ResponseParts,
    ) -> Result<axum::response::ResponseParts, Self::Error> {
        parts.extensions_mut().insert(self.0);
        Ok(parts)
    }
}

async fn entries(house: &House, kind: Kind) -> Vec<Entry> {
    let filter = Filter { kinds: vec![kind], ..Filter::default() };
    let all = list(house.app.store().db(), &filter, Order::Ascending, None, 99).await.unwrap();
    all.into_iter().filter(|entry| entry.decided.is_none()).collect()
}

async fn send(house: &House, request: axum::http::request::Builder) -> Response {
    let request = request.header(ACTOR, "office/wuhu-incubation/zhang").body(axum::body::Body::empty());
    router(house).oneshot(request.unwrap()).await.unwrap()
}

#[tokio::test]
async fn an_export_is_recorded_once_with_what_its_handler_knows() {
    let house = House::empty().await;
    let response = send(&house, Request::get("/cycles/wuhu-incubation-2026/export")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let all = entries(&house, Kind::Export).await;
    let [entry] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((&entry.detail["rows"], entry.outcome), (&12.into(), Outcome::Accepted));
    assert_eq!(entry.operation.as_deref(), Some("GET /cycles/{cycle}/export"));
    assert_eq!(entry.targets, [Target::new("cycle", "wuhu-incubation-2026")]);
    assert_eq!(entry.who.person.as_deref(), Some("zhang"));
}

#[tokio::test]
async fn what_a_handler_says_it_tries_is_recorded_whatever_becomes_of_it() {
    let house = House::empty().await;
    send(&house, Request::get("/people/7")).await;
    let all = entries(&house, Kind::Unmasking).await;
    assert_eq!((all.len(), all[0].outcome, all[0].status), (1, Outcome::Accepted, Some(200)));
    assert_eq!(all[0].targets, [], "a key of no known kind is not kept");

    send(&house, Request::post("/sign-in")).await;
    let all = entries(&house, Kind::SignIn).await;
    assert_eq!((all.len(), all[0].outcome, all[0].code.as_deref()), (1, Outcome::Refused, Some("not_authenticated")));
    assert_eq!(all[0].who, Who { person: Some("li".to_owned()), ..Who::default() }, "as found out, not as claimed");
}

#[tokio::test]
async fn a_concealed_resource_and_a_failure_are_recorded() {
    let house = House::empty().await;
    send(&house, Request::get("/cycles/wuhu-incubation-2026/hidden")).await;
    let all = entries(&house, Kind::Read).await;
    assert_eq!((all.len(), all[0].code.as_deref(), all[0].status), (1, Some("not_found"), Some(404)));
    send(&house, Request::post("/broken")).await;
    let all = entries(&house, Kind::Command).await;
    assert_eq!((all.len(), all[0].outcome, all[0].code.as_deref()), (1, Outcome::Failed, Some("internal")));
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_answered_as_if_it_were() {
    let house = House::empty().await;
    house.meddle("ALTER TABLE audit RENAME TO elsewhere").await;
    let sign_in = send(&house, Request::post("/sign-in")).await;
    assert_eq!(sign_in.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let shown = send(&house, Request::get("/people/7")).await;
    assert_eq!(shown.status(), StatusCode::INTERNAL_SERVER_ERROR);
    house.meddle("ALTER TABLE elsewhere RENAME TO audit").await;
    let sign_in = send(&house, Request::post("/sign-in")).await;
    assert_eq!(sign_in.status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn only_keys_of_a_known_kind_are_kept_of_a_path() {
    let route = "/api/v1/cycles/{cycle}/organizations/{uscc}/visits/{visit_id}";
    let path = "/api/v1/cycles/wuhu-incubation-2026/organizations/91350100m000100y43/visits/13900000000";
    let known = [Target::new("cycle", "wuhu-incubation-2026"), Target::new("organization", "91350100M000100Y43")];
    assert_eq!(targets(route, path), known);
    assert_eq!(targets(route, "/api/v1/cycles/a b/organizations/张三/visits/x"), []);
}

#[tokio::test]
async fn of_those_who_ask_too_often_a_minute_takes_so_many() {
    let house = House::empty().await;
    let router = router(&house);
    let command = async |path: &str| {
        let request = Request::post(path).header(ACTOR, "station/jinghu-1/li").body(axum::body::Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status()
    };
    for _ in 0..320 {
        assert_eq!(command("/hurried").await, StatusCode::TOO_MANY_REQUESTS);
    }
    let filter = Filter { kinds: vec![Kind::Command], ..Filter::default() };
    let all = list(house.app.store().db(), &filter, Order::Ascending, None, 400).await.unwrap();
    assert_eq!(all.len(), 300);
    assert_eq!((&*all[0].code.clone().unwrap(), all[0].who.person.as_deref()), ("rate_limited", Some("li")));
}
