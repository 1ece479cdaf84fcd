//! 工作台: what waits for me, since when, due when (U3). A role has its sources; each is a question to the API.

mod sources;
mod waiting;

use api::page::Page;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use futures::future::try_join_all;
use projections::cycles::CycleSummary;

use self::sources::of_role;
pub(super) use self::sources::with_requests;
use self::waiting::Group;
use super::frame::Frame;
use crate::failure::{Failure, optional};
use crate::query::Query;
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words;

/// Cycles that a desk looks at; more are never open at a time.
const CYCLES: &str = "20";

#[derive(Template)]
#[template(path = "desk.html")]
struct DeskPage {
    shell: Shell,
    w: &'static words::Desk,
    /// What is said where nothing can wait.
    note: Option<&'static str>,
    cycles: Vec<OfCycle>,
}

/// What waits in one cycle.
struct OfCycle {
    name: String,
    href: Option<String>,
    groups: Vec<Group>,
}

pub(super) fn routes() -> Router {
    Router::new().route("/", get(show_desk))
}

async fn show_desk(user: User) -> Result<Response, Failure> {
    let w = words::Desk::of(user.language());
    let role = user.office.role.as_str();
    let mut open = if of_role(role).is_empty() { Vec::new() } else { open(&user).await? };
    if role == "organization" {
        // Of the cycles that are open it has a file in few.
        open.retain(|(_, cycle)| !cycle.groups.is_empty());
    }
    let (frames, cycles): (Vec<_>, Vec<_>) = open.into_iter().unzip();
    let note = match (role, cycles.is_empty()) {
        ("administrator", _) => Some(w.accounts),
        ("auditor" | "integration", _) => Some(w.read_only),
        ("organization", true) => Some(w.own_none),
        (_, true) => Some(w.no_cycle),
        (_, false) => None,
    };
    let mut shell = Shell::of(&user, w.title);
    if let [only] = frames.as_slice() {
        shell = only.shell(&user, w.title);
    }
    Ok(page(StatusCode::OK, &DeskPage { shell, w, note, cycles }))
}

/// The open cycles of the office's program, each with what waits in it.
async fn open(user: &User) -> Result<Vec<(Frame, OfCycle)>, Failure> {
    let mut query = Query::default().with("state", "open").with("sort", "-starts_on").with("limit", CYCLES);
    if let Some(program) = &user.office.program {
        query = query.with("program", program);
    }
    let cycles = optional(user.read::<Page<CycleSummary>>(&query.after("/cycles")).await)?;
    let cycles = cycles.map(|page| page.items).unwrap_or_default();
    let frames = try_join_all(cycles.into_iter().map(|cycle| Frame::around(user, cycle))).await?;
    let waiting = try_join_all(frames.iter().map(|frame| of_cycle(user, frame))).await?;
    Ok(frames.into_iter().zip(waiting).collect())
}

async fn of_cycle(user: &User, frame: &Frame) -> Result<OfCycle, Failure> {
    let asked = of_role(&user.office.role).iter().map(|source| source.ask(user, frame));
    let groups = try_join_all(asked).await?.into_iter().flatten().collect();
    let lists = !matches!(user.office.role.as_str(), "organization" | "expert");
    Ok(OfCycle { name: frame.name(), href: lists.then(|| frame.path("/roster")), groups })
}
