//! The days of the story, counted back from today.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The days that everything else is counted from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    today: NaiveDate,
    /// First day of the closed cycle.
    pub(super) first: NaiveDate,
    /// The day after its last.
    pub(super) first_ends: NaiveDate,
    /// First day of the running cycle: the first of a month, 16 to 17 months ago, so that its second year runs.
    pub(super) running: NaiveDate,
}

impl Calendar {
    /// The calendar of a story that ends the day before `today`.
    pub(super) fn before(today: NaiveDate) -> Option<Self> {
        let running = today.checked_sub_months(Months::new(16))?.with_day(1)?;
        // Three months lie between the two cycles: applications come after the end of the earlier (W-76).
        let first_ends = running.checked_sub_months(Months::new(3))?;
        let first = first_ends.checked_sub_months(Months::new(24))?;
        Some(Self { today, first, first_ends, running })
    }

    /// So many days after the beginning of the closed cycle; before it if negative.
    pub(super) fn of_first(&self, days: i64) -> Option<NaiveDate> {
        shift(self.first, days)
    }

    /// So many days after the beginning of the running cycle; before it if negative.
    pub(super) fn of_running(&self, days: i64) -> Option<NaiveDate> {
        shift(self.running, days)
    }

    /// So many days before today.
    pub(super) fn ago(&self, days: u64) -> Option<NaiveDate> {
        self.today.checked_sub_days(Days::new(days))
    }

    /// So many days after today.
    pub(super) fn ahead(&self, days: u64) -> Option<NaiveDate> {
        self.today.checked_add_days(Days::new(days))
    }
}

fn shift(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let distance = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(distance) } else { day.checked_add_days(distance) }
}
