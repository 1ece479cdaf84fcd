//! Demo data: a believable Wuhu pool, told through the public commands under a scripted clock.
//!
//! Nothing is written past the rules: every step is a command that the domain accepts, recorded on the day that it
//! happens on. Everybody and everything in it is made up. The same day gives the same story, ids included; only the
//! ids of decisions are the application's own.
//!
//! The story runs from three years and more before `today` to the day before it:
//! - `wuhu-incubation-2023`: small, closed; most of its members apply again;
//! - `wuhu-incubation-2025`: in its second year, with a removal that put it out of balance, and its repair;
//! - `hangzhou-cultivation-2026`: a program without recommenders, surveys and classes.

mod admission;
mod calendar;
mod candidates;
mod care;
mod classes;
mod first_cycle;
mod first_year;
mod forms;
mod hangzhou;
mod incidents;
mod intake;
mod organizations;
mod paper;
mod register;
mod script;
mod second_year;
mod story;
mod teaching;
#[cfg(test)]
mod tests;
mod texts;

use anyhow::{Context as _, bail};
use app::{App, Clock};
use chrono::NaiveDate;

use self::calendar::Calendar;
use self::script::Script;
pub(crate) use self::story::Story;

/// The program of the pool.
const WUHU: &str = "wuhu-incubation";
/// The program whose roles the demo's accounts hold.
pub(crate) const PROGRAM: &str = WUHU;
/// Its closed cycle.
const FIRST: &str = "wuhu-incubation-2023";
/// Its running cycle.
const RUNNING: &str = "wuhu-incubation-2025";

/// Fills an empty store with the story, counted back from `today`, a day of the program's time zone.
///
/// The application's clock must be a scripted one. It is left on the last day of the story, the day before `today`.
pub(crate) async fn fill(app: &App, today: NaiveDate) -> anyhow::Result<Story> {
    if !matches!(app.clock(), Clock::Scripted(_)) {
        bail!("the story needs a scripted clock");
    }
    if app.store().feed().head().await? > 0 {
        bail!("the story is told to an empty store only");
    }
    let calendar = Calendar::before(today).context("the calendar has no room for the story")?;
    let mut script = Script::begin(app, calendar)?;
    register::set_up(&mut script).await?;
    first_cycle::tell(&mut script).await?;
    intake::tell(&mut script).await?;
    let out_of_balance_at = first_year::tell(&mut script).await?;
    hangzhou::tell(&mut script).await?;
    second_year::tell(&mut script).await?;
    Story::of(out_of_balance_at)
}
