//! The first year of the running cycle: teaching, visits, a removal rescinded, and one that put the pool out of balance.

use domain::Command;
use domain::forms::annex1::Level;
use domain::forms::facts::{Holder, SessionOutcome};
use domain::organization::{ChangeOrganization, OrganizationChange, OrganizationCommand, Severity};

use super::organizations::{Organization, numbered};
use super::script::{Script, district_office, itself, station_of};
use super::teaching::{FOUNDATION, IMPROVEMENT};

/// Members, in the order of the first round of visits. One is missing: nobody ever visits it.
const FIRST_ROUND: [u32; 19] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 20, 21];
/// Members visited in the second round: one was removed, two are forgotten.
const SECOND_ROUND: [u32; 16] = [1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 19, 21];

/// Tells the year; answers the position at which the pool was out of balance.
pub(super) async fn tell(script: &mut Script<'_>) -> anyhow::Result<u64> {
    begin_teaching(script).await?;
    visit_first(script).await?;
    improve(script).await?;
    rescind_a_removal(script).await?;
    be_active(script).await?;
    let out_of_balance_at = lose_and_repair_balance(script).await?;
    visit_again(script).await?;
    change_organizations(script).await?;
    evaluate(script).await?;
    Ok(out_of_balance_at)
}

async fn begin_teaching(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let day = |days| calendar.of_running(days);
    script.on(day(62))?;
    let foundation = script.book(&FOUNDATION, day(75), None).await?;
    script.on(day(66))?;
    let doubled = script.book(&FOUNDATION, day(82), None).await?;
    script.on(day(68))?;
    script.cancel(doubled, "与首期培训班重复，报名人数不足，合并举办。").await?;
    // One of class A does not come: it is still owed the teaching.
    script.on(day(75))?;
    script.attend(foundation, &FOUNDATION, &[(numbered(10)?, 6), (numbered(11)?, 9), (numbered(15)?, 5)]).await?;
    let findings = Some("学员对评价准则的结构和条款有了初步认识，将在本单位选择部门试点。".to_owned());
    script.outcome(foundation, SessionOutcome { findings, ..SessionOutcome::default() }).await
}

/// The first round, with two slips of the pen put right.
async fn visit_first(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let (mut of_eight, redated) = (None, numbered(8)?);
    for (place, number) in (0..).zip(FIRST_ROUND) {
        script.on(calendar.of_running(95 + place / 2))?;
        let visit_id = script.visit(numbered(number)?, 0).await?;
        if number == redated.number {
            of_eight = Some(visit_id);
        }
    }
    script.on(calendar.of_running(108))?;
    if let Some(visit_id) = of_eight {
        script.redate_visit(redated, (visit_id, 0), calendar.of_running(96)).await?;
    }
    let voided = numbered(7)?;
    let visit_id = script.visit(voided, 1).await?;
    script.on(calendar.of_running(109))?;
    script.void_visit(voided, visit_id, "误登至本组织，实为回访同区另一组织。").await
}

async fn improve(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let day = |days| calendar.of_running(days);
    script.on(day(110))?;
    let improvement = script.book(&IMPROVEMENT, day(122), None).await?;
    script.on(day(112))?;
    let asking = numbered(7)?;
    let request = script.ask(asking, "自评报告编写", "首次按GB/T 19580编写自评报告，请求派专家现场辅导。").await?;
    script.on(day(117))?;
    script.answer(asking, request, "服务站会同专家到场辅导两次，已形成自评报告初稿。", &["expert-1"]).await?;
    script.on(day(118))?;
    script.move_session(improvement, &IMPROVEMENT, day(130), "授课专家时间冲突，顺延一周。").await?;
    // One of class B does not come; one of class C comes as a guest.
    script.on(day(130))?;
    let attending = [(3, 5), (6, 7), (7, 2), (9, 4), (16, 6), (20, 3)];
    let attending = attending.iter().map(|(number, people)| Ok((numbered(*number)?, *people)));
    script.attend(improvement, &IMPROVEMENT, &attending.collect::<anyhow::Result<Vec<_>>>()?).await?;
    let trained = SessionOutcome { self_assessors_trained: Some(25), ..SessionOutcome::default() };
    script.outcome(improvement, trained).await
}

async fn rescind_a_removal(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    let (member, authority) = (numbered(16)?, "市生态环境主管部门（示例）");
    script.on(calendar.of_running(155))?;
    let by = district_office(member.district)?;
    let incident =
        script.report(&by, member, "environment", "运营项目出水指标异常，附近水体受到影响，正在调查。").await?;
    script.on(calendar.of_running(170))?;
    script.determine(member, incident, (authority, "示例环认〔1〕号"), Severity::Major).await?;
    script.on(calendar.of_running(172))?;
    script.remove(member, incident, "经主管部门认定为重大环境污染事故。").await?;
    script.on(calendar.of_running(203))?;
    let reason = "复核查明异常来自上游管网，与该组织无关，原认定已撤销。";
    script.overturn(member, incident, (authority, "示例环撤〔1〕号"), reason).await
}

async fn be_active(script: &mut Script<'_>) -> anyhow::Result<()> {
    let activities = [
        (206, 1, "mass_quality_activity", "“质量月”全员改善提案活动", 860),
        (208, 14, "skill_contest", "质量管理人员技能竞赛", 120),
        (210, 8, "skill_training", "医疗质量管理工具培训", 75),
        (213, 6, "mass_quality_activity", "工地QC小组成果发布会", 140),
        (217, 10, "skill_training", "班组长质量基础知识培训", 32),
    ];
    for (days, number, kind, title, participants) in activities {
        script.on(script.calendar.of_running(days))?;
        script.activity(numbered(number)?, kind, title, participants).await?;
    }
    Ok(())
}

/// A C is lost, so that D is above C; a month later one D is moved to C.
async fn lose_and_repair_balance(script: &mut Script<'_>) -> anyhow::Result<u64> {
    let calendar = script.calendar;
    let lost = numbered(5)?;
    script.on(calendar.of_running(230))?;
    let by = station_of(lost)?;
    let incident = script.report(&by, lost, "food_safety", "一批次烘焙食品致多人不适，产品已召回，正在调查。").await?;
    script.on(calendar.of_running(245))?;
    let paper = ("市食品安全主管部门（示例）", "示例食认〔3〕号");
    script.determine(lost, incident, paper, Severity::Major).await?;
    script.on(calendar.of_running(250))?;
    let out_of_balance_at = script.remove(lost, incident, "经主管部门认定为重大食品安全事故。").await?;
    script.on(calendar.of_running(252))?;
    let asking = numbered(10)?;
    let request = script.ask(asking, "绿色食品认证", "拟申请新产品绿色食品认证，需要标准和检测方面的指导。").await?;
    script.on(calendar.of_running(263))?;
    script.answer(asking, request, "已对接检测机构并提供标准清单，协助完成申请材料。", &[]).await?;
    script.on(calendar.of_running(280))?;
    let grounds = "卓越绩效推广仍集中于主要部门，尚未全员实施；调整后C、D两类数量恢复平衡。";
    script.reclassify(numbered(12)?, "C", grounds).await?;
    Ok(out_of_balance_at)
}

async fn visit_again(script: &mut Script<'_>) -> anyhow::Result<()> {
    for (place, number) in (0..).zip(SECOND_ROUND) {
        script.on(script.calendar.of_running(285 + place / 2))?;
        script.visit(numbered(number)?, 1).await?;
    }
    Ok(())
}

async fn change_organizations(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.of_running(310))?;
    let renamed = numbered(13)?;
    let name = "芜湖示例绿色建材有限公司".to_owned();
    change(script, renamed, OrganizationChange::Rename { name }, "变更登记通知书（名称）").await?;
    script.on(calendar.of_running(320))?;
    let renumbered = numbered(11)?;
    let uscc = renumbered.uscc_of(1000 + renumbered.number)?;
    change(script, renumbered, OrganizationChange::NewUscc { uscc }, "变更登记通知书（统一社会信用代码）").await?;
    script.on(calendar.of_running(326))?;
    let incident = script.report(&itself(renamed)?, renamed, "quality", "一批次构件强度不足，出厂前封存。").await?;
    script.on(calendar.of_running(338))?;
    let paper = ("市住房和城乡建设主管部门（示例）", "示例建认〔2〕号");
    script.determine(renamed, incident, paper, Severity::BelowMajor).await
}

async fn change(
    script: &mut Script<'_>,
    organization: &Organization,
    change: OrganizationChange,
    title: &str,
) -> anyhow::Result<()> {
    let by = script.office()?;
    let common = script.on_paper(&by, title).await?;
    let command = OrganizationCommand::Change(ChangeOrganization {
        rulebook: script.rulebook.clone(),
        uscc: organization.uscc()?,
        change,
        common,
    });
    script.run("change an organisation", &by, Command::Organization(command)).await?;
    Ok(())
}

async fn evaluate(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    for (days, number, percent) in [(350, 1, Some(63)), (352, 2, None), (355, 9, Some(44)), (358, 14, Some(66))] {
        let to = script.on(calendar.of_running(days))?;
        script.evaluate(numbered(number)?, (calendar.running, to), percent).await?;
    }
    script.on(calendar.of_running(360))?;
    script.honour(numbered(1)?, "市级质量标杆（示例）", Level::City, Holder::Organization).await?;
    let winner = numbered(14)?;
    let (people, _) = script.people_of(winner)?;
    script.honour(winner, "省级质量工匠（示例）", Level::Provincial, Holder::Person(people.contact)).await
}
