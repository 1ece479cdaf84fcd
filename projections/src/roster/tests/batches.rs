//! The fold gives the same rows however the log is cut into batches (E12), for every read model of the crate.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{
    Log, Table, answered, approved, asked, class, corrected, id, organization, recorded, removed, rescinded, returned,
    surveyed, uscc, voided,
};
use crate::balance::Balance;
use crate::fixtures::CYCLE;
use crate::roster::census::tests::counted;
use crate::roster::{File, Kept, Roster};
use domain::cycle::CycleEvent;
use domain::forms::annex2::Conclusion;
use domain::organization::OrganizationEvent;
use domain::register::{EntryId, RegisterEvent};

/// One step of a history, of the `n`th organisation. Folds hold no rule, so any order will do.
fn step(log: &mut Log, kind: u8, n: u32) {
    let on = "2026-06-01";
    let organization = organization(n);
    let reason = || "…".to_owned();
    match kind {
        0 | 1 => log.applied(n, 1 + u32::from(kind)),
        2 => log.nominated(n, "alpha"),
        3 => log.surveyed_by(n, "jinghu-1"),
        4 => log.file(n, on, surveyed(Conclusion::Class(class("C")))),
        5 => log.file(n, on, approved()),
        6 => log.file(n, on, returned()),
        7 => log.admitted(n, "D"),
        8 => log.file(n, on, recorded(1)),
        9 => log.file(n, "2026-07-01", recorded(2)),
        10 => log.file(n, "2026-05-01", corrected(1)),
        11 => log.file(n, on, voided(1)),
        12 => log.cycle(on, removed(n)),
        13 => log.cycle(on, rescinded(n)),
        14 => log.organization(n, on, OrganizationEvent::OrganizationRenamed { name: reason() }),
        15 => log.organization(n, on, OrganizationEvent::DistrictChanged { district: id("wanzhi") }),
        16 => log.organization(n, on, OrganizationEvent::UsccChanged { uscc: uscc(n + 100) }),
        17 => log.cycle(on, CycleEvent::NominationWithdrawn { organization, reason: reason(), place_freed: true }),
        18 => log.cycle(on, CycleEvent::QuotaWaived { recommender: id("alpha"), extra: n, reason: reason() }),
        19 => log.applied_in("wuhu-2028", n, 1, "2028-02-01"),
        20 => log.recommender("alpha"),
        21 => log.register(on, RegisterEvent::Closed { entry: EntryId::Recommender(id("alpha")), reason: reason() }),
        22 => log.file(n, on, asked(1)),
        23 => log.file(n, on, answered(1)),
        _ => {
            let (completed, lapsed) = (vec![organization], vec![super::organization(n + 1)]);
            log.cycle(on, CycleEvent::CycleClosed { completed, lapsed, reason: None })
        }
    };
}

proptest! {
    #[test]
    fn batches_of_any_size_give_the_same_rows(
        steps in vec((0_u8..25, 0_u32..3), 1..60),
        batches in vec(0_usize..12, 0..30),
    ) {
        let mut log = Log::open();
        for (kind, n) in steps {
            step(&mut log, kind, n);
        }
        let one_by_one = vec![1; log.events().len()];
        for model in crate::models() {
            let whole = Table::folded(&*model, log.events(), &[]);
            prop_assert_eq!(&Table::folded(&*model, log.events(), &one_by_one), &whole, "{}", model.table().name);
            prop_assert_eq!(&Table::folded(&*model, log.events(), &batches), &whole, "{}", model.table().name);
        }
    }
}

proptest! {
    #[test]
    fn the_folded_census_is_the_census_counted(
        steps in vec((0_u8..25, 0_u32..4), 1..60),
        batches in vec(0_usize..12, 0..30),
    ) {
        let mut log = Log::open();
        for (kind, n) in steps {
            step(&mut log, kind, n);
        }
        let rows = Table::folded(&*store::Model::<Roster>::boxed(), log.events(), &batches).rows::<Kept>();
        let files: Vec<File> = rows.iter().cloned().filter_map(Kept::into_file).collect();
        let tallies = rows.into_iter().filter_map(Kept::into_tally);
        let opened = tallies.filter(|tally| tally.rules.is_some()).collect::<Vec<_>>();
        prop_assert_eq!(opened.len(), 1);
        let bounds = &opened[0].rules.as_ref().unwrap().bounds;
        let own = files.iter().filter(|file| file.row().cycle.as_str() == CYCLE);
        let counted = counted(own, &bounds.classes);
        prop_assert_eq!(&opened[0].balance, &Balance::of(counted.classes.clone(), bounds));
        prop_assert_eq!(&opened[0].census, &counted);
    }
}
