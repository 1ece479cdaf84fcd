//! Scores of self-evaluations over time: a line drawn by the server, and the table that says the same.

use chrono::NaiveDate;
use projections::facts::{Content, Fact};

use crate::pages::frame::Frame;

/// The picture, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 32.0;

/// A self-evaluation with scores.
#[derive(Debug)]
pub(super) struct Scored {
    pub(super) cycle: String,
    pub(super) period: String,
    pub(super) total: i64,
    /// In the order of the categories.
    pub(super) points: Vec<String>,
    to: NaiveDate,
}

/// A point of the line.
#[derive(Debug)]
pub(super) struct Dot {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) label_y: String,
    pub(super) total: i64,
    pub(super) day: String,
}

/// The chart with its table.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) most: u32,
    pub(super) line: String,
    pub(super) dots: Vec<Dot>,
    /// Heights and values of the grid.
    pub(super) grid: Vec<(String, u32)>,
    pub(super) categories: Vec<String>,
    pub(super) rows: Vec<Scored>,
}

impl Chart {
    /// The chart of what counts; none where nothing has scores, or the program has no score sheet.
    pub(super) fn of(evaluations: &[Fact], frame: &Frame) -> Option<Self> {
        let (most, categories) = frame.scores()?;
        let mut rows: Vec<Scored> =
            evaluations.iter().filter(|fact| fact.in_force()).filter_map(|fact| scored(fact, &categories)).collect();
        rows.sort_by_key(|row| row.to);
        let (first, last) = (rows.first()?.to, rows.last()?.to);
        let dots: Vec<Dot> = rows.iter().map(|row| dot(row, first, last, most)).collect();
        let line: Vec<String> = dots.iter().map(|dot| format!("{},{}", dot.x, dot.y)).collect();
        let grid = [0, most / 2, most].map(|value| (units(height(f64::from(value), most)), value));
        Some(Self {
            most,
            line: line.join(" "),
            dots,
            grid: grid.into(),
            categories: categories.into_iter().map(|(_, name)| name).collect(),
            rows,
        })
    }
}

fn scored(fact: &Fact, categories: &[(String, String)]) -> Option<Scored> {
    let Content::SelfEvaluation(evaluation) = &fact.content else { return None };
    if evaluation.scores.is_empty() {
        return None;
    }
    let points = |id: &str| evaluation.scores.iter().find(|score| score.category.as_str() == id).map(|s| s.points);
    Some(Scored {
        cycle: fact.cycle.as_ref().map(ToString::to_string).unwrap_or_default(),
        period: format!("{} — {}", evaluation.period_from, evaluation.period_to),
        total: evaluation.scores.iter().map(|score| score.points).sum(),
        points: categories.iter().map(|(id, _)| points(id).map(|p| p.to_string()).unwrap_or_default()).collect(),
        to: evaluation.period_to,
    })
}

fn dot(row: &Scored, first: NaiveDate, last: NaiveDate, most: u32) -> Dot {
    let share = days(first, row.to) / days(first, last).max(1.0);
    // One evaluation alone stands in the middle.
    let share = if first == last { 0.5 } else { share };
    let x = LEFT + share * (WIDTH - LEFT - RIGHT);
    // Points of a standard are below ten thousand.
    let y = height(f64::from(i32::try_from(row.total).unwrap_or(i32::MAX)), most);
    Dot { x: units(x), y: units(y), label_y: units(y - 9.0), total: row.total, day: row.to.to_string() }
}

fn days(from: NaiveDate, to: NaiveDate) -> f64 {
    f64::from(i32::try_from((to - from).num_days()).unwrap_or(i32::MAX))
}

fn height(points: f64, most: u32) -> f64 {
    HEIGHT - BOTTOM - points / f64::from(most.max(1)) * (HEIGHT - TOP - BOTTOM)
}

fn units(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(to: &str, total: i64) -> Scored {
        Scored { cycle: String::new(), period: String::new(), total, points: Vec::new(), to: to.parse().unwrap() }
    }

    #[test]
    fn the_line_runs_from_the_first_day_to_the_last_and_from_nothing_to_all_points() {
        let (first, last) = ("2025-01-01".parse().unwrap(), "2025-12-31".parse().unwrap());
        let nothing = dot(&row("2025-01-01", 0), first, last, 1000);
        assert_eq!((nothing.x.as_str(), nothing.y.as_str()), ("44.0", "188.0"));
        let all = dot(&row("2025-12-31", 1000), first, last, 1000);
        assert_eq!((all.x.as_str(), all.y.as_str()), ("610.0", "24.0"));
    }

    #[test]
    fn one_evaluation_alone_stands_in_the_middle() {
        let day = "2025-06-30".parse().unwrap();
        assert_eq!(dot(&row("2025-06-30", 500), day, day, 1000).x, "327.0");
    }
}
