//! 事故与移出: incidents of an organisation, what the authority found of them, and what follows for its membership.

mod act;
mod forms;

use api::page::Page;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use domain::cycle::Outcome;
use projections::enrolments::Enrolment;
use projections::facts::{Content, Fact, Finding};
use projections::organizations::IncidentStatus;

use self::act::Act;
use super::frame::{Clause, Frame};
use crate::day;
use crate::failure::Failure;
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::User;
use crate::words::{self, Worded as _, filled};

#[derive(Template)]
#[template(path = "incidents.html")]
struct IncidentsPage {
    shell: Shell,
    w: &'static words::Incidents,
    notice: Option<&'static str>,
    name: String,
    file: String,
    board: Option<String>,
    clauses: Vec<Clause>,
    report: Option<String>,
    rescind: Option<String>,
    incidents: Vec<Incident>,
}

/// An incident as shown.
struct Incident {
    kind: String,
    on: String,
    description: String,
    status: &'static str,
    corrected: Option<String>,
    voided: Option<String>,
    facts: Vec<(&'static str, String)>,
    papers: Vec<(String, String)>,
    acts: Vec<(&'static str, String)>,
}

pub(super) fn routes() -> Router {
    Router::new().route("/cycles/{cycle}/organizations/{uscc}/incidents", get(list_incidents)).merge(forms::routes())
}

/// Whose incidents they are.
struct Concerned {
    frame: Frame,
    file: Enrolment,
    path: String,
}

impl Concerned {
    async fn of(user: &User, cycle: &str, uscc: &str) -> Result<Self, Failure> {
        let frame = Frame::of(user, cycle).await?;
        let path = frame.path(&format!("/organizations/{}", segment(uscc)));
        let file = user.read(&path).await?;
        Ok(Self { frame, file, path })
    }

    /// Whether the organisation is in the pool.
    const fn is_member(&self) -> bool {
        self.file.admission.is_some() && self.file.outcome.is_none()
    }

    fn was_removed(&self) -> bool {
        self.file.outcome.as_ref().is_some_and(|ending| ending.outcome == Outcome::Removed)
    }

    fn kind(&self, id: &str) -> String {
        self.frame
            .incident_kinds()
            .into_iter()
            .find(|(known, _)| known == id)
            .map_or_else(|| id.to_owned(), |(_, name)| name)
    }
}

async fn list_incidents(
    user: User,
    Path((cycle, uscc)): Path<(String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let concerned = Concerned::of(&user, &cycle, &uscc).await?;
    let w = words::Incidents::of(user.language());
    let asked = format!("{}/incidents?voided=true&sort=-occurred_on&limit=200", concerned.path);
    let facts: Page<Fact> = user.read(&asked).await?;
    let office = user.office.role == "office";
    let open = concerned.frame.cycle.closed_on.is_none();
    let template = IncidentsPage {
        shell: concerned.frame.shell(&user, format!("{} - {}", concerned.file.name, w.title)),
        w,
        notice: Act::done(&query, w),
        board: (office && concerned.frame.has_classes()).then(|| concerned.frame.path("/board")),
        clauses: concerned.frame.on_incidents(),
        report: act::reports(&user).then(|| format!("{}/incidents/new", concerned.path)),
        rescind: (office && open && concerned.was_removed()).then(|| format!("{}/removal-rescission", concerned.path)),
        incidents: facts.items.iter().filter_map(|fact| incident(fact, &user, &concerned)).collect(),
        name: concerned.file.name.clone(),
        file: concerned.path.clone(),
    };
    Ok(page(StatusCode::OK, &template))
}

fn incident(fact: &Fact, user: &User, concerned: &Concerned) -> Option<Incident> {
    let Content::Incident(content) = &fact.content else { return None };
    let (frame, w) = (&concerned.frame, words::Incidents::of(user.language()));
    let status = match fact.determination.as_ref().map(|found| found.finding) {
        None => IncidentStatus::Reported,
        Some(Finding::Major) => IncidentStatus::Major,
        Some(Finding::BelowMajor) => IncidentStatus::BelowMajor,
        Some(Finding::Dismissed) => IncidentStatus::Dismissed,
    };
    let mut facts = vec![
        (w.recorded_by, frame.actor(&fact.recorded.actor)),
        (w.reported_on, day::instant(fact.recorded.recorded_at, frame.zone())),
    ];
    let mut papers: Vec<_> = fact.history.iter().flat_map(|version| &version.trace.documents).collect();
    if let Some(found) = &fact.determination {
        let on = found.determined_on.unwrap_or(found.trace.occurred_on);
        facts.push((w.found_by, format!("{} {} {on}", found.authority, found.document_no)));
        facts.extend(found.reason.clone().map(|reason| (w.reason, reason)));
        papers.extend(&found.trace.documents);
    }
    let acts = Act::on(fact, status, user, concerned).into_iter();
    Some(Incident {
        kind: concerned.kind(content.kind.as_str()),
        on: fact.occurred_on.to_string(),
        description: content.description.clone(),
        status: status.in_words(user.language()),
        corrected: (fact.version > 1).then(|| filled(w.versions, &[("n", &fact.version.to_string())])),
        voided: fact.voided.as_ref().map(|voiding| voiding.reason.clone()),
        facts,
        papers: papers.iter().map(|paper| (paper.title.clone(), format!("/documents/{}", paper.document_id))).collect(),
        acts: acts
            .map(|act| (act.title(w), format!("{}/incidents/{}/{}", concerned.path, segment(&fact.id), act.place())))
            .collect(),
    })
}
