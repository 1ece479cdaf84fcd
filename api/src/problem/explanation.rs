//! The pages `/problems` and `/problems/{code}`, where `type` of a problem document leads to.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use strum::IntoEnumIterator;

use super::{Code, Problem};
use crate::accept::Accept;
use crate::language::Language;

/// What the catalogue says of a code, in one language.
#[derive(Debug, Serialize)]
struct Explanation {
    r#type: String,
    code: &'static str,
    status: u16,
    title: &'static str,
    text: &'static str,
}

impl Explanation {
    fn of(code: Code, language: Language) -> Self {
        let text = code.entry().text;
        Self {
            r#type: format!("/problems/{code}"),
            code: code.as_str(),
            status: code.status().as_u16(),
            title: code.title(language),
            text: match language {
                Language::Chinese => text.zh,
                Language::English => text.en,
            },
        }
    }

    fn html(&self) -> String {
        let Self { r#type, code, status, title, text } = self;
        format!("<h2><a href=\"{type}\"><code>{code}</code></a> {title}</h2><p>{status} · {text}</p>")
    }
}

/// The pages' routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/problems", get(list_problems)).route("/problems/{code}", get(get_problem))
}

async fn list_problems(headers: HeaderMap) -> Response {
    let language = Language::preferred(&headers);
    let all: Vec<_> = Code::iter().map(|code| Explanation::of(code, language)).collect();
    let html = || all.iter().map(Explanation::html).collect();
    page(&headers, language, html, &all)
}

async fn get_problem(Path(code): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let language = Language::preferred(&headers);
    let code: Code = code.parse().map_err(|_| Problem::not_found("problem"))?;
    let explanation = Explanation::of(code, language);
    Ok(page(&headers, language, || explanation.html(), &explanation))
}

/// HTML for browsers, JSON for all others. The catalogue is public and changes only with the program.
fn page(headers: &HeaderMap, language: Language, html: impl FnOnce() -> String, json: &impl Serialize) -> Response {
    let head = [
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag())),
        (header::VARY, HeaderValue::from_static("accept, accept-language")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    if Accept::of(headers).prefers("text/html", "application/json") {
        let tag = language.tag();
        let main = html();
        let text = format!(
            "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>Hatchery</title></head>\
             <body><main>{main}</main></body></html>"
        );
        return (head, Html(text)).into_response();
    }
    (head, Json(json)).into_response()
}
