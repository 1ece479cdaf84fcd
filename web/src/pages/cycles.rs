//! 孵化周期: all cycles, each with its roster a click away.

use std::collections::BTreeMap;

use api::language::Language;
use api::page::Page;
use api::resources::programs::ProgramSummary;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::Utc;
use futures::future::try_join;
use projections::cycles::CycleSummary;

use crate::failure::Failure;
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words;

#[derive(Template)]
#[template(path = "cycles.html")]
struct CyclesPage {
    shell: Shell,
    w: &'static words::Cycles,
    rows: Vec<Row>,
    next: Option<String>,
    next_text: &'static str,
}

/// A cycle as shown.
struct Row {
    href: String,
    label: String,
    program: String,
    period: String,
    state: &'static str,
    members: u32,
    applicants: u32,
    former: u32,
    edition: String,
    draft: Option<String>,
}

pub(super) fn routes() -> Router {
    Router::new().route("/cycles", get(list_cycles))
}

async fn list_cycles(user: User, query: Query) -> Result<Response, Failure> {
    let w = words::Cycles::of(user.language());
    let asked = query.only(&["cursor"]).with("sort", "-starts_on");
    let path = asked.after("/cycles");
    let (cycles, programs) =
        try_join(user.read::<Page<CycleSummary>>(&path), user.read::<Page<ProgramSummary>>("/programs?limit=200"))
            .await?;
    let programs: BTreeMap<_, _> =
        programs.items.into_iter().map(|found| (found.program.clone(), found.name)).collect();
    let today = Utc::now().date_naive();
    let row = |cycle: CycleSummary| Row {
        href: format!("/cycles/{}/roster", segment(cycle.cycle.as_str())),
        program: programs.get(&cycle.program).map_or_else(
            || cycle.program.to_string(),
            |name| match user.language() {
                Language::Chinese => name.zh.clone(),
                Language::English => name.en.clone(),
            },
        ),
        period: format!("{} — {}", cycle.starts_on, cycle.ends_on.pred_opt().unwrap_or(cycle.ends_on)),
        state: if cycle.closed_on.is_some() {
            w.closed
        } else if cycle.starts_on > today {
            w.to_come
        } else {
            w.open
        },
        label: cycle.label,
        members: cycle.members,
        applicants: cycle.applicants,
        former: cycle.former,
        edition: cycle.rulebook.edition,
        draft: cycle.rulebook.label,
    };
    let next = cycles.next_cursor.map(|cursor| Query::default().with("cursor", cursor).after("/cycles"));
    let rows = cycles.items.into_iter().map(row).collect();
    let next_text = words::Roster::of(user.language()).next;
    Ok(page(StatusCode::OK, &CyclesPage { shell: Shell::of(&user, w.title), w, rows, next, next_text }))
}
