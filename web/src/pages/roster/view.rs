//! What a visitor wants of the roster: his filters, and how the page offers them.

use api::language::Language;
use chrono::{Days, NaiveDate, SecondsFormat};
use domain::cycle::Stage;
use domain::forms::annex1::{KeyField, Nature, Sector, Size};
use projections::roster::Census;
use strum::IntoEnumIterator;

use crate::day;
use crate::form::Choice;
use crate::names::choices;
use crate::pages::frame::Frame;
use crate::query::Query;
use crate::words::{self, Worded};

/// What the API's roster is asked, beside days.
const PASSED: [&str; 9] =
    ["standing", "search", "sort", "cursor", "class", "stage", "district", "station", "recommender"];
/// Filters that are folded away.
const FOLDED: [&str; 6] = ["nature", "size", "sector", "key_field", "as_of", "known_at"];

/// A filter as the page offers it.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) choices: Vec<Choice>,
    pub(super) chosen: String,
}

/// One of the two clocks: a day, as people write it (U8).
#[derive(Debug)]
pub(super) struct Clock {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) written: String,
    pub(super) error: Option<&'static str>,
}

/// Whose files are shown: a link, its words, how many there are.
#[derive(Debug)]
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) text: &'static str,
    pub(super) count: Option<u32>,
    pub(super) current: bool,
}

/// What is wanted.
#[derive(Debug)]
pub(super) struct Asked {
    /// As the visitor wrote it, without what no roster knows.
    query: Query,
    as_of: Option<NaiveDate>,
    known_at: Option<String>,
    /// Names of days that cannot be read; they filter nothing.
    faults: Vec<&'static str>,
}

impl Asked {
    pub(super) fn of(query: Query, frame: &Frame) -> Self {
        let query = query.only(&[&PASSED[..], &FOLDED[..]].concat());
        let mut faults = Vec::new();
        let as_of = query.get("as_of").map(day::parse);
        if as_of == Some(None) {
            faults.push("as_of");
        }
        let known_at = query.get("known_at").map(|text| instant(text, frame));
        if known_at == Some(None) {
            faults.push("known_at");
        }
        Self { as_of: as_of.flatten(), known_at: known_at.flatten(), query, faults }
    }

    /// What the API is asked.
    pub(super) fn question(&self) -> Query {
        let mut question = self.query.clone().without("as_of").without("known_at");
        if let Some(day) = self.as_of {
            question = question.with("as_of", day.to_string());
        }
        if let Some(instant) = &self.known_at {
            question = question.with("known_at", instant);
        }
        question
    }

    /// What is shown, from its first page.
    pub(super) fn shown(&self) -> Query {
        self.query.clone().without("cursor")
    }

    /// Nothing but whose files.
    pub(super) fn cleared(&self) -> Query {
        self.query.clone().only(&["standing"])
    }

    pub(super) fn is_later_page(&self) -> bool {
        self.query.get("cursor").is_some()
    }

    pub(super) fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether a filter that is folded away is in use.
    pub(super) fn is_unfolded(&self) -> bool {
        FOLDED.iter().any(|name| self.query.get(name).is_some())
    }

    /// What the form of the filters carries on.
    pub(super) fn kept(&self) -> Vec<(&'static str, String)> {
        let keep = |name: &'static str| Some((name, self.query.get(name)?.to_owned()));
        ["standing", "sort"].into_iter().filter_map(keep).collect()
    }

    pub(super) fn sort(&self) -> &str {
        self.query.get("sort").unwrap_or("number")
    }

    /// Whose files are shown.
    pub(super) fn standing(&self) -> &str {
        self.query.get("standing").unwrap_or("member")
    }

    /// The text that is searched for.
    pub(super) fn search(&self) -> String {
        self.query.get("search").unwrap_or_default().to_owned()
    }

    /// Whether a time other than the present is looked at.
    pub(super) const fn is_past(&self) -> bool {
        self.as_of.is_some() || self.known_at.is_some()
    }

    /// The time that is looked at, in words; none for the present.
    pub(super) fn past(&self, w: &words::Roster) -> Option<String> {
        let as_of = self.as_of.map(|day| format!("{} {day}", w.as_of));
        let known_at =
            self.known_at.as_ref().and(self.query.get("known_at")).map(|day| format!("{} {day}", w.known_at));
        let said: Vec<String> = [as_of, known_at].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join(" · "))
    }

    pub(super) fn tabs(&self, path: &str, totals: &Census, w: &'static words::Roster) -> Vec<Tab> {
        let all = [
            ("member", w.members, Some(totals.members)),
            ("applicant", w.applicants, Some(totals.applicants)),
            ("former", w.former, Some(totals.former)),
            ("all", w.all, None),
        ];
        // A stage belongs to one standing, and not every order fits another.
        let others = self.shown().without("stage").without("sort");
        let tab = |(standing, text, count)| {
            let href = others.clone().with("standing", standing).after(path);
            Tab { href, text, count, current: self.standing() == standing }
        };
        all.into_iter().map(tab).collect()
    }

    fn filter(&self, name: &'static str, label: &'static str, choices: Vec<Choice>) -> Filter {
        Filter { name, label, choices, chosen: self.query.get(name).unwrap_or_default().to_owned() }
    }

    /// The filters in sight: those that the cycle has.
    pub(super) fn filters(&self, frame: &Frame, w: &'static words::Roster) -> Vec<Filter> {
        let classes = frame.cycle.classes.keys();
        let classes = classes.map(|class| Choice::new(class.as_str(), frame.class(class.as_str()))).collect();
        let filters = [
            self.filter("class", w.class, classes),
            self.filter("stage", w.stage, named::<Stage>(frame.language)),
            self.filter("district", w.district, choices(&frame.names.districts)),
            self.filter("station", w.station, choices(&frame.names.stations)),
            self.filter("recommender", w.recommender, choices(&frame.names.recommenders)),
        ];
        filters.into_iter().filter(|filter| !filter.choices.is_empty()).collect()
    }

    /// The filters that are folded away.
    pub(super) fn folded(&self, w: &'static words::Roster, language: Language) -> Vec<Filter> {
        vec![
            self.filter("nature", w.nature, named::<Nature>(language)),
            self.filter("size", w.size, named::<Size>(language)),
            self.filter("sector", w.sector, named::<Sector>(language)),
            self.filter("key_field", w.key_field, named::<KeyField>(language)),
        ]
    }

    pub(super) fn clocks(&self, w: &'static words::Roster) -> Vec<Clock> {
        let clock = |(name, label, hint): (&'static str, _, _)| Clock {
            written: self.query.get(name).unwrap_or_default().to_owned(),
            error: self.faults.contains(&name).then_some(w.not_a_time),
            name,
            label,
            hint,
        };
        [("as_of", w.as_of, w.as_of_hint), ("known_at", w.known_at, w.known_at_hint)].map(clock).into()
    }
}

/// A recording day means its end, where the program's days are counted; a position of the log is taken as well.
fn instant(text: &str, frame: &Frame) -> Option<String> {
    if text.len() < 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    let next = day::parse(text)?.checked_add_days(Days::new(1))?;
    let end = next.and_hms_opt(0, 0, 0)?.and_local_timezone(frame.zone()).single()?;
    Some(end.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The values of a kind, by their names in the API.
fn named<K: Worded + IntoEnumIterator + Into<&'static str>>(language: Language) -> Vec<Choice> {
    K::iter().map(|kind| Choice::new(kind.into(), kind.in_words(language))).collect()
}
