//! The three views of an organisation's class, side by side: its own, the station's, the office's.

use domain::ids::ClassId;
use projections::roster::RosterRow;

use crate::pages::frame::Frame;
use crate::query::segment;
use crate::words::{self, Worded as _};

/// What each of the three says, in words.
#[derive(Debug)]
pub(super) struct Views {
    pub(super) own: String,
    pub(super) station: String,
    pub(super) office: String,
}

impl Views {
    pub(super) fn of(row: &RosterRow, frame: &Frame) -> Self {
        let w = words::Board::of(frame.language);
        let class = |class: &Option<ClassId>, none: &str| {
            class.as_ref().map_or_else(|| none.to_owned(), |class| frame.class(class.as_str()))
        };
        let below = words::Roster::of(frame.language).below_a;
        Self {
            own: class(&row.own_class, w.none_said),
            station: if row.station_below_a { below.to_owned() } else { class(&row.station_class, w.none_said) },
            office: class(&row.class, w.undecided),
        }
    }

    /// All three and the stage in one line: a version of the row, as people compare it.
    pub(super) fn in_line(&self, row: &RosterRow, frame: &Frame) -> String {
        let w = words::Board::of(frame.language);
        let stage = row.stage.in_words(frame.language);
        let Self { own, station, office } = self;
        format!("{stage} · {} {own} · {} {station} · {} {office}", w.own, w.station, w.office)
    }
}

/// An organisation in a column.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) views: Views,
    /// Whether the office decided otherwise than the station proposed.
    pub(super) differs: bool,
}

impl Card {
    pub(super) fn of(row: &RosterRow, frame: &Frame) -> Self {
        Self {
            href: frame.path(&format!("/organizations/{}", segment(&row.uscc.to_string()))),
            name: row.name.clone(),
            differs: row.class.is_some() && row.class != row.station_class,
            views: Views::of(row, frame),
        }
    }
}
