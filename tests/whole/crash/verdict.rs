//! What must hold afterwards: the log against the ledger, read models against a rebuild, decisions against the bound.

use std::collections::{BTreeMap, BTreeSet};

use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::{Event, RecordedEvent};
use store::chain::verify;
use store::sql::Sql;
use store::testing::TestDatabase;
use store::{Db, Store, StoreConfig};

use super::ledger::{Ledger, Said};

/// Of all kills, at least so many must have hit while commands were under way, in hundredths.
const HITS: usize = 80;

pub(crate) async fn hold(database: &TestDatabase, ledger: &Ledger, kills: u64) {
    let hits = ledger.kills();
    assert_eq!(hits.len() as u64, kills);
    let met = hits.iter().filter(|under_way| **under_way > 0).count();
    assert!(met * 100 >= hits.len() * HITS, "only {met} of {kills} kills hit commands under way");

    let done = ledger.said().into_values().filter(|said| *said == Said::Done).count();
    assert!(done as u64 > kills, "{done} commands in {kills} lives: too short to show anything");

    let store = Store::start(StoreConfig::new(database.url.clone(), projections::models())).await.unwrap();
    let log = whole_log(&store).await;
    once_each(&log, &ledger.said());
    bound_held(&log);
    same_rebuilt(&store).await;
    store.stop().await;
    followed_once(database, log.len() as u64).await;
}

/// Though nodes were killed at any moment, the chain fits and the trail has every decision once.
async fn followed_once(database: &TestDatabase, events: u64) {
    let db = Db::open(&database.url).await.unwrap();
    let result = verify(&db, &[], |_| ()).await.unwrap();
    assert_eq!((result.chained, result.finding), (events, None));
    let spans =
        Sql::new("SELECT decision_id, last_position - first_position + 1 FROM audit WHERE decision_id IS NOT NULL");
    let decisions = spans.counts(&db).await.unwrap();
    let once: BTreeSet<_> = decisions.iter().map(|(id, _)| id).collect();
    assert_eq!(once.len(), decisions.len(), "a decision is in the trail twice");
    assert_eq!(decisions.iter().map(|(_, events)| *events).sum::<i64>(), i64::try_from(events).unwrap());
    db.close().await;
}

/// Reads all of the log: positions without a gap, versions without a gap in each stream.
pub(crate) async fn whole_log(store: &Store) -> Vec<RecordedEvent> {
    let mut log: Vec<RecordedEvent> = Vec::new();
    loop {
        let next = store.feed().after(log.len() as u64, 5_000).await.unwrap();
        if next.is_empty() {
            break;
        }
        log.extend(next);
    }
    let mut versions = BTreeMap::new();
    for (event, position) in log.iter().zip(1..) {
        assert_eq!(event.position, position);
        let version = versions.entry(event.stream.clone()).or_insert(0);
        *version += 1;
        assert_eq!(event.version, *version, "{}", event.stream);
    }
    assert_eq!(store.feed().head().await.unwrap(), log.len() as u64);
    log
}

/// What the visits of a log found, in its order: where a client wrote down which command it was.
pub(crate) fn findings(log: &[RecordedEvent]) -> Vec<String> {
    let mut findings = Vec::new();
    for event in log {
        if let Event::Enrolment(EnrolmentEvent::VisitRecorded(visit)) = &event.event {
            findings.push(visit.content.findings.clone());
        }
    }
    findings
}

/// The keys that clients wrote into their commands, as often as the log has them.
fn keys(log: &[RecordedEvent]) -> BTreeMap<&str, usize> {
    let mut keys = BTreeMap::new();
    for event in log {
        let key = if let Event::Enrolment(EnrolmentEvent::VisitRecorded(visit)) = &event.event {
            visit.content.findings.as_str()
        } else if let Event::Cycle(CycleEvent::OrganizationReclassified { grounds, .. }) = &event.event {
            grounds.as_str()
        } else {
            continue;
        };
        *keys.entry(key).or_default() += 1;
    }
    keys
}

/// What was acknowledged is there exactly once; what was refused, never; and nothing else is there.
fn once_each(log: &[RecordedEvent], said: &BTreeMap<String, Said>) {
    let keys = keys(log);
    let twice: Vec<_> = keys.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "recorded more than once: {twice:?}");
    let done: BTreeSet<&str> =
        said.iter().filter(|(_, said)| **said == Said::Done).map(|(key, _)| key.as_str()).collect();
    let there: BTreeSet<&str> = keys.into_keys().collect();
    let lost: Vec<_> = done.difference(&there).collect();
    let unknown: Vec<_> = there.difference(&done).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    assert!(unknown.is_empty(), "there, and never acknowledged: {unknown:?}");
}

/// No decision made the excess of D over C larger, and none left balance; judged by a fold of its own.
fn bound_held(log: &[RecordedEvent]) {
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    let excess = |classes: &BTreeMap<String, String>| {
        let count = |of: &str| classes.values().filter(|class| *class == of).count();
        count("D").saturating_sub(count("C"))
    };
    let mut decisions = 0;
    for decision in log.chunk_by(|one, next| one.meta.decision_id == next.meta.decision_id) {
        let before = excess(&classes);
        for event in decision {
            let Event::Cycle(event) = &event.event else { continue };
            if let CycleEvent::OrganizationClassified { organization, class, .. } = event {
                classes.insert(organization.to_string(), class.to_string());
            } else if let CycleEvent::OrganizationReclassified { organization, to, .. } = event {
                classes.insert(organization.to_string(), to.to_string());
                decisions += 1;
            }
        }
        let after = excess(&classes);
        assert!(after == 0 || after < before || after == before, "the excess went from {before} to {after}");
        assert!(before > 0 || after == 0, "balance was left");
    }
    assert!(decisions > 0, "nobody was moved");
}

/// Every read model is what a rebuild makes of the log, row for row.
pub(crate) async fn same_rebuilt(store: &Store) {
    assert!(store.visible(store.feed().head().await.unwrap(), std::time::Duration::from_secs(20)).await.unwrap());
    for model in store.models() {
        let name = model.table().name;
        let rows = || async move {
            Sql::new(&format!("SELECT key, body FROM {name} ORDER BY key")).pairs(store.db()).await.unwrap()
        };
        let before = rows().await;
        store.rebuild(name).await.unwrap();
        assert_eq!(rows().await, before, "{name} is not what a rebuild makes of the log");
    }
}
