//! The steps of one pool.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::{Days, NaiveDate};
use domain::cycle::{
    Applicants, Classify, ClassifyEntry, CloseCycle, CycleCommand, Intake, Nominate, OpenCycle, Reclassify,
    ReclassifyEntry,
};
use domain::document::{Common, DocumentRef};
use domain::enrolment::{
    AnswerAssistance, ApproveSurveys, EnrolmentCommand, FileSurvey, Finding, RecordConditionCheck,
    RecordSelfEvaluation, RecordVisit, RequestAssistance, SubmitApplication,
};
use domain::forms::annex2::Conclusion;
use domain::forms::facts::{AssistanceAnswer, AssistanceRequest, Channel, SelfEvaluation, Visit};
use domain::forms::samples;
use domain::ids::{
    AssistanceAnswerId, AssistanceRequestId, ConditionCheckId, CycleId, DocumentId, SelfEvaluationId, SurveyId, VisitId,
};
use domain::register::{AddEntry, Details, EntryId, RegisterCommand};
use domain::{Command, Rulebook, Uscc};
use uuid::Uuid;

use super::{History, Life, Member, Pool};

/// Visits to each member over the two years.
const VISITS: u64 = 8;
/// Days from one visit to the next.
const BETWEEN: u64 = 75;
/// The most entries of one decision.
const BATCH: usize = 50;

/// One pool and those who act in it.
struct Stage<'h> {
    history: &'h mut History,
    rulebook: Arc<Rulebook>,
    cycle: CycleId,
    office: String,
    starts_on: NaiveDate,
}

/// Tells a pool from its register on.
pub(super) fn tell(
    history: &mut History,
    rulebook: Arc<Rulebook>,
    starts_on: NaiveDate,
    members: [usize; 4],
    life: Life,
) -> anyhow::Result<Pool> {
    let office = format!("office/{}/zhang", rulebook.program);
    let cycle = format!("{}-1", rulebook.program).parse()?;
    let mut stage = Stage { history, rulebook, cycle, office, starts_on };
    stage.open()?;
    let mut pool = Vec::new();
    // The lowest class first, so that D never stands above C on the way.
    for (class, count) in ["A", "B", "C", "D"].into_iter().zip(members) {
        let mut admitted = Vec::with_capacity(count);
        for number in 0..count {
            admitted.push(stage.bring(pool.len() + number, class)?);
        }
        for batch in admitted.chunks(BATCH) {
            stage.admit(batch, class)?;
        }
        let class: domain::ids::ClassId = class.parse()?;
        pool.extend(admitted.into_iter().map(|uscc| Member { uscc, class: class.clone() }));
    }
    if life == Life::Whole {
        stage.live(&pool)?;
    }
    let day = stage.day(if life == Life::Whole { 700 } else { 60 })?;
    Ok(Pool { cycle: stage.cycle, office: stage.office, members: pool, day })
}

impl Stage<'_> {
    fn day(&self, after: u64) -> anyhow::Result<NaiveDate> {
        self.starts_on.checked_add_days(Days::new(after)).context("a day")
    }

    fn add(&mut self, entry: EntryId, details: Details) -> anyhow::Result<()> {
        let common = Common::on(self.starts_on);
        let command = AddEntry { rulebook: Arc::clone(&self.rulebook), entry, details, common };
        self.history.run(&self.office, self.starts_on, &Command::Register(RegisterCommand::Add(command)))
    }

    fn cycle(&mut self, on: NaiveDate, command: CycleCommand) -> anyhow::Result<()> {
        self.history.run(&self.office, on, &Command::Cycle(command))
    }

    fn file(&mut self, actor: &str, on: NaiveDate, command: EnrolmentCommand) -> anyhow::Result<()> {
        self.history.run(actor, on, &Command::Enrolment(command))
    }

    fn open(&mut self) -> anyhow::Result<()> {
        self.add(EntryId::District("jinghu".parse()?), Details::District { name: "镜湖区".to_owned() })?;
        let station = Details::Station { name: "镜湖站".to_owned(), district: "jinghu".parse()? };
        self.add(EntryId::Station("jinghu-1".parse()?), station)?;
        let opening = OpenCycle {
            cycle: self.cycle.clone(),
            program: self.rulebook.program.clone(),
            label: "第一周期".to_owned(),
            starts_on: self.starts_on,
            ends_on: None,
            intake: Intake::default(),
            rulebook: Arc::clone(&self.rulebook),
            common: Common::on(self.starts_on),
        };
        self.cycle(self.starts_on, CycleCommand::Open(opening))
    }

    /// From application to a settled survey.
    fn bring(&mut self, number: usize, class: &str) -> anyhow::Result<Uscc> {
        let uscc = self.history.organization()?;
        let recommender = format!("association-{}", number / 2);
        if number.is_multiple_of(2) {
            let details = Details::Recommender {
                name: format!("示例协会{}", number / 2),
                recommender_kind: "industry_association".parse()?,
                district: None,
            };
            self.add(EntryId::Recommender(recommender.parse()?), details)?;
        }
        let after = self.history.rng.u64(0..20);
        let (cycle, on) = (self.cycle.clone(), self.day(after)?);
        let name = format!("芜湖示例企业{}", self.history.organizations);
        let application = samples::application(&name, "jinghu".parse()?, Some(class.parse()?), on);
        let submit = SubmitApplication {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            application: Box::new(application),
            previous: None,
            self_evaluation: None,
            common: Common::on(on),
        };
        self.file(&format!("organization/{uscc}/chen"), on, EnrolmentCommand::SubmitApplication(submit))?;
        for condition in ["lawful_and_policy", "outstanding_results", "social_responsibility"] {
            let check = RecordConditionCheck {
                cycle: cycle.clone(),
                uscc: uscc.clone(),
                check_id: ConditionCheckId::new(self.history.id()),
                condition: condition.parse()?,
                finding: Finding::Met,
                department: "主管部门".to_owned(),
                checked_on: on,
                common: Common { documents: vec![paper()], ..Common::on(on) },
            };
            let office = self.office.clone();
            self.file(&office, on, EnrolmentCommand::RecordConditionCheck(check))?;
        }
        let nominate = Nominate {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            recommender: recommender.parse()?,
            opinion: "经研究，同意推荐。".to_owned(),
            signed_on: on,
            common: Common::on(on),
        };
        let actor = format!("recommender/{recommender}/sun");
        self.history.run(&actor, on, &Command::Cycle(CycleCommand::Nominate(nominate)))?;
        let surveyed_on = self.day(25)?;
        let survey = FileSurvey {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            survey_id: SurveyId::new(self.history.id()),
            survey: Box::new(samples::survey(Conclusion::Class(class.parse()?), surveyed_on)),
            common: Common::on(surveyed_on),
        };
        self.file("station/jinghu-1/li", surveyed_on, EnrolmentCommand::FileSurvey(survey))?;
        let settled_on = self.day(30)?;
        let approve = ApproveSurveys {
            cycle,
            entries: vec![uscc.clone()],
            report_no: format!("镜质办〔2019〕{number}号"),
            approved_on: settled_on,
            common: Common::on(settled_on),
        };
        self.file("district/jinghu/wang", settled_on, EnrolmentCommand::ApproveSurveys(approve))?;
        Ok(uscc)
    }

    fn admit(&mut self, batch: &[Uscc], class: &str) -> anyhow::Result<()> {
        let on = self.day(40)?;
        let class: domain::ids::ClassId = class.parse()?;
        let entry =
            |uscc: &Uscc| ClassifyEntry { uscc: uscc.clone(), class: Some(class.clone()), grounds: None, seen: None };
        let entries = batch.iter().map(entry).collect();
        self.cycle(on, CycleCommand::Classify(Classify { cycle: self.cycle.clone(), entries, common: Common::on(on) }))
    }

    /// Two years of visits, help, a move to and fro, evaluations, and the closing.
    fn live(&mut self, members: &[Member]) -> anyhow::Result<()> {
        for round in 0..VISITS {
            for member in members {
                let after = 50 + round * BETWEEN + self.history.rng.u64(0..30);
                let on = self.day(after)?;
                self.visit(&member.uscc, on)?;
            }
        }
        for member in members {
            let after = 200 + self.history.rng.u64(0..200);
            let on = self.day(after)?;
            self.help(&member.uscc, on)?;
            self.evaluate(&member.uscc)?;
        }
        let movable: Vec<&Member> = members.iter().filter(|member| member.class.as_str() == "D").collect();
        for (to, after) in [("C", 400), ("D", 500)] {
            for batch in movable.chunks(BATCH) {
                let on = self.day(after)?;
                let entry = |member: &&Member| {
                    let grounds = "推广情况变化，经研究调整。".to_owned();
                    Ok(ReclassifyEntry { uscc: member.uscc.clone(), to: to.parse()?, grounds, seen: None })
                };
                let entries = batch.iter().map(entry).collect::<anyhow::Result<_>>()?;
                let reclassify = Reclassify { cycle: self.cycle.clone(), entries, common: Common::on(on) };
                self.cycle(on, CycleCommand::Reclassify(reclassify))?;
            }
        }
        let on = self.day(732)?;
        let close = CloseCycle {
            cycle: self.cycle.clone(),
            reason: None,
            applicants: Applicants::MustBeNone,
            common: Common::on(on),
        };
        self.cycle(on, CycleCommand::Close(close))
    }

    fn visit(&mut self, uscc: &Uscc, on: NaiveDate) -> anyhow::Result<()> {
        let visit = RecordVisit {
            cycle: self.cycle.clone(),
            uscc: uscc.clone(),
            visit_id: VisitId::new(self.history.id()),
            visit: visited()?,
            common: Common::on(on),
        };
        self.file("station/jinghu-1/li", on, EnrolmentCommand::RecordVisit(visit))
    }

    fn help(&mut self, uscc: &Uscc, on: NaiveDate) -> anyhow::Result<()> {
        let (cycle, request_id) = (self.cycle.clone(), AssistanceRequestId::new(self.history.id()));
        let request = AssistanceRequest {
            subject: "测量系统分析".to_owned(),
            description: "希望得到测量系统分析方面的现场辅导。".to_owned(),
        };
        let (uscc, common) = (uscc.clone(), Common::on(on));
        let actor = format!("organization/{uscc}/chen");
        let asking = RequestAssistance { cycle: cycle.clone(), uscc: uscc.clone(), request_id, request, common };
        self.file(&actor, on, EnrolmentCommand::RequestAssistance(asking))?;
        let answered_on = on.checked_add_days(Days::new(5)).context("a day")?;
        let answer =
            AssistanceAnswer {
                channel: Channel::OnSite, answer: "已到现场辅导两天。".to_owned(), experts: Vec::new()
            };
        let answer_id = AssistanceAnswerId::new(self.history.id());
        let common = Common::on(answered_on);
        let answering = AnswerAssistance { cycle, uscc, request_id, answer_id, answer, common };
        self.file("station/jinghu-1/li", answered_on, EnrolmentCommand::AnswerAssistance(answering))
    }

    fn evaluate(&mut self, uscc: &Uscc) -> anyhow::Result<()> {
        let on = self.day(380)?;
        let self_evaluation = SelfEvaluation {
            period_from: self.starts_on,
            period_to: self.day(364)?,
            strengths: "高层推动有力，过程方法系统展开。".to_owned(),
            gaps: "标杆对比数据不足。".to_owned(),
            actions: "建立行业标杆数据库。".to_owned(),
            scores: Vec::new(),
        };
        let recording = RecordSelfEvaluation {
            cycle: self.cycle.clone(),
            uscc: uscc.clone(),
            self_evaluation_id: SelfEvaluationId::new(self.history.id()),
            self_evaluation,
            common: Common::on(on),
        };
        let actor = format!("organization/{uscc}/chen");
        self.file(&actor, on, EnrolmentCommand::RecordSelfEvaluation(recording))
    }
}

/// What a visit brings.
pub(crate) fn visited() -> anyhow::Result<Visit> {
    Ok(Visit {
        station: "jinghu-1".parse()?,
        channel: Channel::OnSite,
        findings: "已在两个车间试点卓越绩效管理模式，一次交验合格率提高到百分之九十九点二。".to_owned(),
        needs: Some("希望安排自评师培训。".to_owned()),
        carry_over: None,
    })
}

fn paper() -> DocumentRef {
    DocumentRef {
        document_id: DocumentId::new(Uuid::from_u128(1)),
        sha256: "0".repeat(64),
        media_type: "application/pdf".to_owned(),
        size: 1,
        title: "核查意见".to_owned(),
    }
}
