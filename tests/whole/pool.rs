//! A pool of any size, made through the commands themselves before a server starts on it.

use std::sync::Arc;

use app::access::Policy;
use app::{App, Clock, Request, Rulebooks};
use chrono::{NaiveDate, TimeDelta, Utc};
use domain::cycle::{Classify, ClassifyEntry, CycleCommand, Intake, Nominate, OpenCycle};
use domain::document::{Common, DocumentRef};
use domain::enrolment::{
    ApproveSurveys, EnrolmentCommand, FileSurvey, Finding, RecordConditionCheck, SubmitApplication,
};
use domain::forms::{annex2::Conclusion, samples};
use domain::ids::{ClassId, ConditionCheckId, CycleId, ProgramId, SurveyId};
use domain::register::{AddEntry, Details, EntryId, RegisterCommand};
use domain::{Command, Rulebook, Uscc};
use store::documents::{self, Upload};
use store::testing::TestDatabase;
use store::{Store, StoreConfig};
use uuid::Uuid;

/// The award office of the program.
pub(crate) const OFFICE: &str = "office/wuhu-incubation/zhang";
/// The office of the one district.
pub(crate) const DISTRICT: &str = "district/jinghu/wang";
/// The one station.
pub(crate) const STATION: &str = "station/jinghu-1/li";
/// The cycle, which began a year ago.
pub(crate) const CYCLE: &str = "wuhu-incubation-race";

/// The members made, by class.
pub(crate) struct Pool {
    pub(crate) members: Vec<(Uscc, ClassId)>,
    /// A day inside the memberships, not after today.
    pub(crate) day: NaiveDate,
}

/// The `n`th fictional USCC.
pub(crate) fn uscc(n: usize) -> Uscc {
    let first = format!("91340200TEST{n:05}").replace('S', "5");
    let check = Uscc::check_character(&first).unwrap();
    format!("{first}{check}").parse().unwrap()
}

struct Maker {
    app: App,
    rulebook: Arc<Rulebook>,
    cycle: CycleId,
    paper: DocumentRef,
}

/// Makes a cycle with so many members of each class, given lowest first so that no bound is broken on the way.
pub(crate) async fn fill(database: &TestDatabase, wanted: &[(&str, usize)]) -> Pool {
    let store = Arc::new(Store::start(StoreConfig::new(database.url.clone(), projections::models())).await.unwrap());
    let rulebooks = Arc::new(Rulebooks::load(None).unwrap());
    let program: ProgramId = "wuhu-incubation".parse().unwrap();
    let rulebook = rulebooks.get(&program).unwrap();
    let upload = Upload {
        document_id: domain::ids::DocumentId::new(Uuid::now_v7()),
        media_type: "application/pdf",
        title: "查验意见",
        uploaded_by: OFFICE,
        recorded_at: Utc::now(),
        content: b"%PDF-1.4 test",
    };
    let paper = documents::put(store.db(), &upload).await.unwrap();
    let maker = Maker {
        app: App::new(Arc::clone(&store), rulebooks, Arc::new(Policy::load(None).unwrap()), Clock::System),
        rulebook,
        cycle: CYCLE.parse().unwrap(),
        paper,
    };
    let pool = maker.make(wanted).await;
    store.stop().await;
    pool
}

impl Maker {
    async fn run(&self, actor: &str, command: impl Into<Command>) {
        let command = command.into();
        let shown = format!("{command:?}");
        let done = self.app.run(Request::new(actor.parse().unwrap(), command)).await;
        assert!(done.is_ok(), "{actor}: {:?}\n{shown}", done.err());
    }

    async fn add(&self, entry: EntryId, details: Details, on: NaiveDate) {
        let command = AddEntry { rulebook: Arc::clone(&self.rulebook), entry, details, common: Common::on(on) };
        self.run(OFFICE, Command::Register(RegisterCommand::Add(command))).await;
    }

    async fn make(&self, wanted: &[(&str, usize)]) -> Pool {
        let today = (Utc::now() + TimeDelta::hours(8)).date_naive();
        let start = today - TimeDelta::days(365);
        let district = "jinghu".parse().unwrap();
        self.add(EntryId::District("jinghu".parse().unwrap()), Details::District { name: "镜湖区".to_owned() }, start)
            .await;
        let station = Details::Station { name: "镜湖站".to_owned(), district };
        self.add(EntryId::Station("jinghu-1".parse().unwrap()), station, start).await;
        self.run(
            OFFICE,
            Command::Cycle(CycleCommand::Open(OpenCycle {
                cycle: self.cycle.clone(),
                program: self.rulebook.program.clone(),
                label: "竞态".to_owned(),
                starts_on: start,
                ends_on: None,
                intake: Intake::default(),
                rulebook: Arc::clone(&self.rulebook),
                common: Common::on(start),
            })),
        )
        .await;
        let mut members = Vec::new();
        for (class, count) in wanted {
            let class: ClassId = class.parse().unwrap();
            let mut admitted = Vec::new();
            for _ in 0..*count {
                let number = members.len();
                let uscc = uscc(number);
                self.bring(number, &uscc, &class, start).await;
                admitted.push(uscc.clone());
                members.push((uscc, class.clone()));
            }
            for batch in admitted.chunks(50) {
                self.admit(batch, &class, start).await;
            }
        }
        Pool { members, day: today }
    }

    /// From application to a settled survey that proposes `class`.
    async fn bring(&self, number: usize, uscc: &Uscc, class: &ClassId, on: NaiveDate) {
        let recommender = format!("association-{}", number / 2);
        if number.is_multiple_of(2) {
            let details = Details::Recommender {
                name: format!("示例协会{}", number / 2),
                recommender_kind: "industry_association".parse().unwrap(),
                district: None,
            };
            self.add(EntryId::Recommender(recommender.parse().unwrap()), details, on).await;
        }
        let common = || Common::on(on);
        let application =
            samples::application(&format!("芜湖示例企业{number}"), "jinghu".parse().unwrap(), Some(class.clone()), on);
        let submit = SubmitApplication {
            cycle: self.cycle.clone(),
            uscc: uscc.clone(),
            application: Box::new(application),
            previous: None,
            self_evaluation: None,
            common: common(),
        };
        self.run(&format!("organization/{uscc}/chen"), Command::Enrolment(EnrolmentCommand::SubmitApplication(submit)))
            .await;
        for condition in &self.rulebook.conditions {
            let check = RecordConditionCheck {
                cycle: self.cycle.clone(),
                uscc: uscc.clone(),
                check_id: ConditionCheckId::new(Uuid::now_v7()),
                condition: condition.id.clone(),
                finding: Finding::Met,
                department: "主管部门".to_owned(),
                checked_on: on,
                common: Common { documents: vec![self.paper.clone()], ..common() },
            };
            self.run(OFFICE, Command::Enrolment(EnrolmentCommand::RecordConditionCheck(check))).await;
        }
        let nominate = Nominate {
            cycle: self.cycle.clone(),
            uscc: uscc.clone(),
            recommender: recommender.parse().unwrap(),
            opinion: "同意推荐。".to_owned(),
            signed_on: on,
            common: common(),
        };
        self.run(&format!("recommender/{recommender}/sun"), Command::Cycle(CycleCommand::Nominate(nominate))).await;
        let survey = FileSurvey {
            cycle: self.cycle.clone(),
            uscc: uscc.clone(),
            survey_id: SurveyId::new(Uuid::now_v7()),
            survey: Box::new(samples::survey(Conclusion::Class(class.clone()), on)),
            common: common(),
        };
        self.run(STATION, Command::Enrolment(EnrolmentCommand::FileSurvey(survey))).await;
        let approve = ApproveSurveys {
            cycle: self.cycle.clone(),
            entries: vec![uscc.clone()],
            report_no: format!("镜质办〔{number}〕号"),
            approved_on: on,
            common: common(),
        };
        self.run(DISTRICT, Command::Enrolment(EnrolmentCommand::ApproveSurveys(approve))).await;
    }

    async fn admit(&self, batch: &[Uscc], class: &ClassId, on: NaiveDate) {
        let entries = batch
            .iter()
            .map(|uscc| ClassifyEntry { uscc: uscc.clone(), class: Some(class.clone()), grounds: None, seen: None })
            .collect();
        let classify = Classify { cycle: self.cycle.clone(), entries, common: Common::on(on) };
        self.run(OFFICE, Command::Cycle(CycleCommand::Classify(classify))).await;
    }
}
