//! Changes of an organisation: each rule allowed, refused and at its boundary.

use super::*;
use crate::command::Command;
use crate::event::Event;
use crate::memory::Memory;
use crate::organization::OrganizationCommand;
use crate::samples::{OTHER_USCC, USCC, by, id, memory, on, organization, organization_id, rulebook, run};
use crate::stream::Aggregate;

const OFFICE: &str = "office/sample/wang";
const ACME: &str = "organization/91350100M000100Y43/zhou";
const THIRD_USCC: &str = "91330100MA2B00430Y";

fn change_of(uscc: &str, change: OrganizationChange) -> Command {
    Command::Organization(OrganizationCommand::Change(ChangeOrganization {
        rulebook: Arc::new(rulebook()),
        uscc: id(uscc),
        change,
        common: on("2026-05-01"),
    }))
}

fn decide(memory: &mut Memory, change: OrganizationChange) -> Result<Vec<Event>, Refusal> {
    run(memory, &change_of(USCC, change), &by(OFFICE, "2026-05-01"))
}

fn rename() -> OrganizationChange {
    OrganizationChange::Rename { name: "Acme Group".to_owned() }
}

fn new_uscc(uscc: &str) -> OrganizationChange {
    OrganizationChange::NewUscc { uscc: id(uscc) }
}

fn correct_uscc(uscc: &str) -> OrganizationChange {
    OrganizationChange::CorrectUscc { uscc: id(uscc), reason: "mistyped".to_owned() }
}

fn merge_into(uscc: &str) -> OrganizationChange {
    OrganizationChange::Merge { into: id(uscc), reason: "restructured".to_owned() }
}

fn dissolve() -> OrganizationChange {
    OrganizationChange::Dissolve { reason: "liquidated".to_owned() }
}

/// The sample, with a second organisation under `OTHER_USCC`.
fn with_other() -> Memory {
    let mut memory = memory();
    let other = Organization { numbers: vec![id(OTHER_USCC)], ..organization() };
    let stream = StreamId::organization(&OrganizationId::first_registered(id(OTHER_USCC)));
    memory.put(stream, Aggregate::Organization(other), 2);
    memory
}

fn of_organization(event: OrganizationEvent) -> Event {
    Event::Organization(event)
}

#[test]
fn the_office_or_the_organisation_itself_renames_it() {
    for actor in [OFFICE, ACME] {
        let events = run(&mut memory(), &change_of(USCC, rename()), &by(actor, "2026-05-01"));
        let renamed = OrganizationEvent::OrganizationRenamed { name: "Acme Group".to_owned() };
        assert_eq!(events, Ok(vec![of_organization(renamed)]), "{actor}");
    }
}

#[test]
fn anything_but_a_new_name_is_for_the_office_that_has_a_file_of_it() {
    for actor in [ACME, "office/other/wang", "district/east/li", "station/east-1/li"] {
        for change in [new_uscc(OTHER_USCC), correct_uscc(OTHER_USCC), merge_into(OTHER_USCC), dissolve()] {
            let refused = run(&mut with_other(), &change_of(USCC, change), &by(actor, "2026-05-01"));
            assert!(matches!(refused, Err(Refusal::NotPermitted { .. })), "{actor}: {refused:?}");
        }
    }
    let mut stranger = memory();
    let without_files = Organization { files: std::collections::BTreeMap::new(), ..organization() };
    stranger.put(StreamId::organization(&organization_id()), Aggregate::Organization(without_files), 2);
    assert!(matches!(decide(&mut stranger, dissolve()), Err(Refusal::NotPermitted { .. })));
}

#[test]
fn an_organisation_never_registered_is_not_found() {
    let refused = run(&mut memory(), &change_of(OTHER_USCC, rename()), &by(OFFICE, "2026-05-01"));
    assert_eq!(refused, Err(Refusal::NotFound { resource: "organization" }));
}

#[test]
fn a_change_is_not_dated_forward() {
    let refused = run(&mut memory(), &change_of(USCC, rename()), &by(OFFICE, "2026-04-30"));
    assert!(matches!(refused, Err(Refusal::DateInFuture { .. })), "{refused:?}");
}

#[test]
fn a_name_has_one_to_two_hundred_characters() {
    let named = |name: String| decide(&mut memory(), OrganizationChange::Rename { name });
    assert_eq!(named(" ".to_owned()), Err(Refusal::field("/name", FieldCode::Required, "附件1 W-79")));
    assert!(named("企".repeat(200)).is_ok());
    assert_eq!(named("企".repeat(201)), Err(Refusal::field("/name", FieldCode::TooLong, "附件1 W-79")));
}

#[test]
fn it_moves_to_an_active_district_only() {
    let to = |district: &str| decide(&mut memory(), OrganizationChange::District { district: id(district) });
    assert_eq!(to("west"), Ok(vec![of_organization(OrganizationEvent::DistrictChanged { district: id("west") })]));
    assert!(matches!(to("north"), Err(Refusal::UnknownReference { pointer, .. }) if pointer == "/district"));
}

#[test]
fn a_new_number_is_claimed_and_both_numbers_resolve() {
    let mut memory = memory();
    let events = decide(&mut memory, new_uscc(OTHER_USCC));
    assert_eq!(
        events,
        Ok(vec![
            of_organization(OrganizationEvent::NumberAssigned { organization: organization_id() }),
            of_organization(OrganizationEvent::UsccChanged { uscc: id(OTHER_USCC) }),
        ])
    );
    assert_eq!(memory.log()[0].stream.as_organization(), Some(OrganizationId::first_registered(id(OTHER_USCC))));
    for uscc in [USCC, OTHER_USCC] {
        assert_eq!(World::new(&memory).resolve(&id(uscc)), Ok(organization_id()));
    }
    let renumbered = by("organization/91330100MA2B000860/zhou", "2026-05-01");
    assert!(run(&mut memory, &change_of(OTHER_USCC, rename()), &renumbered).is_ok());
}

#[test]
fn a_number_that_somebody_holds_or_held_is_refused() {
    let taken = Err(Refusal::field("/uscc", FieldCode::Exclusive, ""));
    assert_eq!(decide(&mut with_other(), new_uscc(OTHER_USCC)), taken, "another's");
    assert_eq!(decide(&mut with_other(), correct_uscc(OTHER_USCC)), taken, "another's");
    assert_eq!(decide(&mut memory(), new_uscc(USCC)), taken, "its own");
    assert_eq!(decide(&mut memory(), correct_uscc(USCC)), taken, "its own, in force");
    let mut twice = memory();
    decide(&mut twice, new_uscc(OTHER_USCC)).unwrap();
    assert_eq!(decide(&mut twice, new_uscc(OTHER_USCC)), taken, "its own, claimed before");
    decide(&mut twice, new_uscc(THIRD_USCC)).unwrap();
    assert_eq!(decide(&mut twice, new_uscc(OTHER_USCC)), taken, "an earlier one is not new");
}

#[test]
fn a_correction_may_lead_back_to_an_earlier_number() {
    let mut memory = memory();
    decide(&mut memory, correct_uscc(OTHER_USCC)).unwrap();
    let back = OrganizationEvent::UsccCorrected { uscc: id(USCC), reason: "mistyped".to_owned() };
    assert_eq!(decide(&mut memory, correct_uscc(USCC)), Ok(vec![of_organization(back)]));
    assert_eq!(World::new(&memory).resolve(&id(OTHER_USCC)), Ok(organization_id()));
}

#[test]
fn it_merges_into_another_that_is_still_there() {
    let other = OrganizationId::first_registered(id(OTHER_USCC));
    let merged = OrganizationEvent::MergedInto { organization: other, reason: "restructured".to_owned() };
    assert_eq!(decide(&mut with_other(), merge_into(OTHER_USCC)), Ok(vec![of_organization(merged)]));
    let itself = Refusal::field("/into", FieldCode::Exclusive, "");
    assert_eq!(decide(&mut with_other(), merge_into(USCC)), Err(itself));
    assert!(matches!(decide(&mut memory(), merge_into(OTHER_USCC)), Err(Refusal::UnknownReference { .. })));

    let mut gone = with_other();
    run(&mut gone, &change_of(OTHER_USCC, merge_into(USCC)), &by(OFFICE, "2026-05-01")).unwrap();
    assert!(matches!(
        decide(&mut gone, merge_into(OTHER_USCC)),
        Err(Refusal::ReferenceInactive { successor: Some(successor), .. }) if successor == USCC
    ));
}

#[test]
fn what_is_dissolved_or_merged_no_longer_changes() {
    let mut dissolved = with_other();
    decide(&mut dissolved, dissolve()).unwrap();
    let mut merged = with_other();
    decide(&mut merged, merge_into(OTHER_USCC)).unwrap();
    for (memory, stage) in [(&mut dissolved, "dissolved"), (&mut merged, "merged")] {
        for change in [rename(), new_uscc(THIRD_USCC), dissolve()] {
            let refused = decide(memory, change);
            assert_eq!(refused, Err(Refusal::StepOutOfOrder { stage, allowed_stages: vec!["registered"] }));
        }
    }
}

#[test]
fn corrections_mergers_and_dissolutions_need_a_reason() {
    let reason = String::new;
    for change in [
        OrganizationChange::CorrectUscc { uscc: id(OTHER_USCC), reason: reason() },
        OrganizationChange::Merge { into: id(OTHER_USCC), reason: reason() },
        OrganizationChange::Dissolve { reason: reason() },
    ] {
        assert_eq!(decide(&mut memory(), change), Err(Refusal::ReasonRequired { pointer: "/reason" }));
    }
}
