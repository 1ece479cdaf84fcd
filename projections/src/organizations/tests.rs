use domain::cycle::Outcome;
use domain::forms::annex1::Level;
use domain::forms::facts::{Holder, Honour, Incident};
use domain::ids::HonourId;

use store::testing::TestDatabase;

use super::*;
use crate::fixtures::on_both_databases;
use crate::testing::{ACME, BOLT, LATER, Log, corrected, cycle, day, id, nth, org, recorded, voided};

#[track_caller]
fn known(log: &Log) -> Organization {
    match log.row::<Organizations>(ACME) {
        OrganizationRow::Organization(known) => *known,
        OrganizationRow::Alias { .. } => panic!("an alias stands at the key of an organisation"),
    }
}

fn registered() -> Log {
    let mut log = Log::opened();
    log.registered(ACME, "旧名");
    log
}

fn number_changed(log: &mut Log) {
    log.organization(LATER, OrganizationEvent::NumberAssigned { organization: org(ACME) })
        .organization(ACME, OrganizationEvent::UsccChanged { uscc: id(LATER) });
}

#[test]
fn names_and_numbers_in_force_come_with_their_history() {
    let mut log = registered();
    log.on("2027-01-01").organization(ACME, OrganizationEvent::OrganizationRenamed { name: "新名".to_owned() });
    number_changed(&mut log);
    log.organization(ACME, OrganizationEvent::DistrictChanged { district: id("nanling") });
    let now = known(&log);
    assert_eq!(now.brief(), Brief { uscc: id(LATER), name: "新名".to_owned(), district: id("nanling") });
    let names: Vec<_> = now.names.iter().map(|name| (name.name.as_str(), name.since)).collect();
    assert_eq!(names, [("旧名", day("2026-04-01")), ("新名", day("2027-01-01"))]);
    log.organization(ACME, OrganizationEvent::UsccCorrected { uscc: id(ACME), reason: "误录".to_owned() });
    let now = known(&log);
    assert_eq!(now.uscc.as_str(), ACME);
    let origins: Vec<_> = now.numbers.iter().map(|number| number.origin).collect();
    assert_eq!(origins, [NumberOrigin::Registered, NumberOrigin::Changed, NumberOrigin::Corrected]);
}

#[test]
fn a_file_opens_ends_reopens_and_starts_afresh() {
    let mut log = registered();
    let program = || id("wuhu-incubation");
    let file = |log: &Log| known(log).files.into_iter().map(|file| (file.attempt, file.outcome)).collect::<Vec<_>>();
    log.organization(ACME, OrganizationEvent::EnrolmentOpened { cycle: cycle(), program: program(), attempt: 1 });
    assert_eq!(file(&log), [(1, None)]);
    log.organization(ACME, OrganizationEvent::EnrolmentEnded { cycle: cycle(), outcome: Outcome::Removed });
    assert_eq!(file(&log), [(1, Some(Outcome::Removed))]);
    log.organization(ACME, OrganizationEvent::EnrolmentReopened { cycle: cycle() });
    assert_eq!((file(&log), known(&log).files[0].ended_on), (vec![(1, None)], None));
    log.organization(ACME, OrganizationEvent::EnrolmentEnded { cycle: cycle(), outcome: Outcome::WithdrawnEarly })
        .organization(ACME, OrganizationEvent::EnrolmentOpened { cycle: cycle(), program: program(), attempt: 2 });
    assert_eq!(file(&log), [(2, None)]);
}

#[test]
fn incidents_that_count_show_what_the_authority_said_last() {
    let mut log = registered();
    let incident_id = IncidentId::new(nth(1));
    let incident = |kind: &str| Incident { kind: id(kind), description: "召回".to_owned() };
    let seen = |log: &Log| known(log).incidents.into_iter().map(|i| (i.kind, i.status)).collect::<Vec<_>>();
    log.organization(ACME, OrganizationEvent::IncidentReported(recorded(incident_id, incident("quality"))));
    assert_eq!(seen(&log), [(id("quality"), IncidentStatus::Reported)]);
    log.on("2026-03-01")
        .organization(ACME, OrganizationEvent::IncidentCorrected(corrected(incident_id, incident("food_safety"))));
    assert_eq!(known(&log).incidents[0].occurred_on, day("2026-03-01"));
    for (major, status) in [(true, IncidentStatus::Major), (false, IncidentStatus::BelowMajor)] {
        log.organization(
            ACME,
            OrganizationEvent::IncidentDetermined {
                incident_id,
                authority: "市应急管理局".to_owned(),
                document_no: "1号".to_owned(),
                major,
                determined_on: day("2026-04-01"),
            },
        );
        assert_eq!(seen(&log), [(id("food_safety"), status)]);
    }
    log.organization(
        ACME,
        OrganizationEvent::IncidentDismissed {
            incident_id,
            authority: "市应急管理局".to_owned(),
            document_no: "2号".to_owned(),
            reason: "复议".to_owned(),
        },
    );
    assert_eq!(seen(&log), [(id("food_safety"), IncidentStatus::Dismissed)]);
    log.organization(ACME, OrganizationEvent::IncidentVoided(voided(incident_id)));
    assert_eq!(seen(&log), []);
}

#[test]
fn an_organisation_that_is_no_more_tells_why() {
    let mut log = registered();
    log.organization(ACME, OrganizationEvent::MergedInto { organization: org(BOLT), reason: "合并".to_owned() });
    let gone = known(&log).gone.unwrap();
    assert_eq!((gone.kind, gone.into), (GoneKind::Merged, Some(org(BOLT))));
    let mut log = registered();
    log.organization(ACME, OrganizationEvent::Dissolved { reason: "解散".to_owned() });
    assert_eq!(known(&log).gone.map(|gone| gone.kind), Some(GoneKind::Dissolved));
}

#[test]
fn q22_honours_name_their_holder() {
    let mut log = registered();
    let honour = Honour { name: "市长质量奖".to_owned(), level: Level::City, holder: Holder::Organization };
    log.organization(ACME, OrganizationEvent::HonourRecorded(recorded(HonourId::new(nth(1)), honour)));
    assert_eq!(known(&log).honours[0].holder, Holder::Organization);
}

on_both_databases! {
    old_and_new_numbers_resolve_and_strangers_do_not
}

async fn old_and_new_numbers_resolve_and_strangers_do_not(database: TestDatabase) {
    let mut log = registered();
    number_changed(&mut log);
    let store = log.shown_on(&database).await;
    let db = store.db();
    for uscc in [ACME, LATER] {
        assert_eq!(resolve(db, &id(uscc)).await.unwrap(), Some(org(ACME)), "{uscc}");
    }
    assert_eq!(resolve(db, &id(BOLT)).await.unwrap(), None);
    assert_eq!(get(db, &org(ACME)).await.unwrap().map(|known| known.name), Some("旧名".to_owned()));
    assert_eq!(get(db, &org(BOLT)).await.unwrap(), None);
    let briefs = briefs(db, [org(ACME), org(BOLT)]).await.unwrap();
    assert_eq!(briefs.into_iter().map(|(id, brief)| (id, brief.uscc)).collect::<Vec<_>>(), [(org(ACME), id(LATER))]);
}
