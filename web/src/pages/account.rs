//! 我的登录, 改密码: one's own sign-ins and password.

use api::page::Page;
use api::resources::sign_ins::{PasswordChanged, SignInEnded, SignInShown};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use chrono::FixedOffset;
use serde_json::json;

use crate::day;
use crate::failure::Failure;
use crate::form::{Field, Form, Submission, status};
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::{Sending, User};
use crate::words;

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    shell: Shell,
    notice: Option<&'static str>,
    form: Form,
}

#[derive(Template)]
#[template(path = "sign_ins.html")]
struct SignInsPage {
    shell: Shell,
    w: &'static words::Account,
    notice: Option<&'static str>,
    rows: Vec<Row>,
}

/// A sign-in as shown.
struct Row {
    id: String,
    begun: String,
    used: String,
    address: String,
    agent: String,
    current: bool,
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/account/password", get(show_password).post(change_password))
        .route("/account/sign-ins", get(list_sign_ins))
        .route("/account/sign-ins/{id}/ending", post(end_sign_in))
}

fn password_form(user: &User) -> Form {
    let w = words::Account::of(user.language());
    Form::new("/account/password", user.visitor.token(), w.save, user.language())
        .with(Field::password("present_password", w.present, "current-password").at("/present"))
        .with(Field::password("new_password", w.new, "new-password").at("/new").hint(w.new_hint))
}

fn password_page(user: &User, form: Form, notice: Option<&'static str>) -> Response {
    let mut shell = Shell::of(user, words::Account::of(user.language()).change);
    let status = status(&form, &mut shell);
    page(status, &PasswordPage { shell, notice, form })
}

async fn show_password(user: User, query: Query) -> Result<Response, Failure> {
    let w = words::Account::of(user.language());
    // Whether another password must be chosen is said by the first question that is not about oneself.
    let must = matches!(user.read::<serde_json::Value>("/programs?limit=1").await,
        Err(Failure::Problem(problem)) if problem.code == "password_change_required");
    let notice = if must { Some(w.must_change) } else { query.get("changed").map(|_| w.changed) };
    Ok(password_page(&user, password_form(&user), notice))
}

async fn change_password(Submission { user, fields, .. }: Submission) -> Result<Response, Failure> {
    let typed = |name| fields.get(name).unwrap_or_default();
    let body = json!({ "present": typed("present_password"), "new": typed("new_password") });
    match user.send::<PasswordChanged>("/password-changes", &body, Sending::default()).await {
        Ok(_) => Ok(Redirect::to("/account/password?changed=1").into_response()),
        // A wrong password is answered as somebody who is not signed in.
        Err(Failure::Problem(problem)) if problem.status < 500 && problem.status != 403 => {
            let mut form = password_form(&user);
            form.refuse(&problem);
            Ok(password_page(&user, form, None))
        }
        Err(other) => Err(other),
    }
}

async fn list_sign_ins(user: User, query: Query) -> Result<Response, Failure> {
    let w = words::Account::of(user.language());
    let all: Page<SignInShown> = user.read("/sign-ins?limit=200&sort=-sign_in_id").await?;
    // An account belongs to no program; China has one time.
    let zone = FixedOffset::east_opt(8 * 3600).ok_or_else(|| Failure::internal("no such zone"))?;
    let rows = all.items.into_iter().map(|sign_in| Row {
        id: sign_in.sign_in_id.to_string(),
        begun: day::instant(sign_in.begun_at, zone),
        used: day::instant(sign_in.used_at, zone),
        address: sign_in.address.unwrap_or_default(),
        agent: sign_in.agent.unwrap_or_default(),
        current: sign_in.current,
    });
    let notice = query.get("ended").map(|_| w.ended);
    let shell = Shell::of(&user, w.sign_ins);
    Ok(page(StatusCode::OK, &SignInsPage { shell, w, notice, rows: rows.collect() }))
}

async fn end_sign_in(Path(id): Path<String>, Submission { user, .. }: Submission) -> Result<Response, Failure> {
    let path = format!("/sign-ins/{}/ending", segment(&id));
    user.send::<SignInEnded>(&path, &json!({}), Sending::default()).await?;
    Ok(Redirect::to("/account/sign-ins?ended=1").into_response())
}
