//! 登录, 退出: signing in and out. What was typed into a form whose sign-in has ended goes through here, and comes back.

use api::access::COOKIE;
use api::page::Page;
use api::resources::sign_ins::{SignInEnded, SignInShown, SignedIn};
use askama::Template;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;

use crate::failure::Failure;
use crate::form::{Field, Fields, Form, Posted, Submission, in_words, status};
use crate::query::{Query, local};
use crate::shell::{Shell, page};
use crate::visitor::{Anybody, Sending, User, Visitor};
use crate::words;

/// Where to go on to.
const NEXT: &str = "next";
/// What was typed before, as a query.
const KEPT: &str = "kept";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    notice: Option<&'static str>,
    /// Whether somebody has just signed out.
    out: bool,
    form: Form,
}

/// Leads back to a form with what was typed into it.
#[derive(Template)]
#[template(path = "go_on.html")]
struct GoOnPage {
    shell: Shell,
    w: &'static words::Account,
    notice: &'static str,
    action: String,
    token: String,
    kept: Vec<(String, String)>,
}

pub(super) fn routes() -> Router {
    Router::new().route("/sign-in", get(show).post(sign_in)).route("/sign-out", post(sign_out))
}

async fn show(Anybody(visitor): Anybody, query: Query) -> Response {
    let w = words::Account::of(visitor.language);
    let notice = query.get("out").map(|_| w.signed_out);
    let mut shell = Shell::plain(&visitor, w.sign_in);
    // Whoever signs out leaves no draft on the device.
    shell.scripted = notice.is_some();
    page(
        StatusCode::OK,
        &SignInPage { shell, notice, out: notice.is_some(), form: form(&visitor, local(query.get(NEXT)), "") },
    )
}

/// The sign-in page in place of what a form would have done.
pub(super) fn again(visitor: &Visitor, typed: &Fields) -> Response {
    let notice = Some(words::Account::of(visitor.language).again);
    let kept = form_urlencoded::Serializer::new(String::new()).extend_pairs(typed.to_keep()).finish();
    let shell = Shell::plain(visitor, words::Account::of(visitor.language).sign_in);
    let form = form(visitor, &visitor.place, &kept);
    page(StatusCode::UNAUTHORIZED, &SignInPage { shell, notice, out: false, form })
}

/// The same for somebody who is signed in, but was not as the one for whom the form was made.
pub(super) fn expired(user: &User, typed: &Fields) -> Response {
    let w = words::Account::of(user.language());
    let kept = typed.to_keep().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let action = user.visitor.place.clone();
    let token = user.visitor.token();
    let shell = Shell::of(user, w.go_on);
    page(StatusCode::FORBIDDEN, &GoOnPage { shell, w, notice: w.form_expired, action, token, kept })
}

fn form(visitor: &Visitor, next: &str, kept: &str) -> Form {
    let w = words::Account::of(visitor.language);
    let mut form = Form::new("/sign-in", visitor.token(), w.sign_in, visitor.language)
        .with(Field::login("login", w.login).at("/login"))
        .with(Field::password("password", w.password, "current-password").at("/password"));
    form.hidden.push((NEXT, next.to_owned()));
    if !kept.is_empty() {
        form.hidden.push((KEPT, kept.to_owned()));
    }
    form
}

/// The page with what was refused.
fn refused(visitor: &Visitor, form: Form) -> Response {
    let mut shell = Shell::plain(visitor, words::Account::of(visitor.language).sign_in);
    let status = status(&form, &mut shell);
    page(status, &SignInPage { shell, notice: None, out: false, form })
}

async fn sign_in(Anybody(visitor): Anybody, posted: Posted) -> Result<Response, Failure> {
    let fields = posted.fields;
    let (next, kept) = (local(fields.get(NEXT)).to_owned(), fields.text(KEPT));
    // A login is given by us and has no blanks; a password is taken as it is.
    let body = json!({ "login": fields.text("login"), "password": fields.get("password").unwrap_or_default() });
    let done = match visitor.send::<SignedIn>("/sign-ins", &body).await {
        Ok(done) => done,
        Err(Failure::Problem(problem)) if problem.status < 500 => {
            let mut form = form(&visitor, &next, &kept).filled(&fields);
            if problem.status == 401 || problem.errors.is_empty() {
                form.errors.push(in_words(&problem));
            } else {
                form.refuse(&problem);
            }
            return Ok(refused(&visitor, form));
        }
        Err(other) => return Err(other),
    };
    let mut response = if done.result.must_change_password {
        Redirect::to("/account/password").into_response()
    } else if kept.is_empty() {
        Redirect::to(&next).into_response()
    } else {
        go_on(&visitor, &done.headers, next, &kept)
    };
    for cookie in done.headers.get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

fn go_on(visitor: &Visitor, headers: &HeaderMap, action: String, kept: &str) -> Response {
    let w = words::Account::of(visitor.language);
    let token = secret(headers).map(|secret| visitor.token_under(secret)).unwrap_or_default();
    let kept = form_urlencoded::parse(kept.as_bytes()).into_owned().collect();
    let shell = Shell::plain(visitor, w.go_on);
    page(StatusCode::OK, &GoOnPage { shell, w, notice: w.gone_on, action, token, kept })
}

/// The secret of the sign-in that an answer sets.
fn secret(headers: &HeaderMap) -> Option<&str> {
    let set = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    set.filter_map(|cookie| cookie.split(';').next()?.split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|pair| pair.1)
}

async fn sign_out(Submission { user, .. }: Submission) -> Result<Response, Failure> {
    let all: Page<SignInShown> = user.read("/sign-ins?limit=200").await?;
    let mut response = Redirect::to("/sign-in?out=1").into_response();
    if let Some(current) = all.items.iter().find(|sign_in| sign_in.current) {
        let path = format!("/sign-ins/{}/ending", current.sign_in_id);
        let done = user.send::<SignInEnded>(&path, &json!({}), Sending::default()).await?;
        for cookie in done.headers.get_all(header::SET_COOKIE) {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_found_in_the_answer() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, "other=1; Path=/".parse().unwrap());
        headers.append(header::SET_COOKIE, "__Host-hatchery=hats_x; Path=/; Secure".parse().unwrap());
        assert_eq!(secret(&headers), Some("hats_x"));
    }
}
