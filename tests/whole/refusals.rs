//! Every refusal that a client can meet, met over HTTP: the right code, and the log as it was.
//!
//! Organisations, by number: 0 is a member of class C, 1 of D, 2 of A; 3 is nominated, 4 only applied, 5 has a settled
//! survey for D; 6 was declined; 7 to 12 belong to single refusals.

mod classes;
mod coverage;
mod forms;
mod steps;
mod teaching;
mod transport;

use serde_json::json;
use store::testing::TestDatabase;

use crate::on_both_databases;
use crate::server::Server;
use crate::town::{OFFICE, Town, uscc};

on_both_databases! {
    every_refusal_leaves_the_log_as_it_was,
}

async fn every_refusal_leaves_the_log_as_it_was(database: TestDatabase) {
    let town = Town::begun_a_year_ago(Server::start(&database).await).await;
    people(&town).await;
    transport::refuses(&town).await;
    forms::refuses(&town).await;
    steps::refuses(&town).await;
    classes::refuses(&town).await;
    teaching::refuses(&town).await;
    coverage::holds(&town.server.refused_with());
}

async fn people(town: &Town) {
    town.member(0, "office-quality", "C").await;
    town.member(1, "office-quality", "D").await;
    town.member(2, "committee-jinghu", "A").await;
    town.apply(3, "B", 1).await;
    town.nominate(3, "committee-jinghu", 2).await;
    town.apply(4, "B", 1).await;
    town.bring(5, "association-equipment", "D").await;
    town.apply(6, "B", 1).await;
    town.nominate(6, "association-equipment", 2).await;
    let decline = json!({ "uscc": uscc(6), "grounds": { "text": "材料不实。" }, "occurred_on": town.day(3) });
    town.does(OFFICE, "declines", decline).await;
}
