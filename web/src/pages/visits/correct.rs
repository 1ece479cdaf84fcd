//! Correcting a visit: whole new content, made for one version of the file. Who was overtaken sees both.

use api::resources::facts::visits::CorrectVisitBody;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use domain::forms::facts::Visit;
use projections::enrolments::Enrolment;
use projections::facts::{Content, Fact};
use uuid::Uuid;

use super::fields;
use super::record::Visited;
use crate::failure::Failure;
use crate::form::{Field, Form, Submission, once, status};
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::{Sending, User};
use crate::words::{self, Worded as _};

#[derive(Template)]
#[template(path = "visit_correction.html")]
struct CorrectionPage {
    shell: Shell,
    w: &'static words::Visits,
    name: String,
    form: Form,
    /// The visit as it now stands, where the page was overtaken.
    now: Vec<(&'static str, String)>,
}

pub(super) fn routes() -> Router {
    Router::new().route(
        "/cycles/{cycle}/organizations/{uscc}/visits/{visit}/correction",
        get(show_correction).post(correct_visit),
    )
}

/// What is corrected, and the version of its file.
struct Corrected {
    visited: Visited,
    path: String,
    fact: Fact,
    visit: Visit,
    version: Option<String>,
}

impl Corrected {
    async fn of(user: &User, cycle: &str, uscc: &str, visit: &str) -> Result<Self, Failure> {
        let visited = Visited::of(user, cycle, uscc).await?;
        let path = format!("{}/visits/{}", visited.path, segment(visit));
        let fact: Fact = user.read(&path).await?;
        let Content::Visit(visit) = fact.content.clone() else { return Err(Failure::NoPage) };
        let version = user.see::<Enrolment>(&visited.path).await?.etag;
        Ok(Self { visited, path, fact, visit, version })
    }

    fn form(&self, user: &User, submission: Uuid) -> Form {
        let language = self.visited.frame.language;
        let w = words::Visits::of(language);
        let action = once::address(&format!("{}/correction", self.path), submission);
        let form = Form::new(action, user.visitor.token(), w.correct_save, language);
        fields::of_visit(form, self.fact.occurred_on, Some(&self.visit), language)
            .with(Field::area("reason", w.reason).at("/reason"))
            .made_for(self.version.clone())
    }

    fn shown(&self, user: &User, form: Form, now: Vec<(&'static str, String)>) -> Response {
        let w = words::Visits::of(self.visited.frame.language);
        let mut shell = self.visited.frame.shell(user, w.correct_title);
        let status = status(&form, &mut shell);
        page(status, &CorrectionPage { shell, w, name: self.visited.file.name.clone(), form, now })
    }

    /// The visit as it now stands.
    fn now(&self) -> Vec<(&'static str, String)> {
        let language = self.visited.frame.language;
        let w = words::Visits::of(language);
        let mut now = vec![
            (w.version, self.fact.version.to_string()),
            (w.on, self.fact.occurred_on.to_string()),
            (w.channel, self.visit.channel.in_words(language).to_owned()),
            (w.findings, self.visit.findings.clone()),
        ];
        now.extend(self.visit.needs.clone().map(|text| (w.needs, text)));
        now.extend(self.visit.carry_over.clone().map(|text| (w.carry_over, text)));
        now
    }
}

async fn show_correction(
    user: User,
    Path((cycle, uscc, visit)): Path<(String, String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let corrected = Corrected::of(&user, &cycle, &uscc, &visit).await?;
    Ok(match once::submission(&query) {
        Some(submission) => corrected.shown(&user, corrected.form(&user, submission), Vec::new()),
        None => once::begin(&format!("{}/correction", corrected.path)).into_response(),
    })
}

async fn correct_visit(
    Path((cycle, uscc, visit)): Path<(String, String, String)>,
    query: Query,
    Submission { user, fields: typed, restored, .. }: Submission,
) -> Result<Response, Failure> {
    let corrected = Corrected::of(&user, &cycle, &uscc, &visit).await?;
    let submission = once::submission(&query).unwrap_or_else(Uuid::now_v7);
    let mut form = corrected.form(&user, submission).filled(&typed);
    if restored {
        return Ok(corrected.shown(&user, form, Vec::new()));
    }
    // The station stays: a correction says what was found, not who went.
    let station = Some(corrected.visit.station.clone());
    let Some((visit, occurred_on)) = fields::read(&typed, station, &mut form) else {
        return Ok(corrected.shown(&user, form, Vec::new()));
    };
    let documents = corrected.fact.history.last().map(|version| version.trace.documents.as_slice());
    let documents = documents.unwrap_or_default().iter().map(|paper| paper.document_id).collect();
    let body = CorrectVisitBody { visit, reason: typed.text("reason"), occurred_on, documents, waiver: None };
    let key = submission.to_string();
    let with = Sending { submission: Some(&key), version: typed.version() };
    match user.send::<Fact>(&format!("{}/corrections", corrected.path), &body, with).await {
        Ok(done) => {
            let seen = done.position.map(|position| format!("&seen={position}")).unwrap_or_default();
            Ok(Redirect::to(&format!("{}?corrected=1{seen}", corrected.path)).into_response())
        }
        Err(failure) => {
            let problem = failure.about_the_form()?;
            if problem.status == 412 {
                // The form goes out again for the version that the visitor now sees beside it, as a new submission.
                let w = words::Visits::of(user.language());
                let mut form = corrected.form(&user, Uuid::now_v7()).filled(&typed).made_for(corrected.version.clone());
                form.errors.push(w.stale.to_owned());
                return Ok(corrected.shown(&user, form, corrected.now()));
            }
            form.refuse(&problem);
            Ok(corrected.shown(&user, form, Vec::new()))
        }
    }
}
