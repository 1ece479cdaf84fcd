//! The closed cycle: six applicants, two years, and the reports with which its members apply again.

use domain::Command;
use domain::cycle::{Applicants, CloseCycle, CycleCommand, Intake, Withdraw};
use domain::forms::annex1::Level;
use domain::forms::facts::{Holder, SessionOutcome};

use super::admission::conclusion;
use super::classes::Decided;
use super::organizations::{Organization, all_numbered, numbered};
use super::script::{Script, itself};
use super::teaching::{DIAGNOSIS, FOUNDATION, IMPROVEMENT, TARGETED};
use super::{FIRST, WUHU};

/// Members: number, recommender, class that all three agree on.
const MEMBERS: [(u32, &str, &str); 5] = [
    (1, "office-industry", "C"),
    (2, "committee-wuwei", "B"),
    (3, "committee-fanchang", "A"),
    (4, "association-appliances", "D"),
    (5, "association-food", "C"),
];
/// Applies late, and is never recommended.
const LATE: u32 = 6;

/// Tells the cycle from its opening to the report that comes after its end.
pub(super) async fn tell(script: &mut Script<'_>) -> anyhow::Result<()> {
    script.enter(WUHU, FIRST)?;
    admit(script).await?;
    first_year(script).await?;
    second_year(script).await?;
    close(script).await
}

async fn admit(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.of_first(-95))?;
    script.open(calendar.first, Intake::default()).await?;
    for (days, (number, _, class)) in (-80..).zip(MEMBERS) {
        script.on(calendar.of_first(days))?;
        script.apply(numbered(number)?, Some(class), None).await?;
    }
    for (days, (number, recommender, _)) in (-70..).zip(MEMBERS) {
        script.on(calendar.of_first(days))?;
        script.nominate(numbered(number)?, recommender).await?;
    }
    script.on(calendar.of_first(-50))?;
    let organizations = all_numbered(&MEMBERS.map(|(number, ..)| number))?;
    script.check_conditions(&organizations).await?;
    for (days, (number, _, class)) in (-45..).zip(MEMBERS) {
        script.on(calendar.of_first(days))?;
        script.survey(numbered(number)?, conclusion(Some(class))?).await?;
    }
    script.on(calendar.of_first(-20))?;
    for district in ["jingkai", "wuwei", "fanchang", "sanshan"] {
        let own: Vec<&Organization> = organizations.iter().copied().filter(|o| o.district == district).collect();
        script.settle(district, &own, format!("{district}-1-1")).await?;
    }
    script.on(calendar.of_first(5))?;
    let decided = MEMBERS.map(|(number, _, class)| (number, class));
    let decided = decided
        .iter()
        .map(|(number, class)| Ok(Decided { organization: numbered(*number)?, class: Some(class), grounds: None }));
    script.classify(&decided.collect::<anyhow::Result<Vec<_>>>()?).await?;
    Ok(())
}

async fn first_year(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let day = |days| calendar.of_first(days);
    script.on(day(40))?;
    let foundation = script.book(&FOUNDATION, day(60), None).await?;
    let improvement = script.book(&IMPROVEMENT, day(120), None).await?;
    script.on(day(60))?;
    script.attend(foundation, &FOUNDATION, &[(numbered(3)?, 8)]).await?;
    script.on(day(120))?;
    script.attend(improvement, &IMPROVEMENT, &[(numbered(2)?, 6)]).await?;
    let trained = SessionOutcome { self_assessors_trained: Some(6), ..SessionOutcome::default() };
    script.outcome(improvement, trained).await?;
    for (round, days) in [150, 320].into_iter().enumerate() {
        visit_all(script, &[1, 2, 3, 4, 5], round, days).await?;
    }
    Ok(())
}

async fn second_year(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let day = |days| calendar.of_first(days);
    script.on(day(400))?;
    let leaving = numbered(5)?;
    let command = CycleCommand::Withdraw(Withdraw {
        cycle: script.cycle.clone(),
        uscc: leaving.uscc()?,
        reason: Some("搬迁新厂区，本周期内无法保证教学参与，自愿退出。".to_owned()),
        common: script.fact(),
    });
    script.run("withdraw", &itself(leaving)?, Command::Cycle(command)).await?;
    let targeted = script.book(&TARGETED, day(440), None).await?;
    let diagnosis = script.book(&DIAGNOSIS, day(480), Some(numbered(4)?)).await?;
    script.on(day(440))?;
    script.attend(targeted, &TARGETED, &[(numbered(1)?, 12)]).await?;
    script.on(day(480))?;
    script.attend(diagnosis, &DIAGNOSIS, &[(numbered(4)?, 25)]).await?;
    script.on(day(500))?;
    script.honour(numbered(4)?, "省级质量管理小组示范成果（示例）", Level::Provincial, Holder::Organization).await?;
    visit_all(script, &[1, 2, 3, 4], 2, 510).await?;
    script.on(day(600))?;
    script.apply(numbered(LATE)?, Some("A"), None).await?;
    visit_all(script, &[1, 2, 3, 4], 3, 680).await?;
    for (days, number, percent) in [(700, 1, Some(58)), (702, 2, None), (704, 4, Some(67))] {
        let to = script.on(day(days))?;
        script.evaluate(numbered(number)?, (calendar.first, to), percent).await?;
    }
    Ok(())
}

async fn close(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(Some(calendar.first_ends))?;
    let command = CycleCommand::Close(CloseCycle {
        cycle: script.cycle.clone(),
        reason: Some("周期届满；未获推荐的申请随周期终止，可在下一周期重新申请。".to_owned()),
        applicants: Applicants::Lapse,
        common: script.fact(),
    });
    script.run("close the cycle", &script.office()?, Command::Cycle(command)).await?;
    // A report is taken after the end too: it is handed in with the next application.
    script.on(calendar.first_ends.succ_opt())?;
    let last_day = calendar.first_ends.pred_opt().unwrap_or(calendar.first_ends);
    script.evaluate(numbered(3)?, (calendar.first, last_day), None).await?;
    Ok(())
}

/// A round of visits, one a day from the day named.
async fn visit_all(script: &mut Script<'_>, numbers: &[u32], round: usize, from: i64) -> anyhow::Result<()> {
    for (days, number) in (from..).zip(numbers) {
        script.on(script.calendar.of_first(days))?;
        script.visit(numbered(*number)?, round).await?;
    }
    Ok(())
}
