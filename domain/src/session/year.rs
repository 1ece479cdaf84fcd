//! Years of a cycle: twelve months each, counted from its first day.

use chrono::{Datelike, NaiveDate};

use crate::context::add_years;

/// The year of the cycle that `day` lies in, from 1; a day before the cycle counts to the first year.
///
/// A year begins on the anniversary of `starts_on`; 29 February counts as the 28th where there is none (W-42).
#[must_use]
pub fn cycle_year(starts_on: NaiveDate, day: NaiveDate) -> u32 {
    let calendar_years = day.year() - starts_on.year();
    let anniversary_ahead = add_years(starts_on, calendar_years) > day;
    let completed = calendar_years - i32::from(anniversary_ahead);
    u32::try_from(completed).map_or(1, |years| years + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(starts_on: &str, day: &str) -> Option<u32> {
        Some(cycle_year(starts_on.parse().ok()?, day.parse().ok()?))
    }

    #[test]
    fn w42_w68_w69_the_second_year_begins_on_the_anniversary() {
        assert_eq!(year("2026-05-01", "2026-05-01"), Some(1));
        assert_eq!(year("2026-05-01", "2027-04-30"), Some(1));
        assert_eq!(year("2026-05-01", "2027-05-01"), Some(2));
        assert_eq!(year("2026-05-01", "2028-04-30"), Some(2));
        assert_eq!(year("2026-05-01", "2028-05-01"), Some(3));
    }

    #[test]
    fn w42_the_anniversary_of_the_29th_of_february_is_the_28th() {
        assert_eq!(year("2024-02-29", "2025-02-27"), Some(1));
        assert_eq!(year("2024-02-29", "2025-02-28"), Some(2));
        assert_eq!(year("2024-02-29", "2028-02-28"), Some(4));
        assert_eq!(year("2024-02-29", "2028-02-29"), Some(5));
    }

    #[test]
    fn a_day_before_the_cycle_counts_to_its_first_year() {
        assert_eq!(year("2026-05-01", "2026-04-30"), Some(1));
        assert_eq!(year("2026-05-01", "2024-12-31"), Some(1));
    }
}
