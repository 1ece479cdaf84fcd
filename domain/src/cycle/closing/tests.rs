use super::*;
use uuid::Uuid;

use crate::cycle::testing::{
    Pool, actor, as_organization, cycle, day, documented, id, incident, office, organization, uscc,
};
use crate::cycle::{
    Classify, ClassifyEntry, CorrectClassification, CorrectNomination, CycleCommand, Decline, DeclineGrounds, EndFile,
    EndGround, ExtendCycle, Intake, Nominate, Reclassify, ReclassifyEntry, Remove, RescindRemoval, SetIntake,
    WaiveQuota, Withdraw,
};

fn closing(on: &str) -> CloseCycle {
    let common = Common::on(day(on));
    CloseCycle { cycle: cycle(), reason: None, applicants: Applicants::MustBeNone, common }
}

fn early() -> CloseCycle {
    CloseCycle { reason: Some("提前结束".to_owned()), ..closing("2026-07-01") }
}

/// The office on the day after the cycle's last.
fn at_the_end() -> Context {
    Context { now: "2028-01-01T04:00:00Z".parse().expect("an instant"), ..office() }
}

fn standing(pool: &Pool, n: u32) -> Standing {
    pool.cycle().entry(&organization(n)).expect("an entry").standing.clone()
}

#[test]
fn w42_from_its_end_on_a_cycle_closes_and_its_members_have_completed_it() {
    let mut pool = Pool::open();
    pool.member(1, "A");
    let day_before = CycleCommand::Close(closing("2027-12-31"));
    assert_eq!(pool.refuses(&day_before, &at_the_end()), "cycle_ends_later");
    let events = pool.accepts(&CycleCommand::Close(closing("2028-01-01")), &at_the_end());
    assert_eq!(events, ["CycleClosed", "EnrolmentEnded"]);
    assert_eq!(standing(&pool, 1), Standing::Former(Outcome::Completed));
    assert_eq!(pool.cycle().closed_on, Some(day("2028-01-01")));
    assert!(pool.cycle().counts.values().all(|n| *n == 0), "the pool is empty");
}

#[test]
fn an_early_end_needs_a_reason() {
    let mut pool = Pool::open();
    let blank = CloseCycle { reason: Some(" ".to_owned()), ..early() };
    assert_eq!(pool.refuses(&CycleCommand::Close(blank), &office()), "cycle_ends_later");
    assert!(pool.run(&CycleCommand::Close(early()), &office()).is_ok());
}

#[test]
fn applicants_stand_in_the_way_unless_they_lapse_with_a_reason() {
    let mut pool = Pool::open();
    pool.applicant(1);
    pool.nominated(2, "alpha");
    let refused = pool.run(&CycleCommand::Close(early()), &office()).expect_err("refused");
    let applicants = vec![organization(1), organization(2)];
    assert_eq!(*refused.refusal, Refusal::CycleHasOpenItems { applicants, sessions: Vec::new() });
    let lapse = CloseCycle { applicants: Applicants::Lapse, ..closing("2028-01-01") };
    assert_eq!(pool.refuses(&CycleCommand::Close(lapse), &at_the_end()), "reason_required");
    let lapse = CloseCycle { applicants: Applicants::Lapse, ..early() };
    assert_eq!(
        pool.accepts(&CycleCommand::Close(lapse), &office()),
        ["CycleClosed", "EnrolmentEnded", "EnrolmentEnded"]
    );
    assert_eq!(standing(&pool, 2), Standing::Former(Outcome::Lapsed));
}

#[test]
fn a_session_after_the_day_of_closing_stands_in_the_way_until_it_is_released() {
    let mut pool = Pool::open();
    let stream = StreamId::cycle(&cycle());
    for (n, on) in [(1, "2026-07-01"), (2, "2026-07-02")] {
        let session_id = SessionId::new(Uuid::from_u128(n));
        pool.happen(stream.clone(), CycleEvent::SessionBooked { session_id, on: day(on) }, "2026-06-01");
    }
    let later = SessionId::new(Uuid::from_u128(2));
    let refused = pool.run(&CycleCommand::Close(early()), &office()).expect_err("refused");
    assert_eq!(*refused.refusal, Refusal::CycleHasOpenItems { applicants: Vec::new(), sessions: vec![later] });
    pool.happen(stream, CycleEvent::SessionReleased { session_id: later }, "2026-06-02");
    assert!(pool.run(&CycleCommand::Close(early()), &office()).is_ok());
}

#[test]
fn a_closing_is_not_dated_before_the_last_decision_on_a_live_file() {
    let mut pool = Pool::open();
    pool.member(1, "A");
    let on = |text| CycleCommand::Close(CloseCycle { common: Common::on(day(text)), ..early() });
    assert_eq!(pool.refuses(&on("2026-03-09"), &office()), "date_out_of_range");
    assert!(pool.run(&on("2026-03-10"), &office()).is_ok());
}

/// One command of each kind for a member, all dated the day of the early closing.
fn every_command() -> Vec<CycleCommand> {
    let (cycle, uscc, reason, common) = (cycle(), uscc(1), "…".to_owned(), documented(early().common));
    vec![
        CycleCommand::SetIntake(SetIntake { cycle: cycle.clone(), intake: Intake::default(), common: common.clone() }),
        CycleCommand::Extend(ExtendCycle {
            cycle: cycle.clone(),
            ends_on: day("2029-01-01"),
            reason: reason.clone(),
            common: common.clone(),
        }),
        CycleCommand::WaiveQuota(WaiveQuota {
            cycle: cycle.clone(),
            recommender: id("alpha"),
            extra: 1,
            reason: reason.clone(),
            common: common.clone(),
        }),
        CycleCommand::Nominate(Nominate {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            recommender: id("alpha"),
            opinion: reason.clone(),
            signed_on: common.occurred_on,
            common: common.clone(),
        }),
        CycleCommand::CorrectNomination(CorrectNomination {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            to: id("alpha"),
            reason: reason.clone(),
            common: common.clone(),
        }),
        CycleCommand::Withdraw(Withdraw {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            reason: Some(reason.clone()),
            common: common.clone(),
        }),
        CycleCommand::Decline(Decline {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            grounds: DeclineGrounds::BelowLowestClass,
            common: common.clone(),
        }),
        CycleCommand::Classify(Classify {
            cycle: cycle.clone(),
            entries: vec![ClassifyEntry { uscc: uscc.clone(), class: Some(id("A")), grounds: None, seen: None }],
            common: common.clone(),
        }),
        CycleCommand::Reclassify(Reclassify {
            cycle: cycle.clone(),
            entries: vec![ReclassifyEntry { uscc: uscc.clone(), to: id("C"), grounds: reason.clone(), seen: None }],
            common: common.clone(),
        }),
        CycleCommand::CorrectClassification(CorrectClassification {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            class: id("B"),
            reason: reason.clone(),
            common: common.clone(),
        }),
        CycleCommand::Remove(Remove {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            incident_id: incident(1),
            reason: None,
            common: common.clone(),
        }),
        CycleCommand::RescindRemoval(RescindRemoval {
            cycle: cycle.clone(),
            uscc: uscc.clone(),
            reason: reason.clone(),
            common: common.clone(),
        }),
        CycleCommand::EndFile(EndFile { cycle, uscc, ground: EndGround::Dissolved, reason, common }),
        CycleCommand::Close(early()),
    ]
}

#[test]
fn nothing_is_decided_in_a_closed_cycle_not_even_its_closing() {
    let mut pool = Pool::open();
    pool.member(1, "A");
    pool.accepts(&CycleCommand::Close(early()), &office());
    for command in every_command() {
        let by = if matches!(command, CycleCommand::Withdraw(_)) { as_organization(1) } else { office() };
        assert_eq!(pool.refuses(&command, &by), "cycle_closed", "{command:?}");
    }
}

#[test]
fn only_the_office_closes_and_only_a_cycle_that_was_opened() {
    let command = CycleCommand::Close(early());
    assert_eq!(Pool::open().refuses(&command, &actor("district/jinghu")), "not_permitted");
    assert_eq!(Pool::default().refuses(&command, &office()), "not_found");
}
