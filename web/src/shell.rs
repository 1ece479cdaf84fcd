//! What is around every page: header, navigation, who acts, language.

use api::language::Language;
use api::resources::me::Office;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::failure::Failure;
use crate::query::segment;
use crate::visitor::{User, Visitor};
use crate::{assets, words};

/// A link of the navigation.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) current: bool,
}

/// Who is signed in, as the header shows it.
#[derive(Debug)]
pub(crate) struct Acting {
    pub(crate) login: String,
    /// Role and unit in words.
    pub(crate) office: String,
    /// All that the account may act as: value, words, whether it is the present one.
    pub(crate) offices: Vec<(String, String, bool)>,
}

/// What is around a page.
#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) language: Language,
    pub(crate) w: &'static words::Shell,
    pub(crate) title: String,
    /// Set where a form of the page is faulty: the title says so.
    pub(crate) faulty: bool,
    pub(crate) acting: Option<Acting>,
    pub(crate) links: Vec<Link>,
    /// Links of the cycle that the page is about, under its name.
    pub(crate) cycle: Option<(String, Vec<Link>)>,
    pub(crate) token: String,
    /// Path and query of the page.
    pub(crate) place: String,
    /// Whether the page has a form that keeps a draft.
    pub(crate) scripted: bool,
}

impl Shell {
    /// Around a page for anybody.
    pub(crate) fn plain(visitor: &Visitor, title: impl Into<String>) -> Self {
        Self {
            language: visitor.language,
            w: words::Shell::of(visitor.language),
            title: title.into(),
            faulty: false,
            acting: None,
            links: Vec::new(),
            cycle: None,
            token: visitor.token(),
            place: visitor.place.clone(),
            scripted: false,
        }
    }

    /// Around a page for somebody signed in.
    pub(crate) fn of(user: &User, title: impl Into<String>) -> Self {
        let mut shell = Self::plain(&user.visitor, title);
        let language = shell.language;
        let present = user.office.actor.as_str();
        let offices = user.me.offices.iter();
        shell.acting = Some(Acting {
            login: user.me.person.clone(),
            office: in_words(&user.office, language),
            offices: offices
                .map(|office| (office.actor.clone(), in_words(office, language), office.actor == present))
                .collect(),
        });
        for (href, text) in [("/", shell.w.desk), ("/cycles", shell.w.cycles)] {
            shell.links.push(shell.link(href.to_owned(), text));
        }
        shell
    }

    /// About a cycle: with its own links, which depend on what the role works with.
    pub(crate) fn in_cycle(mut self, user: &User, cycle: &str, name: String, has_classes: bool) -> Self {
        let under = format!("/cycles/{}", segment(cycle));
        let w = self.w;
        let links = match user.office.role.as_str() {
            "organization" => {
                let own = user.office.acts_for.first().map_or(user.office.unit.as_str(), |acts| acts.id.as_str());
                let file = format!("{under}/organizations/{}", segment(own));
                vec![(file.clone(), w.own_file), (format!("{file}/assistance"), w.assistance)]
            }
            "expert" | "administrator" => Vec::new(),
            _ => [
                Some((format!("{under}/roster"), w.roster)),
                has_classes.then(|| (format!("{under}/board"), w.board)),
                Some((format!("{under}/visits"), w.visits)),
                Some((format!("{under}/assistance"), w.assistance)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        };
        let links = links.into_iter().map(|(href, text)| self.link(href, text)).collect();
        self.cycle = Some((name, links));
        self
    }

    fn link(&self, href: String, text: &str) -> Link {
        let path = self.place.split('?').next().unwrap_or_default();
        Link { current: path == href, href, text: text.to_owned() }
    }

    /// Where an asset is found.
    #[allow(clippy::unused_self, reason = "templates ask the shell")]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Where the language is switched.
    pub(crate) fn other_language(&self) -> String {
        let other = match self.language {
            Language::Chinese => "en",
            Language::English => "zh",
        };
        format!("/language/{other}?back={}", segment(&self.place))
    }

    /// The tag of the other language.
    pub(crate) const fn other_tag(&self) -> &'static str {
        match self.language {
            Language::Chinese => Language::English.tag(),
            Language::English => Language::Chinese.tag(),
        }
    }
}

/// An office in words: the role, and the name of its unit.
fn in_words(office: &Office, language: Language) -> String {
    let role = words::role(&office.role, language);
    let name = office.acts_for.first().and_then(|acts| acts.name.clone());
    match name {
        Some(name) => format!("{role} · {name}"),
        None if office.unit == "all" => role.to_owned(),
        None => format!("{role} · {}", office.unit),
    }
}

/// A page, rendered.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(cause) => Failure::internal(cause).into_response(),
    }
}
