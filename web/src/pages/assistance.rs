//! 帮扶需求: who waits for an answer, what was asked and answered, and both forms.

use api::page::Page;
use api::resources::facts::assistance_requests::{AnswerAssistanceBody, RequestAssistanceBody};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use domain::forms::facts::{AssistanceAnswer, AssistanceRequest, Channel};
use projections::enrolments::Enrolment;
use projections::facts::{Content, Fact};
use uuid::Uuid;

use super::desk::with_requests;
use super::frame::Frame;
use crate::day;
use crate::failure::Failure;
use crate::form::once::{self, Became};
use crate::form::{Choice, Field, Fields, Form, Submission, status};
use crate::query::{Query, segment};
use crate::shell::{Shell, page};
use crate::visitor::{Sending, User};
use crate::words::{self, Worded as _};

#[derive(Template)]
#[template(path = "assistance.html")]
struct OpenPage {
    shell: Shell,
    w: &'static words::Assistance,
    rows: Vec<(String, String, u32)>,
}

#[derive(Template)]
#[template(path = "assistance_of_file.html")]
struct OfFilePage {
    shell: Shell,
    w: &'static words::Assistance,
    notice: Option<&'static str>,
    name: String,
    file: String,
    ask: Option<String>,
    requests: Vec<Request>,
}

/// A request as shown.
struct Request {
    subject: String,
    description: String,
    asked_on: String,
    /// How long it took, or has waited, in words; whether it still waits.
    time: String,
    open: bool,
    voided: bool,
    answer: Option<(String, String)>,
    answer_it: Option<String>,
}

#[derive(Template)]
#[template(path = "assistance_form.html")]
struct FormPage {
    shell: Shell,
    name: String,
    request: Option<(String, String)>,
    form: Form,
}

pub(super) fn routes() -> Router {
    let file = "/cycles/{cycle}/organizations/{uscc}/assistance";
    Router::new()
        .route("/cycles/{cycle}/assistance", get(list_open))
        .route(file, get(list_of_file))
        .route(&format!("{file}/new"), get(show_question).post(ask))
        .route(&format!("{file}/{{request}}/answer"), get(show_answer).post(answer))
}

async fn list_open(user: User, Path(cycle): Path<String>) -> Result<Response, Failure> {
    let frame = Frame::of(&user, &cycle).await?;
    let w = words::Assistance::of(user.language());
    let rows = with_requests(&user, &frame).await?.into_iter().map(|row| {
        let href = frame.path(&format!("/organizations/{}/assistance", segment(&row.uscc.to_string())));
        (href, row.name, row.open_requests)
    });
    let rows = rows.collect();
    Ok(page(StatusCode::OK, &OpenPage { shell: frame.shell(&user, w.title), w, rows }))
}

/// Whose requests they are.
struct Helped {
    frame: Frame,
    file: Enrolment,
    path: String,
}

impl Helped {
    async fn of(user: &User, cycle: &str, uscc: &str) -> Result<Self, Failure> {
        let frame = Frame::of(user, cycle).await?;
        let path = frame.path(&format!("/organizations/{}", segment(uscc)));
        let file = user.read(&path).await?;
        Ok(Self { frame, file, path })
    }

    fn shown(&self, user: &User, title: &str, request: Option<(String, String)>, form: Form) -> Response {
        let mut shell = self.frame.shell(user, title);
        shell.scripted = true;
        let status = status(&form, &mut shell);
        page(status, &FormPage { shell, name: self.file.name.clone(), request, form })
    }

    fn day_field(&self, label: &str) -> Field {
        let hint = words::Form::of(self.frame.language).day_hint;
        Field::day("on", label).at("/occurred_on").hint(hint).value(self.frame.today().to_string())
    }

    fn draft(&self, user: &User, what: &str) -> String {
        format!("assistance/{}/{}/{}/{what}", user.me.person, self.file.cycle, self.file.organization)
    }

    fn done(&self, what: &str, position: Option<u64>) -> Response {
        let seen = position.map(|position| format!("&seen={position}")).unwrap_or_default();
        Redirect::to(&format!("{}/assistance?{what}=1{seen}", self.path)).into_response()
    }
}

async fn list_of_file(
    user: User,
    Path((cycle, uscc)): Path<(String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let helped = Helped::of(&user, &cycle, &uscc).await?;
    let w = words::Assistance::of(user.language());
    let asked = format!("{}/assistance-requests?voided=true&sort=-occurred_on&limit=200", helped.path);
    let requests: Page<Fact> = user.read(&asked).await?;
    let notices = [("asked", w.asked), ("answered", w.answered), ("sent", w.other_once)];
    let template = OfFilePage {
        shell: helped.frame.shell(&user, format!("{} - {}", helped.file.name, w.title)),
        w,
        notice: notices.into_iter().find(|(name, _)| query.get(name).is_some()).map(|(_, said)| said),
        ask: (user.office.role == "organization").then(|| format!("{}/assistance/new", helped.path)),
        requests: requests.items.iter().filter_map(|fact| request(fact, &user, &helped)).collect(),
        name: helped.file.name.clone(),
        file: helped.path.clone(),
    };
    Ok(page(StatusCode::OK, &template))
}

fn request(fact: &Fact, user: &User, helped: &Helped) -> Option<Request> {
    let Content::AssistanceRequest(request) = &fact.content else { return None };
    let (frame, language) = (&helped.frame, helped.frame.language);
    let open = fact.answer.is_none() && fact.in_force();
    let waited = (frame.today() - fact.occurred_on).num_days();
    Some(Request {
        subject: request.subject.clone(),
        description: request.description.clone(),
        asked_on: fact.occurred_on.to_string(),
        time: day::days(fact.answer.as_ref().map_or(waited, |answer| answer.response_days), language),
        open,
        voided: !fact.in_force(),
        answer: fact.answer.as_ref().map(|answer| {
            let how = answer.content.channel.in_words(language);
            let by = frame.actor(&answer.trace.actor);
            (answer.content.answer.clone(), format!("{how} · {} · {by}", answer.trace.occurred_on))
        }),
        answer_it: (open && user.office.role == "station")
            .then(|| format!("{}/assistance/{}/answer", helped.path, segment(&fact.id))),
    })
}

fn question(helped: &Helped, user: &User, submission: Uuid) -> Form {
    let w = words::Assistance::of(helped.frame.language);
    let action = once::address(&format!("{}/assistance/new", helped.path), submission);
    Form::new(action, user.visitor.token(), w.send, helped.frame.language)
        .kept_as(helped.draft(user, "new"))
        .with(helped.day_field(w.on))
        .with(Field::text("subject", w.subject).at("/request/subject"))
        .with(Field::area("description", w.description).at("/request/description").hint(w.no_people))
}

async fn show_question(
    user: User,
    Path((cycle, uscc)): Path<(String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let helped = Helped::of(&user, &cycle, &uscc).await?;
    let w = words::Assistance::of(user.language());
    Ok(match once::submission(&query) {
        Some(submission) => helped.shown(&user, w.ask, None, question(&helped, &user, submission)),
        None => once::begin(&format!("{}/assistance/new", helped.path)).into_response(),
    })
}

async fn ask(
    Path((cycle, uscc)): Path<(String, String)>,
    query: Query,
    Submission { user, fields, restored, .. }: Submission,
) -> Result<Response, Failure> {
    let helped = Helped::of(&user, &cycle, &uscc).await?;
    let submission = once::submission(&query).unwrap_or_else(Uuid::now_v7);
    let mut form = question(&helped, &user, submission).filled(&fields);
    let w = words::Assistance::of(user.language());
    let on = on(&fields, &mut form);
    let Some(occurred_on) = on.filter(|_| !restored) else { return Ok(helped.shown(&user, w.ask, None, form)) };
    let request = AssistanceRequest { subject: fields.text("subject"), description: fields.text("description") };
    let body = RequestAssistanceBody { request, occurred_on, documents: Vec::new(), waiver: None };
    let path = format!("{}/assistance-requests", helped.path);
    let key = submission.to_string();
    let sent = user.send::<Fact>(&path, &body, Sending { submission: Some(&key), ..Sending::default() }).await;
    Ok(match once::became(sent)? {
        Became::Done(done) => helped.done("asked", done.position),
        Became::SentBefore => helped.done("sent", None),
        Became::Refused(problem) => {
            form.refuse(&problem);
            helped.shown(&user, w.ask, None, form)
        }
    })
}

/// The day of a form; at fault where it cannot be read.
fn on(fields: &Fields, form: &mut Form) -> Option<chrono::NaiveDate> {
    let on = fields.filled("on").and_then(day::parse);
    if on.is_none() {
        form.fault("on", form.w.not_a_day);
    }
    on
}

fn answer_form(helped: &Helped, user: &User, request: &str, submission: Uuid) -> Form {
    let language = helped.frame.language;
    let w = words::Assistance::of(language);
    let channels = [Channel::OnSite, Channel::Phone, Channel::Online];
    let channels = channels.map(|channel| Choice::new(<&str>::from(channel), channel.in_words(language))).into();
    let action = once::address(&format!("{}/assistance/{}/answer", helped.path, segment(request)), submission);
    Form::new(action, user.visitor.token(), w.answer, language)
        .kept_as(helped.draft(user, request))
        .with(helped.day_field(w.on))
        .with(Field::radios("channel", w.channel, channels).at("/answer/channel"))
        .with(Field::area("answer", w.done_what).at("/answer/answer").hint(w.no_people))
}

/// What was asked: subject and description.
async fn asked(user: &User, helped: &Helped, request: &str) -> Result<Option<(String, String)>, Failure> {
    let fact: Fact = user.read(&format!("{}/assistance-requests/{}", helped.path, segment(request))).await?;
    let Content::AssistanceRequest(request) = fact.content else { return Ok(None) };
    Ok(Some((request.subject, request.description)))
}

async fn show_answer(
    user: User,
    Path((cycle, uscc, request)): Path<(String, String, String)>,
    query: Query,
) -> Result<Response, Failure> {
    let helped = Helped::of(&user, &cycle, &uscc).await?;
    let w = words::Assistance::of(user.language());
    let Some(submission) = once::submission(&query) else {
        let path = format!("{}/assistance/{}/answer", helped.path, segment(&request));
        return Ok(once::begin(&path).into_response());
    };
    let question = asked(&user, &helped, &request).await?;
    let form = answer_form(&helped, &user, &request, submission);
    Ok(helped.shown(&user, w.answer_title, question, form))
}

async fn answer(
    Path((cycle, uscc, request)): Path<(String, String, String)>,
    query: Query,
    Submission { user, fields, restored, .. }: Submission,
) -> Result<Response, Failure> {
    let helped = Helped::of(&user, &cycle, &uscc).await?;
    let w = words::Assistance::of(user.language());
    let submission = once::submission(&query).unwrap_or_else(Uuid::now_v7);
    let question = asked(&user, &helped, &request).await?;
    let mut form = answer_form(&helped, &user, &request, submission).filled(&fields);
    if restored {
        return Ok(helped.shown(&user, w.answer_title, question, form));
    }
    let channel = fields.filled("channel").and_then(|text| serde_json::from_value(text.into()).ok());
    if channel.is_none() {
        form.fault("channel", form.w.required);
    }
    let (Some(occurred_on), Some(channel)) = (on(&fields, &mut form), channel) else {
        return Ok(helped.shown(&user, w.answer_title, question, form));
    };
    let answer = AssistanceAnswer { channel, answer: fields.text("answer"), experts: Vec::new() };
    let body = AnswerAssistanceBody { answer, occurred_on, documents: Vec::new(), waiver: None };
    let path = format!("{}/assistance-requests/{}/answers", helped.path, segment(&request));
    let key = submission.to_string();
    let sent = user.send::<Fact>(&path, &body, Sending { submission: Some(&key), ..Sending::default() }).await;
    Ok(match once::became(sent)? {
        Became::Done(done) => helped.done("answered", done.position),
        Became::SentBefore => helped.done("sent", None),
        Became::Refused(problem) => {
            form.refuse(&problem);
            helped.shown(&user, w.answer_title, question, form)
        }
    })
}
