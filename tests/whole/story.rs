//! The whole way of the guide in fifteen steps, over HTTP only, each by the one who acts (W-42 … W-78).
//!
//! Organisations, by number: 0 and 1 are of classes A and B, 2 and 3 of C, 4 and 5 of D; 6 is below A and declined,
//! 7 finds no recommender, 8 joins from the next cycle.

mod beginning;
mod ending;
mod membership;
mod seen;

use chrono::Months;
use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::Server;
use crate::town::{Town, today, uscc};
use seen::Seen;

on_both_databases! {
    w42_to_w78_the_whole_way_of_the_guide,
}

/// The town, and what it showed along the way.
struct Story {
    town: Town,
    seen: Vec<Seen>,
}

async fn w42_to_w78_the_whole_way_of_the_guide(database: TestDatabase) {
    let start = today().checked_sub_months(Months::new(25)).unwrap();
    let town = Town::settle(Server::start(&database).await, start).await;
    let mut story = Story { town, seen: Vec::new() };
    story.w42_the_cycle_lasts_two_years().await;
    story.w30_organisations_apply().await;
    story.w41_recommenders_nominate_two_each().await;
    story.w45_the_station_surveys().await;
    story.w48_the_district_settles_a_list().await;
    story.w56_the_office_classifies().await;
    story.w68_year_one_teaches_a_and_b().await;
    story.w71_members_evaluate_and_ask_for_help().await;
    story.w74_the_station_visits().await;
    story.w69_year_two_teaches_c_and_d().await;
    story.w55_the_office_moves_between_c_and_d().await;
    story.w28_a_major_incident_removes().await;
    story.w75_the_cycle_closes_and_hands_over().await;
    story.w76_members_apply_again().await;
    story.nothing_of_the_past_has_changed().await;
}

impl Story {
    /// Asserts the number of members per class, and who is at which stage.
    async fn stands(&self, counts: [u32; 4], stages: &[(usize, &str)]) {
        let roster = self.town.read("roster?standing=all").await;
        let [a, b, c, d] = counts;
        assert_eq!(roster["balance"]["counts"], json!({ "A": a, "B": b, "C": c, "D": d }));
        assert_eq!(roster["totals"]["members"], a + b + c + d, "{}", roster["totals"]);
        assert_eq!(roster["balance"]["excess"], d.saturating_sub(c));
        for (n, stage) in stages {
            assert_eq!(row(&roster, *n)["stage"], *stage, "organisation {n}");
        }
    }

    /// Who still lacks the teaching of its class.
    async fn untaught(&self) -> Vec<usize> {
        let schedule = self.town.read("schedule?missing=true").await;
        let mut untaught: Vec<_> = (0..9).filter(|n| has(&schedule, *n)).collect();
        untaught.sort_unstable();
        untaught
    }

    /// The types of all events of a file, the first first.
    async fn told(&self, n: usize) -> Vec<String> {
        let timeline = self.town.look(n, "timeline?limit=200").await;
        let entries = timeline["items"].as_array().unwrap();
        entries.iter().map(|entry| entry["event_type"].as_str().unwrap().to_owned()).collect()
    }
}

/// The row of the `n`th organisation in a list.
fn row(list: &Value, n: usize) -> &Value {
    let rows = list["items"].as_array().unwrap();
    rows.iter().find(|row| row["uscc"] == uscc(n)).unwrap_or_else(|| panic!("no row {n} in {list:#}"))
}

/// Whether a list has a row of the `n`th organisation.
fn has(list: &Value, n: usize) -> bool {
    list["items"].as_array().unwrap().iter().any(|row| row["uscc"] == uscc(n))
}
