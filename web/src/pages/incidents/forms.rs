//! The forms about incidents: one handler for all that may be done, each recorded once.

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use domain::forms::facts::Incident;
use projections::balance::Balance;
use projections::cycles::CycleSummary;
use projections::facts::{Content, Fact};
use serde_json::Value;
use uuid::Uuid;

use super::Concerned;
use super::act::Act;
use crate::failure::Failure;
use crate::form::once::{self, Became};
use crate::form::{Form, Submission, Upload, status};
use crate::pages::board::bounds::{Bound, repairs};
use crate::pages::frame::Clause;
use crate::papers;
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::{Sending, User};
use crate::words;

#[derive(Template)]
#[template(path = "incident_form.html")]
struct FormPage {
    shell: Shell,
    w: &'static words::Incidents,
    name: String,
    /// What it is about: the kind, the day, what happened.
    about: Option<(String, String, String)>,
    clauses: Vec<Clause>,
    /// What it does to the balance: a heading, and the bounds as they would be.
    balance: Option<&'static str>,
    bounds: Vec<Bound>,
    repairs: Vec<(String, Option<String>)>,
    form: Form,
    back: String,
}

pub(super) fn routes() -> Router {
    let file = "/cycles/{cycle}/organizations/{uscc}";
    Router::new()
        .route(&format!("{file}/incidents/new"), get(show_report).post(report))
        .route(&format!("{file}/removal-rescission"), get(show_rescission).post(rescind))
        .route(&format!("{file}/incidents/{{incident}}/{{act}}"), get(show_act).post(act))
}

type OfFile = Path<(String, String)>;
type OfIncident = Path<(String, String, String, String)>;

async fn show_report(user: User, Path((cycle, uscc)): OfFile, query: Query) -> Result<Response, Failure> {
    Ok(Doing::of(Act::Report, user, (&cycle, &uscc), None, &query).await?.show(&query))
}

async fn report(Path((cycle, uscc)): OfFile, query: Query, sent: Submission) -> Result<Response, Failure> {
    Doing::of(Act::Report, sent.user.clone(), (&cycle, &uscc), None, &query).await?.take(sent).await
}

async fn show_rescission(user: User, Path((cycle, uscc)): OfFile, query: Query) -> Result<Response, Failure> {
    Ok(Doing::of(Act::Rescind, user, (&cycle, &uscc), None, &query).await?.show(&query))
}

async fn rescind(Path((cycle, uscc)): OfFile, query: Query, sent: Submission) -> Result<Response, Failure> {
    Doing::of(Act::Rescind, sent.user.clone(), (&cycle, &uscc), None, &query).await?.take(sent).await
}

async fn show_act(
    user: User,
    Path((cycle, uscc, incident, act)): OfIncident,
    query: Query,
) -> Result<Response, Failure> {
    let act = of_incident(&act)?;
    Ok(Doing::of(act, user, (&cycle, &uscc), Some(&incident), &query).await?.show(&query))
}

async fn act(
    Path((cycle, uscc, incident, act)): OfIncident,
    query: Query,
    sent: Submission,
) -> Result<Response, Failure> {
    let act = of_incident(&act)?;
    Doing::of(act, sent.user.clone(), (&cycle, &uscc), Some(&incident), &query).await?.take(sent).await
}

fn of_incident(place: &str) -> Result<Act, Failure> {
    Act::at(place).filter(|act| !matches!(act, Act::Report | Act::Rescind)).ok_or(Failure::NoPage)
}

/// What somebody is about to do.
struct Doing {
    act: Act,
    user: User,
    concerned: Concerned,
    incident: Option<Fact>,
    submission: Uuid,
    /// The version of the pool that the page shows, and its balance as it would be.
    pool: Option<(Option<String>, Balance)>,
}

impl Doing {
    async fn of(
        act: Act,
        user: User,
        (cycle, uscc): (&str, &str),
        incident: Option<&str>,
        query: &Query,
    ) -> Result<Self, Failure> {
        let concerned = Concerned::of(&user, cycle, uscc).await?;
        let incident = match incident {
            Some(id) => Some(user.read(&format!("{}/incidents/{}", concerned.path, segment(id))).await?),
            None => None,
        };
        let pool = if act.concerns_the_pool() { Some(pool(act, &user, &concerned).await?) } else { None };
        let submission = once::submission(query).unwrap_or_else(Uuid::now_v7);
        Ok(Self { act, user, concerned, incident, submission, pool })
    }

    fn id(&self) -> Option<&str> {
        self.incident.as_ref().map(|fact| fact.id.as_str())
    }

    fn here(&self) -> String {
        match self.id() {
            Some(id) => format!("{}/incidents/{}/{}", self.concerned.path, segment(id), self.act.place()),
            None if self.act == Act::Rescind => format!("{}/{}", self.concerned.path, self.act.place()),
            None => format!("{}/incidents/{}", self.concerned.path, self.act.place()),
        }
    }

    fn content(&self) -> Option<(&Incident, &Fact)> {
        let fact = self.incident.as_ref()?;
        let Content::Incident(content) = &fact.content else { return None };
        Some((content, fact))
    }

    fn form(&self) -> Form {
        let language = self.user.language();
        let w = words::Incidents::of(language);
        let action = once::address(&self.here(), self.submission);
        let form = Form::new(action, self.user.visitor.token(), self.act.title(w), language);
        let now =
            self.content().filter(|_| self.act == Act::Correct).map(|(content, fact)| (content, fact.occurred_on));
        self.act.fill_in(form, &self.concerned, now).made_for(self.version())
    }

    fn version(&self) -> Option<String> {
        self.pool.as_ref().and_then(|(version, _)| version.clone())
    }

    fn show(&self, query: &Query) -> Response {
        match once::submission(query) {
            Some(_) => self.shown(self.form()),
            None => once::begin(&self.here()).into_response(),
        }
    }

    fn shown(&self, form: Form) -> Response {
        let (frame, w) = (&self.concerned.frame, words::Incidents::of(self.user.language()));
        let mut shell = frame.shell(&self.user, self.act.title(w));
        let status = status(&form, &mut shell);
        let heading = if self.act == Act::Rescind { w.balance_back } else { w.balance_after };
        let balance = self.pool.as_ref().map(|(_, balance)| balance);
        let about = self.content().map(|(content, fact)| {
            (self.concerned.kind(content.kind.as_str()), fact.occurred_on.to_string(), content.description.clone())
        });
        let template = FormPage {
            shell,
            w,
            name: self.concerned.file.name.clone(),
            about,
            clauses: frame.on_incidents(),
            balance: balance.filter(|_| frame.has_classes()).map(|_| heading),
            bounds: balance.map(|balance| Bound::all(&balance.counts, frame)).unwrap_or_default(),
            repairs: balance.map(|balance| repairs(balance, frame, false)).unwrap_or_default(),
            form,
            back: format!("{}/incidents", self.concerned.path),
        };
        page(status, &template)
    }

    async fn take(self, sent: Submission) -> Result<Response, Failure> {
        let Submission { fields, file, restored, .. } = sent;
        let w = words::Incidents::of(self.user.language());
        let mut form = self.form().filled(&fields);
        if restored {
            return Ok(self.shown(form));
        }
        let Some(mut body) = self.act.body(&fields, &self.concerned, self.id(), &mut form) else {
            return Ok(self.shown(form));
        };
        let sent = self.send(&mut body, file, fields.version()).await;
        match once::became(sent)? {
            Became::Done(position) => {
                let seen = position.map(|position| format!("&seen={position}")).unwrap_or_default();
                let list = format!("{}/incidents?done={}{seen}", self.concerned.path, self.act.place());
                Ok(Redirect::to(&list).into_response())
            }
            Became::SentBefore => {
                Ok(Redirect::to(&format!("{}/incidents?sent=1", self.concerned.path)).into_response())
            }
            Became::Refused(problem) => {
                if problem.status == 412 {
                    // The counts beside the form are new, and it goes out again for them, as a new submission.
                    let renewed = Self { submission: Uuid::now_v7(), ..self };
                    let mut form = renewed.form().filled(&fields).made_for(renewed.version());
                    form.errors.push(w.stale.to_owned());
                    return Ok(renewed.shown(form));
                }
                form.refuse(&problem);
                Ok(self.shown(form))
            }
        }
    }

    async fn send(
        &self,
        body: &mut Value,
        file: Option<Upload>,
        version: Option<&str>,
    ) -> Result<Option<u64>, Failure> {
        let mut papers = Vec::new();
        // A correction is whole new content: the papers of the report stay.
        if let Some(fact) = self.incident.as_ref().filter(|_| self.act == Act::Correct) {
            let standing = fact.history.last().map(|version| version.trace.documents.as_slice()).unwrap_or_default();
            papers.extend(standing.iter().map(|paper| paper.document_id));
        }
        if let Some(file) = file {
            papers
                .push(papers::upload(&self.user, file, words::Incidents::of(self.user.language()).paper_title).await?);
        }
        body["documents"] = serde_json::json!(papers);
        let key = self.submission.to_string();
        let with = Sending { submission: Some(&key), version };
        let path = self.act.path(&self.concerned, self.id());
        Ok(self.user.send::<Value>(&path, body, with).await?.position)
    }
}

/// The pool's version, and its balance with this organisation out of it or back in it. No operation of the API tries
/// a removal, as none is ever refused for balance; the arithmetic is the domain's.
async fn pool(act: Act, user: &User, concerned: &Concerned) -> Result<(Option<String>, Balance), Failure> {
    let cycle = user.see::<CycleSummary>(&concerned.frame.path("")).await?;
    let mut counts = cycle.body.classes;
    if let Some(count) = concerned.file.class.as_ref().and_then(|class| counts.get_mut(class)) {
        if act == Act::Rescind && concerned.was_removed() {
            *count = count.saturating_add(1);
        } else if act == Act::Remove && concerned.is_member() {
            *count = count.saturating_sub(1);
        }
    }
    Ok((cycle.etag, concerned.frame.balance_of(counts)))
}
