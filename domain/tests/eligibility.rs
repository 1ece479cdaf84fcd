//! Each condition of §三（一） as the Wuhu rulebook has it, from the application to the decision on the class (W-32 … W-40).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use chrono::NaiveDate;
use hatchery_domain::cycle::{Classify, ClassifyEntry, CycleCommand, Intake, Nominate, OpenCycle};
use hatchery_domain::document::{Common, DocumentRef};
use hatchery_domain::enrolment::{
    ApproveSurveys, EnrolmentCommand, FileSurvey, Finding, RecordConditionCheck, SubmitApplication,
};
use hatchery_domain::forms::annex1::{Application, NoneOrHas};
use hatchery_domain::forms::annex2::Conclusion;
use hatchery_domain::forms::samples;
use hatchery_domain::ids::{ConditionCheckId, DecisionId, DocumentId, SurveyId};
use hatchery_domain::memory::Memory;
use hatchery_domain::register::{AddEntry, Details, EntryId, RegisterCommand};
use hatchery_domain::rulebook::load::parse;
use hatchery_domain::{Command, Context, Refusal, Rulebook};
use uuid::Uuid;

const OFFICE: &str = "office/wuhu-incubation/zhang";
const USCC: &str = "91350100M000100Y43";
/// The day of the application, and of everything else.
const TODAY: &str = "2026-03-10";
/// What no form proves: a document or a department does.
const BY_DOCUMENT: [&str; 3] = ["lawful_and_policy", "outstanding_results", "social_responsibility"];

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("an id")
}

fn day(text: &str) -> NaiveDate {
    id(text)
}

/// What came of an application.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Admitted to the pool in class A.
    Admitted,
    /// Not nominated: conditions not met.
    NotMet(Vec<String>),
    /// Nominated and surveyed, but not admitted: conditions without proof.
    Unproven(Vec<String>),
}
use End::{Admitted, NotMet, Unproven};

fn not_met(condition: &str) -> End {
    NotMet(vec![condition.to_owned()])
}

fn unproven(condition: &str) -> End {
    Unproven(vec![condition.to_owned()])
}

/// An organisation's way through a cycle of the shipped rulebook.
struct Way {
    memory: Memory,
    rulebook: Arc<Rulebook>,
    checks: u128,
}

impl Way {
    fn begun() -> Self {
        let text = include_str!("../rulebooks/wuhu-incubation.toml");
        let rulebook = Arc::new(parse("wuhu-incubation.toml", text).expect("a rulebook"));
        let mut way = Self { memory: Memory::default(), rulebook, checks: 0 };
        way.add(EntryId::District(id("jinghu")), Details::District { name: "镜湖区".to_owned() });
        let station = Details::Station { name: "镜湖站".to_owned(), district: id("jinghu") };
        way.add(EntryId::Station(id("jinghu-1")), station);
        let kind = id("industry_association");
        let recommender = Details::Recommender { name: "某协会".to_owned(), recommender_kind: kind, district: None };
        way.add(EntryId::Recommender(id("guild")), recommender);
        let opening = OpenCycle {
            cycle: id("wuhu-incubation-2026"),
            program: way.rulebook.program.clone(),
            label: "2026".to_owned(),
            starts_on: day("2026-01-01"),
            ends_on: None,
            intake: Intake::default(),
            rulebook: Arc::clone(&way.rulebook),
            common: Common::on(day(TODAY)),
        };
        way.does(OFFICE, &Command::Cycle(CycleCommand::Open(opening)));
        way
    }

    fn run(&mut self, actor: &str, command: &Command) -> Result<(), Refusal> {
        let context = Context {
            now: "2026-03-10T04:00:00Z".parse().expect("an instant"),
            actor: id(actor),
            decision_id: DecisionId::new(Uuid::from_u128(self.memory.log().len() as u128 + 1)),
        };
        self.memory.run(command, &context).map(|_| ()).map_err(|refused| *refused.refusal)
    }

    fn does(&mut self, actor: &str, command: &Command) {
        assert_eq!(self.run(actor, command), Ok(()), "{command:?}");
    }

    fn add(&mut self, entry: EntryId, details: Details) {
        let rulebook = Arc::clone(&self.rulebook);
        let add = AddEntry { rulebook, entry, details, common: Common::on(day(TODAY)) };
        self.does(OFFICE, &Command::Register(RegisterCommand::Add(add)));
    }

    /// The office records what a department found.
    fn check(&mut self, condition: &str, finding: Finding) {
        self.checks += 1;
        let paper = DocumentRef {
            document_id: DocumentId::new(Uuid::from_u128(9)),
            sha256: "0".repeat(64),
            media_type: "application/pdf".to_owned(),
            size: 1,
            title: "查验意见".to_owned(),
        };
        let check = RecordConditionCheck {
            cycle: id("wuhu-incubation-2026"),
            uscc: id(USCC),
            check_id: ConditionCheckId::new(Uuid::from_u128(self.checks)),
            condition: id(condition),
            finding,
            department: "市场监督管理局".to_owned(),
            checked_on: day(TODAY),
            common: Common { documents: vec![paper], ..Common::on(day(TODAY)) },
        };
        self.does(OFFICE, &Command::Enrolment(EnrolmentCommand::RecordConditionCheck(check)));
    }

    fn apply(&mut self, change: impl FnOnce(&mut Application)) {
        let mut form = samples::application("示例公司", id("jinghu"), Some(id("A")), day(TODAY));
        change(&mut form);
        let submit = SubmitApplication {
            cycle: id("wuhu-incubation-2026"),
            uscc: id(USCC),
            application: Box::new(form),
            previous: None,
            self_evaluation: None,
            common: Common::on(day(TODAY)),
        };
        let itself = format!("organization/{USCC}/chen");
        self.does(&itself, &Command::Enrolment(EnrolmentCommand::SubmitApplication(submit)));
    }

    /// Nominated, surveyed, settled and classified, as far as it gets.
    fn goes_on(mut self) -> End {
        let common = Common::on(day(TODAY));
        let cycle = || id("wuhu-incubation-2026");
        let nominate = Nominate {
            cycle: cycle(),
            uscc: id(USCC),
            recommender: id("guild"),
            opinion: "同意推荐。".to_owned(),
            signed_on: day(TODAY),
            common: common.clone(),
        };
        let nominated = self.run("recommender/guild/sun", &Command::Cycle(CycleCommand::Nominate(nominate)));
        if let Err(Refusal::EligibilityNotMet { conditions }) = nominated {
            return NotMet(conditions.into_iter().map(|c| c.id.to_string()).collect());
        }
        assert_eq!(nominated, Ok(()));
        let filing = FileSurvey {
            cycle: cycle(),
            uscc: id(USCC),
            survey_id: SurveyId::new(Uuid::from_u128(3)),
            survey: Box::new(samples::survey(Conclusion::Class(id("A")), day(TODAY))),
            common: common.clone(),
        };
        self.does("station/jinghu-1/li", &Command::Enrolment(EnrolmentCommand::FileSurvey(filing)));
        let settling = ApproveSurveys {
            cycle: cycle(),
            entries: vec![id(USCC)],
            report_no: "镜质办〔2026〕1号".to_owned(),
            approved_on: day(TODAY),
            common: common.clone(),
        };
        self.does("district/jinghu/wang", &Command::Enrolment(EnrolmentCommand::ApproveSurveys(settling)));
        let entry = ClassifyEntry { uscc: id(USCC), class: Some(id("A")), grounds: None, seen: None };
        let classify = Classify { cycle: cycle(), entries: vec![entry], common };
        match self.run(OFFICE, &Command::Cycle(CycleCommand::Classify(classify))) {
            Ok(()) => Admitted,
            Err(refused) => {
                let Refusal::Batch(entries) = &refused else { panic!("{refused}") };
                let only = &*entries[0].refused.refusal;
                let Refusal::EligibilityOpen { conditions } = only else { panic!("{only}") };
                Unproven(conditions.iter().map(|c| c.id.to_string()).collect())
            }
        }
    }
}

/// What comes of an application like the sample's, changed so, whose conditions without a form are proven.
fn with_form(change: impl FnOnce(&mut Application)) -> End {
    let mut way = Way::begun();
    way.apply(change);
    for condition in BY_DOCUMENT {
        way.check(condition, Finding::Met);
    }
    way.goes_on()
}

/// What comes of the sample's application once departments have found this, in this order, of one condition; the
/// others are proven.
fn with_findings(condition: &str, findings: &[Finding]) -> End {
    let mut way = Way::begun();
    way.apply(|_| {});
    for other in BY_DOCUMENT.into_iter().filter(|other| *other != condition) {
        way.check(other, Finding::Met);
    }
    for finding in findings {
        way.check(condition, *finding);
    }
    way.goes_on()
}

#[test]
fn w32_an_organisation_licensed_for_years_is_admitted() {
    assert_eq!(with_form(|form| form.supplement.licence.held_since = day("2016-05-01")), Admitted);
}

#[test]
fn w32_a_licence_of_less_than_three_years_is_not_nominated() {
    let end = with_form(|form| form.supplement.licence.held_since = day("2024-01-01"));
    assert_eq!(end, not_met("registered_and_licensed"));
}

#[test]
fn w32_three_years_to_the_day_are_enough_and_a_day_less_is_not() {
    assert_eq!(with_form(|form| form.supplement.licence.held_since = day("2023-03-10")), Admitted);
    let short = with_form(|form| form.supplement.licence.held_since = day("2023-03-11"));
    assert_eq!(short, not_met("registered_and_licensed"));
}

#[test]
fn w34_the_model_for_two_years_and_a_certificate_are_admitted() {
    assert_eq!(with_form(|_| {}), Admitted);
}

#[test]
fn w34_a_model_of_less_than_two_years_or_an_expired_certificate_is_not_nominated() {
    let young = with_form(|form| form.supplement.model_introduced_on = day("2025-01-01"));
    assert_eq!(young, not_met("excellence_model"));
    let expired = with_form(|form| {
        form.supplement.certificate.as_mut().expect("a certificate").valid_until = day("2026-03-09");
    });
    assert_eq!(expired, not_met("excellence_model"));
}

#[test]
fn w34_two_years_to_the_day_with_a_certificate_valid_today_are_enough() {
    let end = with_form(|form| {
        form.supplement.model_introduced_on = day("2024-03-10");
        form.supplement.certificate.as_mut().expect("a certificate").valid_until = day(TODAY);
    });
    assert_eq!(end, Admitted);
    let short = with_form(|form| form.supplement.model_introduced_on = day("2024-03-11"));
    assert_eq!(short, not_met("excellence_model"));
    // Without a scan nothing is known of the certificate: that stops nobody before the class is decided.
    assert_eq!(with_form(|form| form.supplement.certificate = None), unproven("excellence_model"));
}

#[test]
fn w37_who_declares_no_failed_spot_check_is_admitted() {
    assert_eq!(with_form(|form| form.supplement.spot_check_failures = NoneOrHas::None), Admitted);
}

#[test]
fn w37_who_declares_a_failed_spot_check_is_not_nominated() {
    let end = with_form(|form| form.supplement.spot_check_failures = NoneOrHas::Has);
    assert_eq!(end, not_met("no_failed_spot_check"));
}

#[test]
fn w37_a_department_s_last_finding_on_spot_checks_outweighs_the_form() {
    assert_eq!(with_findings("no_failed_spot_check", &[Finding::NotMet]), not_met("no_failed_spot_check"));
    assert_eq!(with_findings("no_failed_spot_check", &[Finding::NotMet, Finding::Met]), Admitted);
}

#[test]
fn w38_who_has_no_other_breach_is_admitted() {
    assert_eq!(with_form(|form| form.supplement.serious_breaches = NoneOrHas::None), Admitted);
}

#[test]
fn w38_who_declares_a_serious_breach_is_not_nominated() {
    let end = with_form(|form| form.supplement.serious_breaches = NoneOrHas::Has);
    assert_eq!(end, not_met("no_other_breach"));
}

#[test]
fn w38_complaints_alone_wait_for_the_department_s_word() {
    assert_eq!(with_form(|form| form.complaints_or_dishonesty = NoneOrHas::Has), unproven("no_other_breach"));
    let mut way = Way::begun();
    way.apply(|form| form.complaints_or_dishonesty = NoneOrHas::Has);
    for condition in BY_DOCUMENT.into_iter().chain(["no_other_breach"]) {
        way.check(condition, Finding::Met);
    }
    assert_eq!(way.goes_on(), Admitted);
}

#[test]
fn w39_a_declaration_that_the_legal_representative_has_no_record_is_taken() {
    assert_eq!(with_form(|form| form.supplement.legal_representative.no_criminal_record = true), Admitted);
}

#[test]
fn w39_without_the_declaration_nobody_is_nominated() {
    let end = with_form(|form| form.supplement.legal_representative.no_criminal_record = false);
    assert_eq!(end, not_met("no_criminal_record"));
}

#[test]
fn w39_a_record_that_a_department_finds_outweighs_the_declaration() {
    assert_eq!(with_findings("no_criminal_record", &[Finding::NotMet]), not_met("no_criminal_record"));
    assert_eq!(with_findings("no_criminal_record", &[Finding::NotMet, Finding::Met]), Admitted);
}

/// A condition that no form proves: found met, found not met, and not looked at or found anew.
macro_rules! proven_by_document {
    ($condition:literal: $allowed:ident, $refused:ident, $boundary:ident) => {
        #[test]
        fn $allowed() {
            assert_eq!(with_findings($condition, &[Finding::Met]), Admitted);
        }

        #[test]
        fn $refused() {
            assert_eq!(with_findings($condition, &[Finding::NotMet]), not_met($condition));
        }

        #[test]
        fn $boundary() {
            assert_eq!(with_findings($condition, &[]), unproven($condition), "nobody has looked");
            assert_eq!(with_findings($condition, &[Finding::NotMet, Finding::Met]), Admitted, "the last word counts");
            assert_eq!(with_findings($condition, &[Finding::Met, Finding::NotMet]), not_met($condition));
        }
    };
}

proven_by_document! {
    "lawful_and_policy":
    w33_who_is_found_to_comply_with_law_and_policy_is_admitted,
    w33_who_is_found_not_to_comply_is_not_nominated,
    w33_until_somebody_has_looked_nobody_is_admitted_and_the_last_finding_counts
}
proven_by_document! {
    "outstanding_results":
    w35_results_found_to_lead_are_admitted,
    w35_results_found_not_to_lead_are_not_nominated,
    w35_results_without_evidence_wait_and_the_last_finding_counts
}
proven_by_document! {
    "social_responsibility":
    w40_a_good_reputation_that_is_shown_is_admitted,
    w40_a_bad_reputation_is_not_nominated,
    w40_a_reputation_that_nobody_has_shown_waits_and_the_last_finding_counts
}
