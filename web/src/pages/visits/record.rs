//! One visit: its form, and the record that comes of it.

use api::resources::facts::visits::RecordVisitBody;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use projections::enrolments::Enrolment;
use projections::facts::{Content, Fact};
use uuid::Uuid;

use super::fields;
use crate::day;
use crate::failure::Failure;
use crate::form::once::{self, Became};
use crate::form::{Field, Form, Submission, Upload, status};
use crate::pages::frame::{Clause, Frame};
use crate::papers;
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::{Sending, User};
use crate::words::{self, Worded as _};

#[derive(Template)]
#[template(path = "visit_form.html")]
struct FormPage {
    shell: Shell,
    name: String,
    clauses: Vec<Clause>,
    form: Form,
}

#[derive(Template)]
#[template(path = "visit.html")]
struct VisitPage {
    shell: Shell,
    w: &'static words::Visits,
    notice: Option<&'static str>,
    /// The draft that is no longer needed.
    sent: String,
    name: String,
    file: String,
    voided: Option<String>,
    facts: Vec<(&'static str, String)>,
    texts: Vec<(&'static str, String)>,
    papers: Vec<(String, String)>,
    correct: Option<String>,
}

pub(super) fn routes() -> Router {
    Router::new()
        .route("/cycles/{cycle}/organizations/{uscc}/visits/new", get(show_form).post(record_visit))
        .route("/cycles/{cycle}/organizations/{uscc}/visits/{visit}", get(show_visit))
}

/// Whom a visit is to.
pub(super) struct Visited {
    pub(super) frame: Frame,
    pub(super) file: Enrolment,
    pub(super) path: String,
}

impl Visited {
    pub(super) async fn of(user: &User, cycle: &str, uscc: &str) -> Result<Self, Failure> {
        let frame = Frame::of(user, cycle).await?;
        let path = frame.path(&format!("/organizations/{}", segment(uscc)));
        let file = user.read(&path).await?;
        Ok(Self { frame, file, path })
    }

    /// Drafts of different people on one device are kept apart.
    fn draft(&self, user: &User) -> String {
        format!("visit/{}/{}/{}", user.me.person, self.file.cycle, self.file.organization)
    }

    fn form(&self, user: &User, submission: Uuid) -> Form {
        let language = self.frame.language;
        let w = words::Visits::of(language);
        let action = once::address(&format!("{}/visits/new", self.path), submission);
        let form = Form::new(action, user.visitor.token(), w.save, language).kept_as(self.draft(user));
        fields::of_visit(form, self.frame.today(), None, language).with(
            Field::file("photo", w.photo, "image/jpeg,image/png,application/pdf")
                .at("/documents")
                .hint(w.photo_hint)
                .optional(),
        )
    }

    fn shown(&self, user: &User, form: Form) -> Response {
        let w = words::Visits::of(self.frame.language);
        let mut shell = self.frame.shell(user, w.form);
        shell.scripted = true;
        let status = status(&form, &mut shell);
        page(status, &FormPage { shell, name: self.file.name.clone(), clauses: self.frame.on_visits(), form })
    }
}

async fn show_form(user: User, Path((cycle, uscc)): Path<(String, String)>, query: Query) -> Result<Response, Failure> {
    let visited = Visited::of(&user, &cycle, &uscc).await?;
    Ok(match once::submission(&query) {
        Some(submission) => visited.shown(&user, visited.form(&user, submission)),
        None => once::begin(&format!("{}/visits/new", visited.path)).into_response(),
    })
}

async fn record_visit(
    Path((cycle, uscc)): Path<(String, String)>,
    query: Query,
    Submission { user, fields, file, restored }: Submission,
) -> Result<Response, Failure> {
    let visited = Visited::of(&user, &cycle, &uscc).await?;
    let submission = once::submission(&query).unwrap_or_else(Uuid::now_v7);
    let mut form = visited.form(&user, submission).filled(&fields);
    if restored {
        return Ok(visited.shown(&user, form));
    }
    let station = user.office.unit.parse().ok();
    let Some((visit, occurred_on)) = fields::read(&fields, station, &mut form) else {
        return Ok(visited.shown(&user, form));
    };
    let mut body = RecordVisitBody { visit, occurred_on, documents: Vec::new(), waiver: None };
    let sent = send(&user, &visited.path, &mut body, file, submission).await;
    match once::became(sent)? {
        Became::Done((fact, position)) => {
            let seen = position.map(|position| format!("&seen={position}")).unwrap_or_default();
            let path = format!("{}/visits/{}?done=1{seen}", visited.path, segment(&fact.id));
            Ok(Redirect::to(&path).into_response())
        }
        Became::SentBefore => Ok(Redirect::to(&format!("{}/visits?sent=1", visited.path)).into_response()),
        Became::Refused(problem) => {
            form.refuse(&problem);
            Ok(visited.shown(&user, form))
        }
    }
}

async fn send(
    user: &User,
    path: &str,
    body: &mut RecordVisitBody,
    file: Option<Upload>,
    submission: Uuid,
) -> Result<(Fact, Option<u64>), Failure> {
    if let Some(file) = file {
        let untitled = words::Visits::of(user.language()).photo_title;
        body.documents.push(papers::upload(user, file, untitled).await?);
    }
    let key = submission.to_string();
    let with = Sending { submission: Some(&key), ..Sending::default() };
    let done = user.send::<Fact>(&format!("{path}/visits"), body, with).await?;
    Ok((done.result, done.position))
}

/// Whether this role corrects visits; the API decides.
fn corrects(user: &User) -> bool {
    matches!(user.office.role.as_str(), "station" | "office")
}

async fn show_visit(
    user: User,
    Path((cycle, uscc, visit)): Path<(String, String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let visited = Visited::of(&user, &cycle, &uscc).await?;
    let fact: Fact = user.read(&format!("{}/visits/{}", visited.path, segment(&visit))).await?;
    let Content::Visit(content) = &fact.content else { return Err(Failure::NoPage) };
    let frame = &visited.frame;
    let w = words::Visits::of(frame.language);
    let facts = vec![
        (w.on, fact.occurred_on.to_string()),
        (w.channel, content.channel.in_words(frame.language).to_owned()),
        (w.station, frame.names.station(content.station.as_str())),
        (w.recorded_by, frame.actor(&fact.recorded.actor)),
        (w.recorded_at, day::instant(fact.recorded.recorded_at, frame.zone())),
        (w.version, fact.version.to_string()),
    ];
    let texts = [
        (w.findings, Some(content.findings.clone())),
        (w.needs, content.needs.clone()),
        (w.carry_over, content.carry_over.clone()),
    ];
    let documents = fact.history.last().map(|version| version.trace.documents.as_slice()).unwrap_or_default();
    let template = VisitPage {
        shell: {
            let mut shell = frame.shell(&user, format!("{} - {}", visited.file.name, w.visit));
            shell.scripted = query.get("done").is_some();
            shell
        },
        w,
        notice: query.get("done").map(|_| w.done).or_else(|| query.get("corrected").map(|_| w.corrected)),
        sent: visited.draft(&user),
        voided: fact.voided.as_ref().map(|voided| voided.reason.clone()),
        facts,
        texts: texts.into_iter().filter_map(|(label, text)| Some((label, text?))).collect(),
        papers: documents
            .iter()
            .map(|paper| (paper.title.clone(), format!("/documents/{}", paper.document_id)))
            .collect(),
        correct: (corrects(&user) && fact.in_force())
            .then(|| format!("{}/visits/{}/correction", visited.path, segment(&fact.id))),
        name: visited.file.name.clone(),
        file: visited.path.clone(),
    };
    Ok(page(StatusCode::OK, &template))
}
