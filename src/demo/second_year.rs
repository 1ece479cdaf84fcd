//! The second year of the running cycle up to yesterday: teaching of C and D, and what is still open.

use domain::Command;
use domain::cycle::{CycleCommand, Intake, SetIntake, WaiveQuota};
use domain::enrolment::{EnrolmentCommand, RefuseRecommendation};
use domain::forms::facts::SessionOutcome;
use domain::ids::OrganizationId;

use super::admission::conclusion;
use super::organizations::numbered;
use super::script::{Script, id, itself, recommender};
use super::teaching::{DIAGNOSIS, FOUNDATION, TARGETED};
use super::{RUNNING, WUHU};

/// Members visited of late; the others are overdue.
const THIRD_ROUND: [u32; 12] = [1, 2, 4, 6, 7, 8, 9, 10, 12, 13, 16, 21];
/// Its survey waits to be settled.
const FILED: u32 = 22;
/// Waits for a nomination.
const UNNOMINATED: u32 = 23;
/// Is being surveyed; the third that its recommender nominates.
const THIRD: u32 = 24;

/// Tells the year so far.
pub(super) async fn tell(script: &mut Script<'_>) -> anyhow::Result<()> {
    script.enter(WUHU, RUNNING)?;
    open_intake_again(script).await?;
    teach_targeted(script).await?;
    visit(script).await?;
    diagnose(script).await?;
    leave_open(script).await
}

/// Late joiners are welcome: the intake has no end any more.
async fn open_intake_again(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.ago(96))?;
    let command = CycleCommand::SetIntake(SetIntake {
        cycle: script.cycle.clone(),
        intake: Intake { from: calendar.of_running(-80), to: None },
        common: script.fact(),
    });
    script.run("set the intake", &script.office()?, Command::Cycle(command)).await?;
    script.on(calendar.ago(92))?;
    script.apply(numbered(FILED)?, Some("A"), None).await?;
    script.on(calendar.ago(88))?;
    script.nominate(numbered(FILED)?, "committee-wanzhi").await?;
    script.on(calendar.ago(84))?;
    script.apply(numbered(THIRD)?, Some("B"), None).await
}

async fn teach_targeted(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.ago(80))?;
    let round_table = script.book(&TARGETED, calendar.ago(75), None).await?;
    // Two of class C do not come, one of them moved there from D.
    script.on(calendar.ago(75))?;
    let attending = [(numbered(7)?, 10), (numbered(8)?, 14), (numbered(21)?, 8)];
    script.attend(round_table, &TARGETED, &attending).await?;
    let bottlenecks = Some("战略部署到部门后缺少过程指标；跨部门改进项目激励不足。".to_owned());
    script.outcome(round_table, SessionOutcome { bottlenecks, ..SessionOutcome::default() }).await?;
    script.on(calendar.ago(72))?;
    grant_a_third_place(script).await
}

/// The quota of two holds in principle; the award office grants one more place, with a reason.
async fn grant_a_third_place(script: &mut Script<'_>) -> anyhow::Result<()> {
    let by = script.office()?;
    let common = script.on_paper(&by, "增加推荐名额的批复").await?;
    let command = CycleCommand::WaiveQuota(WaiveQuota {
        cycle: script.cycle.clone(),
        recommender: id("office-quality")?,
        extra: 1,
        reason: "园区服务业为本周期补充重点领域，增加1个推荐名额。".to_owned(),
        common,
    });
    script.run("waive the quota", &by, Command::Cycle(command)).await?;
    script.on(script.calendar.ago(70))?;
    script.nominate(numbered(THIRD)?, "office-quality").await?;
    script.check_conditions(&[numbered(FILED)?]).await
}

async fn visit(script: &mut Script<'_>) -> anyhow::Result<()> {
    for (place, number) in (0..).zip(THIRD_ROUND) {
        script.on(script.calendar.ago(68 - place))?;
        script.visit(numbered(number)?, 2).await?;
    }
    Ok(())
}

async fn diagnose(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let host = numbered(4)?;
    script.on(calendar.ago(55))?;
    let diagnosis = script.book(&DIAGNOSIS, calendar.ago(48), Some(host)).await?;
    script.on(calendar.ago(48))?;
    script.attend(diagnosis, &DIAGNOSIS, &[(host, 30)]).await?;
    let outcome = SessionOutcome {
        organization: Some(OrganizationId::first_registered(host.uscc()?)),
        findings: Some("研发质量门管理规范，供应链质量数据尚未贯通。".to_owned()),
        weak_links: Some("售后数据向设计端反馈周期偏长。".to_owned()),
        distilled_model: Some("“零缺陷·全链路”质量管理模式（初稿）。".to_owned()),
        ..SessionOutcome::default()
    };
    script.outcome(diagnosis, outcome).await?;
    // What lies ahead: two hosts of class D, a second round table for class C, and a lesson made up for.
    script.on(calendar.ago(40))?;
    let next = script.book(&DIAGNOSIS, calendar.ahead(21), Some(numbered(14)?)).await?;
    script.book(&DIAGNOSIS, calendar.ahead(35), Some(numbered(2)?)).await?;
    script.book(&TARGETED, calendar.ahead(45), None).await?;
    let reason = "首期基础班有A类组织因生产任务缺席，第二年安排补课。";
    script.book_out_of_year(&FOUNDATION, calendar.ahead(28), reason).await?;
    script.on(calendar.ago(38))?;
    script.ask_experts(next, &["expert-4"]).await
}

/// What waits for somebody: requests, a report of an incident, a survey, a nomination.
async fn leave_open(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.ago(30))?;
    let asking = "适航质量体系与卓越绩效模式如何融合，请求专题辅导。";
    script.ask(numbered(12)?, "质量体系融合", asking).await?;
    script.on(calendar.ago(25))?;
    script.apply(numbered(UNNOMINATED)?, Some("A"), None).await?;
    script.on(calendar.ago(20))?;
    let reported = numbered(11)?;
    script.report(&itself(reported)?, reported, "safety", "港区作业发生一起机械伤害，主管部门正在调查。").await?;
    script.on(calendar.ago(18))?;
    refuse_to_recommend(script).await?;
    script.on(calendar.ago(12))?;
    script.survey(numbered(FILED)?, conclusion(Some("A"))?).await?;
    script.on(calendar.ago(9))?;
    script.ask(numbered(3)?, "标杆对比数据", "缺少同行业质量绩效标杆数据，请求协助收集。").await?;
    script.on(calendar.ago(5))?;
    script.activity(numbered(4)?, "skill_contest", "智能家电装配质量技能比武", 210).await?;
    script.on(calendar.ago(1))?;
    script.visit(numbered(15)?, 2).await?;
    Ok(())
}

async fn refuse_to_recommend(script: &mut Script<'_>) -> anyhow::Result<()> {
    let command = EnrolmentCommand::RefuseRecommendation(RefuseRecommendation {
        cycle: script.cycle.clone(),
        uscc: numbered(UNNOMINATED)?.uscc()?,
        recommender: id("association-food")?,
        reason: "该组织主营团体膳食服务，不属本协会会员范围，建议向服务业协会申请推荐。".to_owned(),
        common: script.fact(),
    });
    script.run("refuse to recommend", &recommender("association-food")?, Command::Enrolment(command)).await?;
    Ok(())
}
