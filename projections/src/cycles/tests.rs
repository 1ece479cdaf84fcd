use super::*;
use crate::fixtures::{CYCLE, Log, Table, class, day};

fn row(log: &Log) -> CycleRow {
    Table::folded(&*store::Model::<Cycles>::boxed(), log.events(), &[]).row(CYCLE)
}

#[test]
fn a_cycle_shows_its_latest_period_intake_and_closing() {
    let mut log = Log::open();
    let intake = Intake { from: Some(day("2026-02-01")), to: None };
    log.cycle("2026-01-02", CycleEvent::IntakeSet { intake });
    log.cycle("2026-01-03", CycleEvent::CycleExtended { ends_on: day("2028-07-01"), reason: "…".to_owned() });
    let open = row(&log);
    assert_eq!((open.intake, open.ends_on, open.closed_on), (intake, day("2028-07-01"), None));
    log.cycle("2028-07-02", CycleEvent::CycleClosed { completed: Vec::new(), lapsed: Vec::new(), reason: None });
    assert_eq!(row(&log).closed_on, Some(day("2028-07-02")));
}

#[test]
fn a_summary_shows_what_the_roster_adds_up_and_which_rules_are_in_force() {
    let classes = [(class("C"), 1), (class("D"), 3)].into();
    let census = crate::roster::Census { applicants: 2, members: 4, former: 1, classes };
    let balance = crate::balance::Balance { excess: 2, ..Default::default() };
    let summary = row(&Log::open()).summary(Tally { census: census.clone(), balance, rules: None });
    assert_eq!(summary.classes, census.classes);
    assert_eq!((summary.applicants, summary.members, summary.former, summary.excess), (2, 4, 1, 2));
    assert_eq!(summary.rulebook.label.as_deref(), Some("试行（征求意见稿）"));
}

#[test]
fn decisions_on_organisations_do_not_touch_the_cycle_row() {
    let mut log = Log::open();
    let opened = log.events().len();
    log.member(1, "C");
    assert!(log.events()[opened..].iter().all(|event| Cycles::touches(event).is_empty()));
}
