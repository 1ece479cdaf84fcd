//! What was shown when a position was the head, to be asked for again later (E11).

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::Story;

/// The answers at one position.
pub(super) struct Seen {
    position: u64,
    /// The last day on which anything had happened by then.
    day: NaiveDate,
    roster: Value,
    balance: Value,
}

impl Story {
    /// Notes what is shown now; everything so far happened by day `day`.
    pub(super) async fn note(&mut self, day: i64) {
        let roster = self.town.read("roster?standing=all").await;
        let balance = self.town.read("balance").await;
        let position = roster["position"].as_u64().unwrap();
        self.seen.push(Seen { position, day: self.town.day(day), roster, balance });
    }

    /// `known_at` a position answers what was shown when it was the head; `as_of` a day, who then was where.
    pub(super) async fn nothing_of_the_past_has_changed(&self) {
        for Seen { position, day, roster, balance } in &self.seen {
            let known = self.town.read(&format!("roster?standing=all&known_at={position}")).await;
            assert_eq!(known, *roster, "known at {position}");
            assert_eq!(self.town.read(&format!("balance?known_at={position}")).await, *balance, "at {position}");

            let by_day = self.town.read(&format!("roster?standing=all&as_of={day}")).await;
            assert_eq!(standings(&by_day), standings(roster), "as of {day}");
            assert_eq!(self.town.read(&format!("balance?as_of={day}")).await, *balance, "as of {day}");

            let both = self.town.read(&format!("roster?standing=all&as_of={day}&known_at={position}")).await;
            assert_eq!(standings(&both), standings(roster), "as of {day}, known at {position}");
        }
    }
}

/// Who was at which stage, in which class.
fn standings(roster: &Value) -> Vec<Value> {
    let rows = roster["items"].as_array().unwrap();
    rows.iter()
        .map(|row| json!([row["uscc"], row["stage"], row["class"], row["admitted_on"], row["ended_on"]]))
        .collect()
}
