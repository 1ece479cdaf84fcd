//! 回访: who is due, what was recorded, and the form, which is filled in on a phone.

mod correct;
mod fields;
mod record;

use std::collections::{BTreeMap, BTreeSet};

use api::page::Page;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::Days;
use domain::Uscc;
use domain::ids::OrganizationId;
use futures::future::try_join;
use projections::enrolments::Enrolment;
use projections::facts::{Content, Fact};
use projections::visits_due::DueVisit;

use super::frame::{Clause, Frame};
use super::roster::RosterRead;
use crate::day;
use crate::failure::Failure;
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words::{self, Worded as _};

/// How far ahead one is told of visits.
const AHEAD: Days = Days::new(30);
/// The cursor of the list of those who are due; the page has two lists.
const DUE: &str = "due";

#[derive(Template)]
#[template(path = "visits.html")]
struct VisitsPage {
    shell: Shell,
    w: &'static words::Visits,
    has_visits: bool,
    records: Option<String>,
    clauses: Vec<Clause>,
    due: Vec<DueRow>,
    visits: Vec<VisitRow>,
    due_next: Option<String>,
    next: Option<String>,
    next_text: &'static str,
}

/// A member that is due.
struct DueRow {
    name: String,
    href: String,
    station: String,
    last: String,
    due_on: String,
    due: String,
    late: bool,
    record: Option<String>,
}

/// A visit in a list.
struct VisitRow {
    href: String,
    on: String,
    organization: String,
    station: String,
    channel: &'static str,
    findings: String,
    voided: bool,
}

#[derive(Template)]
#[template(path = "visits_choose.html")]
struct ChoosePage {
    shell: Shell,
    w: &'static words::Visits,
    path: String,
    search: String,
    found: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "visits_of_file.html")]
struct OfFilePage {
    shell: Shell,
    w: &'static words::Visits,
    notice: Option<&'static str>,
    file: String,
    records: Option<String>,
    visits: Vec<VisitRow>,
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/cycles/{cycle}/visits", get(list_visits))
        .route("/cycles/{cycle}/visits/new", get(choose_organization))
        .route("/cycles/{cycle}/organizations/{uscc}/visits", get(list_of_file))
        .merge(record::routes())
        .merge(correct::routes())
}

/// Whether this role makes visits; the API decides.
fn makes_visits(user: &User) -> bool {
    user.office.role == "station"
}

async fn list_visits(user: User, Path(cycle): Path<String>, query: Query) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let w = words::Visits::of(user.language());
    let today = frame.today();
    let here = frame.path("/visits");
    let due = from(query.get(DUE)).with("due_by", (today + AHEAD).to_string()).after(&frame.path("/visits/due"));
    let log = from(query.get("cursor")).with("sort", "-occurred_on").after(&here);
    let (due, log) = try_join(user.read::<Page<DueVisit>>(&due), user.read::<Page<Fact>>(&log)).await?;
    let named = named(&user, &frame, &log.items).await?;
    let due_row = |visit: DueVisit| {
        let href = frame.path(&format!("/organizations/{}", segment(&visit.uscc.to_string())));
        DueRow {
            record: makes_visits(&user).then(|| format!("{href}/visits/new")),
            href,
            station: visit.station.map(|station| frame.names.station(station.as_str())).unwrap_or_default(),
            last: visit.last_visit_on.map_or_else(|| w.never.to_owned(), |day| day.to_string()),
            due_on: visit.due_on.to_string(),
            due: day::due(visit.due_on, today, frame.language),
            late: visit.due_on < today,
            name: visit.name,
        }
    };
    let template = VisitsPage {
        shell: frame.shell(&user, w.title),
        w,
        has_visits: frame.has_visits(),
        records: makes_visits(&user).then(|| frame.path("/visits/new")),
        clauses: frame.on_visits(),
        due: due.items.into_iter().map(due_row).collect(),
        due_next: due.next_cursor.map(|cursor| Query::default().with(DUE, cursor).after(&here)),
        next: log.next_cursor.map(|cursor| Query::default().with("cursor", cursor).after(&here)),
        visits: log.items.iter().filter_map(|fact| visit_row(fact, &named, &frame)).collect(),
        next_text: words::Roster::of(user.language()).next,
    };
    Ok(page(StatusCode::OK, &template))
}

/// A page of a list from a cursor on.
fn from(cursor: Option<&str>) -> Query {
    let page = Query::default().with("limit", "50");
    match cursor {
        Some(cursor) => page.with("cursor", cursor),
        None => page,
    }
}

/// The names of the organisations that facts are of: a list of facts has their numbers only.
async fn named(user: &User, frame: &Frame, facts: &[Fact]) -> Result<BTreeMap<OrganizationId, String>, Failure> {
    if facts.is_empty() {
        return Ok(BTreeMap::new());
    }
    let organizations: BTreeSet<&OrganizationId> = facts.iter().map(|fact| &fact.organization).collect();
    let query = Query::default().with("standing", "all").with("limit", "200");
    let query = organizations.iter().fold(query, |query, id| query.and("search", id.first_uscc().to_string()));
    let found: RosterRead = user.read(&query.after(&frame.path("/roster"))).await?;
    Ok(found.items.into_iter().map(|row| (row.organization, row.name)).collect())
}

fn visit_row(fact: &Fact, named: &BTreeMap<OrganizationId, String>, frame: &Frame) -> Option<VisitRow> {
    let Content::Visit(visit) = &fact.content else { return None };
    // A fact knows the organisation by the number that it was first registered under, which resolves.
    let first: &Uscc = fact.organization.first_uscc();
    let file = frame.path(&format!("/organizations/{}", segment(&first.to_string())));
    Some(VisitRow {
        href: format!("{file}/visits/{}", segment(&fact.id)),
        on: fact.occurred_on.to_string(),
        organization: named.get(&fact.organization).cloned().unwrap_or_else(|| first.to_string()),
        station: frame.names.station(visit.station.as_str()),
        channel: visit.channel.in_words(frame.language),
        findings: visit.findings.clone(),
        voided: !fact.in_force(),
    })
}

async fn choose_organization(user: User, Path(cycle): Path<String>, query: Query) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let w = words::Visits::of(user.language());
    let asked = query.clone().only(&["search"]).with("sort", "next_due_on").with("limit", "50");
    let read: RosterRead = user.read(&asked.after(&frame.path("/roster"))).await?;
    let found = read.items.into_iter().map(|row| {
        let uscc = row.uscc.to_string();
        let href = frame.path(&format!("/organizations/{}/visits/new", segment(&uscc)));
        let due = row.next_due_on.map(|on| day::due(on, frame.today(), frame.language)).unwrap_or_default();
        (href, row.name, due)
    });
    let template = ChoosePage {
        shell: frame.shell(&user, w.choose),
        w,
        path: frame.path("/visits/new"),
        search: query.get("search").unwrap_or_default().to_owned(),
        found: found.collect(),
    };
    Ok(page(StatusCode::OK, &template))
}

async fn list_of_file(
    user: User,
    Path((cycle, uscc)): Path<(String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let w = words::Visits::of(user.language());
    let file = frame.path(&format!("/organizations/{}", segment(&uscc)));
    let visits = format!("{file}/visits?voided=true&sort=-occurred_on&limit=200");
    let (whole, visits) = try_join(user.read::<Enrolment>(&file), user.read::<Page<Fact>>(&visits)).await?;
    let named = BTreeMap::from([(whole.organization, whole.name)]);
    let template = OfFilePage {
        shell: frame.shell(&user, w.of_file),
        w,
        notice: query.get("sent").map(|_| w.other_once),
        records: makes_visits(&user).then(|| format!("{file}/visits/new")),
        visits: visits.items.iter().filter_map(|fact| visit_row(fact, &named, &frame)).collect(),
        file,
    };
    Ok(page(StatusCode::OK, &template))
}
