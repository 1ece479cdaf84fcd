//! The steps from the opening of a cycle to a settled survey (§三, 四（一）).

use chrono::NaiveDate;
use domain::Command;
use domain::cycle::{CycleCommand, Intake, Nominate, OpenCycle};
use domain::enrolment::{
    ApproveSurveys, EnrolmentCommand, FileSurvey, Finding, RecordConditionCheck, SubmitApplication,
};
use domain::forms::annex2::Conclusion;
use domain::ids::{ConditionCheckId, CycleId, SelfEvaluationId, SurveyId};
use store::persons::Person;

use super::forms::{self, Scans};
use super::organizations::Organization;
use super::script::{People, Script, district_office, id, itself, station_of};
use super::{FIRST, texts};

/// Conditions that no form can prove, and the departments that check them (由相关部门界定).
const CHECKS: [(&str, &str); 3] = [
    ("lawful_and_policy", "市发展和改革委员会（示例）"),
    ("outstanding_results", "市市场监督管理局（示例）"),
    ("social_responsibility", "市信用信息主管部门（示例）"),
];

/// What a re-application names: the cycle that it took part in last, and its report for that (W-76, W-77).
#[derive(Debug, Clone)]
pub(super) struct Earlier {
    pub(super) cycle: CycleId,
    pub(super) report: SelfEvaluationId,
}

impl Script<'_> {
    /// The award office opens the present cycle today, labelled by the year that it begins in.
    pub(super) async fn open(&mut self, starts_on: NaiveDate, intake: Intake) -> anyhow::Result<()> {
        let command = CycleCommand::Open(OpenCycle {
            cycle: self.cycle.clone(),
            program: self.rulebook.program.clone(),
            label: starts_on.format("%Y").to_string(),
            starts_on,
            ends_on: None,
            intake,
            rulebook: self.rulebook.clone(),
            common: self.fact(),
        });
        self.run("open a cycle", &self.office()?, Command::Cycle(command)).await?;
        Ok(())
    }

    /// The organisation hands in Annex 1 today, proposing a class where the program has classes.
    pub(super) async fn apply(
        &mut self,
        organization: &Organization,
        own_class: Option<&str>,
        earlier: Option<Earlier>,
    ) -> anyhow::Result<()> {
        let by = itself(organization)?;
        let (people, persons) = self.people_of(organization)?;
        let scans = Scans {
            sealed_form: self.paper(&by, "申报表（盖章扫描件）").await?,
            certificate: self.paper(&by, "质量管理体系认证证书").await?,
        };
        // The first cycle began more than two years before the running one.
        let age = if self.cycle.as_str() == FIRST { 2 } else { 0 };
        let own_class = own_class.map(id).transpose()?;
        let form = forms::application(organization, own_class, (self.today(), age), people, &scans)?;
        let mut common = self.documented(scans.sealed_form);
        common.documents.push(scans.certificate);
        let (previous, self_evaluation) = earlier.map_or((None, None), |e| (Some(e.cycle), Some(e.report)));
        let command = EnrolmentCommand::SubmitApplication(SubmitApplication {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            application: Box::new(form),
            previous,
            self_evaluation,
            common,
        });
        self.run_naming("apply", &by, Command::Enrolment(command), persons).await?;
        Ok(())
    }

    /// The people of an organisation; their records the first time.
    pub(super) fn people_of(&mut self, organization: &Organization) -> anyhow::Result<(People, Vec<Person>)> {
        let number = organization.number;
        if let Some(people) = self.people.get(&number) {
            return Ok((*people, Vec::new()));
        }
        let sign = texts::sign(number)?;
        let contact = self.person(format!("联系人{sign}"), number)?;
        let legal_representative = self.person(format!("法定代表人{sign}"), 1000 + number)?;
        let people = People { contact: contact.person_id, legal_representative: legal_representative.person_id };
        self.people.insert(number, people);
        Ok((people, vec![contact, legal_representative]))
    }

    /// A recommender nominates the organisation today (W-106).
    pub(super) async fn nominate(&mut self, organization: &Organization, recommender: &str) -> anyhow::Result<()> {
        let by = super::script::recommender(recommender)?;
        let common = self.on_paper(&by, "推荐意见（盖章扫描件）").await?;
        let command = CycleCommand::Nominate(Nominate {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            recommender: id(recommender)?,
            opinion: texts::OPINION.to_owned(),
            signed_on: self.today(),
            common,
        });
        self.run("nominate", &by, Command::Cycle(command)).await?;
        Ok(())
    }

    /// The departments' findings on these organisations come in: one paper of each department, all met.
    pub(super) async fn check_conditions(&mut self, organizations: &[&Organization]) -> anyhow::Result<()> {
        let by = self.office()?;
        for (condition, department) in CHECKS {
            let paper = self.paper(&by, &format!("{department}核查意见")).await?;
            for organization in organizations {
                let command = EnrolmentCommand::RecordConditionCheck(RecordConditionCheck {
                    cycle: self.cycle.clone(),
                    uscc: organization.uscc()?,
                    check_id: ConditionCheckId::new(self.fresh()?),
                    condition: id(condition)?,
                    finding: Finding::Met,
                    department: department.to_owned(),
                    checked_on: self.today(),
                    common: self.documented(paper.clone()),
                });
                self.run("record a condition check", &by, Command::Enrolment(command)).await?;
            }
        }
        Ok(())
    }

    /// The station of its district files Annex 2 today.
    pub(super) async fn survey(&mut self, organization: &Organization, conclusion: Conclusion) -> anyhow::Result<()> {
        let survey = forms::survey(organization, conclusion, self.today());
        let command = EnrolmentCommand::FileSurvey(FileSurvey {
            cycle: self.cycle.clone(),
            uscc: organization.uscc()?,
            survey_id: SurveyId::new(self.fresh()?),
            survey: Box::new(survey),
            common: self.fact(),
        });
        self.run("file a survey", &station_of(organization)?, Command::Enrolment(command)).await?;
        Ok(())
    }

    /// The office of a district settles surveys under one report number today (W-48).
    pub(super) async fn settle(
        &mut self,
        district: &str,
        organizations: &[&Organization],
        report_no: String,
    ) -> anyhow::Result<()> {
        let by = district_office(district)?;
        let common = self.on_paper(&by, "调查报告审定表").await?;
        let command = EnrolmentCommand::ApproveSurveys(ApproveSurveys {
            cycle: self.cycle.clone(),
            entries: organizations.iter().map(|organization| organization.uscc()).collect::<Result<_, _>>()?,
            report_no,
            approved_on: self.today(),
            common,
        });
        self.run("settle surveys", &by, Command::Enrolment(command)).await?;
        Ok(())
    }
}

/// What a station concludes, as the tables of the story write it: a class, or nothing for below the lowest.
pub(super) fn conclusion(class: Option<&str>) -> anyhow::Result<Conclusion> {
    class.map_or(Ok(Conclusion::BelowA), |class| Ok(Conclusion::Class(id(class)?)))
}
