//! Tables of medians, printed as they come.

use std::io::Write as _;
use std::time::Duration;

/// What several rounds measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    pub(crate) fn add(&mut self, value: f64) {
        self.0.push(value);
        self.0.sort_by(f64::total_cmp);
    }

    /// The one in the middle; 0 where nothing was measured.
    pub(crate) fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    /// Median, with the smallest and the largest where there are several.
    pub(crate) fn shown(&self) -> String {
        match (self.0.first(), self.0.last()) {
            (Some(least), Some(most)) if self.0.len() > 1 => {
                format!("{} ({}–{})", number(self.median()), number(*least), number(*most))
            }
            _ => number(self.median()),
        }
    }
}

/// A figure with as many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// One figure through another.
pub(crate) fn ratio(ours: &Rounds, limit: &Rounds) -> String {
    number(ours.median() / limit.median())
}

/// So many in so long, per second.
#[expect(clippy::cast_precision_loss, reason = "no run counts as far as 2^52")]
pub(crate) fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Prints a line.
pub(crate) fn say(line: &str) {
    // Whoever does not listen any more needs no figure.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a table under a heading.
pub(crate) fn table(heading: &str, columns: &[&str], rows: &[Vec<String>]) {
    say(&format!("\n### {heading}\n"));
    say(&format!("| {} |", columns.join(" | ")));
    say(&format!("|{}", "---|".repeat(columns.len())));
    for row in rows {
        say(&format!("| {} |", row.join(" | ")));
    }
}
