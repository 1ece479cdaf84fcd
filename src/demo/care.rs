//! What goes on during the incubation (§四（四）): visits, activities, help, self-evaluations, honours.

use chrono::NaiveDate;
use domain::Command;
use domain::enrolment::{
    AnswerAssistance, CorrectVisit, EnrolmentCommand, RecordActivity, RecordSelfEvaluation, RecordVisit,
    RequestAssistance, VoidVisit,
};
use domain::forms::annex1::Level;
use domain::forms::facts::{
    Activity, AssistanceAnswer, AssistanceRequest, Channel, Holder, Honour, SelfEvaluation, Visit,
};
use domain::ids::{ActivityId, AssistanceAnswerId, AssistanceRequestId, HonourId, SelfEvaluationId, VisitId};
use domain::organization::{OrganizationCommand, RecordHonour};

use super::forms;
use super::organizations::Organization;
use super::script::{Script, id, ids, itself, station_of};
use super::texts;

impl Script<'_> {
    /// The station of its district visits the organisation today; what it notes follows from the round.
    pub(super) async fn visit(&mut self, organization: &Organization, round: usize) -> anyhow::Result<VisitId> {
        let visit_id = VisitId::new(self.fresh()?);
        let command = EnrolmentCommand::RecordVisit(RecordVisit {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            visit_id,
            visit: visit(organization, round)?,
            common: self.fact(),
        });
        self.run("record a visit", &station_of(organization)?, Command::Enrolment(command)).await?;
        Ok(visit_id)
    }

    /// The station corrects the day of a visit.
    pub(super) async fn redate_visit(
        &mut self,
        organization: &Organization,
        (visit_id, round): (VisitId, usize),
        took_place_on: Option<NaiveDate>,
    ) -> anyhow::Result<()> {
        let mut common = self.fact();
        common.occurred_on = took_place_on.unwrap_or(common.occurred_on);
        let command = EnrolmentCommand::CorrectVisit(CorrectVisit {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            visit_id,
            visit: visit(organization, round)?,
            reason: "回访日期误填为录入日期，按回访记录单更正。".to_owned(),
            common,
        });
        self.run("correct a visit", &station_of(organization)?, Command::Enrolment(command)).await?;
        Ok(())
    }

    /// The station takes a visit back.
    pub(super) async fn void_visit(
        &mut self,
        organization: &Organization,
        visit_id: VisitId,
        reason: &str,
    ) -> anyhow::Result<()> {
        let command = EnrolmentCommand::VoidVisit(VoidVisit {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            visit_id,
            reason: reason.to_owned(),
            common: self.fact(),
        });
        self.run("void a visit", &station_of(organization)?, Command::Enrolment(command)).await?;
        Ok(())
    }

    /// The organisation tells of an activity that it holds today (W-72).
    pub(super) async fn activity(
        &mut self,
        organization: &Organization,
        kind: &str,
        title: &str,
        participants: u32,
    ) -> anyhow::Result<()> {
        let activity =
            Activity { kind: id(kind)?, title: title.to_owned(), description: None, participants: Some(participants) };
        let command = EnrolmentCommand::RecordActivity(RecordActivity {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            activity_id: ActivityId::new(self.fresh()?),
            activity,
            common: self.fact(),
        });
        self.run("record an activity", &itself(organization)?, Command::Enrolment(command)).await?;
        Ok(())
    }

    /// The organisation asks its station for help today (W-73).
    pub(super) async fn ask(
        &mut self,
        organization: &Organization,
        subject: &str,
        description: &str,
    ) -> anyhow::Result<AssistanceRequestId> {
        let request_id = AssistanceRequestId::new(self.fresh()?);
        let command = EnrolmentCommand::RequestAssistance(RequestAssistance {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            request_id,
            request: AssistanceRequest { subject: subject.to_owned(), description: description.to_owned() },
            common: self.fact(),
        });
        self.run("ask for help", &itself(organization)?, Command::Enrolment(command)).await?;
        Ok(request_id)
    }

    /// The station answers a request today, with the help of experts.
    pub(super) async fn answer(
        &mut self,
        organization: &Organization,
        request_id: AssistanceRequestId,
        answer: &str,
        experts: &[&str],
    ) -> anyhow::Result<()> {
        let answer = AssistanceAnswer { channel: Channel::OnSite, answer: answer.to_owned(), experts: ids(experts)? };
        let command = EnrolmentCommand::AnswerAssistance(AnswerAssistance {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            request_id,
            answer_id: AssistanceAnswerId::new(self.fresh()?),
            answer,
            common: self.fact(),
        });
        self.run("answer a request for help", &station_of(organization)?, Command::Enrolment(command)).await?;
        Ok(())
    }

    /// The organisation hands in its self-evaluation of a period today, with scores or without (W-71, W-77).
    pub(super) async fn evaluate(
        &mut self,
        organization: &Organization,
        (period_from, period_to): (NaiveDate, NaiveDate),
        percent: Option<u32>,
    ) -> anyhow::Result<()> {
        let by = itself(organization)?;
        let common = self.on_paper(&by, "卓越绩效自我评价报告").await?;
        let sheet = self.rulebook.scores.as_ref();
        let scores = sheet.zip(percent).map(|(sheet, percent)| forms::scores(sheet, percent)).unwrap_or_default();
        let self_evaluation_id = SelfEvaluationId::new(self.fresh()?);
        let command = EnrolmentCommand::RecordSelfEvaluation(RecordSelfEvaluation {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            self_evaluation_id,
            self_evaluation: SelfEvaluation {
                period_from,
                period_to,
                strengths: texts::STRENGTHS.to_owned(),
                gaps: texts::GAPS.to_owned(),
                actions: texts::ACTIONS.to_owned(),
                scores,
            },
            common,
        });
        self.run("record a self-evaluation", &by, Command::Enrolment(command)).await?;
        self.reports.insert(organization.number, self_evaluation_id);
        Ok(())
    }

    /// The organisation tells of an honour that it, or a person of it, was given today.
    pub(super) async fn honour(
        &mut self,
        organization: &Organization,
        name: &str,
        level: Level,
        holder: Holder,
    ) -> anyhow::Result<()> {
        let by = itself(organization)?;
        let common = self.on_paper(&by, "荣誉证书").await?;
        let command = OrganizationCommand::RecordHonour(RecordHonour {
            rulebook: self.rulebook.clone(),
            uscc: organization.uscc()?,
            honour_id: HonourId::new(self.fresh()?),
            honour: Honour { name: name.to_owned(), level, holder },
            common,
        });
        self.run("record an honour", &by, Command::Organization(command)).await?;
        Ok(())
    }
}

/// What the station notes of a visit.
fn visit(organization: &Organization, round: usize) -> anyhow::Result<Visit> {
    let note = texts::visit(organization.number, round);
    Ok(Visit {
        station: id(&format!("{}-1", organization.district))?,
        channel: note.channel,
        findings: note.findings.to_owned(),
        needs: note.needs.map(str::to_owned),
        carry_over: note.carry_over.map(str::to_owned),
    })
}
