//! A decision on classes in two steps: what would be, by the API's dry run; then the same again, recorded once.

use std::collections::BTreeMap;

use api::resources::classifications::{ClassesDecided, CountsChange};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use serde_json::Value;
use uuid::Uuid;

use super::bounds::Bound;
use super::choose::{Faults, Kind, PAGE, Pick, Row, body, on, picks};
use crate::failure::Failure;
use crate::form::once::{self, Became};
use crate::form::{Fields, Submission};
use crate::pages::frame::{Clause, Frame};
use crate::pages::roster::RosterRead;
use crate::query::Query;
use crate::shell::{Shell, page};
use crate::visitor::{Sending, User};
use crate::words::{self, filled};

#[derive(Template)]
#[template(path = "board_choose.html")]
struct ChoosePage {
    shell: Shell,
    w: &'static words::Board,
    form: &'static words::Form,
    action: String,
    clauses: Vec<Clause>,
    bounds: Vec<Bound>,
    faults: Faults,
    on: String,
    rows: Vec<Row>,
    to: &'static str,
    grounds: &'static str,
    next: Option<(String, String)>,
    /// Which class alone is listed, and where all are.
    only: Option<(String, String)>,
    board: String,
}

#[derive(Template)]
#[template(path = "board_preview.html")]
struct PreviewPage {
    shell: Shell,
    w: &'static words::Board,
    action: String,
    on: String,
    bounds: Vec<Bound>,
    /// Class, members now, members then, whether that differs.
    counts: Vec<(String, u32, u32, bool)>,
    excess: Option<(u32, u32)>,
    entries: Vec<(String, String, Pick)>,
}

pub(super) fn routes() -> Router {
    let admit = get(async |user: User, cycle: Path<String>, query: Query| show(Kind::Admit, user, cycle, query).await)
        .post(async |cycle: Path<String>, query: Query, sent: Submission| take(Kind::Admit, cycle, query, sent).await);
    let shift = get(async |user: User, cycle: Path<String>, query: Query| show(Kind::Move, user, cycle, query).await)
        .post(async |cycle: Path<String>, query: Query, sent: Submission| take(Kind::Move, cycle, query, sent).await);
    Router::new().route("/cycles/{cycle}/board/admissions", admit).route("/cycles/{cycle}/board/moves", shift)
}

/// A decision that is being made.
struct Deciding {
    kind: Kind,
    user: User,
    frame: Frame,
    query: Query,
    submission: Uuid,
}

async fn show(kind: Kind, user: User, Path(cycle): Path<String>, query: Query) -> Result<Response, Failure> {
    let Some(submission) = once::submission(&query) else {
        let query = query.with("submission", Uuid::now_v7().to_string());
        let frame = super::frame(&user, &cycle).await?;
        return Ok(Redirect::to(&query.after(&frame.path(kind.place()))).into_response());
    };
    let deciding = Deciding::of(kind, user, &cycle, query, submission).await?;
    let today = deciding.frame.today().to_string();
    deciding.choose(&[], today, Faults::default()).await
}

async fn take(
    kind: Kind,
    Path(cycle): Path<String>,
    query: Query,
    Submission { user, fields, restored, .. }: Submission,
) -> Result<Response, Failure> {
    let submission = once::submission(&query).unwrap_or_else(Uuid::now_v7);
    let deciding = Deciding::of(kind, user, &cycle, query, submission).await?;
    let picks = picks(&fields);
    let step = fields.get("step").unwrap_or_default();
    if restored || step == "edit" {
        return deciding.choose(&picks, fields.text("on"), Faults::default()).await;
    }
    let w = words::Board::of(deciding.user.language());
    let mut faults = Faults::default();
    if picks.is_empty() {
        faults.whole.push(w.choose_one.to_owned());
    }
    let Some(day) = on(&fields).filter(|_| faults.is_none()) else {
        if on(&fields).is_none() {
            faults.on = Some(words::Form::of(deciding.user.language()).not_a_day.to_owned());
        }
        return deciding.choose(&picks, fields.text("on"), faults).await;
    };
    let body = body(kind, &picks, day);
    let asked =
        if step == "commit" { deciding.commit(&body).await } else { deciding.preview(&body, &picks, &fields).await };
    match once::became(asked)? {
        Became::Done(response) => Ok(response),
        Became::SentBefore => Ok(Redirect::to(&deciding.frame.path("/board?sent=1")).into_response()),
        Became::Refused(problem) => {
            let faults = Faults::of(&problem, &picks, &deciding.frame);
            deciding.choose(&picks, fields.text("on"), faults).await
        }
    }
}

impl Deciding {
    async fn of(kind: Kind, user: User, cycle: &str, query: Query, submission: Uuid) -> Result<Self, Failure> {
        let frame = super::frame(&user, cycle).await?;
        if !super::decides(&user, &frame) {
            return Err(Failure::NoPage);
        }
        Ok(Self { kind, user, frame, query, submission })
    }

    fn action(&self) -> String {
        let query = self.query.clone().only(&["from", "cursor"]).with("submission", self.submission.to_string());
        query.after(&self.frame.path(self.kind.place()))
    }

    /// What would be, and nothing recorded.
    async fn preview(&self, body: &Value, picks: &[Pick], fields: &Fields) -> Result<Response, Failure> {
        let path = self.frame.path(&format!("{}?dry_run=true", self.kind.collection()));
        let tried = self.user.send::<ClassesDecided>(&path, body, Sending::default()).await?.result;
        let w = words::Board::of(self.user.language());
        let frame = &self.frame;
        let counted = |change: &CountsChange| {
            let row = |(class, after): (&domain::ids::ClassId, &u32)| {
                let before = change.before.get(class).copied().unwrap_or_default();
                (frame.class(class.as_str()), before, *after, before != *after)
            };
            change.after.iter().map(row).collect::<Vec<_>>()
        };
        let balance = tried.balance.as_ref();
        let entries = tried.entries.iter().zip(picks);
        let template = PreviewPage {
            shell: frame.shell(&self.user, w.would),
            w,
            action: self.action(),
            on: fields.text("on"),
            bounds: balance.map(|change| Bound::all(&change.after, frame)).unwrap_or_default(),
            counts: balance.map(counted).unwrap_or_default(),
            excess: balance.map(|change| (change.excess_before, change.excess_after)),
            entries: entries.map(|(entry, pick)| (entry.name.clone(), frame.class(&pick.to), pick.clone())).collect(),
        };
        Ok(page(StatusCode::OK, &template))
    }

    async fn commit(&self, body: &Value) -> Result<Response, Failure> {
        let key = self.submission.to_string();
        let with = Sending { submission: Some(&key), version: None };
        let path = self.frame.path(self.kind.collection());
        let done = self.user.send::<ClassesDecided>(&path, body, with).await?;
        let seen = done.position.map(|position| format!("&seen={position}")).unwrap_or_default();
        Ok(Redirect::to(&self.frame.path(&format!("/board?decided=1{seen}"))).into_response())
    }

    /// The list to choose from, with what was chosen already; who was chosen is listed wherever he now stands.
    async fn choose(&self, picks: &[Pick], on: String, faults: Faults) -> Result<Response, Failure> {
        let (frame, w) = (&self.frame, words::Board::of(self.user.language()));
        let roster = frame.path("/roster");
        let question = self.kind.question(&self.query, frame);
        let read: RosterRead = self.user.read(&question.after(&roster)).await?;
        let mut found = read.items;
        let listed: Vec<String> = found.iter().map(|row| row.uscc.to_string()).collect();
        let missing = picks.iter().filter(|pick| !listed.contains(&pick.uscc));
        let all = Query::default().with("standing", "all").with("limit", "200");
        let missing = missing.fold(all.clone(), |query, pick| query.and("search", &pick.uscc));
        if missing != all {
            let others: RosterRead = self.user.read(&missing.after(&roster)).await?;
            found.splice(0..0, others.items);
        }
        let chosen: BTreeMap<&str, &Pick> = picks.iter().map(|pick| (pick.uscc.as_str(), pick)).collect();
        let rows = found.iter().map(|row| {
            let uscc = row.uscc.to_string();
            Row::of(self.kind, row, chosen.get(uscc.as_str()).copied(), faults.at(&uscc), frame)
        });
        let rows = rows.collect();
        let here = frame.path(self.kind.place());
        let next = read.next_cursor.map(|cursor| {
            let address = self.query.clone().only(&["from"]).with("cursor", cursor).after(&here);
            (address, filled(w.next_text, &[("n", PAGE)]))
        });
        let mut shell = frame.shell(&self.user, self.kind.title(w));
        shell.faulty = !faults.is_none();
        let status = if shell.faulty { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let template = ChoosePage {
            shell,
            w,
            form: words::Form::of(self.user.language()),
            action: self.action(),
            clauses: self.kind.clauses(frame),
            bounds: Bound::all(&read.balance.counts, frame),
            faults,
            on,
            rows,
            to: if self.kind == Kind::Admit { w.to_class } else { w.to_move },
            grounds: if self.kind == Kind::Admit { w.grounds_admit } else { w.grounds_move },
            next,
            only: self.query.get("from").filter(|_| self.kind == Kind::Move).map(|from| (frame.class(from), here)),
            board: frame.path("/board"),
        };
        Ok(page(status, &template))
    }
}
