//! The running cycle up to its classification: re-applications, a fresh start, a survey returned, a decline.

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::cycle::{CycleCommand, Decline, DeclineGrounds, Intake, RecordOutreach, Withdraw};
use domain::enrolment::{AmendApplication, AssignSurvey, EnrolmentCommand, ReturnSurvey};
use domain::forms::facts::Outreach;
use domain::ids::OutreachId;
use domain::{Actor, Command};

use super::admission::{Earlier, conclusion};
use super::calendar::Calendar;
use super::candidates::{CANDIDATES, Candidate};
use super::classes::Decided;
use super::forms::{self, Scans};
use super::organizations::{Organization, numbered};
use super::register::DISTRICTS;
use super::script::{Script, district_office, id, ids, itself};
use super::{FIRST, RUNNING, WUHU};

/// Withdraws before anybody nominated it, starts afresh, and is admitted later than the others.
const STARTS_AFRESH: u32 = 19;
/// Is declined: the station found it below the lowest class.
const DECLINED: u32 = 17;
/// Its survey is returned, and filed again.
const RETURNED: u32 = 21;
/// Its class is entered as the station found it, though the meeting decided otherwise.
const MISTAKEN: u32 = 20;

/// Tells the cycle from its opening to the last admission of the first intake.
pub(super) async fn tell(script: &mut Script<'_>) -> anyhow::Result<()> {
    script.enter(WUHU, RUNNING)?;
    apply(script).await?;
    nominate(script).await?;
    survey(script).await?;
    settle(script).await?;
    classify(script).await?;
    admit_the_late_one(script).await
}

async fn apply(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.of_running(-82))?;
    let intake = Intake { from: calendar.of_running(-80), to: calendar.of_running(-30) };
    script.open(calendar.running, intake).await?;
    mobilise(script).await?;
    for candidate in &CANDIDATES {
        script.on(application_day(&calendar, candidate.number))?;
        // Where no report is named, the application finds what there is of the earlier cycle by itself.
        let report = script.reports.get(&candidate.number).copied();
        let earlier = report.map(|report| Ok::<_, anyhow::Error>(Earlier { cycle: id(FIRST)?, report })).transpose()?;
        script.apply(candidate.organization()?, Some(candidate.own), earlier).await?;
    }
    script.on(calendar.of_running(-62))?;
    let leaving = numbered(STARTS_AFRESH)?;
    let command = CycleCommand::Withdraw(Withdraw {
        cycle: script.cycle.clone(),
        uscc: leaving.uscc()?,
        reason: Some("申报材料需补充，暂时撤回。".to_owned()),
        common: script.fact(),
    });
    script.run("withdraw an application", &itself(leaving)?, Command::Cycle(command)).await?;
    Ok(())
}

/// A briefing by a sector authority, and a recommender's round of visits (W-43).
async fn mobilise(script: &mut Script<'_>) -> anyhow::Result<()> {
    let association: Actor = id("recommender/association-equipment/clerk-01")?;
    for (days, actor, title, held_by, reached) in [
        (-81, script.office()?, "创奖培育宣讲会", "市工业和信息化局", 60),
        (-79, association, "走访会员企业，介绍培育孵化工作", "市装备制造业协会", 12),
    ] {
        script.on(script.calendar.of_running(days))?;
        let command = CycleCommand::RecordOutreach(RecordOutreach {
            cycle: script.cycle.clone(),
            outreach_id: OutreachId::new(script.fresh()?),
            outreach: Outreach {
                title: title.to_owned(),
                held_by: held_by.to_owned(),
                audience: Some("重点产业链供应链企业、“专精特新”企业".to_owned()),
                description: None,
                organizations_reached: Some(reached),
            },
            common: script.fact(),
        });
        script.run("mobilise", &actor, Command::Cycle(command)).await?;
    }
    Ok(())
}

/// Two a day apply, in the order of their numbers.
fn application_day(calendar: &Calendar, number: u32) -> Option<NaiveDate> {
    calendar.of_running(-75 + i64::from(number) / 2)
}

/// Everybody but the one that starts afresh.
fn in_time() -> impl Iterator<Item = &'static Candidate> {
    CANDIDATES.iter().filter(|candidate| candidate.number != STARTS_AFRESH)
}

/// The one that starts afresh.
fn late_one() -> impl Iterator<Item = &'static Candidate> {
    CANDIDATES.iter().filter(|candidate| candidate.number == STARTS_AFRESH)
}

async fn nominate(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    for (place, candidate) in (0..).zip(in_time()) {
        script.on(calendar.of_running(-58 + place / 4))?;
        script.nominate(candidate.organization()?, candidate.recommender).await?;
    }
    for candidate in late_one() {
        let organization = candidate.organization()?;
        script.on(calendar.of_running(-50))?;
        script.apply(organization, Some(candidate.own), None).await?;
        script.on(calendar.of_running(-47))?;
        script.nominate(organization, candidate.recommender).await?;
    }
    script.on(calendar.of_running(-45))?;
    amend(script, numbered(9)?).await?;
    script.on(calendar.of_running(-42))?;
    let organizations: Vec<_> = CANDIDATES.iter().map(Candidate::organization).collect::<Result<_, _>>()?;
    script.check_conditions(&organizations).await
}

/// The organisation hands in a whole new form, with one more strength.
async fn amend(script: &mut Script<'_>, organization: &Organization) -> anyhow::Result<()> {
    let by = itself(organization)?;
    let (people, _) = script.people_of(organization)?;
    let scans = Scans {
        sealed_form: script.paper(&by, "申报表（更正后盖章扫描件）").await?,
        certificate: script.paper(&by, "质量管理体系认证证书").await?,
    };
    let applied_on = application_day(&script.calendar, organization.number).context("the day of the application")?;
    let mut form = forms::application(organization, Some(id("B")?), (applied_on, 0), people, &scans)?;
    form.other_strengths = Some("建有市级劳动教育实践基地，形成校本质量评价体系。".to_owned());
    let mut common = script.documented(scans.sealed_form);
    common.documents.push(scans.certificate);
    let command = EnrolmentCommand::AmendApplication(AmendApplication {
        cycle: script.cycle.clone(),
        uscc: organization.uscc()?,
        application: Box::new(form),
        reason: Some("补充其他质量基础能力优势项。".to_owned()),
        common,
    });
    script.run("amend an application", &by, Command::Enrolment(command)).await?;
    Ok(())
}

async fn survey(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.of_running(-41))?;
    guide_survey(script, numbered(RETURNED)?).await?;
    for (place, candidate) in (0..).zip(in_time()) {
        script.on(calendar.of_running(-40 + place / 2))?;
        script.survey(candidate.organization()?, conclusion(candidate.station)?).await?;
    }
    let organization = numbered(RETURNED)?;
    script.on(calendar.of_running(-26))?;
    let command = EnrolmentCommand::ReturnSurvey(ReturnSurvey {
        cycle: script.cycle.clone(),
        uscc: organization.uscc()?,
        reasons: "第八项信息提供来源不完整，请补充组织自我分析评价；第三项缺少质量工具应用的实例。".to_owned(),
        common: script.fact(),
    });
    script.run("return a survey", &district_office(organization.district)?, Command::Enrolment(command)).await?;
    script.on(calendar.of_running(-19))?;
    script.survey(organization, conclusion(Some("C"))?).await
}

/// The district office asks experts to guide a survey (W-21).
async fn guide_survey(script: &mut Script<'_>, organization: &Organization) -> anyhow::Result<()> {
    let command = EnrolmentCommand::AssignSurvey(AssignSurvey {
        cycle: script.cycle.clone(),
        uscc: organization.uscc()?,
        station: id(&format!("{}-1", organization.district))?,
        experts: ids(&["expert-1", "expert-4"])?,
        reason: Some("检验检测机构专业性强，请专家指导调查。".to_owned()),
        common: script.fact(),
    });
    script.run("assign a survey", &district_office(organization.district)?, Command::Enrolment(command)).await?;
    Ok(())
}

/// Each district settles its surveys under one report number; then one applicant is declined.
async fn settle(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    for (days, (district, ..)) in (-16..).zip(&DISTRICTS) {
        script.on(calendar.of_running(days))?;
        let organizations = in_time().map(Candidate::organization).collect::<Result<Vec<_>, _>>()?;
        let own: Vec<_> = organizations.into_iter().filter(|o| o.district == *district).collect();
        script.settle(district, &own, format!("{district}-2-1")).await?;
    }
    script.on(calendar.of_running(-4))?;
    let by = script.office()?;
    let common = script.on_paper(&by, "不予入池告知书").await?;
    let command = CycleCommand::Decline(Decline {
        cycle: script.cycle.clone(),
        uscc: numbered(DECLINED)?.uscc()?,
        grounds: DeclineGrounds::BelowLowestClass,
        common,
    });
    script.run("decline", &by, Command::Cycle(command)).await?;
    Ok(())
}

async fn classify(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    script.on(calendar.of_running(8))?;
    let decided = in_time().filter(|candidate| candidate.number != DECLINED).map(as_entered);
    script.classify(&decided.collect::<anyhow::Result<Vec<_>>>()?).await?;
    script.on(calendar.of_running(20))?;
    script.correct_class(numbered(MISTAKEN)?, "B", "录入时误按调查结论登记为A类，会议纪要确定为B类。").await
}

/// What is entered of the meeting's decision: one class wrongly.
fn as_entered(candidate: &Candidate) -> anyhow::Result<Decided<'static>> {
    let decided = candidate.decided()?;
    if candidate.number == MISTAKEN {
        return Ok(Decided { class: candidate.station, grounds: None, ..decided });
    }
    Ok(decided)
}

async fn admit_the_late_one(script: &mut Script<'_>) -> anyhow::Result<()> {
    let calendar = script.calendar;
    for candidate in late_one() {
        let organization = candidate.organization()?;
        script.on(calendar.of_running(24))?;
        script.survey(organization, conclusion(candidate.station)?).await?;
        script.on(calendar.of_running(33))?;
        script.settle(organization.district, &[organization], format!("{}-2-2", organization.district)).await?;
        script.on(calendar.of_running(55))?;
        script.classify(&[candidate.decided()?]).await?;
    }
    Ok(())
}
