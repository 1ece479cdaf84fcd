//! Where the things come from that wait: for each role its sources, for each source its question.

use api::page::Page;
use chrono::{Days, NaiveDate};
use futures::future::try_join_all;
use projections::balance::Repair;
use projections::enrolments::Enrolment;
use projections::quotas::QuotaRow;
use projections::roster::RosterRow;
use projections::sessions::Session;
use projections::visits_due::DueVisit;

use super::waiting::{Group, Item};
use crate::day;
use crate::failure::{Failure, optional};
use crate::pages::frame::Frame;
use crate::pages::roster::RosterRead;
use crate::query::{Query, segment};
use crate::visitor::User;
use crate::words::{self, Worded as _};

/// How many items of a kind are shown.
const SHOWN: &str = "10";
/// How far ahead one is told of what comes.
const AHEAD: Days = Days::new(30);

/// Something to ask for what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The counts of classes are beyond their bounds.
    OutOfBalance,
    /// Settled surveys: to be admitted, or not.
    ToClassify,
    /// Applications that nobody has recommended.
    NotNominated,
    /// Filed surveys: to be settled.
    ToSettle,
    /// Surveys to be filed, or filed again.
    ToSurvey,
    /// Members due for a visit.
    VisitsDue,
    /// Requests for help without an answer.
    OpenRequests,
    /// Sessions to come.
    Sessions,
    /// Places to recommend.
    Places,
    /// One's own file.
    OwnFile,
}

/// What a role is told of, the most pressing first.
pub(super) fn of_role(role: &str) -> &'static [Source] {
    use Source::{
        NotNominated, OpenRequests, OutOfBalance, OwnFile, Places, Sessions, ToClassify, ToSettle, ToSurvey, VisitsDue,
    };
    match role {
        "office" => &[OutOfBalance, ToClassify, NotNominated, ToSettle, OpenRequests, VisitsDue, Sessions],
        "district" => &[ToSettle, ToSurvey, OpenRequests, VisitsDue],
        "station" => &[OpenRequests, VisitsDue, ToSurvey, Sessions],
        "recommender" => &[Places, Sessions],
        "organization" => &[OwnFile, Sessions],
        "expert" => &[Sessions],
        _ => &[],
    }
}

impl Source {
    /// What waits of it in a cycle; none where nothing does.
    pub(super) async fn ask(self, user: &User, frame: &Frame) -> Result<Option<Group>, Failure> {
        let w = words::Desk::of(frame.language);
        match self {
            Self::OutOfBalance => out_of_balance(user, frame, w).await,
            Self::ToClassify => files(user, frame, w.to_classify, &["survey_approved"]).await,
            Self::NotNominated => files(user, frame, w.not_nominated, &["applied"]).await,
            Self::ToSettle => files(user, frame, w.to_settle, &["survey_filed"]).await,
            Self::ToSurvey => files(user, frame, w.to_survey, &["surveying", "survey_returned"]).await,
            Self::VisitsDue if frame.has_visits() => visits_due(user, frame, w).await,
            Self::VisitsDue => Ok(None),
            Self::OpenRequests => open_requests(user, frame, w).await,
            Self::Sessions => sessions(user, frame, w).await,
            Self::Places => places(user, frame, w).await,
            Self::OwnFile => own_file(user, frame, w).await,
        }
    }
}

fn file(frame: &Frame, uscc: &str) -> String {
    frame.path(&format!("/organizations/{}", segment(uscc)))
}

async fn out_of_balance(user: &User, frame: &Frame, w: &'static words::Desk) -> Result<Option<Group>, Failure> {
    if frame.cycle.excess == 0 {
        return Ok(None);
    }
    let read: RosterRead = user.read(&frame.path("/roster?limit=1")).await?;
    let roster = frame.path("/roster");
    let mut items = vec![Item::new(format!("{}{}", w.balance_text, read.balance.excess), roster.clone())];
    items.extend(read.balance.moves.iter().map(|repair| {
        let text = match repair {
            Repair::Reclassify { from, to, members } => {
                let (from, to) = (frame.class(from.as_str()), frame.class(to.as_str()));
                format!("{}：{from} → {to}，{members}", w.repair_reclassify)
            }
            Repair::Admit { class, members } => {
                format!("{}：{}，{members}", w.repair_admit, frame.class(class.as_str()))
            }
        };
        Item::of_text(text)
    }));
    Ok(Group::of(w.balance, items, Some(1), None))
}

/// Applicants at these stages, each since its last step.
async fn files(user: &User, frame: &Frame, title: &'static str, stages: &[&str]) -> Result<Option<Group>, Failure> {
    let mut query = Query::default().with("standing", "applicant");
    for stage in stages {
        query = query.and("stage", *stage);
    }
    let more = query.after(&frame.path("/roster"));
    let asked = query.with("limit", SHOWN).with("count", "true").after(&frame.path("/roster"));
    let read: RosterRead = user.read(&asked).await?;
    let items = try_join_all(read.items.iter().map(|row| waits(user, frame, row))).await?;
    Ok(Group::of(title, items, read.total, Some(more)))
}

/// A file with the day of its last step, which only the file itself says.
async fn waits(user: &User, frame: &Frame, row: &RosterRow) -> Result<Item, Failure> {
    let w = words::Desk::of(frame.language);
    let href = file(frame, &row.uscc.to_string());
    let whole = optional(user.read::<Enrolment>(&href).await)?;
    let step = whole.and_then(|file| file.survey).map(|survey| survey.step_on);
    let since = match step {
        Some(day) => format!("{} {day} {}", row.stage.in_words(frame.language), w.since),
        None => format!("{} {}", w.applied, row.applied_on),
    };
    Ok(Item::new(&row.name, href).since(since))
}

async fn visits_due(user: &User, frame: &Frame, w: &'static words::Desk) -> Result<Option<Group>, Failure> {
    let today = frame.today();
    let asked = frame.path(&format!("/visits/due?limit={SHOWN}&count=true&due_by={}", today + AHEAD));
    let due: Page<DueVisit> = user.read(&asked).await?;
    let records = user.office.role == "station";
    let item = |visit: &DueVisit| {
        let file = file(frame, &visit.uscc.to_string());
        let href = if records { format!("{file}/visits/new") } else { file };
        falls_due(Item::new(&visit.name, href), visit.due_on, today, frame)
    };
    let items = due.items.iter().map(item).collect();
    Ok(Group::of(w.visits_due, items, due.total, Some(frame.path("/visits"))))
}

fn falls_due(mut item: Item, on: NaiveDate, today: NaiveDate, frame: &Frame) -> Item {
    item.due_on = Some(on.to_string());
    item.due = Some((day::due(on, today, frame.language), on < today));
    item
}

/// Members with open requests: the roster counts them, and has no filter for them.
async fn open_requests(user: &User, frame: &Frame, w: &'static words::Desk) -> Result<Option<Group>, Failure> {
    let rows = with_requests(user, frame).await?;
    let item = |row: &RosterRow| {
        let href = format!("{}/assistance", file(frame, &row.uscc.to_string()));
        Item::new(&row.name, href).since(format!("{} {}", row.open_requests, w.requests))
    };
    let count = u64::try_from(rows.len()).ok();
    let items = rows.iter().take(10).map(item).collect();
    Ok(Group::of(w.open_requests, items, count, Some(frame.path("/assistance"))))
}

/// The members that wait for an answer.
pub(in crate::pages) async fn with_requests(user: &User, frame: &Frame) -> Result<Vec<RosterRow>, Failure> {
    let mut query = Query::default().with("limit", "200");
    let mut found = Vec::new();
    loop {
        let RosterRead { items, next_cursor, .. } = user.read(&query.after(&frame.path("/roster"))).await?;
        found.extend(items.into_iter().filter(|row| row.open_requests > 0));
        let Some(cursor) = next_cursor else { return Ok(found) };
        query = query.with("cursor", cursor);
    }
}

async fn sessions(user: &User, frame: &Frame, w: &'static words::Desk) -> Result<Option<Group>, Failure> {
    let today = frame.today();
    let asked = format!("/sessions?state=booked&from={today}&to={}&limit={SHOWN}&count=true", today + AHEAD);
    let Some(page) = optional(user.read::<Page<Session>>(&frame.path(&asked)).await)? else { return Ok(None) };
    let item = |session: &Session| {
        let text = format!("{} {}", session.on, session.title);
        let item = Item::of_text(text);
        Item { due_on: None, ..falls_due(item, session.on, today, frame).since(&session.place) }
    };
    Ok(Group::of(w.sessions, page.items.iter().map(item).collect(), page.total, None))
}

async fn places(user: &User, frame: &Frame, w: &'static words::Desk) -> Result<Option<Group>, Failure> {
    let asked = frame.path(&format!("/recommenders?recommender={}", segment(&user.office.unit)));
    let page: Page<QuotaRow> = user.read(&asked).await?;
    let item = |row: &QuotaRow| {
        let left = match row.left {
            Some(left) => format!("{} {left}", w.quota_left),
            None => w.quota_free.to_owned(),
        };
        Item::of_text(left)
    };
    Ok(Group::of(w.quota, page.items.iter().map(item).collect(), None, None))
}

async fn own_file(user: &User, frame: &Frame, w: &'static words::Desk) -> Result<Option<Group>, Failure> {
    let own = user.office.acts_for.first().map_or(user.office.unit.as_str(), |acts| acts.id.as_str());
    let href = file(frame, own);
    let Some(file) = optional(user.read::<Enrolment>(&href).await)? else { return Ok(None) };
    let stage = file.stage.in_words(frame.language);
    let item = Item::new(format!("{} · {stage}", file.name), href);
    Ok(Group::of(w.own, vec![item], None, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_decides_is_told_and_who_only_reads_is_not() {
        for role in ["office", "district", "station", "recommender", "organization", "expert"] {
            assert!(!of_role(role).is_empty(), "{role}");
        }
        for role in ["auditor", "integration", "administrator", "of a later version"] {
            assert!(of_role(role).is_empty(), "{role}");
        }
    }
}
