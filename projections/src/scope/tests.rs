//! The wall behind the conditions, on PostgreSQL: what a query sees that forgot them all.

use std::collections::BTreeSet;

use domain::cycle::CycleEvent;
use domain::enrolment::EnrolmentEvent;
use domain::fact::Recorded;
use domain::ids::VisitId;
use domain::organization::OrganizationEvent;
use store::testing::TestDatabase;

use super::*;
use crate::fixtures::{CYCLE, Log, id, nth, organization, showing, visit};

/// Five files: 3 in wanzhi, 4 nominated by beta, the others in jinghu and by alpha.
fn log() -> Log {
    let mut log = Log::open();
    log.district("jinghu").district("wanzhi");
    log.station("jinghu-1", "jinghu").station("wanzhi-1", "wanzhi").recommender("alpha").recommender("beta");
    log.member(1, "C").member(2, "C").member(3, "D").applied(4, 1).nominated(4, "beta");
    log.member(5, "D");
    log.cycle("2026-06-01", CycleEvent::MemberWithdrawn { organization: organization(5), reason: "…".to_owned() });
    for n in 1..=3 {
        let content = visit("jinghu-1");
        let id = VisitId::new(nth(n.into()));
        log.file(n, "2026-05-01", EnrolmentEvent::VisitRecorded(Recorded { id, content }));
    }
    log.organization(3, "2026-05-01", OrganizationEvent::DistrictChanged { district: id("wanzhi") });
    log
}

fn local(district: &str, station: &str) -> Scope {
    Scope::Local { districts: vec![district.to_owned()], stations: vec![station.to_owned()] }
}

async fn texts(db: &store::Db, sql: &str) -> BTreeSet<String> {
    Sql::new(sql).texts(db).await.unwrap().into_iter().collect()
}

#[tokio::test]
async fn s2_behind_the_wall_a_query_without_conditions_sees_what_the_scope_lets_through() {
    let database = TestDatabase::postgres().await.unwrap();
    let store = showing(&database, &log()).await;
    let scopes = [
        (Scope::All, None, vec![1, 2, 3, 4, 5]),
        (Scope::Nothing, None, vec![]),
        (Scope::Expert("expert-1".to_owned()), None, vec![]),
        (Scope::Expert("expert-1".to_owned()), Some(2), vec![2]),
        (local("wanzhi", "wanzhi-1"), None, vec![3]),
        (local("nowhere", "nowhere-1"), None, vec![]),
        (Scope::Recommenders(vec!["beta".to_owned()]), None, vec![4]),
        (Scope::Recommenders(vec!["beta".to_owned()]), Some(5), vec![4, 5]),
        (Scope::Recommenders(Vec::new()), None, vec![]),
        (Scope::Organization(organization(5)), None, vec![5]),
        (Scope::All.within(vec!["wanzhi".to_owned()]), None, vec![3]),
        (Scope::Recommenders(vec!["beta".to_owned()]).within(vec!["wanzhi".to_owned()]), None, vec![]),
        (local("wanzhi", "wanzhi-1").within(vec!["jinghu".to_owned()]), None, vec![]),
    ];
    for (scope, also, files) in scopes {
        let also = also.map(organization);
        let db = store.db().seen_by(scope.wall(also.as_ref()));
        let organizations: BTreeSet<String> = files.iter().map(|n| organization(*n).to_string()).collect();
        let keys: BTreeSet<String> = organizations.iter().map(|id| format!("{CYCLE}/{id}")).collect();
        assert_eq!(texts(&db, "SELECT key FROM roster WHERE cycle IS NOT NULL").await, keys, "{scope:?}");
        let whole = "SELECT key FROM enrolments WHERE cycle IS NOT NULL";
        assert_eq!(texts(&db, whole).await, keys, "{scope:?}");
        let visited: BTreeSet<_> =
            (1..=3).map(|n| organization(n).to_string()).filter(|id| organizations.contains(id)).collect();
        assert_eq!(texts(&db, "SELECT organization FROM facts").await, visited, "{scope:?}");
        let timeline = "SELECT organization FROM timeline WHERE organization IS NOT NULL";
        assert_eq!(texts(&db, timeline).await, organizations, "{scope:?}");
        let known = "SELECT key FROM organizations WHERE name IS NOT NULL";
        assert_eq!(texts(&db, known).await, organizations, "{scope:?}");
        assert_eq!(texts(&db, "SELECT key FROM cycles").await.len(), 1, "the cycle is everybody's: {scope:?}");
        let census = texts(&db, "SELECT key FROM roster WHERE key LIKE 'census/%'").await;
        assert_eq!(census.len(), 1, "and so are its counts: {scope:?}");
        let papers = store.db().seen_by(scope.wall(None));
        assert!(scope.is_all() || texts(&papers, "SELECT key FROM papers").await.is_empty(), "{scope:?}");
    }
}
