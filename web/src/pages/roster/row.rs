//! A row of the roster, and the columns that it has.

use chrono::NaiveDate;
use domain::ids::ClassId;
use projections::roster::{RosterRow, Standing};

use super::view::Asked;
use crate::day;
use crate::pages::frame::Frame;
use crate::query::segment;
use crate::words::{self, Worded as _};

/// A column after number and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    District,
    Station,
    Recommender,
    OwnClass,
    StationClass,
    Class,
    Stage,
    AppliedOn,
    AdmittedOn,
    LastVisit,
    NextDue,
    Requests,
    EndedOn,
}

/// A heading: what the column is called, and the link that sorts by it.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) text: &'static str,
    pub(super) sort: Option<String>,
    /// `ascending`, `descending`, or nothing.
    pub(super) sorted: &'static str,
}

/// A cell.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) label: &'static str,
    pub(super) text: String,
    /// Whether it is a day, which is not broken between lines.
    pub(super) is_day: bool,
    /// That it is overdue, in words.
    pub(super) late: Option<String>,
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) uscc: String,
    pub(super) cells: Vec<Cell>,
}

/// The columns of a standing. What the program does not have is not there.
fn kinds(asked: &Asked, frame: &Frame) -> Vec<Kind> {
    let mut kinds = vec![Kind::District, Kind::Station, Kind::Recommender];
    if frame.has_classes() {
        kinds.extend([Kind::OwnClass, Kind::StationClass, Kind::Class]);
    }
    match asked.standing() {
        "applicant" => kinds.extend([Kind::Stage, Kind::AppliedOn]),
        "member" => {
            kinds.push(Kind::AdmittedOn);
            if frame.has_visits() {
                kinds.extend([Kind::LastVisit, Kind::NextDue]);
            }
            kinds.push(Kind::Requests);
        }
        _ => kinds.extend([Kind::Stage, Kind::AdmittedOn, Kind::EndedOn]),
    }
    kinds
}

impl Kind {
    const fn label(self, w: &'static words::Roster) -> &'static str {
        match self {
            Self::District => w.district,
            Self::Station => w.station,
            Self::Recommender => w.recommender,
            Self::OwnClass => w.own_class,
            Self::StationClass => w.station_class,
            Self::Class => w.decided_class,
            Self::Stage => w.stage,
            Self::AppliedOn => w.applied_on,
            Self::AdmittedOn => w.admitted_on,
            Self::LastVisit => w.last_visit,
            Self::NextDue => w.next_due,
            Self::Requests => w.requests,
            Self::EndedOn => w.ended_on,
        }
    }

    /// The field by which the API sorts it.
    const fn field(self) -> Option<&'static str> {
        match self {
            Self::Class => Some("class"),
            Self::AdmittedOn => Some("admitted_on"),
            Self::LastVisit => Some("last_visit_on"),
            Self::NextDue => Some("next_due_on"),
            Self::District
            | Self::Station
            | Self::Recommender
            | Self::OwnClass
            | Self::StationClass
            | Self::Stage
            | Self::AppliedOn
            | Self::Requests
            | Self::EndedOn => None,
        }
    }

    const fn is_day(self) -> bool {
        matches!(self, Self::AppliedOn | Self::AdmittedOn | Self::LastVisit | Self::NextDue | Self::EndedOn)
    }

    fn text(self, row: &RosterRow, frame: &Frame, w: &'static words::Roster) -> String {
        let class =
            |class: &Option<ClassId>| class.as_ref().map(|class| frame.class(class.as_str())).unwrap_or_default();
        let on = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        match self {
            Self::District => frame.names.district(row.district.as_str()),
            Self::Station => row.station.as_ref().map(|id| frame.names.station(id.as_str())).unwrap_or_default(),
            Self::Recommender => {
                row.recommender.as_ref().map(|id| frame.names.recommender(id.as_str())).unwrap_or_default()
            }
            Self::OwnClass => class(&row.own_class),
            Self::StationClass if row.station_below_a => w.below_a.to_owned(),
            Self::StationClass => class(&row.station_class),
            Self::Class => class(&row.class),
            Self::Stage => row.stage.in_words(frame.language).to_owned(),
            Self::AppliedOn => row.applied_on.to_string(),
            Self::AdmittedOn => on(row.admitted_on),
            Self::LastVisit => on(row.last_visit_on),
            Self::NextDue => on(row.next_due_on),
            Self::Requests if row.open_requests == 0 => String::new(),
            Self::Requests => row.open_requests.to_string(),
            Self::EndedOn => on(row.ended_on),
        }
    }

    fn cell(self, row: &RosterRow, asked: &Asked, frame: &Frame, w: &'static words::Roster) -> Cell {
        // Of the past nobody can say what was overdue then.
        let due = row.next_due_on.filter(|_| self == Self::NextDue && row.standing == Standing::Member);
        let today = frame.today();
        let late = due.filter(|day| *day < today && !asked.is_past());
        Cell {
            label: self.label(w),
            text: self.text(row, frame, w),
            is_day: self.is_day(),
            late: late.map(|on| day::due(on, today, frame.language)),
        }
    }
}

/// The headings, in the order of the cells.
pub(super) fn headings(asked: &Asked, path: &str, frame: &Frame, w: &'static words::Roster) -> Vec<Heading> {
    let mut all = vec![(w.number, Some("number")), (w.organization, Some("name"))];
    all.extend(kinds(asked, frame).into_iter().map(|kind| (kind.label(w), kind.field())));
    let heading = |(text, field): (&'static str, Option<&'static str>)| {
        let sorted = match field {
            Some(field) if asked.sort() == field => "ascending",
            Some(field) if asked.sort().strip_prefix('-') == Some(field) => "descending",
            Some(_) | None => "",
        };
        let sort = field.map(|field| {
            let order = if sorted == "ascending" { format!("-{field}") } else { field.to_owned() };
            asked.shown().with("sort", order).after(path)
        });
        Heading { text, sort, sorted }
    };
    all.into_iter().map(heading).collect()
}

impl Row {
    pub(super) fn of(row: &RosterRow, asked: &Asked, frame: &Frame, w: &'static words::Roster) -> Self {
        let uscc = row.uscc.to_string();
        Self {
            number: row.number,
            href: frame.path(&format!("/organizations/{}", segment(&uscc))),
            name: row.name.clone(),
            uscc,
            cells: kinds(asked, frame).into_iter().map(|kind| kind.cell(row, asked, frame, w)).collect(),
        }
    }
}
