//! Those who do not say who they are could fill the disk by being refused, and so could those who ask too often: of each
//! minute a bounded number is recorded, and of the rest how many they were.

use std::sync::{Mutex, PoisonError};

use store::audit::Entry;

/// So many entries of one kind are recorded in a minute, on each node.
const PER_MINUTE: u32 = 300;

/// Counts entries of one kind.
#[derive(Debug, Default)]
pub(super) struct Unknown(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    recorded: u32,
    left_out: u64,
}

impl Unknown {
    /// The entry, if it is to be recorded; the first one after others were left out says how many.
    pub(super) fn admit(&self, entry: Entry) -> Option<Entry> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = entry.at.timestamp().div_euclid(60);
        if minute.number != number {
            *minute = Minute { number, recorded: 0, left_out: minute.left_out };
        }
        if minute.recorded >= PER_MINUTE {
            minute.left_out += 1;
            return None;
        }
        minute.recorded += 1;
        Some(match std::mem::take(&mut minute.left_out) {
            0 => entry,
            left_out => entry.with("left_out", left_out),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use store::audit::Kind;

    use super::*;

    #[test]
    fn of_strangers_a_minute_takes_so_many_and_the_next_one_tells_of_the_rest() {
        let at: DateTime<Utc> = "2026-07-01T04:00:00Z".parse().unwrap();
        let unknown = Unknown::default();
        let by = |at| Entry::new(Kind::Command, at);
        let recorded = (0..PER_MINUTE + 7).filter_map(|_| unknown.admit(by(at))).count();
        assert_eq!(recorded, PER_MINUTE as usize);
        let next = unknown.admit(by(at + TimeDelta::seconds(60))).unwrap();
        assert_eq!(next.detail["left_out"], 7);
        let after = unknown.admit(by(at + TimeDelta::seconds(61))).unwrap();
        assert!(after.detail.is_empty());
    }
}
