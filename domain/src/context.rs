//! What a decision may know of the moment: the instant, the actor, the decision's id.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};

use crate::actor::Actor;
use crate::ids::DecisionId;
use crate::refusal::{Refusal, Refused};

/// The circumstances of one command.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant of deciding, handed in.
    pub now: DateTime<Utc>,
    /// Who commands.
    pub actor: Actor,
    /// The id that all events of this decision share.
    pub decision_id: DecisionId,
}

impl Context {
    /// Today in a program's time zone.
    #[must_use]
    pub fn today(&self, time_zone: FixedOffset) -> NaiveDate {
        self.now.with_timezone(&time_zone).date_naive()
    }

    /// Refuses a day that lies in the future of the program's time zone.
    pub fn not_future(&self, day: NaiveDate, time_zone: FixedOffset, pointer: &'static str) -> Result<(), Refused> {
        let today = self.today(time_zone);
        if day > today {
            return Err(Refusal::DateInFuture { pointer, date: day, today }.into());
        }
        Ok(())
    }
}

/// The same day `years` earlier or later; 29 February counts as the 28th where there is none.
#[must_use]
pub fn add_years(day: NaiveDate, years: i32) -> NaiveDate {
    let months = chrono::Months::new(years.unsigned_abs() * 12);
    let moved = if years < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) };
    moved.unwrap_or(day)
}

/// Refuses a day outside `[from, to]`; an open end is `None`.
pub fn within(
    day: NaiveDate,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    pointer: &'static str,
) -> Result<(), Refused> {
    if from.is_some_and(|f| day < f) || to.is_some_and(|t| day > t) {
        return Err(Refusal::DateOutOfRange { pointer, date: day, from, to }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_29th_of_february_counts_as_the_28th() {
        let leap = NaiveDate::from_ymd_opt(2024, 2, 29);
        assert_eq!(leap.map(|d| add_years(d, 1)), NaiveDate::from_ymd_opt(2025, 2, 28));
        assert_eq!(leap.map(|d| add_years(d, -3)), NaiveDate::from_ymd_opt(2021, 2, 28));
        assert_eq!(leap.map(|d| add_years(d, 4)), NaiveDate::from_ymd_opt(2028, 2, 29));
    }
}
