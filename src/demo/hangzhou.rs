//! A pool of another kind: no recommenders, no surveys, no classes; admitted by the award office at once.

use chrono::Datelike;
use domain::cycle::Intake;

use super::classes::Decided;
use super::organizations::HANGZHOU_ORGANIZATION;
use super::register::{self, XIHU};
use super::script::Script;

/// The program.
const PROGRAM: &str = "hangzhou-cultivation";
/// Its cycle.
const CYCLE: &str = "hangzhou-cultivation-2026";

/// Tells how the cycle is opened and its one member admitted.
pub(super) async fn tell(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.enter(PROGRAM, CYCLE)?;
    let today = script.on(calendar.ago(112))?;
    register::add_district(script, &XIHU).await?;
    script.open(today.with_day(1).unwrap_or(today), Intake::default()).await?;
    script.on(calendar.ago(110))?;
    script.apply(&HANGZHOU_ORGANIZATION, None, None).await?;
    script.on(calendar.ago(105))?;
    script.classify(&[Decided { organization: &HANGZHOU_ORGANIZATION, class: None, grounds: None }]).await?;
    Ok(())
}
