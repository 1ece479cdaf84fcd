//! Answers kept in memory: the same question is answered again for as long as the log stands where it stood.
//!
//! A node knows where the log stands without asking: it appends itself, and is told of what other nodes append. While
//! it is not told, nothing kept is given. So a kept answer shows at once what this node did, and what another did as
//! soon as this one has heard of it; who needs more names a position, as ever.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use app::access::Admitted;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::headers::{MIN_POSITION, POSITION, unless_known};
use crate::layers::RequestId;
use crate::problem::Problem;
use crate::state::Api;

/// All that is kept, in bytes of bodies and questions.
const BYTES: usize = 8 << 20;
/// The longest body that is kept.
const LONGEST: u64 = 256 << 10;
/// Answers tell days; a day begins somewhere every quarter of an hour, and nowhere between.
const QUARTER: i64 = 15 * 60;

/// Marks an answer that says nothing but what the read models showed at its position.
#[derive(Debug, Clone, Copy)]
struct Keep;

/// Lets an answer be kept, unless it is too long.
pub(crate) fn allow(response: &mut Response) {
    if response.body().size_hint().exact().is_some_and(|bytes| bytes <= LONGEST) {
        response.extensions_mut().insert(Keep);
    }
}

/// When an answer holds: where the log stands, and the quarter of an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Time {
    position: u64,
    quarter: i64,
}

#[derive(Debug, Clone)]
struct Answer {
    headers: HeaderMap,
    body: Bytes,
}

/// Answers of one time; those of an earlier one are forgotten with the first of a later one.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    time: Time,
    by_question: HashMap<String, Answer>,
    bytes: usize,
}

impl Kept {
    fn find(&self, question: &str) -> Option<(Time, Answer)> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some((answers.time, answers.by_question.get(question)?.clone()))
    }

    fn keep(&self, time: Time, question: String, answer: Answer) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if time > answers.time {
            *answers = Answers { time, ..Answers::default() };
        }
        let bytes = answers.bytes + question.len() + answer.body.len();
        if time == answers.time && bytes <= BYTES {
            answers.bytes = bytes;
            answers.by_question.insert(question, answer);
        }
    }
}

/// Headers that make a request one of its own: it wants more than what is kept.
const OWN: [HeaderName; 3] = [MIN_POSITION, header::CACHE_CONTROL, header::RANGE];
/// Headers that choose between the forms of an answer.
const CHOOSING: [HeaderName; 3] = [header::ACCEPT, header::ACCEPT_ENCODING, header::ACCEPT_LANGUAGE];

/// All that makes two requests the same question: what is asked, in which form, and by whom as far as that tells
/// what may be seen.
fn question(request: &Request, admitted: &Admitted) -> String {
    let mut question = request.uri().to_string();
    let (scope, sight) = (&admitted.scope, admitted.sight);
    if scope.is_all() {
        question.push_str("\nall ");
    } else {
        let _ = write!(question, "\n{scope:?} ");
    }
    let _ =
        write!(question, "{}{}{}", u8::from(sight.contacts), u8::from(sight.grounds), u8::from(sight.incident_papers));
    for name in CHOOSING {
        for value in request.headers().get_all(&name) {
            question.push('\n');
            question.push_str(name.as_str());
            question.extend(value.as_bytes().iter().map(|byte| char::from(*byte)));
        }
    }
    question
}

/// Gives a kept answer if it still holds, and keeps what may be kept. Stands outside of everything else: what is kept
/// is whole, but for the request's id.
///
/// Only who was let in is given anything; who sees the same rows and fields is given the same. Who wants it afresh says
/// `Cache-Control: no-cache`. A request that names a position is answered by its handler.
pub(crate) async fn kept(State(api): State<Api>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if request.method() != Method::GET || OWN.iter().any(|name| headers.contains_key(name)) {
        return next.run(request).await;
    }
    let Some(admitted) = request.extensions().get::<Arc<Admitted>>() else { return next.run(request).await };
    let question = question(&request, admitted);
    let quarter = api.app().clock().now().timestamp().div_euclid(QUARTER);
    let known = || api.app().store().feed().known_head();
    if let (Some(position), Some((time, answer))) = (known(), api.kept().find(&question))
        && time == (Time { position, quarter })
    {
        let mut response = (StatusCode::OK, answer.headers, answer.body).into_response();
        RequestId::of(&request).stamp(&mut response);
        return unless_known(headers.get_all(header::IF_NONE_MATCH).iter(), response);
    }
    let response = next.run(request).await;
    let position = response.headers().get(POSITION).and_then(|value| value.to_str().ok()?.parse().ok());
    // A read model that is not at the head would change the answer without an event.
    let position = position.filter(|position| known() == Some(*position));
    let keep = response.extensions().get::<Keep>().is_some() && response.status() == StatusCode::OK;
    let (true, Some(position)) = (keep, position) else { return response };
    let (parts, body) = response.into_parts();
    let body = match to_bytes(body, usize::MAX).await {
        Ok(body) => body,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let answer = Answer { headers: parts.headers.clone(), body: body.clone() };
    api.kept().keep(Time { position, quarter }, question, answer);
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use chrono::TimeDelta;
    use serde_json::json;

    use super::*;
    use crate::testing::{CYCLE, House, OFFICE, PROGRAM, Reply};

    fn url(path: &str) -> String {
        format!("/api/v1/cycles/{CYCLE}/{path}")
    }

    async fn ask(house: &House, path: &str, header: Option<(&str, &str)>) -> Reply {
        let mut request = Request::get(url(path));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        house.send(request.body(Body::empty()).unwrap()).await
    }

    /// Takes the files from a read model, so that an answer tells where it came from.
    async fn empty_the_roster(house: &House) {
        house.meddle("DELETE FROM roster WHERE standing IS NOT NULL").await;
    }

    fn rows(reply: Reply) -> usize {
        reply.ok()["items"].as_array().unwrap().len()
    }

    #[tokio::test]
    async fn an_answer_is_given_again_as_it_was() {
        let house = House::seeded().await;
        let first = ask(&house, "roster", None).await;
        empty_the_roster(&house).await;
        let second = ask(&house, "roster", None).await;
        assert_eq!(second.bytes, first.bytes);
        for name in [header::ETAG, POSITION, header::CONTENT_TYPE, header::CACHE_CONTROL] {
            assert_eq!(second.header(&name), first.header(&name), "{name}");
        }
        let tag = first.header(header::ETAG).to_owned();
        let unchanged = ask(&house, "roster", Some(("if-none-match", &tag))).await;
        assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
        assert_eq!(rows(ask(&house, "roster?standing=all", None).await), 0, "another question is another answer");
    }

    #[tokio::test]
    async fn each_form_of_an_answer_is_kept_by_itself_and_each_request_has_its_id() {
        let house = House::seeded().await;
        for _ in ["made", "kept"] {
            let plain = ask(&house, "roster", None).await;
            assert_eq!(rows(plain), 1);
            let packed = ask(&house, "roster", Some(("accept-encoding", "gzip"))).await;
            assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip");
            assert!(packed.bytes.starts_with(&[0x1f, 0x8b]));
            let named = ask(&house, "roster", Some(("x-request-id", "mine"))).await;
            assert_eq!(named.header("x-request-id"), "mine");
            let refused = ask(&house, "roster", Some(("accept", "text/html"))).await;
            assert_eq!(refused.status, StatusCode::NOT_ACCEPTABLE);
            empty_the_roster(&house).await;
        }
        let other = ask(&house, "roster", Some(("x-request-id", "another"))).await;
        assert_eq!(other.header("x-request-id"), "another");
        assert_eq!(rows(other), 1);
    }

    #[tokio::test]
    async fn what_was_asked_for_afresh_is_made_afresh() {
        let house = House::seeded().await;
        assert_eq!(rows(ask(&house, "roster", None).await), 1);
        empty_the_roster(&house).await;
        for header in [("cache-control", "no-cache"), ("hatchery-min-position", "1")] {
            assert_eq!(rows(ask(&house, "roster", Some(header)).await), 0, "{header:?}");
        }
        ask(&house, "roster", Some(("hatchery-actor", "nobody"))).await.refused("malformed_header");
    }

    #[tokio::test]
    async fn an_event_ends_what_was_kept() {
        let house = House::seeded().await;
        let before = ask(&house, "roster", None).await;
        let until = json!({ "ends_on": "2028-06-01", "reason": "延期", "occurred_on": "2026-06-01" });
        house.post(OFFICE, &format!("/cycles/{CYCLE}/extensions"), &until).await.ok();
        let after = ask(&house, "roster", None).await;
        assert_ne!(after.header(header::ETAG), before.header(header::ETAG));
        assert!(after.body["position"].as_u64() > before.body["position"].as_u64());
    }

    #[tokio::test]
    async fn a_new_day_ends_what_was_kept() {
        let house = House::seeded().await;
        assert_eq!(rows(ask(&house, "roster", None).await), 1);
        empty_the_roster(&house).await;
        house.clock.set(house.clock.now() + TimeDelta::minutes(14));
        assert_eq!(rows(ask(&house, "roster", None).await), 1, "no day begins in between");
        house.clock.set(house.clock.now() + TimeDelta::minutes(1));
        assert_eq!(rows(ask(&house, "roster", None).await), 0);
    }

    #[tokio::test]
    async fn nothing_is_kept_while_a_read_model_is_behind() {
        let house = House::seeded().await;
        let stop = "UPDATE checkpoints SET status = 'stopped', position = (SELECT position - 1 FROM head) WHERE model = 'schedule'";
        house.meddle(stop).await;
        assert_eq!(rows(ask(&house, "roster", None).await), 1);
        empty_the_roster(&house).await;
        assert_eq!(rows(ask(&house, "roster", None).await), 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nobody_is_told_of_a_look_that_began_before_it_asked() {
        let house = House::seeded().await;
        let house = &house;
        let wrote_and_looked = (0..40).map(|n| async move {
            let district = json!({ "id": format!("d-{n}"), "name": "新区", "occurred_on": "2026-05-01" });
            let written = house.post(OFFICE, &format!("/programs/{PROGRAM}/districts"), &district).await;
            assert_eq!(written.status, StatusCode::CREATED, "{}", written.body);
            let position: u64 = written.header(POSITION).parse().unwrap();
            assert!(house.app.view(None).await.unwrap().position >= position);
        });
        futures::future::join_all(wrote_and_looked).await;
    }

    #[test]
    fn no_more_is_kept_than_fits() {
        let kept = Kept::default();
        let answer = Answer { headers: HeaderMap::new(), body: Bytes::from(vec![0; BYTES / 2]) };
        let time = |position| Time { position, quarter: 0 };
        for question in ["a", "b"] {
            kept.keep(time(1), question.to_owned(), answer.clone());
        }
        assert!(kept.find("a").is_some() && kept.find("b").is_none());
        kept.keep(time(2), "b".to_owned(), answer.clone());
        assert!(kept.find("a").is_none() && kept.find("b").is_some(), "the later time has the room");
        kept.keep(time(1), "a".to_owned(), answer);
        assert!(kept.find("a").is_none(), "what comes late is not kept");
    }
}
