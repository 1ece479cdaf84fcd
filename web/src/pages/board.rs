//! 分类看板: a column per class of the rulebook, the balance drawn large, and the decisions of the award office.

pub(super) mod bounds;
mod choose;
mod decide;
mod views;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use futures::future::{try_join, try_join_all};

use self::bounds::{Bound, repairs};
use self::views::Card;
use super::frame::Frame;
use super::roster::RosterRead;
use crate::failure::Failure;
use crate::query::Query;
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words::{self, filled};

/// Organisations shown in one column.
const COLUMN: u64 = 100;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    shell: Shell,
    w: &'static words::Board,
    notice: Option<&'static str>,
    bounds: Vec<Bound>,
    repairs: Vec<(String, Option<String>)>,
    /// Where the office decides.
    decide: Option<(String, String)>,
    part: bool,
    columns: Vec<Column>,
}

/// The members of a class, or who waits for one.
struct Column {
    name: String,
    count: u64,
    cards: Vec<Card>,
    more: Option<(String, String)>,
}

pub(super) fn routes() -> Router {
    Router::new().route("/cycles/{cycle}/board", get(show_board)).merge(decide::routes())
}

/// Whether this role decides on classes here; the API decides.
fn decides(user: &User, frame: &Frame) -> bool {
    user.office.role == "office" && frame.cycle.closed_on.is_none()
}

/// The frame of a cycle with classes; of any other there is no such page.
async fn frame(user: &User, cycle: &str) -> Result<Frame, Failure> {
    let frame = Frame::of(user, cycle).await?;
    if frame.has_classes() { Ok(frame) } else { Err(Failure::NoPage) }
}

async fn show_board(user: User, Path(cycle): Path<String>, query: Query) -> Result<Response, Failure> {
    let frame = frame(&user, &cycle).await?;
    let w = words::Board::of(user.language());
    let classes = frame.cycle.classes.keys().map(|class| {
        let filter = Query::default().with("standing", "member").with("class", class.as_str());
        column(&user, &frame, frame.class(class.as_str()), filter)
    });
    let waiting = Query::default().with("standing", "applicant").with("stage", "survey_approved");
    let waiting = column(&user, &frame, w.waiting.to_owned(), waiting);
    let (waiting, columns) = try_join(waiting, try_join_all(classes)).await?;
    let balance = waiting.1.balance;
    let decides = decides(&user, &frame);
    let template = BoardPage {
        shell: frame.shell(&user, w.title),
        w,
        notice: [("decided", w.decided), ("sent", w.sent_before)]
            .into_iter()
            .find(|(name, _)| query.get(name).is_some())
            .map(|(_, said)| said),
        bounds: Bound::all(&balance.counts, &frame),
        repairs: repairs(&balance, &frame, decides),
        decide: decides.then(|| (frame.path("/board/admissions"), frame.path("/board/moves"))),
        part: matches!(user.office.role.as_str(), "district" | "station" | "recommender"),
        columns: columns.into_iter().map(|(column, _)| column).chain([waiting.0]).collect(),
    };
    Ok(page(StatusCode::OK, &template))
}

/// A column, and the answer that it was made of.
async fn column(user: &User, frame: &Frame, name: String, filter: Query) -> Result<(Column, RosterRead), Failure> {
    let roster = frame.path("/roster");
    let asked = filter.clone().with("sort", "name").with("count", "true").with("limit", COLUMN.to_string());
    let read: RosterRead = user.read(&asked.after(&roster)).await?;
    let count = read.total.unwrap_or_default();
    let more = count.saturating_sub(COLUMN);
    let w = words::Board::of(frame.language);
    let column = Column {
        name,
        count,
        cards: read.items.iter().map(|row| Card::of(row, frame)).collect(),
        more: (more > 0).then(|| (filter.after(&roster), filled(w.more, &[("n", &more.to_string())]))),
    };
    Ok((column, read))
}
